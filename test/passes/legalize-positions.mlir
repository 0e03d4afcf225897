// RUN: lathe-opt --lathe-legalize-graph --split-input-file --verify-diagnostics %s | FileCheck %s

// A value on a boundary lies behind it; NaN behind all.
// CHECK-LABEL: func.func @main
// CHECK-DAG: %[[B:.*]] = core.constant dense<[0, 1, 2, 3]> : tensor<4xi32>
// CHECK-DAG: %[[L:.*]] = core.constant dense<{{\[\[}}0, 1], [3, 0]]> : tensor<2x2xi64>
// CHECK-DAG: %[[U:.*]] = core.constant dense<{{\[\[}}0, 3], [3, 1]]> : tensor<2x2xi32>
// CHECK: return %[[B]], %[[L]], %[[U]]
gdef.graph @main() -> ("b:0", "l:0", "u:0") {
  %x, %0 = gdef.node "Const"() {value = dense<[-1.5, -1.0, 3.0, 0x7FC00000]> : tensor<4xf32>} : () -> tensor<4xf32>
  %b, %1 = gdef.node "Bucketize"(%x) {boundaries = [-1.0 : f32, 2.5 : f32, 9.0 : f32]} : (tensor<4xf32>) -> tensor<*xi32>
  %s, %2 = gdef.node "Const"() {value = dense<[[1, 2, 2], [4, 5, 6]]> : tensor<2x3xi32>} : () -> tensor<2x3xi32>
  %v, %3 = gdef.node "Const"() {value = dense<[[0, 2], [9, 4]]> : tensor<2x2xi32>} : () -> tensor<2x2xi32>
  %l, %4 = gdef.node "LowerBound"(%s, %v) {out_type = i64} : (tensor<2x3xi32>, tensor<2x2xi32>) -> tensor<*xi64>
  %u, %5 = gdef.node "UpperBound"(%s, %v) {} : (tensor<2x3xi32>, tensor<2x2xi32>) -> tensor<*xi32>
  gdef.fetch %b, %l, %u : tensor<*xi32>, tensor<*xi64>, tensor<*xi32>
}

// -----

// CHECK-LABEL: func.func @main
// CHECK-DAG: %[[O:.*]] = core.constant dense<[0, 8, 0]> : tensor<3xi32>
// CHECK-DAG: %[[P:.*]] = core.constant dense<[7, 10, 8, 9]> : tensor<4xi32>
// CHECK-DAG: %[[M:.*]] = core.constant dense<[1, 2]> : tensor<2xi32>
// CHECK-DAG: %[[I:.*]] = core.constant dense<{{\[\[}}0, 2], [1, 3], [2, 4]]> : tensor<3x2xi32>
// CHECK: return %[[O]], %[[P]], %[[M]], %[[I]]
gdef.graph @main() -> ("o:0", "p:0", "m:0", "i:0") {
  %axis, %0 = gdef.node "Const"() {value = dense<-2> : tensor<i32>} : () -> tensor<i32>
  %s, %1 = gdef.node "Const"() {value = dense<[2, 3, 4]> : tensor<3xi32>} : () -> tensor<3xi32>
  %t, %2 = gdef.node "Const"() {value = dense<[2, 5, 4]> : tensor<3xi32>} : () -> tensor<3xi32>
  %o:3, %3 = gdef.node "ConcatOffset"(%axis, %s, %t, %s) {} : (tensor<i32>, tensor<3xi32>, tensor<3xi32>, tensor<3xi32>) -> (tensor<*xi32>, tensor<*xi32>, tensor<*xi32>)
  %rows, %4 = gdef.node "Const"() {value = dense<[7, 8, 9, 10]> : tensor<4xi32>} : () -> tensor<4xi32>
  %p, %5 = gdef.node "DataFormatVecPermute"(%rows) {} : (tensor<4xi32>) -> tensor<*xi32>
  %dims, %6 = gdef.node "Const"() {value = dense<[-1, -3]> : tensor<2xi32>} : () -> tensor<2xi32>
  %m, %7 = gdef.node "DataFormatDimMap"(%dims) {} : (tensor<2xi32>) -> tensor<*xi32>
  %n, %8 = gdef.node "Const"() {value = dense<[7, 59]> : tensor<2xi32>} : () -> tensor<2xi32>
  %sizes, %9 = gdef.node "Const"() {value = dense<[3, 4, 5]> : tensor<3xi32>} : () -> tensor<3xi32>
  %i, %10 = gdef.node "UnravelIndex"(%n, %sizes) {} : (tensor<2xi32>, tensor<3xi32>) -> tensor<*xi32>
  gdef.fetch %o#2, %p, %m, %i : tensor<*xi32>, tensor<*xi32>, tensor<*xi32>, tensor<*xi32>
}

// -----

// CHECK-LABEL: func.func @main
// CHECK-DAG: %[[S:.*]] = core.constant dense<[0, 3, 3, 6]> : tensor<4xi64>
// CHECK-DAG: %[[V:.*]] = core.constant dense<[2, 3, 4, 9, 6, 3]> : tensor<6xi32>
// CHECK: return %[[S]], %[[V]]
gdef.graph @main() -> ("s:0", "v:0") {
  %start, %0 = gdef.node "Const"() {value = dense<[2, 5, 9]> : tensor<3xi32>} : () -> tensor<3xi32>
  %limit, %1 = gdef.node "Const"() {value = dense<[5, 5, 2]> : tensor<3xi32>} : () -> tensor<3xi32>
  %step, %2 = gdef.node "Const"() {value = dense<[1, 2, -3]> : tensor<3xi32>} : () -> tensor<3xi32>
  %r:2, %3 = gdef.node "RaggedRange"(%start, %limit, %step) {} : (tensor<3xi32>, tensor<3xi32>, tensor<3xi32>) -> (tensor<*xi64>, tensor<*xi32>)
  gdef.fetch %r#0, %r#1 : tensor<*xi64>, tensor<*xi32>
}

// -----

gdef.graph @main(%x: tensor<3xi32> "x:0", %i: tensor<2x1xi64> "i:0", %v: tensor<2xf32> "v:0", %b: tensor<3x2xf32> "b:0") -> ("p:0", "m:0", "s:0") {
  // expected-error @+2 {{LTH0201: formats 'NHWC' and 'NCHW' must name the same dimensions, one for each of 3 rows}}
  // expected-note @+1 {{}}
  %p, %0 = gdef.node "DataFormatVecPermute"(%x) {} : (tensor<3xi32>) -> tensor<*xi32>
  // expected-error @+2 {{LTH0201: formats 'NHWC' and 'NCDW' must name the same dimensions}}
  // expected-note @+1 {{}}
  %m, %1 = gdef.node "DataFormatDimMap"(%x) {dst_format = "NCDW"} : (tensor<3xi32>) -> tensor<*xi32>
  %shape, %2 = gdef.node "Const"() {value = dense<[3, 2]> : tensor<2xi64>} : () -> tensor<2xi64>
  // expected-error @+2 {{LTH0201: indices must be a matrix with a column for each of the 2 dimensions}}
  // expected-note @+1 {{}}
  %s, %3 = gdef.node "SparseTensorDenseAdd"(%i, %v, %shape, %b) {} : (tensor<2x1xi64>, tensor<2xf32>, tensor<2xi64>, tensor<3x2xf32>) -> tensor<*xf32>
  gdef.fetch %p, %m, %s : tensor<*xi32>, tensor<*xi32>, tensor<*xf32>
}
