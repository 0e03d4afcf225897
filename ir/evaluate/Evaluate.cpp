// SPDX-License-Identifier: Apache-2.0
// Walks blocks of core ops, and folds single ops.
#include "ir/evaluate/Evaluate.h"
#include "ir/core/Ops.h"
#include "llvm/ADT/DenseMap.h"

using namespace mlir;
using namespace lathe;
using namespace lathe::evaluate;

namespace {
/// Runs blocks; values of the blocks around the one that runs are known.
class Interpreter {
public:
  FailureOr<SmallVector<Tensor>> run(Block &block, ArrayRef<Tensor> arguments) {
    for (auto [argument, tensor] : llvm::zip_equal(block.getArguments(), arguments))
      remember(argument, tensor);
    for (Operation &op : block) {
      SmallVector<Tensor> operands, results;
      for (Value operand : op.getOperands()) {
        operands.push_back(values.lookup(operand));
        release(operand);
      }
      if (op.hasTrait<OpTrait::IsTerminator>())
        return operands;
      if (failed(run(op, operands, results)))
        return failure();
      for (auto [value, tensor] : llvm::zip_equal(op.getResults(), results))
        remember(value, std::move(tensor));
    }
    return failure();
  }

private:
  LogicalResult run(Operation &op, ArrayRef<Tensor> operands, SmallVectorImpl<Tensor> &results) {
    if (auto choice = dyn_cast<core::IfOp>(op)) {
      Region &taken = isTrue(operands.front()) ? choice.getThenRegion() : choice.getElseRegion();
      return take(run(taken.front(), {}), results);
    }
    if (auto loop = dyn_cast<core::WhileOp>(op)) {
      results.assign(operands.begin(), operands.end());
      while (true) {
        FailureOr<SmallVector<Tensor>> again = run(loop.getCond().front(), results);
        if (failed(again))
          return failure();
        if (!isTrue(again->front()))
          return success();
        if (failed(take(run(loop.getBody().front(), SmallVector<Tensor>(results.begin(), results.end())), results)))
          return failure();
      }
    }
    if (auto check = dyn_cast<core::CheckOp>(op))
      return isTrue(operands.front()) ? success() : op.emitError(failureText(check, operands.drop_front()));
    auto evaluator = dyn_cast<core::EvaluateOpInterface>(op);
    if (!evaluator)
      return op.emitError("the reference interpreter runs core ops only, but got '") << op.getName() << "'";
    return evaluator.evaluate(operands, results);
  }

  /// The message of a check that does not hold, with what `details` say in it.
  static std::string failureText(core::CheckOp check, ArrayRef<Tensor> details) {
    if (details.empty())
      return check.getMessage().str();
    int64_t place = readIntegers(details[0]).front();
    return core::checkText(check.getMessage(), details[1].getShape(), place, readIntegers(details[1])[place]);
  }

  static bool isTrue(const Tensor &predicate) { return predicate.values<uint8_t>().front() != 0; }

  static LogicalResult take(FailureOr<SmallVector<Tensor>> values, SmallVectorImpl<Tensor> &results) {
    if (failed(values))
      return failure();
    results.assign(values->begin(), values->end());
    return success();
  }

  /// A value that only its own block reads is released after the last use. Regions may run again and read it again.
  void remember(Value value, Tensor tensor) {
    bool own = llvm::all_of(value.getUsers(), [&](Operation *user) { return user->getBlock() == value.getParentBlock(); });
    uses[value] = own ? std::distance(value.use_begin(), value.use_end()) : -1;
    values[value] = std::move(tensor);
  }
  void release(Value value) {
    if (auto left = uses.find(value); left->second > 0 && --left->second == 0)
      values.erase(value);
  }

  llvm::DenseMap<Value, Tensor> values;
  llvm::DenseMap<Value, int64_t> uses;
};
} // namespace

FailureOr<SmallVector<Tensor>> evaluate::evaluateBlock(Block &block, ArrayRef<Tensor> arguments) {
  return Interpreter().run(block, arguments);
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
