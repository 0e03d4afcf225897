// SPDX-License-Identifier: Apache-2.0
// Values of the core ops that find places in data: gather, scatter, sort, running combinations.
#include "ir/core/Ops.h"
#include "ir/evaluate/Evaluate.h"
#include "ir/evaluate/Walk.h"
#include <numeric>

using namespace mlir;
using namespace lathe;
using namespace lathe::core;
using namespace lathe::evaluate;

namespace {
/// A dimension of a dense tensor: `outer` times `size` times `inner` elements.
struct Axis {
  Axis(ArrayRef<int64_t> shape, int64_t dimension)
      : outer(llvm::product_of(shape.take_front(dimension))), size(shape[dimension]),
        inner(llvm::product_of(shape.drop_front(dimension + 1))) {}
  int64_t outer, size, inner;
};
} // namespace

LogicalResult GatherOp::evaluate(ArrayRef<Tensor> operands, SmallVectorImpl<Tensor> &results) {
  const Tensor &operand = operands[0];
  Tensor result = Tensor::zeros(getType());
  SmallVector<int64_t> indices = readIntegers(operands[1]);
  ArrayRef<int64_t> shape = operand.getShape();
  Axis axis(shape, getAxis());
  int64_t batches = llvm::product_of(shape.take_front(getBatch())), perBatch = batches ? indices.size() / batches : 0;
  int64_t between = llvm::product_of(shape.slice(getBatch(), getAxis() - getBatch()));
  if (result.getNumElements() == 0)
    return results.push_back(std::move(result)), success();
  int64_t rowBytes = axis.inner * elementBytes(operand.getElementType());
  const char *from = operand.bytes().data();
  char *to = result.mutableBytes().data();
  for (int64_t b = 0; b < batches; ++b)
    for (int64_t o = 0; o < between; ++o, from += axis.size * rowBytes)
      for (int64_t i = 0; i < perBatch; ++i, to += rowBytes) {
        const char *row = from + std::clamp<int64_t>(indices[b * perBatch + i], 0, axis.size - 1) * rowBytes;
        std::copy(row, row + rowBytes, to);
      }
  results.push_back(std::move(result));
  return success();
}

LogicalResult ScatterOp::evaluate(ArrayRef<Tensor> operands, SmallVectorImpl<Tensor> &results) {
  Tensor result = Tensor::zeros(getType());
  llvm::copy(operands[0].bytes(), result.mutableBytes().begin());
  Axis axis(getType().getShape(), 0);
  visitCombination(getCombiner(), result.getElementType(), [&](auto zero, auto combination) {
    using T = decltype(zero);
    T *rows = result.mutableValues<T>().data();
    const T *update = operands[2].values<T>().data();
    for (int64_t index : readIntegers(operands[1])) {
      if (index >= 0 && index < axis.size)
        for (int64_t i = 0; i < axis.inner; ++i) {
          T &element = rows[index * axis.inner + i];
          element = static_cast<T>(combination.combine(combination.load(element), combination.load(update[i])));
        }
      update += axis.inner;
    }
  });
  results.push_back(std::move(result));
  return success();
}

LogicalResult CumulativeOp::evaluate(ArrayRef<Tensor> operands, SmallVectorImpl<Tensor> &results) {
  Tensor result = Tensor::zeros(getType());
  Axis axis(getType().getShape(), getDimension());
  visitCombination(getCombiner(), result.getElementType(), [&](auto zero, auto combination) {
    using T = decltype(zero);
    for (int64_t line = 0; line < axis.outer * axis.inner; ++line) {
      int64_t first = line / axis.inner * axis.size * axis.inner + line % axis.inner;
      auto state = combination.first();
      for (int64_t i = 0; i < axis.size; ++i) {
        int64_t place = first + (getReverse() ? axis.size - 1 - i : i) * axis.inner;
        auto next = combination.combine(state, combination.load(operands[0].values<T>()[place]));
        result.mutableValues<T>()[place] = static_cast<T>(getExclusive() ? state : next);
        state = next;
      }
    }
  });
  results.push_back(std::move(result));
  return success();
}

LogicalResult ArgReduceOp::evaluate(ArrayRef<Tensor> operands, SmallVectorImpl<Tensor> &results) {
  Tensor result = Tensor::zeros(getType());
  Axis axis(operands[0].getShape(), getDimension());
  bool max = getCombiner() == Combiner::Max;
  visitElement<Real>(operands[0].getElementType(), [&](auto zero) {
    using T = decltype(zero);
    const T *values = operands[0].values<T>().data();
    visitElement<Int>(result.getElementType(), [&](auto indexZero) {
      using Index = decltype(indexZero);
      MutableArrayRef<Index> places = result.mutableValues<Index>();
      for (size_t line = 0; line < places.size(); ++line) {
        int64_t first = line / axis.inner * axis.size * axis.inner + line % axis.inner;
        // NaN is not better than the identity, so that it never wins against a number.
        Wide<T> best = max ? Combination<T, Combiner::Max>::first() : Combination<T, Combiner::Min>::first();
        for (int64_t i = 0; i < axis.size; ++i) {
          Wide<T> value = values[first + i * axis.inner];
          if (max ? value > best : value < best) {
            best = value;
            places[line] = static_cast<Index>(i);
          }
        }
      }
    });
  });
  results.push_back(std::move(result));
  return success();
}

LogicalResult SortOp::evaluate(ArrayRef<Tensor> operands, SmallVectorImpl<Tensor> &results) {
  Tensor values = Tensor::zeros(cast<RankedTensorType>(getValues().getType()));
  Tensor places = Tensor::zeros(cast<RankedTensorType>(getPlaces().getType()));
  Axis axis(operands[0].getShape(), getDimension());
  int64_t count = values.getShape()[getDimension()];
  bool descending = getDescending();
  visitElement<Real>(values.getElementType(), [&](auto zero) {
    using T = decltype(zero);
    const T *from = operands[0].values<T>().data();
    // NaN counts as larger than every number.
    auto less = [](auto x, auto y) { return x < y || (x == x && y != y); };
    SmallVector<int64_t> order(axis.size);
    visitElement<Int>(places.getElementType(), [&](auto indexZero) {
      using Index = decltype(indexZero);
      for (int64_t line = 0; line < axis.outer * axis.inner; ++line) {
        int64_t first = line / axis.inner * axis.size * axis.inner + line % axis.inner;
        std::iota(order.begin(), order.end(), 0);
        std::stable_sort(order.begin(), order.end(), [&](int64_t i, int64_t j) {
          Wide<T> x = from[first + i * axis.inner], y = from[first + j * axis.inner];
          return descending ? less(y, x) : less(x, y);
        });
        int64_t target = line / axis.inner * count * axis.inner + line % axis.inner;
        for (auto [i, place] : llvm::enumerate(ArrayRef(order).take_front(count))) {
          values.mutableValues<T>()[target + i * axis.inner] = from[first + place * axis.inner];
          places.mutableValues<Index>()[target + i * axis.inner] = static_cast<Index>(place);
        }
      }
    });
  });
  results.push_back(std::move(values));
  results.push_back(std::move(places));
  return success();
}
