// RUN: lathe-opt %s -split-input-file -verify-diagnostics
// Constraints of sorts and factorisations, by their labels.

func.func @f(%x: tensor<2x3xf32>) {
  // expected-error@+2 {{C1: dimension 2 must be in [0, 2)}}
  // expected-error@+1 {{'core.sort' op failed to infer returned types}}
  %0:2 = core.sort %x {dimension = 2, descending = true, indexType = i32} : tensor<2x3xf32> -> tensor<2x3xf32>, tensor<2x3xi32>
  return
}

// -----

func.func @sort_count(%x: tensor<2x3xf32>) {
  // expected-error@+2 {{C2: count 4 must be in [0, 3]}}
  // expected-error@+1 {{'core.sort' op failed to infer returned types}}
  %0:2 = core.sort %x {dimension = 1, descending = true, indexType = i32, count = 4} : tensor<2x3xf32> -> tensor<2x4xf32>, tensor<2x4xi32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>) {
  // expected-error@+1 {{'core.cholesky' op C1: the last two dimensions must be equal, but got 'tensor<2x3xf32>'}}
  %0 = core.cholesky %x : tensor<2x3xf32>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>) {
  // expected-error@+1 {{C1: the last two dimensions must be equal, but got 'tensor<2x3xf32>'}}
  %0:3 = core.lu %x : tensor<2x3xf32>
  return
}

// -----

func.func @f(%a: tensor<2x3xf32>, %b: tensor<2x3xf32>) {
  // expected-error@+1 {{'core.triangular_solve' op C1: the last two dimensions must be equal, but got 'tensor<2x3xf32>'}}
  %0 = core.triangular_solve %a, %b {lower = true, transpose = false, unitDiagonal = false} : tensor<2x3xf32>, tensor<2x3xf32>
  return
}

// -----

func.func @f(%a: tensor<3x3xf32>, %b: tensor<2x3xf32>) {
  // expected-error@+1 {{'core.triangular_solve' op C1: 'tensor<2x3xf32>' does not fit 'tensor<3x3xf32>'}}
  %0 = core.triangular_solve %a, %b {lower = true, transpose = false, unitDiagonal = false} : tensor<3x3xf32>, tensor<2x3xf32>
  return
}

// -----

func.func @f(%a: tensor<3x3xf32>, %b: tensor<3x1xf64>) {
  // expected-error@+1 {{'core.triangular_solve' op C2: element types differ: 'tensor<3x3xf32>' and 'tensor<3x1xf64>'}}
  %0 = core.triangular_solve %a, %b {lower = true, transpose = false, unitDiagonal = false} : tensor<3x3xf32>, tensor<3x1xf64>
  return
}

// -----

func.func @f(%x: tensor<2x3xf32>) {
  // expected-error@+2 {{C1: dimension -1 must be in [0, 2)}}
  // expected-error@+1 {{'core.sort' op failed to infer returned types}}
  %0:2 = core.sort %x {dimension = -1, descending = true, indexType = i32} : tensor<2x3xf32> -> tensor<2x3xf32>, tensor<2x3xi32>
  return
}

// -----

func.func @svdRank(%a: tensor<3xf32>) {
  // expected-error@+2 {{C1: the rank must be at least 2, but got 'tensor<3xf32>'}}
  // expected-error@+1 {{'core.svd' op failed to infer returned types}}
  %0:3 = core.svd %a {full = false} : tensor<3xf32> -> tensor<3xf32>, tensor<3xf32>, tensor<3xf32>
  return
}

// -----

func.func @eighNotSquare(%a: tensor<2x3xf32>) {
  // expected-error@+1 {{C1: the last two dimensions must be equal, but got 'tensor<2x3xf32>'}}
  %0:2 = core.eigh %a : tensor<2x3xf32>
  return
}

// -----

func.func @f(%x: tensor<4xf32>) {
  // expected-error@+2 {{C1: the rank must be at least 2}}
  // expected-error@+1 {{'core.qr' op failed to infer returned types}}
  %0:2 = core.qr %x {full = true} : tensor<4xf32> -> tensor<4xf32>, tensor<4xf32>
  return
}
