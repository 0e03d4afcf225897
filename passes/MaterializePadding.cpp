// SPDX-License-Identifier: Apache-2.0
// Makes the padding of convolutions and windows an op of its own, so that their loops need no conditions.
#include "ir/core/CheckedBuilder.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "passes/Padding.h"
#include "passes/Passes.h"

using namespace mlir;
using namespace lathe;

namespace lathe {
#define GEN_PASS_DEF_MATERIALIZEPADDINGPASS
#include "passes/Passes.h.inc"
} // namespace lathe

namespace {
bool isZero(ArrayRef<int64_t> sizes) {
  return llvm::all_of(sizes, [](int64_t size) { return size == 0; });
}
bool isOne(ArrayRef<int64_t> sizes) {
  return llvm::all_of(sizes, [](int64_t size) { return size == 1; });
}

/// The identity of `combiner` as a scalar constant.
Value identity(OpBuilder &builder, Location loc, core::Combiner combiner, Type element) {
  if (isa<ComplexType>(element)) // No attribute holds one complex number.
    return core::CheckedBuilder(builder, loc).scalar(element, combiner == core::Combiner::Mul ? 1 : 0);
  return core::ConstantOp::create(builder, loc,
                                  DenseElementsAttr::get(RankedTensorType::get({}, element), core::identityAttribute(combiner, element)));
}

void padConvolution(core::ConvOp conv) {
  if (readsPadding(conv))
    return;
  if (isZero(conv.getLow()) && isZero(conv.getHigh()) && isOne(conv.getInputDilation()))
    return;
  OpBuilder builder(conv);
  SmallVector<int64_t> low{0}, high{0}, interior{0};
  llvm::append_range(low, conv.getLow());
  llvm::append_range(high, conv.getHigh());
  for (int64_t dilation : conv.getInputDilation())
    interior.push_back(dilation - 1);
  for (SmallVector<int64_t> *sizes : {&low, &high, &interior})
    sizes->push_back(0);
  Value zero = identity(builder, conv.getLoc(), core::Combiner::Add, conv.getType().getElementType());
  conv.setOperand(0, core::PadOp::create(builder, conv.getLoc(), conv.getInput(), zero, low, high, interior));
  SmallVector<int64_t> none(conv.getStrides().size(), 0), ones(none.size(), 1);
  conv.setLow(none);
  conv.setHigh(none);
  conv.setInputDilation(ones);
}

void padWindow(core::ReduceWindowOp window) {
  if (isZero(window.getLow()) && isZero(window.getHigh()))
    return;
  OpBuilder builder(window);
  SmallVector<int64_t> none(window.getLow().size(), 0);
  Value value = identity(builder, window.getLoc(), window.getCombiner(), window.getType().getElementType());
  window.setOperand(core::PadOp::create(builder, window.getLoc(), window.getOperand(), value, window.getLow(), window.getHigh(), none));
  window.setLow(none);
  window.setHigh(none);
}

class MaterializePaddingPass : public lathe::impl::MaterializePaddingPassBase<MaterializePaddingPass> {
  void runOnOperation() override {
    getOperation().walk([](core::ConvOp conv) { padConvolution(conv); });
    getOperation().walk([](core::ReduceWindowOp window) { padWindow(window); });
  }
};
} // namespace
