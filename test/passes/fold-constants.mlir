// RUN: lathe-opt --pass-pipeline='builtin.module(func.func(lathe-fold-constants))' %s | FileCheck %s
// RUN: lathe-opt --pass-pipeline='builtin.module(func.func(lathe-fold-constants{budget=4}))' %s | FileCheck %s --check-prefix=SMALL

// A chain of ops on constants becomes its value; what fed it is gone.
// CHECK-LABEL: func.func @chain(
// CHECK-NEXT:    %[[C:.*]] = core.constant dense<{{\[\[}}-5.000000e+00, -1.600000e+01], [-7.000000e+00, -2.000000e+01{{\]\]}}> : tensor<2x2xf32>
// CHECK-NEXT:    return %[[C]]
// Over the budget, everything stays.
// SMALL-LABEL: func.func @chain(
// SMALL:         core.transpose
// SMALL:         core.mul
// SMALL:         core.neg
func.func @chain() -> tensor<2x2xf32> {
  %a = core.constant dense<[[1.0, 7.0], [4.0, 10.0]]> : tensor<2x2xf32>
  %b = core.constant dense<[[5.0, 4.0], [1.0, 2.0]]> : tensor<2x2xf32>
  %t = core.transpose %a {permutation = array<i64: 1, 0>} : tensor<2x2xf32> -> tensor<2x2xf32>
  %m = core.mul %t, %b : tensor<2x2xf32>
  %n = core.neg %m : tensor<2x2xf32>
  return %n : tensor<2x2xf32>
}

// Several results fold together.
// CHECK-LABEL: func.func @sort(
// CHECK-DAG:     %[[V:.*]] = core.constant dense<[1, 2, 3]> : tensor<3xi32>
// CHECK-DAG:     %[[P:.*]] = core.constant dense<[1, 2, 0]> : tensor<3xi64>
// CHECK:         return %[[V]], %[[P]]
func.func @sort() -> (tensor<3xi32>, tensor<3xi64>) {
  %c = core.constant dense<[3, 1, 2]> : tensor<3xi32>
  %v, %p = core.sort %c {dimension = 0, descending = false, indexType = i64} : tensor<3xi32> -> tensor<3xi32>, tensor<3xi64>
  return %v, %p : tensor<3xi32>, tensor<3xi64>
}

// What depends on an argument stays, and so do the constants that it reads; a constant without a reader goes.
// CHECK-LABEL: func.func @argument(
// CHECK-NEXT:    %[[C:.*]] = core.constant dense<[1.000000e+00, 2.000000e+00]>
// CHECK-NEXT:    core.add %arg0, %[[C]]
// CHECK-NOT:     dense<[3
func.func @argument(%x: tensor<2xf32>) -> tensor<2xf32> {
  %c = core.constant dense<[1.0, 2.0]> : tensor<2xf32>
  %dead = core.constant dense<[3.0, 4.0]> : tensor<2xf32>
  %y = core.add %x, %c : tensor<2xf32>
  return %y : tensor<2xf32>
}

// A large result of a small operand would only fill the object.
// CHECK-LABEL: func.func @large(
// CHECK:         core.broadcast
func.func @large() -> tensor<1000000x3xf32> {
  %c = core.constant dense<[1.0, 2.0, 3.0]> : tensor<3xf32>
  %y = core.broadcast %c {dimensions = array<i64: 1>} : tensor<3xf32> -> tensor<1000000x3xf32>
  return %y : tensor<1000000x3xf32>
}
