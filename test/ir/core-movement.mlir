// SPDX-License-Identifier: Apache-2.0
// RUN: lathe-opt %s | lathe-opt | FileCheck %s
// Ops that make and move elements read and print.

// CHECK-LABEL: @make
func.func @make() {
  // CHECK: core.constant dense<[1.000000e+00, 2.000000e+00]> : tensor<2xf32>
  %0 = core.constant dense<[1.000000e+00, 2.000000e+00]> : tensor<2xf32>
  // CHECK: core.constant dense<true> : tensor<3xi1>
  %1 = core.constant dense<true> : tensor<3xi1>
  // CHECK: core.constant dense<7> : tensor<2x2xui64>
  %2 = core.constant dense<7> : tensor<2x2xui64>
  // CHECK: core.iota {dimension = 1 : i64} : tensor<2x3xi32>
  %3 = core.iota {dimension = 1 : i64} : tensor<2x3xi32>
  return
}

// CHECK-LABEL: @move
func.func @move(%x: tensor<2x3xf32>, %y: tensor<2x1xf32>, %s: tensor<f32>, %i: tensor<2xi64>, %u: tensor<4x3xf32>, %j: tensor<4xi32>, %k: tensor<2x2xui8>) {
  // CHECK: core.reshape %{{.*}} : tensor<2x3xf32> -> tensor<6x1xf32>
  %0 = core.reshape %x : tensor<2x3xf32> -> tensor<6x1xf32>
  // CHECK: core.bitcast %{{.*}} : tensor<2x3xf32> -> tensor<2x3xui32>
  %1 = core.bitcast %x : tensor<2x3xf32> -> tensor<2x3xui32>
  // CHECK: core.bitcast %{{.*}} : tensor<2x3xf32> -> tensor<2x3x2xbf16>
  %2 = core.bitcast %x : tensor<2x3xf32> -> tensor<2x3x2xbf16>
  // CHECK: core.bitcast %{{.*}} : tensor<2xi64> -> tensor<2x8xi8>
  %3 = core.bitcast %i : tensor<2xi64> -> tensor<2x8xi8>
  // CHECK: core.transpose %{{.*}} {permutation = array<i64: 1, 0>} : tensor<2x3xf32> -> tensor<3x2xf32>
  %4 = core.transpose %x {permutation = array<i64: 1, 0>} : tensor<2x3xf32> -> tensor<3x2xf32>
  // CHECK: core.broadcast %{{.*}} {dimensions = array<i64: 1, 2>} : tensor<2x1xf32> -> tensor<4x2x3xf32>
  %5 = core.broadcast %y {dimensions = array<i64: 1, 2>} : tensor<2x1xf32> -> tensor<4x2x3xf32>
  // CHECK: core.broadcast %{{.*}} {dimensions = array<i64>} : tensor<f32> -> tensor<0x3xf32>
  %6 = core.broadcast %s {dimensions = array<i64>} : tensor<f32> -> tensor<0x3xf32>
  // CHECK: core.slice %{{.*}} {sizes = array<i64: 1, 2>, starts = array<i64: 1, 0>, strides = array<i64: 1, 2>} : tensor<2x3xf32> -> tensor<1x2xf32>
  %7 = core.slice %x {sizes = array<i64: 1, 2>, starts = array<i64: 1, 0>, strides = array<i64: 1, 2>} : tensor<2x3xf32> -> tensor<1x2xf32>
  // CHECK: core.dynamic_slice %{{.*}}, %{{.*}} {sizes = array<i64: 1, 2>} : (tensor<2x3xf32>, tensor<2xi64>) -> tensor<1x2xf32>
  %8 = core.dynamic_slice %x, %i {sizes = array<i64: 1, 2>} : (tensor<2x3xf32>, tensor<2xi64>) -> tensor<1x2xf32>
  // CHECK: core.concat %{{.*}}, %{{.*}} {dimension = 1 : i64} : (tensor<2x3xf32>, tensor<2x1xf32>) -> tensor<2x4xf32>
  %9 = core.concat %x, %y {dimension = 1 : i64} : (tensor<2x3xf32>, tensor<2x1xf32>) -> tensor<2x4xf32>
  // CHECK: core.pad %{{.*}}, %{{.*}} {high = array<i64: -1, 1>, interior = array<i64: 0, 1>, low = array<i64: 1, 1>} : (tensor<2x3xf32>, tensor<f32>) -> tensor<2x7xf32>
  %10 = core.pad %x, %s {high = array<i64: -1, 1>, interior = array<i64: 0, 1>, low = array<i64: 1, 1>} : (tensor<2x3xf32>, tensor<f32>) -> tensor<2x7xf32>
  // CHECK: core.reverse %{{.*}} {dimensions = array<i64: 1, 0>} : tensor<2x3xf32>
  %11 = core.reverse %x {dimensions = array<i64: 1, 0>} : tensor<2x3xf32>
  // CHECK: core.gather %{{.*}}, %{{.*}} {axis = 1 : i64, batch = 0 : i64} : (tensor<2x3xf32>, tensor<4xi32>) -> tensor<2x4xf32>
  %12 = core.gather %x, %j {axis = 1 : i64, batch = 0 : i64} : (tensor<2x3xf32>, tensor<4xi32>) -> tensor<2x4xf32>
  // CHECK: core.gather %{{.*}}, %{{.*}} {axis = 1 : i64, batch = 1 : i64} : (tensor<2x3xf32>, tensor<2x2xui8>) -> tensor<2x2xf32>
  %13 = core.gather %x, %k {axis = 1 : i64, batch = 1 : i64} : (tensor<2x3xf32>, tensor<2x2xui8>) -> tensor<2x2xf32>
  // CHECK: core.scatter add %{{.*}}, %{{.*}}, %{{.*}} : (tensor<2x3xf32>, tensor<4xi32>, tensor<4x3xf32>) -> tensor<2x3xf32>
  %14 = core.scatter add %x, %j, %u : (tensor<2x3xf32>, tensor<4xi32>, tensor<4x3xf32>) -> tensor<2x3xf32>
  // CHECK: core.scatter mul %{{.*}}, %{{.*}}, %{{.*}} : (tensor<2x3xf32>, tensor<4xi32>, tensor<4x3xf32>) -> tensor<2x3xf32>
  %15 = core.scatter mul %x, %j, %u : (tensor<2x3xf32>, tensor<4xi32>, tensor<4x3xf32>) -> tensor<2x3xf32>
  // CHECK: core.scatter min %{{.*}}, %{{.*}}, %{{.*}} : (tensor<2x3xf32>, tensor<4xi32>, tensor<4x3xf32>) -> tensor<2x3xf32>
  %16 = core.scatter min %x, %j, %u : (tensor<2x3xf32>, tensor<4xi32>, tensor<4x3xf32>) -> tensor<2x3xf32>
  // CHECK: core.scatter max %{{.*}}, %{{.*}}, %{{.*}} : (tensor<2x3xf32>, tensor<4xi32>, tensor<4x3xf32>) -> tensor<2x3xf32>
  %17 = core.scatter max %x, %j, %u : (tensor<2x3xf32>, tensor<4xi32>, tensor<4x3xf32>) -> tensor<2x3xf32>
  // CHECK: core.scatter set %{{.*}}, %{{.*}}, %{{.*}} : (tensor<2x3xf32>, tensor<4xi32>, tensor<4x3xf32>) -> tensor<2x3xf32>
  %18 = core.scatter set %x, %j, %u : (tensor<2x3xf32>, tensor<4xi32>, tensor<4x3xf32>) -> tensor<2x3xf32>
  return
}
