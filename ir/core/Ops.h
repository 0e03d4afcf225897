// SPDX-License-Identifier: Apache-2.0
// The core dialect: its ops, interfaces, attributes and traits.
#ifndef LATHE_IR_CORE_OPS_H
#define LATHE_IR_CORE_OPS_H

#include "ir/core/Elements.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/PatternMatch.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/LoopLikeInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

namespace lathe::evaluate {
class Tensor;
}

namespace lathe::core {
/// Folds `op` by the reference interpreter where all operands are constant and neither operands nor results have more
/// elements than folding inside of other passes may take (64 Ki).
llvm::LogicalResult foldByEvaluation(mlir::Operation *op, llvm::ArrayRef<mlir::Attribute> operands,
                                     llvm::SmallVectorImpl<mlir::OpFoldResult> &results);

template <typename ConcreteOp> class FoldByEvaluation : public mlir::OpTrait::TraitBase<ConcreteOp, FoldByEvaluation> {
public:
  static llvm::LogicalResult foldTrait(mlir::Operation *op, llvm::ArrayRef<mlir::Attribute> operands,
                                       llvm::SmallVectorImpl<mlir::OpFoldResult> &results) {
    return foldByEvaluation(op, operands, results);
  }
};
} // namespace lathe::core

#include "ir/core/Dialect.h.inc"
#include "ir/core/Interfaces.h.inc"
#define GET_ATTRDEF_CLASSES
#include "ir/core/Attributes.h.inc"
#define GET_OP_CLASSES
#include "ir/core/Ops.h.inc"

namespace lathe::core {
/// Whether an element of the element-wise `op` is not worth computing twice: it has a transcendental function or the like.
bool isCostly(mlir::Operation *op);

/// The message of a core.check that does not hold: `%p` becomes the index of `place`, in row-major order, in a tensor
/// of `shape`, and
/// `%v` becomes `value`.
std::string checkText(llvm::StringRef message, llvm::ArrayRef<int64_t> shape, int64_t place, int64_t value);
} // namespace lathe::core
#endif
