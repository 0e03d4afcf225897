// SPDX-License-Identifier: Apache-2.0
// The import table: where the largest and smallest elements are, sorting, and counting.
#include "passes/legalize/Rows.h"
#include "passes/legalize/Table.h"

using namespace mlir;
using namespace lathe;
using namespace lathe::core;
using namespace lathe::legalize;

template <Combiner combiner> static Values argReduce(Node &n) {
  std::optional<int64_t> given = n.constantInt(1), axis = given ? n.axis(*given, n.rank(0)) : std::nullopt;
  if (!axis)
    return {};
  Type index = n.type("output_type");
  return {n.b.argReduce(combiner, n[0], *axis, index ? index : n.i64())};
}

/// The `count` first of operand 0 sorted along its last dimension, and their places.
static Values firstSorted(Node &n, int64_t count) {
  int64_t last = n.rank(0) - 1;
  if (last < 0 || count < 0 || count > n.shape(0)[last])
    return n.mismatch("input must have at least k = " + Twine(count) + " columns, but got " +
                      Twine(last < 0 ? 0 : n.shape(0)[last]));
  Type index = n.type("index_type");
  auto [values, places] = n.b.sort(n[0], last, /*descending=*/true, index ? index : n.i32(), count);
  return {values, places};
}

static Values topK(Node &n) {
  return firstSorted(n, n.integer("k"));
}

static Values topKV2(Node &n) {
  std::optional<int64_t> count = n.constantInt(1);
  return count ? firstSorted(n, *count) : Values();
}

static Values nthElement(Node &n) {
  int64_t last = n.rank(0) - 1;
  if (last < 0)
    return n.mismatch("input must be at least a vector, but got a scalar");
  auto [values, places] = n.b.sort(n[0], last, n.flag("reverse"), n.i32());
  return {n.b.gather(values, n[1], last)};
}

/// Whether each target's prediction is among the k largest of its row; never where one of the row is not finite.
static Values inTopKOf(Node &n, Term k) {
  Term predictions = n(0), targets = n(1);
  int64_t rows = n.shape(0)[0], classes = n.shape(0)[1];
  Term column{n.b, n.b.iota({rows, classes}, n.element(1), 1)};
  Term isTarget = equal(column, reshape(targets, {rows, 1}));
  Term wanted = sumOf(select(isTarget, predictions, 0), {1}, /*keepDimensions=*/true);
  Term above = sumOf(convert(predictions > wanted, n.element(1)), {1});
  Term finite{n.b, n.b.reduce(Combiner::And, n.b.isFinite(predictions), {1})};
  Term exists{n.b, n.b.reduce(Combiner::Or, isTarget, {1})};
  return {(above < k) & finite & exists};
}

static Values inTopK(Node &n) {
  return inTopKOf(n, {n.b, n.b.scalar(n.element(1), static_cast<double>(n.integer("k")))});
}
static Values inTopKV2(Node &n) {
  return inTopKOf(n, n(2));
}

static Values bincount(Node &n) {
  std::optional<int64_t> size = n.constantInt(1);
  if (!size)
    return {};
  int64_t count = product(n.shape(0));
  n.demandEach(n(0) >= 0, n[0], "arr must not be negative, but arr[%p] = %v");
  Term weights = product(n.shape(2)) ? reshape(n(2), {count}) : Term(n.b, n.b.splat({count}, n.element(2), 1));
  return {n.b.scatter(Combiner::Add, n.b.splat({*size}, n.element(2), 0), n.b.reshape(n[0], {count}), weights)};
}

/// Counts of each row, where there are rows; binary: whether a number is there at all.
static Values denseBincount(Node &n) {
  std::optional<int64_t> given = n.constantInt(1);
  if (!given)
    return {};
  if (n.rank(0) > 2)
    return n.mismatch("the operand must be a vector or a matrix, but has rank " + Twine(n.rank(0)));
  bool hasRows = n.rank(0) == 2, isBinary = n.flag("binary_output");
  int64_t size = std::max<int64_t>(*given, 0), rows = hasRows ? n.shape(0)[0] : 1, count = product(n.shape(0));
  bool hasWeights = product(n.shape(2)) > 0 && !isBinary;
  if (hasWeights && n.shape(2) != n.shape(0))
    return n.mismatch("weights must have the operand's shape");
  Term weights = hasWeights ? reshape(n(2), {count}) : Term(n.b, n.b.splat({count}, n.element(2), 1));
  // A number that is not counted must not fall into another row.
  Term place = select((n(0) >= 0) & (n(0) < static_cast<double>(size)), n(0), static_cast<double>(rows * size));
  if (hasRows)
    place = place + Term(n.b, n.b.iota({rows, 1}, n.element(0), 0)) * static_cast<double>(size);
  Value counts = n.b.scatter(isBinary ? Combiner::Set : Combiner::Add, n.b.splat({rows * size}, n.element(2), 0),
                             reshape(place, {count}), weights);
  return {n.b.reshape(counts, hasRows ? Ints{rows, size} : Ints{size})};
}

/// The k largest or smallest along a dimension, all of them exact.
static Values approximateTopK(Node &n) {
  std::optional<int64_t> axis = n.axis(n.integer("reduction_dimension", -1), n.rank(0));
  if (!axis)
    return {};
  auto isLargest = n.attribute<BoolAttr>("is_max_k"), aggregates = n.attribute<BoolAttr>("aggregate_to_topk");
  int64_t count = n.integer("k");
  if (aggregates && !aggregates.getValue())
    return n.unsupported("aggregate_to_topk must be true");
  if (count < 0 || count > n.shape(0)[*axis])
    return n.mismatch("k must be at most " + Twine(n.shape(0)[*axis]) + ", but is " + Twine(count));
  auto [values, places] = n.b.sort(n[0], *axis, !isLargest || isLargest.getValue(), n.i32());
  return {sliceAlong(n.b, values, *axis, 0, count), sliceAlong(n.b, places, *axis, 0, count)};
}

static Values histogram(Node &n) {
  std::optional<int64_t> bins = n.constantInt(2);
  if (!bins)
    return {};
  Type wide = n.b.builder.getF64Type(), counter = n.type("dtype");
  auto bound = [&](int64_t i) { return reshape({n.b, n.b.slice(n[1], {i}, {1})}, {}); };
  Term low = bound(0), high = bound(1);
  Term step = (convert(high, wide) - convert(low, wide)) / static_cast<double>(*bins);
  Term place = min(convert(max(n(0), low) - low, wide) / step, static_cast<double>(*bins - 1));
  int64_t count = product(n.shape(0));
  Term indices = reshape(convert(place, n.i32()), {count});
  Type element = counter ? counter : n.i32();
  return {n.b.scatter(Combiner::Add, n.b.splat({*bins}, element, 0), indices, n.b.splat({count}, element, 1))};
}

static Values invertPermutation(Node &n) {
  if (n.makesDemands() && n.rank(0) == 1) {
    Term counts{n.b, n.b.scatter(Combiner::Add, n.b.splatLike(n[0], 0), n[0], n.b.splatLike(n[0], 1))};
    n.demandEach(equal(counts, 1), counts, "x must be a permutation, but has %p %v times");
  }
  return {n.b.scatter(Combiner::Set, n.b.splatLike(n[0], 0), n[0], n.b.iota(n.shape(0), n.element(0), 0))};
}

ArrayRef<LegalizationRow> legalize::orderRows() {
  static constexpr LegalizationRow rows[] = {
      {"ApproxTopK", approximateTopK},
      {"ArgMax", argReduce<Combiner::Max>},
      {"ArgMin", argReduce<Combiner::Min>},
      {"Bincount", bincount},
      {"DenseBincount", denseBincount},
      {"HistogramFixedWidth", histogram},
      {"InTopK", inTopK},
      {"InTopKV2", inTopKV2},
      {"InvertPermutation", invertPermutation},
      {"NthElement", nthElement},
      {"TopK", topK},
      {"TopKV2", topKV2},
  };
  return rows;
}
