// SPDX-License-Identifier: Apache-2.0
// Compares the predicted times of an entry's bodies.
#include "compiler/ChooseBodies.h"
#include "passes/batch/Batch.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;
using namespace lathe;

namespace {
/// Predicted times, where a loop, whose number of rounds nobody knows, counts as many times as compilers use to guess.
class Prediction {
public:
  Prediction(ModuleOp module, const Backend &backend) {
    for (auto kernel : module.getOps<rt::KernelOp>())
      seconds[kernel.getSymName()] = backend.plan(kernel).seconds;
  }

  double of(rt::ProgramOp program) const {
    constexpr double rounds = 10;
    double sum = 0;
    program.walk([&](rt::LaunchOp launch) {
      double time = seconds.lookup(launch.getKernel());
      for (auto loop = launch->getParentOfType<rt::WhileOp>(); loop; loop = loop->getParentOfType<rt::WhileOp>())
        time *= rounds;
      sum += time;
    });
    return sum;
  }

private:
  llvm::StringMap<double> seconds;
};

void eraseUnused(ModuleOp module) {
  llvm::StringSet<> used;
  module.walk([&](rt::LaunchOp launch) { used.insert(launch.getKernel()); });
  module.walk([&](rt::WeightAddressOp address) { used.insert(address.getWeight()); });
  for (auto variable : module.getOps<rt::VariableOp>())
    if (std::optional<StringRef> weight = variable.getWeight())
      used.insert(*weight);
  for (Operation &op : llvm::make_early_inc_range(*module.getBody()))
    if (isa<rt::KernelOp, rt::WeightOp>(op) && !used.contains(cast<SymbolOpInterface>(op).getName()))
      op.erase();
}
} // namespace

void lathe::chooseBodies(ModuleOp module, const Backend &backend) {
  // Less than a tenth is not worth the weights in layouts of their own, and a larger arena.
  constexpr double worthwhile = 0.9;
  std::optional<Prediction> prediction;
  bool erased = false;
  for (ArrayRef<rt::ProgramOp> bodies : entriesOf(module)) {
    std::optional<Batch> first = Batch::of(bodies.front());
    if (!first || !first->isSeparable || bodies.size() == 1)
      continue;
    if (!prediction)
      prediction.emplace(module, backend);
    double best = prediction->of(bodies.front()) / static_cast<double>(first->size);
    for (rt::ProgramOp body : bodies.drop_front()) {
      double each = prediction->of(body) / static_cast<double>(Batch::of(body)->size);
      if (each > worthwhile * best) {
        body->erase();
        erased = true;
      } else {
        best = each;
      }
    }
  }
  if (erased)
    eraseUnused(module);
}
