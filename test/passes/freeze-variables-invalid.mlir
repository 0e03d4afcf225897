// RUN: not lathe-opt --lathe-freeze-variables %s 2>&1 | FileCheck %s
// Variables that cannot be constants: all are reported, each with the node that is in the way.

// CHECK-DAG: error: loc("assign"("AssignAddVariableOp")): LTH0413: the operation writes variable 'written'
// CHECK-DAG: error: loc("descend"("ResourceApplyGradientDescent")): LTH0413: the operation writes variable 'written'
// CHECK-DAG: error: loc("call"("PartitionedCall")): LTH0414: the operation takes the handle of variable 'written'
// CHECK-DAG: error: loc("fetched"("VarHandleOp")): LTH0414: the handle of the variable is fetched, or carried by a loop or branch
// CHECK-DAG: error: loc("valueless"("VarHandleOp")): LTH0412: the variable is read, but nothing says its value
// CHECK-DAG: error: loc("lost"("VariableV2")): LTH0404: the checkpoint has no tensor 'lost'
// CHECK-DAG: error: loc("scatter"("ScatterAdd")): LTH0413: the operation writes variable 'reference'
// CHECK-DAG: error: loc("switch"("RefSwitch")): LTH0414: the operation takes a reference to variable 'reference'
gdef.graph @main(%x: tensor<f32> "x:0", %p: tensor<i1> "p:0") -> ("v:0", "h:0", "l:0") {
  %w, %wc = gdef.node "VarHandleOp"() {dtype = f32, value = dense<1.0> : tensor<f32>} : () -> tensor<*x!gdef.resource> loc("written"("VarHandleOp"))
  %v, %vc = gdef.node "ReadVariableOp"(%w) control(%assign) {dtype = f32} : (tensor<*x!gdef.resource>) -> tensor<*xf32>
  %assign = gdef.node "AssignAddVariableOp"(%w, %x) {dtype = f32} : (tensor<*x!gdef.resource>, tensor<f32>) -> () loc("assign"("AssignAddVariableOp"))
  %descend = gdef.node "ResourceApplyGradientDescent"(%w, %x, %x) {T = f32} : (tensor<*x!gdef.resource>, tensor<f32>, tensor<f32>) -> () loc("descend"("ResourceApplyGradientDescent"))
  %call = gdef.node "PartitionedCall"(%w) {} : (tensor<*x!gdef.resource>) -> () loc("call"("PartitionedCall"))
  %h, %hc = gdef.node "VarHandleOp"() {dtype = f32, value = dense<1.0> : tensor<f32>} : () -> tensor<*x!gdef.resource> loc("fetched"("VarHandleOp"))
  %n, %nc = gdef.node "VarHandleOp"() {dtype = f32} : () -> tensor<*x!gdef.resource> loc("valueless"("VarHandleOp"))
  %nv, %nvc = gdef.node "ReadVariableOp"(%n) {dtype = f32} : (tensor<*x!gdef.resource>) -> tensor<*xf32>
  %l, %lc = gdef.node "VariableV2"() {dtype = f32, _missing_value = "the checkpoint has no tensor 'lost'"} : () -> tensor<*xf32> loc("lost"("VariableV2"))
  %r, %rc = gdef.node "VariableV2"() {dtype = f32, value = dense<1.0> : tensor<1xf32>} : () -> tensor<*xf32> loc("reference"("VariableV2"))
  %i, %ic = gdef.node "Const"() {value = dense<0> : tensor<i32>} : () -> tensor<i32>
  %s, %sc = gdef.node "ScatterAdd"(%r, %i, %x) {_references = [0]} : (tensor<*xf32>, tensor<i32>, tensor<f32>) -> tensor<*xf32> loc("scatter"("ScatterAdd"))
  %f, %t, %fc = gdef.node "RefSwitch"(%r, %p) {_references = [0]} : (tensor<*xf32>, tensor<i1>) -> (tensor<*xf32>, tensor<*xf32>) loc("switch"("RefSwitch"))
  gdef.fetch %v, %h, %l : tensor<*xf32>, tensor<*x!gdef.resource>, tensor<*xf32>
}
