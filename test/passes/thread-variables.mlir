// RUN: lathe-opt --lathe-thread-variables --split-input-file %s | FileCheck %s
// RUN: lathe-opt --lathe-thread-variables=state=all --split-input-file %s | FileCheck %s --check-prefix=ALL

// A read that is ordered before the write sees the old value, one behind it the new one, whatever the order of the file.
// CHECK-LABEL: rt.variable @n container "" name "n" : tensor<i32>
// CHECK:       gdef.graph @order(%[[X:.*]]: tensor<i32> "x:0", %[[N:.*]]: tensor<i32> "n") -> ("new:0", "old:0", "n") attributes {variables = [@n]}
// CHECK:         %[[SUM:.*]], %{{.*}} = gdef.node "AddV2"(%[[N]], %[[X]])
// CHECK:         gdef.fetch %[[SUM]], %[[N]], %[[SUM]]
gdef.graph @order(%x: tensor<i32> "x:0") -> ("new:0", "old:0") {
  %w, %wc = gdef.node "VarHandleOp"() {dtype = i32, shape = #gdef.shape<[]>, shared_name = "n"} : () -> tensor<*x!gdef.resource>
  %new, %newc = gdef.node "ReadVariableOp"(%w) control(%add) {dtype = i32} : (tensor<*x!gdef.resource>) -> tensor<*xi32>
  %old, %oldc = gdef.node "ReadVariableOp"(%w) {dtype = i32} : (tensor<*x!gdef.resource>) -> tensor<*xi32>
  %add = gdef.node "AssignAddVariableOp"(%w, %x) control(%oldc) {dtype = i32} : (tensor<*x!gdef.resource>, tensor<i32>) -> ()
  gdef.fetch %new, %old : tensor<*xi32>, tensor<*xi32>
}

// -----

// References: who takes one reads it in its turn; what is fetched of one is read right behind its node.
// CHECK-LABEL: rt.variable @v container "c" name "v" : tensor<2xf32> {initial = dense<[1.000000e+00, 2.000000e+00]> : tensor<2xf32>}
// CHECK:       gdef.graph @references(%[[X:.*]]: tensor<2xf32> "x:0", %[[V:.*]]: tensor<2xf32> "v") ->
// CHECK:         %[[A:.*]], %[[AC:.*]] = gdef.node "Identity"(%[[X]])
// CHECK:         %[[NEG:.*]], %[[NC:.*]] = gdef.node "Neg"(%[[A]]) control(%[[AC]])
// CHECK:         %[[S:.*]], %{{.*}} = gdef.node "Sub"(%[[A]], %[[X]]) control(%[[NC]])
// CHECK:         %[[ABS:.*]], %{{.*}} = gdef.node "Abs"(%[[S]])
// CHECK:         gdef.fetch %[[A]], %[[NEG]], %[[ABS]], %[[V]], %[[S]]
gdef.graph @references(%x: tensor<2xf32> "x:0") -> ("a:0", "neg:0", "abs:0", "v:0") {
  %v, %vc = gdef.node "VariableV2"() {dtype = f32, container = "c", shared_name = "v", value = dense<[1.0, 2.0]> : tensor<2xf32>} : () -> tensor<*xf32>
  %r, %rc = gdef.node "RefIdentity"(%v) {T = f32, _references = [0]} : (tensor<*xf32>) -> tensor<*xf32>
  %a, %ac = gdef.node "Assign"(%r, %x) {T = f32, _references = [0]} : (tensor<*xf32>, tensor<2xf32>) -> tensor<*xf32>
  %neg, %nc = gdef.node "Neg"(%v) control(%ac) {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
  %s, %sc = gdef.node "AssignSub"(%a, %x) control(%nc) {T = f32, _references = [0]} : (tensor<*xf32>, tensor<2xf32>) -> tensor<*xf32>
  %abs, %absc = gdef.node "Abs"(%s) {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
  gdef.fetch %a, %neg, %abs, %v : tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>
}

// -----

// A branch that writes yields the value; a loop carries it, and reads what it only reads from around it.
// CHECK-LABEL: gdef.graph @control
// CHECK-SAME:    %[[N:[^:]*]]: tensor<i32> "n", %[[M:[^:]*]]: tensor<i32> "m")
// CHECK:         %[[IF:.*]], %[[IFC:.*]] = gdef.if %{{.*}} {
// CHECK:           %[[S:.*]], %{{.*}} = gdef.node "Sub"(%[[N]], %{{.*}})
// CHECK:           gdef.yield %[[S]]
// CHECK:         } else {
// CHECK-NEXT:      gdef.yield %[[N]]
// CHECK:         %[[W:.*]]:2, %{{.*}} = gdef.while(%{{.*}}, %[[IF]]) control(%[[IFC]]) cond {
// CHECK-NEXT:    ^bb0(%{{.*}}: tensor<*xi1>, %[[C:.*]]: tensor<*xi32>):
// CHECK:           gdef.node "Less"(%[[C]], %[[M]])
// CHECK:         ^bb0(%{{.*}}: tensor<*xi1>, %[[B:.*]]: tensor<*xi32>):
// CHECK:           %[[A:.*]], %{{.*}} = gdef.node "AddV2"(%[[B]], %[[M]])
// CHECK:           gdef.yield %{{.*}}, %[[A]]
// CHECK:         gdef.fetch %[[W]]#1, %[[W]]#1, %{{.*}}
gdef.graph @control(%x: tensor<i32> "x:0", %p: tensor<i1> "p:0") -> ("n:0") {
  %n, %nc = gdef.node "VarHandleOp"() {dtype = i32, shape = #gdef.shape<[]>, shared_name = "n"} : () -> tensor<*x!gdef.resource>
  %m, %mc = gdef.node "VarHandleOp"() {dtype = i32, shape = #gdef.shape<[]>, shared_name = "m"} : () -> tensor<*x!gdef.resource>
  %ic = gdef.if %p {
    %0 = gdef.node "AssignSubVariableOp"(%n, %x) {dtype = i32} : (tensor<*x!gdef.resource>, tensor<i32>) -> ()
    gdef.yield control(%0)
  } else {
    gdef.yield
  } : tensor<i1> -> ()
  %q, %wc = gdef.while (%p) control(%ic) cond {
  ^bb0(%c: tensor<*xi1>):
    %0, %k0 = gdef.node "ReadVariableOp"(%n) {dtype = i32} : (tensor<*x!gdef.resource>) -> tensor<*xi32>
    %1, %k1 = gdef.node "ReadVariableOp"(%m) {dtype = i32} : (tensor<*x!gdef.resource>) -> tensor<*xi32>
    %2, %k2 = gdef.node "Less"(%0, %1) {T = i32} : (tensor<*xi32>, tensor<*xi32>) -> tensor<*xi1>
    gdef.yield %2 : tensor<*xi1>
  } do {
  ^bb0(%c: tensor<*xi1>):
    %1, %k1 = gdef.node "ReadVariableOp"(%m) {dtype = i32} : (tensor<*x!gdef.resource>) -> tensor<*xi32>
    %2 = gdef.node "AssignAddVariableOp"(%n, %1) {dtype = i32} : (tensor<*x!gdef.resource>, tensor<*xi32>) -> ()
    %3, %k3 = gdef.node "LogicalNot"(%c) {} : (tensor<*xi1>) -> tensor<*xi1>
    gdef.yield %3 control(%2) : tensor<*xi1>
  } : (tensor<i1>) -> (tensor<*xi1>)
  %r, %rc = gdef.node "ReadVariableOp"(%n) control(%wc) {dtype = i32} : (tensor<*x!gdef.resource>) -> tensor<*xi32>
  %set = gdef.node "AssignVariableOp"(%m, %x) control(%rc) {dtype = i32} : (tensor<*x!gdef.resource>, tensor<i32>) -> ()
  gdef.fetch %r control(%set) : tensor<*xi32>
}

// -----

// Scatters become those on values. A constant or a feed that is written is no state: it starts anew in each run.
// CHECK-LABEL: gdef.graph @locals
// CHECK-SAME:    (%[[F:.*]]: tensor<2xf32> "f:0", %[[I:.*]]: tensor<1xi32> "i:0", %[[U:.*]]: tensor<1xf32> "u:0") -> ("c:0", "f2:0") {
// CHECK:         %[[C:.*]], %{{.*}} = gdef.node "Const"
// CHECK:         %[[C1:.*]], %{{.*}} = gdef.node "ScatterMul"(%[[C]], %[[I]], %[[U]]) {T = f32, Tindices = i32}
// CHECK:         %[[C2:.*]], %{{.*}} = gdef.node "TensorScatterUpdate"(%[[C1]], %[[I]], %[[U]]) {T = f32, Tindices = i32}
// CHECK:         %[[NEG:.*]], %{{.*}} = gdef.node "Neg"(%[[C2]])
// CHECK:         %[[F1:.*]], %{{.*}} = gdef.node "AddV2"(%[[F]], %[[NEG]])
// CHECK:         gdef.fetch %[[NEG]], %[[F1]]
gdef.graph @locals(%f: tensor<2xf32> "f:0", %i: tensor<1xi32> "i:0", %u: tensor<1xf32> "u:0") -> ("c:0", "f2:0") {
  %c, %cc = gdef.node "Const"() {dtype = f32, value = dense<[1.0, 2.0]> : tensor<2xf32>} : () -> tensor<2xf32>
  %1, %k1 = gdef.node "ScatterMul"(%c, %i, %u) {T = f32, _references = [0]} : (tensor<2xf32>, tensor<1xi32>, tensor<1xf32>) -> tensor<*xf32>
  %2, %k2 = gdef.node "ScatterNdUpdate"(%1, %i, %u) {T = f32, _references = [0]} : (tensor<*xf32>, tensor<1xi32>, tensor<1xf32>) -> tensor<*xf32>
  %3, %k3 = gdef.node "Neg"(%c) control(%k2) {T = f32} : (tensor<2xf32>) -> tensor<*xf32>
  %4, %k4 = gdef.node "AssignAdd"(%f, %3) {T = f32, _references = [0]} : (tensor<2xf32>, tensor<*xf32>) -> tensor<*xf32>
  gdef.fetch %3, %4 : tensor<*xf32>, tensor<*xf32>
}

// -----

// What one entry writes is state for the other, too; what nobody writes is left alone unless it is asked for.
// CHECK-LABEL: rt.variable @v container "" name "v"
// CHECK-NOT:   rt.variable
// CHECK:       gdef.graph @get(%[[V:.*]]: tensor<f32> "v") -> ("r:0", "w:0", "v")
// CHECK:         %[[W:.*]], %{{.*}} = gdef.node "ReadVariableOp"
// CHECK:         gdef.fetch %[[V]], %[[W]], %[[V]]
// CHECK:       gdef.graph @set(%[[X:.*]]: tensor<f32> "x:0", %{{.*}}: tensor<f32> "v") -> ("v")
// CHECK:         %[[NEW:.*]], %{{.*}} = gdef.node "Identity"(%[[X]])
// CHECK:         gdef.fetch %[[NEW]]
// ALL-DAG:     rt.variable @v container "" name "v"
// ALL-DAG:     rt.variable @w container "" name "w" : tensor<f32> {initial = dense<3.000000e+00> : tensor<f32>}
// ALL:         gdef.graph @get(%[[V:.*]]: tensor<f32> "v", %[[W:.*]]: tensor<f32> "w") -> ("r:0", "w:0", "v", "w")
// ALL:           gdef.fetch %[[V]], %[[W]], %[[V]], %[[W]]
gdef.graph @get() -> ("r:0", "w:0") {
  %v, %vc = gdef.node "VarHandleOp"() {dtype = f32, shape = #gdef.shape<[]>, shared_name = "v"} : () -> tensor<*x!gdef.resource>
  %w, %wc = gdef.node "VarHandleOp"() {dtype = f32, value = dense<3.0> : tensor<f32>, shared_name = "w"} : () -> tensor<*x!gdef.resource>
  %r, %rc = gdef.node "ReadVariableOp"(%v) {dtype = f32} : (tensor<*x!gdef.resource>) -> tensor<*xf32>
  %s, %sc = gdef.node "ReadVariableOp"(%w) {dtype = f32} : (tensor<*x!gdef.resource>) -> tensor<*xf32>
  gdef.fetch %r, %s : tensor<*xf32>, tensor<*xf32>
}
gdef.graph @set(%x: tensor<f32> "x:0") -> () {
  %v, %vc = gdef.node "VarHandleOp"() {dtype = f32, shape = #gdef.shape<[]>, shared_name = "v"} : () -> tensor<*x!gdef.resource>
  %a = gdef.node "AssignVariableOp"(%v, %x) {dtype = f32} : (tensor<*x!gdef.resource>, tensor<f32>) -> ()
  gdef.fetch control(%a)
}

// -----

// Gathers read the value as it is then; the shape is known.
// CHECK-LABEL: gdef.graph @gather
// CHECK-SAME:    %[[V:[^:]*]]: tensor<3x2xf32> "v")
// CHECK:         %[[A:.*]], %{{.*}} = gdef.node "ScatterAdd"(%[[V]], %{{.*}}, %{{.*}}) {T = f32, Tindices = i32}
// CHECK:         %[[AXIS:.*]], %{{.*}} = gdef.node "Const"() {{.*}}{dtype = i32, value = dense<0> : tensor<i32>}
// CHECK:         %[[G:.*]], %{{.*}} = gdef.node "GatherV2"(%[[A]], %{{.*}}, %[[AXIS]]) {{.*}}{Taxis = i32, Tindices = i32, Tparams = f32, batch_dims = 0 : i64}
// CHECK:         %[[S:.*]], %{{.*}} = gdef.node "Const"() {dtype = i32, value = dense<[3, 2]> : tensor<2xi32>}
// CHECK:         gdef.fetch %[[G]], %[[S]], %[[A]]
gdef.graph @gather(%i: tensor<1xi32> "i:0", %u: tensor<1x2xf32> "u:0") -> ("g:0", "s:0") {
  %v, %vc = gdef.node "VarHandleOp"() {dtype = f32, shape = #gdef.shape<[3, 2]>, shared_name = "v"} : () -> tensor<*x!gdef.resource>
  %a = gdef.node "ResourceScatterAdd"(%v, %i, %u) {dtype = f32, Tindices = i32} : (tensor<*x!gdef.resource>, tensor<1xi32>, tensor<1x2xf32>) -> ()
  %g, %gc = gdef.node "ResourceGather"(%v, %i) control(%a) {dtype = f32, Tindices = i32, batch_dims = 0 : i64} : (tensor<*x!gdef.resource>, tensor<1xi32>) -> tensor<*xf32>
  %s, %sc = gdef.node "VariableShape"(%v) {out_type = i32} : (tensor<*x!gdef.resource>) -> tensor<*xi32>
  gdef.fetch %g, %s : tensor<*xf32>, tensor<*xi32>
}
