// SPDX-License-Identifier: Apache-2.0
// RUN: lathe-opt %s -split-input-file -verify-diagnostics
// Constraints of the element-wise and moving ops, by their labels.

func.func @f(%z: tensor<2xcomplex<f32>>) {
  // expected-error@+1 {{'core.compare' op C1: complex numbers compare by eq and ne only, but got lt}}
  %0 = core.compare lt %z, %z : tensor<2xcomplex<f32>>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>) {
  // expected-error@+1 {{'core.special' op C1: igamma takes 2 operands, but got 1}}
  %0 = core.special igamma %x : tensor<2x3xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>) {
  // expected-error@+1 {{'core.special' op C1: erfc takes 1 operands, but got 2}}
  %0 = core.special erfc %x, %x : tensor<2x3xf32>
  return
}

// -----

func.func @f() {
  // expected-error@+1 {{'core.iota' op C1: dimension 1 must be in [0, 1)}}
  %0 = core.iota {dimension = 1} : tensor<3xi32>
  return
}

// -----

func.func @f() {
  // expected-error@+1 {{'core.iota' op C1: dimension -1 must be in [0, 1)}}
  %0 = core.iota {dimension = -1} : tensor<3xi32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>) {
  // expected-error@+1 {{'core.reshape' op C1: 'tensor<2x3xf32>' has 6 elements, but 'tensor<5xf32>' has 5}}
  %0 = core.reshape %x : tensor<2x3xf32> -> tensor<5xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>) {
  // expected-error@+1 {{'core.reshape' op C2: element types differ: 'tensor<2x3xf32>' and 'tensor<6xi32>'}}
  %0 = core.reshape %x : tensor<2x3xf32> -> tensor<6xi32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>) {
  // expected-error@+1 {{'core.bitcast' op C1: result shape must be [2, 3, 2], but got 'tensor<2x3xi16>'}}
  %0 = core.bitcast %x : tensor<2x3xf32> -> tensor<2x3xi16>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>) {
  // expected-error@+1 {{'core.bitcast' op C1: the last dimension of 'tensor<2x3xf32>' must be 2}}
  %0 = core.bitcast %x : tensor<2x3xf32> -> tensor<2xi64>
  return
}

// -----

func.func @f(%p: tensor<4xi1>) {
  // expected-error@+1 {{'core.bitcast' op C2: cannot bitcast between 'tensor<4xi1>' and 'tensor<4xi8>'}}
  %0 = core.bitcast %p : tensor<4xi1> -> tensor<4xi8>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>) {
  // expected-error@+2 {{C1: permutation [0, 0] does not order the 2 dimensions of the operand}}
  // expected-error@+1 {{'core.transpose' op failed to infer returned types}}
  %0 = core.transpose %x {permutation = array<i64: 0, 0>} : tensor<2x3xf32> -> tensor<2x3xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>) {
  // expected-error@+1 {{'core.broadcast' op C1: dimensions must have 2 entries, but got 1}}
  %0 = core.broadcast %x {dimensions = array<i64: 0>} : tensor<2x3xf32> -> tensor<2x3xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>) {
  // expected-error@+1 {{'core.broadcast' op C1: dimensions must increase strictly below the rank 2}}
  %0 = core.broadcast %x {dimensions = array<i64: 1, 0>} : tensor<2x3xf32> -> tensor<3x2xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>) {
  // expected-error@+1 {{'core.broadcast' op C2: size 3 cannot become 4}}
  %0 = core.broadcast %x {dimensions = array<i64: 0, 1>} : tensor<2x3xf32> -> tensor<2x4xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>) {
  // expected-error@+1 {{'core.broadcast' op C3: element types differ: 'tensor<2x3xf32>' and 'tensor<2x3xi32>'}}
  %0 = core.broadcast %x {dimensions = array<i64: 0, 1>} : tensor<2x3xf32> -> tensor<2x3xi32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>) {
  // expected-error@+2 {{C1: starts, sizes and strides must have 2 entries}}
  // expected-error@+1 {{'core.slice' op failed to infer returned types}}
  %0 = core.slice %x {starts = array<i64: 0>, sizes = array<i64: 1, 2>, strides = array<i64: 1, 1>} : tensor<2x3xf32> -> tensor<1x2xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>) {
  // expected-error@+2 {{C2: start 0, size 2, stride 0 in dimension 1}}
  // expected-error@+1 {{'core.slice' op failed to infer returned types}}
  %0 = core.slice %x {starts = array<i64: 0, 0>, sizes = array<i64: 1, 2>, strides = array<i64: 1, 0>} : tensor<2x3xf32> -> tensor<1x2xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>) {
  // expected-error@+2 {{C3: slice from 1 of 2 elements with stride 2 leaves dimension 1 of size 3}}
  // expected-error@+1 {{'core.slice' op failed to infer returned types}}
  %0 = core.slice %x {starts = array<i64: 0, 1>, sizes = array<i64: 1, 2>, strides = array<i64: 1, 2>} : tensor<2x3xf32> -> tensor<1x2xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>, %i: tensor<2xi32>) {
  // expected-error@+2 {{C1: sizes must have 2 entries, but got 1}}
  // expected-error@+1 {{'core.dynamic_slice' op failed to infer returned types}}
  %0 = core.dynamic_slice %x, %i {sizes = array<i64: 1>} : (tensor<2x3xf32>, tensor<2xi32>) -> tensor<1x2xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>, %i: tensor<2xi32>) {
  // expected-error@+2 {{C1: size 4 in dimension 1 of size 3}}
  // expected-error@+1 {{'core.dynamic_slice' op failed to infer returned types}}
  %0 = core.dynamic_slice %x, %i {sizes = array<i64: 1, 4>} : (tensor<2x3xf32>, tensor<2xi32>) -> tensor<1x2xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>, %i: tensor<3xi32>) {
  // expected-error@+2 {{C2: starts must be a vector of 2 integers}}
  // expected-error@+1 {{'core.dynamic_slice' op failed to infer returned types}}
  %0 = core.dynamic_slice %x, %i {sizes = array<i64: 1, 2>} : (tensor<2x3xf32>, tensor<3xi32>) -> tensor<1x2xf32>
  return
}

// -----

func.func @f() {
  // expected-error@+2 {{C1: concat needs at least one operand}}
  // expected-error@+1 {{'core.concat' op failed to infer returned types}}
  %0 = "core.concat"() {dimension = 0 : i64} : () -> tensor<2xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>, %y: tensor<2xf32>) {
  // expected-error@+2 {{C1: cannot join 'tensor<2xf32>' to 'tensor<2x3xf32>'}}
  // expected-error@+1 {{'core.concat' op failed to infer returned types}}
  %0 = core.concat %x, %y {dimension = 0} : (tensor<2x3xf32>, tensor<2xf32>) -> tensor<4x3xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>) {
  // expected-error@+2 {{C2: dimension 2 must be in [0, 2)}}
  // expected-error@+1 {{'core.concat' op failed to infer returned types}}
  %0 = core.concat %x, %x {dimension = 2} : (tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<4x3xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>, %y: tensor<2x4xf32>) {
  // expected-error@+2 {{C3: cannot join 'tensor<2x4xf32>' to 'tensor<2x3xf32>' along dimension 0}}
  // expected-error@+1 {{'core.concat' op failed to infer returned types}}
  %0 = core.concat %x, %y {dimension = 0} : (tensor<2x3xf32>, tensor<2x4xf32>) -> tensor<4x3xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>, %v: tensor<f32>) {
  // expected-error@+2 {{C1: low, high and interior must have 2 entries}}
  // expected-error@+1 {{'core.pad' op failed to infer returned types}}
  %0 = core.pad %x, %v {low = array<i64: 0>, high = array<i64: 0, 0>, interior = array<i64: 0, 0>} : (tensor<2x3xf32>, tensor<f32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>, %v: tensor<f32>) {
  // expected-error@+2 {{C1: interior padding must be >= 0, but got -1}}
  // expected-error@+1 {{'core.pad' op failed to infer returned types}}
  %0 = core.pad %x, %v {low = array<i64: 0, 0>, high = array<i64: 0, 0>, interior = array<i64: -1, 0>} : (tensor<2x3xf32>, tensor<f32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>, %v: tensor<f32>) {
  // expected-error@+2 {{C2: padding makes dimension 0 negative (-1)}}
  // expected-error@+1 {{'core.pad' op failed to infer returned types}}
  %0 = core.pad %x, %v {low = array<i64: -3, 0>, high = array<i64: 0, 0>, interior = array<i64: 0, 0>} : (tensor<2x3xf32>, tensor<f32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>, %v: tensor<f64>) {
  // expected-error@+2 {{C3: value must be a scalar of type 'f32', but got 'tensor<f64>'}}
  // expected-error@+1 {{'core.pad' op failed to infer returned types}}
  %0 = core.pad %x, %v {low = array<i64: 0, 0>, high = array<i64: 0, 0>, interior = array<i64: 0, 0>} : (tensor<2x3xf32>, tensor<f64>) -> tensor<2x3xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>) {
  // expected-error@+1 {{'core.reverse' op C1: dimensions [1, 1] must be different and below the rank 2}}
  %0 = core.reverse %x {dimensions = array<i64: 1, 1>} : tensor<2x3xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>, %i: tensor<4xi32>) {
  // expected-error@+2 {{C1: axis 2 with 0 batch dimensions for operand of rank 2 and indices of rank 1}}
  // expected-error@+1 {{'core.gather' op failed to infer returned types}}
  %0 = core.gather %x, %i {axis = 2, batch = 0} : (tensor<2x3xf32>, tensor<4xi32>) -> tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>, %i: tensor<4x3xi32>) {
  // expected-error@+2 {{C2: the first 1 sizes of [2, 3] and [4, 3] differ}}
  // expected-error@+1 {{'core.gather' op failed to infer returned types}}
  %0 = core.gather %x, %i {axis = 1, batch = 1} : (tensor<2x3xf32>, tensor<4x3xi32>) -> tensor<4xf32>
  return
}

// -----

func.func @f(%x: tensor<0xf32>, %i: tensor<4xi32>) {
  // expected-error@+2 {{C3: no element along axis 0 of 'tensor<0xf32>'}}
  // expected-error@+1 {{'core.gather' op failed to infer returned types}}
  %0 = core.gather %x, %i {axis = 0, batch = 0} : (tensor<0xf32>, tensor<4xi32>) -> tensor<4xf32>
  return
}
