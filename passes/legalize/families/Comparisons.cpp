// SPDX-License-Identifier: Apache-2.0
// The import table: comparisons, logic and selection.
#include "passes/legalize/Rows.h"
#include "passes/legalize/Table.h"
#include <limits>

using namespace mlir;
using namespace lathe;
using namespace lathe::core;
using namespace lathe::legalize;

template <Comparison direction> static Values compare(Node &n) {
  return {n.b.compare(direction, n[0], n[1])};
}

static Values selectRows(Node &n) {
  // The first version takes a vector that selects along the first dimension; numpy would align it with the last.
  Term predicate = n(0);
  if (n.rank(0) == 1 && n.rank(1) > 1) {
    Ints shape(n.rank(1), 1);
    shape[0] = n.shape(0)[0];
    predicate = reshape(predicate, shape);
  }
  return {select(predicate, n(1), n(2))};
}

static Values isInfinite(Node &n) {
  return {equal(abs(n(0)), std::numeric_limits<double>::infinity())};
}

/// A scalar's truth; of other tensors whether they have elements.
static Values truth(Node &n) {
  if (n.rank(0))
    return {n.b.scalar(n.b.builder.getI1Type(), product(n.shape(0)) > 0)};
  return {n.element(0).isInteger(1) ? n[0] : notEqual(n(0), 0)};
}

ArrayRef<LegalizationRow> legalize::comparisonRows() {
  static constexpr LegalizationRow rows[] = {
      {"ApproximateEqual", [](Node &n) -> Values { return {abs(n(0) - n(1)) < n.number("tolerance", 1e-5)}; }},
      {"Equal", compare<Comparison::EQ>},
      {"Greater", compare<Comparison::GT>},
      {"GreaterEqual", compare<Comparison::GE>},
      {"IsFinite", [](Node &n) -> Values { return {n.b.isFinite(n[0])}; }},
      {"IsInf", isInfinite},
      {"IsNan", [](Node &n) -> Values { return {notEqual(n(0), n(0))}; }},
      {"Less", compare<Comparison::LT>},
      {"LessEqual", compare<Comparison::LE>},
      {"LogicalAnd", binary<AndOp>},
      {"LogicalNot", unary<NotOp>},
      {"LogicalOr", binary<OrOp>},
      {"NotEqual", compare<Comparison::NE>},
      {"Select", selectRows},
      {"SelectV2", [](Node &n) -> Values { return {select(n(0), n(1), n(2))}; }},
      {"ToBool", truth, Counts::Refused},
  };
  return rows;
}
