// SPDX-License-Identifier: Apache-2.0
// Multiplies all rows that a loop reads one by one before the loop, as one product.
#include "ir/core/Ops.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "passes/Passes.h"

using namespace mlir;
using namespace lathe;

namespace lathe {
#define GEN_PASS_DEF_HOISTPRODUCTSPASS
#include "passes/Passes.h.inc"
} // namespace lathe

namespace {
RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }

/// One element of a list of matrices, as a loop reads it: `gather` along the first dimension, perhaps reshaped.
struct Row {
  core::GatherOp gather;
  Value list;
};

/// The row that `value`, a matrix of rows of `depth` elements, is of a list that is known before `loop`.
std::optional<Row> rowOf(Value value, core::WhileOp loop, int64_t depth) {
  auto keepsDepth = [&](Value v) { return typeOf(v).getRank() > 0 && typeOf(v).getShape().back() == depth; };
  while (auto reshape = value.getDefiningOp<core::ReshapeOp>()) {
    if (!keepsDepth(reshape.getOperand()))
      return std::nullopt;
    value = reshape.getOperand();
  }
  auto gather = value.getDefiningOp<core::GatherOp>();
  if (!gather || gather.getAxis() != 0 || gather.getBatch() != 0 || typeOf(gather.getIndices()).getNumElements() != 1)
    return std::nullopt;
  Value list = gather.getOperand();
  bool isRow = keepsDepth(list) && typeOf(list).getRank() >= 2 && typeOf(list).getDimSize(0) > 1;
  return isRow && loop.isDefinedOutsideOfLoop(list) && !loop.isDefinedOutsideOfLoop(gather) ? std::optional(Row{gather, list}) : std::nullopt;
}

/// `product` of a row and a matrix that is known before the loop.
void hoist(core::DotGeneralOp product, core::WhileOp loop) {
  int64_t last = typeOf(product.getLhs()).getRank() - 1;
  bool isPlain = product.getLhsBatch().empty() && product.getLhsContracting() == ArrayRef(last) && product.getRhsContracting() == ArrayRef<int64_t>(0);
  if (!isPlain || !loop.isDefinedOutsideOfLoop(product.getRhs()) || typeOf(product.getRhs()).getRank() != 2)
    return;
  int64_t depth = typeOf(product.getLhs()).getDimSize(last), width = typeOf(product.getRhs()).getDimSize(1);
  std::optional<Row> row = rowOf(product.getLhs(), loop, depth);
  if (!row || depth == 0)
    return;
  Type element = typeOf(product).getElementType();
  RankedTensorType list = typeOf(row->list);
  SmallVector<int64_t> products(list.getShape());
  products.back() = width;

  OpBuilder before(loop);
  Location loc = product.getLoc();
  Value rows = core::ReshapeOp::create(before, loc, RankedTensorType::get({list.getNumElements() / depth, depth}, element), row->list);
  Value all = core::DotGeneralOp::create(before, loc, RankedTensorType::get({list.getNumElements() / depth, width}, element), rows,
                                         product.getRhs(), before.getDenseI64ArrayAttr({}), before.getDenseI64ArrayAttr({}),
                                         before.getDenseI64ArrayAttr({1}), before.getDenseI64ArrayAttr({0}));
  all = core::ReshapeOp::create(before, loc, RankedTensorType::get(products, element), all);

  OpBuilder inside(product);
  SmallVector<int64_t> read(typeOf(row->gather).getShape());
  read.back() = width;
  Value one = core::GatherOp::create(inside, loc, RankedTensorType::get(read, element), all, row->gather.getIndices(), row->gather.getAxisAttr(),
                                     row->gather.getBatchAttr());
  product.replaceAllUsesWith(core::ReshapeOp::create(inside, loc, typeOf(product), one).getResult());
  product.erase();
}

struct HoistProducts : lathe::impl::HoistProductsPassBase<HoistProducts> {
  void runOnOperation() override {
    getOperation()->walk<WalkOrder::PostOrder>([](core::WhileOp loop) {
      for (auto product : llvm::make_early_inc_range(loop.getBody().front().getOps<core::DotGeneralOp>()))
        hoist(product, loop);
    });
  }
};
} // namespace
