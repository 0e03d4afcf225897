// RUN: lathe-opt --lathe-raise-tensor-arrays --split-input-file %s | FileCheck %s

// The flow becomes the list, through the loop; the handle is gone.
// CHECK-LABEL: gdef.graph @main(%arg0: tensor<2xf32> "x:0", %arg1: tensor<i32> "n:0")
// CHECK:       %[[SHAPE:.*]], %{{.*}} = gdef.node "Const"() {dtype = i32, value = dense<2> : tensor<1xi32>}
// CHECK:       %[[LIST:.*]], %{{.*}} = gdef.node "TensorListReserve"(%[[SHAPE]], %arg1) {element_dtype = f32, shape_type = i32} : (tensor<1xi32>, tensor<i32>) -> tensor<!gdef.variant>
// CHECK:       %[[W:[^:]*]]:2, %{{.*}} = gdef.while(%arg1, %[[LIST]]) cond {
// CHECK-NEXT:  ^bb0(%[[I:.*]]: tensor<*xi32>, %{{.*}}: tensor<!gdef.variant>):
// CHECK:       } do {
// CHECK-NEXT:  ^bb0(%[[I:.*]]: tensor<*xi32>, %[[L:.*]]: tensor<!gdef.variant>):
// CHECK:         %[[SET:.*]], %{{.*}} = gdef.node "TensorListSetItem"(%[[L]], %[[I]], %arg0) {element_dtype = f32, resize_if_index_out_of_bounds = true}
// CHECK:         gdef.yield %{{.*}}, %[[SET]] : tensor<*xi32>, tensor<!gdef.variant>
// CHECK:       %[[GET:.*]], %{{.*}} = gdef.node "TensorListGetItem"(%[[W]]#1, %arg1, %{{.*}}) {Tshape = i32, element_dtype = f32}
// CHECK:       %[[LEN:.*]], %{{.*}} = gdef.node "TensorListLength"(%[[W]]#1)
// CHECK:       gdef.fetch %[[GET]], %[[LEN]]
// CHECK-NOT:   TensorArray
gdef.graph @main(%x: tensor<2xf32> "x:0", %n: tensor<i32> "n:0") -> ("y:0", "z:0") {
  %h:2, %0 = gdef.node "TensorArrayV3"(%n) {dtype = f32, element_shape = #gdef.shape<[2]>, dynamic_size = true} : (tensor<i32>) -> (tensor<!gdef.resource>, tensor<f32>)
  %w:2, %1 = gdef.while (%n, %h#1) cond {
  ^bb0(%i: tensor<*xi32>, %f: tensor<*xf32>):
    gdef.yield %i : tensor<*xi32>
  } do {
  ^bb0(%i: tensor<*xi32>, %f: tensor<*xf32>):
    %j, %2 = gdef.node "Neg"(%i) {} : (tensor<*xi32>) -> tensor<*xi32>
    %same, %3 = gdef.node "Identity"(%f) {} : (tensor<*xf32>) -> tensor<*xf32>
    %g, %4 = gdef.node "TensorArrayWriteV3"(%h#0, %i, %x, %same) {T = f32} : (tensor<!gdef.resource>, tensor<*xi32>, tensor<2xf32>, tensor<*xf32>) -> tensor<*xf32>
    gdef.yield %j, %g : tensor<*xi32>, tensor<*xf32>
  } : (tensor<i32>, tensor<f32>) -> (tensor<*xi32>, tensor<*xf32>)
  %y, %5 = gdef.node "TensorArrayReadV3"(%h#0, %n, %w#1) {dtype = f32} : (tensor<!gdef.resource>, tensor<i32>, tensor<*xf32>) -> tensor<*xf32>
  %z, %6 = gdef.node "TensorArraySizeV3"(%h#0, %w#1) {} : (tensor<!gdef.resource>, tensor<*xf32>) -> tensor<*xi32>
  %7 = gdef.node "TensorArrayCloseV3"(%h#0) control(%5) {} : (tensor<!gdef.resource>) -> ()
  gdef.fetch %y, %z control(%7) : tensor<*xf32>, tensor<*xi32>
}

// -----

// A branch that writes yields the list, the other one the list as it was.
// CHECK-LABEL: gdef.graph @main
// CHECK:       %[[IN:.*]], %{{.*}} = gdef.node "TensorListScatterIntoExistingList"(%{{.*}}, %arg0, %arg1) {element_dtype = f32}
// CHECK:       %[[IF:.*]], %{{.*}} = gdef.if %arg2 {
// CHECK:         %[[S:.*]], %{{.*}} = gdef.node "TensorListSplit"(%arg0, %{{.*}}, %arg3) {element_dtype = f32, shape_type = i32}
// CHECK:         gdef.yield %[[S]] : tensor<!gdef.variant>
// CHECK:       } else {
// CHECK-NEXT:    gdef.yield %[[IN]] : tensor<!gdef.variant>
// CHECK:       gdef.node "TensorListGather"(%[[IF]], %arg1, %{{.*}}) {element_dtype = f32}
// CHECK:       gdef.node "TensorListConcatV2"(%[[IF]], %{{.*}}, %{{.*}}) {element_dtype = f32, shape_type = i32} {{.*}} -> (tensor<*xf32>, tensor<*xi64>)
gdef.graph @main(%x: tensor<2xf32> "x:0", %k: tensor<2xi32> "k:0", %p: tensor<i1> "p:0", %l: tensor<2xi64> "l:0", %n: tensor<i32> "n:0") -> ("y:0", "z:0") {
  %h:2, %0 = gdef.node "TensorArrayV3"(%n) {dtype = f32} : (tensor<i32>) -> (tensor<!gdef.resource>, tensor<f32>)
  %f, %1 = gdef.node "TensorArrayScatterV3"(%h#0, %k, %x, %h#1) {T = f32} : (tensor<!gdef.resource>, tensor<2xi32>, tensor<2xf32>, tensor<f32>) -> tensor<f32>
  %g, %2 = gdef.if %p {
    %s, %3 = gdef.node "TensorArraySplitV3"(%h#0, %x, %l, %f) {T = f32} : (tensor<!gdef.resource>, tensor<2xf32>, tensor<2xi64>, tensor<f32>) -> tensor<f32>
    gdef.yield %s : tensor<f32>
  } else {
    gdef.yield %f : tensor<f32>
  } : tensor<i1> -> (tensor<*xf32>)
  %y, %4 = gdef.node "TensorArrayGatherV3"(%h#0, %k, %g) {dtype = f32} : (tensor<!gdef.resource>, tensor<2xi32>, tensor<*xf32>) -> tensor<*xf32>
  %z:2, %5 = gdef.node "TensorArrayConcatV3"(%h#0, %g) {dtype = f32} : (tensor<!gdef.resource>, tensor<*xf32>) -> (tensor<*xf32>, tensor<*xi64>)
  gdef.fetch %y, %z#0 : tensor<*xf32>, tensor<*xf32>
}

// -----

// A stack goes through the loops that push and pop, though nothing but the handle ties them.
// CHECK-LABEL: gdef.graph @main
// CHECK:       %[[E:.*]], %{{.*}} = gdef.node "EmptyTensorList"(%{{.*}}, %arg1) {element_dtype = f32, shape_type = i32}
// CHECK:       %[[W:[^:]*]]:2, %{{.*}} = gdef.while(%arg1, %[[E]]) cond {
// CHECK:       } do {
// CHECK-NEXT:  ^bb0(%{{.*}}: tensor<*xi32>, %[[L:.*]]: tensor<!gdef.variant>):
// CHECK:         %[[PUSH:.*]], %{{.*}} = gdef.node "TensorListPushBack"(%[[L]], %arg0)
// CHECK:         gdef.yield %{{.*}}, %[[PUSH]]
// CHECK:       %[[POP:[^:]*]]:2, %{{.*}} = gdef.node "TensorListPopBack"(%[[W]]#1, %{{.*}}) {element_dtype = f32} : {{.*}} -> (tensor<!gdef.variant>, tensor<*xf32>)
// CHECK:       gdef.fetch %[[POP]]#1
gdef.graph @main(%x: tensor<2xf32> "x:0", %n: tensor<i32> "n:0") -> ("y:0") {
  %h, %0 = gdef.node "StackV2"(%n) {elem_type = f32} : (tensor<i32>) -> tensor<!gdef.resource>
  %w, %1 = gdef.while (%n) cond {
  ^bb0(%i: tensor<*xi32>):
    gdef.yield %i : tensor<*xi32>
  } do {
  ^bb0(%i: tensor<*xi32>):
    %j, %2 = gdef.node "Neg"(%i) {} : (tensor<*xi32>) -> tensor<*xi32>
    %v, %3 = gdef.node "StackPushV2"(%h, %x) {T = f32} : (tensor<!gdef.resource>, tensor<2xf32>) -> tensor<*xf32>
    gdef.yield %j control(%3) : tensor<*xi32>
  } : (tensor<i32>) -> (tensor<*xi32>)
  %y, %4 = gdef.node "StackPopV2"(%h) control(%1) {elem_type = f32} : (tensor<!gdef.resource>) -> tensor<*xf32>
  gdef.fetch %y : tensor<*xf32>
}

// -----

// A gradient begins with nothing and adds.
// CHECK-LABEL: gdef.graph @main
// CHECK:       %[[LIST:.*]], %{{.*}} = gdef.node "TensorListReserve"(%{{.*}}, %arg1)
// CHECK:       %[[SIZE:.*]], %{{.*}} = gdef.node "TensorListLength"(%[[LIST]])
// CHECK:       %[[GRAD:.*]], %{{.*}} = gdef.node "TensorListReserve"(%{{.*}}, %[[SIZE]])
// CHECK:       %[[OLD:.*]], %{{.*}} = gdef.node "TensorListGetItem"(%[[GRAD]], %arg1, %{{.*}})
// CHECK:       %[[SUM:.*]], %{{.*}} = gdef.node "AddV2"(%[[OLD]], %arg0) {T = f32}
// CHECK:       %[[NEW:.*]], %{{.*}} = gdef.node "TensorListSetItem"(%[[GRAD]], %arg1, %[[SUM]])
// CHECK:       gdef.node "TensorListGetItem"(%[[NEW]], %arg1, %{{.*}})
gdef.graph @main(%x: tensor<2xf32> "x:0", %n: tensor<i32> "n:0") -> ("y:0") {
  %h:2, %0 = gdef.node "TensorArrayV3"(%n) {dtype = f32} : (tensor<i32>) -> (tensor<!gdef.resource>, tensor<f32>)
  %g:2, %1 = gdef.node "TensorArrayGradV3"(%h#0, %h#1) {source = "gradients"} : (tensor<!gdef.resource>, tensor<f32>) -> (tensor<!gdef.resource>, tensor<f32>)
  %w, %2 = gdef.node "TensorArrayWriteV3"(%g#0, %n, %x, %g#1) {T = f32} : (tensor<!gdef.resource>, tensor<i32>, tensor<2xf32>, tensor<f32>) -> tensor<f32>
  %y, %3 = gdef.node "TensorArrayReadV3"(%g#0, %n, %w) {dtype = f32} : (tensor<!gdef.resource>, tensor<i32>, tensor<f32>) -> tensor<*xf32>
  gdef.fetch %y : tensor<*xf32>
}
