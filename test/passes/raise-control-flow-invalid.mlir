// RUN: not lathe-opt --lathe-raise-control-flow --split-input-file %s 2>&1 | FileCheck %s
// Every problem has its code and the name of its node.

// CHECK: error: loc("merge"("Merge")): LTH0301: a loop must have a LoopCond, but the one that 'enter' enters has none
gdef.graph @main(%x: tensor<f32> "x:0", %p: tensor<i1> "p:0") -> ("y:0") {
  %e, %0 = gdef.node "Enter"(%x) {frame_name = "f", is_constant = false} : (tensor<f32>) -> tensor<*xf32> loc("enter"("Enter"))
  %m:2, %1 = gdef.node "Merge"(%e, %n) {} : (tensor<*xf32>, tensor<*xf32>) -> (tensor<*xf32>, tensor<*xi32>) loc("merge"("Merge"))
  %a, %2 = gdef.node "Neg"(%m#0) {} : (tensor<*xf32>) -> tensor<*xf32>
  %n, %3 = gdef.node "NextIteration"(%a) {} : (tensor<*xf32>) -> tensor<*xf32>
  %y, %4 = gdef.node "Exit"(%m#0) {} : (tensor<*xf32>) -> tensor<*xf32>
  gdef.fetch %y : tensor<*xf32>
}

// -----

// CHECK: error: loc("three"("Merge")): LTH0302: number of inputs that can be alive must be 2, but got 3
gdef.graph @main(%x: tensor<f32> "x:0", %p: tensor<i1> "p:0", %q: tensor<i1> "q:0") -> ("y:0") {
  %s:2, %0 = gdef.node "Switch"(%x, %p) {} : (tensor<f32>, tensor<i1>) -> (tensor<*xf32>, tensor<*xf32>)
  %t:2, %1 = gdef.node "Switch"(%s#1, %q) {} : (tensor<*xf32>, tensor<i1>) -> (tensor<*xf32>, tensor<*xf32>)
  %y:2, %2 = gdef.node "Merge"(%s#0, %t#0, %t#1) {} : (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>) -> (tensor<*xf32>, tensor<*xi32>) loc("three"("Merge"))
  gdef.fetch %y#0 : tensor<*xf32>
}

// -----

// Both are reported, each with the states of its inputs.
// CHECK-DAG: error: loc("one"("Merge")): LTH0303: one condition must tell the inputs apart, but input 0 ('s') comes if 'p' is false, input 1 ('t') comes if 'q' is true
// CHECK-DAG: error: loc("two"("Merge")): LTH0303: one condition must tell the inputs apart, but input 0 ('s') comes if 'p' is true, input 1 ('neg') comes always
gdef.graph @main(%x: tensor<f32> "x:0" loc("x"("Placeholder")), %p: tensor<i1> "p:0" loc("p"("Placeholder")), %q: tensor<i1> "q:0" loc("q"("Placeholder"))) -> ("y:0", "z:0") {
  %s:2, %0 = gdef.node "Switch"(%x, %p) {} : (tensor<f32>, tensor<i1>) -> (tensor<*xf32>, tensor<*xf32>) loc("s"("Switch"))
  %t:2, %1 = gdef.node "Switch"(%x, %q) {} : (tensor<f32>, tensor<i1>) -> (tensor<*xf32>, tensor<*xf32>) loc("t"("Switch"))
  %n, %2 = gdef.node "Neg"(%x) {} : (tensor<f32>) -> tensor<*xf32> loc("neg"("Neg"))
  %y:2, %3 = gdef.node "Merge"(%s#0, %t#1) {} : (tensor<*xf32>, tensor<*xf32>) -> (tensor<*xf32>, tensor<*xi32>) loc("one"("Merge"))
  %z:2, %4 = gdef.node "Merge"(%s#1, %n) {} : (tensor<*xf32>, tensor<*xf32>) -> (tensor<*xf32>, tensor<*xi32>) loc("two"("Merge"))
  gdef.fetch %y#0, %z#0 : tensor<*xf32>, tensor<*xf32>
}

// -----

// CHECK: error: loc("mixed"("Add")): LTH0304: all inputs must be of one loop, but 'merge' is in the loop that 'enter' enters and 'outside' is outside of loops
gdef.graph @main(%x: tensor<f32> "x:0", %p: tensor<i1> "p:0") -> ("y:0") {
  %o, %5 = gdef.node "Neg"(%x) {} : (tensor<f32>) -> tensor<*xf32> loc("outside"("Neg"))
  %e, %0 = gdef.node "Enter"(%x) {frame_name = "f", is_constant = false} : (tensor<f32>) -> tensor<*xf32> loc("enter"("Enter"))
  %m:2, %1 = gdef.node "Merge"(%e, %n) {} : (tensor<*xf32>, tensor<*xf32>) -> (tensor<*xf32>, tensor<*xi32>) loc("merge"("Merge"))
  %a, %2 = gdef.node "Add"(%m#0, %o) {} : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32> loc("mixed"("Add"))
  %n, %3 = gdef.node "NextIteration"(%a) {} : (tensor<*xf32>) -> tensor<*xf32>
  %y, %4 = gdef.node "Exit"(%m#0) {} : (tensor<*xf32>) -> tensor<*xf32>
  gdef.fetch %y : tensor<*xf32>
}

// -----

// CHECK: error: loc("last"("Assert")): LTH0306: what runs between the end of a loop and its Exits must have no effect
gdef.graph @main(%x: tensor<f32> "x:0", %k: tensor<f32> "k:0") -> ("y:0") {
  %e, %0 = gdef.node "Enter"(%x) {frame_name = "f", is_constant = false} : (tensor<f32>) -> tensor<*xf32>
  %l, %1 = gdef.node "Enter"(%k) {frame_name = "f", is_constant = true} : (tensor<f32>) -> tensor<*xf32>
  %m:2, %2 = gdef.node "Merge"(%e, %n) {} : (tensor<*xf32>, tensor<*xf32>) -> (tensor<*xf32>, tensor<*xi32>)
  %p, %3 = gdef.node "Less"(%m#0, %l) {} : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xi1>
  %c, %4 = gdef.node "LoopCond"(%p) {} : (tensor<*xi1>) -> tensor<*xi1>
  %s:2, %5 = gdef.node "Switch"(%m#0, %c) {} : (tensor<*xf32>, tensor<*xi1>) -> (tensor<*xf32>, tensor<*xf32>)
  %a, %6 = gdef.node "Add"(%s#1, %s#1) {} : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32>
  %n, %7 = gdef.node "NextIteration"(%a) {} : (tensor<*xf32>) -> tensor<*xf32>
  %8 = gdef.node "Assert"(%p, %s#0) {} : (tensor<*xi1>, tensor<*xf32>) -> () loc("last"("Assert"))
  %i, %9 = gdef.node "Identity"(%s#0) control(%8) {} : (tensor<*xf32>) -> tensor<*xf32>
  %y, %10 = gdef.node "Exit"(%i) {} : (tensor<*xf32>) -> tensor<*xf32>
  gdef.fetch %y : tensor<*xf32>
}

// -----

// CHECK: error: loc("take"("QueueDequeueV2")): LTH0307: a node that waits for what runs elsewhere must be outside of loops and branches
gdef.graph @main(%h: tensor<!gdef.resource> "h:0", %x: tensor<f32> "x:0", %p: tensor<i1> "p:0") -> ("y:0") {
  %s:2, %0 = gdef.node "Switch"(%h, %p) {} : (tensor<!gdef.resource>, tensor<i1>) -> (tensor<!gdef.resource>, tensor<!gdef.resource>)
  %t:2, %1 = gdef.node "Switch"(%x, %p) {} : (tensor<f32>, tensor<i1>) -> (tensor<*xf32>, tensor<*xf32>)
  %q, %2 = gdef.node "QueueDequeueV2"(%s#1) {} : (tensor<!gdef.resource>) -> tensor<*xf32> loc("take"("QueueDequeueV2"))
  %y:2, %3 = gdef.node "Merge"(%t#0, %q) {} : (tensor<*xf32>, tensor<*xf32>) -> (tensor<*xf32>, tensor<*xi32>)
  gdef.fetch %y#0 : tensor<*xf32>
}

// -----

// CHECK: error: loc("{{a|b}}"({{.*}})): LTH0308: a circle must lead through NextIteration, but this one does not: '{{a|b}}', '{{a|b}}'
gdef.graph @main(%x: tensor<f32> "x:0", %p: tensor<i1> "p:0") -> ("y:0") {
  %s:2, %0 = gdef.node "Switch"(%b, %p) {} : (tensor<*xf32>, tensor<i1>) -> (tensor<*xf32>, tensor<*xf32>) loc("a"("Switch"))
  %b, %1 = gdef.node "Add"(%s#0, %x) {} : (tensor<*xf32>, tensor<f32>) -> tensor<*xf32> loc("b"("Add"))
  gdef.fetch %b : tensor<*xf32>
}

// -----

// Two loops of one name, one inside of another loop.
// CHECK: error: loc("meet"("Add")): LTH0309: all inputs must be of one loop, but 'first' is in the loop that 'first' enters and 'second' is in the loop that 'second' enters
gdef.graph @main(%x: tensor<f32> "x:0") -> ("y:0") {
  %a, %0 = gdef.node "Enter"(%x) {frame_name = "f", is_constant = true} : (tensor<f32>) -> tensor<*xf32> loc("first"("Enter"))
  %b, %1 = gdef.node "Enter"(%x) {frame_name = "g", is_constant = true} : (tensor<f32>) -> tensor<*xf32> loc("between"("Enter"))
  %c, %2 = gdef.node "Enter"(%b) {frame_name = "f", is_constant = true} : (tensor<*xf32>) -> tensor<*xf32> loc("second"("Enter"))
  %d, %3 = gdef.node "Add"(%a, %c) {} : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32> loc("meet"("Add"))
  %y, %4 = gdef.node "Exit"(%d) {} : (tensor<*xf32>) -> tensor<*xf32>
  gdef.fetch %y : tensor<*xf32>
}

// -----

// What may be dead at the end cannot be fetched.
// CHECK: error: loc("s"("Switch")): LTH0311: result 0 must always exist, but it comes only if 'p' is true; fetch the Merge behind it
gdef.graph @main(%x: tensor<f32> "x:0", %p: tensor<i1> "p:0" loc("p"("Placeholder"))) -> ("s:1") {
  %s:2, %0 = gdef.node "Switch"(%x, %p) {} : (tensor<f32>, tensor<i1>) -> (tensor<*xf32>, tensor<*xf32>) loc("s"("Switch"))
  gdef.fetch %s#1 : tensor<*xf32>
}

// -----

// CHECK: error: loc("s"("Switch")): LTH0311: result 0 must exist, but is never computed: a condition that is constant leads past it
gdef.graph @main(%x: tensor<f32> "x:0") -> ("s:1") {
  %p, %1 = gdef.node "Const"() {value = dense<false> : tensor<i1>} : () -> tensor<i1>
  %s:2, %0 = gdef.node "Switch"(%x, %p) {} : (tensor<f32>, tensor<i1>) -> (tensor<*xf32>, tensor<*xf32>) loc("s"("Switch"))
  gdef.fetch %s#1 : tensor<*xf32>
}
