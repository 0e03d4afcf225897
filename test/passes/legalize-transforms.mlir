// RUN: lathe-opt --lathe-legalize-graph --split-input-file --verify-diagnostics %s | FileCheck %s

// A length without large prime factors is one transform.
// CHECK-LABEL: func.func @main(
// CHECK-NEXT:  core.fft %{{.*}} {inverse = true} : tensor<2x12xcomplex<f32>>
// CHECK-NEXT:  return
gdef.graph @main(%x: tensor<2x12xcomplex<f32>> "x:0") -> ("y:0") {
  %y, %0 = gdef.node "IFFT"(%x) {} : (tensor<2x12xcomplex<f32>>) -> tensor<*xcomplex<f32>>
  gdef.fetch %y : tensor<*xcomplex<f32>>
}

// -----

// Others go by a power of two, with a chirp before and behind.
// CHECK-LABEL: func.func @main(
// CHECK:       core.fft %{{.*}} {inverse = false} : tensor<256xcomplex<f32>>
// CHECK:       core.fft %{{.*}} {inverse = true} : tensor<256xcomplex<f32>>
// CHECK-NOT:   core.fft
gdef.graph @main(%x: tensor<67xcomplex<f32>> "x:0") -> ("y:0") {
  %y, %0 = gdef.node "FFT"(%x) {} : (tensor<67xcomplex<f32>>) -> tensor<*xcomplex<f32>>
  gdef.fetch %y : tensor<*xcomplex<f32>>
}

// -----

// An even number of real elements takes a complex transform of half the length.
// CHECK-LABEL: func.func @main(
// CHECK:       core.fft %{{.*}} {inverse = false} : tensor<3x5xcomplex<f64>>
// CHECK-NOT:   core.fft
// CHECK:       return %{{.*}} : tensor<3x6xcomplex<f64>>
gdef.graph @main(%x: tensor<3x10xf64> "x:0") -> ("y:0") {
  %n, %0 = gdef.node "Const"() {dtype = i32, value = dense<10> : tensor<1xi32>} : () -> tensor<1xi32>
  %y, %1 = gdef.node "RFFT"(%x, %n) {} : (tensor<3x10xf64>, tensor<1xi32>) -> tensor<*xcomplex<f64>>
  gdef.fetch %y : tensor<*xcomplex<f64>>
}

// -----

// And back; the operand is cut to what the length needs.
// CHECK-LABEL: func.func @main(
// CHECK:       core.fft %{{.*}} {inverse = true} : tensor<3x4xcomplex<f32>>
// CHECK:       return %{{.*}} : tensor<3x8xf32>
gdef.graph @main(%x: tensor<3x6xcomplex<f32>> "x:0") -> ("y:0") {
  %n, %0 = gdef.node "Const"() {dtype = i32, value = dense<8> : tensor<1xi32>} : () -> tensor<1xi32>
  %y, %1 = gdef.node "IRFFT"(%x, %n) {} : (tensor<3x6xcomplex<f32>>, tensor<1xi32>) -> tensor<*xf32>
  gdef.fetch %y : tensor<*xf32>
}

// -----

// Along the first axis only, filled up with zeros.
// CHECK-LABEL: func.func @main(
// CHECK:       core.fft %{{.*}} {inverse = false} : tensor<2x8xcomplex<f32>>
// CHECK-NOT:   core.fft
// CHECK:       return %{{.*}} : tensor<8x2xcomplex<f32>>
gdef.graph @main(%x: tensor<6x2xcomplex<f32>> "x:0") -> ("y:0") {
  %n, %0 = gdef.node "Const"() {dtype = i32, value = dense<8> : tensor<1xi32>} : () -> tensor<1xi32>
  %a, %1 = gdef.node "Const"() {dtype = i32, value = dense<-2> : tensor<1xi32>} : () -> tensor<1xi32>
  %y, %2 = gdef.node "FFTND"(%x, %n, %a) {} : (tensor<6x2xcomplex<f32>>, tensor<1xi32>, tensor<1xi32>) -> tensor<*xcomplex<f32>>
  gdef.fetch %y : tensor<*xcomplex<f32>>
}

// -----

gdef.graph @main(%x: tensor<6xf32> "x:0") -> ("y:0") {
  %n, %0 = gdef.node "Const"() {dtype = i32, value = dense<0> : tensor<1xi32>} : () -> tensor<1xi32>
  // expected-error @+2 {{LTH0207: transforms of a length below 1}}
  // expected-note @+1 {{}}
  %y, %1 = gdef.node "RFFT"(%x, %n) {} : (tensor<6xf32>, tensor<1xi32>) -> tensor<*xcomplex<f32>>
  gdef.fetch %y : tensor<*xcomplex<f32>>
}

// -----

// CHECK-LABEL: func.func @main(
// CHECK-NEXT:  core.qr %{{.*}} {full = true} : tensor<4x2xf32> -> tensor<4x4xf32>, tensor<4x2xf32>
gdef.graph @main(%x: tensor<4x2xf32> "x:0") -> ("q:0", "r:0") {
  %q, %r, %0 = gdef.node "Qr"(%x) {full_matrices = true} : (tensor<4x2xf32>) -> (tensor<*xf32>, tensor<*xf32>)
  gdef.fetch %q, %r : tensor<*xf32>, tensor<*xf32>
}

// -----

// The oldest form has the values as the first row.
// CHECK-LABEL: func.func @main(
// CHECK:       %[[VALUES:.*]], %[[VECTORS:.*]] = core.eigh %{{.*}} : tensor<3x3xf32>
// CHECK:       %[[ROW:.*]] = core.reshape %[[VALUES]] : tensor<3xf32> -> tensor<1x3xf32>
// CHECK:       core.concat %[[ROW]], %[[VECTORS]] {dimension = 0 : i64} : (tensor<1x3xf32>, tensor<3x3xf32>) -> tensor<4x3xf32>
gdef.graph @main(%x: tensor<3x3xf32> "x:0") -> ("y:0") {
  %y, %0 = gdef.node "SelfAdjointEig"(%x) {} : (tensor<3x3xf32>) -> tensor<*xf32>
  gdef.fetch %y : tensor<*xf32>
}

// -----

gdef.graph @main(%d: tensor<2x5xf32> "d:0", %x: tensor<5x1xf32> "x:0") -> ("y:0") {
  // expected-error @+2 {{LTH0201: there must be three diagonals, but got 2}}
  // expected-note @+1 {{}}
  %y, %0 = gdef.node "TridiagonalSolve"(%d, %x) {} : (tensor<2x5xf32>, tensor<5x1xf32>) -> tensor<*xf32>
  gdef.fetch %y : tensor<*xf32>
}
