// SPDX-License-Identifier: Apache-2.0
// Orders kernel calls, branches and loops: collects them, lets passes/schedule choose, writes back.
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
    if (!getOperation().isExternal())
      order(getOperation().front());
  }

  /// Orders the calls, branches and loops of `block`, and those inside of them.
  static void order(Block &block) {
    SmallVector<Operation *> tasks;
    for (Operation &op : block.without_terminator()) {
      if (isa<rt::CallOp, core::IfOp, core::WhileOp>(op))
        tasks.push_back(&op);
      for (Region &region : op.getRegions())
        order(region.front());
    }
    schedule::Problem problem = collect(block, tasks);
    assert(schedule::check(problem).empty() && "calls must be in an order that can run");
    std::vector<int> order = schedule::chooseOrder(problem);
    assert(schedule::verify(problem, order).empty() && "order must respect dependences");
    Operation *terminator = block.getTerminator();
    for (int task : order)
      tasks[task]->moveBefore(terminator);
    placeReshapes(block);
    placeChecks(block);
  }

  static schedule::Problem collect(Block &block, ArrayRef<Operation *> tasks) {
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
    for (Operation *op : tasks) {
      schedule::Task &task = problem.tasks.emplace_back();
      // Regions read values of this block too.
      op->walk([&](Operation *inner) {
        for (Value input : inner->getOperands())
          if (Value value = viewedValue(input); value.getParentBlock() == &block)
            task.reads.push_back(numberOf(value, 0));
      });
      for (Value output : op->getResults())
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

  /// Moves each check to where all that it reads has just been made.
  static void placeChecks(Block &block) {
    SmallVector<core::CheckOp> checks(block.getOps<core::CheckOp>());
    for (core::CheckOp check : checks) {
      Operation *last = nullptr;
      for (Value value : check.getOperands())
        if (Operation *source = value.getDefiningOp();
            source && source->getBlock() == &block && (!last || last->isBeforeInBlock(source)))
          last = source;
      if (last)
        check->moveAfter(last);
      else
        check->moveBefore(&block, block.begin());
    }
  }
};
} // namespace
