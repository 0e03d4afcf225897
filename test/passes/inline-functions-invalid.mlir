// RUN: not lathe-opt --lathe-inline-functions --split-input-file %s 2>&1 | FileCheck %s

// All calls are checked, not only the first.
// CHECK-DAG: error: loc("few"("PartitionedCall")): LTH0118: number of arguments of function 'f' must be 2, but got 1
// CHECK-DAG: error: loc("type"("PartitionedCall")): LTH0118: element type of argument 0 of function 'f' must be i32, but got f32
// CHECK-DAG: error: loc("none"("PartitionedCall")): LTH0118: function 'g' is not defined
gdef.graph @main(%x: tensor<f32> "x:0", %n: tensor<i32> "n:0") -> ("a:0", "b:0", "c:0") {
  %a, %0 = gdef.node "PartitionedCall"(%x, %x) {f = #gdef.func<@f, {}>} : (tensor<f32>, tensor<f32>) -> tensor<*xf32> loc("few"("PartitionedCall"))
  %b, %1 = gdef.node "PartitionedCall"(%n) {f = #gdef.func<@f, {}>} : (tensor<i32>) -> tensor<*xf32> loc("type"("PartitionedCall"))
  %c, %2 = gdef.node "PartitionedCall"(%x) {f = #gdef.func<@g, {}>} : (tensor<f32>) -> tensor<*xf32> loc("none"("PartitionedCall"))
  gdef.fetch %a, %b, %c : tensor<*xf32>, tensor<*xf32>, tensor<*xf32>
}
gdef.graph private @f(%x: tensor<*xf32> "x") -> ("y") {
  gdef.fetch %x : tensor<*xf32>
}
