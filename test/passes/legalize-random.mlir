// RUN: lathe-opt --lathe-legalize-graph --split-input-file --verify-diagnostics %s | FileCheck %s
// The numbers are those of TensorFlow 2.21 for these seeds, as MLIR prints their bits.

// CHECK-LABEL: func.func @main
// CHECK-DAG: %[[F:.*]] = core.constant dense<[0.859006643, 0.211509824, 0.170181155, 7.587670e-01, 0.698398829]> : tensor<5xf32>
// CHECK-DAG: %[[D:.*]] = core.constant dense<[0.87205337027369034, 0.3614498111582678, 0.58719093537881095]> : tensor<3xf64>
// CHECK-DAG: %[[H:.*]] = core.constant dense<[9.824210e-01, 6.884770e-01, 1.240230e-01]> : tensor<3xf16>
// CHECK: return %[[F]], %[[D]], %[[H]]
gdef.graph @main() -> ("f:0", "d:0", "h:0") {
  %five, %0 = gdef.node "Const"() {value = dense<5> : tensor<1xi32>} : () -> tensor<1xi32>
  %three, %1 = gdef.node "Const"() {value = dense<3> : tensor<1xi64>} : () -> tensor<1xi64>
  %f, %2 = gdef.node "RandomUniform"(%five) {dtype = f32, seed = 5 : i64, seed2 = 9 : i64} : (tensor<1xi32>) -> tensor<*xf32>
  %d, %3 = gdef.node "RandomUniform"(%three) {dtype = f64, seed = 5 : i64, seed2 = 9 : i64} : (tensor<1xi64>) -> tensor<*xf64>
  %h, %4 = gdef.node "RandomUniform"(%three) {dtype = f16, seed = 5 : i64, seed2 = 9 : i64} : (tensor<1xi64>) -> tensor<*xf16>
  gdef.fetch %f, %d, %h : tensor<*xf32>, tensor<*xf64>, tensor<*xf16>
}

// -----

// CHECK-LABEL: func.func @main
// CHECK-DAG: %[[S:.*]] = core.constant dense<[206, 57, 488, 782, 232]> : tensor<5xi32>
// CHECK-DAG: %[[L:.*]] = core.constant dense<[89371144479, 556266029396, 754731234868]> : tensor<3xi64>
// CHECK: return %[[S]], %[[L]]
gdef.graph @main() -> ("s:0", "l:0") {
  %five, %0 = gdef.node "Const"() {value = dense<5> : tensor<1xi32>} : () -> tensor<1xi32>
  %three, %1 = gdef.node "Const"() {value = dense<3> : tensor<1xi32>} : () -> tensor<1xi32>
  %lowS, %2 = gdef.node "Const"() {value = dense<-3> : tensor<i32>} : () -> tensor<i32>
  %highS, %3 = gdef.node "Const"() {value = dense<1000> : tensor<i32>} : () -> tensor<i32>
  %lowL, %4 = gdef.node "Const"() {value = dense<-3> : tensor<i64>} : () -> tensor<i64>
  %highL, %5 = gdef.node "Const"() {value = dense<1000000000000> : tensor<i64>} : () -> tensor<i64>
  %s, %6 = gdef.node "RandomUniformInt"(%five, %lowS, %highS) {seed = 5 : i64, seed2 = 9 : i64}
      : (tensor<1xi32>, tensor<i32>, tensor<i32>) -> tensor<*xi32>
  %l, %7 = gdef.node "RandomUniformInt"(%three, %lowL, %highL) {seed = 5 : i64, seed2 = 9 : i64}
      : (tensor<1xi32>, tensor<i64>, tensor<i64>) -> tensor<*xi64>
  gdef.fetch %s, %l : tensor<*xi32>, tensor<*xi64>
}

// -----

// The order of a shuffle is known; where the samples of a multinomial begin as well.
// CHECK-LABEL: func.func @main(
// CHECK-SAME:    %[[X:.*]]: tensor<7x2xf32>
// CHECK:       %[[ORDER:.*]] = core.constant dense<[4, 2, 1, 6, 5, 0, 3]> : tensor<7xi32>
// CHECK:       %[[Y:.*]] = core.gather %[[X]], %[[ORDER]] {axis = 0
// CHECK:       core.constant dense<{{\[\[}}3, 2, 2, 0, 2, 2], [2, 2, 1, 2, 2, 1]]> : tensor<2x6xi64>
gdef.graph @main(%x: tensor<7x2xf32> "x:0") -> ("y:0", "m:0") {
  %y, %0 = gdef.node "RandomShuffle"(%x) {seed = 5 : i64, seed2 = 9 : i64} : (tensor<7x2xf32>) -> tensor<*xf32>
  %logits, %1 = gdef.node "Const"() {value = dense<[[0.1, -2.0, 1.5, 0.3], [0xFF800000, 0.0, 0.2, -1.0]]> : tensor<2x4xf32>} : () -> tensor<2x4xf32>
  %six, %2 = gdef.node "Const"() {value = dense<6> : tensor<i32>} : () -> tensor<i32>
  %m, %3 = gdef.node "Multinomial"(%logits, %six) {seed = 5 : i64, seed2 = 9 : i64} : (tensor<2x4xf32>, tensor<i32>) -> tensor<*xi64>
  gdef.fetch %y, %m : tensor<*xf32>, tensor<*xi64>
}

// -----

// A stateless seed is mixed into key and counter, when running where it is fed.
// CHECK-LABEL: func.func @main(
// CHECK-SAME:    %[[SEED:.*]]: tensor<2xi64>
// CHECK:       core.rng_bits
// CHECK:       %[[KEY:.*]] = core.reshape
// CHECK:       %[[COUNTER:.*]] = core.concat
// CHECK:       core.rng_sample truncated_normal %[[KEY]], %[[COUNTER]] : (tensor<ui64>, tensor<2xui64>) -> tensor<5xf32>
gdef.graph @main(%seed: tensor<2xi64> "seed:0") -> ("y:0") {
  %five, %0 = gdef.node "Const"() {value = dense<5> : tensor<1xi32>} : () -> tensor<1xi32>
  %y, %1 = gdef.node "StatelessTruncatedNormal"(%five, %seed) {dtype = f32} : (tensor<1xi32>, tensor<2xi64>) -> tensor<*xf32>
  gdef.fetch %y : tensor<*xf32>
}

// -----

// CHECK-LABEL: func.func @main
// CHECK-DAG: %[[K:.*]] = core.constant dense<8947282782226245659> : tensor<1xui64>
// CHECK-DAG: %[[C:.*]] = core.constant dense<[0, 18186346626536831413]> : tensor<2xui64>
// CHECK-DAG: %[[A:.*]] = core.constant dense<1> : tensor<i32>
// CHECK-DAG: %[[U:.*]] = core.constant dense<[0.280993819, 0.189805031, 0.37497735, 0.567153215, 0.769572615]> : tensor<5xf32>
// CHECK-DAG: %[[I:.*]] = core.constant dense<[8185375372249135003, -1889092390511182014, -3523690608317005477]> : tensor<3xi64>
// CHECK: return %[[K]], %[[C]], %[[A]], %[[U]], %[[I]]
gdef.graph @main() -> ("k:0", "c:0", "a:0", "u:0", "i:0") {
  %seed, %0 = gdef.node "Const"() {value = dense<[7, -11]> : tensor<2xi64>} : () -> tensor<2xi64>
  %five, %1 = gdef.node "Const"() {value = dense<5> : tensor<1xi32>} : () -> tensor<1xi32>
  %three, %2 = gdef.node "Const"() {value = dense<3> : tensor<1xi32>} : () -> tensor<1xi32>
  %s:3, %3 = gdef.node "StatelessRandomGetKeyCounterAlg"(%seed) {} : (tensor<2xi64>) -> (tensor<*xui64>, tensor<*xui64>, tensor<*xi32>)
  %u, %4 = gdef.node "StatelessRandomUniformV2"(%five, %s#0, %s#1, %s#2) {dtype = f32}
      : (tensor<1xi32>, tensor<*xui64>, tensor<*xui64>, tensor<*xi32>) -> tensor<*xf32>
  %i, %5 = gdef.node "StatelessRandomUniformFullInt"(%three, %seed) {dtype = i64} : (tensor<1xi32>, tensor<2xi64>) -> tensor<*xi64>
  gdef.fetch %s#0, %s#1, %s#2, %u, %i : tensor<*xui64>, tensor<*xui64>, tensor<*xi32>, tensor<*xf32>, tensor<*xi64>
}

// -----

// Nodes without seeds differ by their names.
// CHECK-LABEL: func.func @main
// CHECK: %[[A:.*]] = core.constant dense<{{.*}}> : tensor<2xf32>
// CHECK: %[[B:.*]] = core.constant dense<{{.*}}> : tensor<2xf32>
// CHECK: return %[[A]], %[[B]]
gdef.graph @main() -> ("a:0", "b:0") {
  %two, %0 = gdef.node "Const"() {value = dense<2> : tensor<1xi32>} : () -> tensor<1xi32>
  %a, %1 = gdef.node "RandomStandardNormal"(%two) {dtype = f32} : (tensor<1xi32>) -> tensor<*xf32> loc("a"("RandomStandardNormal"))
  %b, %2 = gdef.node "RandomStandardNormal"(%two) {dtype = f32} : (tensor<1xi32>) -> tensor<*xf32> loc("b"("RandomStandardNormal"))
  gdef.fetch %a, %b : tensor<*xf32>, tensor<*xf32>
}

// -----

gdef.graph @main(%n: tensor<1xi32> "n:0", %key: tensor<1xui64> "k:0", %counter: tensor<2xui64> "c:0") -> ("a:0", "b:0", "c:0") {
  // expected-error @+2 {{LTH0202: operand 0 must be a constant, but is computed by a feed}}
  // expected-note @+1 {{}}
  %a, %0 = gdef.node "RandomUniform"(%n) {dtype = f32} : (tensor<1xi32>) -> tensor<*xf32>
  %two, %1 = gdef.node "Const"() {value = dense<2> : tensor<1xi32>} : () -> tensor<1xi32>
  %threefry, %2 = gdef.node "Const"() {value = dense<2> : tensor<i32>} : () -> tensor<i32>
  // expected-error @+2 {{LTH0207: random numbers by algorithm 2, which is not Philox}}
  // expected-note @+1 {{}}
  %b, %3 = gdef.node "StatelessRandomUniformV2"(%two, %key, %counter, %threefry) {dtype = f32}
      : (tensor<1xi32>, tensor<1xui64>, tensor<2xui64>, tensor<i32>) -> tensor<*xf32>
  // expected-error @+2 {{LTH0201: the seed must be two integers}}
  // expected-note @+1 {{}}
  %c, %4 = gdef.node "StatelessRandomUniform"(%two, %two) {dtype = f32} : (tensor<1xi32>, tensor<1xi32>) -> tensor<*xf32>
  gdef.fetch %a, %b, %c : tensor<*xf32>, tensor<*xf32>, tensor<*xf32>
}

// -----

// Each round would have to draw other numbers.
gdef.graph @main() -> ("x:0") {
  %zero, %0 = gdef.node "Const"() {value = dense<0> : tensor<i32>} : () -> tensor<i32>
  %one, %1 = gdef.node "Const"() {value = dense<1> : tensor<i32>} : () -> tensor<i32>
  %two, %2 = gdef.node "Const"() {value = dense<2> : tensor<1xi32>} : () -> tensor<1xi32>
  %start, %3 = gdef.node "Const"() {value = dense<0.0> : tensor<2xf32>} : () -> tensor<2xf32>
  %r:2, %4 = gdef.while(%zero, %start) cond {
  ^bb0(%i: tensor<*xi32>, %v: tensor<*xf32>):
    %p, %c0 = gdef.node "Less"(%i, %one) {T = i32} : (tensor<*xi32>, tensor<i32>) -> tensor<*xi1>
    gdef.yield %p : tensor<*xi1>
  } do {
  ^bb0(%i: tensor<*xi32>, %v: tensor<*xf32>):
    // expected-error @+2 {{LTH0205: the node draws other numbers in each round of a loop}}
    // expected-note @+1 {{draw by a Stateless operation whose seed is computed or fed, or feed the random values}}
    %u, %c1 = gdef.node "RandomUniform"(%two) {dtype = f32} : (tensor<1xi32>) -> tensor<*xf32>
    %w, %c2 = gdef.node "AddV2"(%v, %u) {T = f32} : (tensor<*xf32>, tensor<*xf32>) -> tensor<*xf32>
    %j, %c3 = gdef.node "AddV2"(%i, %one) {T = i32} : (tensor<*xi32>, tensor<i32>) -> tensor<*xi32>
    gdef.yield %j, %w : tensor<*xi32>, tensor<*xf32>
  } : (tensor<i32>, tensor<2xf32>) -> (tensor<*xi32>, tensor<*xf32>)
  gdef.fetch %r#1 : tensor<*xf32>
}
