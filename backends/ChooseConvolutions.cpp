// SPDX-License-Identifier: Apache-2.0
// Asks a backend for the algorithm of each convolution, and writes it down in the IR.
#include "backends/ChooseConvolutions.h"
#include "backends/Backend.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

using namespace mlir;
using namespace lathe;

namespace {
class ChooseConvolutionsPass : public PassWrapper<ChooseConvolutionsPass, OperationPass<func::FuncOp>> {
public:
  MLIR_DEFINE_EXPLICIT_INTERNAL_INLINE_TYPE_ID(ChooseConvolutionsPass)

  explicit ChooseConvolutionsPass(std::string target) { this->target = std::move(target); }
  ChooseConvolutionsPass(const ChooseConvolutionsPass &other) : PassWrapper(other) {}

  StringRef getArgument() const override { return "lathe-choose-convolutions"; }
  StringRef getDescription() const override { return "choose the algorithm of each convolution for a machine"; }

private:
  void runOnOperation() override {
    std::unique_ptr<Backend> backend = createBackend(target);
    if (!backend)
      return;
    getOperation().walk([&](core::ConvOp conv) {
      if (std::optional<int64_t> scratch = backend->getFastConvolutionScratch(conv))
        conv.setScratch(*scratch);
    });
  }

  Option<std::string> target{*this, "target", llvm::cl::desc("the machine, as in --target-cpu")};
};
} // namespace

std::unique_ptr<Pass> lathe::createChooseConvolutionsPass(std::string target) {
  return std::make_unique<ChooseConvolutionsPass>(std::move(target));
}
