// RUN: lathe-opt --lathe-inline-functions --split-input-file --mlir-print-debuginfo --mlir-print-local-scope %s | FileCheck %s

// Nodes are named by call and node; what the call waited for comes first, and what waited for the call waits for the
// function's own control results.
// CHECK-LABEL: gdef.graph @main
// CHECK:       %[[GUARD:.*]] = gdef.node "Assert"
// CHECK-DAG:   %[[NEG:.*]], %{{.*}} = gdef.node "Neg"(%{{.*}}) control(%[[GUARD]]) {{.*}} loc("call/neg"("Neg"))
// CHECK-DAG:   %[[INNER:.*]] = gdef.node "Assert"({{.*}}, %[[NEG]]) {} {{.*}} loc("call/check"("Assert"))
// CHECK-DAG:   %[[EXP:.*]], %{{.*}} = gdef.node "Exp"(%[[NEG]]) {} {{.*}} loc("call/nested/exp"("Exp"))
// CHECK-DAG:   %[[LAST:.*]], %{{.*}} = gdef.node "Abs"(%[[EXP]]) control(%[[GUARD]], %[[INNER]])
// CHECK:       gdef.fetch %[[LAST]]
// CHECK-NOT:   gdef.graph
gdef.graph @main(%x: tensor<f32> "x:0", %p: tensor<i1> "p:0") -> ("y:0") {
  %0 = gdef.node "Assert"(%p, %x) {} : (tensor<i1>, tensor<f32>) -> ()
  %y, %1 = gdef.node "StatefulPartitionedCall"(%x, %p) control(%0) {f = #gdef.func<@f, {}>} : (tensor<f32>, tensor<i1>) -> tensor<*xf32> loc("call"("StatefulPartitionedCall"))
  %z, %2 = gdef.node "Abs"(%y) control(%1) {} : (tensor<*xf32>) -> tensor<*xf32>
  gdef.fetch %z : tensor<*xf32>
}
gdef.graph private @f(%x: tensor<*xf32> "x", %p: tensor<*xi1> "p") -> ("y") {
  %n, %0 = gdef.node "Neg"(%x) {} : (tensor<*xf32>) -> tensor<*xf32> loc("f/neg"("Neg"))
  %1 = gdef.node "Assert"(%p, %n) {} : (tensor<*xi1>, tensor<*xf32>) -> () loc("f/check"("Assert"))
  %y, %2 = gdef.node "g"(%n) {} : (tensor<*xf32>) -> tensor<*xf32> loc("f/nested"("g"))
  gdef.fetch %y control(%1) : tensor<*xf32>
}
gdef.graph private @g(%x: tensor<*xf32> "x") -> ("y") {
  %y, %0 = gdef.node "Exp"(%x) {} : (tensor<*xf32>) -> tensor<*xf32> loc("g/exp"("Exp"))
  gdef.fetch %y : tensor<*xf32>
}

// -----

// The limit, which the body passes on, is read from around the loop.
// CHECK-LABEL: gdef.graph @main
// CHECK:       %[[W:[^:]*]]:2, %{{.*}} = gdef.while(%{{.*}}, %[[X:.*]]) cond {
// CHECK:         gdef.node "Less"(%{{.*}}, %[[N:[^)]*]])
// CHECK:       } do {
// CHECK:         %[[B:.*]], %[[C:.*]] = gdef.if %{{.*}} {
// CHECK:           gdef.node "Neg"
// CHECK:         } else {
// CHECK:           gdef.node "Exp"
// CHECK:         }
// CHECK:         gdef.yield %{{.*}}, %[[B]] : tensor<*xi32>, tensor<*xf32>
// CHECK:       gdef.fetch %[[W]]#1, %[[N]]
gdef.graph @main(%x: tensor<f32> "x:0", %n: tensor<i32> "n:0", %i: tensor<i32> "i:0") -> ("y:0", "n") {
  %w:3, %0 = gdef.node "While"(%i, %n, %x) {cond = #gdef.func<@c, {}>, body = #gdef.func<@b, {}>} : (tensor<i32>, tensor<i32>, tensor<f32>) -> (tensor<*xi32>, tensor<*xi32>, tensor<*xf32>)
  gdef.fetch %w#2, %w#1 : tensor<*xf32>, tensor<*xi32>
}
gdef.graph private @c(%i: tensor<*xi32> "i", %n: tensor<*xi32> "n", %x: tensor<*xf32> "x") -> ("p") {
  %p, %0 = gdef.node "Less"(%i, %n) {} : (tensor<*xi32>, tensor<*xi32>) -> tensor<*xi1>
  gdef.fetch %p : tensor<*xi1>
}
gdef.graph private @b(%i: tensor<*xi32> "i", %n: tensor<*xi32> "n", %x: tensor<*xf32> "x") -> ("i", "n", "x") {
  %j, %0 = gdef.node "Add"(%i, %i) {} : (tensor<*xi32>, tensor<*xi32>) -> tensor<*xi32>
  %same, %1 = gdef.node "Identity"(%n) {} : (tensor<*xi32>) -> tensor<*xi32>
  %y, %2 = gdef.node "StatelessIf"(%i, %x) {then_branch = #gdef.func<@t, {}>, else_branch = #gdef.func<@e, {}>} : (tensor<*xi32>, tensor<*xf32>) -> tensor<*xf32>
  gdef.fetch %j, %same, %y : tensor<*xi32>, tensor<*xi32>, tensor<*xf32>
}
gdef.graph private @t(%x: tensor<*xf32> "x") -> ("y") {
  %y, %0 = gdef.node "Neg"(%x) {} : (tensor<*xf32>) -> tensor<*xf32>
  gdef.fetch %y : tensor<*xf32>
}
gdef.graph private @e(%x: tensor<*xf32> "x") -> ("y") {
  %y, %0 = gdef.node "Exp"(%x) {} : (tensor<*xf32>) -> tensor<*xf32>
  gdef.fetch %y : tensor<*xf32>
}

// -----

// Any index but 0 and 1 takes the last branch.
// CHECK-LABEL: gdef.graph @main
// CHECK:       %[[ZERO:.*]], %{{.*}} = gdef.node "Const"() {{.*}}dense<0>
// CHECK:       %[[IS0:.*]], %{{.*}} = gdef.node "Equal"(%[[K:.*]], %[[ZERO]])
// CHECK:       gdef.if %[[IS0]] {
// CHECK:         gdef.node "Neg"
// CHECK:       } else {
// CHECK:         %[[ONE:.*]], %{{.*}} = gdef.node "Const"() {{.*}}dense<1>
// CHECK:         %[[IS1:.*]], %{{.*}} = gdef.node "Equal"(%[[K]], %[[ONE]])
// CHECK:         gdef.if %[[IS1]] {
// CHECK:           gdef.node "Exp"
// CHECK:         } else {
// CHECK:           gdef.node "Abs"
gdef.graph @main(%x: tensor<f32> "x:0", %k: tensor<i32> "k:0") -> ("y:0") {
  %y, %0 = gdef.node "Case"(%k, %x) {branches = [#gdef.func<@f, {}>, #gdef.func<@g, {}>, #gdef.func<@h, {}>]} : (tensor<i32>, tensor<f32>) -> tensor<*xf32>
  gdef.fetch %y : tensor<*xf32>
}
gdef.graph private @f(%x: tensor<*xf32> "x") -> ("y") {
  %y, %0 = gdef.node "Neg"(%x) {} : (tensor<*xf32>) -> tensor<*xf32>
  gdef.fetch %y : tensor<*xf32>
}
gdef.graph private @g(%x: tensor<*xf32> "x") -> ("y") {
  %y, %0 = gdef.node "Exp"(%x) {} : (tensor<*xf32>) -> tensor<*xf32>
  gdef.fetch %y : tensor<*xf32>
}
gdef.graph private @h(%x: tensor<*xf32> "x") -> ("y") {
  %y, %0 = gdef.node "Abs"(%x) {} : (tensor<*xf32>) -> tensor<*xf32>
  gdef.fetch %y : tensor<*xf32>
}
