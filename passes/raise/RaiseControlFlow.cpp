// SPDX-License-Identifier: Apache-2.0
// The pass that turns the control flow of TensorFlow 1 into gdef.if and gdef.while.
#include "ir/Problems.h"
#include "mlir/IR/BuiltinOps.h"
#include "passes/Passes.h"
#include "passes/raise/WriteStructure.h"

using namespace mlir;
using namespace lathe;

namespace lathe {
#define GEN_PASS_DEF_RAISECONTROLFLOWPASS
#include "passes/Passes.h.inc"
} // namespace lathe

namespace {

Code codeOf(raise::Fault fault) {
  return static_cast<Code>(static_cast<unsigned>(Code::NoLoopCondition) + static_cast<unsigned>(fault));
}

struct RaiseControlFlow : lathe::impl::RaiseControlFlowPassBase<RaiseControlFlow> {
  void runOnOperation() override {
    // Parts of inlined functions first: what they hold is one node of the graph around them.
    SmallVector<Block *> blocks;
    for (auto graph : getOperation().getOps<gdef::GraphOp>())
      graph->walk<WalkOrder::PostOrder>([&](Operation *op) {
        for (Region &region : op->getRegions())
          blocks.push_back(&region.front());
      });
    bool ok = true;
    for (Block *block : blocks)
      if (llvm::any_of(*block, [](Operation &op) { return raise::isControlFlow(&op); }))
        ok &= raiseBlock(*block);
    if (!ok)
      signalPassFailure();
  }

  static bool raiseBlock(Block &block) {
    raise::Collected collected = raise::collect(block);
    raise::Structure structure = raise::raiseControlFlow(collected.graph);
    for (const raise::Issue &issue : structure.issues) {
      Operation *op = collected.ops[issue.node];
      emitProblem(op ? op->getLoc() : collected.outside[issue.node].getLoc(), codeOf(issue.fault), issue.message);
    }
    if (!structure.issues.empty())
      return false;
    raise::writeStructure(block, collected, structure);
    return true;
  }
};

} // namespace
