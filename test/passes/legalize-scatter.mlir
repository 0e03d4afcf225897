// RUN: lathe-opt --lathe-legalize-graph=drop-checks=true --split-input-file --verify-diagnostics %s | FileCheck %s

// Rows of a value are combined with others: that makes another value.
// CHECK-LABEL: func.func @main(
// CHECK-SAME:    %[[I:.*]]: tensor<2xi32> {{.*}}, %[[U:.*]]: tensor<2x3xf32>
// CHECK-NEXT:  %[[V:.*]] = core.constant dense<1.000000e+00> : tensor<4x3xf32>
// CHECK-NEXT:  %[[Y:.*]] = core.scatter add %[[V]], %[[I]], %[[U]]
// CHECK-NEXT:  return %[[Y]]
gdef.graph @main(%i: tensor<2xi32> "i:0", %u: tensor<2x3xf32> "u:0") -> ("y:0") {
  %v, %0 = gdef.node "Const"() {value = dense<1.0> : tensor<4x3xf32>} : () -> tensor<4x3xf32>
  %y, %1 = gdef.node "ScatterAdd"(%v, %i, %u) {} : (tensor<4x3xf32>, tensor<2xi32>, tensor<2x3xf32>) -> tensor<*xf32>
  gdef.fetch %y : tensor<*xf32>
}

// -----

// Index tuples become indices of one flat dimension; -1 where one lies outside.
// CHECK-LABEL: func.func @main(
// CHECK-NEXT:  %[[C:.*]] = core.constant dense<[12, 0, 5]> : tensor<3xi32>
// CHECK-NEXT:  return %[[C]]
gdef.graph @main() -> ("y:0") {
  %x, %0 = gdef.node "Const"() {value = dense<[[0, 1, 2], [10, 11, 12], [5, 6, 7]]> : tensor<3x3xi32>} : () -> tensor<3x3xi32>
  %i, %1 = gdef.node "Const"() {value = dense<[[1, 2], [0, 0], [2, 0]]> : tensor<3x2xi32>} : () -> tensor<3x2xi32>
  %y, %2 = gdef.node "GatherNd"(%x, %i) {} : (tensor<3x3xi32>, tensor<3x2xi32>) -> tensor<*xi32>
  gdef.fetch %y : tensor<*xi32>
}

// -----

// The number of segments is the last one's, which must be known.
gdef.graph @main(%x: tensor<4x2xf32> "x:0", %ids: tensor<4xi32> "ids:0") -> ("y:0") {
  // expected-error @+2 {{LTH0202: operand 1 must be a constant, but is computed by a feed}}
  // expected-note @+1 {{}}
  %y, %0 = gdef.node "SegmentSum"(%x, %ids) {} : (tensor<4x2xf32>, tensor<4xi32>) -> tensor<*xf32>
  gdef.fetch %y : tensor<*xf32>
}
