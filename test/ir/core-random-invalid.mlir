// SPDX-License-Identifier: Apache-2.0
// RUN: lathe-opt %s -split-input-file -verify-diagnostics
// Each labelled constraint of the ops that draw random numbers.

func.func @key(%k: tensor<1xui64>, %c: tensor<2xui64>) {
  // expected-error@+1 {{'core.rng_bits' op C1: the key must be a scalar and the counter two elements, but got 'tensor<1xui64>' and 'tensor<2xui64>'}}
  %0 = core.rng_bits %k, %c : (tensor<1xui64>, tensor<2xui64>) -> tensor<3xui32>
  return
}

// -----

func.func @counter(%k: tensor<ui64>, %c: tensor<3xui64>) {
  // expected-error@+1 {{'core.rng_sample' op C1: the key must be a scalar and the counter two elements, but got 'tensor<ui64>' and 'tensor<3xui64>'}}
  %0 = core.rng_sample normal %k, %c : (tensor<ui64>, tensor<3xui64>) -> tensor<3xf32>
  return
}

// -----

func.func @noParameter(%k: tensor<ui64>, %c: tensor<2xui64>) {
  // expected-error@+1 {{'core.rng_sample' op C2: gamma takes 1 parameters, but got 0}}
  %0 = core.rng_sample gamma %k, %c : (tensor<ui64>, tensor<2xui64>) -> tensor<3xf64>
  return
}

// -----

func.func @parameter(%k: tensor<ui64>, %c: tensor<2xui64>, %a: tensor<3xf64>) {
  // expected-error@+1 {{'core.rng_sample' op C2: truncated_normal takes 0 parameters, but got 1}}
  %0 = core.rng_sample truncated_normal %k, %c, %a : (tensor<ui64>, tensor<2xui64>, tensor<3xf64>) -> tensor<3xf64>
  return
}

// -----

func.func @shape(%k: tensor<ui64>, %c: tensor<2xui64>, %a: tensor<3xf64>) {
  // expected-error@+1 {{'core.rng_sample' op C3: the last dimensions of 'tensor<3x2xf64>' are not those of 'tensor<3xf64>'}}
  %0 = core.rng_sample poisson %k, %c, %a : (tensor<ui64>, tensor<2xui64>, tensor<3xf64>) -> tensor<3x2xf64>
  return
}

// -----

func.func @element(%k: tensor<ui64>, %c: tensor<2xui64>, %a: tensor<3xf64>) {
  // expected-error@+1 {{'core.rng_sample' op C4: poisson is of f64, but got 'tensor<3xf32>'}}
  %0 = core.rng_sample poisson %k, %c, %a : (tensor<ui64>, tensor<2xui64>, tensor<3xf64>) -> tensor<3xf32>
  return
}
