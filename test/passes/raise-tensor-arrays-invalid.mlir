// RUN: not lathe-opt --lathe-raise-tensor-arrays --split-input-file %s 2>&1 | FileCheck %s

// CHECK: error: loc("write"("TensorArrayWriteV3")): LTH0305: the handle must always be of one TensorArray or stack that the graph makes, but it is not
gdef.graph @main(%x: tensor<2xf32> "x:0", %n: tensor<i32> "n:0", %p: tensor<i1> "p:0") -> ("y:0") {
  %a:2, %0 = gdef.node "TensorArrayV3"(%n) {dtype = f32} : (tensor<i32>) -> (tensor<!gdef.resource>, tensor<f32>)
  %b:2, %1 = gdef.node "TensorArrayV3"(%n) {dtype = f32} : (tensor<i32>) -> (tensor<!gdef.resource>, tensor<f32>)
  %h, %2 = gdef.if %p {
    gdef.yield %a#0 : tensor<!gdef.resource>
  } else {
    gdef.yield %b#0 : tensor<!gdef.resource>
  } : tensor<i1> -> (tensor<!gdef.resource>)
  %w, %3 = gdef.node "TensorArrayWriteV3"(%h, %n, %x, %a#1) {T = f32} : (tensor<!gdef.resource>, tensor<i32>, tensor<2xf32>, tensor<f32>) -> tensor<f32> loc("write"("TensorArrayWriteV3"))
  %y, %4 = gdef.node "TensorArrayReadV3"(%a#0, %n, %w) {dtype = f32} : (tensor<!gdef.resource>, tensor<i32>, tensor<f32>) -> tensor<*xf32>
  gdef.fetch %y : tensor<*xf32>
}

// -----

// The handle of the next round is another.
// CHECK: error: loc("read"("TensorArrayReadV3")): LTH0305
gdef.graph @main(%n: tensor<i32> "n:0", %p: tensor<i1> "p:0") -> ("y:0") {
  %a:2, %0 = gdef.node "TensorArrayV3"(%n) {dtype = f32} : (tensor<i32>) -> (tensor<!gdef.resource>, tensor<f32>)
  %h:2, %1 = gdef.while (%a#0, %a#1) cond {
  ^bb0(%c: tensor<!gdef.resource>, %v: tensor<*xf32>):
    gdef.yield %p : tensor<i1>
  } do {
  ^bb0(%c: tensor<!gdef.resource>, %v: tensor<*xf32>):
    %r, %2 = gdef.node "TensorArrayReadV3"(%c, %n, %a#1) {dtype = f32} : (tensor<!gdef.resource>, tensor<i32>, tensor<f32>) -> tensor<*xf32> loc("read"("TensorArrayReadV3"))
    %d:2, %3 = gdef.node "TensorArrayV3"(%n) {dtype = f32} : (tensor<i32>) -> (tensor<!gdef.resource>, tensor<f32>)
    gdef.yield %d#0, %r : tensor<!gdef.resource>, tensor<*xf32>
  } : (tensor<!gdef.resource>, tensor<f32>) -> (tensor<!gdef.resource>, tensor<*xf32>)
  gdef.fetch %h#1 : tensor<*xf32>
}

// -----

// CHECK: error: loc("write"("TensorArrayWriteV3")): LTH0310: element type must be f32, but got i32
gdef.graph @main(%n: tensor<i32> "n:0") -> ("y:0") {
  %a:2, %0 = gdef.node "TensorArrayV3"(%n) {dtype = f32} : (tensor<i32>) -> (tensor<!gdef.resource>, tensor<f32>)
  %w, %1 = gdef.node "TensorArrayWriteV3"(%a#0, %n, %n, %a#1) {T = i32} : (tensor<!gdef.resource>, tensor<i32>, tensor<i32>, tensor<f32>) -> tensor<f32> loc("write"("TensorArrayWriteV3"))
  %y, %2 = gdef.node "TensorArrayReadV3"(%a#0, %n, %w) {dtype = f32} : (tensor<!gdef.resource>, tensor<i32>, tensor<f32>) -> tensor<*xf32>
  gdef.fetch %y : tensor<*xf32>
}
