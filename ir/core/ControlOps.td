// SPDX-License-Identifier: Apache-2.0
// Core ops that choose what runs, how often, and whether it goes on.
#ifndef LATHE_IR_CORE_CONTROL_OPS_TD
#define LATHE_IR_CORE_CONTROL_OPS_TD

include "ir/core/Dialect.td"
include "mlir/Interfaces/LoopLikeInterface.td"

/// An op with regions of core ops, which read values around them. What it computes is said by the interpreter's walk.
class Core_ControlOp<string mnemonic, list<Trait> traits = []> :
    Op<Core_Dialect, mnemonic, !listconcat([SingleBlock, RecursiveMemoryEffects, RecursivelySpeculatable], traits)> {
  let hasRegionVerifier = 1;
  let hasCanonicalizeMethod = 1;
}

def Core_IfOp : Core_ControlOp<"if", [NoRegionArguments]> {
  let summary = "one of two computations, chosen at run time";
  let description = [{
    The results are what the chosen region yields; the other does not run. C1: predicate is a scalar. C2: each region ends in
    `core.yield` of the results' types.

    ```mlir
    %y = core.if %p {
      core.yield %x : tensor<2xf32>
    } else {
      %z = core.neg %x : tensor<2xf32>
      core.yield %z : tensor<2xf32>
    } : (tensor<i1>) -> tensor<2xf32>
    ```
  }];
  let arguments = (ins Core_BoolTensor:$predicate);
  let results = (outs Variadic<Core_Tensor>:$outputs);
  let regions = (region SizedRegion<1>:$thenRegion, SizedRegion<1>:$elseRegion);
  let assemblyFormat = [{
    $predicate $thenRegion `else` $elseRegion attr-dict `:` functional-type($predicate, $outputs)
  }];
}

def Core_WhileOp : Core_ControlOp<"while", [DeclareOpInterfaceMethods<LoopLikeOpInterface, ["getRegionIterArgs", "getYieldedValuesMutable"]>]> {
  let summary = "a computation that runs while a predicate holds";
  let description = [{
    Both regions take the carried values, at first `inits`. While what `cond` yields is true, `body` runs and yields the next
    values; the last values are the results. C1: inits, results and the arguments of both regions have the same types.
    C2: `cond` ends in `core.yield` of a scalar `i1`, `body` in one of the results' types.

    ```mlir
    %n = core.while(%x) cond {
    ^bb0(%i: tensor<i32>):
      %p = core.compare lt %i, %limit : tensor<i32>
      core.yield %p : tensor<i1>
    } do {
    ^bb0(%i: tensor<i32>):
      %j = core.add %i, %i : tensor<i32>
      core.yield %j : tensor<i32>
    } : (tensor<i32>) -> tensor<i32>
    ```
  }];
  let arguments = (ins Variadic<Core_Tensor>:$inits);
  let results = (outs Variadic<Core_Tensor>:$outputs);
  let regions = (region SizedRegion<1>:$cond, SizedRegion<1>:$body);
  let assemblyFormat = [{
    `(` $inits `)` `cond` $cond `do` $body attr-dict `:` functional-type($inits, $outputs)
  }];
}

def Core_CheckOp : Op<Core_Dialect, "check", [MemoryEffects<[MemWrite]>]> {
  let summary = "ends the run with a failure where a predicate does not hold";
  let description = [{
    Where the predicate is false, nothing behind it counts: the run fails, at the op's location, with the message. With `at`, the
    message tells of one element: `%p` in it becomes the place, an index a dimension, and `%v` the element. C1: predicate is a scalar.
    C2: behind `at` stand a scalar `i64`, a place in row-major order, and a tensor of integers.

    The place means something only where the predicate is false. It is an effect, so that the op stays where it is: in a branch that is
    not taken it does not run. Checks of one block that do not depend on each other run in any order.

    ```mlir
    core.check %p, "indices[%p] = %v is not in [0, 5)" at %place, %indices : (tensor<i1>, tensor<i64>, tensor<2x3xi32>) -> ()
    ```
  }];
  let arguments = (ins Core_BoolTensor:$predicate, StrAttr:$message, Variadic<Core_Tensor>:$details);
  let assemblyFormat = "$predicate `,` $message (`at` $details^)? attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
  let hasCanonicalizeMethod = 1;
}

def Core_YieldOp : Op<Core_Dialect, "yield", [Pure, Terminator, ParentOneOf<["IfOp", "WhileOp"]>]> {
  let summary = "what a region of core ops yields";
  let description = [{
    Ends a region of `core.if` and `core.while`, with a value for each result, or with the condition of a loop.

    ```mlir
    %y = core.if %p {
      core.yield %x : tensor<2xf32>
    } else {
      core.yield %z : tensor<2xf32>
    } : (tensor<i1>) -> tensor<2xf32>
    ```
  }];
  let arguments = (ins Variadic<Core_Tensor>:$values);
  let assemblyFormat = "($values^ `:` type($values))? attr-dict";
}

#endif
