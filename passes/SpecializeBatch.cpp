// SPDX-License-Identifier: Apache-2.0
// Makes of an entry whose batch size is not known one body for each size that is wanted.
#include "ir/gdef/Ops.h"
#include "passes/batch/Batch.h"
#include "passes/Passes.h"

using namespace mlir;
using namespace lathe;

namespace lathe {
#define GEN_PASS_DEF_SPECIALIZEBATCHPASS
#include "passes/Passes.h.inc"
} // namespace lathe

namespace {
/// Sizes that no user asks for, so that a dimension of another meaning is seldom taken for the batch.
constexpr int64_t probes[] = {5, 7};

bool hasUnknownBatch(Type type) {
  auto tensor = dyn_cast<RankedTensorType>(type);
  return tensor && tensor.getRank() > 0 && tensor.isDynamicDim(0);
}

Type withBatch(Type type, int64_t size) {
  auto tensor = cast<RankedTensorType>(type);
  SmallVector<int64_t> shape(tensor.getShape());
  shape.front() = size;
  return tensor.clone(shape);
}

struct SpecializeBatch : lathe::impl::SpecializeBatchPassBase<SpecializeBatch> {
  using SpecializeBatchPassBase::SpecializeBatchPassBase;

  void runOnOperation() override {
    SymbolTable symbols(getOperation());
    for (auto graph : llvm::make_early_inc_range(getOperation().getOps<gdef::GraphOp>()))
      if (!graph.isPrivate() &&
          llvm::any_of(inputs(graph), [](BlockArgument input) { return hasUnknownBatch(input.getType()); }))
        specialize(graph, symbols);
  }

private:
  static MutableArrayRef<BlockArgument> inputs(gdef::GraphOp graph) {
    return graph.getBody().getArguments().drop_back(graph.getVariableCount());
  }

  void specialize(gdef::GraphOp graph, SymbolTable &symbols) {
    // One item is what every batch can be made of.
    llvm::SmallSetVector<int64_t, 4> wanted;
    wanted.insert(1);
    wanted.insert_range(sizes);
    for (int64_t size : wanted)
      addBody(graph, size, /*isProbe=*/false, symbols);
    for (int64_t size : probes)
      addBody(graph, size, /*isProbe=*/true, symbols);
    symbols.erase(graph);
  }

  void addBody(gdef::GraphOp graph, int64_t size, bool isProbe, SymbolTable &symbols) {
    OpBuilder builder(graph);
    auto body = cast<gdef::GraphOp>(graph->clone());
    body.setSymName((graph.getSymName() + (isProbe ? ".probe" : ".") + Twine(size)).str());
    for (BlockArgument input : inputs(body))
      if (hasUnknownBatch(input.getType()))
        input.setType(withBatch(input.getType(), size));
    Batch batch;
    batch.entry = graph.getSymName().str();
    batch.size = size;
    batch.isProbe = isProbe;
    batch.setOn(body);
    symbols.insert(body, Block::iterator(graph));
  }
};
} // namespace
