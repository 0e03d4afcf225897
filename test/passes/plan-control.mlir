// Loops and branches through fusion, ordering and planning: what is carried stays in one buffer.
// RUN: lathe-opt %s --pass-pipeline='builtin.module(func.func(canonicalize,cse),lathe-fuse-groups,func.func(lathe-order-calls),lathe-choose-in-place,lathe-plan-memory)' | FileCheck %s

// A list that each round writes a row of, and a vector that each round scales: no copy in the loop but the counter's.
// CHECK-LABEL: rt.program @loop
// CHECK-DAG: %[[X:.*]] = rt.argument 0 : memref<4xf32>
// CHECK-DAG: %[[V:.*]] = rt.result 0 : memref<4xf32>
// CHECK-DAG: %[[L:.*]] = rt.result 2 : memref<3x4xf32>
// CHECK: rt.copy %[[X]] to %[[V]] : memref<4xf32>
// CHECK: rt.while %[[P:.*]] : memref<i1> cond {
// CHECK-NEXT: rt.launch @{{compare.*}}(%[[I:.*]], %{{.*}}) outs(%[[P]])
// CHECK-NEXT: } do {
// CHECK-DAG: rt.launch @mul(%[[V]], %{{.*}}) outs(%[[V]]) {inPlace = array<i64: 0>}
// CHECK-DAG: rt.launch @scatter(%[[L]], %{{.*}}, %{{.*}}) outs(%[[L]]) {inPlace = array<i64: 0>}
// CHECK-NOT: memref<3x4xf32> to
// CHECK: }
// CHECK: rt.if %{{.*}} : memref<i1> {
// CHECK-NEXT: rt.launch @exp(%[[V]]) outs(%[[V]]) {inPlace = array<i64: 0>}
// CHECK-NEXT: } else {
// CHECK-NEXT: rt.copy %[[X]] to %[[V]] : memref<4xf32>
// CHECK-NEXT: }
func.func @loop(%x: tensor<4xf32>, %n: tensor<i32>) -> (tensor<4xf32>, tensor<i32>, tensor<3x4xf32>) {
  %zero = core.constant dense<0> : tensor<i32>
  %one = core.constant dense<1> : tensor<i32>
  %z = core.constant dense<0.0> : tensor<3x4xf32>
  %half = core.constant dense<[0.5,0.25,0.125,2.0]> : tensor<4xf32>
  %r:4 = core.while(%zero, %x, %z, %n) cond {
  ^bb0(%i: tensor<i32>, %v: tensor<4xf32>, %l: tensor<3x4xf32>, %k: tensor<i32>):
    %p = core.compare lt %i, %k : tensor<i32>
    core.yield %p : tensor<i1>
  } do {
  ^bb0(%i: tensor<i32>, %v: tensor<4xf32>, %l: tensor<3x4xf32>, %k: tensor<i32>):
    %j = core.add %i, %one : tensor<i32>
    %w = core.mul %v, %half : tensor<4xf32>
    %row = core.reshape %w : tensor<4xf32> -> tensor<1x4xf32>
    %at = core.reshape %i : tensor<i32> -> tensor<1xi32>
    %m = core.scatter set %l, %at, %row : (tensor<3x4xf32>, tensor<1xi32>, tensor<1x4xf32>) -> tensor<3x4xf32>
    core.yield %j, %w, %m, %k : tensor<i32>, tensor<4xf32>, tensor<3x4xf32>, tensor<i32>
  } : (tensor<i32>, tensor<4xf32>, tensor<3x4xf32>, tensor<i32>) -> (tensor<i32>, tensor<4xf32>, tensor<3x4xf32>, tensor<i32>)
  %p = core.compare gt %r#0, %one : tensor<i32>
  %q = core.if %p {
    %a = core.exp %r#1 : tensor<4xf32>
    core.yield %a : tensor<4xf32>
  } else {
    core.yield %x : tensor<4xf32>
  } : (tensor<i1>) -> tensor<4xf32>
  return %q, %r#0, %r#2 : tensor<4xf32>, tensor<i32>, tensor<3x4xf32>
}

// Values that a round exchanges go through a third buffer; what lives beside the loop is not overwritten.
// CHECK-LABEL: rt.program @swap
// CHECK-DAG: %[[A:.*]] = rt.result 0 : memref<2xf32>
// CHECK-DAG: %[[B:.*]] = rt.result 1 : memref<2xf32>
// CHECK: rt.while
// CHECK: } do {
// CHECK: rt.copy %[[A]] to %[[T:.*]] : memref<2xf32>
// CHECK-NEXT: rt.copy %[[B]] to %[[A]] : memref<2xf32>
// CHECK-NEXT: rt.copy %[[T]] to %[[B]] : memref<2xf32>
// CHECK-NEXT: }
func.func @swap(%x: tensor<2xf32>, %y: tensor<2xf32>, %n: tensor<i32>) -> (tensor<2xf32>, tensor<2xf32>) {
  %zero = core.constant dense<0> : tensor<i32>
  %one = core.constant dense<1> : tensor<i32>
  %r:3 = core.while(%zero, %x, %y) cond {
  ^bb0(%i: tensor<i32>, %a: tensor<2xf32>, %b: tensor<2xf32>):
    %p = core.compare lt %i, %n : tensor<i32>
    core.yield %p : tensor<i1>
  } do {
  ^bb0(%i: tensor<i32>, %a: tensor<2xf32>, %b: tensor<2xf32>):
    %j = core.add %i, %one : tensor<i32>
    core.yield %j, %b, %a : tensor<i32>, tensor<2xf32>, tensor<2xf32>
  } : (tensor<i32>, tensor<2xf32>, tensor<2xf32>) -> (tensor<i32>, tensor<2xf32>, tensor<2xf32>)
  return %r#1, %r#2 : tensor<2xf32>, tensor<2xf32>
}

// A constant that a loop repeats in each round, and an op of the whole function that it reads, are no part of the loop.
// CHECK-LABEL: rt.program @outside
// CHECK: rt.launch @exp
// CHECK: rt.while
// CHECK: } do {
// CHECK: rt.launch @{{mul.*}}(%{{.*}}, %{{.*}}) outs(%{{.*}}) {inPlace = array<i64: 0>} : (memref<2xf32>, memref<2xf32>) -> memref<2xf32>
func.func @outside(%x: tensor<2xf32>, %n: tensor<f32>) -> tensor<2xf32> {
  %e = core.exp %x : tensor<2xf32>
  %two = core.constant dense<2.0> : tensor<2xf32>
  %r = core.while(%x) cond {
  ^bb0(%a: tensor<2xf32>):
    %s = core.reduce add %a {dimensions = array<i64: 0>} : tensor<2xf32> -> tensor<f32>
    %p = core.compare lt %s, %n : tensor<f32>
    core.yield %p : tensor<i1>
  } do {
  ^bb0(%a: tensor<2xf32>):
    %b = core.add %a, %e : tensor<2xf32>
    %c = core.mul %b, %two : tensor<2xf32>
    core.yield %c : tensor<2xf32>
  } : (tensor<2xf32>) -> tensor<2xf32>
  return %r : tensor<2xf32>
}

// A check stands right behind what makes its predicate and place, which is one kernel, and in the region that it stood in.
// CHECK-LABEL: rt.program @checked
// CHECK: %[[X:.*]] = rt.argument 0
// CHECK: rt.launch @reduce{{.*}}(%[[X]], %{{.*}}) outs(%[[AT:.*]], %[[P:.*]]) {inPlace = array<i64: -1, -1>}
// CHECK-NEXT: rt.check %[[P]], "x[%p] = %v is negative" at %[[AT]], %[[X]] : (memref<i1>, memref<i64>, memref<4xi32>) -> ()
// CHECK: rt.if
// CHECK-NEXT: rt.launch
// CHECK-NEXT: rt.check %{{.*}}, "inside" : (memref<i1>) -> ()
func.func @checked(%x: tensor<4xi32>, %q: tensor<i1>) -> tensor<4xi32> {
  %y = core.neg %x : tensor<4xi32>
  %z = core.constant dense<0> : tensor<4xi32>
  %n = core.constant dense<4> : tensor<4xi64>
  %four = core.constant dense<4> : tensor<i64>
  %ok = core.compare ge %x, %z : tensor<4xi32>
  %all = core.iota {dimension = 0} : tensor<4xi64>
  %bad = core.select %ok, %n, %all : tensor<4xi1>, tensor<4xi64>
  %at = core.reduce min %bad {dimensions = array<i64: 0>} : tensor<4xi64> -> tensor<i64>
  %p = core.compare eq %at, %four : tensor<i64>
  core.if %q {
    %gt = core.compare lt %at, %four : tensor<i64>
    core.check %gt, "inside" : (tensor<i1>) -> ()
    core.yield
  } else {
    core.yield
  } : (tensor<i1>) -> ()
  core.check %p, "x[%p] = %v is negative" at %at, %x : (tensor<i1>, tensor<i64>, tensor<4xi32>) -> ()
  return %y : tensor<4xi32>
}

// A variable keeps its value until the last check is behind: its next one is copied there at the end.
rt.variable @v container "" name "v" : tensor<4xf32>
// CHECK-LABEL: rt.program @transaction
// CHECK: %[[V:.*]] = rt.variable_address @v
// CHECK: rt.launch @{{.*}}(%[[V]], %[[X:.*]]) outs(%[[NEXT:.*]]) {inPlace = array<i64: -1>}
// CHECK: rt.check
// CHECK-NOT: rt.launch
// CHECK: rt.copy %[[NEXT]] to %[[V]]
func.func @transaction(%x: tensor<4xf32>, %v: tensor<4xf32> {lathe.variable = @v}) -> tensor<4xf32> {
  %next = core.add %v, %x : tensor<4xf32>
  %f = core.is_finite %next : tensor<4xf32>
  %p = core.reduce and %f {dimensions = array<i64: 0>} : tensor<4xi1> -> tensor<i1>
  core.check %p, "next must be finite" : (tensor<i1>) -> ()
  return %next : tensor<4xf32>
}
