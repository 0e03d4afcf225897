// RUN: lathe-opt --lathe-legalize-graph --split-input-file --verify-diagnostics %s | FileCheck %s

gdef.graph @main(%x: tensor<2x3xf32> "x:0", %axes: tensor<1xi32> "axes:0") -> ("y:0") {
  // expected-error @+2 {{LTH0202: operand 1 must be a constant, but is computed by node 'twice'}}
  // expected-note @+1 {{make the result of node 'twice' a constant of the graph}}
  %y, %1 = gdef.node "Sum"(%x, %twice) {keep_dims = false} : (tensor<2x3xf32>, tensor<*xi32>) -> tensor<*xf32>
  %twice, %0 = gdef.node "AddV2"(%axes, %axes) {} : (tensor<1xi32>, tensor<1xi32>) -> tensor<*xi32> loc("twice"("AddV2"))
  gdef.fetch %y : tensor<*xf32>
}

// -----

gdef.graph @main(%x: tensor<2x3xf32> "x:0") -> ("y:0") {
  %axis, %0 = gdef.node "Const"() {value = dense<2> : tensor<i32>} : () -> tensor<i32>
  // expected-error @+2 {{LTH0201: axis must be in [-2, 2), but got 2}}
  // expected-note @+1 {{}}
  %y, %1 = gdef.node "Max"(%x, %axis) {keep_dims = false} : (tensor<2x3xf32>, tensor<i32>) -> tensor<*xf32>
  gdef.fetch %y : tensor<*xf32>
}

// -----

// CHECK-LABEL: func.func @main(
// CHECK:       core.reduce add %{{.*}} {dimensions = array<i64: 1>} : tensor<2x3xf32> -> tensor<2xf32>
// CHECK:       core.reshape %{{.*}} : tensor<2xf32> -> tensor<2x1xf32>
// CHECK:       core.div
gdef.graph @main(%x: tensor<2x3xf32> "x:0") -> ("y:0") {
  %axis, %0 = gdef.node "Const"() {value = dense<-1> : tensor<i32>} : () -> tensor<i32>
  %y, %1 = gdef.node "Mean"(%x, %axis) {keep_dims = true} : (tensor<2x3xf32>, tensor<i32>) -> tensor<*xf32>
  gdef.fetch %y : tensor<*xf32>
}

// -----

// x[..., ::-2, None, 1] with the last two dimensions' places in one list.
// CHECK-LABEL: func.func @main(
// CHECK:       core.slice %{{.*}} {sizes = array<i64: 2, 3, 1>, starts = array<i64: 0, 0, 1>, strides = array<i64: 1, 2, 1>}
// CHECK:       core.reverse %{{.*}} {dimensions = array<i64: 1>} : tensor<2x3x1xf32>
gdef.graph @main(%x: tensor<2x5x4xf32> "x:0") -> ("y:0") {
  %begin, %0 = gdef.node "Const"() {value = dense<[0, 0, 0, 1]> : tensor<4xi32>} : () -> tensor<4xi32>
  %end, %1 = gdef.node "Const"() {value = dense<[0, 0, 0, 2]> : tensor<4xi32>} : () -> tensor<4xi32>
  %step, %2 = gdef.node "Const"() {value = dense<[1, -2, 1, 1]> : tensor<4xi32>} : () -> tensor<4xi32>
  %y, %3 = gdef.node "StridedSlice"(%x, %begin, %end, %step)
      {ellipsis_mask = 1, begin_mask = 2, end_mask = 2, new_axis_mask = 4, shrink_axis_mask = 8}
      : (tensor<2x5x4xf32>, tensor<4xi32>, tensor<4xi32>, tensor<4xi32>) -> tensor<*xf32>
  gdef.fetch %y : tensor<*xf32>
}

// -----

// One element at a place known at run time; negative places count from the end.
// CHECK-LABEL: func.func @main(
// CHECK:       core.dynamic_slice %{{.*}} {sizes = array<i64: 1, 4>} : (tensor<5x4xf32>, tensor<2xi32>) -> tensor<1x4xf32>
// CHECK:       core.reshape %{{.*}} : tensor<1x4xf32> -> tensor<4xf32>
gdef.graph @main(%x: tensor<5x4xf32> "x:0", %i: tensor<1xi32> "i:0") -> ("y:0") {
  %one, %0 = gdef.node "Const"() {value = dense<1> : tensor<1xi32>} : () -> tensor<1xi32>
  %end, %1 = gdef.node "AddV2"(%i, %one) {} : (tensor<1xi32>, tensor<1xi32>) -> tensor<1xi32>
  %y, %2 = gdef.node "StridedSlice"(%x, %i, %end, %one) {shrink_axis_mask = 1}
      : (tensor<5x4xf32>, tensor<1xi32>, tensor<1xi32>, tensor<1xi32>) -> tensor<*xf32>
  gdef.fetch %y : tensor<*xf32>
}
