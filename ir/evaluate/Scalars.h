// SPDX-License-Identifier: Apache-2.0
// The C++ types of tensor elements, and the choice of one by an MLIR element type.
#ifndef LATHE_IR_EVALUATE_SCALARS_H
#define LATHE_IR_EVALUATE_SCALARS_H

#include "mlir/IR/BuiltinTypes.h"
#include <bit>
#include <complex>
#include <cstdint>

namespace lathe::evaluate {

/// The float next to `value` toward zero with the last bit set where `value` lies between two floats: rounding this to
/// a narrower format gives what rounding `value` itself to it would.
inline float roundToOdd(double value) {
  float nearest = static_cast<float>(value);
  if (static_cast<double>(nearest) == value || nearest != nearest)
    return nearest;
  uint32_t bits = std::bit_cast<uint32_t>(nearest);
  if (std::abs(static_cast<double>(nearest)) > std::abs(value))
    --bits;
  return std::bit_cast<float>(bits | 1);
}

/// IEEE binary16. Arithmetic is done in float; construction rounds to nearest even.
struct Half {
  Half() = default;
  explicit Half(float value) {
    uint32_t x = std::bit_cast<uint32_t>(value), sign = x >> 16 & 0x8000, magnitude = x & 0x7fffffff;
    if (magnitude > 0x7f800000)
      bits = sign | 0x7e00;
    else if (magnitude >= 0x47800000)
      bits = sign | 0x7c00;
    else if (magnitude < 0x38800000)
      // Adding 0.5 puts the unit of the subnormal halves at the float's last bit, so that the addition rounds.
      bits = sign | (std::bit_cast<uint32_t>(std::bit_cast<float>(magnitude) + 0.5f) - std::bit_cast<uint32_t>(0.5f));
    else
      bits = sign | ((magnitude - (112u << 23) + 0xfff + (magnitude >> 13 & 1)) >> 13);
  }
  explicit Half(double value) : Half(roundToOdd(value)) {}
  operator float() const {
    uint32_t sign = static_cast<uint32_t>(bits & 0x8000) << 16, magnitude = static_cast<uint32_t>(bits & 0x7fff) << 13;
    float scaled = std::bit_cast<float>(magnitude) * 0x1p112f;
    if (magnitude >= 0x7c00u << 13)
      scaled = std::bit_cast<float>(magnitude | 0x7f800000);
    return std::bit_cast<float>(std::bit_cast<uint32_t>(scaled) | sign);
  }

  uint16_t bits;
};

/// The upper half of a binary32. Arithmetic is done in float; construction rounds to nearest even.
struct BFloat16 {
  BFloat16() = default;
  explicit BFloat16(float value) {
    uint32_t x = std::bit_cast<uint32_t>(value);
    bits = value != value ? x >> 16 | 0x40 : (x + 0x7fff + (x >> 16 & 1)) >> 16;
  }
  explicit BFloat16(double value) : BFloat16(roundToOdd(value)) {}
  operator float() const { return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16); }

  uint16_t bits;
};

template <typename T> constexpr bool isSmallFloat = std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>;
template <typename T> constexpr bool isFloat = std::is_floating_point_v<T> || isSmallFloat<T>;
template <typename T> constexpr bool isComplex = false;
template <typename T> constexpr bool isComplex<std::complex<T>> = true;

/// The type in which one operation on elements of type T is done before its result is rounded to T.
template <typename T> using Wide = std::conditional_t<isSmallFloat<T>, float, T>;

/// The type of sums and products of many elements of type T. Floats sum in double, so that the reference's own error
/// stays far below that of any order in which compiled code may sum; integers wrap.
template <typename T>
using Sum = std::conditional_t<isComplex<T>, std::complex<double>, std::conditional_t<isFloat<T>, double, uint64_t>>;

template <typename T> Sum<T> toSum(T value) {
  if constexpr (isSmallFloat<T>)
    return static_cast<float>(value);
  else
    return static_cast<Sum<T>>(value);
}

/// Sixteen bytes that are moved as one.
struct Bytes16 {
  uint64_t low, high;
};

/// Kinds of elements, to be joined by `|`.
enum Kinds : unsigned {
  Bool = 1,
  Int = 2,
  Float = 4,
  Complex = 8,
  Real = Int | Float,
  Number = Real | Complex,
  Bits = Bool | Int,
  Any = 15
};

/// Calls `visit` with a value of the C++ type for `element`, whose kind must be among `kinds`.
template <unsigned kinds, typename F> void visitElement(mlir::Type element, F &&visit) {
  if constexpr (kinds & Complex) {
    if (auto complex = mlir::dyn_cast<mlir::ComplexType>(element))
      return complex.getElementType().isF32() ? visit(std::complex<float>()) : visit(std::complex<double>());
  }
  if constexpr (kinds & Float) {
    if (element.isF32())
      return visit(float());
    if (element.isF64())
      return visit(double());
    if (element.isF16())
      return visit(Half());
    if (element.isBF16())
      return visit(BFloat16());
  }
  if constexpr (kinds & Bool) {
    if (element.isInteger(1))
      return visit(bool());
  }
  if constexpr (kinds & Int) {
    if (auto integer = mlir::dyn_cast<mlir::IntegerType>(element)) {
      bool isUnsigned = integer.isUnsigned();
      switch (integer.getWidth()) {
      case 8:
        return isUnsigned ? visit(uint8_t()) : visit(int8_t());
      case 16:
        return isUnsigned ? visit(uint16_t()) : visit(int16_t());
      case 32:
        return isUnsigned ? visit(uint32_t()) : visit(int32_t());
      case 64:
        return isUnsigned ? visit(uint64_t()) : visit(int64_t());
      }
    }
  }
  llvm_unreachable("the op's definition excludes this element type");
}

/// Calls `visit` with a value of an unsigned type of `bytes` bytes: for ops that only move elements.
template <typename F> void visitBytes(int64_t bytes, F &&visit) {
  switch (bytes) {
  case 1:
    return visit(uint8_t());
  case 2:
    return visit(uint16_t());
  case 4:
    return visit(uint32_t());
  case 8:
    return visit(uint64_t());
  case 16:
    return visit(Bytes16());
  }
  llvm_unreachable("no element type has this size");
}

} // namespace lathe::evaluate
#endif
