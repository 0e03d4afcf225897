// RUN: lathe-opt --lathe-materialize-padding %s | FileCheck %s

// Padding and spread of the input become a pad by zero, of the spatial dimensions only; strides and filter dilation stay.
// CHECK-LABEL: func.func @conv(
// CHECK:         %[[ZERO:.*]] = core.constant dense<0.000000e+00> : tensor<f32>
// CHECK:         %[[P:.*]] = core.pad %arg0, %[[ZERO]] {high = array<i64: 0, 2, 4, 0>, interior = array<i64: 0, 2, 0, 0>, low = array<i64: 0, 1, 3, 0>}
// CHECK-SAME:      -> tensor<1x16x13x2xf32>
// CHECK:         core.conv %[[P]], %arg1
// CHECK-SAME:      filterDilation = array<i64: 1, 2>
// CHECK-SAME:      high = array<i64: 0, 0>, inputDilation = array<i64: 1, 1>, low = array<i64: 0, 0>, strides = array<i64: 2, 1>
// CHECK-SAME:      -> tensor<1x7x9x4xf32>
func.func @conv(%x: tensor<1x5x6x2xf32>, %w: tensor<3x3x2x4xf32>) -> tensor<1x7x9x4xf32> {
  %0 = core.conv %x, %w {strides = array<i64: 2, 1>, low = array<i64: 1, 3>, high = array<i64: 2, 4>, inputDilation = array<i64: 3, 1>,
    filterDilation = array<i64: 1, 2>, groups = 1} : (tensor<1x5x6x2xf32>, tensor<3x3x2x4xf32>) -> tensor<1x7x9x4xf32>
  return %0 : tensor<1x7x9x4xf32>
}

// A convolution that has working memory reads its padding as zeros.
// CHECK-LABEL: func.func @fast(
// CHECK-NEXT:    core.conv %arg0, %arg1 {{.*}}high = array<i64: 1, 1>
func.func @fast(%x: tensor<1x4x4x1xf32>, %w: tensor<3x3x1x1xf32>) -> tensor<1x4x4x1xf32> {
  %0 = core.conv %x, %w {strides = array<i64: 1, 1>, low = array<i64: 1, 1>, high = array<i64: 1, 1>, inputDilation = array<i64: 1, 1>,
    filterDilation = array<i64: 1, 1>, groups = 1, scratch = 256} : (tensor<1x4x4x1xf32>, tensor<3x3x1x1xf32>) -> tensor<1x4x4x1xf32>
  return %0 : tensor<1x4x4x1xf32>
}

// One of one channel a group reads its padding as zeros, too, unless its rows are far apart.
// CHECK-LABEL: func.func @depthwise(
// CHECK-NEXT:    %[[Y:.*]] = core.conv %arg0, %arg1 {{.*}}high = array<i64: 1, 1>
// CHECK:         %[[P:.*]] = core.pad %arg0, %{{.*}} {high = array<i64: 0, 2, 1, 0>
// CHECK-NEXT:    core.conv %[[P]], %arg1 {{.*}}high = array<i64: 0, 0>
func.func @depthwise(%x: tensor<1x4x4x2xf32>, %w: tensor<3x3x1x2xf32>) -> (tensor<1x4x4x2xf32>, tensor<1x4x4x2xf32>) {
  %0 = core.conv %x, %w {strides = array<i64: 1, 1>, low = array<i64: 1, 1>, high = array<i64: 1, 1>, inputDilation = array<i64: 1, 1>,
    filterDilation = array<i64: 1, 1>, groups = 2} : (tensor<1x4x4x2xf32>, tensor<3x3x1x2xf32>) -> tensor<1x4x4x2xf32>
  %1 = core.conv %x, %w {strides = array<i64: 1, 1>, low = array<i64: 2, 1>, high = array<i64: 2, 1>, inputDilation = array<i64: 1, 1>,
    filterDilation = array<i64: 2, 1>, groups = 2} : (tensor<1x4x4x2xf32>, tensor<3x3x1x2xf32>) -> tensor<1x4x4x2xf32>
  return %0, %1 : tensor<1x4x4x2xf32>, tensor<1x4x4x2xf32>
}

// A window is padded by what its combiner ignores.
// CHECK-LABEL: func.func @max(
// CHECK:         %[[V:.*]] = core.constant dense<0xFF800000> : tensor<f32>
// CHECK:         %[[P:.*]] = core.pad %arg0, %[[V]] {high = array<i64: 1>, interior = array<i64: 0>, low = array<i64: 0>}
// CHECK:         core.reduce_window max %[[P]] {{.*}}high = array<i64: 0>, low = array<i64: 0>
func.func @max(%x: tensor<5xf32>) -> tensor<3xf32> {
  %0 = core.reduce_window max %x {window = array<i64: 2>, strides = array<i64: 2>, dilations = array<i64: 1>, low = array<i64: 0>,
    high = array<i64: 1>} : tensor<5xf32> -> tensor<3xf32>
  return %0 : tensor<3xf32>
}

// CHECK-LABEL: func.func @min(
// CHECK:         core.constant dense<2147483647> : tensor<i32>
// CHECK:         core.pad
func.func @min(%x: tensor<5xi32>) -> tensor<3xi32> {
  %0 = core.reduce_window min %x {window = array<i64: 2>, strides = array<i64: 2>, dilations = array<i64: 1>, low = array<i64: 1>,
    high = array<i64: 0>} : tensor<5xi32> -> tensor<3xi32>
  return %0 : tensor<3xi32>
}

// CHECK-LABEL: func.func @product(
// CHECK:         core.constant dense<1.000000e+00> : tensor<f32>
// CHECK:         core.pad
func.func @product(%x: tensor<5xf32>) -> tensor<3xf32> {
  %0 = core.reduce_window mul %x {window = array<i64: 2>, strides = array<i64: 2>, dilations = array<i64: 1>, low = array<i64: 1>,
    high = array<i64: 0>} : tensor<5xf32> -> tensor<3xf32>
  return %0 : tensor<3xf32>
}

// What reads only elements that exist stays as it is.
// CHECK-LABEL: func.func @unpadded(
// CHECK-NEXT:    core.conv
// CHECK-NEXT:    core.reduce_window
// CHECK-NEXT:    return
func.func @unpadded(%x: tensor<1x5x2xf32>, %w: tensor<2x2x3xf32>) -> tensor<1x2x3xf32> {
  %0 = core.conv %x, %w {strides = array<i64: 1>, low = array<i64: 0>, high = array<i64: 0>, inputDilation = array<i64: 1>,
    filterDilation = array<i64: 1>, groups = 1} : (tensor<1x5x2xf32>, tensor<2x2x3xf32>) -> tensor<1x4x3xf32>
  %1 = core.reduce_window add %0 {window = array<i64: 1, 2, 1>, strides = array<i64: 1, 2, 1>, dilations = array<i64: 1, 1, 1>,
    low = array<i64: 0, 0, 0>, high = array<i64: 0, 0, 0>} : tensor<1x4x3xf32> -> tensor<1x2x3xf32>
  return %1 : tensor<1x2x3xf32>
}

// Complex numbers have identities as well.
// CHECK-LABEL: func.func @complex_numbers(
// CHECK:         %[[ONE:.*]] = core.constant dense<(1.000000e+00,0.000000e+00)> : tensor<complex<f32>>
// CHECK:         core.pad %{{.*}}, %[[ONE]]
// CHECK:         %[[ZERO:.*]] = core.constant dense<(0.000000e+00,0.000000e+00)> : tensor<complex<f32>>
// CHECK:         core.pad %{{.*}}, %[[ZERO]]
func.func @complex_numbers(%x: tensor<5xcomplex<f32>>) -> (tensor<3xcomplex<f32>>, tensor<3xcomplex<f32>>) {
  %0 = core.reduce_window mul %x {window = array<i64: 2>, strides = array<i64: 2>, dilations = array<i64: 1>, low = array<i64: 1>,
    high = array<i64: 0>} : tensor<5xcomplex<f32>> -> tensor<3xcomplex<f32>>
  %1 = core.reduce_window add %x {window = array<i64: 2>, strides = array<i64: 2>, dilations = array<i64: 1>, low = array<i64: 1>,
    high = array<i64: 0>} : tensor<5xcomplex<f32>> -> tensor<3xcomplex<f32>>
  return %0, %1 : tensor<3xcomplex<f32>>, tensor<3xcomplex<f32>>
}
