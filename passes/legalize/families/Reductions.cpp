// SPDX-License-Identifier: Apache-2.0
// The import table: reductions, running sums, and norms over axes.
#include "passes/legalize/Rows.h"
#include "passes/legalize/Table.h"
#include <cmath>

using namespace mlir;
using namespace lathe;
using namespace lathe::core;
using namespace lathe::legalize;

/// Operand 0, with the identity of `combiner` in rows that are not meant where rows are reduced. Where they are not, the
/// result keeps their count.
static Term meant(Node &n, Combiner combiner, ArrayRef<int64_t> axes) {
  Value count = n.count(0), valid = n.validRows(0);
  if (!count)
    return n(0);
  if (!llvm::is_contained(axes, 0)) {
    n.resultCounts[0] = count;
    return n(0);
  }
  Ints column(n.rank(0), 1);
  column.front() = n.shape(0).front();
  TypedAttr identity = identityAttribute(combiner, n.element(0));
  Term others = identity ? Term(n.b, n.b.constant(DenseElementsAttr::get(RankedTensorType::get({}, n.element(0)), identity)))
                         : Term(n.b, n.b.scalar(n.element(0), combiner == Combiner::Mul));
  return select(reshape({n.b, valid}, column), n(0), others);
}

template <Combiner combiner> static Values reduce(Node &n) {
  std::optional<Ints> axes = n.constantAxes(1, n.rank(0));
  if (!axes)
    return {};
  bool keep = n.flag("keep_dims");
  Term x = meant(n, combiner, *axes);
  if (combiner == Combiner::Add)
    return {sumOf(x, *axes, keep)};
  return {n.b.reduce(combiner, x, *axes, keep)};
}

static Values mean(Node &n) {
  std::optional<Ints> axes = n.constantAxes(1, n.rank(0));
  if (!axes)
    return {};
  Term x = meant(n, Combiner::Add, *axes);
  bool keep = n.flag("keep_dims");
  if (!n.count(0) || !llvm::is_contained(*axes, 0))
    return {meanOf(x, *axes, keep)};
  double others = 1;
  for (int64_t axis : *axes)
    others *= axis ? n.shape(0)[axis] : 1;
  return {sumOf(x, *axes, keep) / (convert({n.b, n.count(0)}, n.element(0)) * others)};
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

/// ln(e^x + e^y); -infinity is the neutral element.
static Term addExponentials(Term x, Term y) {
  Term larger = max(x, y), distance = abs(x - y);
  return select(equal(x, y), x + std::log(2.0), larger + log1p(exp(-distance)));
}

/// Running logarithms of sums of exponentials: each step joins sums twice as long as those before it.
static Values cumulativeLogSumExp(Node &n) {
  std::optional<int64_t> given = n.constantInt(1), axis = given ? n.axis(*given, n.rank(0)) : std::nullopt;
  if (!axis)
    return {};
  bool isReverse = n.flag("reverse");
  int64_t size = n.shape(0)[*axis];
  Type element = n.element(0), wide = element.isF16() || element.isBF16() ? n.f32() : element;
  auto moved = [&](Term x, int64_t by) -> Term {
    Ints low(n.rank(0), 0), high = low;
    (isReverse ? high : low)[*axis] = by;
    (isReverse ? low : high)[*axis] = -by;
    return {n.b, n.b.pad(x, n.b.scalar(wide, -INFINITY), low, high)};
  };
  Term x = convert(n(0), wide);
  if (n.flag("exclusive") && size)
    x = moved(x, 1);
  for (int64_t step = 1; step < size; step *= 2)
    x = addExponentials(x, moved(x, step));
  return {convert(x, element)};
}

static Values halfSquaredNorm(Node &n) {
  return {sumOf(n(0) * n(0), upTo(n.rank(0))) * 0.5};
}

ArrayRef<LegalizationRow> legalize::reductionRows() {
  static constexpr LegalizationRow rows[] = {
      {"All", reduce<Combiner::And>, Counts::Handled},
      {"Any", reduce<Combiner::Or>, Counts::Handled},
      {"Cumprod", cumulative<Combiner::Mul>},
      {"Cumsum", cumulative<Combiner::Add>},
      {"CumulativeLogsumexp", cumulativeLogSumExp},
      {"EuclideanNorm", euclideanNorm},
      {"L2Loss", halfSquaredNorm},
      {"Max", reduce<Combiner::Max>, Counts::Handled},
      {"Mean", mean, Counts::Handled},
      {"Min", reduce<Combiner::Min>, Counts::Handled},
      {"Prod", reduce<Combiner::Mul>, Counts::Handled},
      {"Sum", reduce<Combiner::Add>, Counts::Handled},
  };
  return rows;
}
