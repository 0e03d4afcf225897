// SPDX-License-Identifier: Apache-2.0
// The import table: special functions of mathematics.
#include "passes/legalize/Rows.h"
#include "passes/legalize/Table.h"

using namespace mlir;
using namespace lathe;
using namespace lathe::core;
using namespace lathe::legalize;

template <Special function> static Values special(Node &n) {
  return {n.b.special(function, n.operands())};
}

/// The number next to operand 0 in the direction of operand 1. As integers, magnitudes are in the order of numbers.
static Values nextAfter(Node &n) {
  Type element = n.element(0);
  if (!element.isF32() && !element.isF64())
    return n.unsupported("numbers that are not of float32 or float64");
  std::optional<Ints> shape = broadcastShapes(n.shape(0), n.shape(1));
  if (!shape)
    return n.mismatch("the operands do not broadcast to one shape");
  Type integer = element.isF32() ? n.i32() : n.i64();
  Term x{n.b, n.b.broadcastTo(n[0], *shape)}, y{n.b, n.b.broadcastTo(n[1], *shape)};
  Term bits{n.b, n.b.bitcast(x, RankedTensorType::get(*shape, integer))};
  // Away from zero the magnitude grows, whatever the sign.
  Term isUp = y > x, moved = bits + select(isUp ^ (x > 0), like(bits, -1), 1);
  Term next{n.b, n.b.bitcast(moved, RankedTensorType::get(*shape, element))};
  double tiny = element.isF32() ? 0x1p-149 : 0x1p-1074;
  next = select(equal(x, 0), select(isUp, like(x, tiny), -tiny), next);
  return {select(equal(x, y), y, select(notEqual(x, x) | notEqual(y, y), x + y, next))};
}

/// How a sample (operand 1) of a gamma distribution moves with its shape (operand 0), its place in the distribution
/// staying.
static Values sampleGradient(Node &n) {
  // In f32 the density would be 0 far out.
  Type wide = n.b.builder.getF64Type();
  Term a = convert(n(0), wide), x = convert(n(1), wide);
  Term density = exp((a - 1) * log(x) - x - Term(n.b, n.b.special(Special::Lgamma, {a})));
  return {convert(-Term(n.b, n.b.special(Special::IgammaGradA, {a, x})) / density, n.element(0))};
}

ArrayRef<LegalizationRow> legalize::specialRows() {
  static constexpr LegalizationRow rows[] = {
      {"BesselI0", special<Special::BesselI0>},
      {"BesselI0e", special<Special::BesselI0e>},
      {"BesselI1", special<Special::BesselI1>},
      {"BesselI1e", special<Special::BesselI1e>},
      {"BesselJ0", special<Special::BesselJ0>},
      {"BesselJ1", special<Special::BesselJ1>},
      {"BesselK0", special<Special::BesselK0>},
      {"BesselK0e", special<Special::BesselK0e>},
      {"BesselK1", special<Special::BesselK1>},
      {"BesselK1e", special<Special::BesselK1e>},
      {"BesselY0", special<Special::BesselY0>},
      {"BesselY1", special<Special::BesselY1>},
      {"Betainc", special<Special::Betainc>},
      {"Dawsn", special<Special::Dawsn>},
      {"Digamma", special<Special::Digamma>},
      {"Erf", unary<ErfOp>},
      {"Erfc", special<Special::Erfc>},
      {"Erfinv", special<Special::Erfinv>},
      {"Expint", special<Special::Expint>},
      {"FresnelCos", special<Special::FresnelCos>},
      {"FresnelSin", special<Special::FresnelSin>},
      {"Igamma", special<Special::Igamma>},
      {"IgammaGradA", special<Special::IgammaGradA>},
      {"Igammac", special<Special::Igammac>},
      {"Lgamma", special<Special::Lgamma>},
      {"Ndtri", special<Special::Ndtri>},
      {"NextAfter", nextAfter},
      {"Polygamma", special<Special::Polygamma>},
      {"RandomGammaGrad", sampleGradient},
      {"Spence", special<Special::Spence>},
      {"Zeta", special<Special::Zeta>},
  };
  return rows;
}
