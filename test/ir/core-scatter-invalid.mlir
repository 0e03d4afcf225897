// SPDX-License-Identifier: Apache-2.0
// RUN: lathe-opt %s -split-input-file -verify-diagnostics
// Constraints of core.scatter, by their labels.

func.func @f(%x: tensor<2x3xf32>, %i: tensor<4x1xi32>, %u: tensor<4x3xf32>) {
  // expected-error@+2 {{C1: scatter needs a vector of indices and an operand of rank >= 1}}
  // expected-error@+1 {{'core.scatter' op failed to infer returned types}}
  %0 = core.scatter add %x, %i, %u : (tensor<2x3xf32>, tensor<4x1xi32>, tensor<4x3xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>, %i: tensor<4xi32>, %u: tensor<4x2xf32>) {
  // expected-error@+2 {{C2: updates must be 'tensor<4x3xf32>', but got 'tensor<4x2xf32>'}}
  // expected-error@+1 {{'core.scatter' op failed to infer returned types}}
  %0 = core.scatter add %x, %i, %u : (tensor<2x3xf32>, tensor<4xi32>, tensor<4x2xf32>) -> tensor<2x3xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>, %i: tensor<4xi32>, %u: tensor<4x3xf32>) {
  // expected-error@+2 {{C3: combiner 'or' does not take elements of type 'f32'}}
  // expected-error@+1 {{'core.scatter' op failed to infer returned types}}
  %0 = core.scatter or %x, %i, %u : (tensor<2x3xf32>, tensor<4xi32>, tensor<4x3xf32>) -> tensor<2x3xf32>
  return
}
