// SPDX-License-Identifier: Apache-2.0
// RUN: lathe-opt %s -split-input-file -verify-diagnostics
// Constraints of the ops that combine elements, by their labels.

func.func @f(%x: tensor<2x3xf32>) {
  // expected-error@+2 {{C1: cannot reduce dimensions [1, 0] of an operand of rank 2}}
  // expected-error@+1 {{'core.reduce' op failed to infer returned types}}
  %0 = core.reduce add %x {dimensions = array<i64: 1, 0>} : tensor<2x3xf32> -> tensor<f32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>) {
  // expected-error@+2 {{C2: combiner 'and' does not take elements of type 'f32'}}
  // expected-error@+1 {{'core.reduce' op failed to infer returned types}}
  %0 = core.reduce and %x {dimensions = array<i64: 1>} : tensor<2x3xf32> -> tensor<2xf32>
  return
}

// -----

func.func @f(%p: tensor<4xi1>) {
  // expected-error@+2 {{C2: combiner 'add' does not take elements of type 'i1'}}
  // expected-error@+1 {{'core.reduce' op failed to infer returned types}}
  %0 = core.reduce add %p {dimensions = array<i64: 0>} : tensor<4xi1> -> tensor<i1>
  return
}

// -----

func.func @f(%z: tensor<4xcomplex<f32>>) {
  // expected-error@+2 {{C2: combiner 'max' does not take elements of type 'complex<f32>'}}
  // expected-error@+1 {{'core.reduce' op failed to infer returned types}}
  %0 = core.reduce max %z {dimensions = array<i64: 0>} : tensor<4xcomplex<f32>> -> tensor<complex<f32>>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>) {
  // expected-error@+2 {{C2: combiner 'set' does not take elements of type 'f32'}}
  // expected-error@+1 {{'core.reduce' op failed to infer returned types}}
  %0 = core.reduce set %x {dimensions = array<i64: 1>} : tensor<2x3xf32> -> tensor<2xf32>
  return
}

// -----

func.func @f(%x: tensor<2x0xf32>) {
  // expected-error@+2 {{C1: no element along dimension 1 of 'tensor<2x0xf32>'}}
  // expected-error@+1 {{'core.arg_reduce' op failed to infer returned types}}
  %0 = core.arg_reduce max %x {dimension = 1, indexType = i64} : tensor<2x0xf32> -> tensor<2xi64>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>) {
  // expected-error@+2 {{C2: combiner must be min or max, but got add}}
  // expected-error@+1 {{'core.arg_reduce' op failed to infer returned types}}
  %0 = core.arg_reduce add %x {dimension = 1, indexType = i64} : tensor<2x3xf32> -> tensor<2xi64>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>) {
  // expected-error@+2 {{C1: window, strides, dilations, low and high must have 2 entries}}
  // expected-error@+1 {{'core.reduce_window' op failed to infer returned types}}
  %0 = core.reduce_window max %x {window = array<i64: 2>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, low = array<i64: 0, 0>, high = array<i64: 0, 0>} : tensor<2x3xf32> -> tensor<2x2xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>) {
  // expected-error@+2 {{C1: window 2, stride 0, dilation 1 in dimension 1}}
  // expected-error@+1 {{'core.reduce_window' op failed to infer returned types}}
  %0 = core.reduce_window max %x {window = array<i64: 1, 2>, strides = array<i64: 1, 0>, dilations = array<i64: 1, 1>, low = array<i64: 0, 0>, high = array<i64: 0, 0>} : tensor<2x3xf32> -> tensor<2x2xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>) {
  // expected-error@+2 {{C2: combiner 'or' does not take elements of type 'f32'}}
  // expected-error@+1 {{'core.reduce_window' op failed to infer returned types}}
  %0 = core.reduce_window or %x {window = array<i64: 1, 2>, strides = array<i64: 1, 1>, dilations = array<i64: 1, 1>, low = array<i64: 0, 0>, high = array<i64: 0, 0>} : tensor<2x3xf32> -> tensor<2x2xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>) {
  // expected-error@+1 {{'core.cumulative' op C1: dimension 2 must be in [0, 2)}}
  %0 = core.cumulative add %x {dimension = 2, exclusive = false, reverse = false} : tensor<2x3xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>) {
  // expected-error@+1 {{'core.cumulative' op C2: combiner 'or' does not accumulate 'tensor<2x3xf32>'}}
  %0 = core.cumulative or %x {dimension = 0, exclusive = false, reverse = false} : tensor<2x3xf32>
  return
}

// -----

func.func @f(%z: tensor<2xcomplex<f32>>) {
  // expected-error@+1 {{'core.cumulative' op C2: combiner 'min' does not accumulate 'tensor<2xcomplex<f32>>'}}
  %0 = core.cumulative min %z {dimension = 0, exclusive = false, reverse = false} : tensor<2xcomplex<f32>>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>, %y: tensor<3x4xf32>) {
  // expected-error@+2 {{C1: batch and contracting dimensions do not fit 'tensor<2x3xf32>' and 'tensor<3x4xf32>'}}
  // expected-error@+1 {{'core.dot_general' op failed to infer returned types}}
  %0 = core.dot_general %x, %y {lhsBatch = array<i64>, rhsBatch = array<i64: 0>, lhsContracting = array<i64: 1>, rhsContracting = array<i64: 0>} : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>, %y: tensor<3x4xf32>) {
  // expected-error@+2 {{C1: dimension 0 of 'tensor<2x3xf32>' does not match dimension 0 of 'tensor<3x4xf32>'}}
  // expected-error@+1 {{'core.dot_general' op failed to infer returned types}}
  %0 = core.dot_general %x, %y {lhsBatch = array<i64>, rhsBatch = array<i64>, lhsContracting = array<i64: 0>, rhsContracting = array<i64: 0>} : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<2x4xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>, %y: tensor<3x4xf64>) {
  // expected-error@+2 {{C2: element types differ: 'f32' and 'f64'}}
  // expected-error@+1 {{'core.dot_general' op failed to infer returned types}}
  %0 = core.dot_general %x, %y {lhsBatch = array<i64>, rhsBatch = array<i64>, lhsContracting = array<i64: 1>, rhsContracting = array<i64: 0>} : (tensor<2x3xf32>, tensor<3x4xf64>) -> tensor<2x4xf32>
  return
}

// -----

func.func @f(%x: tensor<1x8x4xf32>, %w: tensor<3x4x6xf32>) {
  // expected-error@+2 {{C1: attributes must have one entry a spatial dimension of 'tensor<1x8x4xf32>' and 'tensor<3x4x6xf32>'}}
  // expected-error@+1 {{'core.conv' op failed to infer returned types}}
  %0 = core.conv %x, %w {strides = array<i64: 1, 1>, low = array<i64: 0>, high = array<i64: 0>, inputDilation = array<i64: 1>, filterDilation = array<i64: 1>, groups = 1} : (tensor<1x8x4xf32>, tensor<3x4x6xf32>) -> tensor<1x6x6xf32>
  return
}

// -----

func.func @f(%x: tensor<1x8x4xf32>, %w: tensor<3x4x6xf32>) {
  // expected-error@+2 {{C1: strides and dilations must be >= 1}}
  // expected-error@+1 {{'core.conv' op failed to infer returned types}}
  %0 = core.conv %x, %w {strides = array<i64: 0>, low = array<i64: 0>, high = array<i64: 0>, inputDilation = array<i64: 1>, filterDilation = array<i64: 1>, groups = 1} : (tensor<1x8x4xf32>, tensor<3x4x6xf32>) -> tensor<1x6x6xf32>
  return
}

// -----

func.func @f(%x: tensor<1x8x4xf32>, %w: tensor<3x3x6xf32>) {
  // expected-error@+2 {{C2: filter 'tensor<3x3x6xf32>' in 1 groups does not fit 4 channels}}
  // expected-error@+1 {{'core.conv' op failed to infer returned types}}
  %0 = core.conv %x, %w {strides = array<i64: 1>, low = array<i64: 0>, high = array<i64: 0>, inputDilation = array<i64: 1>, filterDilation = array<i64: 1>, groups = 1} : (tensor<1x8x4xf32>, tensor<3x3x6xf32>) -> tensor<1x6x6xf32>
  return
}

// -----

func.func @f(%x: tensor<1x8x4xf32>, %w: tensor<3x2x5xf32>) {
  // expected-error@+2 {{C2: filter 'tensor<3x2x5xf32>' in 2 groups does not fit 4 channels}}
  // expected-error@+1 {{'core.conv' op failed to infer returned types}}
  %0 = core.conv %x, %w {strides = array<i64: 1>, low = array<i64: 0>, high = array<i64: 0>, inputDilation = array<i64: 1>, filterDilation = array<i64: 1>, groups = 2} : (tensor<1x8x4xf32>, tensor<3x2x5xf32>) -> tensor<1x6x6xf32>
  return
}

// -----

func.func @f(%x: tensor<1x8x4xf32>, %w: tensor<3x4x6xf64>) {
  // expected-error@+2 {{C3: element types differ: 'f32' and 'f64'}}
  // expected-error@+1 {{'core.conv' op failed to infer returned types}}
  %0 = core.conv %x, %w {strides = array<i64: 1>, low = array<i64: 0>, high = array<i64: 0>, inputDilation = array<i64: 1>, filterDilation = array<i64: 1>, groups = 1} : (tensor<1x8x4xf32>, tensor<3x4x6xf64>) -> tensor<1x6x6xf32>
  return
}

// -----

func.func @f(%x: tensor<1x8x4xf32>, %w: tensor<3x4x6xf32>) {
  // expected-error@+2 {{C4: padding makes spatial dimension 0 negative (-2)}}
  // expected-error@+1 {{'core.conv' op failed to infer returned types}}
  %0 = core.conv %x, %w {strides = array<i64: 1>, low = array<i64: -5>, high = array<i64: -5>, inputDilation = array<i64: 1>, filterDilation = array<i64: 1>, groups = 1} : (tensor<1x8x4xf32>, tensor<3x4x6xf32>) -> tensor<1x6x6xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>) {
  // expected-error@+1 {{'core.cumulative' op C1: dimension -1 must be in [0, 2)}}
  %0 = core.cumulative add %x {dimension = -1, exclusive = false, reverse = false} : tensor<2x3xf32>
  return
}

// -----

func.func @f(%x: tensor<2x0xcomplex<f32>>) {
  // expected-error@+1 {{C1: the last dimension must be at least 1}}
  %0 = core.fft %x {inverse = true} : tensor<2x0xcomplex<f32>>
  return
}
