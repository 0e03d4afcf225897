// RUN: lathe-opt --lathe-legalize-graph --split-input-file --verify-diagnostics %s | FileCheck %s

// Constant statistics leave one factor and one offset a channel.
// CHECK-LABEL: func.func @main(
// CHECK-SAME:    %[[X:.*]]: tensor<1x4x4x2xf32>
// CHECK-DAG:   %[[F:.*]] = core.constant dense<[1.000000e+00, 2.000000e+00]> : tensor<2xf32>
// CHECK-DAG:   %[[O:.*]] = core.constant dense<[0.000000e+00, -3.000000e+00]> : tensor<2xf32>
// CHECK-DAG:   %[[FB:.*]] = core.broadcast %[[F]]
// CHECK-DAG:   %[[M:.*]] = core.mul %[[X]], %[[FB]]
// CHECK-DAG:   %[[OB:.*]] = core.broadcast %[[O]]
// CHECK:       %[[Y:.*]] = core.add %[[M]], %[[OB]]
// CHECK-NEXT:  return %[[Y]]
gdef.graph @main(%x: tensor<1x4x4x2xf32> "x:0") -> ("y:0") {
  %scale, %0 = gdef.node "Const"() {value = dense<[2.0, 4.0]> : tensor<2xf32>} : () -> tensor<2xf32>
  %offset, %1 = gdef.node "Const"() {value = dense<[3.0, 1.0]> : tensor<2xf32>} : () -> tensor<2xf32>
  %mean, %2 = gdef.node "Const"() {value = dense<[3.0, 2.0]> : tensor<2xf32>} : () -> tensor<2xf32>
  %variance, %3 = gdef.node "Const"() {value = dense<3.0> : tensor<2xf32>} : () -> tensor<2xf32>
  %y, %m, %v, %r1, %r2, %r3, %4 = gdef.node "FusedBatchNormV3"(%x, %scale, %offset, %mean, %variance)
      {data_format = "NHWC", epsilon = 1.0 : f32, is_training = false}
      : (tensor<1x4x4x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>)
      -> (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>)
  gdef.fetch %y : tensor<*xf32>
}

// -----

// CHECK-LABEL: func.func @main(
// CHECK:       core.reduce max
// CHECK:       core.sub
// CHECK:       core.exp
// CHECK:       core.reduce add
// CHECK:       core.div
gdef.graph @main(%x: tensor<2x3xf32> "x:0") -> ("y:0") {
  %y, %0 = gdef.node "Softmax"(%x) {} : (tensor<2x3xf32>) -> tensor<*xf32>
  gdef.fetch %y : tensor<*xf32>
}

// -----

gdef.graph @main(%x: tensor<2x3xf32> "x:0", %labels: tensor<2x1xi32> "labels:0") -> ("y:0") {
  // expected-error @+2 {{LTH0201: logits must be a matrix and labels a vector, but have ranks 2 and 2}}
  // expected-note @+1 {{}}
  %y, %g, %0 = gdef.node "SparseSoftmaxCrossEntropyWithLogits"(%x, %labels) {} : (tensor<2x3xf32>, tensor<2x1xi32>) -> (tensor<*xf32>, tensor<*xf32>)
  gdef.fetch %y : tensor<*xf32>
}
