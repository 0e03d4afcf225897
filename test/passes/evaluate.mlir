// RUN: lathe-opt %s --pass-pipeline='builtin.module(func.func(lathe-evaluate))' | FileCheck %s

// CHECK-LABEL: func.func @sum
// CHECK-NEXT: core.constant dense<[5, 7, 11]> : tensor<3xi32>
// CHECK-NEXT: return
func.func @sum() -> tensor<3xi32> {
  %0 = core.constant dense<[1, 2, 5]> : tensor<3xi32>
  %1 = core.constant dense<[4, 5, 6]> : tensor<3xi32>
  %2 = core.add %0, %1 : tensor<3xi32>
  return %2 : tensor<3xi32>
}

// With arguments there is nothing to evaluate.
// CHECK-LABEL: func.func @open
// CHECK: core.neg
func.func @open(%x: tensor<3xi32>) -> tensor<3xi32> {
  %0 = core.neg %x : tensor<3xi32>
  return %0 : tensor<3xi32>
}
