// SPDX-License-Identifier: Apache-2.0
// Walks blocks of core ops, and folds single ops.
#include "ir/evaluate/Evaluate.h"
#include "ir/core/Ops.h"
#include "llvm/ADT/DenseMap.h"

using namespace mlir;
using namespace lathe;
using namespace lathe::evaluate;

FailureOr<SmallVector<Tensor>> evaluate::evaluateBlock(Block &block, ArrayRef<Tensor> arguments) {
  llvm::DenseMap<Value, Tensor> values;
  llvm::DenseMap<Value, unsigned> uses;
  auto remember = [&](Value value, Tensor tensor) {
    uses[value] = std::distance(value.use_begin(), value.use_end());
    values[value] = std::move(tensor);
  };
  for (auto [argument, tensor] : llvm::zip_equal(block.getArguments(), arguments))
    remember(argument, tensor);
  for (Operation &op : block) {
    SmallVector<Tensor> operands, results;
    for (Value operand : op.getOperands()) {
      operands.push_back(values.lookup(operand));
      if (--uses[operand] == 0)
        values.erase(operand);
    }
    if (op.hasTrait<OpTrait::IsTerminator>())
      return operands;
    auto evaluator = dyn_cast<core::EvaluateOpInterface>(op);
    if (!evaluator) {
      op.emitError("the reference interpreter runs core ops only, but got '") << op.getName() << "'";
      return failure();
    }
    if (failed(evaluator.evaluate(operands, results)))
      return failure();
    for (auto [value, tensor] : llvm::zip_equal(op.getResults(), results))
      remember(value, std::move(tensor));
  }
  return failure();
}

/// Folds `op` on `operands`, some of which may be null.
static LogicalResult fold(Operation *op, ArrayRef<Attribute> operands, int64_t budget, SmallVectorImpl<Attribute> &results) {
  auto evaluator = dyn_cast<core::EvaluateOpInterface>(op);
  if (!evaluator || isa<core::ConstantOp>(op))
    return failure();
  SmallVector<Tensor> inputs, outputs;
  int64_t inputBytes = 0, elements = 0;
  for (Attribute operand : operands) {
    auto constant = dyn_cast_or_null<ElementsAttr>(operand);
    Tensor tensor = constant ? Tensor::fromAttribute(constant) : Tensor();
    if (!tensor)
      return failure();
    inputBytes += core::tensorBytes(tensor.getType());
    elements += tensor.getNumElements();
    inputs.push_back(std::move(tensor));
  }
  constexpr int64_t smallBytes = 64 << 10;
  for (Type type : op->getResultTypes()) {
    auto tensor = cast<RankedTensorType>(type);
    elements += tensor.getNumElements();
    if (core::tensorBytes(tensor) > std::max(smallBytes, 2 * inputBytes))
      return failure();
  }
  auto cost = dyn_cast<core::CostOpInterface>(op);
  if (std::max(elements, cost ? cost.flops() : 0) > budget)
    return failure();
  if (failed(evaluator.evaluate(inputs, outputs)))
    return failure();
  for (const Tensor &output : outputs)
    results.push_back(output.toAttribute());
  return success();
}

LogicalResult evaluate::foldOperation(Operation *op, int64_t budget, SmallVectorImpl<Attribute> &results) {
  SmallVector<Attribute> operands;
  for (Value operand : op->getOperands()) {
    auto constant = operand.getDefiningOp<core::ConstantOp>();
    if (!constant)
      return failure();
    operands.push_back(constant.getValue());
  }
  return fold(op, operands, budget, results);
}

LogicalResult core::foldByEvaluation(Operation *op, ArrayRef<Attribute> operands, SmallVectorImpl<OpFoldResult> &results) {
  constexpr int64_t folderBudget = 64 << 10;
  SmallVector<Attribute> constants;
  if (failed(fold(op, operands, folderBudget, constants)))
    return failure();
  results.append(constants.begin(), constants.end());
  return success();
}
