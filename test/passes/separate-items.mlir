// RUN: lathe-opt --lathe-separate-items --split-input-file %s | FileCheck %s
// Two bodies of an entry are compared; what is kept says whether items meet, and how many rows belong to each.

// Through a transpose, a product, a reshape that joins the batch with time, and back; with a constant that is the same for all.
// CHECK-LABEL: func.func @main.1
// CHECK-SAME: lathe.batch = {arguments = array<i64: 2, 0>, entry = "main", results = array<i64: 1, 0, 2>, separable, size = 1 : i64}
// CHECK-NOT: probe
func.func @main.1(%x: tensor<2x3xf32>, %w: tensor<3x4xf32>) -> (tensor<1x2xf32>, tensor<4xf32>, tensor<2x4xf32>) attributes {lathe.batch = {entry = "main", size = 1 : i64}} {
  %c = core.constant dense<0.0> : tensor<1x2xf32>
  %s = core.reduce add %w {dimensions = array<i64: 0>} : tensor<3x4xf32> -> tensor<4xf32>
  %d = core.constant dense<0.0> : tensor<2x4xf32>
  return %c, %s, %d : tensor<1x2xf32>, tensor<4xf32>, tensor<2x4xf32>
}
func.func @main.probe5(%x: tensor<10x3xf32>, %w: tensor<3x4xf32>) -> (tensor<5x2xf32>, tensor<4xf32>, tensor<10x4xf32>) attributes {lathe.batch = {entry = "main", size = 5 : i64, probe}} {
  %r = core.reshape %x : tensor<10x3xf32> -> tensor<5x2x3xf32>
  %t = core.transpose %r {permutation = array<i64: 1, 0, 2>} : tensor<5x2x3xf32> -> tensor<2x5x3xf32>
  %f = core.reshape %t : tensor<2x5x3xf32> -> tensor<10x3xf32>
  %p = core.dot_general %f, %w {lhsBatch = array<i64>, rhsBatch = array<i64>, lhsContracting = array<i64: 1>, rhsContracting = array<i64: 0>} : (tensor<10x3xf32>, tensor<3x4xf32>) -> tensor<10x4xf32>
  %u = core.reshape %p : tensor<10x4xf32> -> tensor<2x5x4xf32>
  %k = core.constant dense<[[[1.0], [1.0], [1.0], [1.0], [1.0]], [[2.0], [2.0], [2.0], [2.0], [2.0]]]> : tensor<2x5x1xf32>
  %b = core.broadcast %k {dimensions = array<i64: 0, 1, 2>} : tensor<2x5x1xf32> -> tensor<2x5x4xf32>
  %q = core.mul %u, %b : tensor<2x5x4xf32>
  %v = core.transpose %q {permutation = array<i64: 1, 0, 2>} : tensor<2x5x4xf32> -> tensor<5x2x4xf32>
  %m = core.reduce max %v {dimensions = array<i64: 2>} : tensor<5x2x4xf32> -> tensor<5x2xf32>
  %s = core.reduce add %w {dimensions = array<i64: 0>} : tensor<3x4xf32> -> tensor<4xf32>
  %d = core.reshape %v : tensor<5x2x4xf32> -> tensor<10x4xf32>
  return %m, %s, %d : tensor<5x2xf32>, tensor<4xf32>, tensor<10x4xf32>
}
func.func @main.probe7(%x: tensor<14x3xf32>, %w: tensor<3x4xf32>) -> (tensor<7x2xf32>, tensor<4xf32>, tensor<14x4xf32>) attributes {lathe.batch = {entry = "main", size = 7 : i64, probe}} {
  %r = core.reshape %x : tensor<14x3xf32> -> tensor<7x2x3xf32>
  %t = core.transpose %r {permutation = array<i64: 1, 0, 2>} : tensor<7x2x3xf32> -> tensor<2x7x3xf32>
  %f = core.reshape %t : tensor<2x7x3xf32> -> tensor<14x3xf32>
  %p = core.dot_general %f, %w {lhsBatch = array<i64>, rhsBatch = array<i64>, lhsContracting = array<i64: 1>, rhsContracting = array<i64: 0>} : (tensor<14x3xf32>, tensor<3x4xf32>) -> tensor<14x4xf32>
  %u = core.reshape %p : tensor<14x4xf32> -> tensor<2x7x4xf32>
  %k = core.constant dense<[[[1.0], [1.0], [1.0], [1.0], [1.0], [1.0], [1.0]], [[2.0], [2.0], [2.0], [2.0], [2.0], [2.0], [2.0]]]> : tensor<2x7x1xf32>
  %b = core.broadcast %k {dimensions = array<i64: 0, 1, 2>} : tensor<2x7x1xf32> -> tensor<2x7x4xf32>
  %q = core.mul %u, %b : tensor<2x7x4xf32>
  %v = core.transpose %q {permutation = array<i64: 1, 0, 2>} : tensor<2x7x4xf32> -> tensor<7x2x4xf32>
  %m = core.reduce max %v {dimensions = array<i64: 2>} : tensor<7x2x4xf32> -> tensor<7x2xf32>
  %s = core.reduce add %w {dimensions = array<i64: 0>} : tensor<3x4xf32> -> tensor<4xf32>
  %d = core.reshape %v : tensor<7x2x4xf32> -> tensor<14x4xf32>
  return %m, %s, %d : tensor<7x2xf32>, tensor<4xf32>, tensor<14x4xf32>
}

// -----

// A loop whose length is the same for all, carrying a state that begins as zeros.
// CHECK-LABEL: func.func @loop.1
// CHECK-SAME: separable
func.func @loop.1(%x: tensor<1x3xf32>) -> tensor<1x3xf32> attributes {lathe.batch = {entry = "loop", size = 1 : i64}} {
  return %x : tensor<1x3xf32>
}
func.func @loop.probe5(%x: tensor<5x3xf32>) -> tensor<5x3xf32> attributes {lathe.batch = {entry = "loop", size = 5 : i64, probe}} {
  %zero = core.constant dense<0> : tensor<i32>
  %one = core.constant dense<1> : tensor<i32>
  %four = core.constant dense<4> : tensor<i32>
  %state = core.constant dense<0.0> : tensor<5x3xf32>
  %n:2 = core.while(%zero, %state) cond {
  ^bb0(%i: tensor<i32>, %s: tensor<5x3xf32>):
    %p = core.compare lt %i, %four : tensor<i32>
    core.yield %p : tensor<i1>
  } do {
  ^bb0(%i: tensor<i32>, %s: tensor<5x3xf32>):
    %j = core.add %i, %one : tensor<i32>
    %t = core.add %s, %x : tensor<5x3xf32>
    core.yield %j, %t : tensor<i32>, tensor<5x3xf32>
  } : (tensor<i32>, tensor<5x3xf32>) -> (tensor<i32>, tensor<5x3xf32>)
  return %n#1 : tensor<5x3xf32>
}
func.func @loop.probe7(%x: tensor<7x3xf32>) -> tensor<7x3xf32> attributes {lathe.batch = {entry = "loop", size = 7 : i64, probe}} {
  %zero = core.constant dense<0> : tensor<i32>
  %one = core.constant dense<1> : tensor<i32>
  %four = core.constant dense<4> : tensor<i32>
  %state = core.constant dense<0.0> : tensor<7x3xf32>
  %n:2 = core.while(%zero, %state) cond {
  ^bb0(%i: tensor<i32>, %s: tensor<7x3xf32>):
    %p = core.compare lt %i, %four : tensor<i32>
    core.yield %p : tensor<i1>
  } do {
  ^bb0(%i: tensor<i32>, %s: tensor<7x3xf32>):
    %j = core.add %i, %one : tensor<i32>
    %t = core.add %s, %x : tensor<7x3xf32>
    core.yield %j, %t : tensor<i32>, tensor<7x3xf32>
  } : (tensor<i32>, tensor<7x3xf32>) -> (tensor<i32>, tensor<7x3xf32>)
  return %n#1 : tensor<7x3xf32>
}
