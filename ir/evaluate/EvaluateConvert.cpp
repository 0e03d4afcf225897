// SPDX-License-Identifier: Apache-2.0
// Values of core.convert, between any two element types.
#include "ir/core/Ops.h"
#include "ir/evaluate/Scalars.h"
#include "ir/evaluate/Tensor.h"

using namespace mlir;
using namespace lathe;
using namespace lathe::core;
using namespace lathe::evaluate;

namespace {
/// `value` truncated to the integer type T where it fits there, T's minimum otherwise.
template <typename T, typename F> T truncateOrMinimum(F value) {
  constexpr F limit = static_cast<F>(uint64_t(1) << (8 * sizeof(T) - 1));
  bool fits = value >= -limit && value < limit;
  return fits ? static_cast<T>(value) : std::numeric_limits<T>::min();
}

template <typename To, typename F> To floatToInteger(F value) {
  if constexpr (std::is_same_v<To, int32_t> || std::is_same_v<To, int64_t>)
    return truncateOrMinimum<To>(value);
  if constexpr (std::is_same_v<To, uint64_t>) {
    constexpr F half = static_cast<F>(uint64_t(1) << 63);
    if (value >= half && value < 2 * half)
      return static_cast<To>(value);
  }
  return static_cast<To>(truncateOrMinimum<int64_t>(value));
}

template <typename To, typename From> To convert(From value) {
  if constexpr (std::is_same_v<To, From>)
    return value;
  else if constexpr (isComplex<To> && isComplex<From>)
    return static_cast<To>(value);
  else if constexpr (isComplex<To>)
    return To(convert<typename To::value_type>(value));
  else if constexpr (std::is_same_v<To, bool>)
    return value != From(0);
  else if constexpr (isComplex<From>)
    return convert<To>(value.real());
  else if constexpr (isSmallFloat<From>)
    return convert<To>(static_cast<float>(value));
  else if constexpr (isSmallFloat<To> && std::is_integral_v<From>)
    // The 16-bit floats are made from integers through float, as compiled code makes them.
    return To(static_cast<float>(value));
  else if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>)
    return floatToInteger<To>(value);
  else
    return static_cast<To>(value);
}
template <> bool convert(Half value) {
  return static_cast<float>(value) != 0;
}
template <> bool convert(BFloat16 value) {
  return static_cast<float>(value) != 0;
}
} // namespace

LogicalResult ConvertOp::evaluate(ArrayRef<Tensor> operands, SmallVectorImpl<Tensor> &results) {
  Tensor result = Tensor::zeros(getType());
  visitElement<Any>(operands[0].getElementType(), [&](auto fromZero) {
    using From = decltype(fromZero);
    visitElement<Any>(result.getElementType(), [&](auto toZero) {
      using To = decltype(toZero);
      const From *from = operands[0].values<From>().data();
      To *to = result.mutableValues<To>().data();
      for (int64_t i = 0, n = result.getNumElements(); i < n; ++i)
        to[i] = convert<To>(from[i]);
    });
  });
  results.push_back(std::move(result));
  return success();
}
