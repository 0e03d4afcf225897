// RUN: lathe-opt --lathe-fold-scales --lathe-fold-constants %s | FileCheck %s

// conv(x, w) * s becomes conv(x, w * s): channel 0 times 2, channel 1 times 10.
// CHECK-LABEL: func.func @conv(
// CHECK-NOT:     core.mul
// CHECK:         %[[W:.*]] = core.constant dense<{{\[\[\[}}2.000000e+00, 2.000000e+01], [6.000000e+00, 4.000000e+01{{\]\]\]}}> : tensor<1x2x2xf32>
// CHECK-NEXT:    %[[Y:.*]] = core.conv %arg0, %[[W]]
// CHECK-NEXT:    return %[[Y]]
func.func @conv(%x: tensor<1x4x2xf32>) -> tensor<1x4x2xf32> {
  %w = core.constant dense<[[[1.0, 2.0], [3.0, 4.0]]]> : tensor<1x2x2xf32>
  %s = core.constant dense<[2.0, 10.0]> : tensor<2xf32>
  %0 = core.conv %x, %w {strides = array<i64: 1>, low = array<i64: 0>, high = array<i64: 0>, inputDilation = array<i64: 1>,
    filterDilation = array<i64: 1>, groups = 1} : (tensor<1x4x2xf32>, tensor<1x2x2xf32>) -> tensor<1x4x2xf32>
  %1 = core.broadcast %s {dimensions = array<i64: 2>} : tensor<2xf32> -> tensor<1x4x2xf32>
  %2 = core.mul %0, %1 : tensor<1x4x2xf32>
  return %2 : tensor<1x4x2xf32>
}

// (dot(x, w) + b) * s becomes dot(x, w * s) + b * s, on either side of the product.
// CHECK-LABEL: func.func @bias(
// CHECK-NOT:     core.mul
// CHECK-DAG:     %[[W:.*]] = core.constant dense<{{\[\[}}2.000000e+00, 2.000000e+01], [6.000000e+00, 4.000000e+01{{\]\]}}>
// CHECK-DAG:     %[[B:.*]] = core.constant dense<{{.*}}1.000000e+01, 6.000000e+01{{.*}}>
// CHECK:         %[[D:.*]] = core.dot_general %arg0, %[[W]]
// CHECK:         core.add %[[D]],
func.func @bias(%x: tensor<3x2xf32>) -> tensor<3x2xf32> {
  %w = core.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %b = core.constant dense<[5.0, 6.0]> : tensor<2xf32>
  %s = core.constant dense<[2.0, 10.0]> : tensor<2xf32>
  %0 = core.dot_general %x, %w {lhsBatch = array<i64>, rhsBatch = array<i64>, lhsContracting = array<i64: 1>,
    rhsContracting = array<i64: 0>} : (tensor<3x2xf32>, tensor<2x2xf32>) -> tensor<3x2xf32>
  %1 = core.broadcast %b {dimensions = array<i64: 1>} : tensor<2xf32> -> tensor<3x2xf32>
  %2 = core.add %0, %1 : tensor<3x2xf32>
  %3 = core.broadcast %s {dimensions = array<i64: 1>} : tensor<2xf32> -> tensor<3x2xf32>
  %4 = core.mul %3, %2 : tensor<3x2xf32>
  return %4 : tensor<3x2xf32>
}

// A product that something else reads as well is not changed.
// CHECK-LABEL: func.func @two_readers(
// CHECK:         %[[D:.*]] = core.dot_general
// CHECK:         %[[Y:.*]] = core.mul %[[D]],
// CHECK:         return %[[D]], %[[Y]]
func.func @two_readers(%x: tensor<3x2xf32>) -> (tensor<3x2xf32>, tensor<3x2xf32>) {
  %w = core.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %s = core.constant dense<[2.0, 10.0]> : tensor<2xf32>
  %0 = core.dot_general %x, %w {lhsBatch = array<i64>, rhsBatch = array<i64>, lhsContracting = array<i64: 1>,
    rhsContracting = array<i64: 0>} : (tensor<3x2xf32>, tensor<2x2xf32>) -> tensor<3x2xf32>
  %1 = core.broadcast %s {dimensions = array<i64: 1>} : tensor<2xf32> -> tensor<3x2xf32>
  %2 = core.mul %0, %1 : tensor<3x2xf32>
  return %0, %2 : tensor<3x2xf32>, tensor<3x2xf32>
}

// A factor a row is no factor a channel, though as many.
// CHECK-LABEL: func.func @rows(
// CHECK:         core.dot_general
// CHECK:         core.mul
func.func @rows(%x: tensor<2x2xf32>) -> tensor<2x2xf32> {
  %w = core.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %s = core.constant dense<[2.0, 10.0]> : tensor<2xf32>
  %0 = core.dot_general %x, %w {lhsBatch = array<i64>, rhsBatch = array<i64>, lhsContracting = array<i64: 1>,
    rhsContracting = array<i64: 0>} : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  %1 = core.broadcast %s {dimensions = array<i64: 0>} : tensor<2xf32> -> tensor<2x2xf32>
  %2 = core.mul %0, %1 : tensor<2x2xf32>
  return %2 : tensor<2x2xf32>
}

// Weights from outside cannot be scaled when compiling.
// CHECK-LABEL: func.func @weights_given(
// CHECK:         %[[D:.*]] = core.dot_general %arg0, %arg1
// CHECK:         core.mul %[[D]],
func.func @weights_given(%x: tensor<3x2xf32>, %w: tensor<2x2xf32>) -> tensor<3x2xf32> {
  %s = core.constant dense<[2.0, 10.0]> : tensor<2xf32>
  %0 = core.dot_general %x, %w {lhsBatch = array<i64>, rhsBatch = array<i64>, lhsContracting = array<i64: 1>,
    rhsContracting = array<i64: 0>} : (tensor<3x2xf32>, tensor<2x2xf32>) -> tensor<3x2xf32>
  %1 = core.broadcast %s {dimensions = array<i64: 1>} : tensor<2xf32> -> tensor<3x2xf32>
  %2 = core.mul %0, %1 : tensor<3x2xf32>
  return %2 : tensor<3x2xf32>
}
