// SPDX-License-Identifier: Apache-2.0
// The import table: results with as many rows as the values say. They have the largest possible size, and a count.
#include "passes/legalize/Selected.h"
#include "passes/legalize/Table.h"

using namespace mlir;
using namespace lathe;
using namespace lathe::core;
using namespace lathe::legalize;

/// `mask` and those rows that are meant of operand `i`.
static Term onlyValid(Node &n, Term mask, size_t i) {
  Value valid = n.validRows(i);
  return valid ? mask & Term(n.b, valid) : mask;
}

static Values where(Node &n) {
  int64_t rank = n.rank(0), size = product(n.shape(0));
  if (rank == 0)
    return n.unsupported("the condition is a scalar");
  Term condition = n(0);
  if (!n.element(0).isInteger(1))
    condition = notEqual(condition, 0);
  if (Value valid = n.validRows(0)) {
    Ints column(rank, 1);
    column.front() = n.shape(0).front();
    condition = condition & reshape({n.b, valid}, column);
  }
  Selected selected = selectTrue(n.b, reshape(condition, {size}));
  // Row-major places become one index a dimension.
  SmallVector<Value> indices(rank);
  Term rest{n.b, selected.places};
  for (int64_t d = rank; d-- > 0;) {
    double extent = static_cast<double>(std::max<int64_t>(n.shape(0)[d], 1));
    indices[d] = reshape(d ? rem(rest, extent) : rest, {size, 1});
    rest = rest / extent;
  }
  n.resultCounts[0] = selected.count;
  return {n.b.concat(indices, 1)};
}

/// For each element of a vector, the first place of an equal one; and whether that is its own.
struct FirstPlaces {
  Term first, isOwn;
};
static FirstPlaces firstPlaces(Node &n, Term x) {
  int64_t size = n.b.shapeOf(x).front();
  Term isSame = equal(reshape(x, {size, 1}), reshape(x, {1, size}));
  Term columns{n.b, n.b.iota({size, size}, n.i64(), 1)};
  Term first{n.b, n.b.reduce(Combiner::Min, select(isSame, columns, static_cast<double>(size)), {1})};
  return {first, equal(first, Term(n.b, n.b.iota({size}, n.i64(), 0)))};
}

/// Different elements in the order in which they appear, for each element which of them it is, and how often each appears.
static Values uniqueOf(Node &n, bool counted) {
  if (n.rank(0) != 1)
    return n.unsupported("rows of an operand of rank " + Twine(n.rank(0)));
  auto [first, isOwn] = firstPlaces(n, n(0));
  isOwn = onlyValid(n, isOwn, 0);
  Selected selected = selectTrue(n.b, isOwn);
  Term rank{n.b, n.b.cumulative(Combiner::Add, convert(isOwn, n.i64()), 0, /*exclusive=*/true, /*reverse=*/false)};
  Type index = n.type("out_idx");
  Term which = convert({n.b, n.b.gather(rank, first, 0)}, index ? index : n.i32());
  Values results{rowsAt(n.b, n[0], selected), which};
  n.resultCounts[0] = selected.count;
  if (Value count = n.count(0))
    n.resultCounts[1] = count;
  if (counted) {
    Value valid = n.validRows(0);
    Term ones{n.b, n.b.splatLike(which, 1)};
    Term weights = valid ? select({n.b, valid}, ones, 0) : ones;
    results.push_back(n.b.scatter(Combiner::Add, n.b.splatLike(which, 0), which, weights));
    n.resultCounts[2] = selected.count;
  }
  return results;
}

/// Unique with an operand that names an axis: that of a vector is the only one.
static Values uniqueAlong(Node &n, bool counted) {
  std::optional<Ints> axes = n.constantInts(1);
  if (!axes)
    return {};
  return uniqueOf(n, counted);
}

/// Elements of operand 0 that operand 1 lacks, and where they are.
static Values difference(Node &n) {
  if (n.rank(0) != 1 || n.rank(1) != 1)
    return n.mismatch("operands must be vectors, but have ranks " + Twine(n.rank(0)) + " and " + Twine(n.rank(1)));
  int64_t size = n.shape(0)[0], others = n.shape(1)[0];
  Term isSame = equal(reshape(n(0), {size, 1}), reshape(n(1), {1, others}));
  if (Value valid = n.validRows(1))
    isSame = isSame & reshape({n.b, valid}, {1, others});
  Term isOther{n.b, n.b.reduce(Combiner::Or, isSame, {1})};
  Selected selected = selectTrue(n.b, onlyValid(n, !isOther, 0));
  n.resultCounts[0] = n.resultCounts[1] = selected.count;
  Type index = n.type("out_idx");
  return {rowsAt(n.b, n[0], selected), convert({n.b, selected.places}, index ? index : n.i32())};
}

static Values partition(Node &n) {
  int64_t leading = n.rank(1);
  Value data = leading == 0 ? padRank(n.b, n[0], 1) : n[0];
  if (leading > 1) {
    Ints shape{product(n.shape(1))};
    llvm::append_range(shape, n.shape(0).drop_front(leading));
    data = n.b.reshape(data, shape);
  }
  if (n.count(0) && leading != 1)
    return n.unsupported("rows of several dimensions, whose number depends on values");
  Term which = reshape(n(1), {product(n.shape(1))});
  n.demandIndices(1, n.numResults(), "partitions");
  Values results;
  for (unsigned k = 0; k < n.numResults(); ++k) {
    Selected selected = selectTrue(n.b, onlyValid(n, onlyValid(n, equal(which, k), 0), 1));
    results.push_back(rowsAt(n.b, data, selected));
    n.resultCounts[k] = selected.count;
  }
  return results;
}

/// The likeliest class at each step of each sequence (operand 0 [steps, batch, classes], of lengths in operand 1)
/// without blanks and, where merged, without repetitions: their places as (sequence, number), the classes, the dense
/// shape; what they sum up to.
static Values decodeGreedily(Node &n) {
  CheckedBuilder &b = n.b;
  if (n.count(0) || n.count(1))
    return sizeUnknown(n, "an operand");
  if (n.rank(0) != 3 || n.rank(1) != 1 || n.shape(0)[1] != n.shape(1)[0] || product(n.shape(0)) == 0)
    return n.mismatch("inputs must have rank 3 and elements, and there must be a length for each sequence");
  int64_t steps = n.shape(0)[0], batch = n.shape(0)[1], classes = n.shape(0)[2], blank = n.integer("blank_index", -1);
  blank = blank < 0 ? blank + classes : blank;
  Term best{b, b.transpose(b.argReduce(Combiner::Max, n[0], 2, n.i64()), {1, 0})};
  Term step{b, b.iota({batch, steps}, n.i32(), 1)}, isMeant = step < reshape(n(1), {batch, 1}),
                                                    isKept = isMeant & notEqual(best, static_cast<double>(blank));
  if (n.flag("merge_repeated")) {
    Value before = b.pad(best, b.scalar(n.i64(), -1), {0, 1}, {0, -1});
    isKept = isKept & notEqual(best, {b, before});
  }
  Term counts = convert(isKept, n.i64());
  Term number{b, b.cumulative(Combiner::Add, counts, 1, /*exclusive=*/true, /*reverse=*/false)},
      sequence{b, b.iota({batch, steps}, n.i64(), 0)};
  Selected selected = selectTrue(b, b.reshape(isKept, {batch * steps}));
  n.resultCounts[0] = n.resultCounts[1] = selected.count;
  auto picked = [&](Term x) { return rowsAt(b, b.reshape(x, {batch * steps}), selected); };
  Value places =
      b.concat({b.reshape(picked(sequence), {batch * steps, 1}), b.reshape(picked(number), {batch * steps, 1})}, 1);
  Value longest = b.reduce(Combiner::Max, sumOf(counts, {1}), {0});
  Value shape = b.concat({b.integers({batch}, n.i64()), b.reshape(longest, {1})}, 0);
  Term likely{b, b.transpose(b.reduce(Combiner::Max, n[0], {2}), {1, 0})};
  return {places, picked(best), shape, -sumOf(select(isMeant, likely, 0), {1}, /*keepDimensions=*/true)};
}

ArrayRef<LegalizationRow> legalize::selectionRows() {
  static constexpr LegalizationRow rows[] = {
      {"CTCGreedyDecoder", decodeGreedily},
      {"DynamicPartition", partition},
      {"ListDiff", difference},
      {"Unique", [](Node &n) { return uniqueOf(n, false); }},
      {"UniqueV2", [](Node &n) { return uniqueAlong(n, false); }},
      {"UniqueWithCounts", [](Node &n) { return uniqueOf(n, true); }},
      {"UniqueWithCountsV2", [](Node &n) { return uniqueAlong(n, true); }},
      {"Where", where},
  };
  return rows;
}
