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

// expected-error@+1 {{'rt.program' op arguments and results need one type each}}
rt.program @p arguments ["x:0"] : [] results [] : [] arena 0 {
}

// -----

// expected-error@+1 {{'rt.program' op arguments and results need one type each}}
rt.program @p arguments [] : [] results [] : [tensor<8xf32>] arena 0 {
}

// -----

// expected-error@+1 {{'rt.program' op arguments must be ranked tensors, but got f32}}
rt.program @p arguments ["x:0"] : [f32] results [] : [] arena 0 {
}

// -----

rt.program @p arguments ["x:0"] : [tensor<8xf32>] results ["y:0"] : [tensor<8xf32>] arena 0 {
  %x = rt.argument 0 : memref<8xf32>
  %y = rt.result 0 : memref<8xf32>
  // expected-error@+1 {{'rt.launch' op inPlace must have 1 entries, but got 2}}
  rt.launch @k(%x) outs(%y) {inPlace = array<i64: -1, 0>} : (memref<8xf32>) -> memref<8xf32>
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
