// RUN: lathe-opt --lathe-legalize-graph --split-input-file --verify-diagnostics %s | FileCheck %s

// SAME puts the odd element of padding at the end. Channels first become channels last, and back.
// CHECK-LABEL: func.func @main(
// CHECK-NEXT:  core.transpose %{{.*}} {permutation = array<i64: 0, 2, 3, 1>} : tensor<1x3x8x8xf32> -> tensor<1x8x8x3xf32>
// CHECK-NEXT:  core.conv
// CHECK-SAME:    groups = 1
// CHECK-SAME:    high = array<i64: 1, 1>
// CHECK-SAME:    low = array<i64: 0, 0>
// CHECK-SAME:    strides = array<i64: 2, 2>
// CHECK-NEXT:  core.transpose %{{.*}} {permutation = array<i64: 0, 3, 1, 2>} : tensor<1x4x4x5xf32> -> tensor<1x5x4x4xf32>
gdef.graph @main(%x: tensor<1x3x8x8xf32> "x:0", %w: tensor<3x3x3x5xf32> "w:0") -> ("y:0") {
  %y, %0 = gdef.node "Conv2D"(%x, %w) {data_format = "NCHW", padding = "SAME", strides = [1, 1, 2, 2], dilations = [1, 1, 1, 1]}
      : (tensor<1x3x8x8xf32>, tensor<3x3x3x5xf32>) -> tensor<*xf32>
  gdef.fetch %y : tensor<*xf32>
}

// -----

// A depthwise filter is a convolution with one group a channel.
// CHECK-LABEL: func.func @main(
// CHECK-NEXT:  core.reshape %{{.*}} : tensor<3x3x4x2xf32> -> tensor<3x3x1x8xf32>
// CHECK-NEXT:  core.conv
// CHECK-SAME:    groups = 4
// CHECK-SAME:    -> tensor<1x6x6x8xf32>
gdef.graph @main(%x: tensor<1x8x8x4xf32> "x:0", %w: tensor<3x3x4x2xf32> "w:0") -> ("y:0") {
  %y, %0 = gdef.node "DepthwiseConv2dNative"(%x, %w) {data_format = "NHWC", padding = "VALID", strides = [1, 1, 1, 1], dilations = [1, 1, 1, 1]}
      : (tensor<1x8x8x4xf32>, tensor<3x3x4x2xf32>) -> tensor<*xf32>
  gdef.fetch %y : tensor<*xf32>
}

// -----

// The gradient by the input spreads the result's gradient by the strides and mirrors the filter.
// CHECK-LABEL: func.func @main(
// CHECK:       core.transpose %{{.*}} {permutation = array<i64: 0, 1, 4, 3, 2>}
// CHECK:       core.reverse %{{.*}} {dimensions = array<i64: 0, 1>}
// CHECK:       core.conv
// CHECK-SAME:    inputDilation = array<i64: 2, 2>
// CHECK-SAME:    -> tensor<1x8x8x3xf32>
gdef.graph @main(%w: tensor<3x3x3x5xf32> "w:0", %dy: tensor<1x4x4x5xf32> "dy:0") -> ("dx:0") {
  %shape, %0 = gdef.node "Const"() {value = dense<[1, 8, 8, 3]> : tensor<4xi32>} : () -> tensor<4xi32>
  %dx, %1 = gdef.node "Conv2DBackpropInput"(%shape, %w, %dy) {data_format = "NHWC", padding = "SAME", strides = [1, 2, 2, 1]}
      : (tensor<4xi32>, tensor<3x3x3x5xf32>, tensor<1x4x4x5xf32>) -> tensor<*xf32>
  gdef.fetch %dx : tensor<*xf32>
}

// -----

gdef.graph @main(%x: tensor<1x8x8x3xf32> "x:0", %w: tensor<3x3x4x5xf32> "w:0") -> ("y:0") {
  // expected-error @+2 {{LTH0201: the input's 3 channels must be a multiple of the filter's 4}}
  // expected-note @+1 {{}}
  %y, %0 = gdef.node "Conv2D"(%x, %w) {data_format = "NHWC", padding = "SAME", strides = [1, 1, 1, 1]}
      : (tensor<1x8x8x3xf32>, tensor<3x3x4x5xf32>) -> tensor<*xf32>
  gdef.fetch %y : tensor<*xf32>
}

// -----

gdef.graph @main(%x: tensor<1x8x8x3xf32> "x:0") -> ("y:0") {
  // expected-error @+2 {{LTH0207: strides over batch or channels must be 1, but are 2 and 1}}
  // expected-note @+1 {{}}
  %y, %0 = gdef.node "MaxPool"(%x) {data_format = "NHWC", padding = "SAME", strides = [2, 1, 1, 1], ksize = [1, 2, 2, 1]}
      : (tensor<1x8x8x3xf32>) -> tensor<*xf32>
  gdef.fetch %y : tensor<*xf32>
}

// -----

// Windows at the border have fewer elements to make the mean of.
// CHECK-LABEL: func.func @main(
// CHECK-DAG:   %[[N:.*]] = core.constant dense<{{\[\[\[\[}}4.000000e+00], [4.000000e+00], [2.000000e+00]]
// CHECK-DAG:   %[[S:.*]] = core.reduce_window add
// CHECK:       %[[B:.*]] = core.broadcast %[[N]]
// CHECK-NEXT:  core.div %[[S]], %[[B]]
gdef.graph @main(%x: tensor<1x3x3x5xf32> "x:0") -> ("y:0") {
  %y, %0 = gdef.node "AvgPool"(%x) {data_format = "NHWC", padding = "SAME", strides = [1, 1, 1, 1], ksize = [1, 2, 2, 1]}
      : (tensor<1x3x3x5xf32>) -> tensor<*xf32>
  gdef.fetch %y : tensor<*xf32>
}

// -----

// The mean of all of space is a plain reduction.
// CHECK-LABEL: func.func @main(
// CHECK-NEXT:  core.reduce add %{{.*}} {dimensions = array<i64: 1, 2>} : tensor<1x3x3x5xf32> -> tensor<1x5xf32>
gdef.graph @main(%x: tensor<1x3x3x5xf32> "x:0") -> ("y:0") {
  %y, %0 = gdef.node "AvgPool"(%x) {data_format = "NHWC", padding = "VALID", strides = [1, 1, 1, 1], ksize = [1, 3, 3, 1]}
      : (tensor<1x3x3x5xf32>) -> tensor<*xf32>
  gdef.fetch %y : tensor<*xf32>
}
