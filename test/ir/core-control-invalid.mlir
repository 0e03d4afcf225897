// What core.if, core.while and core.check refuse, by the labels of their constraints.
// RUN: lathe-opt %s --verify-diagnostics --split-input-file

func.func @f(%p: tensor<2xi1>) {
  // expected-error@+1 {{'core.if' op C1: predicate must be a scalar, but got 'tensor<2xi1>'}}
  core.if %p {
    core.yield
  } else {
    core.yield
  } : (tensor<2xi1>) -> ()
  return
}

// -----

func.func @f(%p: tensor<i1>, %x: tensor<2xf32>) {
  // expected-error@+1 {{'core.if' op C2: else must yield ('tensor<2xf32>'), but yields ()}}
  %y = core.if %p {
    core.yield %x : tensor<2xf32>
  } else {
    core.yield
  } : (tensor<i1>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%p: tensor<i1>, %x: tensor<2xf32>, %z: tensor<3xf32>) {
  // expected-error@+1 {{'core.while' op 0-th region iter_arg and 0-th yielded value have different type: 'tensor<2xf32>' != 'tensor<3xf32>'}}
  %y = core.while(%x) cond {
  ^bb0(%v: tensor<2xf32>):
    core.yield %p : tensor<i1>
  } do {
  ^bb0(%v: tensor<2xf32>):
    core.yield %z : tensor<3xf32>
  } : (tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%p: tensor<i1>, %x: tensor<2xf32>) {
  // expected-error@+1 {{'core.while' op C2: cond must yield ('tensor<i1>'), but yields ('tensor<2xf32>')}}
  %y = core.while(%x) cond {
  ^bb0(%v: tensor<2xf32>):
    core.yield %v : tensor<2xf32>
  } do {
  ^bb0(%v: tensor<2xf32>):
    core.yield %v : tensor<2xf32>
  } : (tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%p: tensor<i1>, %x: tensor<2xf32>) {
  // expected-error@+1 {{'core.while' op 0-th init and 0-th region iter_arg have different type: 'tensor<2xf32>' != 'tensor<3xf32>'}}
  %y = core.while(%x) cond {
  ^bb0(%v: tensor<2xf32>):
    core.yield %p : tensor<i1>
  } do {
  ^bb0(%v: tensor<3xf32>):
    core.yield %x : tensor<2xf32>
  } : (tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%p: tensor<i1>, %x: tensor<2xf32>) {
  // expected-error@+1 {{'core.while' op C1: arguments of cond must have the types ('tensor<2xf32>') of inits, but got ('tensor<3xf32>')}}
  %y = core.while(%x) cond {
  ^bb0(%v: tensor<3xf32>):
    core.yield %p : tensor<i1>
  } do {
  ^bb0(%v: tensor<2xf32>):
    core.yield %x : tensor<2xf32>
  } : (tensor<2xf32>) -> tensor<2xf32>
  return
}

// -----

func.func @f(%p: tensor<2xi1>) {
  // expected-error@+1 {{'core.check' op C1: predicate must be a scalar, but got 'tensor<2xi1>'}}
  core.check %p, "no" : (tensor<2xi1>) -> ()
  return
}

// -----

func.func @f(%p: tensor<i1>, %place: tensor<i32>, %x: tensor<2xi32>) {
  // expected-error@+1 {{'core.check' op C2: details must be a place, 'tensor<i64>', and a tensor of integers, but got ('tensor<i32>', 'tensor<2xi32>')}}
  core.check %p, "no" at %place, %x : (tensor<i1>, tensor<i32>, tensor<2xi32>) -> ()
  return
}
