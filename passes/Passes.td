// SPDX-License-Identifier: Apache-2.0
// What each pass requires, does and guarantees.
include "mlir/Pass/PassBase.td"

def FoldConstantsPass : Pass<"lathe-fold-constants", "::mlir::func::FuncOp"> {
  let summary = "evaluate what is known when compiling";
  let description = [{
    *Requires* core ops on static shapes.
    *Does* evaluate each op on constants by the reference interpreter, where operands, results and work are within the budget
    and the result is not much larger than its operands.
    *Guarantees* that no op within the budget has only constant operands.

    ```mlir
    %0 = core.add %c1, %c2 : tensor<4xf32>      becomes      %0 = core.constant dense<...> : tensor<4xf32>
    ```
  }];
  let options = [Option<"budget", "budget", "int64_t", "int64_t(1) << 30", "elements and operations that folding one op may take">];
  let dependentDialects = ["::lathe::core::CoreDialect"];
}

def FoldScalesPass : Pass<"lathe-fold-scales", "::mlir::func::FuncOp"> {
  let summary = "fold batch normalisation's factors into weights";
  let description = [{
    *Requires* core ops.
    *Does* rewrite `conv(x, w) * s`, where w is constant, s a constant factor a channel and the convolution has no other reader,
    to `conv(x, w * s)`; and moves such a factor over an addition of a constant a channel: `(conv(x, w) + b) * s` becomes
    `conv(x, w * s) + b * s`. The same for `dot_general` whose result ends in the weights' dimension.
    *Guarantees* nothing else changes; the factors themselves fold as constants.

    ```mlir
    %1 = core.mul (core.conv %x, %w), (core.broadcast %s)      becomes      %1 = core.conv %x, (core.mul %w, (core.broadcast %s))
    ```
  }];
  let dependentDialects = ["::lathe::core::CoreDialect"];
}

def MaterializePaddingPass : Pass<"lathe-materialize-padding", "::mlir::func::FuncOp"> {
  let summary = "make the padding of convolutions and windows an op of its own";
  let description = [{
    *Requires* core ops.
    *Does* put a `core.pad` before each `core.conv` and `core.reduce_window` that pads or spreads its input.
    *Guarantees* that those ops read only elements that exist.

    ```mlir
    core.conv %x, %w {low = [1, 1], high = [1, 1], ...}
    becomes   %p = core.pad %x, %zero {low = [0, 1, 1, 0], high = [0, 1, 1, 0], ...}   core.conv %p, %w {low = [0, 0], high = [0, 0], ...}
    ```
  }];
  let dependentDialects = ["::lathe::core::CoreDialect"];
}

def NormalizeContractionsPass : Pass<"lathe-normalize-contractions", "::mlir::func::FuncOp"> {
  let summary = "bring products and convolutions into the forms that backends emit";
  let description = [{
    *Requires* core ops.
    *Does* rewrite each `core.dot_general` to one of lhs [B, M, K] and rhs [B, K, N] (or [M, K] and [K, N] without batch
    dimensions), with transposes and reshapes around it, and each one-dimensional convolution to a two-dimensional one of height 1.
    *Guarantees* those forms.

    ```mlir
    core.dot_general %x, %y {lhsContracting = [1], rhsContracting = [1]} : 2x3, 4x3
    becomes   %t = core.transpose %y : 4x3 -> 3x4   core.dot_general %x, %t {lhsContracting = [1], rhsContracting = [0]} : 2x3, 3x4
    ```
  }];
  let dependentDialects = ["::lathe::core::CoreDialect"];
}

def FuseGroupsPass : Pass<"lathe-fuse-groups", "::mlir::ModuleOp"> {
  let summary = "outline groups of ops that run as one kernel";
  let description = [{
    *Requires* functions of core ops in normal forms.
    *Does* group ops (a contraction with the elementwise ops behind it; everything around reductions over one set of rows; chains of
    elementwise and moving ops) and outline each group as an `rt.kernel`, equal ones as one.
    *Guarantees* that functions hold only `rt.call`, `core.reshape` and `core.constant`.

    ```mlir
    %1 = core.conv %x, %w   %2 = core.add %1, %b   %3 = core.max %2, %zero
    becomes   %3 = rt.call @conv(%x, %w, %b)
    ```
  }];
  let dependentDialects = ["::lathe::core::CoreDialect", "::lathe::rt::RtDialect"];
}
