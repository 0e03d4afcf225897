// SPDX-License-Identifier: Apache-2.0
// Orders kernel calls: collects them, lets passes/schedule choose, writes back.
#include "ir/core/Ops.h"
#include "ir/rt/Ops.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "passes/Passes.h"
#include "passes/Views.h"
#include "passes/schedule/Order.h"
#include "llvm/ADT/DenseMap.h"

using namespace mlir;
using namespace lathe;

namespace lathe {
#define GEN_PASS_DEF_ORDERCALLSPASS
#include "passes/Passes.h.inc"
} // namespace lathe

namespace {
class OrderCallsPass : public lathe::impl::OrderCallsPassBase<OrderCallsPass> {
  void runOnOperation() override {
    if (getOperation().isExternal())
      return;
    Block &block = getOperation().front();
    SmallVector<rt::CallOp> calls(block.getOps<rt::CallOp>());
    schedule::Problem problem = collect(block, calls);
    assert(schedule::check(problem).empty() && "calls must be in an order that can run");
    std::vector<int> order = schedule::chooseOrder(problem);
    assert(schedule::verify(problem, order).empty() && "order must respect dependences");
    Operation *terminator = block.getTerminator();
    for (int task : order)
      calls[task]->moveBefore(terminator);
    placeReshapes(block);
  }

  static schedule::Problem collect(Block &block, ArrayRef<rt::CallOp> calls) {
    schedule::Problem problem;
    llvm::DenseMap<Value, int> numbers;
    auto numberOf = [&](Value value, int64_t bytes) {
      auto [entry, isNew] = numbers.try_emplace(value, problem.bytes.size());
      if (isNew)
        problem.bytes.push_back(bytes);
      return entry->second;
    };
    for (Value result : block.getTerminator()->getOperands())
      numberOf(viewedValue(result), 0);
    for (rt::CallOp call : calls) {
      schedule::Task &task = problem.tasks.emplace_back();
      for (Value input : call.getInputs())
        task.reads.push_back(numberOf(viewedValue(input), 0));
      for (Value output : call.getOutputs())
        task.makes.push_back(numberOf(output, core::tensorBytes(cast<RankedTensorType>(output.getType()))));
    }
    problem.kept.assign(problem.bytes.size(), false);
    return problem;
  }

  /// Moves each reshape behind what it views; the calls moved past them.
  static void placeReshapes(Block &block) {
    SmallVector<core::ReshapeOp> reshapes(block.getOps<core::ReshapeOp>());
    for (core::ReshapeOp reshape : reshapes) {
      Operation *source = reshape.getOperand().getDefiningOp();
      if (source)
        reshape->moveAfter(source);
      else
        reshape->moveBefore(&block, block.begin());
    }
  }
};
} // namespace
