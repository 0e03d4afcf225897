// SPDX-License-Identifier: Apache-2.0
// The import table: values rounded as quantised ones are.
#include "passes/legalize/Rows.h"
#include "passes/legalize/Table.h"

using namespace mlir;
using namespace lathe;
using namespace lathe::core;
using namespace lathe::legalize;

/// x rounded to the steps of `num_bits` between low and high, which are nudged so that zero is a step.
static Values fakeQuantize(Node &n, Term low, Term high) {
  double first = n.flag("narrow_range") ? 1 : 0,
         last = static_cast<double>((int64_t(1) << n.integer("num_bits", 8)) - 1);
  Term scale = (high - low) / (last - first), zero = first - low / scale;
  zero = min(max(floor(zero + 0.5), first), last);
  Term nudgedLow = (first - zero) * scale, nudgedHigh = (last - zero) * scale;
  Term clamped = max(min(n(0), nudgedHigh), nudgedLow);
  Term rounded = floor((clamped - nudgedLow) * (1 / scale) - (zero - first) + 0.5) * scale;
  return {select(equal(low, 0) & equal(high, 0), 0, rounded)};
}

static Values fakeQuantizeArgs(Node &n) {
  auto attribute = [&](StringRef name, double absent) -> Term {
    return {n.b, n.b.scalar(n.f32(), n.number(name, absent))};
  };
  return fakeQuantize(n, attribute("min", -6), attribute("max", 6));
}

static Values fakeQuantizeVars(Node &n) {
  return fakeQuantize(n, n(1), n(2));
}

ArrayRef<LegalizationRow> legalize::quantizationRows() {
  static constexpr LegalizationRow rows[] = {
      {"FakeQuantWithMinMaxArgs", fakeQuantizeArgs},
      {"FakeQuantWithMinMaxVars", fakeQuantizeVars},
      {"FakeQuantWithMinMaxVarsPerChannel", fakeQuantizeVars},
  };
  return rows;
}
