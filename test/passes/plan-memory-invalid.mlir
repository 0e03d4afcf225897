// RUN: lathe-opt %s --lathe-plan-memory --split-input-file --verify-diagnostics

func.func @not_fused(%x: tensor<8xf32>) -> tensor<8xf32> {
  // expected-error @below {{planning needs kernel calls, but got core.exp}}
  %y = core.exp %x : tensor<8xf32>
  return %y : tensor<8xf32>
}

// -----

// expected-error @below {{planning needs static shapes, but got 'tensor<?xf32>'}}
func.func @dynamic(%x: tensor<?xf32>) -> tensor<?xf32> {
  return %x : tensor<?xf32>
}

// -----

rt.kernel @dot constants [false, true] {
^bb0(%x: tensor<2x2xf32>, %w: tensor<2x2xf32>):
  %d = core.dot_general %x, %w {lhsBatch = array<i64>, rhsBatch = array<i64>, lhsContracting = array<i64: 1>,
      rhsContracting = array<i64: 0>} : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  rt.yield %d : tensor<2x2xf32>
}
func.func @no_weight(%x: tensor<2x2xf32>) -> tensor<2x2xf32> {
  // expected-error @below {{kernel @dot needs a constant as operand 1}}
  %y = rt.call @dot(%x, %x) {inPlace = array<i64: -1>} : (tensor<2x2xf32>, tensor<2x2xf32>) -> tensor<2x2xf32>
  return %y : tensor<2x2xf32>
}

// -----

rt.program @p arguments ["x"] : [tensor<8xf32>] results ["y"] : [tensor<8xf32>] arena 0 {
  %x = rt.argument 0 : memref<8xf32>
  // expected-error @below {{copies a buffer to itself}}
  rt.copy %x to %x : memref<8xf32>
}
