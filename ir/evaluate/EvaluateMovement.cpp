// SPDX-License-Identifier: Apache-2.0
// Values of the core ops that make and move elements at fixed places.
#include "ir/core/Ops.h"
#include "ir/evaluate/Evaluate.h"
#include "ir/evaluate/Walk.h"

using namespace mlir;
using namespace lathe;
using namespace lathe::core;
using namespace lathe::evaluate;

namespace {
/// Elements at `offset` and `strides` of a tensor.
struct View {
  int64_t offset = 0;
  Shape strides;
};

View denseView(const Tensor &tensor) {
  return {0, rowMajorStrides(tensor.getShape())};
}

/// Copies `sizes` elements from one view to another; both have a stride a dimension.
void copyElements(ArrayRef<int64_t> sizes, const Tensor &source, const View &from, Tensor &target, const View &to) {
  visitBytes(elementBytes(source.getElementType()), [&](auto zero) {
    using T = decltype(zero);
    const T *read = source.values<T>().data() + from.offset;
    T *write = target.mutableValues<T>().data() + to.offset;
    walkRows<2>(sizes, {from.strides, to.strides}, [&](const auto &offsets, int64_t count, const auto &steps) {
      const T *x = read + offsets[0];
      T *y = write + offsets[1];
      if (steps[0] == 1 && steps[1] == 1)
        std::copy(x, x + count, y);
      else if (steps[0] == 0 && steps[1] == 1)
        std::fill(y, y + count, *x);
      else
        for (int64_t i = 0; i < count; ++i)
          y[i * steps[1]] = x[i * steps[0]];
    });
  });
}

/// A result of type `type` whose elements are those of `from` in order.
LogicalResult copyAll(RankedTensorType type, const Tensor &source, const View &from, SmallVectorImpl<Tensor> &results) {
  Tensor result = Tensor::zeros(type);
  copyElements(type.getShape(), source, from, result, denseView(result));
  results.push_back(std::move(result));
  return success();
}
} // namespace

LogicalResult ConstantOp::evaluate(ArrayRef<Tensor> operands, SmallVectorImpl<Tensor> &results) {
  Tensor tensor = Tensor::fromAttribute(getValue());
  if (!tensor)
    return emitOpError("has no bytes to read");
  results.push_back(std::move(tensor));
  return success();
}

LogicalResult IotaOp::evaluate(ArrayRef<Tensor> operands, SmallVectorImpl<Tensor> &results) {
  Tensor result = Tensor::zeros(getType());
  ArrayRef<int64_t> shape = getType().getShape();
  int64_t size = shape[getDimension()], inner = llvm::product_of(shape.drop_front(getDimension() + 1));
  visitElement<Number>(result.getElementType(), [&](auto zero) {
    using T = decltype(zero);
    MutableArrayRef<T> values = result.mutableValues<T>();
    for (size_t i = 0; i < values.size(); ++i) {
      int64_t index = i / inner % size;
      if constexpr (isComplex<T>)
        values[i] = T(index);
      else
        values[i] = static_cast<T>(static_cast<Wide<T>>(index));
    }
  });
  results.push_back(std::move(result));
  return success();
}

LogicalResult ReshapeOp::evaluate(ArrayRef<Tensor> operands, SmallVectorImpl<Tensor> &results) {
  results.push_back(operands[0].withType(getType()));
  return success();
}

LogicalResult BitcastOp::evaluate(ArrayRef<Tensor> operands, SmallVectorImpl<Tensor> &results) {
  results.push_back(operands[0].withType(getType()));
  return success();
}

LogicalResult TransposeOp::evaluate(ArrayRef<Tensor> operands, SmallVectorImpl<Tensor> &results) {
  Shape strides = rowMajorStrides(operands[0].getShape());
  View from;
  for (int64_t dimension : getPermutation())
    from.strides.push_back(strides[dimension]);
  return copyAll(getType(), operands[0], from, results);
}

LogicalResult BroadcastOp::evaluate(ArrayRef<Tensor> operands, SmallVectorImpl<Tensor> &results) {
  Shape strides = rowMajorStrides(operands[0].getShape());
  View from{0, Shape(getType().getRank(), 0)};
  for (auto [d, dimension] : llvm::enumerate(getDimensions()))
    if (operands[0].getShape()[d] != 1)
      from.strides[dimension] = strides[d];
  return copyAll(getType(), operands[0], from, results);
}

LogicalResult SliceOp::evaluate(ArrayRef<Tensor> operands, SmallVectorImpl<Tensor> &results) {
  View from = denseView(operands[0]);
  for (auto [start, step, stride] : llvm::zip_equal(getStarts(), getStrides(), from.strides)) {
    from.offset += start * stride;
    stride *= step;
  }
  return copyAll(getType(), operands[0], from, results);
}

LogicalResult DynamicSliceOp::evaluate(ArrayRef<Tensor> operands, SmallVectorImpl<Tensor> &results) {
  View from = denseView(operands[0]);
  for (auto [start, size, whole, stride] :
       llvm::zip_equal(readIntegers(operands[1]), getSizes(), operands[0].getShape(), from.strides))
    from.offset += std::clamp<int64_t>(start, 0, whole - size) * stride;
  return copyAll(getType(), operands[0], from, results);
}

LogicalResult ReverseOp::evaluate(ArrayRef<Tensor> operands, SmallVectorImpl<Tensor> &results) {
  View from = denseView(operands[0]);
  for (int64_t dimension : getDimensions()) {
    int64_t &stride = from.strides[dimension];
    from.offset += (getType().getDimSize(dimension) - 1) * stride;
    stride = -stride;
  }
  return copyAll(getType(), operands[0], from, results);
}

LogicalResult ConcatOp::evaluate(ArrayRef<Tensor> operands, SmallVectorImpl<Tensor> &results) {
  Tensor result = Tensor::zeros(getType());
  View to = denseView(result);
  for (const Tensor &operand : operands) {
    copyElements(operand.getShape(), operand, denseView(operand), result, to);
    to.offset += operand.getShape()[getDimension()] * to.strides[getDimension()];
  }
  results.push_back(std::move(result));
  return success();
}

LogicalResult PadOp::evaluate(ArrayRef<Tensor> operands, SmallVectorImpl<Tensor> &results) {
  Tensor result = Tensor::zeros(getType());
  ArrayRef<int64_t> shape = getType().getShape();
  View all{0, Shape(shape.size(), 0)}, from = denseView(operands[0]), to = denseView(result);
  copyElements(shape, operands[1], all, result, denseView(result));
  Shape sizes;
  for (auto [d, size] : llvm::enumerate(operands[0].getShape())) {
    // Element i lands at low + i * spread; those that land outside are cut.
    int64_t low = getLow()[d], spread = getInterior()[d] + 1;
    int64_t first = low < 0 ? llvm::divideCeil(-low, spread) : 0;
    int64_t end = std::min(size, shape[d] > low ? static_cast<int64_t>(llvm::divideCeil(shape[d] - low, spread)) : 0);
    sizes.push_back(std::max<int64_t>(end - first, 0));
    from.offset += first * from.strides[d];
    to.offset += (low + first * spread) * to.strides[d];
    to.strides[d] *= spread;
  }
  copyElements(sizes, operands[0], from, result, to);
  results.push_back(std::move(result));
  return success();
}
