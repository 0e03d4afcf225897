// SPDX-License-Identifier: Apache-2.0
// Evaluates ops on constants, with a larger budget than folding inside of other passes has.
#include "ir/core/Ops.h"
#include "ir/evaluate/Evaluate.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "passes/Passes.h"

using namespace mlir;
using namespace lathe;

namespace lathe {
#define GEN_PASS_DEF_FOLDCONSTANTSPASS
#include "passes/Passes.h.inc"
} // namespace lathe

namespace {
class FoldConstantsPass : public lathe::impl::FoldConstantsPassBase<FoldConstantsPass> {
public:
  using Base::Base;

private:
  void runOnOperation() override {
    getOperation().getBody().walk([&](Operation *op) {
      SmallVector<Attribute> values;
      if (failed(evaluate::foldOperation(op, budget, values)))
        return;
      OpBuilder builder(op);
      for (auto [result, value] : llvm::zip_equal(op->getResults(), values))
        result.replaceAllUsesWith(core::ConstantOp::create(builder, op->getLoc(), cast<ElementsAttr>(value)));
      op->erase();
    });
    getOperation().getBody().walk([](core::ConstantOp constant) {
      if (constant.use_empty())
        constant.erase();
    });
  }
};
} // namespace
