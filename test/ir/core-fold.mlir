// SPDX-License-Identifier: Apache-2.0
// RUN: lathe-opt %s --canonicalize | FileCheck %s
// What holds whatever the operands are, and ops on constants.

// CHECK-LABEL: @identities
// CHECK-SAME: %[[X:.*]]: tensor<2x3xf32>, %[[I:.*]]: tensor<4xi32>
func.func @identities(%x: tensor<2x3xf32>, %i: tensor<4xi32>)
    -> (tensor<4xi32>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<4xi32>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>) {
  %zero = core.constant dense<0> : tensor<4xi32>
  %fzero = core.constant dense<0.0> : tensor<2x3xf32>
  %one = core.constant dense<1.0> : tensor<2x3xf32>
  %v = core.constant dense<5.0> : tensor<f32>
  %0 = core.add %i, %zero : tensor<4xi32>
  %1 = core.sub %x, %fzero : tensor<2x3xf32>
  %2 = core.mul %x, %one : tensor<2x3xf32>
  %3 = core.div %x, %one : tensor<2x3xf32>
  %4 = core.convert %i : tensor<4xi32> -> tensor<4xi32>
  %5 = core.slice %x {starts = array<i64: 0, 0>, sizes = array<i64: 2, 3>, strides = array<i64: 1, 1>} : tensor<2x3xf32> -> tensor<2x3xf32>
  %6 = core.concat %x {dimension = 1} : (tensor<2x3xf32>) -> tensor<2x3xf32>
  %7 = core.pad %x, %v {low = array<i64: 0, 0>, high = array<i64: 0, 0>, interior = array<i64: 0, 0>} : (tensor<2x3xf32>, tensor<f32>) -> tensor<2x3xf32>
  %8 = core.reduce add %x {dimensions = array<i64>} : tensor<2x3xf32> -> tensor<2x3xf32>
  // CHECK: return %[[I]], %[[X]], %[[X]], %[[X]], %[[I]], %[[X]], %[[X]], %[[X]], %[[X]]
  return %0, %1, %2, %3, %4, %5, %6, %7, %8 : tensor<4xi32>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<4xi32>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>, tensor<2x3xf32>
}

// -0.0 + 0.0 is 0.0: floats keep the addition.
// CHECK-LABEL: @keeps_signed_zero
// CHECK: core.add
func.func @keeps_signed_zero(%x: tensor<4xf32>) -> tensor<4xf32> {
  %zero = core.constant dense<0.0> : tensor<4xf32>
  %0 = core.add %x, %zero : tensor<4xf32>
  return %0 : tensor<4xf32>
}

// CHECK-LABEL: @chosen
// CHECK-SAME: %[[X:.*]]: tensor<4xf32>, %[[Y:.*]]: tensor<4xf32>, %[[P:.*]]: tensor<4xi1>
// CHECK: return %[[X]], %[[Y]], %[[X]]
func.func @chosen(%x: tensor<4xf32>, %y: tensor<4xf32>, %p: tensor<4xi1>) -> (tensor<4xf32>, tensor<4xf32>, tensor<4xf32>) {
  %true = core.constant dense<true> : tensor<4xi1>
  %false = core.constant dense<false> : tensor<4xi1>
  %0 = core.select %true, %x, %y : tensor<4xi1>, tensor<4xf32>
  %1 = core.select %false, %x, %y : tensor<4xi1>, tensor<4xf32>
  %2 = core.select %p, %x, %x : tensor<4xi1>, tensor<4xf32>
  return %0, %1, %2 : tensor<4xf32>, tensor<4xf32>, tensor<4xf32>
}

// CHECK-LABEL: @chains
// CHECK-SAME: %[[X:.*]]: tensor<2x3xf32>
func.func @chains(%x: tensor<2x3xf32>) -> (tensor<6xf32>, tensor<2x3xf32>, tensor<5x4x2x3xf32>) {
  // CHECK: %[[R:.*]] = core.reshape %[[X]] : tensor<2x3xf32> -> tensor<6xf32>
  %0 = core.reshape %x : tensor<2x3xf32> -> tensor<3x2xf32>
  %1 = core.reshape %0 : tensor<3x2xf32> -> tensor<6xf32>
  %2 = core.transpose %x {permutation = array<i64: 1, 0>} : tensor<2x3xf32> -> tensor<3x2xf32>
  %3 = core.transpose %2 {permutation = array<i64: 1, 0>} : tensor<3x2xf32> -> tensor<2x3xf32>
  // CHECK: %[[B:.*]] = core.broadcast %[[X]] {dimensions = array<i64: 2, 3>} : tensor<2x3xf32> -> tensor<5x4x2x3xf32>
  %4 = core.broadcast %x {dimensions = array<i64: 1, 2>} : tensor<2x3xf32> -> tensor<4x2x3xf32>
  %5 = core.broadcast %4 {dimensions = array<i64: 1, 2, 3>} : tensor<4x2x3xf32> -> tensor<5x4x2x3xf32>
  // CHECK: return %[[R]], %[[X]], %[[B]]
  return %1, %3, %5 : tensor<6xf32>, tensor<2x3xf32>, tensor<5x4x2x3xf32>
}

// CHECK-LABEL: @constants
func.func @constants() -> (tensor<2x3xi32>, tensor<3xi1>, tensor<3x2xi32>, tensor<100xf32>) {
  // CHECK-DAG: dense<{{\[\[}}11, 22, 33], [44, 55, 66]]> : tensor<2x3xi32>
  // CHECK-DAG: dense<[false, true, false]> : tensor<3xi1>
  // CHECK-DAG: dense<{{\[\[}}1, 2], [3, 4], [5, 6]]> : tensor<3x2xi32>
  // CHECK-DAG: dense<2.500000e+00> : tensor<100xf32>
  %a = core.constant dense<[[1, 2, 3], [4, 5, 6]]> : tensor<2x3xi32>
  %b = core.constant dense<[[10, 20, 30], [40, 50, 60]]> : tensor<2x3xi32>
  %p = core.constant dense<[true, false, true]> : tensor<3xi1>
  %s = core.constant dense<2.5> : tensor<f32>
  %0 = core.add %a, %b : tensor<2x3xi32>
  %1 = core.not %p : tensor<3xi1>
  %2 = core.reshape %a : tensor<2x3xi32> -> tensor<3x2xi32>
  %3 = core.broadcast %s {dimensions = array<i64>} : tensor<f32> -> tensor<100xf32>
  // CHECK-NOT: core.{{add|not|reshape|broadcast}}
  return %0, %1, %2, %3 : tensor<2x3xi32>, tensor<3xi1>, tensor<3x2xi32>, tensor<100xf32>
}
