// SPDX-License-Identifier: Apache-2.0
// The import table: reductions, running sums, and norms over axes.
#include "passes/legalize/Rows.h"
#include "passes/legalize/Table.h"

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

static Values halfSquaredNorm(Node &n) {
  return {sumOf(n(0) * n(0), upTo(n.rank(0))) * 0.5};
}

ArrayRef<LegalizationRow> legalize::reductionRows() {
  static constexpr LegalizationRow rows[] = {
      {"All", reduce<Combiner::And>, Counts::Handled},
      {"Any", reduce<Combiner::Or>, Counts::Handled},
      {"Cumprod", cumulative<Combiner::Mul>},
      {"Cumsum", cumulative<Combiner::Add>},
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
