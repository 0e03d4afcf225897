// SPDX-License-Identifier: Apache-2.0
// Replaces functions without arguments by what the reference interpreter says that they return.
#include "ir/core/Ops.h"
#include "ir/evaluate/Evaluate.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "passes/Passes.h"

namespace lathe {
#define GEN_PASS_DEF_EVALUATEFUNCTIONSPASS
#include "passes/Passes.h.inc"
} // namespace lathe

using namespace mlir;
using namespace lathe;

namespace {
struct EvaluateFunctionsPass : lathe::impl::EvaluateFunctionsPassBase<EvaluateFunctionsPass> {
  void runOnOperation() override {
    func::FuncOp function = getOperation();
    if (function.isExternal() || function.getNumArguments() > 0)
      return;
    if (!function.getBody().hasOneBlock()) {
      function.emitError("cannot evaluate a function of several blocks");
      return signalPassFailure();
    }
    Block &block = function.getBody().front();
    FailureOr<SmallVector<evaluate::Tensor>> results = evaluate::evaluateBlock(block, {});
    if (failed(results))
      return signalPassFailure();
    Operation *terminator = block.getTerminator();
    OpBuilder builder(terminator);
    SmallVector<Value> values;
    for (const evaluate::Tensor &result : *results)
      values.push_back(core::ConstantOp::create(builder, terminator->getLoc(), result.toAttribute()));
    // Results may view the attributes of ops that go away, which live as long as the context.
    terminator->setOperands(values);
    for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block)))
      if (&op != terminator && op.use_empty())
        op.erase();
  }
};
} // namespace
