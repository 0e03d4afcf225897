// RUN: lathe-opt --lathe-legalize-graph --split-input-file --verify-diagnostics %s | FileCheck %s

// Boxes of all classes are suppressed in one loop, and the best of all classes are kept: as many as wanted, zeros behind.
// CHECK-LABEL: func.func @main(
// CHECK:       core.while(%{{.*}}) cond {
// CHECK:         core.reduce max %{{.*}} : tensor<3x6xf32> -> tensor<f32>
// CHECK:         core.arg_reduce max %{{.*}} : tensor<3x6xf32> -> tensor<3xi32>
// CHECK:       core.sort %{{.*}} {descending = true, dimension = 1 : i64, indexType = i32} : tensor<1x6xf32>
// CHECK:       return %{{.*}}, %{{.*}} : tensor<1x8x4xf32>, tensor<1xi32>
gdef.graph @main(%b: tensor<1x6x1x4xf32> "b:0", %s: tensor<1x6x3xf32> "s:0") -> ("boxes:0", "count:0") {
  %m, %0 = gdef.node "Const"() {dtype = i32, value = dense<2> : tensor<i32>} : () -> tensor<i32>
  %t, %1 = gdef.node "Const"() {dtype = i32, value = dense<8> : tensor<i32>} : () -> tensor<i32>
  %h, %2 = gdef.node "Const"() {dtype = f32, value = dense<0.5> : tensor<f32>} : () -> tensor<f32>
  %r:4, %3 = gdef.node "CombinedNonMaxSuppression"(%b, %s, %m, %t, %h, %h) {clip_boxes = false, pad_per_class = false} : (tensor<1x6x1x4xf32>, tensor<1x6x3xf32>, tensor<i32>, tensor<i32>, tensor<f32>, tensor<f32>) -> (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xi32>)
  gdef.fetch %r#0, %r#3 : tensor<*xf32>, tensor<*xi32>
}

// -----

// Classes that are not blank, with a count.
// CHECK-LABEL: func.func @main(
// CHECK-SAME:    -> (tensor<8xi64> {lathe.count = 1 : i64, lathe.name = "v:0"}, tensor<i64> {lathe.name = "v:0/count"})
// CHECK:       core.arg_reduce max %{{.*}} : tensor<4x2x5xf32> -> tensor<4x2xi64>
// CHECK-NOT:   core.pad
// CHECK:       return
gdef.graph @main(%x: tensor<4x2x5xf32> "x:0", %n: tensor<2xi32> "n:0") -> ("v:0") {
  %r:4, %0 = gdef.node "CTCGreedyDecoder"(%x, %n) {merge_repeated = false} : (tensor<4x2x5xf32>, tensor<2xi32>) -> (tensor<*xi64>, tensor<*xi64>, tensor<*xi64>, tensor<*xf32>)
  gdef.fetch %r#1 : tensor<*xi64>
}

// -----

gdef.graph @main(%x: tensor<4x2x5xf32> "x:0", %n: tensor<3xi32> "n:0") -> ("v:0") {
  // expected-error @+2 {{LTH0201: inputs must have rank 3 and elements, and there must be a length for each sequence}}
  // expected-note @+1 {{}}
  %r:4, %0 = gdef.node "CTCGreedyDecoder"(%x, %n) {merge_repeated = false} : (tensor<4x2x5xf32>, tensor<3xi32>) -> (tensor<*xi64>, tensor<*xi64>, tensor<*xi64>, tensor<*xf32>)
  gdef.fetch %r#1 : tensor<*xi64>
}

// -----

// Windows of 6 samples become transforms of 8, in double.
// CHECK-LABEL: func.func @main(
// CHECK:       core.pad %{{.*}}high = array<i64: 0, 0, 2>{{.*}} -> tensor<1x3x8xf64>
// CHECK:       core.fft %{{.*}} {inverse = false} : tensor<1x3x4xcomplex<f64>>
// CHECK:       return %{{.*}} : tensor<1x3x5xf32>
gdef.graph @main(%x: tensor<10x1xf32> "x:0") -> ("y:0") {
  %y, %0 = gdef.node "AudioSpectrogram"(%x) {magnitude_squared = true, stride = 2 : i64, window_size = 6 : i64} : (tensor<10x1xf32>) -> tensor<*xf32>
  gdef.fetch %y : tensor<*xf32>
}

// -----

gdef.graph @main(%x: tensor<10xf32> "x:0") -> ("y:0") {
  // expected-error @+2 {{LTH0201: samples must be a matrix, window_size at least 2 and stride at least 1, but they are of rank 1, 6 and 2}}
  // expected-note @+1 {{}}
  %y, %0 = gdef.node "AudioSpectrogram"(%x) {magnitude_squared = true, stride = 2 : i64, window_size = 6 : i64} : (tensor<10xf32>) -> tensor<*xf32>
  gdef.fetch %y : tensor<*xf32>
}

// -----

gdef.graph @main(%x: tensor<1x4x4x3xf32> "x:0", %t: tensor<1x8xf32> "t:0") -> ("y:0") {
  %s, %0 = gdef.node "Const"() {dtype = i32, value = dense<4> : tensor<2xi32>} : () -> tensor<2xi32>
  // expected-error @+2 {{LTH0207: fill mode 'MIRROR'}}
  // expected-note @+1 {{}}
  %y, %1 = gdef.node "ImageProjectiveTransformV2"(%x, %t, %s) {fill_mode = "MIRROR", interpolation = "NEAREST"} : (tensor<1x4x4x3xf32>, tensor<1x8xf32>, tensor<2xi32>) -> tensor<*xf32>
  gdef.fetch %y : tensor<*xf32>
}
