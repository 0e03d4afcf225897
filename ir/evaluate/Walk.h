// SPDX-License-Identifier: Apache-2.0
// Walks over index spaces, and the combination of elements.
#ifndef LATHE_IR_EVALUATE_WALK_H
#define LATHE_IR_EVALUATE_WALK_H

#include "ir/core/Elements.h"
#include "ir/evaluate/Scalars.h"
#include "ir/evaluate/Tensor.h"
#include <array>

namespace lathe::evaluate {

using Shape = llvm::SmallVector<int64_t, 6>;

/// Elements between neighbours along each dimension of a dense row-major tensor.
inline Shape rowMajorStrides(llvm::ArrayRef<int64_t> shape) {
  Shape strides(shape.size());
  int64_t stride = 1;
  for (size_t d = shape.size(); d-- > 0; stride *= shape[d])
    strides[d] = stride;
  return strides;
}

/// Calls `visit(indices, offsets)` at each point of `sizes` in row-major order, where `offsets[i]` is the point's
/// offset under `strides[i]`.
template <size_t n, typename F>
void walk(llvm::ArrayRef<int64_t> sizes, std::array<llvm::ArrayRef<int64_t>, n> strides, F &&visit) {
  if (llvm::is_contained(sizes, 0))
    return;
  Shape indices(sizes.size());
  std::array<int64_t, n> offsets = {};
  while (true) {
    visit(llvm::ArrayRef<int64_t>(indices), offsets);
    size_t d = sizes.size();
    while (d-- > 0) {
      for (size_t i = 0; i < n; ++i)
        offsets[i] += strides[i][d];
      if (++indices[d] < sizes[d])
        break;
      for (size_t i = 0; i < n; ++i)
        offsets[i] -= strides[i][d] * sizes[d];
      indices[d] = 0;
    }
    if (d == ~size_t(0))
      return;
  }
}

/// Like `walk`, but visits whole rows: `visit(offsets, count, steps)` for the points that differ in the last dimension
/// only, which are `steps[i]` elements apart. A single point is a row of one.
template <size_t n, typename F>
void walkRows(llvm::ArrayRef<int64_t> sizes, std::array<llvm::ArrayRef<int64_t>, n> strides, F &&visit) {
  std::array<int64_t, n> steps = {};
  if (sizes.empty())
    return visit(steps, 1, steps);
  if (sizes.back() == 0)
    return;
  for (size_t i = 0; i < n; ++i) {
    steps[i] = strides[i].back();
    strides[i] = strides[i].drop_back();
  }
  walk<n>(sizes.drop_back(), strides,
          [&](llvm::ArrayRef<int64_t>, const std::array<int64_t, n> &offsets) { visit(offsets, sizes.back(), steps); });
}

template <typename T> std::complex<T> multiply(std::complex<T> x, std::complex<T> y) {
  return {x.real() * y.real() - x.imag() * y.imag(), x.real() * y.imag() + x.imag() * y.real()};
}
template <typename T> T multiply(T x, T y) {
  return x * y;
}

/// The larger and the smaller, NaN if either is NaN.
template <typename T> T maximum(T x, T y) {
  return x > y || x != x ? x : y;
}
template <typename T> T minimum(T x, T y) {
  return x < y || x != x ? x : y;
}

/// How elements of type T combine: `State` is what is carried from element to element, `first` the identity.
template <typename T, core::Combiner combiner> struct Combination {
  static constexpr bool isSum = combiner == core::Combiner::Add || combiner == core::Combiner::Mul;
  using State = std::conditional_t<isSum, Sum<T>, Wide<T>>;

  static State first() {
    using Limits = std::numeric_limits<State>;
    if constexpr (combiner == core::Combiner::Mul)
      return State(1);
    else if constexpr (combiner == core::Combiner::Min)
      return Limits::has_infinity ? Limits::infinity() : Limits::max();
    else if constexpr (combiner == core::Combiner::Max)
      return Limits::has_infinity ? -Limits::infinity() : Limits::min();
    else if constexpr (combiner == core::Combiner::And)
      return static_cast<State>(~uint64_t(0));
    else
      return State(0);
  }
  static State load(T element) {
    if constexpr (isSum)
      return toSum(element);
    else
      return element;
  }
  static State combine(State x, State y) {
    if constexpr (combiner == core::Combiner::Add)
      return x + y;
    else if constexpr (combiner == core::Combiner::Mul)
      return multiply(x, y);
    else if constexpr (combiner == core::Combiner::Min)
      return minimum(x, y);
    else if constexpr (combiner == core::Combiner::Max)
      return maximum(x, y);
    else if constexpr (combiner == core::Combiner::And)
      return x & y;
    else if constexpr (combiner == core::Combiner::Or)
      return x | y;
    else
      return y;
  }
};

/// Calls `visit(zero, combination)` with a value of the C++ type for `element` and a Combination for `combiner`, which
/// must take such elements.
template <typename F> void visitCombination(core::Combiner combiner, mlir::Type element, F &&visit) {
  using core::Combiner;
  auto with = [&]<Combiner c>(std::integral_constant<Combiner, c>) {
    constexpr unsigned kinds = c == Combiner::Add || c == Combiner::Mul   ? Number
                               : c == Combiner::Min || c == Combiner::Max ? Real
                               : c == Combiner::Set                       ? Any
                                                                          : Bits;
    visitElement<kinds>(element, [&](auto zero) { visit(zero, Combination<decltype(zero), c>()); });
  };
  switch (combiner) {
  case Combiner::Add:
    return with(std::integral_constant<Combiner, Combiner::Add>());
  case Combiner::Mul:
    return with(std::integral_constant<Combiner, Combiner::Mul>());
  case Combiner::Min:
    return with(std::integral_constant<Combiner, Combiner::Min>());
  case Combiner::Max:
    return with(std::integral_constant<Combiner, Combiner::Max>());
  case Combiner::And:
    return with(std::integral_constant<Combiner, Combiner::And>());
  case Combiner::Or:
    return with(std::integral_constant<Combiner, Combiner::Or>());
  case Combiner::Set:
    return with(std::integral_constant<Combiner, Combiner::Set>());
  }
}

} // namespace lathe::evaluate
#endif
