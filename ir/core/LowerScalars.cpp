// SPDX-License-Identifier: Apache-2.0
// Scalar code of the element-wise core ops, on arith, math and complex.
#include "ir/core/Ops.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Complex/IR/Complex.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace lathe;
using namespace lathe::core;

namespace {
Type elementOf(Value tensor) { return cast<RankedTensorType>(tensor.getType()).getElementType(); }

/// Scalar code of one op: arithmetic on f16 and bf16 runs in f32 and rounds once, as TensorFlow's does.
class Scalars {
public:
  Scalars(OpBuilder &b, Location loc, Type element) : b(b), loc(loc), element(element) {}

  bool isFloat() const { return isa<FloatType>(element); }
  bool isComplex() const { return isa<ComplexType>(element); }
  bool isUnsigned() const { return element.isUnsignedInteger(); }
  bool isHalf() const { return isFloat() && element.getIntOrFloatBitWidth() == 16; }

  /// The element type of the arithmetic: f32 for the 16-bit floats.
  Type computeType() const { return isHalf() ? b.getF32Type() : storageType(element); }
  Value widen(Value x) { return isHalf() ? emitConvert(b, loc, element, b.getF32Type(), x) : x; }
  Value narrow(Value x) { return isHalf() ? emitConvert(b, loc, b.getF32Type(), element, x) : x; }

  Value constant(Value like, double value) {
    Type scalar = getElementTypeOrSelf(like.getType());
    TypedAttr attribute = isa<FloatType>(scalar) ? TypedAttr(b.getFloatAttr(scalar, value))
                                                 : b.getIntegerAttr(scalar, static_cast<int64_t>(value));
    if (auto vector = dyn_cast<VectorType>(like.getType()))
      attribute = DenseElementsAttr::get(vector, attribute);
    return arith::ConstantOp::create(b, loc, attribute);
  }

  /// `Op` on widened operands.
  template <typename Op> Value floating(ValueRange xs) {
    SmallVector<Value> wide = llvm::map_to_vector(xs, [&](Value x) { return widen(x); });
    return narrow(Op::create(b, loc, wide));
  }
  template <typename Op> Value arithmetic(ValueRange xs) {
    return narrow(Op::create(b, loc, widen(xs[0]), widen(xs[1]), arith::FastMathFlags::contract));
  }
  template <typename Op> Value integer(ValueRange xs) { return Op::create(b, loc, xs[0], xs[1]); }

  Value select(Value p, Value x, Value y) { return arith::SelectOp::create(b, loc, p, x, y); }
  Value compare(arith::CmpIPredicate predicate, Value x, Value y) { return arith::CmpIOp::create(b, loc, predicate, x, y); }
  Value compare(arith::CmpFPredicate predicate, Value x, Value y) { return arith::CmpFOp::create(b, loc, predicate, x, y); }

  OpBuilder &b;
  Location loc;
  Type element;
};
} // namespace

#define LATHE_LOWER(OP, BODY)                                                                                                    \
  Value OP::lowerScalar(OpBuilder &b, Location loc, ValueRange x) {                                                              \
    Scalars s(b, loc, elementOf(getOperation()->getOperand(0)));                                                                 \
    return BODY;                                                                                                                 \
  }

LATHE_LOWER(CeilOp, s.floating<math::CeilOp>(x))
LATHE_LOWER(CosOp, s.floating<math::CosOp>(x))
LATHE_LOWER(ErfOp, s.floating<math::ErfOp>(x))
LATHE_LOWER(ExpOp, s.floating<math::ExpOp>(x))
LATHE_LOWER(Expm1Op, s.floating<math::ExpM1Op>(x))
LATHE_LOWER(FloorOp, s.floating<math::FloorOp>(x))
LATHE_LOWER(LogOp, s.floating<math::LogOp>(x))
LATHE_LOWER(Log1pOp, s.floating<math::Log1pOp>(x))
LATHE_LOWER(RoundEvenOp, s.floating<math::RoundEvenOp>(x))
LATHE_LOWER(SinOp, s.floating<math::SinOp>(x))
LATHE_LOWER(SqrtOp, s.floating<math::SqrtOp>(x))
LATHE_LOWER(TanOp, s.floating<math::TanOp>(x))
LATHE_LOWER(TanhOp, s.floating<math::TanhOp>(x))
LATHE_LOWER(Atan2Op, s.floating<math::Atan2Op>(x))

LATHE_LOWER(AndOp, s.integer<arith::AndIOp>(x))
LATHE_LOWER(OrOp, s.integer<arith::OrIOp>(x))
LATHE_LOWER(XorOp, s.integer<arith::XOrIOp>(x))

LATHE_LOWER(AddOp, s.isComplex() ? complex::AddOp::create(b, loc, x[0], x[1]).getResult()
                   : s.isFloat() ? s.arithmetic<arith::AddFOp>(x)
                                 : s.integer<arith::AddIOp>(x))
LATHE_LOWER(SubOp, s.isComplex() ? complex::SubOp::create(b, loc, x[0], x[1]).getResult()
                   : s.isFloat() ? s.arithmetic<arith::SubFOp>(x)
                                 : s.integer<arith::SubIOp>(x))
LATHE_LOWER(MulOp, s.isComplex() ? complex::MulOp::create(b, loc, x[0], x[1]).getResult()
                   : s.isFloat() ? s.arithmetic<arith::MulFOp>(x)
                                 : s.integer<arith::MulIOp>(x))
LATHE_LOWER(MaxOp, emitCombine(b, loc, Combiner::Max, s.element, x[0], x[1]))
LATHE_LOWER(MinOp, emitCombine(b, loc, Combiner::Min, s.element, x[0], x[1]))
LATHE_LOWER(SelectOp, s.select(x[0], x[1], x[2]))
LATHE_LOWER(ConvertOp, emitConvert(b, loc, s.element, elementOf(getResult()), x[0]))
LATHE_LOWER(ComplexOp, complex::CreateOp::create(b, loc, elementOf(getResult()), x[0], x[1]).getResult())
LATHE_LOWER(RealOp, complex::ReOp::create(b, loc, x[0]).getResult())
LATHE_LOWER(ImagOp, complex::ImOp::create(b, loc, x[0]).getResult())

Value NotOp::lowerScalar(OpBuilder &b, Location loc, ValueRange x) {
  Scalars s(b, loc, elementOf(getOperand()));
  return arith::XOrIOp::create(b, loc, x[0], s.constant(x[0], -1));
}

Value AbsOp::lowerScalar(OpBuilder &b, Location loc, ValueRange x) {
  Scalars s(b, loc, elementOf(getOperand()));
  if (s.isFloat())
    return s.floating<math::AbsFOp>(x);
  if (s.isUnsigned())
    return x[0];
  return math::AbsIOp::create(b, loc, x[0]);
}

Value NegOp::lowerScalar(OpBuilder &b, Location loc, ValueRange x) {
  Scalars s(b, loc, elementOf(getOperand()));
  if (s.isComplex())
    return complex::NegOp::create(b, loc, x[0]);
  if (s.isFloat())
    return s.floating<arith::NegFOp>(x);
  return arith::SubIOp::create(b, loc, s.constant(x[0], 0), x[0]);
}

Value SignOp::lowerScalar(OpBuilder &b, Location loc, ValueRange x) {
  Scalars s(b, loc, elementOf(getOperand()));
  Value value = s.widen(x[0]), zero = s.constant(value, 0), one = s.constant(value, 1);
  if (s.isFloat()) {
    Value positive = s.compare(arith::CmpFPredicate::OGT, value, zero);
    Value negative = s.compare(arith::CmpFPredicate::OLT, value, zero);
    // NaN and both zeros are what remains.
    return s.narrow(s.select(positive, one, s.select(negative, s.constant(value, -1), value)));
  }
  Value positive = s.compare(s.isUnsigned() ? arith::CmpIPredicate::ugt : arith::CmpIPredicate::sgt, value, zero);
  if (s.isUnsigned())
    return s.select(positive, one, zero);
  Value negative = s.compare(arith::CmpIPredicate::slt, value, zero);
  return s.select(positive, one, s.select(negative, s.constant(value, -1), zero));
}

Value RsqrtOp::lowerScalar(OpBuilder &b, Location loc, ValueRange x) {
  Scalars s(b, loc, elementOf(getOperand()));
  Value root = math::SqrtOp::create(b, loc, s.widen(x[0]));
  return s.narrow(arith::DivFOp::create(b, loc, s.constant(root, 1), root));
}

Value LogisticOp::lowerScalar(OpBuilder &b, Location loc, ValueRange x) {
  Scalars s(b, loc, elementOf(getOperand()));
  Value value = s.widen(x[0]), one = s.constant(value, 1);
  Value power = math::ExpOp::create(b, loc, arith::NegFOp::create(b, loc, value));
  return s.narrow(arith::DivFOp::create(b, loc, one, arith::AddFOp::create(b, loc, one, power)));
}

Value IsFiniteOp::lowerScalar(OpBuilder &b, Location loc, ValueRange x) {
  Scalars s(b, loc, elementOf(getOperand()));
  Value value = s.widen(x[0]);
  // x - x is 0 for finite numbers and NaN otherwise.
  Value difference = arith::SubFOp::create(b, loc, value, value);
  return s.compare(arith::CmpFPredicate::OEQ, difference, s.constant(value, 0));
}

Value CompareOp::lowerScalar(OpBuilder &b, Location loc, ValueRange x) {
  Scalars s(b, loc, elementOf(getLhs()));
  if (s.isComplex())
    return getDirection() == Comparison::EQ ? complex::EqualOp::create(b, loc, x[0], x[1]).getResult()
                                            : complex::NotEqualOp::create(b, loc, x[0], x[1]).getResult();
  using F = arith::CmpFPredicate;
  using I = arith::CmpIPredicate;
  struct Predicates {
    F floating;
    I signedInteger, unsignedInteger;
  };
  auto predicates = [&]() -> Predicates {
    switch (getDirection()) {
    case Comparison::EQ:
      return {F::OEQ, I::eq, I::eq};
    case Comparison::NE:
      return {F::UNE, I::ne, I::ne};
    case Comparison::LT:
      return {F::OLT, I::slt, I::ult};
    case Comparison::LE:
      return {F::OLE, I::sle, I::ule};
    case Comparison::GT:
      return {F::OGT, I::sgt, I::ugt};
    case Comparison::GE:
      return {F::OGE, I::sge, I::uge};
    }
    llvm_unreachable("unknown comparison");
  }();
  if (s.isFloat())
    return s.compare(predicates.floating, s.widen(x[0]), s.widen(x[1]));
  bool isUnsigned = s.isUnsigned() || s.element.isInteger(1);
  return s.compare(isUnsigned ? predicates.unsignedInteger : predicates.signedInteger, x[0], x[1]);
}

namespace {
/// A divisor that cannot trap: 1 where the true one is 0 or, for signed types, where it is -1; and what to use there.
struct SafeDivision {
  SafeDivision(Scalars &s, Value divisor) {
    Value zero = s.constant(divisor, 0), one = s.constant(divisor, 1);
    byZero = s.compare(arith::CmpIPredicate::eq, divisor, zero);
    divisor = s.select(byZero, one, divisor);
    if (!s.isUnsigned()) {
      byMinusOne = s.compare(arith::CmpIPredicate::eq, divisor, s.constant(divisor, -1));
      divisor = s.select(byMinusOne, one, divisor);
    }
    safe = divisor;
  }
  Value byZero, byMinusOne, safe;
};
} // namespace

Value DivOp::lowerScalar(OpBuilder &b, Location loc, ValueRange x) {
  Scalars s(b, loc, elementOf(getLhs()));
  if (s.isComplex())
    return complex::DivOp::create(b, loc, x[0], x[1]);
  if (s.isFloat())
    return s.arithmetic<arith::DivFOp>(x);
  SafeDivision division(s, x[1]);
  Value zero = s.constant(x[0], 0);
  if (s.isUnsigned())
    return s.select(division.byZero, zero, arith::DivUIOp::create(b, loc, x[0], division.safe));
  Value quotient = arith::DivSIOp::create(b, loc, x[0], division.safe);
  Value negated = arith::SubIOp::create(b, loc, zero, x[0]);
  return s.select(division.byZero, zero, s.select(division.byMinusOne, negated, quotient));
}

Value RemOp::lowerScalar(OpBuilder &b, Location loc, ValueRange x) {
  Scalars s(b, loc, elementOf(getLhs()));
  if (s.isFloat())
    return s.arithmetic<arith::RemFOp>(x);
  SafeDivision division(s, x[1]);
  Value zero = s.constant(x[0], 0);
  if (s.isUnsigned())
    return s.select(division.byZero, zero, arith::RemUIOp::create(b, loc, x[0], division.safe));
  // A remainder by 1 is 0, as is the one by -1 that it stands for.
  return s.select(division.byZero, zero, arith::RemSIOp::create(b, loc, x[0], division.safe));
}

/// A shift amount clamped to [0, width - 1].
static Value clampShift(Scalars &s, Value amount) {
  Value last = s.constant(amount, s.element.getIntOrFloatBitWidth() - 1);
  if (s.isUnsigned())
    return arith::MinUIOp::create(s.b, s.loc, amount, last);
  return arith::MaxSIOp::create(s.b, s.loc, arith::MinSIOp::create(s.b, s.loc, amount, last), s.constant(amount, 0));
}

Value ShiftLeftOp::lowerScalar(OpBuilder &b, Location loc, ValueRange x) {
  Scalars s(b, loc, elementOf(getLhs()));
  return arith::ShLIOp::create(b, loc, x[0], clampShift(s, x[1]));
}

Value ShiftRightOp::lowerScalar(OpBuilder &b, Location loc, ValueRange x) {
  Scalars s(b, loc, elementOf(getLhs()));
  Value amount = clampShift(s, x[1]);
  return s.isUnsigned() ? arith::ShRUIOp::create(b, loc, x[0], amount).getResult()
                        : arith::ShRSIOp::create(b, loc, x[0], amount).getResult();
}

Value PowOp::lowerScalar(OpBuilder &b, Location loc, ValueRange x) {
  Scalars s(b, loc, elementOf(getLhs()));
  if (s.isFloat())
    return s.floating<math::PowFOp>(x);
  // Square and multiply, one bit of the exponent a step.
  Value zero = s.constant(x[0], 0), one = s.constant(x[0], 1);
  Value first = arith::ConstantIndexOp::create(b, loc, 0), step = arith::ConstantIndexOp::create(b, loc, 1);
  Value bits = arith::ConstantIndexOp::create(b, loc, s.element.getIntOrFloatBitWidth());
  auto loop = scf::ForOp::create(b, loc, first, bits, step, ValueRange{one, x[0], x[1]},
                                 [&](OpBuilder &b, Location loc, Value, ValueRange state) {
    Value odd = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ne, arith::AndIOp::create(b, loc, state[2], one), zero);
    Value product = arith::SelectOp::create(b, loc, odd, arith::MulIOp::create(b, loc, state[0], state[1]), state[0]);
    Value square = arith::MulIOp::create(b, loc, state[1], state[1]);
    Value rest = arith::ShRUIOp::create(b, loc, state[2], one);
    scf::YieldOp::create(b, loc, ValueRange{product, square, rest});
  });
  Value power = loop.getResult(0);
  if (s.isUnsigned())
    return power;
  Value minusOne = s.constant(x[0], -1);
  Value isOne = s.compare(arith::CmpIPredicate::eq, x[0], one), isMinusOne = s.compare(arith::CmpIPredicate::eq, x[0], minusOne);
  Value isOdd = s.compare(arith::CmpIPredicate::ne, arith::AndIOp::create(b, loc, x[1], one), zero);
  Value inverse = s.select(isOne, one, s.select(isMinusOne, s.select(isOdd, minusOne, one), zero));
  return s.select(s.compare(arith::CmpIPredicate::slt, x[1], zero), inverse, power);
}

Value SpecialOp::lowerScalar(OpBuilder &b, Location loc, ValueRange x) {
  // The runtime's functions work on doubles.
  Type element = elementOf(getResult()), f64 = b.getF64Type();
  SmallVector<Value> arguments = llvm::map_to_vector(x, [&](Value value) { return emitConvert(b, loc, element, f64, value); });
  std::string name = ("lathe_special_" + stringifySpecial(getFunction())).str();
  auto module = b.getInsertionBlock()->getParentOp()->getParentOfType<ModuleOp>();
  if (!module.lookupSymbol(name)) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(module.getBody());
    auto type = b.getFunctionType(SmallVector<Type>(x.size(), f64), f64);
    func::FuncOp::create(b, loc, name, type).setPrivate();
  }
  Value result = func::CallOp::create(b, loc, name, f64, arguments).getResult(0);
  return emitConvert(b, loc, f64, element, result);
}
