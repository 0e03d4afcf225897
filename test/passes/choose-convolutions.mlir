// RUN: lathe-opt %s --pass-pipeline='builtin.module(func.func(lathe-choose-convolutions{target=znver5}))' | FileCheck %s
// RUN: lathe-opt %s --pass-pipeline='builtin.module(func.func(lathe-choose-convolutions{target=x86-64-v3}))' | FileCheck %s
// RUN: lathe-opt %s --pass-pipeline='builtin.module(func.func(lathe-choose-convolutions{target=none}))' | FileCheck %s --check-prefix=NONE
// RUN: lathe-opt %s --pass-pipeline='builtin.module(func.func(lathe-choose-convolutions{target=znver5},lathe-materialize-padding))' | FileCheck %s --check-prefix=PAD
// NONE-NOT: scratch

// Many channels, large images: fewer multiplications pay for the transforms. The padding stays with the op.
// CHECK-LABEL: func.func @large(
// CHECK: core.conv {{.*}}low = array<i64: 1, 1>, scratch = {{[0-9]+}} : i64
// PAD-LABEL: func.func @large(
// PAD-NOT: core.pad
func.func @large(%x: tensor<1x56x56x64xf32>) -> tensor<1x56x56x64xf32> {
  %w = core.constant dense_resource<large> : tensor<3x3x64x64xf32>
  %y = core.conv %x, %w {strides = array<i64: 1, 1>, low = array<i64: 1, 1>, high = array<i64: 1, 1>, inputDilation = array<i64: 1, 1>,
    filterDilation = array<i64: 1, 1>, groups = 1} : (tensor<1x56x56x64xf32>, tensor<3x3x64x64xf32>) -> tensor<1x56x56x64xf32>
  return %y : tensor<1x56x56x64xf32>
}

// One dimension: a row of seven.
// CHECK-LABEL: func.func @row(
// CHECK: core.conv {{.*}}scratch
func.func @row(%x: tensor<1x17x17x192xf32>) -> tensor<1x17x17x192xf32> {
  %w = core.constant dense_resource<row> : tensor<1x7x192x192xf32>
  %y = core.conv %x, %w {strides = array<i64: 1, 1>, low = array<i64: 0, 3>, high = array<i64: 0, 3>, inputDilation = array<i64: 1, 1>,
    filterDilation = array<i64: 1, 1>, groups = 1} : (tensor<1x17x17x192xf32>, tensor<1x7x192x192xf32>) -> tensor<1x17x17x192xf32>
  return %y : tensor<1x17x17x192xf32>
}

// Three channels: the transforms would cost more than they save.
// CHECK-LABEL: func.func @few_channels(
// CHECK-NOT: scratch
// PAD-LABEL: func.func @few_channels(
// PAD: core.pad
func.func @few_channels(%x: tensor<1x56x56x3xf32>) -> tensor<1x56x56x64xf32> {
  %w = core.constant dense_resource<few> : tensor<3x3x3x64xf32>
  %y = core.conv %x, %w {strides = array<i64: 1, 1>, low = array<i64: 1, 1>, high = array<i64: 1, 1>, inputDilation = array<i64: 1, 1>,
    filterDilation = array<i64: 1, 1>, groups = 1} : (tensor<1x56x56x3xf32>, tensor<3x3x3x64xf32>) -> tensor<1x56x56x64xf32>
  return %y : tensor<1x56x56x64xf32>
}

// Strides, groups, dilations, double precision and filters that are no weights have direct sums only.
// CHECK-LABEL: func.func @strided(
// CHECK-NOT: scratch
func.func @strided(%x: tensor<1x57x57x64xf32>) -> tensor<1x28x28x64xf32> {
  %w = core.constant dense_resource<strided> : tensor<3x3x64x64xf32>
  %y = core.conv %x, %w {strides = array<i64: 2, 2>, low = array<i64: 0, 0>, high = array<i64: 0, 0>, inputDilation = array<i64: 1, 1>,
    filterDilation = array<i64: 1, 1>, groups = 1} : (tensor<1x57x57x64xf32>, tensor<3x3x64x64xf32>) -> tensor<1x28x28x64xf32>
  return %y : tensor<1x28x28x64xf32>
}

// CHECK-LABEL: func.func @grouped(
// CHECK-NOT: scratch
func.func @grouped(%x: tensor<1x58x58x64xf32>) -> tensor<1x56x56x64xf32> {
  %w = core.constant dense_resource<grouped> : tensor<3x3x32x64xf32>
  %y = core.conv %x, %w {strides = array<i64: 1, 1>, low = array<i64: 0, 0>, high = array<i64: 0, 0>, inputDilation = array<i64: 1, 1>,
    filterDilation = array<i64: 1, 1>, groups = 2} : (tensor<1x58x58x64xf32>, tensor<3x3x32x64xf32>) -> tensor<1x56x56x64xf32>
  return %y : tensor<1x56x56x64xf32>
}

// CHECK-LABEL: func.func @dilated(
// CHECK-NOT: scratch
func.func @dilated(%x: tensor<1x60x60x64xf32>) -> tensor<1x56x56x64xf32> {
  %w = core.constant dense_resource<dilated> : tensor<3x3x64x64xf32>
  %y = core.conv %x, %w {strides = array<i64: 1, 1>, low = array<i64: 0, 0>, high = array<i64: 0, 0>, inputDilation = array<i64: 1, 1>,
    filterDilation = array<i64: 2, 2>, groups = 1} : (tensor<1x60x60x64xf32>, tensor<3x3x64x64xf32>) -> tensor<1x56x56x64xf32>
  return %y : tensor<1x56x56x64xf32>
}

// CHECK-LABEL: func.func @double(
// CHECK-NOT: scratch
func.func @double(%x: tensor<1x58x58x64xf64>) -> tensor<1x56x56x64xf64> {
  %w = core.constant dense_resource<double> : tensor<3x3x64x64xf64>
  %y = core.conv %x, %w {strides = array<i64: 1, 1>, low = array<i64: 0, 0>, high = array<i64: 0, 0>, inputDilation = array<i64: 1, 1>,
    filterDilation = array<i64: 1, 1>, groups = 1} : (tensor<1x58x58x64xf64>, tensor<3x3x64x64xf64>) -> tensor<1x56x56x64xf64>
  return %y : tensor<1x56x56x64xf64>
}

// CHECK-LABEL: func.func @no_weight(
// CHECK-NOT: scratch
func.func @no_weight(%x: tensor<1x58x58x64xf32>, %w: tensor<3x3x64x64xf32>) -> tensor<1x56x56x64xf32> {
  %y = core.conv %x, %w {strides = array<i64: 1, 1>, low = array<i64: 0, 0>, high = array<i64: 0, 0>, inputDilation = array<i64: 1, 1>,
    filterDilation = array<i64: 1, 1>, groups = 1} : (tensor<1x58x58x64xf32>, tensor<3x3x64x64xf32>) -> tensor<1x56x56x64xf32>
  return %y : tensor<1x56x56x64xf32>
}
