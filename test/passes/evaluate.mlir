// RUN: lathe-opt %s --pass-pipeline='builtin.module(func.func(lathe-evaluate))' | FileCheck %s

// CHECK-LABEL: func.func @sum
// CHECK-NEXT: core.constant dense<[5, 7, 11]> : tensor<3xi32>
// CHECK-NEXT: return
func.func @sum() -> tensor<3xi32> {
  %0 = core.constant dense<[1, 2, 5]> : tensor<3xi32>
  %1 = core.constant dense<[4, 5, 6]> : tensor<3xi32>
  %2 = core.add %0, %1 : tensor<3xi32>
  return %2 : tensor<3xi32>
}

// With arguments there is nothing to evaluate.
// CHECK-LABEL: func.func @open
// CHECK: core.neg
func.func @open(%x: tensor<3xi32>) -> tensor<3xi32> {
  %0 = core.neg %x : tensor<3xi32>
  return %0 : tensor<3xi32>
}

// The Collatz sequence of 7, with a list of where it went, then a branch on its length.
// CHECK-LABEL: func.func @control
// CHECK-DAG: %[[N:.*]] = core.constant dense<16> : tensor<i32>
// CHECK-DAG: %[[L:.*]] = core.constant dense<[22, 11, 34, 17]> : tensor<4xi32>
// CHECK-DAG: %[[Y:.*]] = core.constant dense<-16> : tensor<i32>
// CHECK: return %[[N]], %[[L]], %[[Y]]
func.func @control() -> (tensor<i32>, tensor<4xi32>, tensor<i32>) {
  %zero = core.constant dense<0> : tensor<i32>
  %one = core.constant dense<1> : tensor<i32>
  %two = core.constant dense<2> : tensor<i32>
  %three = core.constant dense<3> : tensor<i32>
  %x = core.constant dense<7> : tensor<i32>
  %none = core.constant dense<0> : tensor<4xi32>
  %r:3 = core.while(%x, %zero, %none) cond {
  ^bb0(%v: tensor<i32>, %i: tensor<i32>, %l: tensor<4xi32>):
    %again = core.compare ne %v, %one : tensor<i32>
    core.yield %again : tensor<i1>
  } do {
  ^bb0(%v: tensor<i32>, %i: tensor<i32>, %l: tensor<4xi32>):
    %odd = core.rem %v, %two : tensor<i32>
    %isOdd = core.compare eq %odd, %one : tensor<i32>
    %w = core.if %isOdd {
      %t = core.mul %v, %three : tensor<i32>
      %u = core.add %t, %one : tensor<i32>
      core.yield %u : tensor<i32>
    } else {
      %h = core.div %v, %two : tensor<i32>
      core.yield %h : tensor<i32>
    } : (tensor<i1>) -> tensor<i32>
    %at = core.reshape %i : tensor<i32> -> tensor<1xi32>
    %update = core.reshape %w : tensor<i32> -> tensor<1xi32>
    %m = core.scatter set %l, %at, %update : (tensor<4xi32>, tensor<1xi32>, tensor<1xi32>) -> tensor<4xi32>
    %j = core.add %i, %one : tensor<i32>
    core.yield %w, %j, %m : tensor<i32>, tensor<i32>, tensor<4xi32>
  } : (tensor<i32>, tensor<i32>, tensor<4xi32>) -> (tensor<i32>, tensor<i32>, tensor<4xi32>)
  %long = core.compare gt %r#1, %three : tensor<i32>
  %y = core.if %long {
    %n = core.neg %r#1 : tensor<i32>
    core.yield %n : tensor<i32>
  } else {
    core.yield %zero : tensor<i32>
  } : (tensor<i1>) -> tensor<i32>
  return %r#1, %r#2, %y : tensor<i32>, tensor<4xi32>, tensor<i32>
}
