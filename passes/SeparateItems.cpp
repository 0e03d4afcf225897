// SPDX-License-Identifier: Apache-2.0
// Finds out which entries can be run in parts, and keeps the bodies that are needed.
#include "ir/Problems.h"
#include "ir/core/Ops.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "passes/batch/Batch.h"
#include "passes/batch/Items.h"
#include "passes/Lifetimes.h"
#include "passes/Passes.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace lathe;

namespace lathe {
#define GEN_PASS_DEF_SEPARATEITEMSPASS
#include "passes/Passes.h.inc"
} // namespace lathe

namespace {
struct SeparateItems : lathe::impl::SeparateItemsPassBase<SeparateItems> {
  using SeparateItemsPassBase::SeparateItemsPassBase;

  void runOnOperation() override {
    llvm::MapVector<StringRef, SmallVector<std::pair<func::FuncOp, Batch>>> entries;
    for (auto function : getOperation().getOps<func::FuncOp>())
      if (std::optional<Batch> batch = Batch::of(function))
        entries[StringAttr::get(&getContext(), batch->entry).getValue()].push_back({function, *batch});
    bool ok = true;
    for (auto &[entry, bodies] : entries)
      ok &= succeeded(separate(entry, bodies));
    if (!ok)
      signalPassFailure();
  }

private:
  LogicalResult separate(StringRef entry, ArrayRef<std::pair<func::FuncOp, Batch>> bodies) {
    SmallVector<std::pair<func::FuncOp, Batch>, 2> probes(
        llvm::make_filter_range(bodies, [](auto &body) { return body.second.isProbe; }));
    assert(probes.size() == 2 && "an entry of any batch size is made for two sizes more");
    auto [first, second] = std::pair(probes[0], probes[1]);
    ItemMap items = followItems({first.first, first.second.size}, {second.first, second.second.size});
    Batch found;
    found.mixes = meeting(first.first, items);
    found.isSeparable = found.mixes.empty();
    auto rows = [&](ValueRange xs, ValueRange ys, SmallVectorImpl<int64_t> &to) {
      for (auto [x, y] : llvm::zip_equal(xs, ys)) {
        std::optional<int64_t> each = rowsAnItem(x, first.second.size, y, second.second.size);
        if (!each)
          return false;
        to.push_back(*each);
      }
      return true;
    };
    bool isLinear = rows(first.first.getArguments(), second.first.getArguments(), found.argumentRows) &&
                    rows(returned(first.first), returned(second.first), found.resultRows);
    if (!found.isSeparable && (sizes.empty() || !isLinear)) {
      emitProblem(
          first.first.getLoc(), Code::MixedBatch, "entry '" + entry + "' has no fixed batch size, and " + found.mixes,
          isLinear ? "name the sizes to compile for: --specialize N=1,8, or give the feeds' shapes: --shape NAME:1x2x3"
                   : "give the feeds' shapes: --shape NAME:1x2x3");
      return failure();
    }
    for (auto [function, batch] : bodies) {
      if (batch.isProbe || !(found.isSeparable || llvm::is_contained(sizes, batch.size))) {
        function.erase();
        continue;
      }
      found.entry = batch.entry;
      found.size = batch.size;
      found.setOn(function);
    }
    return success();
  }

  static ValueRange returned(func::FuncOp function) { return function.front().getTerminator()->getOperands(); }

  /// What keeps `first` from being run in parts; empty where nothing does.
  static std::string meeting(func::FuncOp first, const ItemMap &map) {
    for (auto [before, after] : variablesOf(first))
      if (before != after)
        return "its runs write a variable";
    auto name = [&](unsigned i) { return "'" + first.getResultAttrOfType<StringAttr>(i, "lathe.name").str() + "'"; };
    for (auto [i, value] : llvm::enumerate(returned(first).drop_back(variablesOf(first).size()))) {
      Items items = map.lookup(value);
      if (items.kind == Items::Mixed) {
        NodeNames names = nodeNames(items.origin->getLoc());
        return "its items meet in node '" + names.node.str() + "' (" + names.op.str() + "), which result " + name(i) +
               " depends on";
      }
      if (items.isApart() && (items.dimension != 0 || items.outer != 1))
        return "result " + name(i) + " does not have it as its first dimension";
    }
    return "";
  }
};
} // namespace
