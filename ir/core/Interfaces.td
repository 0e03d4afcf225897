// SPDX-License-Identifier: Apache-2.0
// What every core op must be able to say about itself: its value, its cost, and how a backend makes it.
#ifndef LATHE_IR_CORE_INTERFACES_TD
#define LATHE_IR_CORE_INTERFACES_TD

include "mlir/IR/OpBase.td"

def Core_EvaluateOpInterface : OpInterface<"EvaluateOpInterface"> {
  let cppNamespace = "::lathe::core";
  let description = [{
    The op's meaning, plainly written: the oracle for compiled code and the constant folder. Defined in ir/evaluate.
  }];
  let methods = [InterfaceMethod<
    "Computes the results from the operands, which have the op's operand types. Fails, with an error emitted on the op, only "
    "where the op has no value for these operands.",
    "::llvm::LogicalResult", "evaluate",
    (ins "::llvm::ArrayRef<::lathe::evaluate::Tensor>":$operands, "::llvm::SmallVectorImpl<::lathe::evaluate::Tensor> &":$results)>];
}

def Core_CostOpInterface : OpInterface<"CostOpInterface"> {
  let cppNamespace = "::lathe::core";
  let description = [{The work of one execution, apart from any machine.}];
  let methods = [InterfaceMethod<
    "Scalar operations that the op executes; a fused multiply-add counts two, a transcendental function about ten.",
    "int64_t", "flops">];
}

def Core_ScalarLoweringOpInterface : OpInterface<"ScalarLoweringOpInterface"> {
  let cppNamespace = "::lathe::core";
  let description = [{
    How one element of an element-wise op is computed. Scalars have the storage types of ir/core/Storage.h: signless
    integers for `uiN`, the element type otherwise. Works on scalars and on 1-D vectors of them alike.
  }];
  let methods = [InterfaceMethod<
    "Emits arith, math and complex ops that compute the result's element from the operands' elements.",
    "::mlir::Value", "lowerScalar", (ins "::mlir::OpBuilder &":$builder, "::mlir::Location":$loc, "::mlir::ValueRange":$operands)>];
}

def Core_ElementLoweringOpInterface : OpInterface<"ElementLoweringOpInterface"> {
  let cppNamespace = "::lathe::core";
  let description = [{
    How one element of a result is made from elements of the operands at other places: movement, windows, reductions.
  }];
  let methods = [InterfaceMethod<
    "Emits the element of the result at `indices` (one index value a dimension), reading operands through `elements`.",
    "::mlir::Value", "lowerElement", (ins "::lathe::core::ElementReader &":$elements, "::mlir::ValueRange":$indices)>];
}

#endif
