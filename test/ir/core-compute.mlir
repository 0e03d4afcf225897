// SPDX-License-Identifier: Apache-2.0
// RUN: lathe-opt %s | lathe-opt | FileCheck %s
// Ops that combine elements read and print.

// CHECK-LABEL: @reductions
func.func @reductions(%x: tensor<2x3xf32>, %p: tensor<4xi1>, %i: tensor<0x2xui8>) {
  // CHECK: core.reduce add %{{.*}} {dimensions = array<i64: 1>} : tensor<2x3xf32> -> tensor<2xf32>
  %0 = core.reduce add %x {dimensions = array<i64: 1>} : tensor<2x3xf32> -> tensor<2xf32>
  // CHECK: core.reduce mul %{{.*}} {dimensions = array<i64: 1>} : tensor<2x3xf32> -> tensor<2xf32>
  %1 = core.reduce mul %x {dimensions = array<i64: 1>} : tensor<2x3xf32> -> tensor<2xf32>
  // CHECK: core.reduce min %{{.*}} {dimensions = array<i64: 1>} : tensor<2x3xf32> -> tensor<2xf32>
  %2 = core.reduce min %x {dimensions = array<i64: 1>} : tensor<2x3xf32> -> tensor<2xf32>
  // CHECK: core.reduce max %{{.*}} {dimensions = array<i64: 1>} : tensor<2x3xf32> -> tensor<2xf32>
  %3 = core.reduce max %x {dimensions = array<i64: 1>} : tensor<2x3xf32> -> tensor<2xf32>
  // CHECK: core.reduce and %{{.*}} {dimensions = array<i64: 0>} : tensor<4xi1> -> tensor<i1>
  %4 = core.reduce and %p {dimensions = array<i64: 0>} : tensor<4xi1> -> tensor<i1>
  // CHECK: core.reduce or %{{.*}} {dimensions = array<i64: 0>} : tensor<4xi1> -> tensor<i1>
  %5 = core.reduce or %p {dimensions = array<i64: 0>} : tensor<4xi1> -> tensor<i1>
  // CHECK: core.reduce max %{{.*}} {dimensions = array<i64: 0, 1>} : tensor<0x2xui8> -> tensor<ui8>
  %6 = core.reduce max %i {dimensions = array<i64: 0, 1>} : tensor<0x2xui8> -> tensor<ui8>
  // CHECK: core.arg_reduce max %{{.*}} {dimension = 1 : i64, indexType = i64} : tensor<2x3xf32> -> tensor<2xi64>
  %7 = core.arg_reduce max %x {dimension = 1 : i64, indexType = i64} : tensor<2x3xf32> -> tensor<2xi64>
  // CHECK: core.arg_reduce min %{{.*}} {dimension = 0 : i64, indexType = i32} : tensor<2x3xf32> -> tensor<3xi32>
  %8 = core.arg_reduce min %x {dimension = 0 : i64, indexType = i32} : tensor<2x3xf32> -> tensor<3xi32>
  // CHECK: core.reduce_window max %{{.*}} {dilations = array<i64: 1, 1>, high = array<i64: 0, 1>, low = array<i64: 0, 0>, strides = array<i64: 1, 2>, window = array<i64: 1, 2>} : tensor<2x3xf32> -> tensor<2x2xf32>
  %9 = core.reduce_window max %x {dilations = array<i64: 1, 1>, high = array<i64: 0, 1>, low = array<i64: 0, 0>, strides = array<i64: 1, 2>, window = array<i64: 1, 2>} : tensor<2x3xf32> -> tensor<2x2xf32>
  // CHECK: core.cumulative add %{{.*}} {dimension = 1 : i64, exclusive = true, reverse = false} : tensor<2x3xf32>
  %10 = core.cumulative add %x {dimension = 1 : i64, exclusive = true, reverse = false} : tensor<2x3xf32>
  // CHECK: core.sort %{{.*}} {count = 2 : i64, descending = false, dimension = 1 : i64, indexType = i64} : tensor<2x3xf32> -> tensor<2x2xf32>, tensor<2x2xi64>
  %first:2 = core.sort %x {descending = false, dimension = 1, indexType = i64, count = 2} : tensor<2x3xf32> -> tensor<2x2xf32>, tensor<2x2xi64>
  // CHECK: core.sort %{{.*}} {descending = true, dimension = 1 : i64, indexType = i32} : tensor<2x3xf32> -> tensor<2x3xf32>, tensor<2x3xi32>
  %11:2 = core.sort %x {descending = true, dimension = 1 : i64, indexType = i32} : tensor<2x3xf32> -> tensor<2x3xf32>, tensor<2x3xi32>
  return
}

// CHECK-LABEL: @contractions
func.func @contractions(%x: tensor<2x3xf32>, %y: tensor<3x4xf32>, %i: tensor<1x8x8x6xf32>, %w: tensor<3x3x2x9xf32>) {
  // CHECK: core.dot_general %{{.*}}, %{{.*}} {lhsBatch = array<i64>, lhsContracting = array<i64: 1>, rhsBatch = array<i64>, rhsContracting = array<i64: 0>} : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<2x4xf32>
  %0 = core.dot_general %x, %y {lhsBatch = array<i64>, lhsContracting = array<i64: 1>, rhsBatch = array<i64>, rhsContracting = array<i64: 0>} : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<2x4xf32>
  // CHECK: core.dot_general %{{.*}}, %{{.*}} {lhsBatch = array<i64: 0>, lhsContracting = array<i64: 1>, rhsBatch = array<i64: 0>, rhsContracting = array<i64: 1>} : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2xf32>
  %1 = core.dot_general %x, %x {lhsBatch = array<i64: 0>, lhsContracting = array<i64: 1>, rhsBatch = array<i64: 0>, rhsContracting = array<i64: 1>} : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<2xf32>
  // CHECK: core.conv %{{.*}}, %{{.*}} {filterDilation = array<i64: 1, 1>, groups = 3 : i64, high = array<i64: 1, 1>, inputDilation = array<i64: 1, 1>, low = array<i64: 1, 1>, strides = array<i64: 2, 1>} : (tensor<1x8x8x6xf32>, tensor<3x3x2x9xf32>) -> tensor<1x4x8x9xf32>
  %2 = core.conv %i, %w {filterDilation = array<i64: 1, 1>, groups = 3 : i64, high = array<i64: 1, 1>, inputDilation = array<i64: 1, 1>, low = array<i64: 1, 1>, strides = array<i64: 2, 1>} : (tensor<1x8x8x6xf32>, tensor<3x3x2x9xf32>) -> tensor<1x4x8x9xf32>
  return
}

// CHECK-LABEL: @matrices
func.func @matrices(%a: tensor<2x3x3xf64>, %b: tensor<2x3x1xf64>) {
  // CHECK: core.cholesky %{{.*}} : tensor<2x3x3xf64>
  %0 = core.cholesky %a : tensor<2x3x3xf64>
  // CHECK: core.lu %{{.*}} : tensor<2x3x3xf64>
  %1:3 = core.lu %a : tensor<2x3x3xf64>
  // CHECK: core.triangular_solve %{{.*}}, %{{.*}} {lower = true, transpose = false, unitDiagonal = true} : tensor<2x3x3xf64>, tensor<2x3x1xf64>
  %2 = core.triangular_solve %a, %b {lower = true, transpose = false, unitDiagonal = true} : tensor<2x3x3xf64>, tensor<2x3x1xf64>
  // CHECK: core.svd %{{.*}} {full = true} : tensor<2x3x1xf64> -> tensor<2x1xf64>, tensor<2x3x3xf64>, tensor<2x1x1xf64>
  %3:3 = core.svd %b {full = true} : tensor<2x3x1xf64> -> tensor<2x1xf64>, tensor<2x3x3xf64>, tensor<2x1x1xf64>
  // CHECK: core.svd %{{.*}} {full = false} : tensor<2x3x1xf64> -> tensor<2x1xf64>, tensor<2x3x1xf64>, tensor<2x1x1xf64>
  %5:3 = core.svd %b {full = false} : tensor<2x3x1xf64> -> tensor<2x1xf64>, tensor<2x3x1xf64>, tensor<2x1x1xf64>
  // CHECK: core.eigh %{{.*}} : tensor<2x3x3xf64>
  %4:2 = core.eigh %a : tensor<2x3x3xf64>
  // CHECK: core.qr %{{.*}} {full = false} : tensor<2x3x1xf64> -> tensor<2x3x1xf64>, tensor<2x1x1xf64>
  %6:2 = core.qr %b {full = false} : tensor<2x3x1xf64> -> tensor<2x3x1xf64>, tensor<2x1x1xf64>
  // CHECK: core.qr %{{.*}} {full = true} : tensor<2x3x1xf64> -> tensor<2x3x3xf64>, tensor<2x3x1xf64>
  %7:2 = core.qr %b {full = true} : tensor<2x3x1xf64> -> tensor<2x3x3xf64>, tensor<2x3x1xf64>
  return
}

// CHECK-LABEL: @transforms
func.func @transforms(%x: tensor<2x8xcomplex<f32>>) {
  // CHECK: core.fft %{{.*}} {inverse = true} : tensor<2x8xcomplex<f32>>
  %0 = core.fft %x {inverse = true} : tensor<2x8xcomplex<f32>>
  return
}
