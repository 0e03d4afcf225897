// SPDX-License-Identifier: Apache-2.0
// Values of the core ops that combine many elements: reductions, windows, contractions.
#include "ir/core/Ops.h"
#include "ir/evaluate/Walk.h"

using namespace mlir;
using namespace lathe;
using namespace lathe::core;
using namespace lathe::evaluate;

LogicalResult ReduceOp::evaluate(ArrayRef<Tensor> operands, SmallVectorImpl<Tensor> &results) {
  const Tensor &operand = operands[0];
  Tensor result = Tensor::zeros(getType());
  Shape resultStrides = rowMajorStrides(result.getShape()), strides(operand.getShape().size(), 0);
  for (size_t d = 0, kept = 0; d < strides.size(); ++d)
    if (!llvm::is_contained(getDimensions(), static_cast<int64_t>(d)))
      strides[d] = resultStrides[kept++];
  visitCombination(getCombiner(), result.getElementType(), [&](auto zero, auto combination) {
    using T = decltype(zero);
    using State = typename decltype(combination)::State;
    std::unique_ptr<State[]> states(new State[result.getNumElements()]);
    std::fill_n(states.get(), result.getNumElements(), combination.first());
    const T *element = operand.values<T>().data();
    walkRows<1>(operand.getShape(), {strides}, [&](const auto &offsets, int64_t count, const auto &steps) {
      State *to = states.get() + offsets[0];
      if (steps[0] == 0) {
        State state = *to;
        for (int64_t i = 0; i < count; ++i)
          state = combination.combine(state, combination.load(element[i]));
        *to = state;
      } else {
        for (int64_t i = 0; i < count; ++i)
          to[i] = combination.combine(to[i], combination.load(element[i]));
      }
      element += count;
    });
    for (auto [i, to] : llvm::enumerate(result.mutableValues<T>()))
      to = static_cast<T>(states[i]);
  });
  results.push_back(std::move(result));
  return success();
}

namespace {
/// For one dimension of a sliding window: which elements the window's point number `j` pairs, as (place in the result,
/// place in the operand). Places in the padding, and between spread elements, have none.
struct Sliding {
  int64_t results, operands, stride, low, operandDilation, windowDilation;

  SmallVector<std::pair<int64_t, int64_t>> pairs(int64_t j) const {
    SmallVector<std::pair<int64_t, int64_t>> found;
    for (int64_t i = 0; i < results; ++i) {
      int64_t place = i * stride + j * windowDilation - low;
      if (place >= 0 && place % operandDilation == 0 && place / operandDilation < operands)
        found.emplace_back(i, place / operandDilation);
    }
    return found;
  }
};

/// Calls `visit(window point, result offset, operand offset)` for each point of `window`, which has a Sliding a
/// dimension, and each pair of places that it joins; offsets count elements under the strides.
template <typename F>
void slide(ArrayRef<Sliding> dimensions, ArrayRef<int64_t> window, ArrayRef<int64_t> resultStrides,
           ArrayRef<int64_t> operandStrides, F &&visit) {
  SmallVector<SmallVector<std::pair<int64_t, int64_t>>> pairs(dimensions.size());
  int64_t point = 0;
  walk<0>(window, {}, [&](ArrayRef<int64_t> indices, const auto &) {
    SmallVector<int64_t> sizes;
    for (auto [d, dimension] : llvm::enumerate(dimensions)) {
      pairs[d] = dimension.pairs(indices[d]);
      sizes.push_back(pairs[d].size());
    }
    walk<0>(sizes, {}, [&](ArrayRef<int64_t> places, const auto &) {
      int64_t result = 0, operand = 0;
      for (auto [d, place] : llvm::enumerate(places)) {
        result += pairs[d][place].first * resultStrides[d];
        operand += pairs[d][place].second * operandStrides[d];
      }
      visit(point, result, operand);
    });
    ++point;
  });
}
} // namespace

LogicalResult ReduceWindowOp::evaluate(ArrayRef<Tensor> operands, SmallVectorImpl<Tensor> &results) {
  const Tensor &operand = operands[0];
  Tensor result = Tensor::zeros(getType());
  SmallVector<Sliding> dimensions;
  for (auto [d, size] : llvm::enumerate(operand.getShape()))
    dimensions.push_back({result.getShape()[d], size, getStrides()[d], getLow()[d], 1, getDilations()[d]});
  Shape resultStrides = rowMajorStrides(result.getShape()), operandStrides = rowMajorStrides(operand.getShape());
  // Whole rows at a time where the window does not slide along the last dimensions.
  ArrayRef<int64_t> window = getWindow();
  int64_t row = 1;
  while (!window.empty() && window.back() == 1 && dimensions.back().stride == 1 && dimensions.back().low == 0 &&
         dimensions.back().results == dimensions.back().operands) {
    row *= dimensions.back().results;
    dimensions.pop_back();
    window = window.drop_back();
  }
  visitCombination(getCombiner(), result.getElementType(), [&](auto zero, auto combination) {
    using T = decltype(zero);
    using State = typename decltype(combination)::State;
    std::unique_ptr<State[]> states(new State[result.getNumElements()]);
    std::fill_n(states.get(), result.getNumElements(), combination.first());
    slide(dimensions, window, resultStrides, operandStrides, [&](int64_t, int64_t resultOffset, int64_t operandOffset) {
      State *to = states.get() + resultOffset;
      const T *from = operand.values<T>().data() + operandOffset;
      for (int64_t i = 0; i < row; ++i)
        to[i] = combination.combine(to[i], combination.load(from[i]));
    });
    for (auto [i, to] : llvm::enumerate(result.mutableValues<T>()))
      to = static_cast<T>(states[i]);
  });
  results.push_back(std::move(result));
  return success();
}

/// to[i] += scale * from[i].
template <typename S> static void addScaled(S *__restrict to, S scale, const S *__restrict from, int64_t count) {
  for (int64_t i = 0; i < count; ++i)
    to[i] += multiply(scale, from[i]);
}

/// The elements of `tensor` for summing, in the order of its dimensions `order`.
template <typename T>
static std::unique_ptr<Sum<T>[]> transposedSums(const Tensor &tensor, ArrayRef<int64_t> order) {
  Shape strides = rowMajorStrides(tensor.getShape()), sizes, from;
  for (int64_t d : order) {
    sizes.push_back(tensor.getShape()[d]);
    from.push_back(strides[d]);
  }
  std::unique_ptr<Sum<T>[]> sums(new Sum<T>[tensor.getNumElements()]);
  Sum<T> *to = sums.get();
  const T *values = tensor.values<T>().data();
  walkRows<1>(sizes, {from}, [&](const auto &offsets, int64_t count, const auto &steps) {
    for (int64_t i = 0; i < count; ++i)
      *to++ = toSum(values[offsets[0] + i * steps[0]]);
  });
  return sums;
}

LogicalResult DotGeneralOp::evaluate(ArrayRef<Tensor> operands, SmallVectorImpl<Tensor> &results) {
  Tensor result = Tensor::zeros(getType());
  ArrayRef<int64_t> lhs = operands[0].getShape(), rhs = operands[1].getShape();
  // Both operands in the order batch, row, column of ordinary matrices.
  SmallVector<int64_t> lhsOrder(getLhsBatch()), rhsOrder(getRhsBatch());
  int64_t batches = 1, m = 1, k = 1, n = 1;
  for (int64_t d : getLhsBatch())
    batches *= lhs[d];
  for (int64_t d = 0, rank = lhs.size(); d < rank; ++d)
    if (!llvm::is_contained(getLhsBatch(), d) && !llvm::is_contained(getLhsContracting(), d)) {
      lhsOrder.push_back(d);
      m *= lhs[d];
    }
  for (int64_t d : getLhsContracting())
    k *= lhs[d];
  llvm::append_range(lhsOrder, getLhsContracting());
  llvm::append_range(rhsOrder, getRhsContracting());
  for (int64_t d = 0, rank = rhs.size(); d < rank; ++d)
    if (!llvm::is_contained(getRhsBatch(), d) && !llvm::is_contained(getRhsContracting(), d)) {
      rhsOrder.push_back(d);
      n *= rhs[d];
    }
  visitElement<Number>(result.getElementType(), [&](auto zero) {
    using T = decltype(zero);
    auto x = transposedSums<T>(operands[0], lhsOrder), y = transposedSums<T>(operands[1], rhsOrder);
    T *to = result.mutableValues<T>().data();
    std::unique_ptr<Sum<T>[]> sums(new Sum<T>[n]);
    for (int64_t row = 0; row < batches * m; ++row) {
      std::fill_n(sums.get(), n, Sum<T>(0));
      for (int64_t j = 0; j < k; ++j)
        addScaled(sums.get(), x[row * k + j], &y[(row / m * k + j) * n], n);
      for (int64_t i = 0; i < n; ++i)
        *to++ = static_cast<T>(sums[i]);
    }
  });
  results.push_back(std::move(result));
  return success();
}

LogicalResult ConvOp::evaluate(ArrayRef<Tensor> operands, SmallVectorImpl<Tensor> &results) {
  Tensor result = Tensor::zeros(getType());
  ArrayRef<int64_t> input = operands[0].getShape(), filter = operands[1].getShape(), output = result.getShape();
  int64_t spatial = getStrides().size(), channels = filter[spatial], filters = filter.back(), groups = getGroups(),
          perGroup = filters / groups;
  SmallVector<Sliding> dimensions{{output[0], input[0], 1, 0, 1, 1}};
  SmallVector<int64_t> window{1};
  for (int64_t d = 0; d < spatial; ++d) {
    dimensions.push_back(
        {output[d + 1], input[d + 1], getStrides()[d], getLow()[d], getInputDilation()[d], getFilterDilation()[d]});
    window.push_back(filter[d]);
  }
  visitElement<Number>(result.getElementType(), [&](auto zero) {
    using T = decltype(zero);
    SmallVector<int64_t> order = llvm::to_vector(llvm::seq<int64_t>(0, filter.size()));
    auto weights = transposedSums<T>(operands[1], order);
    std::unique_ptr<Sum<T>[]> sums(new Sum<T>[result.getNumElements()]);
    std::fill_n(sums.get(), result.getNumElements(), Sum<T>(0));
    slide(dimensions, window, rowMajorStrides(output), rowMajorStrides(input),
          [&](int64_t point, int64_t outputOffset, int64_t inputOffset) {
            const T *in = operands[0].values<T>().data() + inputOffset;
            Sum<T> *out = sums.get() + outputOffset;
            const Sum<T> *weight = weights.get() + point * channels * filters;
            for (int64_t c = 0; c < channels; ++c)
              for (int64_t g = 0; g < groups; ++g)
                addScaled(out + g * perGroup, toSum(in[g * channels + c]), weight + c * filters + g * perGroup,
                          perGroup);
          });
    for (auto [i, to] : llvm::enumerate(result.mutableValues<T>()))
      to = static_cast<T>(sums[i]);
  });
  results.push_back(std::move(result));
  return success();
}
