// RUN: lathe-opt --lathe-hoist-products --split-input-file %s | FileCheck %s
// A row times a matrix in a loop becomes a row of one product before it.

// CHECK-LABEL: func.func @rows
// CHECK: %[[ROWS:.*]] = core.reshape %{{.*}} : tensor<9x2x3xf32> -> tensor<18x3xf32>
// CHECK: %[[ALL:.*]] = core.dot_general %[[ROWS]], %[[W:.*]] {{{.*}}} : (tensor<18x3xf32>, tensor<3x4xf32>) -> tensor<18x4xf32>
// CHECK: %[[LIST:.*]] = core.reshape %[[ALL]] : tensor<18x4xf32> -> tensor<9x2x4xf32>
// CHECK: core.while
// CHECK: do
// CHECK: %[[ROW:.*]] = core.gather %[[LIST]], %{{.*}} {axis = 0 : i64, batch = 0 : i64} : (tensor<9x2x4xf32>, tensor<1xi32>) -> tensor<1x2x4xf32>
// CHECK: %[[Y:.*]] = core.reshape %[[ROW]] : tensor<1x2x4xf32> -> tensor<2x4xf32>
// The product with the state stays.
// CHECK: %[[H:.*]] = core.dot_general %{{.*}}, %{{.*}} : (tensor<2x4xf32>, tensor<4x4xf32>)
// CHECK: core.add %[[Y]], %[[H]]
func.func @rows(%list: tensor<9x2x3xf32>, %w: tensor<3x4xf32>, %u: tensor<4x4xf32>, %h: tensor<2x4xf32>) -> tensor<2x4xf32> {
  %zero = core.constant dense<0> : tensor<i32>
  %n = core.constant dense<9> : tensor<i32>
  %one = core.constant dense<1> : tensor<i32>
  %r:2 = core.while(%zero, %h) cond {
  ^bb0(%i: tensor<i32>, %s: tensor<2x4xf32>):
    %p = core.compare lt %i, %n : tensor<i32>
    core.yield %p : tensor<i1>
  } do {
  ^bb0(%i: tensor<i32>, %s: tensor<2x4xf32>):
    %j = core.add %i, %one : tensor<i32>
    %at = core.reshape %i : tensor<i32> -> tensor<1xi32>
    %x = core.gather %list, %at {axis = 0, batch = 0} : (tensor<9x2x3xf32>, tensor<1xi32>) -> tensor<1x2x3xf32>
    %m = core.reshape %x : tensor<1x2x3xf32> -> tensor<2x3xf32>
    %y = core.dot_general %m, %w {lhsBatch = array<i64>, rhsBatch = array<i64>, lhsContracting = array<i64: 1>, rhsContracting = array<i64: 0>} : (tensor<2x3xf32>, tensor<3x4xf32>) -> tensor<2x4xf32>
    %k = core.dot_general %s, %u {lhsBatch = array<i64>, rhsBatch = array<i64>, lhsContracting = array<i64: 1>, rhsContracting = array<i64: 0>} : (tensor<2x4xf32>, tensor<4x4xf32>) -> tensor<2x4xf32>
    %t = core.add %y, %k : tensor<2x4xf32>
    core.yield %j, %t : tensor<i32>, tensor<2x4xf32>
  } : (tensor<i32>, tensor<2x4xf32>) -> (tensor<i32>, tensor<2x4xf32>)
  return %r#1 : tensor<2x4xf32>
}

// -----

// A list that the loop writes, and a matrix that it carries, are not known before it.
// CHECK-LABEL: func.func @carried
// CHECK-NOT: core.dot_general
// CHECK: do
// CHECK: core.dot_general %{{.*}}, %{{.*}} : (tensor<1x3xf32>, tensor<3x3xf32>)
// CHECK: core.dot_general %{{.*}}, %{{.*}} : (tensor<1x3xf32>, tensor<3x3xf32>)
func.func @carried(%list: tensor<9x3xf32>, %fixed: tensor<9x3xf32>, %w: tensor<3x3xf32>) -> tensor<9x3xf32> {
  %zero = core.constant dense<0> : tensor<i32>
  %n = core.constant dense<9> : tensor<i32>
  %one = core.constant dense<1> : tensor<i32>
  %r:3 = core.while(%zero, %list, %w) cond {
  ^bb0(%i: tensor<i32>, %l: tensor<9x3xf32>, %v: tensor<3x3xf32>):
    %p = core.compare lt %i, %n : tensor<i32>
    core.yield %p : tensor<i1>
  } do {
  ^bb0(%i: tensor<i32>, %l: tensor<9x3xf32>, %v: tensor<3x3xf32>):
    %j = core.add %i, %one : tensor<i32>
    %at = core.reshape %i : tensor<i32> -> tensor<1xi32>
    %x = core.gather %l, %at {axis = 0, batch = 0} : (tensor<9x3xf32>, tensor<1xi32>) -> tensor<1x3xf32>
    %y = core.dot_general %x, %w {lhsBatch = array<i64>, rhsBatch = array<i64>, lhsContracting = array<i64: 1>, rhsContracting = array<i64: 0>} : (tensor<1x3xf32>, tensor<3x3xf32>) -> tensor<1x3xf32>
    %x2 = core.gather %fixed, %at {axis = 0, batch = 0} : (tensor<9x3xf32>, tensor<1xi32>) -> tensor<1x3xf32>
    %z = core.dot_general %x2, %v {lhsBatch = array<i64>, rhsBatch = array<i64>, lhsContracting = array<i64: 1>, rhsContracting = array<i64: 0>} : (tensor<1x3xf32>, tensor<3x3xf32>) -> tensor<1x3xf32>
    %u = core.add %y, %z : tensor<1x3xf32>
    %k = core.scatter set %l, %at, %u : (tensor<9x3xf32>, tensor<1xi32>, tensor<1x3xf32>) -> tensor<9x3xf32>
    %v2 = core.neg %v : tensor<3x3xf32>
    core.yield %j, %k, %v2 : tensor<i32>, tensor<9x3xf32>, tensor<3x3xf32>
  } : (tensor<i32>, tensor<9x3xf32>, tensor<3x3xf32>) -> (tensor<i32>, tensor<9x3xf32>, tensor<3x3xf32>)
  return %r#1 : tensor<9x3xf32>
}
