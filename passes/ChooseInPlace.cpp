// SPDX-License-Identifier: Apache-2.0
// Says which results of kernel calls may take over an operand's buffer.
#include "ir/core/Ops.h"
#include "ir/rt/Ops.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "passes/Lifetimes.h"
#include "passes/Passes.h"
#include "passes/Views.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace lathe;

namespace lathe {
#define GEN_PASS_DEF_CHOOSEINPLACEPASS
#include "passes/Passes.h.inc"
} // namespace lathe

namespace {
/// For each result of a kernel, the operands that it may take over.
using Candidates = SmallVector<SmallVector<int64_t>>;

/// Whether the kernel is one loop over elements: then all that an element needs is read before any of it is written.
bool isOneLoop(rt::KernelOp kernel) {
  return llvm::all_of(kernel.getBody().front().without_terminator(), [](Operation &op) {
    return isa<core::ScalarLoweringOpInterface, core::ConstantOp, core::BroadcastOp, core::IotaOp>(op);
  });
}

/// The results to which `argument` leads, or none where a path passes anything but elementwise ops of its shape.
SmallVector<int64_t> resultsReached(BlockArgument argument) {
  ArrayRef<int64_t> shape = cast<RankedTensorType>(argument.getType()).getShape();
  SmallVector<int64_t> results;
  llvm::SetVector<Value> reached;
  reached.insert(argument);
  for (size_t i = 0; i < reached.size(); ++i)
    for (OpOperand &use : reached[i].getUses()) {
      Operation *user = use.getOwner();
      if (isa<rt::YieldOp>(user)) {
        results.push_back(use.getOperandNumber());
        continue;
      }
      if (!isa<core::ScalarLoweringOpInterface>(user) ||
          cast<RankedTensorType>(user->getResult(0).getType()).getShape() != shape)
        return {};
      reached.insert(user->getResult(0));
    }
  return results;
}

/// Whether the kernel is one scatter, which writes rows of its first operand and leaves the others as they are.
bool isScatter(rt::KernelOp kernel) {
  Block &block = kernel.getBody().front();
  auto scatter = dyn_cast<core::ScatterOp>(block.front());
  return scatter && scatter->getNextNode() == block.getTerminator() && scatter.getOperand() == block.getArgument(0) &&
         block.getArgument(0).hasOneUse();
}

Candidates findCandidates(rt::KernelOp kernel) {
  Candidates candidates(kernel.getYield().getValues().size());
  if (isScatter(kernel))
    return {{0}};
  bool oneLoop = isOneLoop(kernel);
  for (BlockArgument argument : kernel.getBody().front().getArguments()) {
    SmallVector<int64_t> results = resultsReached(argument);
    if (results.size() > 1 && !oneLoop)
      continue;
    // Backends read the operand through the result's buffer, whose elements are of one type.
    Type element = kernel.getOperandType(argument.getArgNumber()).getElementType();
    for (int64_t result : results)
      if (kernel.getResultType(result).getElementType() == element)
        candidates[result].push_back(argument.getArgNumber());
  }
  return candidates;
}

class ChooseInPlacePass : public lathe::impl::ChooseInPlacePassBase<ChooseInPlacePass> {
  void runOnOperation() override {
    SymbolTable symbols(getOperation());
    llvm::DenseMap<Operation *, Candidates> known;
    for (auto function : getOperation().getOps<func::FuncOp>()) {
      if (function.isExternal())
        continue;
      LastReaders lastReader = findLastReaders(function);
      function.walk([&](rt::CallOp call) {
        auto kernel = symbols.lookup<rt::KernelOp>(call.getKernel());
        auto [entry, isNew] = known.try_emplace(kernel);
        if (isNew)
          entry->second = findCandidates(kernel);
        call.setInPlace(choose(call, entry->second, lastReader));
      });
    }
  }

  /// The last op that reads each buffer, in the block that made it; for a value that leaves its block, the terminator.
  using LastReaders = llvm::DenseMap<Value, Operation *>;

  static LastReaders findLastReaders(func::FuncOp function) {
    LastReaders lastReader;
    function.getBody().walk<WalkOrder::PreOrder>([&](Operation *op) {
      if (isa<core::ReshapeOp>(op))
        return;
      for (Value operand : op->getOperands()) {
        Value value = viewedValue(operand);
        Operation *reader = value.getParentBlock()->findAncestorOpInBlock(*op);
        Operation *&last = lastReader[value];
        if (!last || last->isBeforeInBlock(reader))
          last = reader;
      }
    });
    return lastReader;
  }

  static SmallVector<int64_t> choose(rt::CallOp call, const Candidates &candidates, const LastReaders &lastReader) {
    auto diesHere = [&](int64_t operand) {
      Value value = viewedValue(call.getInputs()[operand]);
      auto argument = dyn_cast<BlockArgument>(value);
      auto function = argument ? dyn_cast<func::FuncOp>(argument.getOwner()->getParentOp()) : func::FuncOp();
      bool isVariable = function && function.getArgAttr(argument.getArgNumber(), variableAttribute);
      bool ours = isVariable || value.getDefiningOp<rt::CallOp>() || isa<core::IfOp, core::WhileOp>(value.getParentBlock()->getParentOp()) ||
                  value.getDefiningOp<core::WhileOp>() || value.getDefiningOp<core::IfOp>();
      return ours && lastReader.lookup(value) == call;
    };
    SmallVector<int64_t> chosen;
    for (const auto &operands : candidates) {
      int64_t best = -1;
      for (int64_t operand : operands)
        if (!llvm::is_contained(chosen, operand) && (best < 0 || (!diesHere(best) && diesHere(operand))))
          best = operand;
      chosen.push_back(best);
    }
    return chosen;
  }
};
} // namespace
