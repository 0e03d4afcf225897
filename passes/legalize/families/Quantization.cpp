// SPDX-License-Identifier: Apache-2.0
// The import table: values rounded as quantised ones are, and the gradients of that.
#include "passes/legalize/Rows.h"
#include "passes/legalize/Table.h"
#include <cmath>

using namespace mlir;
using namespace lathe;
using namespace lathe::core;
using namespace lathe::legalize;

namespace {
/// A range whose ends are moved so that zero is one of its steps.
struct NudgedRange {
  NudgedRange(Node &n, Term low, Term high)
      : low(low), high(high), scale(low), zero(low), isEmpty(equal(low, 0) & equal(high, 0)) {
    first = n.flag("narrow_range") ? 1 : 0;
    double last = static_cast<double>((int64_t(1) << n.integer("num_bits", 8)) - 1);
    scale = (high - low) / (last - first);
    zero = min(max(floor(first - low / scale + 0.5), first), last);
    this->low = (first - zero) * scale;
    this->high = (last - zero) * scale;
  }

  Term low, high, scale, zero, isEmpty;
  double first;
};
} // namespace

/// x rounded to the steps of `num_bits` between low and high.
static Values fakeQuantize(Node &n, Term low, Term high) {
  NudgedRange range(n, low, high);
  Term clamped = max(min(n(0), range.high), range.low);
  Term rounded = floor((clamped - range.low) * (1 / range.scale) - (range.zero - range.first) + 0.5) * range.scale;
  return {select(range.isEmpty, 0, rounded)};
}

static Term numberOf(Node &n, StringRef name, double absent) {
  return {n.b, n.b.scalar(n.f32(), n.number(name, absent))};
}

static Values fakeQuantizeArgs(Node &n) {
  return fakeQuantize(n, numberOf(n, "min", -6), numberOf(n, "max", 6));
}

static Values fakeQuantizeVars(Node &n) {
  return fakeQuantize(n, n(1), n(2));
}

/// The gradient (operand 0) by what was rounded (operand 1), and by the range's ends, to which what lies outside of it
/// went.
static Values fakeQuantizeGradient(Node &n, Term low, Term high) {
  NudgedRange range(n, low, high);
  if (n.b.typeOf(low).getRank() > std::min<int64_t>(n.rank(1), 1) || n.shape(0) != n.shape(1))
    return n.mismatch("ends must be scalars or vectors, and gradients have the shape of the inputs");
  Ints others = upTo(n.rank(1) - n.b.typeOf(low).getRank());
  Term below = !range.isEmpty & (n(1) < range.low), above = !range.isEmpty & (n(1) > range.high);
  return {select(below | above, 0, n(0)), sumOf(select(below, n(0), 0), others), sumOf(select(above, n(0), 0), others)};
}

static Values fakeQuantizeArgsGradient(Node &n) {
  Values all = fakeQuantizeGradient(n, numberOf(n, "min", -6), numberOf(n, "max", 6));
  return all.empty() ? all : Values{all.front()};
}

static Values fakeQuantizeVarsGradient(Node &n) {
  return fakeQuantizeGradient(n, n(2), n(3));
}

/// Operand 0 rounded to multiples of a scale that keeps zero, of which `bits` bits reach from low to high.
static Values quantizeBack(Node &n, std::optional<int64_t> bits, Term low, Term high, bool isGiven, bool roundsToEven) {
  if (!bits)
    return {};
  auto isSigned = n.attribute<BoolAttr>("signed_input");
  bool hasSign = !isSigned || isSigned.getValue();
  if (*bits < 1 || *bits > 62 || (hasSign && *bits < 2))
    return n.unsupported("a number of bits of " + Twine(*bits));
  double first = hasSign ? -std::ldexp(1.0, *bits - 1) + (n.flag("narrow_range") ? 1 : 0) : 0;
  double last = std::ldexp(1.0, hasSign ? *bits - 1 : *bits) - 1;
  double none = APFloat::getLargest(cast<FloatType>(n.element(0)).getFloatSemantics()).convertToDouble();
  Term byLow = first < 0 ? select(low < 0, first / low, none) : like(low, none),
       byHigh = select(high > 0, last / high, none);
  Term isLow = byLow < byHigh, scale = select(isLow, byLow, byHigh);
  Term step = first < 0 ? select(isLow, low / first, high / last) : high / last, x = n(0);
  if (isGiven)
    x = max(min(x, select(isLow, step * last, high)), select(isLow, low, step * first));
  x = x * scale;
  return {(roundsToEven ? roundEven(x) : floor(x + 0.5)) * step};
}

/// The range is given, or that of the operand, or of each part of it along an axis.
static Values quantizeAndDequantize(Node &n, std::optional<int64_t> bits, bool isGiven) {
  int64_t axis = n.integer("axis", -1), rank = n.rank(0);
  if (axis >= rank)
    return n.mismatch("axis " + Twine(axis) + " must be below the rank " + Twine(rank));
  Ints others = upTo(rank), shape(rank, 1);
  if (axis >= 0) {
    others.erase(others.begin() + axis);
    shape[axis] = n.shape(0)[axis];
  }
  auto end = [&](size_t i, Combiner combiner) -> Term {
    if (isGiven)
      return axis >= 0 ? reshape(n(i), shape) : n(i);
    return {n.b, n.b.reduce(combiner, n[0], others, /*keepDimensions=*/true)};
  };
  return quantizeBack(n, bits, end(1, Combiner::Min), end(2, Combiner::Max), isGiven,
                      n.text("round_mode") != "HALF_UP");
}

static Values quantizeAndDequantizeV2(Node &n) {
  return quantizeAndDequantize(n, n.integer("num_bits", 8), n.flag("range_given"));
}

static Values quantizeAndDequantizeV3(Node &n) {
  auto isGiven = n.attribute<BoolAttr>("range_given");
  return quantizeAndDequantize(n, n.constantInt(3), !isGiven || isGiven.getValue());
}

/// The gradient passes where the input (operand 1) is in the range.
static Values quantizeAndDequantizeGradient(Node &n) {
  int64_t axis = n.integer("axis", -1);
  auto end = [&](size_t i) {
    Ints shape(n.rank(1), 1);
    if (axis < 0 || axis >= n.rank(1))
      return n(i);
    shape[axis] = n.shape(1)[axis];
    return reshape(n(i), shape);
  };
  return {select((n(1) >= end(2)) & (n(1) <= end(3)), n(0), 0), like(n(2), 0), like(n(3), 0)};
}

ArrayRef<LegalizationRow> legalize::quantizationRows() {
  static constexpr LegalizationRow rows[] = {
      {"FakeQuantWithMinMaxArgs", fakeQuantizeArgs},
      {"FakeQuantWithMinMaxArgsGradient", fakeQuantizeArgsGradient},
      {"FakeQuantWithMinMaxVars", fakeQuantizeVars},
      {"FakeQuantWithMinMaxVarsGradient", fakeQuantizeVarsGradient},
      {"FakeQuantWithMinMaxVarsPerChannel", fakeQuantizeVars},
      {"FakeQuantWithMinMaxVarsPerChannelGradient", fakeQuantizeVarsGradient},
      {"QuantizeAndDequantizeV2", quantizeAndDequantizeV2},
      {"QuantizeAndDequantizeV3", quantizeAndDequantizeV3},
      {"QuantizeAndDequantizeV4", quantizeAndDequantizeV2},
      {"QuantizeAndDequantizeV4Grad", quantizeAndDequantizeGradient},
  };
  return rows;
}
