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

static Values power(Node &n) {
  auto exponent = dyn_cast<IntegerType>(n.element(1));
  if (exponent && !exponent.isUnsigned())
    n.demand(n.whereMeant(1, n(1) >= 0), "integers to negative integer powers are not allowed");
  return binary<PowOp>(n);
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

static Values complexMagnitude(Node &n) {
  auto [re, im] = parts(n);
  // Scaled, so that squares neither overflow nor vanish.
  Term large = max(abs(re), abs(im)), small = min(abs(re), abs(im));
  Term ratio = select(equal(large, 0), 0, small / large);
  return {large * sqrt(ratio * ratio + 1)};
}

static Values conjugate(Node &n) {
  if (!isa<ComplexType>(n.element(0)))
    return {n[0]};
  auto [re, im] = parts(n);
  return {n.b.complex(re, -im)};
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
      {"Cos", unary<CosOp>},
      {"Cosh", [](Node &n) -> Values { return {(exp(n(0)) + exp(-n(0))) * 0.5}; }},
      {"DeepCopy", firstOperand},
      {"Div", divided<binary<DivOp>>},
      {"DivNoNan", [](Node &n) { return unlessZero(n, n[1], n(0) / n(1)); }},
      {"Exp", unary<ExpOp>},
      {"Expm1", unary<Expm1Op>},
      {"Floor", rounded<FloorOp>},
      {"FloorDiv", divided<floorDivide>},
      {"FloorMod", divided<floorModulus>},
      {"Identity", firstOperand},
      {"IdentityN", [](Node &n) { return Values(n.operands()); }},
      {"Imag", [](Node &n) -> Values { return {n.b.imag(n[0])}; }},
      {"Inv", [](Node &n) -> Values { return {1 / n(0)}; }},
      {"Log", unary<LogOp>},
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
      {"Sin", unary<SinOp>},
      {"Sinh", [](Node &n) -> Values { return {(expm1(n(0)) - expm1(-n(0))) * 0.5}; }},
      {"Snapshot", firstOperand},
      {"Sqrt", unary<SqrtOp>},
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
