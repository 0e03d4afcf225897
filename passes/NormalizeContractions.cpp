// SPDX-License-Identifier: Apache-2.0
// Brings products and convolutions into the few forms that backends emit.
#include "ir/core/CheckedBuilder.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Matchers.h"
#include "passes/Passes.h"

using namespace mlir;
using namespace lathe;

namespace lathe {
#define GEN_PASS_DEF_NORMALIZECONTRACTIONSPASS
#include "passes/Passes.h.inc"
} // namespace lathe

namespace {
using Dimensions = SmallVector<int64_t>;

Dimensions freeDimensions(int64_t rank, ArrayRef<int64_t> batch, ArrayRef<int64_t> contracting) {
  Dimensions free;
  for (int64_t d = 0; d < rank; ++d)
    if (!llvm::is_contained(batch, d) && !llvm::is_contained(contracting, d))
      free.push_back(d);
  return free;
}

int64_t sizeOf(Value value, ArrayRef<int64_t> dimensions) {
  int64_t size = 1;
  for (int64_t d : dimensions)
    size *= core::CheckedBuilder::shapeOf(value)[d];
  return size;
}

/// `value` with its dimensions in the order of `parts`, each part flattened to one; an absent batch part leaves no dimension.
Value flatten(core::CheckedBuilder &b, Value value, ArrayRef<int64_t> batch, ArrayRef<int64_t> rows, ArrayRef<int64_t> columns) {
  Dimensions order(batch), shape;
  llvm::append_range(order, rows);
  llvm::append_range(order, columns);
  if (!batch.empty())
    shape.push_back(sizeOf(value, batch));
  shape.push_back(sizeOf(value, rows));
  shape.push_back(sizeOf(value, columns));
  return b.reshape(b.transpose(value, order), shape);
}

void normalize(core::DotGeneralOp dot) {
  OpBuilder builder(dot);
  core::CheckedBuilder b(builder, dot.getLoc());
  Value lhs = dot.getLhs(), rhs = dot.getRhs();
  Dimensions lhsFree = freeDimensions(b.typeOf(lhs).getRank(), dot.getLhsBatch(), dot.getLhsContracting());
  Dimensions rhsFree = freeDimensions(b.typeOf(rhs).getRank(), dot.getRhsBatch(), dot.getRhsContracting());
  Value x = flatten(b, lhs, dot.getLhsBatch(), lhsFree, dot.getLhsContracting());
  Value y = flatten(b, rhs, dot.getRhsBatch(), dot.getRhsContracting(), rhsFree);
  bool batched = !dot.getLhsBatch().empty();
  Dimensions batch = batched ? Dimensions{0} : Dimensions{};
  int64_t offset = batched;
  Value product = b.dotGeneral(x, y, batch, batch, {1 + offset}, {offset});
  Value result = b.reshape(product, dot.getType().getShape());
  if (product.getDefiningOp<core::DotGeneralOp>() && x == lhs && y == rhs && result == product) {
    product.getDefiningOp()->erase(); // It was in normal form.
    return;
  }
  dot.replaceAllUsesWith(result);
  dot.erase();
}

/// Padding by zeros before a convolution becomes the convolution's own, whose kernel may not need it in memory.
void absorbPadding(core::ConvOp conv) {
  auto pad = conv.getInput().getDefiningOp<core::PadOp>();
  Value value = pad ? pad.getValue() : Value();
  size_t spatial = conv.getStrides().size();
  auto isZero = [](int64_t size) { return size == 0; };
  auto adds = [](int64_t size) { return size >= 0; };
  auto isOne = [](int64_t size) { return size == 1; };
  bool fits = value && (matchPattern(value, m_AnyZeroFloat()) || matchPattern(value, m_Zero())) && llvm::all_of(pad.getInterior(), isZero) &&
              llvm::all_of(pad.getLow(), adds) && llvm::all_of(pad.getHigh(), adds) && llvm::all_of(conv.getInputDilation(), isOne) &&
              llvm::all_of(conv.getLow(), adds) && llvm::all_of(conv.getHigh(), adds);
  for (ArrayRef<int64_t> sizes : {fits ? pad.getLow() : ArrayRef<int64_t>(), fits ? pad.getHigh() : ArrayRef<int64_t>()})
    fits = fits && sizes.front() == 0 && sizes.back() == 0;
  if (!fits)
    return;
  SmallVector<int64_t> low(conv.getLow()), high(conv.getHigh());
  for (size_t d = 0; d < spatial; ++d) {
    low[d] += pad.getLow()[d + 1];
    high[d] += pad.getHigh()[d + 1];
  }
  conv.setLow(low);
  conv.setHigh(high);
  conv.setOperand(0, pad.getOperand());
}

void normalize(core::ConvOp conv) {
  if (conv.getStrides().size() != 1)
    return;
  OpBuilder builder(conv);
  core::CheckedBuilder b(builder, conv.getLoc());
  auto withHeight = [](ArrayRef<int64_t> sizes, int64_t height, size_t place) {
    Dimensions result(sizes);
    result.insert(result.begin() + place, height);
    return result;
  };
  Value input = b.reshape(conv.getInput(), withHeight(b.shapeOf(conv.getInput()), 1, 1));
  Value filter = b.reshape(conv.getFilter(), withHeight(b.shapeOf(conv.getFilter()), 1, 0));
  Value result = b.conv(input, filter, withHeight(conv.getStrides(), 1, 0), withHeight(conv.getLow(), 0, 0),
                        withHeight(conv.getHigh(), 0, 0), withHeight(conv.getInputDilation(), 1, 0),
                        withHeight(conv.getFilterDilation(), 1, 0), conv.getGroups());
  conv.replaceAllUsesWith(b.reshape(result, conv.getType().getShape()));
  conv.erase();
}

class NormalizeContractionsPass : public lathe::impl::NormalizeContractionsPassBase<NormalizeContractionsPass> {
  void runOnOperation() override {
    getOperation().walk([](core::DotGeneralOp dot) { normalize(dot); });
    getOperation().walk([](core::ConvOp conv) {
      absorbPadding(conv);
      normalize(conv);
    });
  }
};
} // namespace
