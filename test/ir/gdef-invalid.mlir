// RUN: lathe-opt %s --split-input-file --verify-diagnostics

// Graph C1: as many result names as fetched values.
// expected-error@+1 {{'gdef.graph' op number of result names must be 0, but got 1}}
gdef.graph @f() -> ("y:0") {
  gdef.fetch
}

// -----

// Graph C1: as many argument names as arguments.
// expected-error@+1 {{'gdef.graph' op number of argument names must be 1, but got 2}}
"gdef.graph"() <{sym_name = "f", arg_names = ["a", "b"], result_names = []}> ({
^bb0(%a: tensor<f32>):
  "gdef.fetch"() <{operandSegmentSizes = array<i32: 0, 0>}> : () -> ()
}) : () -> ()

// -----

// Graph C1: aliases likewise.
// expected-error@+1 {{'gdef.graph' op number of result aliases must be 0, but got 1}}
gdef.graph @f() -> () attributes {result_aliases = ["y"]} {
  gdef.fetch
}

// -----

// Graph C1: aliases likewise.
// expected-error@+1 {{'gdef.graph' op number of argument aliases must be 0, but got 1}}
gdef.graph @f() -> () attributes {arg_aliases = ["x"]} {
  gdef.fetch
}

// -----

// Graph C2
// expected-error@+1 {{'gdef.graph' op argument 0 must be a tensor of a TensorFlow element type, but got 'tensor<i7>'}}
gdef.graph @f(%x: tensor<i7> "x:0") -> () {
  gdef.fetch
}

// -----

// Graph C3
gdef.graph @f(%x: tensor<f32> "x:0") -> () {
  // expected-error@+1 {{block with no terminator}}
  %y, %c = gdef.node "Neg"(%x) {} : (tensor<f32>) -> tensor<f32>
}

// -----

gdef.graph @f() -> () {
  // Node C1
  // expected-error@+1 {{'gdef.node' op name of the operation must not be empty}}
  %c = gdef.node ""() {} : () -> ()
  gdef.fetch
}

// -----

gdef.graph @f() -> () {
  // Node C2
  // expected-error@+1 {{'gdef.node' op result #0 must be variadic of tensor of a TensorFlow element type, but got 'tensor<!gdef.control>'}}
  %y, %c = gdef.node "A"() {} : () -> tensor<!gdef.control>
  gdef.fetch
}

// -----

gdef.graph @f() -> () {
  // Node C3
  // expected-error@+1 {{'gdef.node' op attribute 'n' must be of a kind that a graph can hold, but got 1 : i32}}
  %c = gdef.node "A"() {n = 1 : i32} : () -> ()
  gdef.fetch
}

// -----

gdef.graph @f() -> () {
  // expected-error@+1 {{dimension must be at least 0, but got -3}}
  %c = gdef.node "A"() {s = #gdef.shape<[-3]>} : () -> ()
  gdef.fetch
}

// -----

// expected-error@+1 {{storage must be i8, ui8, i16, ui16 or i32, but got 'i64'}}
func.func private @f(tensor<!gdef.quantized<i64>>)

// -----

gdef.graph @f(%p: tensor<i1> "p:0", %x: tensor<i32> "x:0") -> () {
  // If C1
  // expected-error@+1 {{number of values that else yields must be 1, but got 0}}
  %y, %c = gdef.if %p {
    gdef.yield %x : tensor<i32>
  } else {
    gdef.yield
  } : tensor<i1> -> (tensor<i32>)
  gdef.fetch
}

// -----

gdef.graph @f(%p: tensor<i1> "p:0", %x: tensor<i32> "x:0") -> () {
  // If C1
  // expected-error@+1 {{element type of what then yields must be 'f32', but got 'i32'}}
  %y, %c = gdef.if %p {
    gdef.yield %x : tensor<i32>
  } else {
    gdef.yield %x : tensor<i32>
  } : tensor<i1> -> (tensor<f32>)
  gdef.fetch
}

// -----

gdef.graph @f(%p: tensor<i1> "p:0", %x: tensor<i32> "x:0") -> () {
  // While C1
  // expected-error@+1 {{number of region arguments must be 1, but got 0}}
  %y, %c = gdef.while(%x) cond {
    gdef.yield %p : tensor<i1>
  } do {
  ^bb0(%i: tensor<i32>):
    gdef.yield %i : tensor<i32>
  } : (tensor<i32>) -> (tensor<i32>)
  gdef.fetch
}

// -----

gdef.graph @f(%p: tensor<i1> "p:0", %x: tensor<i32> "x:0") -> () {
  // While C2
  // expected-error@+1 {{cond must end in gdef.yield of one value}}
  %y, %c = gdef.while(%x) cond {
  ^bb0(%i: tensor<i32>):
    gdef.yield
  } do {
  ^bb0(%i: tensor<i32>):
    gdef.yield %i : tensor<i32>
  } : (tensor<i32>) -> (tensor<i32>)
  gdef.fetch
}

// -----

// C4
// expected-error @+1 {{number of arguments and results must be at least that of variables, 1}}
gdef.graph @f() -> () attributes {variables = [@v]} {
  gdef.fetch
}
