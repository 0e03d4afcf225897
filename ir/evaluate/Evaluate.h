// SPDX-License-Identifier: Apache-2.0
// The reference interpreter: runs core ops on tensors, folds them where operands are constant.
#ifndef LATHE_IR_EVALUATE_EVALUATE_H
#define LATHE_IR_EVALUATE_EVALUATE_H

#include "ir/evaluate/Tensor.h"
#include "mlir/IR/Block.h"
#include "mlir/IR/Operation.h"

namespace lathe::evaluate {

/// Runs the ops of `block` in order on `arguments`, one for each of the block's, and gives the operands of its
/// terminator. Fails, with an error emitted on the op, where an op is not of the core dialect or has no value, or where
/// a core.check does not hold. Values are released after their last use.
llvm::FailureOr<llvm::SmallVector<Tensor>> evaluateBlock(mlir::Block &block, llvm::ArrayRef<Tensor> arguments);

/// The value of a constant, or of a broadcast constant with at most `budget` elements; null for other values.
Tensor constantValue(mlir::Value value, int64_t budget);

/// Evaluates `op` where all its operands are constants or broadcast constants. A broadcast is never evaluated for itself. Fails without an error where they are not, where operands or results
/// have more than `budget` elements together, or where a result would take more than 64 KiB and more than twice its operands' bytes:
/// such a constant is cheaper to compute than to keep.
llvm::LogicalResult foldOperation(mlir::Operation *op, int64_t budget, llvm::SmallVectorImpl<mlir::Attribute> &results);

/// The elements of an integer or i1 tensor in row-major order, widened by sign or, for unsigned ones, by zeros.
llvm::SmallVector<int64_t> readIntegers(const Tensor &tensor);

} // namespace lathe::evaluate
#endif
