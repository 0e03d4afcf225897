// Each op of the rt dialect, read and written again.
// RUN: lathe-opt %s | lathe-opt | FileCheck %s

// CHECK: rt.kernel @scale constants [false, true] {
// CHECK-NEXT: ^bb0(%[[X:.*]]: tensor<8xf32>, %[[S:.*]]: tensor<8xf32>):
// CHECK-NEXT:   %[[Y:.*]] = core.mul %[[X]], %[[S]]
// CHECK-NEXT:   rt.yield %[[Y]] : tensor<8xf32>
rt.kernel @scale constants [false, true] {
^bb0(%x: tensor<8xf32>, %s: tensor<8xf32>):
  %y = core.mul %x, %s : tensor<8xf32>
  rt.yield %y : tensor<8xf32>
}

// A kernel may give several results, or none.
// CHECK: rt.kernel @both constants [false]
// CHECK: rt.yield %{{.*}}, %{{.*}} : tensor<8xf32>, tensor<f32>
rt.kernel @both constants [false] {
^bb0(%x: tensor<8xf32>):
  %y = core.neg %x : tensor<8xf32>
  %z = core.reduce add %x {dimensions = array<i64: 0>} : tensor<8xf32> -> tensor<f32>
  rt.yield %y, %z : tensor<8xf32>, tensor<f32>
}
// CHECK: rt.kernel @nothing constants [] {
rt.kernel @nothing constants [] {
}

// CHECK: rt.weight @plain dense<[1.000000e+00, 2.000000e+00]> : tensor<2xf32>
rt.weight @plain dense<[1.0, 2.0]> : tensor<2xf32>
// CHECK: rt.weight @packed for @scale 1 dense<3.000000e+00> : tensor<8xf32>
rt.weight @packed for @scale 1 dense<3.0> : tensor<8xf32>

// CHECK-LABEL: func.func @tensors
func.func @tensors(%x: tensor<8xf32>, %s: tensor<8xf32>) -> (tensor<8xf32>, tensor<f32>) {
  // CHECK-NEXT: %[[Y:.*]] = rt.call @scale(%arg0, %arg1) {inPlace = array<i64: 0>} : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  %y = rt.call @scale(%x, %s) {inPlace = array<i64: 0>} : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  // CHECK-NEXT: rt.call @both(%[[Y]]) {inPlace = array<i64: 0, -1>} : (tensor<8xf32>) -> (tensor<8xf32>, tensor<f32>)
  %z:2 = rt.call @both(%y) {inPlace = array<i64: 0, -1>} : (tensor<8xf32>) -> (tensor<8xf32>, tensor<f32>)
  return %z#0, %z#1 : tensor<8xf32>, tensor<f32>
}

// CHECK: rt.program @main arguments ["x:0"] : [tensor<8xf32>] results ["y:0", "z:0"] : [tensor<8xf32>, tensor<8xf32>] arena 64 {
rt.program @main arguments ["x:0"] : [tensor<8xf32>] results ["y:0", "z:0"] : [tensor<8xf32>, tensor<8xf32>] arena 64 {
  // CHECK-NEXT: %[[A:.*]] = rt.argument 0 : memref<8xf32>
  %x = rt.argument 0 : memref<8xf32>
  // CHECK-NEXT: %[[W:.*]] = rt.weight_address @packed : memref<8xf32>
  %w = rt.weight_address @packed : memref<8xf32>
  // CHECK-NEXT: %[[SLOT:.*]] = rt.slot 32 : memref<8xf32>
  %s = rt.slot 32 : memref<8xf32>
  // CHECK-NEXT: %[[R:.*]] = rt.result 0 : memref<8xf32>
  %y = rt.result 0 : memref<8xf32>
  %z = rt.result 1 : memref<8xf32>
  // CHECK: rt.launch @scale(%[[A]], %[[W]]) outs(%[[SLOT]]) {inPlace = array<i64: -1>} : (memref<8xf32>, memref<8xf32>) -> memref<8xf32>
  rt.launch @scale(%x, %w) outs(%s) {inPlace = array<i64: -1>} : (memref<8xf32>, memref<8xf32>) -> memref<8xf32>
  rt.launch @scale(%s, %w) outs(%y) {inPlace = array<i64: -1>} : (memref<8xf32>, memref<8xf32>) -> memref<8xf32>
  // CHECK: rt.copy %[[A]] to %{{.*}} : memref<8xf32>
  rt.copy %x to %z : memref<8xf32>
}

// CHECK: rt.program @checked
rt.program @checked arguments ["p:0", "i:0"] : [tensor<i1>, tensor<4xi32>] results [] : [] arena 8 {
  %p = rt.argument 0 : memref<i1>
  %i = rt.argument 1 : memref<4xi32>
  %s = rt.slot 0 : memref<i64>
  // CHECK: rt.check %{{.*}}, "x must be positive" : (memref<i1>) -> ()
  rt.check %p, "x must be positive" : (memref<i1>) -> ()
  // CHECK: rt.check %{{.*}}, "%p: %v" at %{{.*}}, %{{.*}} : (memref<i1>, memref<i64>, memref<4xi32>) -> ()
  rt.check %p, "%p: %v" at %s, %i : (memref<i1>, memref<i64>, memref<4xi32>) -> ()
}
