// RUN: lathe-opt --lathe-separate-items --split-input-file --verify-diagnostics %s
// Where items meet, and no sizes were asked for, the report names the node.

// A sum over all items.
// expected-error @+2 {{LTH0209: entry 'main' has no fixed batch size, and its items meet in node 'sum' (Sum), which result 'y' depends on}}
// expected-note @+1 {{name the sizes to compile for: --specialize N=1,8}}
func.func @main.probe5(%x: tensor<5x3xf32>) -> (tensor<5x3xf32> {lathe.name = "y"}) attributes {lathe.batch = {entry = "main", size = 5 : i64, probe}} {
  %r = core.reduce add %x {dimensions = array<i64: 0>} : tensor<5x3xf32> -> tensor<3xf32> loc("sum"("Sum"))
  %y = core.broadcast %r {dimensions = array<i64: 1>} : tensor<3xf32> -> tensor<5x3xf32>
  return %y : tensor<5x3xf32>
}
func.func @main.probe7(%x: tensor<7x3xf32>) -> (tensor<7x3xf32> {lathe.name = "y"}) attributes {lathe.batch = {entry = "main", size = 7 : i64, probe}} {
  %r = core.reduce add %x {dimensions = array<i64: 0>} : tensor<7x3xf32> -> tensor<3xf32> loc("sum"("Sum"))
  %y = core.broadcast %r {dimensions = array<i64: 1>} : tensor<3xf32> -> tensor<7x3xf32>
  return %y : tensor<7x3xf32>
}

// -----

// A number that is that of the items.
// expected-error @+2 {{LTH0209: entry 'main' has no fixed batch size, and its items meet in node 'size' (Const)}}
// expected-note @+1 {{name the sizes to compile for: --specialize N=1,8}}
func.func @main.probe5(%x: tensor<5x3xf32>) -> (tensor<5x3xf32> {lathe.name = "y"}) attributes {lathe.batch = {entry = "main", size = 5 : i64, probe}} {
  %c = core.constant dense<5.0> : tensor<f32> loc("size"("Const"))
  %b = core.broadcast %c {dimensions = array<i64>} : tensor<f32> -> tensor<5x3xf32>
  %y = core.mul %x, %b : tensor<5x3xf32>
  return %y : tensor<5x3xf32>
}
func.func @main.probe7(%x: tensor<7x3xf32>) -> (tensor<7x3xf32> {lathe.name = "y"}) attributes {lathe.batch = {entry = "main", size = 7 : i64, probe}} {
  %c = core.constant dense<7.0> : tensor<f32> loc("size"("Const"))
  %b = core.broadcast %c {dimensions = array<i64>} : tensor<f32> -> tensor<7x3xf32>
  %y = core.mul %x, %b : tensor<7x3xf32>
  return %y : tensor<7x3xf32>
}

// -----

// The place of an item.
// expected-error @+2 {{LTH0209: entry 'main' has no fixed batch size, and its items meet in node 'place' (Range)}}
// expected-note @+1 {{name the sizes to compile for: --specialize N=1,8}}
func.func @main.probe5(%x: tensor<5x3xf32>) -> (tensor<5x3xf32> {lathe.name = "y"}) attributes {lathe.batch = {entry = "main", size = 5 : i64, probe}} {
  %c = core.iota {dimension = 0} : tensor<5x3xf32> loc("place"("Range"))
  %y = core.mul %x, %c : tensor<5x3xf32>
  return %y : tensor<5x3xf32>
}
func.func @main.probe7(%x: tensor<7x3xf32>) -> (tensor<7x3xf32> {lathe.name = "y"}) attributes {lathe.batch = {entry = "main", size = 7 : i64, probe}} {
  %c = core.iota {dimension = 0} : tensor<7x3xf32> loc("place"("Range"))
  %y = core.mul %x, %c : tensor<7x3xf32>
  return %y : tensor<7x3xf32>
}

// -----

// Rows in another order.
// expected-error @+2 {{LTH0209: entry 'main' has no fixed batch size, and its items meet in node 'turn' (Reverse)}}
// expected-note @+1 {{name the sizes to compile for: --specialize N=1,8}}
func.func @main.probe5(%x: tensor<5x3xf32>) -> (tensor<5x3xf32> {lathe.name = "y"}) attributes {lathe.batch = {entry = "main", size = 5 : i64, probe}} {
  %y = core.reverse %x {dimensions = array<i64: 0>} : tensor<5x3xf32> loc("turn"("Reverse"))
  return %y : tensor<5x3xf32>
}
func.func @main.probe7(%x: tensor<7x3xf32>) -> (tensor<7x3xf32> {lathe.name = "y"}) attributes {lathe.batch = {entry = "main", size = 7 : i64, probe}} {
  %y = core.reverse %x {dimensions = array<i64: 0>} : tensor<7x3xf32> loc("turn"("Reverse"))
  return %y : tensor<7x3xf32>
}

// -----

// A loop that ends when all items say so.
// expected-error @+2 {{LTH0209: entry 'main' has no fixed batch size, and its items meet in node 'most' (Max)}}
// expected-note @+1 {{name the sizes to compile for: --specialize N=1,8}}
func.func @main.probe5(%x: tensor<5x3xf32>) -> (tensor<5x3xf32> {lathe.name = "y"}) attributes {lathe.batch = {entry = "main", size = 5 : i64, probe}} {
  %y = core.while(%x) cond {
  ^bb0(%s: tensor<5x3xf32>):
    %m = core.reduce max %s {dimensions = array<i64: 0, 1>} : tensor<5x3xf32> -> tensor<f32> loc("most"("Max"))
    %one = core.constant dense<1.0> : tensor<f32>
    %p = core.compare lt %m, %one : tensor<f32>
    core.yield %p : tensor<i1>
  } do {
  ^bb0(%s: tensor<5x3xf32>):
    %t = core.add %s, %s : tensor<5x3xf32>
    core.yield %t : tensor<5x3xf32>
  } : (tensor<5x3xf32>) -> tensor<5x3xf32>
  return %y : tensor<5x3xf32>
}
func.func @main.probe7(%x: tensor<7x3xf32>) -> (tensor<7x3xf32> {lathe.name = "y"}) attributes {lathe.batch = {entry = "main", size = 7 : i64, probe}} {
  %y = core.while(%x) cond {
  ^bb0(%s: tensor<7x3xf32>):
    %m = core.reduce max %s {dimensions = array<i64: 0, 1>} : tensor<7x3xf32> -> tensor<f32> loc("most"("Max"))
    %one = core.constant dense<1.0> : tensor<f32>
    %p = core.compare lt %m, %one : tensor<f32>
    core.yield %p : tensor<i1>
  } do {
  ^bb0(%s: tensor<7x3xf32>):
    %t = core.add %s, %s : tensor<7x3xf32>
    core.yield %t : tensor<7x3xf32>
  } : (tensor<7x3xf32>) -> tensor<7x3xf32>
  return %y : tensor<7x3xf32>
}

// -----

// Every other computation.
// expected-error @+2 {{LTH0209: entry 'main' has no fixed batch size, and its items meet in node 'one' (Neg)}}
// expected-note @+1 {{name the sizes to compile for: --specialize N=1,8}}
func.func @main.probe5(%x: tensor<5x3xf32>) -> (tensor<5x3xf32> {lathe.name = "y"}) attributes {lathe.batch = {entry = "main", size = 5 : i64, probe}} {
  %y = core.neg %x : tensor<5x3xf32> loc("one"("Neg"))
  return %y : tensor<5x3xf32>
}
func.func @main.probe7(%x: tensor<7x3xf32>) -> (tensor<7x3xf32> {lathe.name = "y"}) attributes {lathe.batch = {entry = "main", size = 7 : i64, probe}} {
  %y = core.abs %x : tensor<7x3xf32>
  return %y : tensor<7x3xf32>
}
