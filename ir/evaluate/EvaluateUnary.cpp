// SPDX-License-Identifier: Apache-2.0
// Values of the core ops on one operand, element by element.
#include "ir/core/Ops.h"
#include "ir/evaluate/Scalars.h"
#include "ir/evaluate/Tensor.h"
#include <cmath>

using namespace mlir;
using namespace lathe;
using namespace lathe::core;
using namespace lathe::evaluate;

/// Applies `f` to each element, widened, and rounds what it gives to the element type.
template <unsigned kinds, typename F>
static LogicalResult mapElements(ArrayRef<Tensor> operands, SmallVectorImpl<Tensor> &results, F f) {
  const Tensor &operand = operands[0];
  Tensor result = Tensor::zeros(operand.getType());
  visitElement<kinds>(operand.getElementType(), [&](auto zero) {
    using T = decltype(zero);
    const T *from = operand.values<T>().data();
    T *to = result.mutableValues<T>().data();
    for (int64_t i = 0, n = operand.getNumElements(); i < n; ++i)
      to[i] = static_cast<T>(f(static_cast<Wide<T>>(from[i])));
  });
  results.push_back(std::move(result));
  return success();
}

#define LATHE_EVALUATE(OP, KINDS, BODY)                                                                                \
  LogicalResult OP::evaluate(ArrayRef<Tensor> operands, SmallVectorImpl<Tensor> &results) {                            \
    return mapElements<KINDS>(operands, results, [](auto x) { return BODY; });                                         \
  }
// Functions that are not exact are computed in double and rounded once, so that folded constants hardly depend on the
// machine's mathematical library.
#define LATHE_EVALUATE_IN_DOUBLE(OP, BODY)                                                                             \
  LogicalResult OP::evaluate(ArrayRef<Tensor> operands, SmallVectorImpl<Tensor> &results) {                            \
    return mapElements<Float>(operands, results, [](double x) { return BODY; });                                       \
  }

namespace {
template <typename T> T absolute(T x) {
  if constexpr (std::is_floating_point_v<T>)
    return std::abs(x);
  else
    return static_cast<T>(x < 0 ? -static_cast<uint64_t>(x) : static_cast<uint64_t>(x));
}

template <typename T> T negated(T x) {
  if constexpr (std::is_integral_v<T>)
    return static_cast<T>(-static_cast<uint64_t>(x));
  else
    return -x;
}

template <typename T> T flipped(T x) {
  if constexpr (std::is_same_v<T, bool>)
    return !x;
  else
    return static_cast<T>(~x);
}
} // namespace

LATHE_EVALUATE(AbsOp, Real, absolute(x))
LATHE_EVALUATE(CeilOp, Float, std::ceil(x))
LATHE_EVALUATE(FloorOp, Float, std::floor(x))
LATHE_EVALUATE(NegOp, Number, negated(x))
LATHE_EVALUATE(NotOp, Bits, flipped(x))
LATHE_EVALUATE(RoundEvenOp, Float, std::nearbyint(x))
// NaN and both zeros are what remains.
LATHE_EVALUATE(SignOp, Real, x > 0 ? decltype(x)(1) : x < 0 ? decltype(x)(-1) : x)
LATHE_EVALUATE(SqrtOp, Float, std::sqrt(x))

LATHE_EVALUATE_IN_DOUBLE(CosOp, std::cos(x))
LATHE_EVALUATE_IN_DOUBLE(ErfOp, std::erf(x))
LATHE_EVALUATE_IN_DOUBLE(ExpOp, std::exp(x))
LATHE_EVALUATE_IN_DOUBLE(Expm1Op, std::expm1(x))
LATHE_EVALUATE_IN_DOUBLE(LogOp, std::log(x))
LATHE_EVALUATE_IN_DOUBLE(Log1pOp, std::log1p(x))
LATHE_EVALUATE_IN_DOUBLE(LogisticOp, 1 / (1 + std::exp(-x)))
LATHE_EVALUATE_IN_DOUBLE(RsqrtOp, 1 / std::sqrt(x))
LATHE_EVALUATE_IN_DOUBLE(SinOp, std::sin(x))
LATHE_EVALUATE_IN_DOUBLE(TanOp, std::tan(x))
LATHE_EVALUATE_IN_DOUBLE(TanhOp, std::tanh(x))

LogicalResult IsFiniteOp::evaluate(ArrayRef<Tensor> operands, SmallVectorImpl<Tensor> &results) {
  Tensor result = Tensor::zeros(getType());
  visitElement<Float>(operands[0].getElementType(), [&](auto zero) {
    using T = decltype(zero);
    for (auto [to, from] : llvm::zip_equal(result.mutableValues<bool>(), operands[0].values<T>()))
      to = std::isfinite(static_cast<Wide<T>>(from));
  });
  results.push_back(std::move(result));
  return success();
}

template <typename Part>
static LogicalResult evaluatePart(ArrayRef<Tensor> operands, RankedTensorType type, SmallVectorImpl<Tensor> &results,
                                  Part part) {
  Tensor result = Tensor::zeros(type);
  visitElement<Complex>(operands[0].getElementType(), [&](auto zero) {
    using T = decltype(zero);
    for (auto [to, from] : llvm::zip_equal(result.mutableValues<typename T::value_type>(), operands[0].values<T>()))
      to = part(from);
  });
  results.push_back(std::move(result));
  return success();
}

LogicalResult RealOp::evaluate(ArrayRef<Tensor> operands, SmallVectorImpl<Tensor> &results) {
  return evaluatePart(operands, getType(), results, [](auto x) { return x.real(); });
}

LogicalResult ImagOp::evaluate(ArrayRef<Tensor> operands, SmallVectorImpl<Tensor> &results) {
  return evaluatePart(operands, getType(), results, [](auto x) { return x.imag(); });
}
