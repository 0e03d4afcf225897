// RUN: not lathe-opt --lathe-thread-variables --split-input-file %s 2>&1 | FileCheck %s

// CHECK-DAG: error: loc("carry"("VarHandleOp")): LTH0414: the handle of variable 'carry' is fetched, or carried by a loop or branch
// CHECK-DAG: error: loc("count"("ResourceCountUpTo")): LTH0414: the operation takes the handle of, or a reference to, variable 'v'
// CHECK-DAG: error: loc("switch"("RefSwitch")): LTH0414: the operation takes the handle of, or a reference to, variable 'r'
gdef.graph @main(%x: tensor<f32> "x:0", %p: tensor<i1> "p:0") -> ("h:0") {
  %h, %hc = gdef.node "VarHandleOp"() {dtype = f32, shape = #gdef.shape<[]>} : () -> tensor<*x!gdef.resource> loc("carry"("VarHandleOp"))
  %0 = gdef.node "AssignVariableOp"(%h, %x) {dtype = f32} : (tensor<*x!gdef.resource>, tensor<f32>) -> ()
  %v, %vc = gdef.node "VarHandleOp"() {dtype = f32, shape = #gdef.shape<[]>} : () -> tensor<*x!gdef.resource> loc("v"("VarHandleOp"))
  %1 = gdef.node "AssignVariableOp"(%v, %x) {dtype = f32} : (tensor<*x!gdef.resource>, tensor<f32>) -> ()
  %2 = gdef.node "ResourceCountUpTo"(%v) {T = f32} : (tensor<*x!gdef.resource>) -> () loc("count"("ResourceCountUpTo"))
  %r, %rc = gdef.node "VariableV2"() {dtype = f32, shape = #gdef.shape<[]>} : () -> tensor<*xf32> loc("r"("VariableV2"))
  %3, %k3 = gdef.node "Assign"(%r, %x) {T = f32, _references = [0]} : (tensor<*xf32>, tensor<f32>) -> tensor<*xf32>
  %4:2, %k4 = gdef.node "RefSwitch"(%r, %p) {T = f32, _references = [0]} : (tensor<*xf32>, tensor<i1>) -> (tensor<*xf32>, tensor<*xf32>) loc("switch"("RefSwitch"))
  gdef.fetch %h : tensor<*x!gdef.resource>
}

// -----

// CHECK-DAG: error: loc("unknown"("VariableV2")): LTH0412: the shape of the variable is not known, and no checkpoint has its value
// CHECK-DAG: error: loc("text"("VarHandleOp")): LTH0113: a variable of this element type cannot be written
// CHECK-DAG: error: loc("other"("VarHandleOp")): LTH0406: two nodes that share the variable give it different shapes or types
gdef.graph @main(%x: tensor<f32> "x:0", %t: tensor<!gdef.string> "t:0") -> () {
  %u, %uc = gdef.node "VariableV2"() {dtype = f32, shape = #gdef.shape<[?]>} : () -> tensor<*xf32> loc("unknown"("VariableV2"))
  %0, %k0 = gdef.node "Assign"(%u, %x) {T = f32, _references = [0]} : (tensor<*xf32>, tensor<f32>) -> tensor<*xf32>
  %h, %hc = gdef.node "VarHandleOp"() {dtype = !gdef.string, shape = #gdef.shape<[]>} : () -> tensor<*x!gdef.resource> loc("text"("VarHandleOp"))
  %1 = gdef.node "AssignVariableOp"(%h, %t) {dtype = !gdef.string} : (tensor<*x!gdef.resource>, tensor<!gdef.string>) -> ()
  gdef.fetch control(%k0, %1)
}
gdef.graph @one(%x: tensor<f32> "x:0") -> () {
  %h, %hc = gdef.node "VarHandleOp"() {dtype = f32, shape = #gdef.shape<[]>, shared_name = "same"} : () -> tensor<*x!gdef.resource>
  %0 = gdef.node "AssignVariableOp"(%h, %x) {dtype = f32} : (tensor<*x!gdef.resource>, tensor<f32>) -> ()
  gdef.fetch control(%0)
}
gdef.graph @two(%x: tensor<2xf32> "x:0") -> () {
  %h, %hc = gdef.node "VarHandleOp"() {dtype = f32, shape = #gdef.shape<[2]>, shared_name = "same"} : () -> tensor<*x!gdef.resource> loc("other"("VarHandleOp"))
  %0 = gdef.node "AssignVariableOp"(%h, %x) {dtype = f32} : (tensor<*x!gdef.resource>, tensor<2xf32>) -> ()
  gdef.fetch control(%0)
}

// -----

// CHECK-DAG: error: LTH0414: whether variable 'v' has a value is not known
// CHECK-DAG: error: loc("loop"("While")): LTH0311: the condition of a loop must not write a variable
gdef.graph @main(%x: tensor<i1> "x:0") -> ("i:0") {
  %h, %hc = gdef.node "VarHandleOp"() {dtype = i1, shape = #gdef.shape<[]>, shared_name = "v"} : () -> tensor<*x!gdef.resource>
  %i, %ic = gdef.node "VarIsInitializedOp"(%h) {} : (tensor<*x!gdef.resource>) -> tensor<*xi1>
  %w, %wc = gdef.while (%x) cond {
  ^bb0(%c: tensor<*xi1>):
    %0 = gdef.node "AssignVariableOp"(%h, %c) {dtype = i1} : (tensor<*x!gdef.resource>, tensor<*xi1>) -> ()
    gdef.yield %c control(%0) : tensor<*xi1>
  } do {
  ^bb0(%c: tensor<*xi1>):
    %1, %k1 = gdef.node "LogicalNot"(%c) {} : (tensor<*xi1>) -> tensor<*xi1>
    gdef.yield %1 : tensor<*xi1>
  } : (tensor<i1>) -> (tensor<*xi1>) loc("loop"("While"))
  gdef.fetch %i control(%wc) : tensor<*xi1>
}
