// RUN: lathe-opt %s --split-input-file --verify-diagnostics

// expected-error@+1 {{'rt.kernel' op constants must have one flag for each of the 1 operands, but got 2}}
rt.kernel @k constants [false, true] {
^bb0(%x: tensor<8xf32>):
  rt.yield %x : tensor<8xf32>
}

// -----

// expected-error@+1 {{'rt.kernel' op operands must be ranked tensors, but got 'f32'}}
rt.kernel @k constants [false] {
^bb0(%x: f32):
  rt.yield
}

// -----

func.func @f(%x: tensor<8xf32>) -> tensor<8xf32> {
  // expected-error@+1 {{'rt.call' op no kernel named @k}}
  %y = rt.call @k(%x) {inPlace = array<i64: -1>} : (tensor<8xf32>) -> tensor<8xf32>
  return %y : tensor<8xf32>
}

// -----

rt.kernel @k constants [false] {
^bb0(%x: tensor<8xf32>):
  rt.yield %x : tensor<8xf32>
}
func.func @f(%x: tensor<4xf32>) -> tensor<8xf32> {
  // expected-error@+1 {{'rt.call' op operand types do not fit those of kernel @k}}
  %y = rt.call @k(%x) {inPlace = array<i64: -1>} : (tensor<4xf32>) -> tensor<8xf32>
  return %y : tensor<8xf32>
}

// -----

rt.kernel @k constants [false] {
^bb0(%x: tensor<8xf32>):
  rt.yield %x : tensor<8xf32>
}
func.func @f(%x: tensor<8xf32>) -> tensor<4xf32> {
  // expected-error@+1 {{'rt.call' op result types do not fit those of kernel @k}}
  %y = rt.call @k(%x) {inPlace = array<i64: -1>} : (tensor<8xf32>) -> tensor<4xf32>
  return %y : tensor<4xf32>
}

// -----

rt.kernel @k constants [false] {
^bb0(%x: tensor<8xf32>):
  rt.yield %x : tensor<8xf32>
}
func.func @f(%x: tensor<8xf32>) -> tensor<8xf32> {
  // expected-error@+1 {{'rt.call' op inPlace must have 1 entries, but got 0}}
  %y = rt.call @k(%x) {inPlace = array<i64>} : (tensor<8xf32>) -> tensor<8xf32>
  return %y : tensor<8xf32>
}

// -----

rt.kernel @k constants [false] {
^bb0(%x: tensor<8xf32>):
  rt.yield %x : tensor<8xf32>
}
func.func @f(%x: tensor<8xf32>) -> tensor<8xf32> {
  // expected-error@+1 {{'rt.call' op inPlace names operand 1 of 1}}
  %y = rt.call @k(%x) {inPlace = array<i64: 1>} : (tensor<8xf32>) -> tensor<8xf32>
  return %y : tensor<8xf32>
}

// -----

rt.kernel @k constants [false] {
^bb0(%x: tensor<8xf32>):
  rt.yield %x : tensor<8xf32>
}
func.func @f(%x: tensor<8xf32>) -> tensor<8xf32> {
  // expected-error@+1 {{'rt.call' op inPlace names operand -2 of 1}}
  %y = rt.call @k(%x) {inPlace = array<i64: -2>} : (tensor<8xf32>) -> tensor<8xf32>
  return %y : tensor<8xf32>
}

// -----

// expected-error@+1 {{'rt.program' op arguments need one type each, but got 1 names and 0 types}}
rt.program @p arguments ["x:0"] : [] results [] : [] arena 0 {
}

// -----

// expected-error@+1 {{'rt.program' op results need one type each, but got 0 names and 1 types}}
rt.program @p arguments [] : [] results [] : [tensor<8xf32>] arena 0 {
}

// -----

// expected-error@+1 {{'rt.program' op arguments must be ranked tensors, but got 'f32'}}
rt.program @p arguments ["x:0"] : [f32] results [] : [] arena 0 {
}

// -----

// expected-error@+1 {{'rt.program' op results must be ranked tensors, but got 'f32'}}
rt.program @p arguments [] : [] results ["y:0"] : [f32] arena 0 {
}

// -----

// expected-error@+1 {{'rt.program' op arena must not be negative, but got -64}}
rt.program @p arguments [] : [] results [] : [] arena -64 {
}

// -----

rt.program @p arguments ["x:0"] : [tensor<8xf32>] results ["y:0"] : [tensor<8xf32>] arena 64 {
  %x = rt.argument 0 : memref<8xf32>
  %y = rt.result 0 : memref<8xf32>
  // expected-error@+1 {{'rt.argument' op number 1 is not below 1}}
  %z = rt.argument 1 : memref<8xf32>
}

// -----

rt.program @p arguments ["x:0"] : [tensor<8xf32>] results ["y:0"] : [tensor<8xf32>] arena 64 {
  %x = rt.argument 0 : memref<8xf32>
  %y = rt.result 0 : memref<8xf32>
  // expected-error@+1 {{'rt.argument' op type 'memref<4xf32>' does not fit 'tensor<8xf32>'}}
  %z = rt.argument 0 : memref<4xf32>
}

// -----

rt.program @p arguments ["x:0"] : [tensor<8xf32>] results ["y:0"] : [tensor<8xf32>] arena 64 {
  %x = rt.argument 0 : memref<8xf32>
  %y = rt.result 0 : memref<8xf32>
  // expected-error@+1 {{'rt.result' op number -1 is not below 1}}
  %z = rt.result -1 : memref<8xf32>
}

// -----

rt.program @p arguments ["x:0"] : [tensor<8xf32>] results ["y:0"] : [tensor<8xf32>] arena 64 {
  %x = rt.argument 0 : memref<8xf32>
  %y = rt.result 0 : memref<8xf32>
  // expected-error@+1 {{'rt.result' op type 'memref<8xi32>' does not fit 'tensor<8xf32>'}}
  %z = rt.result 0 : memref<8xi32>
}

// -----

rt.program @p arguments ["x:0"] : [tensor<8xf32>] results ["y:0"] : [tensor<8xf32>] arena 64 {
  %x = rt.argument 0 : memref<8xf32>
  %y = rt.result 0 : memref<8xf32>
  // expected-error@+1 {{'rt.slot' op bytes 48 to 80 lie outside of the arena of 64}}
  %z = rt.slot 48 : memref<8xf32>
}

// -----

rt.program @p arguments ["x:0"] : [tensor<8xf32>] results ["y:0"] : [tensor<8xf32>] arena 64 {
  %x = rt.argument 0 : memref<8xf32>
  %y = rt.result 0 : memref<8xf32>
  // expected-error@+1 {{'rt.slot' op bytes -8 to 24 lie outside of the arena of 64}}
  %z = rt.slot -8 : memref<8xf32>
}

// -----

rt.program @p arguments ["x:0"] : [tensor<8xf32>] results ["y:0"] : [tensor<8xf32>] arena 64 {
  %x = rt.argument 0 : memref<8xf32>
  %y = rt.result 0 : memref<8xf32>
  // expected-error@+1 {{'rt.launch' op no kernel named @k}}
  rt.launch @k(%x) outs(%y) {inPlace = array<i64: -1>} : (memref<8xf32>) -> memref<8xf32>
}

// -----

rt.kernel @k constants [false] {
^bb0(%x: tensor<8xf32>):
  rt.yield %x : tensor<8xf32>
}
rt.program @p arguments ["x:0"] : [tensor<8xf32>] results ["y:0"] : [tensor<8xf32>] arena 64 {
  %x = rt.argument 0 : memref<8xf32>
  %y = rt.result 0 : memref<8xf32>
  // expected-error@+1 {{'rt.launch' op inPlace must have 1 entries, but got 2}}
  rt.launch @k(%x) outs(%y) {inPlace = array<i64: -1, 0>} : (memref<8xf32>) -> memref<8xf32>
}

// -----

rt.kernel @k constants [false] {
^bb0(%x: tensor<8xf32>):
  rt.yield %x : tensor<8xf32>
}
rt.program @p arguments ["x:0"] : [tensor<8xf32>] results ["y:0"] : [tensor<8xf32>] arena 64 {
  %x = rt.argument 0 : memref<8xf32>
  %y = rt.result 0 : memref<8xf32>
  // expected-error@+1 {{'rt.launch' op inPlace names operand 1 of 1}}
  rt.launch @k(%x) outs(%y) {inPlace = array<i64: 1>} : (memref<8xf32>) -> memref<8xf32>
}

// -----

rt.kernel @k constants [false] {
^bb0(%x: tensor<8xf32>):
  rt.yield %x : tensor<8xf32>
}
rt.program @p arguments ["x:0"] : [tensor<8xf32>] results ["y:0"] : [tensor<8xf32>] arena 64 {
  %x = rt.argument 0 : memref<8xf32>
  %y = rt.result 0 : memref<8xf32>
  // expected-error@+1 {{'rt.launch' op inPlace names operand -2 of 1}}
  rt.launch @k(%x) outs(%y) {inPlace = array<i64: -2>} : (memref<8xf32>) -> memref<8xf32>
}

// -----

rt.kernel @k constants [false] {
^bb0(%x: tensor<8xf32>):
  rt.yield %x : tensor<8xf32>
}
rt.program @p arguments ["x:0"] : [tensor<8xf32>] results ["y:0"] : [tensor<8xf32>] arena 64 {
  %x = rt.argument 0 : memref<8xf32>
  %y = rt.result 0 : memref<8xf32>
  // expected-error@+1 {{'rt.launch' op operand types do not fit those of kernel @k}}
  rt.launch @k(%x, %x) outs(%y) {inPlace = array<i64: -1>} : (memref<8xf32>, memref<8xf32>) -> memref<8xf32>
}

// -----

rt.kernel @k constants [false] {
^bb0(%x: tensor<8xf32>):
  rt.yield %x : tensor<8xf32>
}
rt.program @p arguments ["x:0"] : [tensor<8xf32>] results ["y:0"] : [tensor<8xf32>] arena 64 {
  %x = rt.argument 0 : memref<8xf32>
  %y = rt.result 0 : memref<8xf32>
  %s = rt.slot 0 : memref<2x4xf32>
  // expected-error@+1 {{'rt.launch' op operand types do not fit those of kernel @k}}
  rt.launch @k(%s) outs(%y) {inPlace = array<i64: -1>} : (memref<2x4xf32>) -> memref<8xf32>
}

// -----

rt.kernel @k constants [false] {
^bb0(%x: tensor<8xf32>):
  rt.yield %x : tensor<8xf32>
}
rt.program @p arguments ["x:0"] : [tensor<8xf32>] results ["y:0"] : [tensor<8xf32>] arena 64 {
  %x = rt.argument 0 : memref<8xf32>
  %y = rt.result 0 : memref<8xf32>
  %s = rt.slot 0 : memref<2x4xf32>
  // expected-error@+1 {{'rt.launch' op output types do not fit those of kernel @k}}
  rt.launch @k(%x) outs(%s) {inPlace = array<i64: -1>} : (memref<8xf32>) -> memref<2x4xf32>
}

// -----

rt.program @p arguments [] : [] results ["y:0"] : [tensor<8xf32>] arena 0 {
  %y = rt.result 0 : memref<8xf32>
  // expected-error@+1 {{'rt.copy' op copies a buffer to itself}}
  rt.copy %y to %y : memref<8xf32>
}

// -----

// expected-error@+1 {{'rt.slot' op expects parent op 'rt.program'}}
%s = rt.slot 0 : memref<8xf32>

// -----

func.func @f(%x: tensor<8xf32>) {
  // expected-error@+1 {{'rt.yield' op expects parent op 'rt.kernel'}}
  rt.yield %x : tensor<8xf32>
}

// -----

rt.program @main arguments ["p:0", "i:0"] : [tensor<i1>, tensor<4xi32>] results [] : [] arena 0 {
  %p = rt.argument 0 : memref<i1>
  %i = rt.argument 1 : memref<4xi32>
  // expected-error@+1 {{'rt.check' op details must be a place, memref<i64>, and a buffer of integers, but got ('memref<4xi32>')}}
  rt.check %p, "%p" at %i : (memref<i1>, memref<4xi32>) -> ()
}

// -----

rt.kernel @conv constants [false, false] {
^bb0(%x: tensor<1x1x1xf32>, %w: tensor<1x1x1xf32>):
  %y = core.conv %x, %w {strides = array<i64: 1>, low = array<i64: 0>, high = array<i64: 0>, inputDilation = array<i64: 1>, filterDilation = array<i64: 1>, groups = 1, scratch = 256} : (tensor<1x1x1xf32>, tensor<1x1x1xf32>) -> tensor<1x1x1xf32>
  rt.yield %y : tensor<1x1x1xf32>
}
rt.program @p arguments [] : [] results [] : [] arena 128 {
  %x = rt.slot 0 : memref<1x1x1xf32>
  // expected-error@+1 {{'rt.launch' op scratch must have 256 bytes, but got 0}}
  rt.launch @conv(%x, %x) outs(%x) {inPlace = array<i64: 0>} : (memref<1x1x1xf32>, memref<1x1x1xf32>) -> memref<1x1x1xf32>
}
