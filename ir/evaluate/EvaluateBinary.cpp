// SPDX-License-Identifier: Apache-2.0
// Values of the core ops on two or three operands, element by element.
#include "ir/core/Ops.h"
#include "ir/evaluate/Walk.h"
#include <cmath>

using namespace mlir;
using namespace lathe;
using namespace lathe::core;
using namespace lathe::evaluate;

/// Applies `f` to each pair of elements, widened, and rounds what it gives to the element type.
template <unsigned kinds, typename F>
static LogicalResult mapPairs(ArrayRef<Tensor> operands, SmallVectorImpl<Tensor> &results, F f) {
  const Tensor &lhs = operands[0], &rhs = operands[1];
  Tensor result = Tensor::zeros(lhs.getType());
  visitElement<kinds>(lhs.getElementType(), [&](auto zero) {
    using T = decltype(zero);
    const T *x = lhs.values<T>().data(), *y = rhs.values<T>().data();
    T *to = result.mutableValues<T>().data();
    for (int64_t i = 0, n = lhs.getNumElements(); i < n; ++i)
      to[i] = static_cast<T>(f(static_cast<Wide<T>>(x[i]), static_cast<Wide<T>>(y[i])));
  });
  results.push_back(std::move(result));
  return success();
}

#define LATHE_EVALUATE(OP, KINDS, BODY)                                                                                \
  LogicalResult OP::evaluate(ArrayRef<Tensor> operands, SmallVectorImpl<Tensor> &results) {                            \
    return mapPairs<KINDS>(operands, results, [](auto x, auto y) { return BODY; });                                    \
  }

namespace {
/// Integers are computed modulo 2^64, of which the narrower types keep the low bits; other types as they are.
template <typename T> auto wrapping(T x) {
  if constexpr (std::is_integral_v<T>)
    return static_cast<uint64_t>(x);
  else
    return x;
}

template <typename T> T quotient(T x, T y) {
  if constexpr (std::is_integral_v<T>) {
    if (y == 0)
      return 0;
    // The smallest integer has no positive counterpart: its division by -1 would trap.
    if (std::is_signed_v<T> && y == static_cast<T>(-1))
      return static_cast<T>(-static_cast<uint64_t>(x));
  }
  return x / y;
}

template <typename T> T truncatedRemainder(T x, T y) {
  if constexpr (std::is_integral_v<T>) {
    if (y == 0 || (std::is_signed_v<T> && y == static_cast<T>(-1)))
      return 0;
    return x % y;
  } else {
    return std::fmod(x, y);
  }
}

template <typename T> auto power(T x, T y) {
  if constexpr (std::is_floating_point_v<T>) {
    return std::pow(static_cast<double>(x), static_cast<double>(y));
  } else {
    if (y < 0)
      return static_cast<T>(x == 1 ? 1 : x == static_cast<T>(-1) ? (y & 1 ? -1 : 1) : 0);
    uint64_t result = 1, square = static_cast<uint64_t>(x);
    for (auto rest = static_cast<std::make_unsigned_t<T>>(y); rest; rest >>= 1, square *= square)
      if (rest & 1)
        result *= square;
    return static_cast<T>(result);
  }
}

template <typename T> int clampShift(T amount) {
  constexpr int last = 8 * sizeof(T) - 1;
  return amount < 0 ? 0 : amount > last ? last : static_cast<int>(amount);
}
} // namespace

LATHE_EVALUATE(AddOp, Number, wrapping(x) + wrapping(y))
LATHE_EVALUATE(AndOp, Bits, x &y)
LATHE_EVALUATE(Atan2Op, Float, std::atan2(static_cast<double>(x), static_cast<double>(y)))
LATHE_EVALUATE(DivOp, Number, quotient(x, y))
LATHE_EVALUATE(MaxOp, Real, maximum(x, y))
LATHE_EVALUATE(MinOp, Real, minimum(x, y))
LATHE_EVALUATE(MulOp, Number, multiply(wrapping(x), wrapping(y)))
LATHE_EVALUATE(OrOp, Bits, x | y)
LATHE_EVALUATE(PowOp, Real, power(x, y))
LATHE_EVALUATE(RemOp, Real, truncatedRemainder(x, y))
LATHE_EVALUATE(ShiftLeftOp, Int, static_cast<uint64_t>(x) << clampShift(y))
LATHE_EVALUATE(ShiftRightOp, Int, x >> clampShift(y))
LATHE_EVALUATE(SubOp, Number, wrapping(x) - wrapping(y))
LATHE_EVALUATE(XorOp, Bits, x ^ y)

LogicalResult CompareOp::evaluate(ArrayRef<Tensor> operands, SmallVectorImpl<Tensor> &results) {
  Tensor result = Tensor::zeros(getType());
  auto with = [&]<unsigned kinds>(std::integral_constant<unsigned, kinds>, auto holds) {
    visitElement<kinds>(operands[0].getElementType(), [&](auto zero) {
      using T = decltype(zero);
      const T *x = operands[0].values<T>().data(), *y = operands[1].values<T>().data();
      bool *to = result.mutableValues<bool>().data();
      for (int64_t i = 0, n = result.getNumElements(); i < n; ++i)
        to[i] = holds(static_cast<Wide<T>>(x[i]), static_cast<Wide<T>>(y[i]));
    });
  };
  std::integral_constant<unsigned, Any> any;
  std::integral_constant<unsigned, Bool | Real> ordered;
  switch (getDirection()) {
  case Comparison::EQ:
    with(any, [](auto x, auto y) { return x == y; });
    break;
  case Comparison::NE:
    with(any, [](auto x, auto y) { return x != y; });
    break;
  case Comparison::LT:
    with(ordered, [](auto x, auto y) { return x < y; });
    break;
  case Comparison::LE:
    with(ordered, [](auto x, auto y) { return x <= y; });
    break;
  case Comparison::GT:
    with(ordered, [](auto x, auto y) { return x > y; });
    break;
  case Comparison::GE:
    with(ordered, [](auto x, auto y) { return x >= y; });
    break;
  }
  results.push_back(std::move(result));
  return success();
}

LogicalResult SelectOp::evaluate(ArrayRef<Tensor> operands, SmallVectorImpl<Tensor> &results) {
  Tensor result = Tensor::zeros(getType());
  ArrayRef<bool> predicate = operands[0].values<bool>();
  visitBytes(elementBytes(getType().getElementType()), [&](auto zero) {
    using T = decltype(zero);
    const T *onTrue = operands[1].values<T>().data(), *onFalse = operands[2].values<T>().data();
    T *to = result.mutableValues<T>().data();
    for (size_t i = 0; i < predicate.size(); ++i)
      to[i] = predicate[i] ? onTrue[i] : onFalse[i];
  });
  results.push_back(std::move(result));
  return success();
}

LogicalResult ComplexOp::evaluate(ArrayRef<Tensor> operands, SmallVectorImpl<Tensor> &results) {
  Tensor result = Tensor::zeros(getType());
  visitElement<Complex>(result.getElementType(), [&](auto zero) {
    using T = decltype(zero);
    using Part = typename T::value_type;
    for (auto [to, real, imaginary] :
         llvm::zip_equal(result.mutableValues<T>(), operands[0].values<Part>(), operands[1].values<Part>()))
      to = T(real, imaginary);
  });
  results.push_back(std::move(result));
  return success();
}
