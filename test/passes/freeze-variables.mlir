// RUN: lathe-opt --lathe-freeze-variables --split-input-file %s | FileCheck %s
// Reads of variables become constants, by handle and by reference; what waits for a read waits for what the read waited for.

// CHECK-LABEL: gdef.graph @main
// CHECK-NEXT:  %[[P:.*]] = gdef.node "NoOp"
// CHECK-NEXT:  %[[V:.*]], %[[VC:.*]] = gdef.node "Const"() control(%[[P]]) {dtype = f32, value = dense<[1.000000e+00, 2.000000e+00]> : tensor<2xf32>} : () -> tensor<2xf32>
// CHECK-NEXT:  gdef.node "Neg"(%[[V]]) control(%[[VC]]) {} : (tensor<2xf32>) -> tensor<*xf32>
// CHECK-NOT:   "VarHandleOp"
// CHECK-NOT:   resource
gdef.graph @main(%x: tensor<2xf32> "x:0") -> ("y:0", "s:0", "i:0") {
  %pivot = gdef.node "NoOp"() {} : () -> ()
  %v, %vc = gdef.node "ReadVariableOp"(%again) control(%pivot) {dtype = f32} : (tensor<*x!gdef.resource>) -> tensor<*xf32>
  %y, %yc = gdef.node "Neg"(%v) control(%vc) {} : (tensor<*xf32>) -> tensor<*xf32>
  // CHECK: gdef.node "Const"() {dtype = i64, value = dense<2> : tensor<1xi64>} : () -> tensor<1xi64>
  %s, %sc = gdef.node "VariableShape"(%w) {out_type = i64} : (tensor<*x!gdef.resource>) -> tensor<*xi64>
  // CHECK: gdef.node "Const"() {dtype = i1, value = dense<true> : tensor<i1>} : () -> tensor<i1>
  %i, %ic = gdef.node "VarIsInitializedOp"(%w) {} : (tensor<*x!gdef.resource>) -> tensor<*xi1>
  %again, %ac = gdef.node "Identity"(%w) {T = !gdef.resource} : (tensor<*x!gdef.resource>) -> tensor<*x!gdef.resource>
  %w, %wc = gdef.node "VarHandleOp"() {dtype = f32, value = dense<[1.0, 2.0]> : tensor<2xf32>} : () -> tensor<*x!gdef.resource>
  gdef.fetch %y, %s, %i : tensor<*xf32>, tensor<*xi64>, tensor<*xi1>
}

// -----

// Rows of a table, from the handle: first dimensions of a batch stay what they are.
// CHECK-LABEL: gdef.graph @main
// CHECK-DAG:   %[[T:.*]], %{{.*}} = gdef.node "Const"() {dtype = f32, value = dense<{{.*}}> : tensor<3x2xf32>}
// CHECK-DAG:   %[[A:.*]], %{{.*}} = gdef.node "Const"() {dtype = i32, value = dense<1> : tensor<i32>}
// CHECK:       gdef.node "GatherV2"(%[[T]], %{{.*}}, %[[A]]) {Taxis = i32, Tindices = i64, Tparams = f32, batch_dims = 1 : i64}
// CHECK:       gdef.node "GatherNd"(%{{.*}}, %{{.*}}) {Tindices = i64, Tparams = f32, bad_indices_policy = ""}
gdef.graph @main(%i: tensor<3x1xi64> "i:0") -> ("y:0", "z:0") {
  %w, %wc = gdef.node "VarHandleOp"() {dtype = f32, value = dense<[[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]> : tensor<3x2xf32>} : () -> tensor<*x!gdef.resource>
  %y, %yc = gdef.node "ResourceGather"(%w, %i) {batch_dims = 1 : i64, dtype = f32, Tindices = i64, validate_indices = true} : (tensor<*x!gdef.resource>, tensor<3x1xi64>) -> tensor<*xf32>
  %z, %zc = gdef.node "ResourceGatherNd"(%w, %i) {dtype = f32, Tindices = i64} : (tensor<*x!gdef.resource>, tensor<3x1xi64>) -> tensor<*xf32>
  gdef.fetch %y, %z : tensor<*xf32>, tensor<*xf32>
}

// -----

// A reference is read by whoever takes the value; a handle that nobody reads needs no value. Inside of branches too.
// CHECK-LABEL: gdef.graph @main
// CHECK-NEXT:  %[[W:.*]], %{{.*}} = gdef.node "Const"() {dtype = f32, value = dense<[3.000000e+00, 4.000000e+00]> : tensor<2xf32>} : () -> tensor<2xf32>
// CHECK-NEXT:  %[[R:.*]], %{{.*}} = gdef.node "Identity"(%[[W]]) {T = f32}
// CHECK-NEXT:  gdef.node "Add"(%[[R]], %[[W]])
// CHECK-NOT:   "VarHandleOp"
// CHECK:       gdef.if
// CHECK-NEXT:  %[[V:.*]], %{{.*}} = gdef.node "Const"() {dtype = f32, value = dense<[5.000000e+00, 6.000000e+00]>
// CHECK-NEXT:  gdef.yield %[[V]]
gdef.graph @main(%p: tensor<i1> "p:0") -> ("y:0", "z:0") {
  %w, %wc = gdef.node "VariableV2"() {dtype = f32, value = dense<[3.0, 4.0]> : tensor<2xf32>} : () -> tensor<*xf32>
  %r, %rc = gdef.node "RefIdentity"(%w) {T = f32, _references = [0]} : (tensor<*xf32>) -> tensor<*xf32>
  %y, %yc = gdef.node "Add"(%r, %w) {} : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32>
  %unused, %uc = gdef.node "VarHandleOp"() {dtype = f32} : () -> tensor<*x!gdef.resource>
  %h, %hc = gdef.node "VarHandleOp"() {dtype = f32, value = dense<[5.0, 6.0]> : tensor<2xf32>} : () -> tensor<*x!gdef.resource>
  %z, %zc = gdef.if %p {
    %v, %vc = gdef.node "ReadVariableOp"(%h) {dtype = f32} : (tensor<*x!gdef.resource>) -> tensor<*xf32>
    gdef.yield %v : tensor<*xf32>
  } else {
    gdef.yield %y : tensor<*xf32>
  } : tensor<i1> -> (tensor<*xf32>)
  gdef.fetch %y, %z : tensor<*xf32>, tensor<*xf32>
}

// -----

// In a loop the handle is read from around it.
// CHECK-LABEL: gdef.graph @main
// CHECK-NOT:   "VarHandleOp"
// CHECK:       gdef.while
// CHECK:       do {
// CHECK:       %[[V:.*]], %{{.*}} = gdef.node "Const"() {dtype = f32, value = dense<7.000000e+00> : tensor<f32>}
// CHECK-NEXT:  gdef.node "Add"(%{{.*}}, %[[V]])
gdef.graph @main(%x: tensor<f32> "x:0") -> ("y:0") {
  %h, %hc = gdef.node "VarHandleOp"() {dtype = f32, value = dense<7.0> : tensor<f32>} : () -> tensor<*x!gdef.resource>
  %y, %yc = gdef.while (%x) cond {
  ^bb0(%a: tensor<*xf32>):
    gdef.yield %a : tensor<*xf32>
  } do {
  ^bb0(%a: tensor<*xf32>):
    %v, %vc = gdef.node "ReadVariableOp"(%h) {dtype = f32} : (tensor<*x!gdef.resource>) -> tensor<*xf32>
    %b, %bc = gdef.node "Add"(%a, %v) {} : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32>
    gdef.yield %b control(%vc) : tensor<*xf32>
  } : (tensor<f32>) -> (tensor<*xf32>)
  gdef.fetch %y : tensor<*xf32>
}
