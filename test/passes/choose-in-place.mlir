// RUN: lathe-opt %s --lathe-choose-in-place --split-input-file | FileCheck %s

rt.kernel @make constants [false] {
^bb0(%x: tensor<8xf32>):
  %y = core.exp %x : tensor<8xf32>
  rt.yield %y : tensor<8xf32>
}
rt.kernel @clip constants [false] {
^bb0(%x: tensor<8xf32>):
  %zero = core.constant dense<0.0> : tensor<8xf32>
  // A narrower value on the way is no hindrance.
  %p = core.compare gt %x, %zero : tensor<8xf32>
  %y = core.select %p, %x, %zero : tensor<8xi1>, tensor<8xf32>
  rt.yield %y : tensor<8xf32>
}
rt.kernel @narrow constants [false] {
^bb0(%x: tensor<8xf32>):
  %y = core.convert %x : tensor<8xf32> -> tensor<8xf16>
  rt.yield %y : tensor<8xf16>
}
rt.kernel @flip constants [false] {
^bb0(%x: tensor<8xf32>):
  %r = core.reverse %x {dimensions = array<i64: 0>} : tensor<8xf32>
  %y = core.add %x, %r : tensor<8xf32>
  rt.yield %y : tensor<8xf32>
}
rt.kernel @add constants [false, false] {
^bb0(%x: tensor<8xf32>, %y: tensor<8xf32>):
  %z = core.add %x, %y : tensor<8xf32>
  rt.yield %z : tensor<8xf32>
}
// Two results of one loop, each from both operands.
rt.kernel @turn constants [false, false] {
^bb0(%x: tensor<8xf32>, %y: tensor<8xf32>):
  %a = core.add %x, %y : tensor<8xf32>
  %b = core.sub %x, %y : tensor<8xf32>
  rt.yield %a, %b : tensor<8xf32>, tensor<8xf32>
}

// CHECK-LABEL: func.func @loops
func.func @loops(%x: tensor<8xf32>) -> tensor<8xf32> {
  // CHECK: rt.call @make(%arg0) {inPlace = array<i64: 0>}
  %a = rt.call @make(%x) {inPlace = array<i64: -1>} : (tensor<8xf32>) -> tensor<8xf32>
  // CHECK: rt.call @clip({{.*}}) {inPlace = array<i64: 0>}
  %b = rt.call @clip(%a) {inPlace = array<i64: -1>} : (tensor<8xf32>) -> tensor<8xf32>
  // CHECK: rt.call @narrow({{.*}}) {inPlace = array<i64: -1>}
  %c = rt.call @narrow(%b) {inPlace = array<i64: -1>} : (tensor<8xf32>) -> tensor<8xf16>
  // CHECK: rt.call @flip({{.*}}) {inPlace = array<i64: -1>}
  %d = rt.call @flip(%b) {inPlace = array<i64: -1>} : (tensor<8xf32>) -> tensor<8xf32>
  // %b lives on, so %d is taken. CHECK: rt.call @add({{.*}}) {inPlace = array<i64: 1>}
  %e = rt.call @add(%b, %d) {inPlace = array<i64: -1>} : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  // Each operand once. CHECK: rt.call @turn({{.*}}) {inPlace = array<i64: 0, 1>}
  %f:2 = rt.call @turn(%b, %e) {inPlace = array<i64: -1, -1>} : (tensor<8xf32>, tensor<8xf32>) -> (tensor<8xf32>, tensor<8xf32>)
  // A returned value is not taken while another operand dies. CHECK: rt.call @add({{.*}}) {inPlace = array<i64: 1>}
  %g = rt.call @add(%f#0, %f#1) {inPlace = array<i64: -1>} : (tensor<8xf32>, tensor<8xf32>) -> tensor<8xf32>
  return %f#0 : tensor<8xf32>
}

// -----

// A contraction's epilogue may overwrite the residual, never what is multiplied.
rt.kernel @dot constants [false, false, false] {
^bb0(%x: tensor<4x4xf32>, %w: tensor<4x4xf32>, %r: tensor<4x4xf32>):
  %d = core.dot_general %x, %w {lhsBatch = array<i64>, rhsBatch = array<i64>, lhsContracting = array<i64: 1>,
      rhsContracting = array<i64: 0>} : (tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  %y = core.add %d, %r : tensor<4x4xf32>
  rt.yield %y : tensor<4x4xf32>
}
// Rows: %x is read by the reduction too; %r only at the end; %s in both phases.
rt.kernel @rows constants [false, false, false] {
^bb0(%x: tensor<4x4xf32>, %r: tensor<4x4xf32>, %s: tensor<4x4xf32>):
  %t = core.neg %s : tensor<4x4xf32>
  %m = core.reduce max %x {dimensions = array<i64: 1>} : tensor<4x4xf32> -> tensor<4xf32>
  %b = core.broadcast %m {dimensions = array<i64: 0>} : tensor<4xf32> -> tensor<4x4xf32>
  %c = core.sub %x, %b : tensor<4x4xf32>
  %u = core.mul %t, %c : tensor<4x4xf32>
  %y = core.add %u, %r : tensor<4x4xf32>
  rt.yield %t, %y : tensor<4x4xf32>, tensor<4x4xf32>
}

// CHECK-LABEL: func.func @phases
func.func @phases(%x: tensor<4x4xf32>, %w: tensor<4x4xf32>, %r: tensor<4x4xf32>) -> tensor<4x4xf32> {
  // CHECK: rt.call @dot({{.*}}) {inPlace = array<i64: 2>}
  %y = rt.call @dot(%x, %w, %r) {inPlace = array<i64: -1>} : (tensor<4x4xf32>, tensor<4x4xf32>, tensor<4x4xf32>) -> tensor<4x4xf32>
  // CHECK: rt.call @rows({{.*}}) {inPlace = array<i64: -1, 1>}
  %z:2 = rt.call @rows(%x, %y, %w) {inPlace = array<i64: -1, -1>} : (tensor<4x4xf32>, tensor<4x4xf32>, tensor<4x4xf32>) -> (tensor<4x4xf32>, tensor<4x4xf32>)
  return %z#1 : tensor<4x4xf32>
}
