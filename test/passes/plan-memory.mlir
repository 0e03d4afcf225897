// RUN: lathe-opt %s --lathe-plan-memory --split-input-file | FileCheck %s
// RUN: lathe-opt %s --lathe-plan-memory --split-input-file --mlir-print-debuginfo | FileCheck %s --check-prefix=LOC

rt.kernel @exp constants [false] {
^bb0(%x: tensor<20xf32>):
  %y = core.exp %x : tensor<20xf32>
  rt.yield %y : tensor<20xf32>
}
rt.kernel @add constants [false, false] {
^bb0(%x: tensor<20xf32>, %y: tensor<20xf32>):
  %z = core.add %x, %y : tensor<20xf32>
  rt.yield %z : tensor<20xf32>
}
rt.kernel @sort constants [false] {
^bb0(%x: tensor<20xf32>):
  %v, %p = core.sort %x {dimension = 0, descending = false, indexType = i32} : tensor<20xf32> -> tensor<20xf32>, tensor<20xi32>
  rt.yield %v, %p : tensor<20xf32>, tensor<20xi32>
}

// Slots are taken over where they die and reused where lifetimes do not overlap; a view is the same slot.
// CHECK-LABEL: rt.program @slots
// CHECK-SAME: arguments ["x:0"] : [tensor<20xf32>] results ["result_0"] : [tensor<20xf32>] arena {{[0-9]+}}
func.func @slots(%x: tensor<20xf32> {lathe.name = "x:0"}) -> tensor<20xf32> {
  // The argument is never overwritten.
  // CHECK: %[[X:.*]] = rt.argument 0 : memref<20xf32>
  // CHECK: %[[A:.*]] = rt.slot [[AT:[0-9]+]] : memref<20xf32>
  // CHECK: rt.launch @exp(%[[X]]) outs(%[[A]]) {inPlace = array<i64: -1>}
  // LOC: rt.launch @exp({{.*}} loc([[L:#.*]])
  // LOC-DAG: [[L]] = loc("node_a")
  %a = rt.call @exp(%x) {inPlace = array<i64: 0>} : (tensor<20xf32>) -> tensor<20xf32> loc("node_a")
  // %a lives on: another slot.
  // CHECK: %[[B:.*]] = rt.slot [[BT:[0-9]+]] : memref<20xf32>
  // CHECK: rt.launch @exp(%[[A]]) outs(%[[B]]) {inPlace = array<i64: -1>}
  %b = rt.call @exp(%a) {inPlace = array<i64: 0>} : (tensor<20xf32>) -> tensor<20xf32>
  // Both die: the named one is taken over, through its view.
  %v = core.reshape %b : tensor<20xf32> -> tensor<4x5xf32>
  %w = core.reshape %v : tensor<4x5xf32> -> tensor<20xf32>
  // CHECK: rt.launch @add(%[[A]], %[[B]]) outs(%[[B]]) {inPlace = array<i64: 1>}
  %c = rt.call @add(%a, %w) {inPlace = array<i64: 1>} : (tensor<20xf32>, tensor<20xf32>) -> tensor<20xf32>
  // Passed twice: not taken over. What ends in a result is the caller's buffer all the way.
  // CHECK: %[[R:.*]] = rt.result 0 : memref<20xf32>
  // CHECK: rt.launch @add(%[[B]], %[[B]]) outs(%[[R]]) {inPlace = array<i64: -1>}
  %d = rt.call @add(%c, %c) {inPlace = array<i64: 0>} : (tensor<20xf32>, tensor<20xf32>) -> tensor<20xf32>
  // What nobody reads has a slot while its launch runs.
  // CHECK: %[[P:.*]] = rt.slot {{[0-9]+}} : memref<20xi32>
  // CHECK: rt.launch @sort(%[[R]]) outs(%[[R]], %[[P]]) {inPlace = array<i64: 0, -1>}
  %e:2 = rt.call @sort(%d) {inPlace = array<i64: 0, -1>} : (tensor<20xf32>) -> (tensor<20xf32>, tensor<20xi32>)
  return %e#0 : tensor<20xf32>
}

// Copies only where no launch can write: an argument, a constant, a second return. Views of results are results.
// CHECK-LABEL: rt.weight @w0 dense<7> : tensor<2x3xui8>
// CHECK: rt.program @copies
// CHECK-SAME: results ["y:0", "result_1", "result_2", "result_3"] : [tensor<4x5xf32>, tensor<20xf32>, tensor<6xui8>, tensor<5x4xf32>] arena 0
func.func @copies(%x: tensor<20xf32>) -> (tensor<4x5xf32> {lathe.name = "y:0"}, tensor<20xf32>, tensor<6xui8>, tensor<5x4xf32>) {
  // CHECK: %[[X:.*]] = rt.argument 0
  // CHECK: %[[Y:.*]] = rt.result 0 : memref<20xf32>
  // CHECK: rt.launch @exp(%[[X]]) outs(%[[Y]])
  %y = rt.call @exp(%x) {inPlace = array<i64: 0>} : (tensor<20xf32>) -> tensor<20xf32>
  %yv = core.reshape %y : tensor<20xf32> -> tensor<4x5xf32>
  %yu = core.reshape %yv : tensor<4x5xf32> -> tensor<5x4xf32>
  %c = core.constant dense<7> : tensor<2x3xui8>
  %cv = core.reshape %c : tensor<2x3xui8> -> tensor<6xui8>
  // CHECK: %[[R1:.*]] = rt.result 1 : memref<20xf32>
  // CHECK: rt.copy %[[X]] to %[[R1]] : memref<20xf32>
  // CHECK: %[[R2:.*]] = rt.result 2 : memref<6xui8>
  // CHECK: %[[W:.*]] = rt.weight_address @w0 : memref<6xui8>
  // CHECK: rt.copy %[[W]] to %[[R2]] : memref<6xui8>
  // CHECK: %[[R3:.*]] = rt.result 3 : memref<5x4xf32>
  // CHECK: %[[YU:.*]] = rt.result 0 : memref<5x4xf32>
  // CHECK: rt.copy %[[YU]] to %[[R3]] : memref<5x4xf32>
  return %yv, %x, %cv, %yu : tensor<4x5xf32>, tensor<20xf32>, tensor<6xui8>, tensor<5x4xf32>
}

// A value that is returned and read again is read where the caller has it, and not overwritten.
// CHECK-LABEL: rt.program @read_again
// CHECK-SAME: arena 0
func.func @read_again(%x: tensor<20xf32>) -> (tensor<20xf32>, tensor<20xf32>) {
  // CHECK: %[[Y:.*]] = rt.result 1
  // CHECK: rt.launch @exp(%{{.*}}) outs(%[[Y]])
  // CHECK: %[[Z:.*]] = rt.result 0
  // CHECK: rt.launch @exp(%[[Y]]) outs(%[[Z]]) {inPlace = array<i64: -1>}
  %y = rt.call @exp(%x) {inPlace = array<i64: 0>} : (tensor<20xf32>) -> tensor<20xf32>
  %z = rt.call @exp(%y) {inPlace = array<i64: 0>} : (tensor<20xf32>) -> tensor<20xf32>
  return %z, %y : tensor<20xf32>, tensor<20xf32>
}

// -----

// One weight for all uses in row-major order, one more for each kernel that may choose the layout, across entries.
rt.kernel @dot constants [false, true] {
^bb0(%x: tensor<2x2xf32>, %w: tensor<2x2xf32>):
  %d = core.dot_general %x, %w {lhsBatch = array<i64>, rhsBatch = array<i64>, lhsContracting = array<i64: 1>,
      rhsContracting = array<i64: 0>} : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  rt.yield %d : tensor<2x2xf32>
}
// The second operand is no contraction's own: it is added too.
rt.kernel @dot_add constants [false, true] {
^bb0(%x: tensor<2x2xf32>, %w: tensor<2x2xf32>):
  %d = core.dot_general %x, %w {lhsBatch = array<i64>, rhsBatch = array<i64>, lhsContracting = array<i64: 1>,
      rhsContracting = array<i64: 0>} : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  %y = core.add %d, %w : tensor<2x2xf32>
  rt.yield %y : tensor<2x2xf32>
}
rt.kernel @add constants [false, true] {
^bb0(%x: tensor<2x2xf32>, %w: tensor<2x2xf32>):
  %y = core.add %x, %w : tensor<2x2xf32>
  rt.yield %y : tensor<2x2xf32>
}

// CHECK: rt.weight @w0 for @dot 1 dense<{{.*}}1.000000e+00, 2.000000e+00
// CHECK: rt.weight @w1 dense<{{.*}}1.000000e+00, 2.000000e+00
// CHECK-NOT: rt.weight @
// CHECK: rt.program @first
// CHECK: %[[W0:.*]] = rt.weight_address @w0
// CHECK: rt.launch @dot(%{{.*}}, %[[W0]])
// CHECK: %[[W1:.*]] = rt.weight_address @w1
// CHECK: rt.launch @dot_add(%{{.*}}, %[[W1]])
// CHECK: rt.launch @add(%{{.*}}, %[[W1]])
func.func @first(%x: tensor<2x2xf32>) -> tensor<2x2xf32> {
  %w = core.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %a = rt.call @dot(%x, %w) {inPlace = array<i64: -1>} : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  %b = rt.call @dot_add(%a, %w) {inPlace = array<i64: -1>} : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  %c = rt.call @add(%b, %w) {inPlace = array<i64: 0>} : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  return %c : tensor<2x2xf32>
}
// CHECK: rt.weight @w2 for @dot 1 dense<5.000000e+00>
// CHECK-NOT: rt.weight @
// CHECK: rt.program @second
// CHECK: rt.weight_address @w0
// CHECK: rt.weight_address @w2
func.func @second(%x: tensor<2x2xf32>) -> tensor<2x2xf32> {
  %w = core.constant dense<[[1.0, 2.0], [3.0, 4.0]]> : tensor<2x2xf32>
  %v = core.constant dense<5.0> : tensor<2x2xf32>
  %a = rt.call @dot(%x, %w) {inPlace = array<i64: -1>} : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  %b = rt.call @dot(%a, %v) {inPlace = array<i64: -1>} : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  return %b : tensor<2x2xf32>
}

// -----

// Tensors without elements take no bytes.
rt.kernel @none constants [false] {
^bb0(%x: tensor<0x3xf32>):
  %y = core.exp %x : tensor<0x3xf32>
  rt.yield %y : tensor<0x3xf32>
}
// CHECK-LABEL: rt.program @empty
// CHECK-SAME: arena 0
func.func @empty(%x: tensor<0x3xf32>) -> tensor<0x3xf32> {
  // CHECK: rt.slot 0 : memref<0x3xf32>
  %a = rt.call @none(%x) {inPlace = array<i64: -1>} : (tensor<0x3xf32>) -> tensor<0x3xf32>
  %b = rt.call @none(%a) {inPlace = array<i64: -1>} : (tensor<0x3xf32>) -> tensor<0x3xf32>
  return %b : tensor<0x3xf32>
}

// -----

rt.variable @v container "" name "v" : tensor<20xf32> {initial = dense<2.5> : tensor<20xf32>}
rt.variable @w container "" name "w" : tensor<20xf32>
rt.kernel @exp constants [false] {
^bb0(%x: tensor<20xf32>):
  %y = core.exp %x : tensor<20xf32>
  rt.yield %y : tensor<20xf32>
}

// A new value is written where the old one lies, where that one dies by then; the initial value is a weight.
// CHECK: rt.weight @[[W:.*]] dense<2.500000e+00>
// CHECK-NEXT: rt.variable @v container "" name "v" : tensor<20xf32> {weight = @[[W]]}
// CHECK-NEXT: rt.variable @w container "" name "w" : tensor<20xf32>{{$}}
// CHECK-LABEL: rt.program @update
// CHECK-SAME: arena 0 reads [@v] writes [@v]
// CHECK: %[[V:.*]] = rt.variable_address @v : memref<20xf32>
// CHECK-NEXT: rt.launch @exp(%[[V]]) outs(%[[V]]) {inPlace = array<i64: 0>}
// CHECK-NEXT: %[[R:.*]] = rt.result 0
// CHECK-NEXT: rt.copy %[[V]] to %[[R]]
// CHECK-NEXT: }
func.func @update(%v: tensor<20xf32> {lathe.variable = @v}) -> (tensor<20xf32>, tensor<20xf32>) {
  %a = rt.call @exp(%v) {inPlace = array<i64: 0>} : (tensor<20xf32>) -> tensor<20xf32>
  return %a, %a : tensor<20xf32>, tensor<20xf32>
}

// The old value is returned, too: it is copied before the new one, which had to lie elsewhere, takes its place.
// CHECK-LABEL: rt.program @both
// CHECK: %[[V:.*]] = rt.variable_address @v
// CHECK: %[[S:.*]] = rt.slot 0
// CHECK-NEXT: rt.launch @exp(%[[V]]) outs(%[[S]]) {inPlace = array<i64: -1>}
// CHECK-NEXT: %[[R:.*]] = rt.result 0
// CHECK-NEXT: rt.copy %[[V]] to %[[R]]
// CHECK-NEXT: rt.copy %[[S]] to %[[V]]
func.func @both(%v: tensor<20xf32> {lathe.variable = @v}) -> (tensor<20xf32>, tensor<20xf32>) {
  %a = rt.call @exp(%v) {inPlace = array<i64: 0>} : (tensor<20xf32>) -> tensor<20xf32>
  return %v, %a : tensor<20xf32>, tensor<20xf32>
}

// Two variables change places through a temporary buffer; neither is a kernel's.
// CHECK-LABEL: rt.program @swap
// CHECK-SAME: arena {{[0-9]+}} reads [@v, @w] writes [@v, @w]
// CHECK-NEXT: %[[V:.*]] = rt.variable_address @v
// CHECK-NEXT: %[[T:.*]] = rt.slot 0
// CHECK-NEXT: rt.copy %[[V]] to %[[T]]
// CHECK-NEXT: %[[W:.*]] = rt.variable_address @w
// CHECK-NEXT: rt.copy %[[W]] to %[[V]]
// CHECK-NEXT: rt.copy %[[T]] to %[[W]]
// CHECK-NEXT: }
func.func @swap(%v: tensor<20xf32> {lathe.variable = @v}, %w: tensor<20xf32> {lathe.variable = @w}) -> (tensor<20xf32>, tensor<20xf32>) {
  return %w, %v : tensor<20xf32>, tensor<20xf32>
}

// One that is only passed on is neither read nor written; a feed and a constant are copied.
// CHECK-LABEL: rt.program @set
// CHECK-SAME: arena 0 writes [@w]
// CHECK: rt.copy %{{.*}} to %{{.*}}
// CHECK-NOT: rt.copy
func.func @set(%x: tensor<20xf32>, %v: tensor<20xf32> {lathe.variable = @v}, %w: tensor<20xf32> {lathe.variable = @w}) -> (tensor<20xf32>, tensor<20xf32>) {
  return %v, %x : tensor<20xf32>, tensor<20xf32>
}

// -----

rt.kernel @conv constants [false, true] {
^bb0(%x: tensor<1x4x4x1xf32>, %w: tensor<3x3x1x1xf32>):
  %y = core.conv %x, %w {strides = array<i64: 1, 1>, low = array<i64: 1, 1>, high = array<i64: 1, 1>, inputDilation = array<i64: 1, 1>,
      filterDilation = array<i64: 1, 1>, groups = 1, scratch = 256} : (tensor<1x4x4x1xf32>, tensor<3x3x1x1xf32>) -> tensor<1x4x4x1xf32>
  rt.yield %y : tensor<1x4x4x1xf32>
}

// Working memory lives while its launch runs: beside that launch's operands, where the other launch's was.
// CHECK-LABEL: rt.program @scratch
// CHECK-SAME: arena 320
func.func @scratch(%x: tensor<1x4x4x1xf32>) -> tensor<1x4x4x1xf32> {
  %w = core.constant dense<1.0> : tensor<3x3x1x1xf32>
  // CHECK: %[[Y:.*]] = rt.slot [[YT:[0-9]+]] : memref<1x4x4x1xf32>
  // CHECK: %[[A:.*]] = rt.slot [[AT:[0-9]+]] : memref<256xi8>
  // CHECK: rt.launch @conv({{.*}}) outs(%[[Y]]) scratch(%[[A]] : memref<256xi8>)
  %y = rt.call @conv(%x, %w) {inPlace = array<i64: -1>} : (tensor<1x4x4x1xf32>, tensor<3x3x1x1xf32>) -> tensor<1x4x4x1xf32>
  // CHECK: %[[B:.*]] = rt.slot [[AT]] : memref<256xi8>
  // CHECK: rt.launch @conv(%[[Y]], {{.*}}) outs({{.*}}) scratch(%[[B]] : memref<256xi8>)
  %z = rt.call @conv(%y, %w) {inPlace = array<i64: -1>} : (tensor<1x4x4x1xf32>, tensor<3x3x1x1xf32>) -> tensor<1x4x4x1xf32>
  return %z : tensor<1x4x4x1xf32>
}
