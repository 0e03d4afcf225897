// RUN: lathe-opt --lathe-legalize-graph --split-input-file --verify-diagnostics %s | FileCheck %s

// Shares of the gradient under windows of step 1 over what the steps have spread.
// CHECK-LABEL: func.func @main(
// CHECK:       %[[SPREAD:.*]] = core.pad %{{.*}} {high = array<i64: 0, 1, 1, 0>, interior = array<i64: 0, 1, 1, 0>, low = array<i64: 0, 1, 1, 0>} : (tensor<1x2x2x3xf32>, tensor<f32>) -> tensor<1x5x5x3xf32>
// CHECK:       core.reduce_window add %[[SPREAD]]
// CHECK-SAME:    strides = array<i64: 1, 1, 1, 1>, window = array<i64: 1, 2, 2, 1>} : tensor<1x5x5x3xf32> -> tensor<1x4x4x3xf32>
gdef.graph @main(%g: tensor<1x2x2x3xf32> "g:0") -> ("y:0") {
  %s, %0 = gdef.node "Const"() {dtype = i32, value = dense<[1, 4, 4, 3]> : tensor<4xi32>} : () -> tensor<4xi32>
  %y, %1 = gdef.node "AvgPoolGrad"(%s, %g) {data_format = "NHWC", ksize = [1, 2, 2, 1], padding = "VALID", strides = [1, 2, 2, 1]} : (tensor<4xi32>, tensor<1x2x2x3xf32>) -> tensor<*xf32>
  gdef.fetch %y : tensor<*xf32>
}

// -----

// A part for each place of the window: the gradients whose window is largest there.
// CHECK-LABEL: func.func @main(
// CHECK-COUNT-2: core.pad %{{.*}} interior = array<i64: 0, 0, 1, 0>
// CHECK:       return %{{.*}} : tensor<1x1x4x1xf32>
gdef.graph @main(%x: tensor<1x1x4x1xf32> "x:0", %y: tensor<1x1x2x1xf32> "y:0", %g: tensor<1x1x2x1xf32> "g:0") -> ("r:0") {
  %r, %0 = gdef.node "MaxPoolGrad"(%x, %y, %g) {data_format = "NHWC", ksize = [1, 1, 2, 1], padding = "VALID", strides = [1, 1, 2, 1]} : (tensor<1x1x4x1xf32>, tensor<1x1x2x1xf32>, tensor<1x1x2x1xf32>) -> tensor<*xf32>
  gdef.fetch %r : tensor<*xf32>
}

// -----

// The weights of a resize, by rows and by columns, are constants.
// CHECK-LABEL: func.func @main(
// CHECK:       core.constant {{.*}} : tensor<4x2xf32>
// CHECK:       core.dot_general
// CHECK:       core.constant {{.*}} : tensor<6x3xf32>
// CHECK:       core.dot_general
// CHECK:       return %{{.*}} : tensor<1x2x3x5xf32>
gdef.graph @main(%g: tensor<1x4x6x5xf32> "g:0", %x: tensor<1x2x3x5xf32> "x:0") -> ("y:0") {
  %y, %0 = gdef.node "ResizeBilinearGrad"(%g, %x) {align_corners = false, half_pixel_centers = true} : (tensor<1x4x6x5xf32>, tensor<1x2x3x5xf32>) -> tensor<*xf32>
  gdef.fetch %y : tensor<*xf32>
}

// -----

// What mirrors of a dimension have is added to what they are mirrors of.
// CHECK-LABEL: func.func @main(
// CHECK:       core.slice %{{.*}} starts = array<i64: 2>
// CHECK:       core.reverse
// CHECK:       core.add
// CHECK:       return %{{.*}} : tensor<4xf32>
gdef.graph @main(%x: tensor<6xf32> "x:0") -> ("y:0") {
  %p, %0 = gdef.node "Const"() {dtype = i32, value = dense<[[2, 0]]> : tensor<1x2xi32>} : () -> tensor<1x2xi32>
  %y, %1 = gdef.node "MirrorPadGrad"(%x, %p) {mode = "REFLECT"} : (tensor<6xf32>, tensor<1x2xi32>) -> tensor<*xf32>
  gdef.fetch %y : tensor<*xf32>
}

// -----

// The tiles are summed.
// CHECK-LABEL: func.func @main(
// CHECK-NEXT:  %[[SPLIT:.*]] = core.reshape %{{.*}} : tensor<6xf32> -> tensor<3x2xf32>
// CHECK-NEXT:  core.reduce add %[[SPLIT]] {dimensions = array<i64: 0>} : tensor<3x2xf32> -> tensor<2xf32>
gdef.graph @main(%x: tensor<6xf32> "x:0") -> ("y:0") {
  %m, %0 = gdef.node "Const"() {dtype = i32, value = dense<3> : tensor<1xi32>} : () -> tensor<1xi32>
  %y, %1 = gdef.node "TileGrad"(%x, %m) {} : (tensor<6xf32>, tensor<1xi32>) -> tensor<*xf32>
  gdef.fetch %y : tensor<*xf32>
}

// -----

gdef.graph @main(%x: tensor<5xf32> "x:0") -> ("y:0") {
  %m, %0 = gdef.node "Const"() {dtype = i32, value = dense<3> : tensor<1xi32>} : () -> tensor<1xi32>
  // expected-error @+2 {{LTH0201: multiples must divide the sizes of the operand}}
  // expected-note @+1 {{}}
  %y, %1 = gdef.node "TileGrad"(%x, %m) {} : (tensor<5xf32>, tensor<1xi32>) -> tensor<*xf32>
  gdef.fetch %y : tensor<*xf32>
}

// -----

// In training the mean and the variance depend on the operand, too.
// CHECK-LABEL: func.func @main(
// CHECK-COUNT-2: core.reduce add %{{.*}} {dimensions = array<i64: 0, 1, 2>}
// CHECK-NOT:   core.reduce
// CHECK:       return
gdef.graph @main(%g: tensor<2x4x4x3xf32> "g:0", %x: tensor<2x4x4x3xf32> "x:0", %s: tensor<3xf32> "s:0") -> ("y:0", "b:0") {
  %y, %a, %b, %c, %d, %0 = gdef.node "FusedBatchNormGradV3"(%g, %x, %s, %s, %s, %s) {data_format = "NHWC", epsilon = 1.0e-3 : f32, is_training = true} : (tensor<2x4x4x3xf32>, tensor<2x4x4x3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>, tensor<3xf32>) -> (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>)
  gdef.fetch %y, %b : tensor<*xf32>, tensor<*xf32>
}
