// Operands and attributes that no TensorFlow op is defined for: each is a problem of its node, said once.
// RUN: lathe-opt %s --lathe-legalize-graph --split-input-file --verify-diagnostics

gdef.graph @main(%x: tensor<3x4xf32> "x:0") -> ("y:0") {
  %b, %0 = gdef.node "Const"() {dtype = i32, value = dense<[0, 1]> : tensor<2xi32>} : () -> tensor<2xi32>
  %s, %1 = gdef.node "Const"() {dtype = i32, value = dense<1> : tensor<1xi32>} : () -> tensor<1xi32>
  // expected-error @+2 {{LTH0201: begin, end and strides must be vectors of one size of at most 32, but strides has 1 elements}}
  // expected-note @+1 {{}}
  %y, %2 = gdef.node "StridedSlice"(%x, %b, %b, %s) {begin_mask = 0 : i64} : (tensor<3x4xf32>, tensor<2xi32>, tensor<2xi32>, tensor<1xi32>) -> tensor<*xf32>
  gdef.fetch %y : tensor<*xf32>
}

// -----

gdef.graph @main(%x: tensor<3x4xf32> "x:0") -> ("y:0") {
  %b, %0 = gdef.node "Const"() {dtype = i32, value = dense<[1, 2]> : tensor<2xi32>} : () -> tensor<2xi32>
  // expected-error @+2 {{LTH0201: ellipsis_mask must name one dimension at most, but names 2}}
  // expected-note @+1 {{}}
  %y, %2 = gdef.node "StridedSlice"(%x, %b, %b, %b) {ellipsis_mask = 3 : i64} : (tensor<3x4xf32>, tensor<2xi32>, tensor<2xi32>, tensor<2xi32>) -> tensor<*xf32>
  gdef.fetch %y : tensor<*xf32>
}

// -----

gdef.graph @main(%x: tensor<3xf32> "x:0") -> ("y:0") {
  %b, %0 = gdef.node "Const"() {dtype = i64, value = dense<0> : tensor<1xi64>} : () -> tensor<1xi64>
  %s, %1 = gdef.node "Const"() {dtype = i64, value = dense<0x8000000000000000> : tensor<1xi64>} : () -> tensor<1xi64>
  // expected-error @+2 {{LTH0201: strides must have a direction, but one is -9223372036854775808}}
  // expected-note @+1 {{}}
  %y, %2 = gdef.node "StridedSlice"(%x, %b, %b, %s) {} : (tensor<3xf32>, tensor<1xi64>, tensor<1xi64>, tensor<1xi64>) -> tensor<*xf32>
  gdef.fetch %y : tensor<*xf32>
}

// -----

gdef.graph @main(%x: tensor<2xi32> "x:0", %z: tensor<i32> "z:0") -> ("y:0") {
  // expected-error @+2 {{LTH0201: shapes must be vectors, but the operands have ranks 1 and 0}}
  // expected-note @+1 {{}}
  %y, %0 = gdef.node "BroadcastArgs"(%x, %z) {} : (tensor<2xi32>, tensor<i32>) -> tensor<*xi32>
  gdef.fetch %y : tensor<*xi32>
}

// -----

gdef.graph @main(%x: tensor<1x2x2x1xf32> "x:0") -> ("y:0") {
  %n, %0 = gdef.node "Const"() {dtype = i32, value = dense<[2147483647, 2]> : tensor<2xi32>} : () -> tensor<2xi32>
  // expected-error @+2 {{LTH0207: sizes of images must be at most 16777216, but one is 2147483647}}
  // expected-note @+1 {{}}
  %y, %1 = gdef.node "ResizeBilinear"(%x, %n) {} : (tensor<1x2x2x1xf32>, tensor<2xi32>) -> tensor<*xf32>
  gdef.fetch %y : tensor<*xf32>
}

// -----

gdef.graph @main(%x: tensor<4xi8> "x:0") -> ("y:0") {
  // expected-error @+2 {{LTH0113: a result cannot have type tensor<*x!gdef.quantized<i8>>}}
  // expected-note @+1 {{}}
  %y, %0 = gdef.node "Bitcast"(%x) {type = !gdef.quantized<i8>} : (tensor<4xi8>) -> tensor<*x!gdef.quantized<i8>>
  gdef.fetch %y : tensor<*x!gdef.quantized<i8>>
}

// -----

gdef.graph @main(%x: tensor<4xf32> "x:0", %w: tensor<1x1x4x4xf32> "w:0") -> ("y:0") {
  // expected-error @+2 {{LTH0201: input and filter must have one rank of at least 3, but have 1 and 4}}
  // expected-note @+1 {{}}
  %y, %0 = gdef.node "Conv2D"(%x, %w) {data_format = "NCHW", padding = "VALID"} : (tensor<4xf32>, tensor<1x1x4x4xf32>) -> tensor<*xf32>
  gdef.fetch %y : tensor<*xf32>
}

// -----

gdef.graph @main(%g: tensor<1x2x2x4xf32> "g:0", %w: tensor<1x1x3x4xf32> "w:0") -> ("y:0") {
  %n, %0 = gdef.node "Const"() {dtype = i32, value = dense<[1, 2, 2, 0]> : tensor<4xi32>} : () -> tensor<4xi32>
  // expected-error @+2 {{LTH0201: the input's 0 channels must be a multiple of the filter's 3}}
  // expected-note @+1 {{}}
  %y, %1 = gdef.node "Conv2DBackpropInput"(%n, %w, %g) {padding = "VALID"} : (tensor<4xi32>, tensor<1x1x3x4xf32>, tensor<1x2x2x4xf32>) -> tensor<*xf32>
  gdef.fetch %y : tensor<*xf32>
}

// -----

gdef.graph @main(%x: tensor<6xf32> "x:0") -> ("y:0") {
  %n, %0 = gdef.node "Const"() {dtype = i32, value = dense<[2, 4]> : tensor<2xi32>} : () -> tensor<2xi32>
  %a, %1 = gdef.node "Const"() {dtype = i32, value = dense<0> : tensor<i32>} : () -> tensor<i32>
  // expected-error @+2 {{LTH0201: size_splits must have 3 elements, but has 2}}
  // expected-note @+1 {{}}
  %y:3, %2 = gdef.node "SplitV"(%x, %n, %a) {} : (tensor<6xf32>, tensor<2xi32>, tensor<i32>) -> (tensor<*xf32>, tensor<*xf32>, tensor<*xf32>)
  gdef.fetch %y#2 : tensor<*xf32>
}

// -----

gdef.graph @main(%x: tensor<1x2x2x4xf32> "x:0") -> ("y:0") {
  // expected-error @+2 {{LTH0201: depth must be a multiple of 4294967296 squared, but is 4}}
  // expected-note @+1 {{}}
  %y, %0 = gdef.node "DepthToSpace"(%x) {block_size = 4294967296 : i64} : (tensor<1x2x2x4xf32>) -> tensor<*xf32>
  gdef.fetch %y : tensor<*xf32>
}

// -----

gdef.graph @main(%x: tensor<1099511627776x1xf32> "x:0", %y: tensor<1x1099511627776xf32> "y:0") -> ("z:0") {
  // expected-error @+2 {{LTH0201: a tensor of type 'tensor<1099511627776x1099511627776xf32>' has more than 2^48 elements}}
  // expected-note @+1 {{}}
  %z, %0 = gdef.node "AddV2"(%x, %y) {} : (tensor<1099511627776x1xf32>, tensor<1x1099511627776xf32>) -> tensor<*xf32>
  gdef.fetch %z : tensor<*xf32>
}

// -----

gdef.graph @main(%x: tensor<1x1099511627776xf32> "x:0", %d: tensor<1xf32> "d:0") -> ("y:0") {
  // expected-error @+2 {{LTH0207: matrices must have at most 16777216 elements, but have 1 by 1099511627776}}
  // expected-note @+1 {{}}
  %y, %0 = gdef.node "MatrixSetDiag"(%x, %d) {} : (tensor<1x1099511627776xf32>, tensor<1xf32>) -> tensor<*xf32>
  gdef.fetch %y : tensor<*xf32>
}

// -----

gdef.graph @main(%x: tensor<3xf32> "x:0", %i: tensor<3xi32> "i:0") -> ("y:0") {
  %n, %0 = gdef.node "Const"() {dtype = i32, value = dense<-1> : tensor<i32>} : () -> tensor<i32>
  // expected-error @+2 {{LTH0201: sizes must not be negative, but one is -1}}
  // expected-note @+1 {{}}
  %y, %1 = gdef.node "UnsortedSegmentMax"(%x, %i, %n) {} : (tensor<3xf32>, tensor<3xi32>, tensor<i32>) -> tensor<*xf32>
  gdef.fetch %y : tensor<*xf32>
}

// -----

gdef.graph @main(%x: tensor<1x4x4x1xf32> "x:0", %b: tensor<1x4xf32> "b:0", %i: tensor<1xi32> "i:0") -> ("y:0") {
  %n, %0 = gdef.node "Const"() {dtype = i32, value = dense<[2, -3]> : tensor<2xi32>} : () -> tensor<2xi32>
  // expected-error @+2 {{LTH0201: sizes must not be negative, but one is -3}}
  // expected-note @+1 {{}}
  %y, %1 = gdef.node "CropAndResize"(%x, %b, %i, %n) {method = "bilinear"} : (tensor<1x4x4x1xf32>, tensor<1x4xf32>, tensor<1xi32>, tensor<2xi32>) -> tensor<*xf32>
  gdef.fetch %y : tensor<*xf32>
}

// -----

// A variable has room for one shape.
gdef.graph @main(%x: tensor<3xf32> "x:0", %v: tensor<2xf32> "v") -> ("v") attributes {variables = [@v]} {
  // expected-error @+2 {{LTH0201: a variable must keep its shape, but tensor<2xf32> becomes tensor<3xf32>}}
  // expected-note @+1 {{}}
  %y, %0 = gdef.node "Neg"(%x) {T = f32} : (tensor<3xf32>) -> tensor<*xf32>
  gdef.fetch %y : tensor<*xf32>
}
