// RUN: lathe-opt %s --mlir-print-debuginfo | lathe-opt --mlir-print-debuginfo | FileCheck %s

// CHECK-LABEL: gdef.graph @main(%{{.*}}: tensor<1x?xf32> "x:0"
// CHECK-SAME: ) -> ("y:0", "z:1") {
gdef.graph @main(%x: tensor<1x?xf32> "x:0" loc("x"("Placeholder"))) -> ("y:0", "z:1") {
  // The loop variable is used before it is defined: the body is a graph region.
  // CHECK: %[[Y:.*]], %[[C0:.*]] = gdef.node "Merge"(%{{.*}}, %[[Z:.*]]#1) {N = 2 : i64, T = f32} : (tensor<1x?xf32>, tensor<*xf32>) -> tensor<*xf32> loc(#[[LOC:.*]])
  %y, %c0 = gdef.node "Merge"(%x, %z#1) {N = 2, T = f32} : (tensor<1x?xf32>, tensor<*xf32>) -> tensor<*xf32> loc("y"("Merge"))
  // CHECK: %[[Z]]:2, %[[C1:.*]] = gdef.node "Split"(%[[Y]]) control(%[[C0]])
  %z:2, %c1 = gdef.node "Split"(%y) control(%c0) {} : (tensor<*xf32>) -> (tensor<*xf32>, tensor<*xf32>)
  // CHECK: gdef.node "Assert"(%[[Y]]) control(%[[C0]], %[[C1]]) {} : (tensor<*xf32>) -> ()
  %c2 = gdef.node "Assert"(%y) control(%c0, %c1) {} : (tensor<*xf32>) -> ()
  // CHECK: gdef.fetch %[[Y]], %[[Z]]#1 control({{.*}}) : tensor<*xf32>, tensor<*xf32>
  gdef.fetch %y, %z#1 control(%c2) : tensor<*xf32>, tensor<*xf32>
}

// CHECK-LABEL: gdef.graph private @"with space"() -> () {
gdef.graph private @"with space"() -> () {
  // CHECK: gdef.node "Op"
  // CHECK-SAME: b = true
  // CHECK-SAME: f = 1.500000e+00 : f32
  // CHECK-SAME: g = #gdef.func<@main, {T = f32}>
  // CHECK-SAME: l = [1, 2]
  // CHECK-SAME: s = #gdef.shape<[1,?]>
  // CHECK-SAME: t = dense<["a", "b"]> : tensor<2x!gdef.string>
  // CHECK-SAME: u = #gdef.shape<*>
  // CHECK-SAME: v = #gdef.shape<[]>
  // CHECK-SAME: () -> (tensor<2x!gdef.quantized<ui8>>, tensor<!gdef.resource>, tensor<!gdef.variant>, tensor<complex<f32>>)
  %o:4, %c = gdef.node "Op"() {b = true, f = 1.5 : f32, g = #gdef.func<@main, {T = f32}>, l = [1, 2], s = #gdef.shape<[1,?]>,
      t = dense<["a", "b"]> : tensor<2x!gdef.string>, u = #gdef.shape<*>, v = #gdef.shape<[]>}
      : () -> (tensor<2x!gdef.quantized<ui8>>, tensor<!gdef.resource>, tensor<!gdef.variant>, tensor<complex<f32>>)
  gdef.fetch
}

// CHECK-LABEL: gdef.graph @structured
gdef.graph @structured(%x: tensor<2xf32> "x:0", %n: tensor<i32> "n:0") -> ("y:0") {
  // CHECK: %[[P:[^,]*]], %[[C:[^ ]*]] = gdef.node "Less"
  %p, %c = gdef.node "Less"(%n, %n) {} : (tensor<i32>, tensor<i32>) -> tensor<*xi1>
  // CHECK: %[[IF:[^,]*]], %[[IFC:[^ ]*]] = gdef.if %[[P]] control(%[[C]]) {
  // CHECK: gdef.yield %{{.*}} : tensor<2xf32>
  // CHECK: } else {
  // CHECK: %[[NEG:[^,]*]], %[[C1:[^ ]*]] = gdef.node "Neg"
  // CHECK: gdef.yield %[[NEG]] control(%[[C1]]) : tensor<*xf32>
  // CHECK: } : tensor<*xi1> -> (tensor<*xf32>)
  %y, %c0 = gdef.if %p control(%c) {
    gdef.yield %x : tensor<2xf32>
  } else {
    %z, %c1 = gdef.node "Neg"(%x) {} : (tensor<2xf32>) -> tensor<*xf32>
    gdef.yield %z control(%c1) : tensor<*xf32>
  } : tensor<*xi1> -> (tensor<*xf32>)
  // CHECK: %{{.*}}:2, %{{.*}} = gdef.while(%{{.*}}, %[[IF]]) control(%[[IFC]]) cond {
  // CHECK: ^bb0(%[[I:[^:]*]]: tensor<*xi32>
  // CHECK: gdef.node "Less"(%[[I]], %{{.*}})
  // CHECK: } do {
  // CHECK: } : (tensor<i32>, tensor<*xf32>) -> (tensor<*xi32>, tensor<*xf32>)
  %r:2, %c2 = gdef.while(%n, %y) control(%c0) cond {
  ^bb0(%i: tensor<*xi32>, %v: tensor<*xf32>):
    %q, %c3 = gdef.node "Less"(%i, %n) {} : (tensor<*xi32>, tensor<i32>) -> tensor<*xi1>
    gdef.yield %q : tensor<*xi1>
  } do {
  ^bb0(%i: tensor<*xi32>, %v: tensor<*xf32>):
    %w, %c4 = gdef.node "Exp"(%v) {} : (tensor<*xf32>) -> tensor<*xf32>
    gdef.yield %i, %w : tensor<*xi32>, tensor<*xf32>
  } : (tensor<i32>, tensor<*xf32>) -> (tensor<*xi32>, tensor<*xf32>)
  gdef.fetch %r#1 : tensor<*xf32>
}

// CHECK: #[[OP:.*]] = loc("Merge")
// CHECK: #[[LOC]] = loc("y"(#[[OP]]))
