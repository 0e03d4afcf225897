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

Tensor evaluate::constantValue(Value value, int64_t budget) {
  if (auto constant = value.getDefiningOp<core::ConstantOp>())
    return constant.getValue().getNumElements() <= budget ? Tensor::fromAttribute(constant.getValue()) : Tensor();
  auto broadcast = value.getDefiningOp<core::BroadcastOp>();
  auto constant = broadcast ? broadcast.getOperand().getDefiningOp<core::ConstantOp>() : core::ConstantOp();
  if (!constant || broadcast.getType().getNumElements() > budget)
    return {};
  Tensor operand = Tensor::fromAttribute(constant.getValue());
  SmallVector<Tensor> results;
  if (!operand || failed(broadcast.evaluate(operand, results)))
    return {};
  return results.front();
}

/// Folds `op` on `operands`, some of which may be null; `inputBytes` is what their constants take.
static LogicalResult fold(Operation *op, ArrayRef<Tensor> operands, int64_t inputBytes, int64_t budget, SmallVectorImpl<Attribute> &results) {
  auto evaluator = dyn_cast<core::EvaluateOpInterface>(op);
  // What takes a broadcast constant looks through the broadcast, which is cheaper to compute than to keep.
  if (!evaluator || isa<core::ConstantOp, core::BroadcastOp>(op))
    return failure();
  int64_t elements = 0;
  for (const Tensor &operand : operands) {
    if (!operand)
      return failure();
    elements += operand.getNumElements();
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
  SmallVector<Tensor> outputs;
  if (failed(evaluator.evaluate(operands, outputs)))
    return failure();
  for (const Tensor &output : outputs)
    results.push_back(output.toAttribute());
  return success();
}

LogicalResult evaluate::foldOperation(Operation *op, int64_t budget, SmallVectorImpl<Attribute> &results) {
  SmallVector<Tensor> operands;
  int64_t inputBytes = 0;
  for (Value operand : op->getOperands()) {
    Tensor value = constantValue(operand, budget);
    if (!value)
      return failure();
    auto broadcast = operand.getDefiningOp<core::BroadcastOp>();
    inputBytes += broadcast ? core::tensorBytes(broadcast.getOperand().getType()) : value.bytes().size();
    operands.push_back(std::move(value));
  }
  return fold(op, operands, inputBytes, budget, results);
}

LogicalResult core::foldByEvaluation(Operation *op, ArrayRef<Attribute> operands, SmallVectorImpl<OpFoldResult> &results) {
  constexpr int64_t folderBudget = 64 << 10;
  SmallVector<Tensor> values;
  int64_t inputBytes = 0;
  for (Attribute operand : operands) {
    auto constant = dyn_cast_or_null<ElementsAttr>(operand);
    if (!constant || constant.getNumElements() > folderBudget)
      return failure();
    values.push_back(Tensor::fromAttribute(constant));
    inputBytes += values.back().bytes().size();
  }
  SmallVector<Attribute> constants;
  if (failed(fold(op, values, inputBytes, folderBudget, constants)))
    return failure();
  results.append(constants.begin(), constants.end());
  return success();
}
