// Branches and loops, read and written again, and simplified.
// RUN: lathe-opt %s | lathe-opt | FileCheck %s
// RUN: lathe-opt %s --canonicalize | FileCheck %s --check-prefix=SIMPLE

// CHECK-LABEL: func.func @both
// SIMPLE-LABEL: func.func @both
func.func @both(%p: tensor<i1>, %x: tensor<2xf32>, %n: tensor<i32>) -> (tensor<2xf32>, tensor<i32>) {
  // CHECK: %[[Y:.*]] = core.if %arg0 {
  // CHECK: core.yield %arg1 : tensor<2xf32>
  // CHECK: } else {
  // CHECK: core.yield %{{.*}} : tensor<2xf32>
  // CHECK: } : (tensor<i1>) -> tensor<2xf32>
  // SIMPLE: core.if
  %y = core.if %p {
    core.yield %x : tensor<2xf32>
  } else {
    %z = core.neg %x : tensor<2xf32>
    core.yield %z : tensor<2xf32>
  } : (tensor<i1>) -> tensor<2xf32>
  // CHECK: core.while(%[[Y]], %arg2) cond {
  // CHECK: } do {
  // CHECK: } : (tensor<2xf32>, tensor<i32>) -> (tensor<2xf32>, tensor<i32>)
  // SIMPLE: core.while(%{{.*}}, %{{.*}})
  %r:2 = core.while(%y, %n) cond {
  ^bb0(%v: tensor<2xf32>, %i: tensor<i32>):
    %q = core.compare lt %i, %n : tensor<i32>
    core.yield %q : tensor<i1>
  } do {
  ^bb0(%v: tensor<2xf32>, %i: tensor<i32>):
    %w = core.exp %v : tensor<2xf32>
    %j = core.add %i, %i : tensor<i32>
    core.yield %w, %j : tensor<2xf32>, tensor<i32>
  } : (tensor<2xf32>, tensor<i32>) -> (tensor<2xf32>, tensor<i32>)
  return %r#0, %r#1 : tensor<2xf32>, tensor<i32>
}

// A known predicate chooses its region; what nobody reads and what both regions take from outside goes away.
// SIMPLE-LABEL: func.func @simple_if
func.func @simple_if(%p: tensor<i1>, %x: tensor<2xf32>) -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) {
  // SIMPLE: %[[NEG:.*]] = core.neg %arg1
  %true = core.constant dense<true> : tensor<i1>
  %a = core.if %true {
    %n = core.neg %x : tensor<2xf32>
    core.yield %n : tensor<2xf32>
  } else {
    core.yield %x : tensor<2xf32>
  } : (tensor<i1>) -> tensor<2xf32>
  // SIMPLE: %[[IF:.*]] = core.if %arg0 {
  // SIMPLE-NEXT: %[[E:.*]] = core.exp
  // SIMPLE-NEXT: core.yield %[[E]] : tensor<2xf32>
  // SIMPLE: -> tensor<2xf32>
  %b:3 = core.if %p {
    %e = core.exp %x : tensor<2xf32>
    %l = core.log %x : tensor<2xf32>
    core.yield %l, %x, %e : tensor<2xf32>, tensor<2xf32>, tensor<2xf32>
  } else {
    core.yield %x, %x, %x : tensor<2xf32>, tensor<2xf32>, tensor<2xf32>
  } : (tensor<i1>) -> (tensor<2xf32>, tensor<2xf32>, tensor<2xf32>)
  // SIMPLE: return %[[NEG]], %arg1, %[[IF]]
  return %a, %b#1, %b#2 : tensor<2xf32>, tensor<2xf32>, tensor<2xf32>
}

// What every round passes on unchanged, or nobody reads, is not carried; a loop that never runs is its inits.
// SIMPLE-LABEL: func.func @simple_while
func.func @simple_while(%x: tensor<i32>, %y: tensor<i32>, %z: tensor<2xf32>) -> (tensor<i32>, tensor<i32>, tensor<2xf32>) {
  // SIMPLE: %[[R:.*]] = core.while(%arg0) cond {
  // SIMPLE-NEXT: ^bb0(%[[I:.*]]: tensor<i32>):
  // SIMPLE-NEXT: core.compare lt %[[I]], %arg1
  // SIMPLE: } : (tensor<i32>) -> tensor<i32>
  %r:3 = core.while(%x, %y, %z) cond {
  ^bb0(%i: tensor<i32>, %k: tensor<i32>, %u: tensor<2xf32>):
    %q = core.compare lt %i, %k : tensor<i32>
    core.yield %q : tensor<i1>
  } do {
  ^bb0(%i: tensor<i32>, %k: tensor<i32>, %u: tensor<2xf32>):
    %j = core.add %i, %k : tensor<i32>
    %w = core.broadcast %j {dimensions = array<i64>} : tensor<i32> -> tensor<2xi32>
    %v = core.convert %w : tensor<2xi32> -> tensor<2xf32>
    core.yield %j, %k, %v : tensor<i32>, tensor<i32>, tensor<2xf32>
  } : (tensor<i32>, tensor<i32>, tensor<2xf32>) -> (tensor<i32>, tensor<i32>, tensor<2xf32>)
  %false = core.constant dense<false> : tensor<i1>
  %s = core.while(%z) cond {
  ^bb0(%u: tensor<2xf32>):
    core.yield %false : tensor<i1>
  } do {
  ^bb0(%u: tensor<2xf32>):
    %v = core.neg %u : tensor<2xf32>
    core.yield %v : tensor<2xf32>
  } : (tensor<2xf32>) -> tensor<2xf32>
  // SIMPLE: return %[[R]], %arg1, %arg2
  return %r#0, %r#1, %s : tensor<i32>, tensor<i32>, tensor<2xf32>
}

// A check that holds, or whose predicate was looked at before in its block, goes away; others stay, also in branches and loops whose
// results nobody reads.
// CHECK-LABEL: func.func @checks
// SIMPLE-LABEL: func.func @checks
func.func @checks(%p: tensor<i1>, %q: tensor<i1>, %n: tensor<i32>, %place: tensor<i64>, %ids: tensor<2x3xi32>) {
  // CHECK: core.check %arg0, "x must be positive" : (tensor<i1>) -> ()
  // SIMPLE: core.check %arg0, "x must be positive"
  core.check %p, "x must be positive" : (tensor<i1>) -> ()
  core.check %p, "looked at before" : (tensor<i1>) -> ()
  %true = core.constant dense<true> : tensor<i1>
  core.check %true, "holds" : (tensor<i1>) -> ()
  // CHECK: core.check %arg1, "indices[%p] = %v is not in [0, 5)" at %arg3, %arg4 : (tensor<i1>, tensor<i64>, tensor<2x3xi32>) -> ()
  // SIMPLE-NEXT: core.if %arg0 {
  // SIMPLE-NEXT:   core.check %arg1, "indices[%p] = %v is not in [0, 5)" at %arg3, %arg4
  // SIMPLE-NEXT:   core.check %arg0, "inside"
  core.if %p {
    core.check %q, "indices[%p] = %v is not in [0, 5)" at %place, %ids : (tensor<i1>, tensor<i64>, tensor<2x3xi32>) -> ()
    core.check %p, "inside" : (tensor<i1>) -> ()
    core.yield
  } else {
    core.yield
  } : (tensor<i1>) -> ()
  // SIMPLE: core.while
  // SIMPLE: core.check
  // SIMPLE: return
  %false = core.constant dense<false> : tensor<i1>
  %r = core.while(%n) cond {
  ^bb0(%i: tensor<i32>):
    %ok = core.compare lt %i, %n : tensor<i32>
    core.check %ok, "the condition of a loop runs once at least" : (tensor<i1>) -> ()
    core.yield %false : tensor<i1>
  } do {
  ^bb0(%i: tensor<i32>):
    %j = core.add %i, %n : tensor<i32>
    core.yield %j : tensor<i32>
  } : (tensor<i32>) -> tensor<i32>
  return
}
