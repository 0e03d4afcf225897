// RUN: lathe-opt --lathe-fuse-groups --split-input-file %s | FileCheck %s

// A convolution, its bias and the activation are one kernel; weights and bias are flagged as constants.
// CHECK:       func.func @layer(
// CHECK:         %[[Y:.*]] = rt.call @conv(%arg0, %{{.*}}, %{{.*}}) {inPlace = array<i64: -1>} : (tensor<1x4x4x2xf32>, tensor<1x1x2x2xf32>, tensor<2xf32>) -> tensor<1x4x4x2xf32>
// CHECK-NEXT:    return %[[Y]]
// CHECK:       rt.kernel @conv constants [false, true, true]
// CHECK:         core.conv
// CHECK:         core.broadcast
// CHECK:         core.add
// CHECK:         core.max
// CHECK-NEXT:    rt.yield
// CHECK-NOT:   rt.kernel
func.func @layer(%x: tensor<1x4x4x2xf32>) -> tensor<1x4x4x2xf32> {
  %w = core.constant dense<[[[[1.0, 2.0], [3.0, 4.0]]]]> : tensor<1x1x2x2xf32>
  %b = core.constant dense<[5.0, 6.0]> : tensor<2xf32>
  %zero = core.constant dense<0.0> : tensor<1x4x4x2xf32>
  %0 = core.conv %x, %w {strides = array<i64: 1, 1>, low = array<i64: 0, 0>, high = array<i64: 0, 0>, inputDilation = array<i64: 1, 1>,
    filterDilation = array<i64: 1, 1>, groups = 1} : (tensor<1x4x4x2xf32>, tensor<1x1x2x2xf32>) -> tensor<1x4x4x2xf32>
  %1 = core.broadcast %b {dimensions = array<i64: 3>} : tensor<2xf32> -> tensor<1x4x4x2xf32>
  %2 = core.add %0, %1 : tensor<1x4x4x2xf32>
  %3 = core.max %2, %zero : tensor<1x4x4x2xf32>
  return %3 : tensor<1x4x4x2xf32>
}

// -----

// A softmax over rows is one kernel.
// CHECK:       func.func @softmax(
// CHECK-NEXT:    %[[Y:.*]] = rt.call @[[K:.*]](%arg0) {inPlace = array<i64: -1>} : (tensor<8x16xf32>) -> tensor<8x16xf32>
// CHECK-NEXT:    return %[[Y]]
// CHECK:       rt.kernel @[[K]] constants [false]
// CHECK:         core.reduce max
// CHECK:         core.exp
// CHECK:         core.reduce add
// CHECK:         core.div
// CHECK-NEXT:    rt.yield
// CHECK-NOT:   rt.kernel
func.func @softmax(%x: tensor<8x16xf32>) -> tensor<8x16xf32> {
  %0 = core.reduce max %x {dimensions = array<i64: 1>} : tensor<8x16xf32> -> tensor<8xf32>
  %1 = core.broadcast %0 {dimensions = array<i64: 0>} : tensor<8xf32> -> tensor<8x16xf32>
  %2 = core.sub %x, %1 : tensor<8x16xf32>
  %3 = core.exp %2 : tensor<8x16xf32>
  %4 = core.reduce add %3 {dimensions = array<i64: 1>} : tensor<8x16xf32> -> tensor<8xf32>
  %5 = core.broadcast %4 {dimensions = array<i64: 0>} : tensor<8xf32> -> tensor<8x16xf32>
  %6 = core.div %3, %5 : tensor<8x16xf32>
  return %6 : tensor<8x16xf32>
}

// -----

// A residual sum with two readers ends the first kernel, and is read by the product and by the epilogue of the second. The groups
// are equal in all but the constants' values, so they share one kernel.
// CHECK:       func.func @residual(
// CHECK:         %[[S:.*]] = rt.call @[[K:.*]](%arg0, %{{.*}})
// CHECK-NEXT:    %[[T:.*]] = rt.call @[[K]](%[[S]], %{{.*}})
// CHECK-NEXT:    return %[[T]]
// CHECK:       rt.kernel @[[K]] constants [false, true]
// CHECK:         core.dot_general
// CHECK-NEXT:    core.add
// CHECK-NEXT:    rt.yield
// CHECK-NOT:   rt.kernel
func.func @residual(%x: tensor<2x2xf32>) -> tensor<2x2xf32> {
  %v = core.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %w = core.constant dense<[[5.0, 6.0], [7.0, 8.0]]> : tensor<2x2xf32>
  %0 = core.dot_general %x, %v {lhsBatch = array<i64>, rhsBatch = array<i64>, lhsContracting = array<i64: 1>,
    rhsContracting = array<i64: 0>} : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  %1 = core.add %0, %x : tensor<2x2xf32>
  %2 = core.dot_general %1, %w {lhsBatch = array<i64>, rhsBatch = array<i64>, lhsContracting = array<i64: 1>,
    rhsContracting = array<i64: 0>} : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  %3 = core.add %2, %1 : tensor<2x2xf32>
  return %3 : tensor<2x2xf32>
}

// -----

// The same ops on a weight and on a value from outside are two kernels: only the first may choose its operand's layout.
// CHECK:       func.func @given(
// CHECK-DAG:   rt.kernel @{{.*}} constants [false, true]
// CHECK-DAG:   rt.kernel @{{.*}} constants [false, false]
func.func @given(%x: tensor<2x2xf32>, %w: tensor<2x2xf32>) -> tensor<2x2xf32> {
  %v = core.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %0 = core.dot_general %x, %v {lhsBatch = array<i64>, rhsBatch = array<i64>, lhsContracting = array<i64: 1>,
    rhsContracting = array<i64: 0>} : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  %1 = core.dot_general %0, %w {lhsBatch = array<i64>, rhsBatch = array<i64>, lhsContracting = array<i64: 1>,
    rhsContracting = array<i64: 0>} : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  return %1 : tensor<2x2xf32>
}

// -----

// The last sum cannot join the product's kernel: it needs the sorted values, which need the product.
// CHECK:       func.func @cycle(
// CHECK:         %[[P:.*]] = rt.call @dot_general(%arg0, %arg1)
// CHECK-NEXT:    %[[S:.*]]:2 = rt.call @sort(%[[P]])
// CHECK-NEXT:    %[[Y:.*]] = rt.call @add(%[[P]], %[[S]]#0)
// CHECK-NEXT:    return %[[Y]]
func.func @cycle(%x: tensor<2x2xf32>, %w: tensor<2x2xf32>) -> tensor<2x2xf32> {
  %0 = core.dot_general %x, %w {lhsBatch = array<i64>, rhsBatch = array<i64>, lhsContracting = array<i64: 1>,
    rhsContracting = array<i64: 0>} : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  %v, %p = core.sort %0 {dimension = 0, descending = false, indexType = i32} : tensor<2x2xf32> -> tensor<2x2xf32>, tensor<2x2xi32>
  %1 = core.add %0, %v : tensor<2x2xf32>
  return %1 : tensor<2x2xf32>
}

// -----

// A reshape between kernels stays in the function, where it costs nothing.
// CHECK:       func.func @view(
// CHECK:         %[[E:.*]] = rt.call @[[K:.*]](%arg0)
// CHECK-NEXT:    %[[R:.*]] = core.reshape %[[E]] : tensor<2x3xf32> -> tensor<6xf32>
// CHECK-NEXT:    %[[Y:.*]] = rt.call @{{.*}}(%[[R]])
// CHECK-NEXT:    return %[[Y]]
func.func @view(%x: tensor<2x3xf32>) -> tensor<6xf32> {
  %0 = core.exp %x : tensor<2x3xf32>
  %1 = core.reshape %0 : tensor<2x3xf32> -> tensor<6xf32>
  %2 = core.neg %1 : tensor<6xf32>
  return %2 : tensor<6xf32>
}
