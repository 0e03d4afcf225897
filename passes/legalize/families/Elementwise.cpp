// SPDX-License-Identifier: Apache-2.0
// The import table: arithmetic, rounding, trigonometry, complex numbers, conversions, and what passes its operand
// through.
#include "passes/legalize/Rows.h"
#include "passes/legalize/Table.h"
#include <numbers>

using namespace mlir;
using namespace lathe;
using namespace lathe::core;
using namespace lathe::legalize;

static bool isInteger(Value value) {
  return isa<IntegerType>(CheckedBuilder::elementOf(value));
}

/// x where it is already an integer, else `Op`.
template <typename Op> static Values rounded(Node &n) {
  return {isInteger(n[0]) ? n[0] : n.b.unary<Op>(n[0])};
}

/// Operands joined by addition, of any number.
static Values sumOfAll(Node &n) {
  Term sum = n(0);
  for (size_t i = 1; i < n.size(); ++i)
    sum = sum + n(i);
  return {sum};
}

/// `divide` of operands 0 and 1, of which the latter must not be zero where they are integers.
template <Values (*divide)(Node &)> static Values divided(Node &n) {
  if (isInteger(n[1]))
    n.demand(n.whereMeant(1, notEqual(n(1), 0)), "integer division by zero");
  return divide(n);
}

static Values floorDivide(Node &n) {
  Term x = n(0), y = n(1), quotient = x / y;
  if (!isInteger(x))
    return {floor(quotient)};
  if (n.element(0).isUnsignedInteger())
    return {quotient};
  // Division truncates; where the signs differ and something is left the floor is one lower.
  Term inexact = notEqual(rem(x, y), 0) & ((x < 0) ^ (y < 0));
  return {quotient - convert(inexact, n.element(0))};
}

static Values floorModulus(Node &n) {
  Term y = n(1), left = rem(n(0), y);
  if (n.element(0).isUnsignedInteger())
    return {left};
  return {select(notEqual(left, 0) & ((left < 0) ^ (y < 0)), left + y, left)};
}

/// `numerator` where `y` is not zero; zero elsewhere.
static Values unlessZero(Node &n, Value zero, Term quotient) {
  return {select(equal({n.b, zero}, 0), 0, quotient)};
}

static Values squareOfDifference(Node &n) {
  Term d = n(0) - n(1);
  return {d * d};
}

static Values cast(Node &n) {
  Type to = n.type("DstT");
  if (isa<ComplexType>(to) && !isa<ComplexType>(n.element(0))) {
    Term real = convert(n(0), mlir::cast<ComplexType>(to).getElementType());
    return {n.b.complex(real, like(real, 0))};
  }
  return {n.b.convert(n[0], to)};
}

/// The parts of a complex operand.
static std::pair<Term, Term> parts(Node &n) {
  return {{n.b, n.b.real(n[0])}, {n.b, n.b.imag(n[0])}};
}

static Term magnitude(Term re, Term im) {
  // Scaled, so that squares neither overflow nor vanish.
  Term large = max(abs(re), abs(im)), small = min(abs(re), abs(im));
  Term ratio = select(equal(large, 0), 0, small / large);
  return large * sqrt(ratio * ratio + 1);
}

static Values complexMagnitude(Node &n) {
  auto [re, im] = parts(n);
  return {magnitude(re, im)};
}

static Values conjugate(Node &n) {
  if (!isa<ComplexType>(n.element(0)))
    return {n[0]};
  auto [re, im] = parts(n);
  return {n.b.complex(re, -im)};
}

/// `Op` of real numbers; of complex ones the two parts that `formula` makes of theirs.
template <typename Op, std::pair<Term, Term> (*formula)(Term, Term)> static Values unaryOrComplex(Node &n) {
  if (!isa<ComplexType>(n.element(0)))
    return {n.b.unary<Op>(n[0])};
  auto [re, im] = parts(n);
  auto [real, imaginary] = formula(re, im);
  return {n.b.complex(real, imaginary)};
}

static Term sine(Term x) {
  return apply<SinOp>(x);
}
static Term cosine(Term x) {
  return apply<CosOp>(x);
}
static Term hyperbolicSine(Term x) {
  return (expm1(x) - expm1(-x)) * 0.5;
}
static Term hyperbolicCosine(Term x) {
  return (exp(x) + exp(-x)) * 0.5;
}

static std::pair<Term, Term> complexExp(Term re, Term im) {
  Term size = exp(re);
  return {size * cosine(im), size * sine(im)};
}
static std::pair<Term, Term> complexLog(Term re, Term im) {
  return {log(magnitude(re, im)), atan2(im, re)};
}
static std::pair<Term, Term> complexSin(Term re, Term im) {
  return {sine(re) * hyperbolicCosine(im), cosine(re) * hyperbolicSine(im)};
}
static std::pair<Term, Term> complexCos(Term re, Term im) {
  return {cosine(re) * hyperbolicCosine(im), -sine(re) * hyperbolicSine(im)};
}
/// The root whose real part is not negative.
static std::pair<Term, Term> complexSqrt(Term re, Term im) {
  Term large = sqrt((magnitude(re, im) + abs(re)) * 0.5), small = select(equal(large, 0), 0, abs(im) / (large * 2));
  Term imaginary = select(re >= 0, small, large);
  return {select(re >= 0, large, small), select(im < 0, -imaginary, imaginary)};
}

/// x^y; of complex numbers e^(y ln x), and 0 for x = 0 but for y = 0.
static Values power(Node &n) {
  auto exponent = dyn_cast<IntegerType>(n.element(1));
  if (exponent && !exponent.isUnsigned())
    n.demand(n.whereMeant(1, n(1) >= 0), "integers to negative integer powers are not allowed");
  if (!isa<ComplexType>(n.element(0)))
    return binary<PowOp>(n);
  auto [re, im] = parts(n);
  auto [logarithm, turn] = complexLog(re, im);
  Term c{n.b, n.b.real(n[1])}, d{n.b, n.b.imag(n[1])};
  auto [real, imaginary] = complexExp(c * logarithm - d * turn, d * logarithm + c * turn);
  Term isZero = equal(re, 0) & equal(im, 0), one = convert(equal(c, 0) & equal(d, 0), n.b.elementOf(c));
  return {n.b.complex(select(isZero, one, real), select(isZero, 0, imaginary))};
}

static Values angle(Node &n) {
  auto [re, im] = parts(n);
  return {atan2(im, re)};
}

static Values hyperbolicArcSine(Node &n) {
  Term x = n(0), magnitude = abs(x), square = magnitude * magnitude;
  return {sign(x) * log1p(magnitude + square / (sqrt(square + 1) + 1))};
}

ArrayRef<LegalizationRow> legalize::elementwiseRows() {
  static constexpr LegalizationRow rows[] = {
      {"Abs", unary<AbsOp>},
      {"AccumulateNV2", sumOfAll},
      {"Acos", [](Node &n) -> Values { return {atan2(sqrt((1 - n(0)) * (n(0) + 1)), n(0))}; }},
      {"Acosh", [](Node &n) -> Values { return {log(n(0) + sqrt(n(0) + 1) * sqrt(n(0) - 1))}; }},
      {"Add", binary<AddOp>},
      {"AddN", sumOfAll},
      {"AddV2", binary<AddOp>},
      {"Angle", angle},
      {"Asin", [](Node &n) -> Values { return {atan2(n(0), sqrt((1 - n(0)) * (n(0) + 1)))}; }},
      {"Asinh", hyperbolicArcSine},
      {"Atan", [](Node &n) -> Values { return {atan2(n(0), 1)}; }},
      {"Atan2", binary<Atan2Op>},
      {"Atanh", [](Node &n) -> Values { return {(log1p(n(0)) - log1p(-n(0))) * 0.5}; }},
      {"Cast", cast},
      {"Ceil", rounded<CeilOp>},
      {"ClipByValue", [](Node &n) -> Values { return {max(min(n(0), n(2)), n(1))}; }},
      {"Complex", [](Node &n) -> Values { return {n.b.complex(n[0], n[1])}; }},
      {"ComplexAbs", complexMagnitude},
      {"Conj", conjugate},
      {"Cos", unaryOrComplex<CosOp, complexCos>},
      {"Cosh", [](Node &n) -> Values { return {hyperbolicCosine(n(0))}; }},
      {"DebugIdentity", firstOperand},
      {"DeepCopy", firstOperand},
      {"Div", divided<binary<DivOp>>},
      {"DivNoNan", [](Node &n) { return unlessZero(n, n[1], n(0) / n(1)); }},
      {"Exp", unaryOrComplex<ExpOp, complexExp>},
      {"Expm1", unary<Expm1Op>},
      {"Floor", rounded<FloorOp>},
      {"FloorDiv", divided<floorDivide>},
      {"FloorMod", divided<floorModulus>},
      {"Identity", firstOperand},
      {"IdentityN", [](Node &n) { return Values(n.operands()); }},
      {"Imag", [](Node &n) -> Values { return {n.b.imag(n[0])}; }},
      {"Inv", [](Node &n) -> Values { return {1 / n(0)}; }},
      {"Log", unaryOrComplex<LogOp, complexLog>},
      {"Log1p", unary<Log1pOp>},
      {"Maximum", binary<MaxOp>},
      {"Minimum", binary<MinOp>},
      {"Mod", divided<binary<RemOp>>},
      {"Mul", binary<MulOp>},
      {"MulNoNan", [](Node &n) { return unlessZero(n, n[1], n(0) * n(1)); }},
      {"Neg", unary<NegOp>},
      {"PlaceholderWithDefault", firstOperand},
      {"Pow", power},
      {"PreventGradient", firstOperand},
      {"Print", firstOperand},
      {"Real", [](Node &n) -> Values { return {n.b.real(n[0])}; }},
      {"RealDiv", binary<DivOp>},
      {"Reciprocal", [](Node &n) -> Values { return {1 / n(0)}; }},
      {"Rint", rounded<RoundEvenOp>},
      {"Round", rounded<RoundEvenOp>},
      {"Rsqrt", unary<RsqrtOp>},
      {"Sign", unary<SignOp>},
      {"Sin", unaryOrComplex<SinOp, complexSin>},
      {"Sinh", [](Node &n) -> Values { return {hyperbolicSine(n(0))}; }},
      {"Snapshot", firstOperand},
      {"Sqrt", unaryOrComplex<SqrtOp, complexSqrt>},
      {"Square", [](Node &n) -> Values { return {n(0) * n(0)}; }},
      {"SquaredDifference", squareOfDifference},
      {"StopGradient", firstOperand},
      {"Sub", binary<SubOp>},
      {"Tan", unary<TanOp>},
      {"TruncateDiv", divided<binary<DivOp>>},
      {"TruncateMod", divided<binary<RemOp>>},
      {"Xdivy", [](Node &n) { return unlessZero(n, n[0], n(0) / n(1)); }},
      {"Xlog1py", [](Node &n) { return unlessZero(n, n[0], n(0) * log1p(n(1))); }},
      {"Xlogy", [](Node &n) { return unlessZero(n, n[0], n(0) * log(n(1))); }},
  };
  return rows;
}
