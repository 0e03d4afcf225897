// SPDX-License-Identifier: Apache-2.0
// RUN: lathe-opt %s | lathe-opt | FileCheck %s
// RUN: lathe-opt %s -canonicalize | FileCheck %s --check-prefix=FOLD
// Ops that draw random numbers read and print, and fold where key, counter and parameters are constant.

// CHECK-LABEL: @draws
func.func @draws(%k: tensor<ui64>, %c: tensor<2xui64>, %a: tensor<3xf64>) {
  // CHECK: core.rng_bits %{{.*}}, %{{.*}} : (tensor<ui64>, tensor<2xui64>) -> tensor<2x3xui32>
  %0 = core.rng_bits %k, %c : (tensor<ui64>, tensor<2xui64>) -> tensor<2x3xui32>
  // CHECK: core.rng_bits %{{.*}}, %{{.*}} : (tensor<ui64>, tensor<2xui64>) -> tensor<ui64>
  %1 = core.rng_bits %k, %c : (tensor<ui64>, tensor<2xui64>) -> tensor<ui64>
  // CHECK: core.rng_sample normal %{{.*}}, %{{.*}} : (tensor<ui64>, tensor<2xui64>) -> tensor<5xf32>
  %2 = core.rng_sample normal %k, %c : (tensor<ui64>, tensor<2xui64>) -> tensor<5xf32>
  // CHECK: core.rng_sample truncated_normal %{{.*}}, %{{.*}} : (tensor<ui64>, tensor<2xui64>) -> tensor<5xf64>
  %3 = core.rng_sample truncated_normal %k, %c : (tensor<ui64>, tensor<2xui64>) -> tensor<5xf64>
  // CHECK: core.rng_sample gamma %{{.*}}, %{{.*}}, %{{.*}} : (tensor<ui64>, tensor<2xui64>, tensor<3xf64>) -> tensor<2x3xf64>
  %4 = core.rng_sample gamma %k, %c, %a : (tensor<ui64>, tensor<2xui64>, tensor<3xf64>) -> tensor<2x3xf64>
  // CHECK: core.rng_sample poisson %{{.*}}, %{{.*}}, %{{.*}} : (tensor<ui64>, tensor<2xui64>, tensor<3xf64>) -> tensor<3xf64>
  %5 = core.rng_sample poisson %k, %c, %a : (tensor<ui64>, tensor<2xui64>, tensor<3xf64>) -> tensor<3xf64>
  return
}

// The known answer of Philox4x32-10 for a key and counter of digits of pi.
// FOLD-LABEL: @known
// FOLD-NEXT: core.constant dense<[3513581065, 2499661035, 1342301216, 605187745]> : tensor<4xui32>
func.func @known() -> tensor<4xui32> {
  %k = core.constant dense<2999170649027065890> : tensor<ui64>
  %c = core.constant dense<[9629550131187509896, 247824715720788526]> : tensor<2xui64>
  %0 = core.rng_bits %k, %c : (tensor<ui64>, tensor<2xui64>) -> tensor<4xui32>
  return %0 : tensor<4xui32>
}
