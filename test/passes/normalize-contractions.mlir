// RUN: lathe-opt --lathe-normalize-contractions %s | FileCheck %s

// The normal form stays as it is.
// CHECK-LABEL: func.func @normal(
// CHECK-NEXT:    core.dot_general %arg0, %arg1
// CHECK-NEXT:    return
func.func @normal(%x: tensor<2x3xf32>, %y: tensor<3x4xf32>) -> tensor<2x4xf32> {
  %0 = core.dot_general %x, %y {lhsBatch = array<i64>, rhsBatch = array<i64>, lhsContracting = array<i64: 1>,
    rhsContracting = array<i64: 0>} : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<2x4xf32>
  return %0 : tensor<2x4xf32>
}

// CHECK-LABEL: func.func @batched_normal(
// CHECK-NEXT:    core.dot_general %arg0, %arg1
// CHECK-NEXT:    return
func.func @batched_normal(%x: tensor<5x2x3xf32>, %y: tensor<5x3x4xf32>) -> tensor<5x2x4xf32> {
  %0 = core.dot_general %x, %y {lhsBatch = array<i64: 0>, rhsBatch = array<i64: 0>, lhsContracting = array<i64: 2>,
    rhsContracting = array<i64: 1>} : (tensor<5x2x3xf32>, tensor<5x3x4xf32>) -> tensor<5x2x4xf32>
  return %0 : tensor<5x2x4xf32>
}

// Operands are transposed to rows by columns.
// CHECK-LABEL: func.func @transposed(
// CHECK-DAG:     %[[X:.*]] = core.transpose %arg0 {permutation = array<i64: 1, 0>} : tensor<3x2xf32> -> tensor<2x3xf32>
// CHECK-DAG:     %[[Y:.*]] = core.transpose %arg1 {permutation = array<i64: 1, 0>} : tensor<4x3xf32> -> tensor<3x4xf32>
// CHECK:         core.dot_general %[[X]], %[[Y]] {lhsBatch = array<i64>, lhsContracting = array<i64: 1>, rhsBatch = array<i64>, rhsContracting = array<i64: 0>}
// CHECK-SAME:      (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<2x4xf32>
func.func @transposed(%x: tensor<3x2xf32>, %y: tensor<4x3xf32>) -> tensor<2x4xf32> {
  %0 = core.dot_general %x, %y {lhsBatch = array<i64>, rhsBatch = array<i64>, lhsContracting = array<i64: 0>,
    rhsContracting = array<i64: 1>} : (tensor<3x2xf32>, tensor<4x3xf32>) -> tensor<2x4xf32>
  return %0 : tensor<2x4xf32>
}

// Several dimensions of a kind become one, and the result gets them back.
// CHECK-LABEL: func.func @heads(
// CHECK-DAG:     %[[X:.*]] = core.transpose %arg0 {permutation = array<i64: 0, 2, 1, 3>} : tensor<2x5x3x4xf32> -> tensor<2x3x5x4xf32>
// CHECK-DAG:     %[[XF:.*]] = core.reshape %[[X]] : tensor<2x3x5x4xf32> -> tensor<6x5x4xf32>
// CHECK-DAG:     %[[Y:.*]] = core.transpose %arg1 {permutation = array<i64: 0, 2, 3, 1>} : tensor<2x7x3x4xf32> -> tensor<2x3x4x7xf32>
// CHECK-DAG:     %[[YF:.*]] = core.reshape %[[Y]] : tensor<2x3x4x7xf32> -> tensor<6x4x7xf32>
// CHECK:         %[[P:.*]] = core.dot_general %[[XF]], %[[YF]] {lhsBatch = array<i64: 0>, lhsContracting = array<i64: 2>, rhsBatch = array<i64: 0>, rhsContracting = array<i64: 1>}
// CHECK:         core.reshape %[[P]] : tensor<6x5x7xf32> -> tensor<2x3x5x7xf32>
func.func @heads(%x: tensor<2x5x3x4xf32>, %y: tensor<2x7x3x4xf32>) -> tensor<2x3x5x7xf32> {
  %0 = core.dot_general %x, %y {lhsBatch = array<i64: 0, 2>, rhsBatch = array<i64: 0, 2>, lhsContracting = array<i64: 3>,
    rhsContracting = array<i64: 3>} : (tensor<2x5x3x4xf32>, tensor<2x7x3x4xf32>) -> tensor<2x3x5x7xf32>
  return %0 : tensor<2x3x5x7xf32>
}

// Vectors are matrices of one row or column.
// CHECK-LABEL: func.func @vectors(
// CHECK:         core.dot_general {{.*}} : (tensor<1x3xf32>, tensor<3x1xf32>) -> tensor<1x1xf32>
// CHECK:         core.reshape {{.*}} -> tensor<f32>
func.func @vectors(%x: tensor<3xf32>, %y: tensor<3xf32>) -> tensor<f32> {
  %0 = core.dot_general %x, %y {lhsBatch = array<i64>, rhsBatch = array<i64>, lhsContracting = array<i64: 0>,
    rhsContracting = array<i64: 0>} : (tensor<3xf32>, tensor<3xf32>) -> tensor<f32>
  return %0 : tensor<f32>
}

// A convolution over one dimension is one over two, of height 1.
// CHECK-LABEL: func.func @line(
// CHECK-DAG:     %[[X:.*]] = core.reshape %arg0 : tensor<2x9x4xf32> -> tensor<2x1x9x4xf32>
// CHECK-DAG:     %[[W:.*]] = core.reshape %arg1 : tensor<3x2x6xf32> -> tensor<1x3x2x6xf32>
// CHECK:         %[[Y:.*]] = core.conv %[[X]], %[[W]]
// CHECK-SAME:      filterDilation = array<i64: 1, 2>, groups = 2 : i64, high = array<i64: 0, 0>, inputDilation = array<i64: 1, 1>, low = array<i64: 0, 0>, strides = array<i64: 1, 2>
// CHECK-SAME:      -> tensor<2x1x3x6xf32>
// CHECK:         core.reshape %[[Y]] : tensor<2x1x3x6xf32> -> tensor<2x3x6xf32>
func.func @line(%x: tensor<2x9x4xf32>, %w: tensor<3x2x6xf32>) -> tensor<2x3x6xf32> {
  %0 = core.conv %x, %w {strides = array<i64: 2>, low = array<i64: 0>, high = array<i64: 0>, inputDilation = array<i64: 1>,
    filterDilation = array<i64: 2>, groups = 2} : (tensor<2x9x4xf32>, tensor<3x2x6xf32>) -> tensor<2x3x6xf32>
  return %0 : tensor<2x3x6xf32>
}

// Zeros around the input of a convolution become its padding; other values stay.
// CHECK-LABEL: func.func @padded(
// CHECK:         core.conv %arg0, %arg1 {{.*}}high = array<i64: 2, 1>, {{.*}}low = array<i64: 0, 1>
// CHECK:         %[[P:.*]] = core.pad
// CHECK:         core.conv %[[P]], %arg1 {{.*}}high = array<i64: 1, 1>
func.func @padded(%x: tensor<1x4x4x2xf32>, %w: tensor<3x3x2x1xf32>) -> (tensor<1x4x4x1xf32>, tensor<1x4x4x1xf32>) {
  %zero = core.constant dense<0.0> : tensor<f32>
  %one = core.constant dense<1.0> : tensor<f32>
  %p = core.pad %x, %zero {low = array<i64: 0, 0, 1, 0>, high = array<i64: 0, 1, 0, 0>, interior = array<i64: 0, 0, 0, 0>} : (tensor<1x4x4x2xf32>, tensor<f32>) -> tensor<1x5x5x2xf32>
  %0 = core.conv %p, %w {strides = array<i64: 1, 1>, low = array<i64: 0, 0>, high = array<i64: 1, 1>, inputDilation = array<i64: 1, 1>,
    filterDilation = array<i64: 1, 1>, groups = 1} : (tensor<1x5x5x2xf32>, tensor<3x3x2x1xf32>) -> tensor<1x4x4x1xf32>
  %q = core.pad %x, %one {low = array<i64: 0, 0, 1, 0>, high = array<i64: 0, 1, 0, 0>, interior = array<i64: 0, 0, 0, 0>} : (tensor<1x4x4x2xf32>, tensor<f32>) -> tensor<1x5x5x2xf32>
  %1 = core.conv %q, %w {strides = array<i64: 1, 1>, low = array<i64: 0, 0>, high = array<i64: 1, 1>, inputDilation = array<i64: 1, 1>,
    filterDilation = array<i64: 1, 1>, groups = 1} : (tensor<1x5x5x2xf32>, tensor<3x3x2x1xf32>) -> tensor<1x4x4x1xf32>
  return %0, %1 : tensor<1x4x4x1xf32>, tensor<1x4x4x1xf32>
}
