// SPDX-License-Identifier: Apache-2.0
// RUN: lathe-opt %s | lathe-opt | FileCheck %s
// Element-wise ops read and print.

// CHECK-LABEL: @unary
func.func @unary(%x: tensor<2x3xf32>, %h: tensor<0xbf16>, %i: tensor<i8>, %z: tensor<3xcomplex<f64>>) {
  // CHECK: core.abs %{{.*}} : tensor<2x3xf32>
  %0 = core.abs %x : tensor<2x3xf32>
  // CHECK: core.ceil %{{.*}} : tensor<2x3xf32>
  %1 = core.ceil %x : tensor<2x3xf32>
  // CHECK: core.cos %{{.*}} : tensor<2x3xf32>
  %2 = core.cos %x : tensor<2x3xf32>
  // CHECK: core.erf %{{.*}} : tensor<2x3xf32>
  %3 = core.erf %x : tensor<2x3xf32>
  // CHECK: core.exp %{{.*}} : tensor<2x3xf32>
  %4 = core.exp %x : tensor<2x3xf32>
  // CHECK: core.expm1 %{{.*}} : tensor<2x3xf32>
  %5 = core.expm1 %x : tensor<2x3xf32>
  // CHECK: core.floor %{{.*}} : tensor<2x3xf32>
  %6 = core.floor %x : tensor<2x3xf32>
  // CHECK: core.log %{{.*}} : tensor<2x3xf32>
  %7 = core.log %x : tensor<2x3xf32>
  // CHECK: core.log1p %{{.*}} : tensor<2x3xf32>
  %8 = core.log1p %x : tensor<2x3xf32>
  // CHECK: core.logistic %{{.*}} : tensor<2x3xf32>
  %9 = core.logistic %x : tensor<2x3xf32>
  // CHECK: core.neg %{{.*}} : tensor<2x3xf32>
  %10 = core.neg %x : tensor<2x3xf32>
  // CHECK: core.round_even %{{.*}} : tensor<2x3xf32>
  %11 = core.round_even %x : tensor<2x3xf32>
  // CHECK: core.rsqrt %{{.*}} : tensor<2x3xf32>
  %12 = core.rsqrt %x : tensor<2x3xf32>
  // CHECK: core.sign %{{.*}} : tensor<2x3xf32>
  %13 = core.sign %x : tensor<2x3xf32>
  // CHECK: core.sin %{{.*}} : tensor<2x3xf32>
  %14 = core.sin %x : tensor<2x3xf32>
  // CHECK: core.sqrt %{{.*}} : tensor<2x3xf32>
  %15 = core.sqrt %x : tensor<2x3xf32>
  // CHECK: core.tan %{{.*}} : tensor<2x3xf32>
  %16 = core.tan %x : tensor<2x3xf32>
  // CHECK: core.tanh %{{.*}} : tensor<2x3xf32>
  %17 = core.tanh %x : tensor<2x3xf32>
  // CHECK: core.sqrt %{{.*}} : tensor<0xbf16>
  %18 = core.sqrt %h : tensor<0xbf16>
  // CHECK: core.abs %{{.*}} : tensor<i8>
  %19 = core.abs %i : tensor<i8>
  // CHECK: core.not %{{.*}} : tensor<i8>
  %20 = core.not %i : tensor<i8>
  // CHECK: core.neg %{{.*}} : tensor<3xcomplex<f64>>
  %21 = core.neg %z : tensor<3xcomplex<f64>>
  // CHECK: core.real %{{.*}} : tensor<3xcomplex<f64>>
  %22 = core.real %z : tensor<3xcomplex<f64>>
  // CHECK: core.imag %{{.*}} : tensor<3xcomplex<f64>>
  %23 = core.imag %z : tensor<3xcomplex<f64>>
  // CHECK: core.is_finite %{{.*}} : tensor<2x3xf32>
  %24 = core.is_finite %x : tensor<2x3xf32>
  return
}

// CHECK-LABEL: @binary
func.func @binary(%x: tensor<2x3xf32>, %u: tensor<4xui16>, %p: tensor<5xi1>, %z: tensor<3xcomplex<f32>>, %q: tensor<2x3xi1>) {
  // CHECK: core.add %{{.*}}, %{{.*}} : tensor<2x3xf32>
  %0 = core.add %x, %x : tensor<2x3xf32>
  // CHECK: core.atan2 %{{.*}}, %{{.*}} : tensor<2x3xf32>
  %1 = core.atan2 %x, %x : tensor<2x3xf32>
  // CHECK: core.div %{{.*}}, %{{.*}} : tensor<2x3xf32>
  %2 = core.div %x, %x : tensor<2x3xf32>
  // CHECK: core.max %{{.*}}, %{{.*}} : tensor<2x3xf32>
  %3 = core.max %x, %x : tensor<2x3xf32>
  // CHECK: core.min %{{.*}}, %{{.*}} : tensor<2x3xf32>
  %4 = core.min %x, %x : tensor<2x3xf32>
  // CHECK: core.mul %{{.*}}, %{{.*}} : tensor<2x3xf32>
  %5 = core.mul %x, %x : tensor<2x3xf32>
  // CHECK: core.pow %{{.*}}, %{{.*}} : tensor<2x3xf32>
  %6 = core.pow %x, %x : tensor<2x3xf32>
  // CHECK: core.rem %{{.*}}, %{{.*}} : tensor<2x3xf32>
  %7 = core.rem %x, %x : tensor<2x3xf32>
  // CHECK: core.sub %{{.*}}, %{{.*}} : tensor<2x3xf32>
  %8 = core.sub %x, %x : tensor<2x3xf32>
  // CHECK: core.and %{{.*}}, %{{.*}} : tensor<4xui16>
  %9 = core.and %u, %u : tensor<4xui16>
  // CHECK: core.or %{{.*}}, %{{.*}} : tensor<4xui16>
  %10 = core.or %u, %u : tensor<4xui16>
  // CHECK: core.shift_left %{{.*}}, %{{.*}} : tensor<4xui16>
  %11 = core.shift_left %u, %u : tensor<4xui16>
  // CHECK: core.shift_right %{{.*}}, %{{.*}} : tensor<4xui16>
  %12 = core.shift_right %u, %u : tensor<4xui16>
  // CHECK: core.xor %{{.*}}, %{{.*}} : tensor<4xui16>
  %13 = core.xor %u, %u : tensor<4xui16>
  // CHECK: core.and %{{.*}}, %{{.*}} : tensor<5xi1>
  %14 = core.and %p, %p : tensor<5xi1>
  // CHECK: core.or %{{.*}}, %{{.*}} : tensor<5xi1>
  %15 = core.or %p, %p : tensor<5xi1>
  // CHECK: core.xor %{{.*}}, %{{.*}} : tensor<5xi1>
  %16 = core.xor %p, %p : tensor<5xi1>
  // CHECK: core.compare eq %{{.*}}, %{{.*}} : tensor<2x3xf32>
  %17 = core.compare eq %x, %x : tensor<2x3xf32>
  // CHECK: core.compare ne %{{.*}}, %{{.*}} : tensor<2x3xf32>
  %18 = core.compare ne %x, %x : tensor<2x3xf32>
  // CHECK: core.compare lt %{{.*}}, %{{.*}} : tensor<2x3xf32>
  %19 = core.compare lt %x, %x : tensor<2x3xf32>
  // CHECK: core.compare le %{{.*}}, %{{.*}} : tensor<2x3xf32>
  %20 = core.compare le %x, %x : tensor<2x3xf32>
  // CHECK: core.compare gt %{{.*}}, %{{.*}} : tensor<2x3xf32>
  %21 = core.compare gt %x, %x : tensor<2x3xf32>
  // CHECK: core.compare ge %{{.*}}, %{{.*}} : tensor<2x3xf32>
  %22 = core.compare ge %x, %x : tensor<2x3xf32>
  // CHECK: core.compare ne %{{.*}}, %{{.*}} : tensor<3xcomplex<f32>>
  %23 = core.compare ne %z, %z : tensor<3xcomplex<f32>>
  // CHECK: core.complex %{{.*}}, %{{.*}} : tensor<2x3xf32>
  %24 = core.complex %x, %x : tensor<2x3xf32>
  // CHECK: core.select %{{.*}}, %{{.*}}, %{{.*}} : tensor<2x3xi1>, tensor<2x3xf32>
  %25 = core.select %q, %x, %x : tensor<2x3xi1>, tensor<2x3xf32>
  // CHECK: core.convert %{{.*}} : tensor<2x3xf32> -> tensor<2x3xui8>
  %26 = core.convert %x : tensor<2x3xf32> -> tensor<2x3xui8>
  // CHECK: core.special lgamma %{{.*}} : tensor<2x3xf32>
  %27 = core.special lgamma %x : tensor<2x3xf32>
  // CHECK: core.special digamma %{{.*}} : tensor<2x3xf32>
  %28 = core.special digamma %x : tensor<2x3xf32>
  // CHECK: core.special erfc %{{.*}} : tensor<2x3xf32>
  %29 = core.special erfc %x : tensor<2x3xf32>
  // CHECK: core.special erfinv %{{.*}} : tensor<2x3xf32>
  %30 = core.special erfinv %x : tensor<2x3xf32>
  // CHECK: core.special ndtri %{{.*}} : tensor<2x3xf32>
  %31 = core.special ndtri %x : tensor<2x3xf32>
  // CHECK: core.special igamma %{{.*}}, %{{.*}} : tensor<2x3xf32>
  %32 = core.special igamma %x, %x : tensor<2x3xf32>
  // CHECK: core.special igammac %{{.*}}, %{{.*}} : tensor<2x3xf32>
  %33 = core.special igammac %x, %x : tensor<2x3xf32>
  // CHECK: core.special zeta %{{.*}}, %{{.*}} : tensor<2x3xf32>
  %34 = core.special zeta %x, %x : tensor<2x3xf32>
  // CHECK: core.special polygamma %{{.*}}, %{{.*}} : tensor<2x3xf32>
  %35 = core.special polygamma %x, %x : tensor<2x3xf32>
  // CHECK: core.special betainc %{{.*}}, %{{.*}}, %{{.*}} : tensor<2x3xf32>
  %36 = core.special betainc %x, %x, %x : tensor<2x3xf32>
  return
}
