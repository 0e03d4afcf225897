// RUN: lathe-opt --lathe-legalize-graph --canonicalize --split-input-file --verify-diagnostics %s | FileCheck %s
// What nodes demand of values: an Assert and its strings, NaN, indices, divisors; where the demand is decided when compiling.

// An Assert that only control edges lead to; what it would print need not be compiled, and its strings are the message.
// CHECK-LABEL: func.func @main(
// CHECK:       core.check %arg1, "x must be positive: really"
// CHECK:       core.neg
gdef.graph @main(%x: tensor<2xf32> "x:0", %p: tensor<i1> "p:0") -> ("y:0") {
  %a, %0 = gdef.node "Const"() {value = dense<"x must be positive:"> : tensor<!gdef.string>} : () -> tensor<!gdef.string>
  %b, %1 = gdef.node "Const"() {value = dense<"really"> : tensor<!gdef.string>} : () -> tensor<!gdef.string>
  %odd, %2 = gdef.node "Frobnicate"(%x) {} : (tensor<2xf32>) -> tensor<*xf32>
  %done = gdef.node "Assert"(%p, %a, %odd, %b) {} : (tensor<i1>, tensor<!gdef.string>, tensor<*xf32>, tensor<!gdef.string>) -> ()
  %y, %3 = gdef.node "Neg"(%x) control(%done) {} : (tensor<2xf32>) -> tensor<*xf32>
  gdef.fetch %y : tensor<*xf32>
}

// -----

// A branch and a loop that nobody reads run for the checks in them; what the loop's check needs is carried.
// CHECK-LABEL: func.func @main(
// CHECK:       core.if %arg1 {
// CHECK-NEXT:    core.is_finite
// CHECK-NEXT:    core.reduce and
// CHECK-NEXT:    core.check %{{.*}}, "the tensor has NaN or infinity: x"
// CHECK-NEXT:    core.yield
// CHECK:       core.while(%{{.*}}) cond {
// CHECK:       } do {
// CHECK:         core.check %{{.*}}, "the condition does not hold"
// CHECK:       } : (tensor<i32>) -> tensor<i32>
gdef.graph @main(%x: tensor<2xf32> "x:0", %p: tensor<i1> "p:0", %n: tensor<i32> "n:0") -> ("y:0") {
  %c = gdef.if %p {
    %v, %0 = gdef.node "CheckNumerics"(%x) {message = "x"} : (tensor<2xf32>) -> tensor<*xf32>
    gdef.yield control(%0)
  } else {
    gdef.yield
  } : tensor<i1> -> ()
  %zero, %1 = gdef.node "Const"() {value = dense<0> : tensor<i32>} : () -> tensor<i32>
  %r, %l = gdef.while(%zero) cond {
  ^bb0(%i: tensor<*xi32>):
    %more, %2 = gdef.node "Less"(%i, %n) {} : (tensor<*xi32>, tensor<i32>) -> tensor<*xi1>
    gdef.yield %more : tensor<*xi1>
  } do {
  ^bb0(%i: tensor<*xi32>):
    %limit, %3 = gdef.node "Const"() {value = dense<7> : tensor<i32>} : () -> tensor<i32>
    %one, %4 = gdef.node "Const"() {value = dense<1> : tensor<i32>} : () -> tensor<i32>
    %ok, %5 = gdef.node "Less"(%i, %limit) {} : (tensor<*xi32>, tensor<i32>) -> tensor<*xi1>
    %a = gdef.node "Assert"(%ok) {} : (tensor<*xi1>) -> ()
    %j, %6 = gdef.node "AddV2"(%i, %one) control(%a) {} : (tensor<*xi32>, tensor<i32>) -> tensor<*xi32>
    gdef.yield %j : tensor<*xi32>
  } : (tensor<i32>) -> (tensor<*xi32>)
  %y, %7 = gdef.node "Neg"(%x) control(%c, %l) {} : (tensor<2xf32>) -> tensor<*xf32>
  gdef.fetch %y : tensor<*xf32>
}

// -----

// The first index outside is found by one reduction. Indices that a sort or an arg_reduce made, constants and clamped ones need none.
// CHECK-LABEL: func.func @main(
// CHECK:       %[[FIRST:.*]] = core.reduce min %{{.*}} : tensor<6xi32> -> tensor<i32>
// CHECK:       %[[OK:.*]] = core.compare eq %[[FIRST]], %{{.*}} : tensor<i32>
// CHECK:       %[[AT:.*]] = core.convert %[[FIRST]] : tensor<i32> -> tensor<i64>
// CHECK:       core.check %[[OK]], "indices[%p] = %v is not in [0, 5)" at %[[AT]], %arg1 : (tensor<i1>, tensor<i64>, tensor<2x3xi32>) -> ()
// CHECK-NOT:   core.check
gdef.graph @main(%x: tensor<5x2xf32> "x:0", %i: tensor<2x3xi32> "i:0") -> ("a:0", "b:0", "c:0", "d:0") {
  %zero, %0 = gdef.node "Const"() {value = dense<0> : tensor<i32>} : () -> tensor<i32>
  %four, %1 = gdef.node "Const"() {value = dense<4> : tensor<i32>} : () -> tensor<i32>
  %known, %2 = gdef.node "Const"() {value = dense<[3, 4]> : tensor<2xi32>} : () -> tensor<2xi32>
  %a, %3 = gdef.node "GatherV2"(%x, %i, %zero) {} : (tensor<5x2xf32>, tensor<2x3xi32>, tensor<i32>) -> tensor<*xf32>
  %best, %4 = gdef.node "ArgMax"(%x, %zero) {output_type = i32} : (tensor<5x2xf32>, tensor<i32>) -> tensor<*xi32>
  %b, %5 = gdef.node "GatherV2"(%x, %best, %zero) {} : (tensor<5x2xf32>, tensor<*xi32>, tensor<i32>) -> tensor<*xf32>
  %c, %6 = gdef.node "GatherV2"(%x, %known, %zero) {} : (tensor<5x2xf32>, tensor<2xi32>, tensor<i32>) -> tensor<*xf32>
  %low, %7 = gdef.node "Maximum"(%i, %zero) {} : (tensor<2x3xi32>, tensor<i32>) -> tensor<*xi32>
  %inside, %8 = gdef.node "Minimum"(%low, %four) {} : (tensor<*xi32>, tensor<i32>) -> tensor<*xi32>
  %d, %9 = gdef.node "GatherV2"(%x, %inside, %zero) {} : (tensor<5x2xf32>, tensor<*xi32>, tensor<i32>) -> tensor<*xf32>
  gdef.fetch %a, %b, %c, %d : tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>
}

// -----

// Tuples of indices, ids of segments of which negative ones are meant, places of slices, divisors and exponents.
// CHECK-LABEL: func.func @main(
// CHECK-DAG:   core.check %{{.*}}, "indices[%p] does not index into a tensor of shape [5,2]" at %{{.*}}, %{{.*}} : (tensor<i1>, tensor<i64>, tensor<3xi32>) -> ()
// CHECK-DAG:   core.check %{{.*}}, "segment_ids[%p] = %v is out of range [0, 4)"
// CHECK-DAG:   core.check %{{.*}}, "slice index %v of dimension 0 is out of bounds"
// CHECK-DAG:   core.check %{{.*}}, "begin[%p] = %v and size lead out of the operand"
// CHECK-DAG:   core.check %{{.*}}, "integer division by zero"
// CHECK-DAG:   core.check %{{.*}}, "integers to negative integer powers are not allowed"
gdef.graph @main(%x: tensor<5x2xf32> "x:0", %i: tensor<3x1xi32> "i:0", %s: tensor<5xi32> "s:0", %b: tensor<2xi32> "b:0", %k: tensor<1xi32> "k:0") -> ("a:0", "b:0", "c:0", "d:0", "e:0", "f:0") {
  %four, %0 = gdef.node "Const"() {value = dense<4> : tensor<i32>} : () -> tensor<i32>
  %size, %1 = gdef.node "Const"() {value = dense<[2, 1]> : tensor<2xi32>} : () -> tensor<2xi32>
  %one, %2 = gdef.node "Const"() {value = dense<1> : tensor<1xi32>} : () -> tensor<1xi32>
  %a, %3 = gdef.node "GatherNd"(%x, %i) {} : (tensor<5x2xf32>, tensor<3x1xi32>) -> tensor<*xf32>
  %c, %4 = gdef.node "UnsortedSegmentSum"(%x, %s, %four) {} : (tensor<5x2xf32>, tensor<5xi32>, tensor<i32>) -> tensor<*xf32>
  %d, %5 = gdef.node "StridedSlice"(%x, %k, %k, %one) {shrink_axis_mask = 1 : i64} : (tensor<5x2xf32>, tensor<1xi32>, tensor<1xi32>, tensor<1xi32>) -> tensor<*xf32>
  %e, %6 = gdef.node "Slice"(%x, %b, %size) {} : (tensor<5x2xf32>, tensor<2xi32>, tensor<2xi32>) -> tensor<*xf32>
  %f, %7 = gdef.node "FloorMod"(%size, %b) {} : (tensor<2xi32>, tensor<2xi32>) -> tensor<*xi32>
  %g, %8 = gdef.node "Pow"(%size, %b) {} : (tensor<2xi32>, tensor<2xi32>) -> tensor<*xi32>
  gdef.fetch %a, %c, %d, %e, %f, %g : tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xf32>, tensor<*xi32>, tensor<*xi32>
}

// -----

// What can never hold is a problem of the graph; not so in a branch that may not be taken.
gdef.graph @main(%x: tensor<5xf32> "x:0", %p: tensor<i1> "p:0") -> ("a:0", "b:0") {
  %i, %0 = gdef.node "Const"() {value = dense<[3, 7]> : tensor<2xi32>} : () -> tensor<2xi32>
  %zero, %1 = gdef.node "Const"() {value = dense<0> : tensor<i32>} : () -> tensor<i32>
  // expected-error @+2 {{LTH0208: indices[1] = 7 is not in [0, 5)}}
  // expected-note @+1 {{--checks=drop}}
  %a, %2 = gdef.node "GatherV2"(%x, %i, %zero) {} : (tensor<5xf32>, tensor<2xi32>, tensor<i32>) -> tensor<*xf32>
  %b, %3 = gdef.if %p {
    %c, %4 = gdef.node "GatherV2"(%x, %i, %zero) {} : (tensor<5xf32>, tensor<2xi32>, tensor<i32>) -> tensor<*xf32>
    gdef.yield %c : tensor<*xf32>
  } else {
    %d, %5 = gdef.node "Const"() {value = dense<[1.0, 2.0]> : tensor<2xf32>} : () -> tensor<2xf32>
    gdef.yield %d : tensor<2xf32>
  } : tensor<i1> -> (tensor<*xf32>)
  gdef.fetch %a, %b : tensor<*xf32>, tensor<*xf32>
}
