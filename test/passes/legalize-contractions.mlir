// RUN: lathe-opt --lathe-legalize-graph --split-input-file --verify-diagnostics %s | FileCheck %s

// Transposed operands are contracted along another dimension, not moved.
// CHECK-LABEL: func.func @main(
// CHECK-NEXT:  core.dot_general
// CHECK-SAME:    lhsContracting = array<i64: 0>
// CHECK-SAME:    rhsContracting = array<i64: 1>
// CHECK-SAME:    (tensor<3x2xf32>, tensor<4x3xf32>) -> tensor<2x4xf32>
gdef.graph @main(%x: tensor<3x2xf32> "x:0", %y: tensor<4x3xf32> "y:0") -> ("z:0") {
  %z, %0 = gdef.node "MatMul"(%x, %y) {transpose_a = true, transpose_b = true} : (tensor<3x2xf32>, tensor<4x3xf32>) -> tensor<*xf32>
  gdef.fetch %z : tensor<*xf32>
}

// -----

// One matrix for a whole batch makes one product.
// CHECK-LABEL: func.func @main(
// CHECK-NEXT:  core.dot_general
// CHECK-SAME:    lhsBatch = array<i64>, lhsContracting = array<i64: 2>
// CHECK-SAME:    (tensor<5x2x3xf32>, tensor<3x4xf32>) -> tensor<5x2x4xf32>
gdef.graph @main(%x: tensor<5x2x3xf32> "x:0", %y: tensor<3x4xf32> "y:0") -> ("z:0") {
  %z, %0 = gdef.node "BatchMatMulV2"(%x, %y) {} : (tensor<5x2x3xf32>, tensor<3x4xf32>) -> tensor<*xf32>
  gdef.fetch %z : tensor<*xf32>
}

// -----

gdef.graph @main(%x: tensor<3x2xf32> "x:0", %y: tensor<4x3xf32> "y:0") -> ("z:0") {
  // expected-error @+2 {{LTH0201: C1: dimension 1 of}}
  // expected-note @+1 {{}}
  %z, %0 = gdef.node "MatMul"(%x, %y) {} : (tensor<3x2xf32>, tensor<4x3xf32>) -> tensor<*xf32>
  gdef.fetch %z : tensor<*xf32>
}

// -----

// Attention's scores: batch and heads are kept, depth is contracted.
// CHECK-LABEL: func.func @main(
// CHECK-NEXT:  %[[Z:.*]] = core.dot_general
// CHECK-SAME:    lhsBatch = array<i64: 0, 2>, lhsContracting = array<i64: 3>, rhsBatch = array<i64: 0, 2>, rhsContracting = array<i64: 3>
// CHECK-SAME:    -> tensor<2x3x5x7xf32>
// CHECK-NEXT:  return %[[Z]]
gdef.graph @main(%x: tensor<2x5x3x4xf32> "x:0", %y: tensor<2x7x3x4xf32> "y:0") -> ("z:0") {
  %z, %0 = gdef.node "Einsum"(%x, %y) {equation = "BFNH,BTNH->BNFT"} : (tensor<2x5x3x4xf32>, tensor<2x7x3x4xf32>) -> tensor<*xf32>
  gdef.fetch %z : tensor<*xf32>
}

// -----

// A label twice in one operand is a diagonal.
gdef.graph @main(%x: tensor<3x3xf32> "x:0") -> ("z:0") {
  // expected-error @+2 {{LTH0207: an equation in which one operand has a label twice}}
  // expected-note @+1 {{}}
  %z, %0 = gdef.node "Einsum"(%x) {equation = "ii->i"} : (tensor<3x3xf32>) -> tensor<*xf32>
  gdef.fetch %z : tensor<*xf32>
}
