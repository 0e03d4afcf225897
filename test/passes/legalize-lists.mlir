// Lists that grow: pushes and pops, in loops whose rounds a counter bounds.
// RUN: lathe-opt %s --pass-pipeline='builtin.module(lathe-legalize-graph,func.func(canonicalize))' --split-input-file | FileCheck %s

// Five rounds push twice: the list has ten rows and a number of them, which is known behind the loop. A loop that pops runs while it has
// more than two.
// CHECK-LABEL: func.func @main
gdef.graph @main(%x: tensor<2xf32> "x:0") -> ("y:0", "n:0") {
  // CHECK-DAG: %[[TEN:.*]] = core.constant dense<10> : tensor<i32>
  // CHECK-DAG: %[[EMPTY:.*]] = core.constant dense<0.000000e+00> : tensor<10x2xf32>
  %unknown, %c0 = gdef.node "Const"() {value = dense<-1> : tensor<i32>, dtype = i32} : () -> tensor<i32>
  %zero, %c1 = gdef.node "Const"() {value = dense<0> : tensor<i32>, dtype = i32} : () -> tensor<i32>
  %two, %c2 = gdef.node "Const"() {value = dense<2> : tensor<i32>, dtype = i32} : () -> tensor<i32>
  %nine, %c3 = gdef.node "Const"() {value = dense<9> : tensor<i32>, dtype = i32} : () -> tensor<i32>
  %list, %c4 = gdef.node "EmptyTensorList"(%unknown, %unknown) {element_dtype = f32, shape_type = i32} : (tensor<i32>, tensor<i32>) -> tensor<!gdef.variant>
  // CHECK: %[[R:.*]]:{{[0-9]}} = core.while({{.*}}%[[EMPTY]]
  // CHECK: } do {
  // CHECK: ^bb0(%[[I:[^:]*]]: tensor<i32>, %[[L:[^:]*]]: tensor<10x2xf32>, %[[N:[^:]*]]: tensor<i64>
  // CHECK: core.scatter set %[[L]]
  // CHECK: core.scatter set
  %r:3, %c5 = gdef.while(%zero, %list, %x) cond {
  ^bb0(%i: tensor<*xi32>, %l: tensor<!gdef.variant>, %v: tensor<*xf32>):
    %p, %c6 = gdef.node "Less"(%i, %nine) {T = i32} : (tensor<*xi32>, tensor<i32>) -> tensor<*xi1>
    gdef.yield %p : tensor<*xi1>
  } do {
  ^bb0(%i: tensor<*xi32>, %l: tensor<!gdef.variant>, %v: tensor<*xf32>):
    %w, %c7 = gdef.node "Exp"(%v) {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
    %m, %c8 = gdef.node "TensorListPushBack"(%l, %w) {element_dtype = f32} : (tensor<!gdef.variant>, tensor<*xf32>) -> tensor<!gdef.variant>
    %k, %c9 = gdef.node "TensorListPushBack"(%m, %v) {element_dtype = f32} : (tensor<!gdef.variant>, tensor<*xf32>) -> tensor<!gdef.variant>
    %j, %c10 = gdef.node "AddV2"(%i, %two) {T = i32} : (tensor<*xi32>, tensor<i32>) -> tensor<*xi32>
    gdef.yield %j, %k, %w : tensor<*xi32>, tensor<!gdef.variant>, tensor<*xf32>
  } : (tensor<i32>, tensor<!gdef.variant>, tensor<2xf32>) -> (tensor<*xi32>, tensor<!gdef.variant>, tensor<*xf32>)
  // CHECK: core.while(%{{.*}}, %arg0) cond {
  // CHECK-NEXT: ^bb0(%[[M:[^:]*]]: tensor<i64>, %{{.*}}: tensor<2xf32>):
  // CHECK-NEXT: core.convert %[[M]]
  // CHECK: } do {
  // CHECK: %[[LEFT:.*]] = core.sub %{{.*}}, %{{.*}} : tensor<i64>
  // CHECK: %[[AT:.*]] = core.reshape %[[LEFT]]
  // CHECK: core.gather %[[R]]#1, %[[AT]]
  %s:2, %c11 = gdef.while(%r#1, %x) cond {
  ^bb0(%l: tensor<!gdef.variant>, %v: tensor<*xf32>):
    %n, %c12 = gdef.node "TensorListLength"(%l) {} : (tensor<!gdef.variant>) -> tensor<*xi32>
    %p, %c13 = gdef.node "Greater"(%n, %two) {T = i32} : (tensor<*xi32>, tensor<i32>) -> tensor<*xi1>
    gdef.yield %p : tensor<*xi1>
  } do {
  ^bb0(%l: tensor<!gdef.variant>, %v: tensor<*xf32>):
    %k, %w, %c14 = gdef.node "TensorListPopBack"(%l, %unknown) {element_dtype = f32} : (tensor<!gdef.variant>, tensor<i32>) -> (tensor<!gdef.variant>, tensor<*xf32>)
    %u, %c15 = gdef.node "Mul"(%v, %w) {T = f32} : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32>
    gdef.yield %k, %u : tensor<!gdef.variant>, tensor<*xf32>
  } : (tensor<!gdef.variant>, tensor<2xf32>) -> (tensor<!gdef.variant>, tensor<*xf32>)
  %n, %c16 = gdef.node "TensorListLength"(%r#1) {} : (tensor<!gdef.variant>) -> tensor<*xi32>
  // CHECK: return %{{.*}}, %[[TEN]]
  gdef.fetch %s#1, %n : tensor<*xf32>, tensor<*xi32>
}

// -----

// A list of one constant is not carried: what a pop gives is the constant. max_num_elements bounds where no counter does.
// CHECK-LABEL: func.func @main
// CHECK:       %[[K:.*]] = core.constant dense<[4, 5, 6]> : tensor<3xi32>
// CHECK:       core.while
// CHECK:       } : (tensor<i32>, tensor<7x2xf32>, tensor<i64>) -> (tensor<i32>, tensor<7x2xf32>, tensor<i64>)
// CHECK:       return %{{.*}}, %[[K]]
gdef.graph @main(%x: tensor<2xf32> "x:0", %limit: tensor<i32> "limit:0") -> ("y:0", "k:0") {
  %unknown, %c0 = gdef.node "Const"() {value = dense<-1> : tensor<i32>, dtype = i32} : () -> tensor<i32>
  %zero, %c1 = gdef.node "Const"() {value = dense<0> : tensor<i32>, dtype = i32} : () -> tensor<i32>
  %one, %c2 = gdef.node "Const"() {value = dense<1> : tensor<i32>, dtype = i32} : () -> tensor<i32>
  %seven, %c3 = gdef.node "Const"() {value = dense<7> : tensor<i32>, dtype = i32} : () -> tensor<i32>
  %sizes, %c4 = gdef.node "Const"() {value = dense<[4, 5, 6]> : tensor<3xi32>, dtype = i32} : () -> tensor<3xi32>
  %a, %c5 = gdef.node "EmptyTensorList"(%unknown, %unknown) {element_dtype = i32, shape_type = i32} : (tensor<i32>, tensor<i32>) -> tensor<!gdef.variant>
  %b, %c6 = gdef.node "EmptyTensorList"(%unknown, %seven) {element_dtype = f32, shape_type = i32} : (tensor<i32>, tensor<i32>) -> tensor<!gdef.variant>
  %r:3, %c7 = gdef.while(%zero, %a, %b) cond {
  ^bb0(%i: tensor<*xi32>, %l: tensor<!gdef.variant>, %m: tensor<!gdef.variant>):
    %p, %c8 = gdef.node "Less"(%i, %limit) {T = i32} : (tensor<*xi32>, tensor<i32>) -> tensor<*xi1>
    gdef.yield %p : tensor<*xi1>
  } do {
  ^bb0(%i: tensor<*xi32>, %l: tensor<!gdef.variant>, %m: tensor<!gdef.variant>):
    %k, %c9 = gdef.node "TensorListPushBack"(%l, %sizes) {element_dtype = i32} : (tensor<!gdef.variant>, tensor<3xi32>) -> tensor<!gdef.variant>
    %n, %c10 = gdef.node "TensorListPushBack"(%m, %x) {element_dtype = f32} : (tensor<!gdef.variant>, tensor<2xf32>) -> tensor<!gdef.variant>
    %j, %c11 = gdef.node "AddV2"(%i, %one) {T = i32} : (tensor<*xi32>, tensor<i32>) -> tensor<*xi32>
    gdef.yield %j, %k, %n : tensor<*xi32>, tensor<!gdef.variant>, tensor<!gdef.variant>
  } : (tensor<i32>, tensor<!gdef.variant>, tensor<!gdef.variant>) -> (tensor<*xi32>, tensor<!gdef.variant>, tensor<!gdef.variant>)
  %rest, %y, %c12 = gdef.node "TensorListPopBack"(%r#2, %unknown) {element_dtype = f32} : (tensor<!gdef.variant>, tensor<i32>) -> (tensor<!gdef.variant>, tensor<*xf32>)
  %others, %k, %c13 = gdef.node "TensorListPopBack"(%r#1, %unknown) {element_dtype = i32} : (tensor<!gdef.variant>, tensor<i32>) -> (tensor<!gdef.variant>, tensor<*xi32>)
  gdef.fetch %y, %k : tensor<*xf32>, tensor<*xi32>
}

// -----

// Branches that leave lists of different lengths, and rows of which only some are meant, give the number with them.
// CHECK-LABEL: func.func @main
// CHECK: core.if %arg1 {
// CHECK: core.yield %{{.*}}, %{{.*}} : tensor<2x2xf32>, tensor<i64>
// CHECK: } else {
// CHECK: core.yield %{{.*}}, %{{.*}} : tensor<2x2xf32>, tensor<i64>
// CHECK: } : (tensor<i1>) -> (tensor<2x2xf32>, tensor<i64>)
gdef.graph @main(%x: tensor<2xf32> "x:0", %p: tensor<i1> "p:0") -> ("y:0", "n:0") {
  %unknown, %c0 = gdef.node "Const"() {value = dense<-1> : tensor<i32>, dtype = i32} : () -> tensor<i32>
  %a, %c1 = gdef.node "EmptyTensorList"(%unknown, %unknown) {element_dtype = f32, shape_type = i32} : (tensor<i32>, tensor<i32>) -> tensor<!gdef.variant>
  %b, %c2 = gdef.node "TensorListPushBack"(%a, %x) {element_dtype = f32} : (tensor<!gdef.variant>, tensor<2xf32>) -> tensor<!gdef.variant>
  %l, %c3 = gdef.if %p {
    %v, %c4 = gdef.node "Neg"(%x) {T = f32} : (tensor<2xf32>) -> tensor<*xf32>
    %c, %c5 = gdef.node "TensorListPushBack"(%b, %v) {element_dtype = f32} : (tensor<!gdef.variant>, tensor<*xf32>) -> tensor<!gdef.variant>
    gdef.yield %c : tensor<!gdef.variant>
  } else {
    gdef.yield %b : tensor<!gdef.variant>
  } : tensor<i1> -> (tensor<!gdef.variant>)
  %rest, %y, %c6 = gdef.node "TensorListPopBack"(%l, %unknown) {element_dtype = f32} : (tensor<!gdef.variant>, tensor<i32>) -> (tensor<!gdef.variant>, tensor<*xf32>)
  %n, %c7 = gdef.node "TensorListLength"(%rest) {} : (tensor<!gdef.variant>) -> tensor<*xi32>
  gdef.fetch %y, %n : tensor<*xf32>, tensor<*xi32>
}
