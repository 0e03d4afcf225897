// RUN: lathe-opt %s --lathe-order-calls --split-input-file | FileCheck %s

// In layers both large values live at once; branch by branch only one does.
rt.kernel @grow constants [false] {
^bb0(%x: tensor<4xf32>):
  %y = core.broadcast %x {dimensions = array<i64: 1>} : tensor<4xf32> -> tensor<100x4xf32>
  rt.yield %y : tensor<100x4xf32>
}
rt.kernel @shrink constants [false] {
^bb0(%x: tensor<400xf32>):
  %y = core.reduce add %x {dimensions = array<i64: 0>} : tensor<400xf32> -> tensor<f32>
  rt.yield %y : tensor<f32>
}
rt.kernel @add constants [false, false] {
^bb0(%x: tensor<f32>, %y: tensor<f32>):
  %z = core.add %x, %y : tensor<f32>
  rt.yield %z : tensor<f32>
}

// CHECK-LABEL: func.func @layers
// CHECK-SAME: (%[[X:.*]]: tensor<4xf32>, %[[Y:.*]]: tensor<4xf32>)
func.func @layers(%x: tensor<4xf32>, %y: tensor<4xf32>) -> tensor<f32> {
  // CHECK: %[[GX:.*]] = rt.call @grow(%[[X]])
  // CHECK-NEXT: %[[VX:.*]] = core.reshape %[[GX]]
  // CHECK-NEXT: %[[SX:.*]] = rt.call @shrink(%[[VX]])
  // CHECK-NEXT: %[[GY:.*]] = rt.call @grow(%[[Y]])
  // CHECK-NEXT: %[[VY:.*]] = core.reshape %[[GY]]
  // CHECK-NEXT: %[[SY:.*]] = rt.call @shrink(%[[VY]])
  // CHECK-NEXT: %[[Z:.*]] = rt.call @add(%[[SX]], %[[SY]])
  // CHECK-NEXT: return %[[Z]]
  %gx = rt.call @grow(%x) {inPlace = array<i64: -1>} : (tensor<4xf32>) -> tensor<100x4xf32>
  %vx = core.reshape %gx : tensor<100x4xf32> -> tensor<400xf32>
  %gy = rt.call @grow(%y) {inPlace = array<i64: -1>} : (tensor<4xf32>) -> tensor<100x4xf32>
  %vy = core.reshape %gy : tensor<100x4xf32> -> tensor<400xf32>
  %sx = rt.call @shrink(%vx) {inPlace = array<i64: -1>} : (tensor<400xf32>) -> tensor<f32>
  %sy = rt.call @shrink(%vy) {inPlace = array<i64: -1>} : (tensor<400xf32>) -> tensor<f32>
  %z = rt.call @add(%sx, %sy) {inPlace = array<i64: -1>} : (tensor<f32>, tensor<f32>) -> tensor<f32>
  return %z : tensor<f32>
}

// Returned values take no place in the arena, so nothing is won: source order stays.
// CHECK-LABEL: func.func @returned
func.func @returned(%x: tensor<4xf32>, %y: tensor<4xf32>) -> (tensor<100x4xf32>, tensor<400xf32>, tensor<f32>, tensor<f32>) {
  // CHECK: %[[GX:.*]] = rt.call @grow(%arg0)
  // CHECK: %[[GY:.*]] = rt.call @grow(%arg1)
  // CHECK: rt.call @shrink
  // CHECK: rt.call @shrink
  %gx = rt.call @grow(%x) {inPlace = array<i64: -1>} : (tensor<4xf32>) -> tensor<100x4xf32>
  %gy = rt.call @grow(%y) {inPlace = array<i64: -1>} : (tensor<4xf32>) -> tensor<100x4xf32>
  %vx = core.reshape %gx : tensor<100x4xf32> -> tensor<400xf32>
  %vy = core.reshape %gy : tensor<100x4xf32> -> tensor<400xf32>
  %sx = rt.call @shrink(%vx) {inPlace = array<i64: -1>} : (tensor<400xf32>) -> tensor<f32>
  %sy = rt.call @shrink(%vy) {inPlace = array<i64: -1>} : (tensor<400xf32>) -> tensor<f32>
  return %gx, %vy, %sx, %sy : tensor<100x4xf32>, tensor<400xf32>, tensor<f32>, tensor<f32>
}
