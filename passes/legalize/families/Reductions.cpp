// SPDX-License-Identifier: Apache-2.0
// The import table: reductions, running sums, and norms over axes.
#include "passes/legalize/Rows.h"
#include "passes/legalize/Table.h"

using namespace mlir;
using namespace lathe;
using namespace lathe::core;
using namespace lathe::legalize;

template <Combiner combiner> static Values reduce(Node &n) {
  std::optional<Ints> axes = n.constantAxes(1, n.rank(0));
  if (!axes)
    return {};
  bool keep = n.flag("keep_dims");
  if (combiner == Combiner::Add)
    return {sumOf(n(0), *axes, keep)};
  return {n.b.reduce(combiner, n[0], *axes, keep)};
}

static Values mean(Node &n) {
  std::optional<Ints> axes = n.constantAxes(1, n.rank(0));
  if (!axes)
    return {};
  return {meanOf(n(0), *axes, n.flag("keep_dims"))};
}

static Values euclideanNorm(Node &n) {
  std::optional<Ints> axes = n.constantAxes(1, n.rank(0));
  if (!axes)
    return {};
  return {sqrt(sumOf(n(0) * n(0), *axes, n.flag("keep_dims")))};
}

template <Combiner combiner> static Values cumulative(Node &n) {
  std::optional<int64_t> given = n.constantInt(1), axis = given ? n.axis(*given, n.rank(0)) : std::nullopt;
  if (!axis)
    return {};
  return {n.b.cumulative(combiner, n[0], *axis, n.flag("exclusive"), n.flag("reverse"))};
}

static Values halfSquaredNorm(Node &n) {
  return {sumOf(n(0) * n(0), upTo(n.rank(0))) * 0.5};
}

ArrayRef<LegalizationRow> legalize::reductionRows() {
  static constexpr LegalizationRow rows[] = {
      {"All", reduce<Combiner::And>},         {"Any", reduce<Combiner::Or>},
      {"Cumprod", cumulative<Combiner::Mul>}, {"Cumsum", cumulative<Combiner::Add>},
      {"EuclideanNorm", euclideanNorm},       {"L2Loss", halfSquaredNorm},
      {"Max", reduce<Combiner::Max>},         {"Mean", mean},
      {"Min", reduce<Combiner::Min>},         {"Prod", reduce<Combiner::Mul>},
      {"Sum", reduce<Combiner::Add>},
  };
  return rows;
}
