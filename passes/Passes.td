// SPDX-License-Identifier: Apache-2.0
// The passes of this folder: what each requires, does and guarantees.
#ifndef LATHE_PASSES_PASSES
#define LATHE_PASSES_PASSES

include "mlir/Pass/PassBase.td"

def LegalizeGraphPass : Pass<"lathe-legalize-graph", "::mlir::ModuleOp"> {
  let summary = "turn the imported graph into core ops";
  let description = [{
    *Requires*: `gdef.graph @main`, whose arguments have static shapes, without control flow of TensorFlow.

    *Does*: turns the nodes that results depend on into core ops by the import table, operands first. Shapes are inferred,
    and ops on constants folded, as they are made. Control edges are dropped: what is left is pure. `Assert` and printing are
    dropped with them; `CheckNumerics` passes its operand through. All problems are reported, each once: a node is skipped
    in silence where an operand of it failed.

    *Guarantees*: `func.func @main` with the graph's names as `lathe.name` on arguments and results; no op of `gdef`; ranked
    tensors of static shape; each op carries the location of its node; no op without a use.

    ```mlir
    gdef.graph @main(%x: tensor<2xf32> "x:0") -> ("y:0") {
      %y, %done = gdef.node "Square"(%x) {T = f32} : (tensor<2xf32>) -> tensor<*xf32>
      gdef.fetch %y : tensor<*xf32>
    }
    // becomes
    func.func @main(%x: tensor<2xf32> {lathe.name = "x:0"}) -> (tensor<2xf32> {lathe.name = "y:0"}) {
      %y = core.mul %x, %x : tensor<2xf32>
      return %y : tensor<2xf32>
    }
    ```
  }];
  let dependentDialects = ["::lathe::core::CoreDialect", "::mlir::func::FuncDialect"];
}

#endif
