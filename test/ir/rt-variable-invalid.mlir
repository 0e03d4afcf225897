// RUN: lathe-opt %s --split-input-file --verify-diagnostics
// Constraints of variables.

// expected-error @+1 {{initial value must be 'tensor<2xf32>', but got 'tensor<3xf32>'}}
rt.variable @v container "" name "v" : tensor<2xf32> {initial = dense<1.0> : tensor<3xf32>}

// -----

rt.weight @w dense<1.0> : tensor<2xf32>
// expected-error @+1 {{cannot have both an initial value and a weight that holds it}}
rt.variable @v container "" name "v" : tensor<2xf32> {initial = dense<1.0> : tensor<2xf32>, weight = @w}
