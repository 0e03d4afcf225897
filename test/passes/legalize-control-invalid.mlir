// What loops, branches and lists must keep, said at the node.
// RUN: lathe-opt %s --lathe-legalize-graph --verify-diagnostics --split-input-file

gdef.graph @main(%x: tensor<2xf32> "x:0", %p: tensor<i1> "p:0") -> ("y:0") {
  // expected-error@+2 {{LTH0203: both branches must yield the same shape, but one yields tensor<2xf32> and the other tensor<4xf32>}}
  // expected-note@+1 {{}}
  %y, %c0 = gdef.if %p {
    gdef.yield %x : tensor<2xf32>
  } else {
    %axis, %c1 = gdef.node "Const"() {value = dense<0> : tensor<i32>, dtype = i32} : () -> tensor<i32>
    %z, %c2 = gdef.node "ConcatV2"(%x, %x, %axis) {N = 2, T = f32, Tidx = i32} : (tensor<2xf32>, tensor<2xf32>, tensor<i32>) -> tensor<*xf32>
    gdef.yield %z : tensor<*xf32>
  } : tensor<i1> -> (tensor<*xf32>)
  gdef.fetch %y : tensor<*xf32>
}

// -----

gdef.graph @main(%x: tensor<2xf32> "x:0", %p: tensor<i1> "p:0") -> ("y:0") {
  %axis, %c1 = gdef.node "Const"() {value = dense<0> : tensor<i32>, dtype = i32} : () -> tensor<i32>
  // expected-error@+2 {{LTH0203: a value that a loop carries must keep its shape, but tensor<2xf32> becomes tensor<4xf32>}}
  // expected-note@+1 {{}}
  %y, %c0 = gdef.while(%x) cond {
  ^bb0(%v: tensor<*xf32>):
    gdef.yield %p : tensor<i1>
  } do {
  ^bb0(%v: tensor<*xf32>):
    %z, %c2 = gdef.node "ConcatV2"(%v, %v, %axis) {N = 2, T = f32, Tidx = i32} : (tensor<*xf32>, tensor<*xf32>, tensor<i32>) -> tensor<*xf32>
    gdef.yield %z : tensor<*xf32>
  } : (tensor<2xf32>) -> (tensor<*xf32>)
  gdef.fetch %y : tensor<*xf32>
}

// -----

gdef.graph @main(%x: tensor<2xf32> "x:0") -> ("y:0") {
  %unknown, %c0 = gdef.node "Const"() {value = dense<-1> : tensor<i32>, dtype = i32} : () -> tensor<i32>
  %five, %c1 = gdef.node "Const"() {value = dense<5> : tensor<i32>, dtype = i32} : () -> tensor<i32>
  %list, %c2 = gdef.node "TensorListReserve"(%unknown, %five) {element_dtype = f32, shape_type = i32} : (tensor<i32>, tensor<i32>) -> tensor<!gdef.variant>
  // expected-error@+2 {{LTH0203: the shape of the list's elements is not known: nothing was put into the list}}
  // expected-note@+1 {{}}
  %y, %c3 = gdef.node "TensorListStack"(%list, %unknown) {element_dtype = f32, num_elements = 5} : (tensor<!gdef.variant>, tensor<i32>) -> tensor<*xf32>
  gdef.fetch %y : tensor<*xf32>
}

// -----

gdef.graph @main(%x: tensor<2xf32> "x:0") -> ("y:0") {
  %three, %c0 = gdef.node "Const"() {value = dense<[3]> : tensor<1xi32>, dtype = i32} : () -> tensor<1xi32>
  %five, %c1 = gdef.node "Const"() {value = dense<5> : tensor<i32>, dtype = i32} : () -> tensor<i32>
  %list, %c2 = gdef.node "TensorListReserve"(%three, %five) {element_dtype = f32, shape_type = i32} : (tensor<1xi32>, tensor<i32>) -> tensor<!gdef.variant>
  // expected-error@+2 {{LTH0201: elements of a list must have one shape, but [3] and [2] are put into it}}
  // expected-note@+1 {{}}
  %m, %c3 = gdef.node "TensorListSetItem"(%list, %five, %x) {element_dtype = f32} : (tensor<!gdef.variant>, tensor<i32>, tensor<2xf32>) -> tensor<!gdef.variant>
  %y, %c4 = gdef.node "TensorListStack"(%m, %three) {element_dtype = f32, num_elements = 5} : (tensor<!gdef.variant>, tensor<1xi32>) -> tensor<*xf32>
  gdef.fetch %y : tensor<*xf32>
}

// -----

gdef.graph @main(%x: tensor<2xf32> "x:0", %n: tensor<i32> "n:0") -> ("y:0") {
  %unknown, %c0 = gdef.node "Const"() {value = dense<-1> : tensor<i32>, dtype = i32} : () -> tensor<i32>
  %zero, %c1 = gdef.node "Const"() {value = dense<0> : tensor<i32>, dtype = i32} : () -> tensor<i32>
  %one, %c2 = gdef.node "Const"() {value = dense<1> : tensor<i32>, dtype = i32} : () -> tensor<i32>
  %list, %c3 = gdef.node "EmptyTensorList"(%unknown, %unknown) {element_dtype = f32, shape_type = i32} : (tensor<i32>, tensor<i32>) -> tensor<!gdef.variant>
  // expected-error@+2 {{LTH0312: a list is longer by 1 after each round, but how often the loop runs at most is not known}}
  // expected-note@+1 {{maximum_iterations}}
  %r:2, %c4 = gdef.while(%zero, %list) cond {
  ^bb0(%i: tensor<*xi32>, %l: tensor<!gdef.variant>):
    %p, %c5 = gdef.node "Less"(%i, %n) {T = i32} : (tensor<*xi32>, tensor<i32>) -> tensor<*xi1>
    gdef.yield %p : tensor<*xi1>
  } do {
  ^bb0(%i: tensor<*xi32>, %l: tensor<!gdef.variant>):
    %m, %c6 = gdef.node "TensorListPushBack"(%l, %x) {element_dtype = f32} : (tensor<!gdef.variant>, tensor<2xf32>) -> tensor<!gdef.variant>
    %j, %c7 = gdef.node "AddV2"(%i, %one) {T = i32} : (tensor<*xi32>, tensor<i32>) -> tensor<*xi32>
    gdef.yield %j, %m : tensor<*xi32>, tensor<!gdef.variant>
  } : (tensor<i32>, tensor<!gdef.variant>) -> (tensor<*xi32>, tensor<!gdef.variant>)
  %y, %c8 = gdef.node "TensorListStack"(%r#1, %unknown) {element_dtype = f32} : (tensor<!gdef.variant>, tensor<i32>) -> tensor<*xf32>
  gdef.fetch %y : tensor<*xf32>
}
