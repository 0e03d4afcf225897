// RUN: lathe-opt --lathe-raise-control-flow --split-input-file %s | lathe-opt --split-input-file | FileCheck %s

// Merges of one predicate share a branch, its second output is the number of the input, and what no one reads is gone.
// CHECK-LABEL: gdef.graph @main(%arg0: tensor<f32> "x:0", %arg1: tensor<i1> "p:0")
// CHECK-NEXT:  %[[IF:[^:]*]]:2, %{{.*}} = gdef.if %arg1 {
// CHECK-NEXT:    %[[ONE:.*]], %{{.*}} = gdef.node "Const"() {dtype = i32, value = dense<1> : tensor<i32>}
// CHECK-NEXT:    gdef.yield %arg0, %[[ONE]] : tensor<f32>, tensor<i32>
// CHECK-NEXT:  } else {
// CHECK-NEXT:    %[[NEG:.*]], %{{.*}} = gdef.node "Neg"(%arg0)
// CHECK-NEXT:    %[[ZERO:.*]], %{{.*}} = gdef.node "Const"() {dtype = i32, value = dense<0> : tensor<i32>}
// CHECK-NEXT:    gdef.yield %[[NEG]], %[[ZERO]] : tensor<*xf32>, tensor<i32>
// CHECK-NEXT:  } : tensor<i1> -> (tensor<*xf32>, tensor<*xi32>)
// CHECK-NEXT:  gdef.fetch %[[IF]]#0, %[[IF]]#1
gdef.graph @main(%x: tensor<f32> "x:0", %p: tensor<i1> "p:0") -> ("y:0", "i:1") {
  %s:2, %0 = gdef.node "Switch"(%x, %p) {} : (tensor<f32>, tensor<i1>) -> (tensor<*xf32>, tensor<*xf32>)
  %n, %1 = gdef.node "Neg"(%s#0) {} : (tensor<*xf32>) -> tensor<*xf32>
  %e, %2 = gdef.node "Exp"(%s#1) {} : (tensor<*xf32>) -> tensor<*xf32>
  %m:2, %3 = gdef.node "Merge"(%n, %s#1) {} : (tensor<*xf32>, tensor<*xf32>) -> (tensor<*xf32>, tensor<*xi32>)
  %k:2, %4 = gdef.node "Merge"(%s#0, %e) {} : (tensor<*xf32>, tensor<*xf32>) -> (tensor<*xf32>, tensor<*xi32>)
  gdef.fetch %m#0, %m#1 : tensor<*xf32>, tensor<*xi32>
}

// -----

// What made TensorFlow's own raising fail on a detection network: one predicate computed twice, and once negated, tells the
// inputs of a Merge apart.
// CHECK-LABEL: gdef.graph @main
// CHECK:       %[[P:.*]], %{{.*}} = gdef.node "Greater"
// CHECK:       gdef.if %[[P]] {
// CHECK:         gdef.node "Exp"
// CHECK:         gdef.node "Add"
// CHECK:       } else {
// CHECK:         gdef.node "Neg"
// CHECK-NOT:   gdef.if
gdef.graph @main(%x: tensor<f32> "x:0", %y: tensor<f32> "y:0") -> ("z:0") {
  %p, %0 = gdef.node "Greater"(%x, %y) {T = f32} : (tensor<f32>, tensor<f32>) -> tensor<*xi1>
  %q, %1 = gdef.node "Greater"(%x, %y) {T = f32, _note = "cf"} : (tensor<f32>, tensor<f32>) -> tensor<*xi1>
  %id, %2 = gdef.node "Identity"(%q) {} : (tensor<*xi1>) -> tensor<*xi1>
  %not, %3 = gdef.node "LogicalNot"(%q) {} : (tensor<*xi1>) -> tensor<*xi1>
  %a:2, %4 = gdef.node "Switch"(%x, %p) {} : (tensor<f32>, tensor<*xi1>) -> (tensor<*xf32>, tensor<*xf32>)
  %b:2, %5 = gdef.node "Switch"(%y, %id) {} : (tensor<f32>, tensor<*xi1>) -> (tensor<*xf32>, tensor<*xf32>)
  %c:2, %6 = gdef.node "Switch"(%y, %not) {} : (tensor<f32>, tensor<*xi1>) -> (tensor<*xf32>, tensor<*xf32>)
  %n, %7 = gdef.node "Neg"(%a#0) {} : (tensor<*xf32>) -> tensor<*xf32>
  %e, %8 = gdef.node "Exp"(%b#1) {} : (tensor<*xf32>) -> tensor<*xf32>
  %s, %9 = gdef.node "Add"(%e, %c#0) {} : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32>
  %m:2, %10 = gdef.node "Merge"(%n, %s) {} : (tensor<*xf32>, tensor<*xf32>) -> (tensor<*xf32>, tensor<*xi32>)
  gdef.fetch %m#0 : tensor<*xf32>
}

// -----

// The same where folding made two constants of it: nothing is left to decide.
// CHECK-LABEL: gdef.graph @main
// CHECK-NOT:   gdef.if
// CHECK:       %[[E:.*]], %{{.*}} = gdef.node "Exp"(%arg0)
// CHECK:       gdef.fetch %[[E]]
gdef.graph @main(%x: tensor<f32> "x:0") -> ("z:0") {
  %p, %0 = gdef.node "Const"() {value = dense<true> : tensor<i1>} : () -> tensor<i1>
  %q, %1 = gdef.node "Const"() {value = dense<true> : tensor<i1>} : () -> tensor<i1>
  %a:2, %4 = gdef.node "Switch"(%x, %p) {} : (tensor<f32>, tensor<i1>) -> (tensor<*xf32>, tensor<*xf32>)
  %b:2, %5 = gdef.node "Switch"(%x, %q) {} : (tensor<f32>, tensor<i1>) -> (tensor<*xf32>, tensor<*xf32>)
  %n, %7 = gdef.node "Neg"(%a#0) {} : (tensor<*xf32>) -> tensor<*xf32>
  %e, %8 = gdef.node "Exp"(%b#1) {} : (tensor<*xf32>) -> tensor<*xf32>
  %m:2, %10 = gdef.node "Merge"(%n, %e) {} : (tensor<*xf32>, tensor<*xf32>) -> (tensor<*xf32>, tensor<*xi32>)
  gdef.fetch %m#0 : tensor<*xf32>
}

// -----

// The loop reads the limit and the step, a value that goes round unchanged, from around it. An Assert of the body stays
// there, what runs behind the loop's end comes behind the loop.
// CHECK-LABEL: gdef.graph @main(%arg0: tensor<f32> "x:0", %arg1: tensor<f32> "k:0", %arg2: tensor<f32> "d:0")
// CHECK-NEXT:  %[[W:.*]], %{{.*}} = gdef.while(%arg0) cond {
// CHECK-NEXT:  ^bb0(%[[V:.*]]: tensor<*xf32>):
// CHECK-NEXT:    %[[LESS:.*]], %{{.*}} = gdef.node "Less"(%[[V]], %arg1)
// CHECK-NEXT:    gdef.yield %[[LESS]] : tensor<*xi1>
// CHECK-NEXT:  } do {
// CHECK-NEXT:  ^bb0(%[[V:.*]]: tensor<*xf32>):
// CHECK-DAG:     %[[SAME:.*]], %{{.*}} = gdef.node "Less"(%[[V]], %arg1)
// CHECK-DAG:     %[[DONE:.*]] = gdef.node "Assert"(%[[SAME]], %[[V]])
// CHECK-DAG:     %[[ADD:.*]], %[[C:.*]] = gdef.node "Add"(%[[V]], %arg2) control(%[[DONE]])
// CHECK:         gdef.yield %[[ADD]] control(%[[C]]) : tensor<*xf32>
// CHECK:       %[[EXP:.*]], %{{.*}} = gdef.node "Exp"(%[[W]])
// CHECK:       gdef.fetch %[[EXP]], %arg2
gdef.graph @main(%x: tensor<f32> "x:0", %k: tensor<f32> "k:0", %d: tensor<f32> "d:0") -> ("y:0", "d:0") {
  %e, %0 = gdef.node "Enter"(%x) {frame_name = "f", is_constant = false} : (tensor<f32>) -> tensor<*xf32>
  %l, %1 = gdef.node "Enter"(%k) {frame_name = "f", is_constant = true} : (tensor<f32>) -> tensor<*xf32>
  %de, %2 = gdef.node "Enter"(%d) {frame_name = "f", is_constant = false} : (tensor<f32>) -> tensor<*xf32>
  %m:2, %3 = gdef.node "Merge"(%e, %n) {} : (tensor<*xf32>, tensor<*xf32>) -> (tensor<*xf32>, tensor<*xi32>)
  %dm:2, %4 = gdef.node "Merge"(%de, %dn) {} : (tensor<*xf32>, tensor<*xf32>) -> (tensor<*xf32>, tensor<*xi32>)
  %p, %5 = gdef.node "Less"(%m#0, %l) {} : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xi1>
  %c, %6 = gdef.node "LoopCond"(%p) {} : (tensor<*xi1>) -> tensor<*xi1>
  %s:2, %7 = gdef.node "Switch"(%m#0, %c) {} : (tensor<*xf32>, tensor<*xi1>) -> (tensor<*xf32>, tensor<*xf32>)
  %ds:2, %8 = gdef.node "Switch"(%dm#0, %c) {} : (tensor<*xf32>, tensor<*xi1>) -> (tensor<*xf32>, tensor<*xf32>)
  %9 = gdef.node "Assert"(%p, %s#1) {} : (tensor<*xi1>, tensor<*xf32>) -> ()
  %a, %10 = gdef.node "Add"(%s#1, %ds#1) control(%9) {} : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32>
  %n, %11 = gdef.node "NextIteration"(%a) {} : (tensor<*xf32>) -> tensor<*xf32>
  %di, %12 = gdef.node "Identity"(%ds#1) {} : (tensor<*xf32>) -> tensor<*xf32>
  %dn, %13 = gdef.node "NextIteration"(%di) {} : (tensor<*xf32>) -> tensor<*xf32>
  %behind, %14 = gdef.node "Exp"(%s#0) {} : (tensor<*xf32>) -> tensor<*xf32>
  %y, %15 = gdef.node "Exit"(%behind) {} : (tensor<*xf32>) -> tensor<*xf32>
  %z, %16 = gdef.node "Exit"(%ds#0) {} : (tensor<*xf32>) -> tensor<*xf32>
  gdef.fetch %y, %z : tensor<*xf32>, tensor<*xf32>
}

// -----

// What a fetch only waits for runs in a branch of its own, under its condition; a control edge from a branch is enough.
// CHECK-LABEL: gdef.graph @main
// CHECK-NEXT:  %[[C:.*]] = gdef.if %arg1 {
// CHECK-NEXT:    %[[A:.*]] = gdef.node "Assert"(%arg1, %arg0)
// CHECK-NEXT:    gdef.yield control(%[[A]])
// CHECK-NEXT:  } else {
// CHECK-NEXT:    gdef.yield
// CHECK-NEXT:  }
// CHECK-NEXT:  gdef.fetch %arg0 control(%[[C]])
gdef.graph @main(%x: tensor<f32> "x:0", %p: tensor<i1> "p:0") -> ("x:0") {
  %s:2, %0 = gdef.node "Switch"(%p, %p) {} : (tensor<i1>, tensor<i1>) -> (tensor<*xi1>, tensor<*xi1>)
  %t, %1 = gdef.node "Identity"(%s#1) {} : (tensor<*xi1>) -> tensor<*xi1>
  %2 = gdef.node "Assert"(%p, %x) control(%1) {} : (tensor<i1>, tensor<f32>) -> ()
  gdef.fetch %x control(%2) : tensor<f32>
}

// -----

// More than two ways; an index out of range takes the last.
// CHECK-LABEL: gdef.graph @main
// CHECK:       %[[IS0:.*]], %{{.*}} = gdef.node "Equal"(%arg1, %{{.*}})
// CHECK:       gdef.if %[[IS0]] {
// CHECK:         gdef.node "Neg"
// CHECK:       } else {
// CHECK:         %[[IS1:.*]], %{{.*}} = gdef.node "Equal"(%arg1, %{{.*}})
// CHECK:         gdef.if %[[IS1]] {
// CHECK:           gdef.node "Exp"
// CHECK:         } else {
// CHECK-NEXT:      gdef.yield %arg0
gdef.graph @main(%x: tensor<f32> "x:0", %k: tensor<i32> "k:0") -> ("y:0") {
  %s:3, %0 = gdef.node "_SwitchN"(%x, %k) {num_outs = 3} : (tensor<f32>, tensor<i32>) -> (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>)
  %n, %1 = gdef.node "Neg"(%s#0) {} : (tensor<*xf32>) -> tensor<*xf32>
  %e, %2 = gdef.node "Exp"(%s#1) {} : (tensor<*xf32>) -> tensor<*xf32>
  %m:2, %3 = gdef.node "Merge"(%n, %e, %s#2) {} : (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>) -> (tensor<*xf32>, tensor<*xi32>)
  gdef.fetch %m#0 : tensor<*xf32>
}

// -----

// A ControlTrigger runs though what it waits for is dead on one of two ways: pushes that gradients make in branches of a loop run in a
// branch of the body.
// CHECK-LABEL: gdef.graph @main
// CHECK:       gdef.while
// CHECK:       } do {
// CHECK:         %[[C:.*]] = gdef.if %{{.*}} {
// CHECK:           %[[P:.*]], %[[DONE:.*]] = gdef.node "StackPushV2"(%{{.*}}, %{{.*}}) {}
// CHECK:           gdef.yield control(%[[DONE]])
// CHECK:         } else {
// CHECK:           gdef.node "StackPushV2"
// CHECK:         }
// CHECK:         gdef.yield %{{.*}} control(%[[C]])
gdef.graph @main(%x: tensor<f32> "x:0", %q: tensor<i1> "q:0", %h: tensor<!gdef.resource> "h:0") -> ("y:0") {
  %e, %0 = gdef.node "Enter"(%x) {frame_name = "f"} : (tensor<f32>) -> tensor<*xf32>
  %eq, %1 = gdef.node "Enter"(%q) {frame_name = "f", is_constant = true} : (tensor<i1>) -> tensor<*xi1>
  %eh, %2 = gdef.node "Enter"(%h) {frame_name = "f", is_constant = true} : (tensor<!gdef.resource>) -> tensor<*x!gdef.resource>
  %m:2, %3 = gdef.node "Merge"(%e, %n) {} : (tensor<*xf32>, tensor<*xf32>) -> (tensor<*xf32>, tensor<i32>)
  %less, %4 = gdef.node "Less"(%m#0, %m#0) {} : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xi1>
  %c, %5 = gdef.node "LoopCond"(%less) {} : (tensor<*xi1>) -> tensor<*xi1>
  %s:2, %6 = gdef.node "Switch"(%m#0, %c) {} : (tensor<*xf32>, tensor<*xi1>) -> (tensor<*xf32>, tensor<*xf32>)
  %w:2, %7 = gdef.node "Switch"(%s#1, %eq) {} : (tensor<*xf32>, tensor<*xi1>) -> (tensor<*xf32>, tensor<*xf32>)
  %p, %8 = gdef.node "StackPushV2"(%eh, %w#1) {} : (tensor<*x!gdef.resource>, tensor<*xf32>) -> tensor<*xf32>
  %r, %9 = gdef.node "StackPushV2"(%eh, %w#0) {} : (tensor<*x!gdef.resource>, tensor<*xf32>) -> tensor<*xf32>
  %10 = gdef.node "ControlTrigger"() control(%8, %9) {} : () -> ()
  %a, %11 = gdef.node "Exp"(%s#1) {} : (tensor<*xf32>) -> tensor<*xf32>
  %n, %12 = gdef.node "NextIteration"(%a) control(%10) {} : (tensor<*xf32>) -> tensor<*xf32>
  %y, %13 = gdef.node "Exit"(%s#0) {} : (tensor<*xf32>) -> tensor<*xf32>
  gdef.fetch %y : tensor<*xf32>
}
