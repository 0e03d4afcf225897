// SPDX-License-Identifier: Apache-2.0
// Local algebra of the core ops: what holds whatever the operands' values are. Constant operands fold by evaluation.
#include "ir/core/Ops.h"
#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;
using namespace lathe::core;

/// Whether `value` is a constant whose elements all equal `expected`.
static bool isSplat(Attribute value, double expected) {
  auto splat = dyn_cast_or_null<SplatElementsAttr>(value);
  if (!splat)
    return false;
  if (auto floating = dyn_cast<FloatType>(splat.getElementType()))
    return splat.getSplatValue<APFloat>().convertToDouble() == expected;
  if (isa<IntegerType>(splat.getElementType()))
    return splat.getSplatValue<APInt>().getSExtValue() == static_cast<int64_t>(expected);
  return false;
}

static bool isInteger(Value value) { return isa<IntegerType>(getElementTypeOrSelf(value)); }

OpFoldResult ConstantOp::fold(FoldAdaptor) { return getValue(); }

// x + 0 is x but for x = -0.0; adding -0.0 is exact for every float.
OpFoldResult AddOp::fold(FoldAdaptor adaptor) { return isInteger(getLhs()) && isSplat(adaptor.getRhs(), 0) ? getLhs() : Value(); }
OpFoldResult SubOp::fold(FoldAdaptor adaptor) { return isSplat(adaptor.getRhs(), 0) ? getLhs() : Value(); }
OpFoldResult MulOp::fold(FoldAdaptor adaptor) { return isSplat(adaptor.getRhs(), 1) ? getLhs() : Value(); }
OpFoldResult DivOp::fold(FoldAdaptor adaptor) { return isSplat(adaptor.getRhs(), 1) ? getLhs() : Value(); }

OpFoldResult SelectOp::fold(FoldAdaptor adaptor) {
  if (getOnTrue() == getOnFalse())
    return getOnTrue();
  if (auto predicate = dyn_cast_or_null<SplatElementsAttr>(adaptor.getPredicate()))
    return predicate.getSplatValue<bool>() ? getOnTrue() : getOnFalse();
  return {};
}

OpFoldResult ConvertOp::fold(FoldAdaptor) { return getOperand().getType() == getType() ? getOperand() : Value(); }

OpFoldResult ReshapeOp::fold(FoldAdaptor adaptor) {
  if (getOperand().getType() == getType())
    return getOperand();
  if (auto producer = getOperand().getDefiningOp<ReshapeOp>()) {
    setOperand(producer.getOperand());
    return getResult();
  }
  // Bytes stay where they are: large constants reshape without a copy.
  if (auto dense = dyn_cast_or_null<DenseElementsAttr>(adaptor.getOperand()))
    return dense.reshape(getType());
  if (auto resource = dyn_cast_or_null<DenseResourceElementsAttr>(adaptor.getOperand()))
    return DenseResourceElementsAttr::get(getType(), resource.getRawHandle());
  return {};
}

OpFoldResult TransposeOp::fold(FoldAdaptor) {
  if (llvm::equal(getPermutation(), llvm::seq<int64_t>(0, getPermutation().size())))
    return getOperand();
  if (auto producer = getOperand().getDefiningOp<TransposeOp>()) {
    SmallVector<int64_t> composed;
    for (int64_t dimension : getPermutation())
      composed.push_back(producer.getPermutation()[dimension]);
    setPermutation(composed);
    setOperand(producer.getOperand());
    return getResult();
  }
  return {};
}

OpFoldResult BroadcastOp::fold(FoldAdaptor adaptor) {
  if (getOperand().getType() == getType())
    return getOperand();
  if (auto splat = dyn_cast_or_null<SplatElementsAttr>(adaptor.getOperand()))
    return splat.resizeSplat(getType());
  if (auto producer = getOperand().getDefiningOp<BroadcastOp>()) {
    SmallVector<int64_t> composed;
    for (int64_t dimension : producer.getDimensions())
      composed.push_back(getDimensions()[dimension]);
    setDimensions(composed);
    setOperand(producer.getOperand());
    return getResult();
  }
  return {};
}

OpFoldResult SliceOp::fold(FoldAdaptor) { return getOperand().getType() == getType() ? getOperand() : Value(); }

OpFoldResult ConcatOp::fold(FoldAdaptor) { return getInputs().size() == 1 ? getInputs().front() : Value(); }

OpFoldResult PadOp::fold(FoldAdaptor) {
  auto none = [](ArrayRef<int64_t> sizes) { return llvm::all_of(sizes, [](int64_t size) { return size == 0; }); };
  return none(getLow()) && none(getHigh()) && none(getInterior()) ? getOperand() : Value();
}

OpFoldResult ReduceOp::fold(FoldAdaptor) { return getDimensions().empty() ? getOperand() : Value(); }
