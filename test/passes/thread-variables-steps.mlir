// RUN: lathe-opt --lathe-thread-variables %s | FileCheck %s
// RUN: lathe-opt --lathe-thread-variables --lathe-legalize-graph %s | FileCheck %s --check-prefix=CORE

// A step changes each variable that it takes, handle or reference, and leaves a node with a result for each.
// CHECK:       gdef.graph @handles(%[[G:.*]]: tensor<2xf32> "g:0", %[[V:.*]]: tensor<2xf32> "v", %[[A:.*]]: tensor<2xf32> "a") -> ("old:0", "v", "a")
// CHECK:         %[[S:.*]]:2, %{{.*}} = gdef.node "ApplyMomentum"(%[[V]], %[[A]], %{{.*}}, %[[G]], %{{.*}}) {T = f32, use_nesterov = true}
// CHECK:         gdef.fetch %[[V]], %[[S]]#0, %[[S]]#1
// CORE-LABEL:  func.func @handles
// CORE:          %[[ACCUM:.*]] = core.add
// CORE:          %[[VAR:.*]] = core.sub
// CORE:          return %{{.*}}, %[[VAR]], %[[ACCUM]] : tensor<2xf32>, tensor<2xf32>, tensor<2xf32>
gdef.graph @handles(%g: tensor<2xf32> "g:0") -> ("old:0") {
  %v, %vc = gdef.node "VarHandleOp"() {dtype = f32, shape = #gdef.shape<[2]>, shared_name = "v"} : () -> tensor<*x!gdef.resource>
  %a, %ac = gdef.node "VarHandleOp"() {dtype = f32, shape = #gdef.shape<[2]>, shared_name = "a"} : () -> tensor<*x!gdef.resource>
  %lr, %0 = gdef.node "Const"() {dtype = f32, value = dense<0.5> : tensor<f32>} : () -> tensor<f32>
  %old, %1 = gdef.node "ReadVariableOp"(%v) {dtype = f32} : (tensor<*x!gdef.resource>) -> tensor<*xf32>
  %2 = gdef.node "ResourceApplyMomentum"(%v, %a, %lr, %g, %lr) control(%1) {T = f32, use_nesterov = true} : (tensor<*x!gdef.resource>, tensor<*x!gdef.resource>, tensor<f32>, tensor<2xf32>, tensor<f32>) -> ()
  gdef.fetch %old : tensor<*xf32>
}

// The reference that a step gives is the first variable.
// CHECK:       gdef.graph @references(
// CHECK-SAME:    %[[W:[^:]*]]: tensor<2xf32> "w")
// CHECK:         %[[S:.*]], %{{.*}} = gdef.node "ApplyGradientDescent"(%[[W]], %{{.*}}, %{{.*}}) {T = f32}
// CHECK:         gdef.node "Neg"(%[[S]])
// CHECK:         gdef.fetch %{{.*}}, %[[S]]
gdef.graph @references(%g: tensor<2xf32> "g:0") -> ("neg:0") {
  %w, %wc = gdef.node "VariableV2"() {dtype = f32, shape = #gdef.shape<[2]>, shared_name = "w"} : () -> tensor<*xf32>
  %n, %nc = gdef.node "Const"() {dtype = f32, value = dense<0.25> : tensor<f32>} : () -> tensor<f32>
  %s, %0 = gdef.node "ApplyGradientDescent"(%w, %n, %g) {T = f32, _references = [0]} : (tensor<*xf32>, tensor<f32>, tensor<2xf32>) -> tensor<*xf32>
  %neg, %1 = gdef.node "Neg"(%s) {T = f32} : (tensor<*xf32>) -> tensor<*xf32>
  gdef.fetch %neg : tensor<*xf32>
}
