// RUN: lathe-opt %s --pass-pipeline='builtin.module(func.func(lathe-evaluate))' --split-input-file --verify-diagnostics
// A check that does not hold ends the evaluation, in the branch that is taken and the round that it is.

func.func @taken() -> tensor<i32> {
  %zero = core.constant dense<0> : tensor<i32>
  %one = core.constant dense<1> : tensor<i32>
  %five = core.constant dense<5> : tensor<i32>
  %three = core.constant dense<3> : tensor<i32>
  %false = core.constant dense<false> : tensor<i1>
  core.if %false {
    core.check %false, "not taken" : (tensor<i1>) -> ()
    core.yield
  } else {
    core.yield
  } : (tensor<i1>) -> ()
  %r = core.while(%zero) cond {
  ^bb0(%i: tensor<i32>):
    %p = core.compare lt %i, %five : tensor<i32>
    core.yield %p : tensor<i1>
  } do {
  ^bb0(%i: tensor<i32>):
    %at = core.constant dense<0> : tensor<i64>
    %ok = core.compare ne %i, %three : tensor<i32>
    // expected-error @+1 {{round 3}}
    core.check %ok, "round %v" at %at, %i : (tensor<i1>, tensor<i64>, tensor<i32>) -> ()
    %j = core.add %i, %one : tensor<i32>
    core.yield %j : tensor<i32>
  } : (tensor<i32>) -> tensor<i32>
  return %r : tensor<i32>
}

// -----

func.func @place() {
  %ids = core.constant dense<[[0, 1, 2], [3, 7, 4]]> : tensor<2x3xi32>
  %at = core.constant dense<4> : tensor<i64>
  %false = core.constant dense<false> : tensor<i1>
  // expected-error @+1 {{indices[1,1] = 7 is not in [0, 5)}}
  core.check %false, "indices[%p] = %v is not in [0, 5)" at %at, %ids : (tensor<i1>, tensor<i64>, tensor<2x3xi32>) -> ()
  return
}
