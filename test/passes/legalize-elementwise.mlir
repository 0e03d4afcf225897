// RUN: lathe-opt --lathe-legalize-graph --split-input-file --verify-diagnostics %s | FileCheck %s

// Operands broadcast as numpy does.
// CHECK-LABEL: func.func @main(
// CHECK-SAME:    %[[X:.*]]: tensor<2x3xf32> {{.*}}, %[[Y:.*]]: tensor<3xf32> {{.*}})
// CHECK:       %[[B:.*]] = core.broadcast %[[Y]] {dimensions = array<i64: 1>} : tensor<3xf32> -> tensor<2x3xf32>
// CHECK:       core.add %[[X]], %[[B]]
gdef.graph @main(%x: tensor<2x3xf32> "x:0", %y: tensor<3xf32> "y:0") -> ("z:0") {
  %z, %0 = gdef.node "AddV2"(%x, %y) {} : (tensor<2x3xf32>, tensor<3xf32>) -> tensor<*xf32>
  gdef.fetch %z : tensor<*xf32>
}

// -----

gdef.graph @main(%x: tensor<2x3xf32> "x:0", %y: tensor<2xf32> "y:0") -> ("z:0") {
  // expected-error @+2 {{LTH0201: shapes [2, 3] and [2] do not broadcast to one}}
  // expected-note @+1 {{}}
  %z, %0 = gdef.node "AddV2"(%x, %y) {} : (tensor<2x3xf32>, tensor<2xf32>) -> tensor<*xf32>
  gdef.fetch %z : tensor<*xf32>
}

// -----

// Integers are rounded already.
// CHECK-LABEL: func.func @main(
// CHECK-SAME:    %[[X:.*]]: tensor<2xi32>
// CHECK-NEXT:  return %[[X]]
gdef.graph @main(%x: tensor<2xi32> "x:0") -> ("y:0") {
  %y, %0 = gdef.node "Round"(%x) {} : (tensor<2xi32>) -> tensor<*xi32>
  gdef.fetch %y : tensor<*xi32>
}

// -----

// Integer division truncates in core and takes the floor in TensorFlow.
// CHECK-LABEL: func.func @main(
// CHECK-NEXT:  %[[C:.*]] = core.constant dense<[-4, -4, 3]> : tensor<3xi32>
// CHECK-NEXT:  return %[[C]]
gdef.graph @main() -> ("z:0") {
  %x, %0 = gdef.node "Const"() {value = dense<[-7, 7, 7]> : tensor<3xi32>} : () -> tensor<3xi32>
  %y, %1 = gdef.node "Const"() {value = dense<[2, -2, 2]> : tensor<3xi32>} : () -> tensor<3xi32>
  %z, %2 = gdef.node "FloorDiv"(%x, %y) {} : (tensor<3xi32>, tensor<3xi32>) -> tensor<*xi32>
  gdef.fetch %z : tensor<*xi32>
}

// -----

// A predicate that is a vector selects rows in the first version.
// CHECK-LABEL: func.func @main(
// CHECK-SAME:    %[[P:.*]]: tensor<2xi1>
// CHECK:       core.broadcast %{{.*}} {dimensions = array<i64: 0, 1>} : tensor<2x1xi1> -> tensor<2x3xi1>
gdef.graph @main(%p: tensor<2xi1> "p:0", %x: tensor<2x3xf32> "x:0", %y: tensor<2x3xf32> "y:0") -> ("z:0") {
  %z, %0 = gdef.node "Select"(%p, %x, %y) {} : (tensor<2xi1>, tensor<2x3xf32>, tensor<2x3xf32>) -> tensor<*xf32>
  gdef.fetch %z : tensor<*xf32>
}
