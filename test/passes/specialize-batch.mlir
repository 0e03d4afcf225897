// RUN: lathe-opt --lathe-specialize-batch="sizes=4,1" %s | FileCheck %s
// An entry of unknown batch size becomes one for a single item, one for each size, and two to compare; others stay as they are.

// CHECK: gdef.graph @main.1(%{{.*}}: tensor<1x3xf32> "x:0", %{{.*}}: tensor<2xf32> "b:0", %{{.*}}: tensor<1xi32> "n:0") -> ("y:0")
// CHECK-SAME: lathe.batch = {entry = "main", size = 1 : i64}
// CHECK: gdef.node "MatMul"
// CHECK: gdef.graph @main.4(%{{.*}}: tensor<4x3xf32> "x:0", %{{.*}}: tensor<2xf32> "b:0", %{{.*}}: tensor<4xi32> "n:0")
// CHECK-SAME: lathe.batch = {entry = "main", size = 4 : i64}
// CHECK: gdef.graph @main.probe5(%{{.*}}: tensor<5x3xf32>
// CHECK-SAME: lathe.batch = {entry = "main", probe, size = 5 : i64}
// CHECK: gdef.graph @main.probe7(%{{.*}}: tensor<7x3xf32>
// CHECK-NOT: gdef.graph @main(
gdef.graph @main(%x: tensor<?x3xf32> "x:0", %b: tensor<2xf32> "b:0", %n: tensor<?xi32> "n:0") -> ("y:0") {
  %w, %c = gdef.node "Const"() {dtype = f32, value = dense<1.0> : tensor<3x2xf32>} : () -> tensor<3x2xf32>
  %y, %d = gdef.node "MatMul"(%x, %w) {T = f32, transpose_a = false, transpose_b = false} : (tensor<?x3xf32>, tensor<3x2xf32>) -> tensor<*xf32>
  gdef.fetch %y : tensor<*xf32>
}

// CHECK: gdef.graph @fixed(%{{.*}}: tensor<2x?xf32> "x:0")
// CHECK-NOT: lathe.batch
gdef.graph @fixed(%x: tensor<2x?xf32> "x:0") -> ("x:0") {
  gdef.fetch %x : tensor<2x?xf32>
}
