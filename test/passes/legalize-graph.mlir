// RUN: lathe-opt --lathe-legalize-graph --split-input-file --verify-diagnostics %s | FileCheck %s
// RUN: not lathe-opt --lathe-legalize-graph=drop-checks=true --split-input-file %s 2>/dev/null | FileCheck %s --check-prefix=DROP
// What the pass does with graphs, whatever the operations: order, guards, names, and all problems at once.

// Nodes stand in any order; names are kept; what only watches is a check, or dropped with what only it reads.
// CHECK-LABEL: func.func @main(
// CHECK-SAME:    %[[X:.*]]: tensor<2xf32> {lathe.name = "x:0"}) -> (tensor<2xf32> {lathe.name = "z:0"})
// CHECK-NEXT:  %[[F:.*]] = core.is_finite %[[X]]
// CHECK-NEXT:  %[[P:.*]] = core.reduce and %[[F]]
// CHECK-NEXT:  core.check %[[P]], "the condition does not hold"
// CHECK-NEXT:  %[[Y:.*]] = core.mul %[[X]], %[[X]]
// CHECK-NEXT:  %[[Z:.*]] = core.neg %[[Y]]
// DROP-LABEL: func.func @main(
// DROP-NEXT:   core.mul
// CHECK-NEXT:  return %[[Z]]
// CHECK-NOT:   gdef
gdef.graph @main(%x: tensor<2xf32> "x:0") -> ("z:0") {
  %z, %0 = gdef.node "Neg"(%same) control(%assert) {} : (tensor<*xf32>) -> tensor<*xf32>
  %same, %1 = gdef.node "Identity"(%y) {} : (tensor<*xf32>) -> tensor<*xf32>
  %assert = gdef.node "Assert"(%all) {} : (tensor<*xi1>) -> ()
  %all, %2 = gdef.node "IsFinite"(%x) {} : (tensor<2xf32>) -> tensor<*xi1>
  %y, %3 = gdef.node "Square"(%x) {} : (tensor<2xf32>) -> tensor<*xf32>
  gdef.fetch %z : tensor<*xf32>
}

// -----

// Shapes that the graph computes are constants when they are asked for.
// CHECK-LABEL: func.func @main(
// CHECK-NEXT:  %[[Y:.*]] = core.reshape %{{.*}} : tensor<2x3xf32> -> tensor<3x2xf32>
// CHECK-NEXT:  return %[[Y]]
gdef.graph @main(%x: tensor<2x3xf32> "x:0") -> ("y:0") {
  %shape, %0 = gdef.node "Shape"(%x) {out_type = i32} : (tensor<2x3xf32>) -> tensor<2xi32>
  %axis, %1 = gdef.node "Const"() {value = dense<0> : tensor<1xi32>} : () -> tensor<1xi32>
  %turned, %2 = gdef.node "ReverseV2"(%shape, %axis) {} : (tensor<2xi32>, tensor<1xi32>) -> tensor<*xi32>
  %y, %3 = gdef.node "Reshape"(%x, %turned) {} : (tensor<2x3xf32>, tensor<*xi32>) -> tensor<*xf32>
  gdef.fetch %y : tensor<*xf32>
}

// -----

// Every problem is reported once; what only follows from another is not.
gdef.graph @main(%x: tensor<2xf32> "x:0", %n: tensor<1xi32> "n:0") -> ("y:0") {
  // expected-error @+2 {{LTH0107: operation 'Frobnicate' is not supported}}
  // expected-note @+1 {{}}
  %a, %0 = gdef.node "Frobnicate"(%x) {} : (tensor<2xf32>) -> tensor<*xf32>
  // expected-error @+2 {{LTH0203: the shape of a result depends on values}}
  // expected-note @+1 {{}}
  %b, %1 = gdef.node "CTCBeamSearchDecoder"(%x) {} : (tensor<2xf32>) -> tensor<*xf32>
  // expected-error @+2 {{LTH0205: random numbers depend on a generator's state}}
  // expected-note @+1 {{}}
  %c, %2 = gdef.node "StatefulUniform"(%n) {} : (tensor<1xi32>) -> tensor<*xf32>
  // expected-error @+2 {{LTH0202: operand 1 must be a constant, but is computed by a feed}}
  // expected-note @+1 {{make the result of a feed a constant of the graph}}
  %d, %3 = gdef.node "Reshape"(%x, %n) {} : (tensor<2xf32>, tensor<1xi32>) -> tensor<*xf32>
  %y, %4 = gdef.node "AddN"(%a, %b, %c, %d) {} : (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32>
  gdef.fetch %y : tensor<*xf32>
}

// -----

// Loops that were not raised are reported by node, and their circle does no harm.
gdef.graph @main(%x: tensor<f32> "x:0") -> ("y:0") {
  // expected-error @+2 {{LTH0204}}
  // expected-note @+1 {{}}
  %m:2, %0 = gdef.node "Merge"(%x, %next) {} : (tensor<f32>, tensor<f32>) -> (tensor<f32>, tensor<i32>)
  %s, %1 = gdef.node "Square"(%m#0) {} : (tensor<f32>) -> tensor<f32>
  // expected-error @+2 {{LTH0204}}
  // expected-note @+1 {{}}
  %next, %2 = gdef.node "NextIteration"(%s) {} : (tensor<f32>) -> tensor<f32>
  gdef.fetch %s : tensor<f32>
}

// -----

gdef.graph @main(%x: tensor<f32> "x:0") -> ("y:0") {
  // expected-error @+2 {{LTH0109: the node depends on its own result}}
  // expected-note @+1 {{}}
  %y, %0 = gdef.node "Add"(%x, %y) {} : (tensor<f32>, tensor<f32>) -> tensor<f32>
  gdef.fetch %y : tensor<f32>
}

// -----

// expected-error @+2 {{LTH0115: every dimension of a feed must be known, but its type is tensor<?xf32>}}
// expected-note @+1 {{give the shape: --shape NAME:1x2x3}}
gdef.graph @main(%x: tensor<?xf32> "x:0") -> ("y:0") {
  %y, %0 = gdef.node "Neg"(%x) {} : (tensor<?xf32>) -> tensor<?xf32>
  gdef.fetch %y : tensor<?xf32>
}
