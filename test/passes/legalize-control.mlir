// Branches, loops and lists become core.if, core.while and tensors with the elements along the first dimension.
// RUN: lathe-opt %s --pass-pipeline='builtin.module(lathe-legalize-graph,func.func(canonicalize))' --split-input-file | FileCheck %s

// A list without a shape takes the one that the loop's body gives it; what does not change is not carried.
// CHECK-LABEL: func.func @main
gdef.graph @main(%x: tensor<2xf32> "x:0", %n: tensor<i32> "n:0") -> ("y:0", "n:1") {
  // CHECK-DAG: %[[LIST:.*]] = core.constant dense<0.000000e+00> : tensor<5x2xf32>
  %unknown, %c0 = gdef.node "Const"() {value = dense<-1> : tensor<i32>, dtype = i32} : () -> tensor<i32>
  %zero, %c1 = gdef.node "Const"() {value = dense<0> : tensor<i32>, dtype = i32} : () -> tensor<i32>
  %one, %c2 = gdef.node "Const"() {value = dense<1> : tensor<i32>, dtype = i32} : () -> tensor<i32>
  %five, %c3 = gdef.node "Const"() {value = dense<5> : tensor<i32>, dtype = i32} : () -> tensor<i32>
  %list, %c4 = gdef.node "TensorListReserve"(%unknown, %five) {element_dtype = f32, shape_type = i32} : (tensor<i32>, tensor<i32>) -> tensor<!gdef.variant>
  // CHECK: core.while(%{{.*}}, %[[LIST]], %arg0) cond {
  // CHECK-NEXT: ^bb0(%[[I:[^:]*]]: tensor<i32>, %{{.*}}: tensor<5x2xf32>, %{{.*}}: tensor<2xf32>):
  // CHECK-NEXT: %[[P:.*]] = core.compare lt %[[I]], %arg1
  // CHECK-NEXT: core.yield %[[P]] : tensor<i1>
  // CHECK: } do {
  // CHECK-NEXT: ^bb0(%[[I:[^:]*]]: tensor<i32>, %[[L:[^:]*]]: tensor<5x2xf32>, %[[V:[^:]*]]: tensor<2xf32>):
  // CHECK-DAG: %[[W:.*]] = core.exp %[[V]]
  // CHECK-DAG: %[[AT:.*]] = core.reshape %[[I]] : tensor<i32> -> tensor<1xi32>
  // CHECK-DAG: %[[ROW:.*]] = core.reshape %[[W]] : tensor<2xf32> -> tensor<1x2xf32>
  // CHECK-DAG: %[[M:.*]] = core.scatter set %[[L]], %[[AT]], %[[ROW]]
  // CHECK: core.yield %{{.*}}, %[[M]], %[[W]]
  %r:5, %c5 = gdef.while(%zero, %list, %x, %n, %x) cond {
  ^bb0(%i: tensor<*xi32>, %l: tensor<!gdef.variant>, %v: tensor<*xf32>, %k: tensor<*xi32>, %unused: tensor<*xf32>):
    %p, %c6 = gdef.node "Less"(%i, %k) {T = i32} : (tensor<*xi32>, tensor<*xi32>) -> tensor<*xi1>
    gdef.yield %p : tensor<*xi1>
  } do {
  ^bb0(%i: tensor<*xi32>, %l: tensor<!gdef.variant>, %v: tensor<*xf32>, %k: tensor<*xi32>, %unused: tensor<*xf32>):
    %w, %c7 = gdef.node "Exp"(%v) {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
    %m, %c8 = gdef.node "TensorListSetItem"(%l, %i, %w) {element_dtype = f32} : (tensor<!gdef.variant>, tensor<*xi32>, tensor<*xf32>) -> tensor<!gdef.variant>
    %j, %c9 = gdef.node "AddV2"(%i, %one) {T = i32} : (tensor<*xi32>, tensor<i32>) -> tensor<*xi32>
    // An operation that is not supported, for a value that nobody needs.
    %u, %c10 = gdef.node "Unheard"(%unused) {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
    gdef.yield %j, %m, %w, %k, %u : tensor<*xi32>, tensor<!gdef.variant>, tensor<*xf32>, tensor<*xi32>, tensor<*xf32>
  } : (tensor<i32>, tensor<!gdef.variant>, tensor<2xf32>, tensor<i32>, tensor<2xf32>) -> (tensor<*xi32>, tensor<!gdef.variant>, tensor<*xf32>, tensor<*xi32>, tensor<*xf32>)
  %y, %c11 = gdef.node "TensorListStack"(%r#1, %unknown) {element_dtype = f32, num_elements = 5} : (tensor<!gdef.variant>, tensor<i32>) -> tensor<*xf32>
  gdef.fetch %y, %r#3 : tensor<*xf32>, tensor<*xi32>
}

// -----

// A predicate that is known chooses when compiling; one of another type is true where it is not zero.
// CHECK-LABEL: func.func @main
gdef.graph @main(%x: tensor<2xf32> "x:0", %n: tensor<f32> "n:0") -> ("y:0", "z:0") {
  %false, %c0 = gdef.node "Const"() {value = dense<false> : tensor<i1>, dtype = i1} : () -> tensor<i1>
  // CHECK-NOT: Unheard
  // CHECK: %[[NEG:.*]] = core.neg %arg0
  %y, %c1 = gdef.if %false {
    %u, %c2 = gdef.node "Unheard"(%x) {T = f32} : (tensor<2xf32>) -> tensor<*xf32>
    gdef.yield %u : tensor<*xf32>
  } else {
    %v, %c2 = gdef.node "Neg"(%x) {T = f32} : (tensor<2xf32>) -> tensor<*xf32>
    gdef.yield %v : tensor<*xf32>
  } : tensor<i1> -> (tensor<*xf32>)
  // CHECK: %[[P:.*]] = core.compare ne %arg1, %{{.*}} : tensor<f32>
  // CHECK: %[[Z:.*]] = core.if %[[P]] {
  // CHECK-NEXT: core.yield %arg0
  // CHECK-NEXT: } else {
  // CHECK-NEXT: core.yield %[[NEG]]
  %z, %c3 = gdef.if %n {
    gdef.yield %x : tensor<2xf32>
  } else {
    gdef.yield %y : tensor<*xf32>
  } : tensor<f32> -> (tensor<*xf32>)
  // CHECK: return %[[NEG]], %[[Z]]
  gdef.fetch %y, %z : tensor<*xf32>, tensor<*xf32>
}
