// SPDX-License-Identifier: Apache-2.0
// Storage of elements, and the scalar code of combiners and conversions.
#include "ir/core/Elements.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Complex/IR/Complex.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;
using namespace lathe;
using namespace lathe::core;

Type core::storageType(Type element) {
  if (element.isUnsignedInteger())
    return IntegerType::get(element.getContext(), element.getIntOrFloatBitWidth());
  return element;
}

int64_t core::elementBytes(Type element) {
  if (auto complex = dyn_cast<ComplexType>(element))
    return 2 * elementBytes(complex.getElementType());
  return llvm::divideCeil(element.getIntOrFloatBitWidth(), 8);
}

int64_t core::tensorBytes(RankedTensorType type) { return type.getNumElements() * elementBytes(type.getElementType()); }

Type core::sumType(Type element) {
  auto floating = dyn_cast<FloatType>(element);
  return floating && floating.getWidth() == 16 ? Float32Type::get(element.getContext()) : element;
}

Value ElementReader::index(int64_t value) { return arith::ConstantIndexOp::create(builder, loc, value); }

/// The type of `like`, a scalar or a vector, with element type `element`.
static Type withElement(Type like, Type element) {
  if (auto vector = dyn_cast<VectorType>(like))
    return vector.clone(element);
  return element;
}

static Value emitConstant(OpBuilder &builder, Location loc, Type type, TypedAttr scalar) {
  if (auto vector = dyn_cast<VectorType>(type))
    return arith::ConstantOp::create(builder, loc, DenseElementsAttr::get(vector, scalar));
  return arith::ConstantOp::create(builder, loc, scalar);
}

TypedAttr core::identityAttribute(Combiner combiner, Type element) {
  if (auto floating = dyn_cast<FloatType>(element)) {
    const llvm::fltSemantics &semantics = floating.getFloatSemantics();
    APFloat value = combiner == Combiner::Mul   ? APFloat::getOne(semantics)
                    : combiner == Combiner::Min ? APFloat::getInf(semantics)
                    : combiner == Combiner::Max ? APFloat::getInf(semantics, /*Negative=*/true)
                                                : APFloat::getZero(semantics);
    return FloatAttr::get(element, value);
  }
  auto integer = dyn_cast<IntegerType>(element);
  if (!integer)
    return {};
  unsigned width = integer.getWidth();
  bool isUnsigned = element.isUnsignedInteger() || width == 1;
  APInt value = APInt::getZero(width);
  if (combiner == Combiner::Mul)
    value = APInt(width, 1);
  else if (combiner == Combiner::And)
    value = APInt::getAllOnes(width);
  else if (combiner == Combiner::Min)
    value = isUnsigned ? APInt::getMaxValue(width) : APInt::getSignedMaxValue(width);
  else if (combiner == Combiner::Max)
    value = isUnsigned ? APInt::getMinValue(width) : APInt::getSignedMinValue(width);
  return IntegerAttr::get(element, value);
}

Value core::emitIdentity(OpBuilder &builder, Location loc, Combiner combiner, Type element) {
  Type type = storageType(element);
  if (auto complex = dyn_cast<ComplexType>(type)) {
    Type part = complex.getElementType();
    return complex::ConstantOp::create(
        builder, loc, complex,
        builder.getArrayAttr({identityAttribute(combiner, part), identityAttribute(Combiner::Add, part)}));
  }
  TypedAttr value = identityAttribute(combiner, element);
  if (auto integer = dyn_cast<IntegerAttr>(value))
    value = IntegerAttr::get(type, integer.getValue());
  return arith::ConstantOp::create(builder, loc, value);
}

Value core::emitCombine(OpBuilder &b, Location loc, Combiner combiner, Type element, Value lhs, Value rhs, bool reassociate) {
  if (combiner == Combiner::Set)
    return rhs;
  if (isa<ComplexType>(element))
    return combiner == Combiner::Add ? complex::AddOp::create(b, loc, lhs, rhs).getResult()
                                     : complex::MulOp::create(b, loc, lhs, rhs).getResult();
  if (isa<FloatType>(element)) {
    auto flags = arith::FastMathFlags::contract;
    if (reassociate)
      flags = flags | arith::FastMathFlags::reassoc;
    if (combiner == Combiner::Add)
      return arith::AddFOp::create(b, loc, lhs, rhs, flags);
    if (combiner == Combiner::Mul)
      return arith::MulFOp::create(b, loc, lhs, rhs, flags);
    bool max = combiner == Combiner::Max;
    if (reassociate) {
      // LLVM vectorises maxnum reductions only where neither NaN nor signed zeros matter.
      auto relaxed = arith::FastMathFlags::nnan | arith::FastMathFlags::nsz;
      return max ? arith::MaxNumFOp::create(b, loc, lhs, rhs, relaxed).getResult()
                 : arith::MinNumFOp::create(b, loc, lhs, rhs, relaxed).getResult();
    }
    // Compare and select vectorise; lhs is kept where it is NaN, rhs taken where that is.
    Value keep = arith::CmpFOp::create(b, loc, max ? arith::CmpFPredicate::OGT : arith::CmpFPredicate::OLT, lhs, rhs);
    Value lhsNaN = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::UNO, lhs, lhs);
    return arith::SelectOp::create(b, loc, arith::OrIOp::create(b, loc, keep, lhsNaN), lhs, rhs);
  }
  bool isUnsigned = element.isUnsignedInteger();
  switch (combiner) {
  case Combiner::Add:
    return arith::AddIOp::create(b, loc, lhs, rhs);
  case Combiner::Mul:
    return arith::MulIOp::create(b, loc, lhs, rhs);
  case Combiner::And:
    return arith::AndIOp::create(b, loc, lhs, rhs);
  case Combiner::Or:
    return arith::OrIOp::create(b, loc, lhs, rhs);
  case Combiner::Min:
    return isUnsigned ? arith::MinUIOp::create(b, loc, lhs, rhs).getResult() : arith::MinSIOp::create(b, loc, lhs, rhs).getResult();
  default:
    return isUnsigned ? arith::MaxUIOp::create(b, loc, lhs, rhs).getResult() : arith::MaxSIOp::create(b, loc, lhs, rhs).getResult();
  }
}

/// Float to integer as x86's conversions give it: the minimum of a 32- or 64-bit signed type where the value does not fit,
/// the low bits of the 64-bit result for other types.
static Value floatToInteger(OpBuilder &b, Location loc, Type element, Value value) {
  unsigned width = element.getIntOrFloatBitWidth();
  bool direct = !element.isUnsignedInteger() && width == 32;
  unsigned through = direct ? 32 : 64;
  Type wide = withElement(value.getType(), b.getIntegerType(through));
  Type floating = getElementTypeOrSelf(value.getType());
  double limit = std::ldexp(1.0, through - 1);
  auto bound = [&](double x) { return emitConstant(b, loc, value.getType(), b.getFloatAttr(floating, x)); };
  Value above = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OGE, value, bound(-limit));
  Value below = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OLT, value, bound(limit));
  Value fits = arith::AndIOp::create(b, loc, above, below);
  Value zero = bound(0);
  Value safe = arith::SelectOp::create(b, loc, fits, value, zero);
  Value converted = arith::FPToSIOp::create(b, loc, wide, safe);
  Value lowest = emitConstant(b, loc, wide, b.getIntegerAttr(b.getIntegerType(through), APInt::getSignedMinValue(through)));
  Value result = arith::SelectOp::create(b, loc, fits, converted, lowest);
  if (element.isUnsignedInteger() && width == 64) {
    // Values of 2^63 and more convert through the difference to 2^63.
    Value large = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OGE, value, bound(limit));
    Value inRange = arith::CmpFOp::create(b, loc, arith::CmpFPredicate::OLT, value, bound(2 * limit));
    Value useLarge = arith::AndIOp::create(b, loc, large, inRange);
    Value shifted = arith::SelectOp::create(b, loc, useLarge, arith::SubFOp::create(b, loc, value, bound(limit)), zero);
    Value high = arith::XOrIOp::create(b, loc, arith::FPToSIOp::create(b, loc, wide, shifted), lowest);
    result = arith::SelectOp::create(b, loc, useLarge, high, result);
  }
  if (width < through)
    result = arith::TruncIOp::create(b, loc, withElement(value.getType(), b.getIntegerType(width)), result);
  return result;
}

Value core::emitConvert(OpBuilder &b, Location loc, Type from, Type to, Value value) {
  if (from == to)
    return value;
  if (auto complex = dyn_cast<ComplexType>(to)) {
    Type part = complex.getElementType();
    if (auto source = dyn_cast<ComplexType>(from)) {
      Value re = emitConvert(b, loc, source.getElementType(), part, complex::ReOp::create(b, loc, value));
      Value im = emitConvert(b, loc, source.getElementType(), part, complex::ImOp::create(b, loc, value));
      return complex::CreateOp::create(b, loc, to, re, im);
    }
    Value zero = arith::ConstantOp::create(b, loc, b.getFloatAttr(part, 0));
    return complex::CreateOp::create(b, loc, to, emitConvert(b, loc, from, part, value), zero);
  }
  if (auto complex = dyn_cast<ComplexType>(from)) {
    if (to.isInteger(1)) {
      Value zero = emitIdentity(b, loc, Combiner::Add, from);
      return complex::NotEqualOp::create(b, loc, value, zero);
    }
    return emitConvert(b, loc, complex.getElementType(), to, complex::ReOp::create(b, loc, value));
  }
  Type type = withElement(value.getType(), storageType(to));
  if (auto target = dyn_cast<FloatType>(to)) {
    if (auto source = dyn_cast<FloatType>(from)) {
      if (source.getWidth() < target.getWidth())
        return arith::ExtFOp::create(b, loc, type, value);
      if (source.getWidth() > target.getWidth())
        return arith::TruncFOp::create(b, loc, type, value);
      // f16 and bf16 have one width; their way leads through f32.
      return arith::TruncFOp::create(b, loc, type, arith::ExtFOp::create(b, loc, withElement(value.getType(), b.getF32Type()), value));
    }
    bool isUnsigned = from.isUnsignedInteger() || from.isInteger(1);
    Type through = target.getWidth() == 16 ? withElement(value.getType(), b.getF32Type()) : type;
    Value converted = isUnsigned ? arith::UIToFPOp::create(b, loc, through, value).getResult()
                                 : arith::SIToFPOp::create(b, loc, through, value).getResult();
    return through == type ? converted : arith::TruncFOp::create(b, loc, type, converted).getResult();
  }
  if (to.isInteger(1)) {
    Value zero = emitConstant(b, loc, value.getType(), cast<TypedAttr>(b.getZeroAttr(storageType(from))));
    if (isa<FloatType>(from))
      return arith::CmpFOp::create(b, loc, arith::CmpFPredicate::UNE, value, zero);
    return arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, value, zero);
  }
  if (auto source = dyn_cast<FloatType>(from)) {
    if (source.getWidth() == 16)
      value = arith::ExtFOp::create(b, loc, withElement(value.getType(), b.getF32Type()), value);
    return floatToInteger(b, loc, to, value);
  }
  unsigned fromWidth = from.getIntOrFloatBitWidth(), toWidth = to.getIntOrFloatBitWidth();
  if (fromWidth > toWidth)
    return arith::TruncIOp::create(b, loc, type, value);
  if (fromWidth == toWidth)
    return value;
  bool zeroExtend = from.isUnsignedInteger() || from.isInteger(1);
  return zeroExtend ? arith::ExtUIOp::create(b, loc, type, value).getResult() : arith::ExtSIOp::create(b, loc, type, value).getResult();
}
