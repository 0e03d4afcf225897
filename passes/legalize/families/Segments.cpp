// SPDX-License-Identifier: Apache-2.0
// The import table: rows combined by the segment that they belong to.
#include "passes/legalize/Indices.h"
#include "passes/legalize/Rows.h"
#include "passes/legalize/Table.h"
#include <limits>

using namespace mlir;
using namespace lathe;
using namespace lathe::core;
using namespace lathe::legalize;

/// What a segment without rows has, for each combiner: the combiner's identity.
static double identityOf(Combiner combiner, Type element) {
  double largest = std::numeric_limits<double>::max();
  if (auto floating = dyn_cast<FloatType>(element))
    largest = APFloat::getLargest(floating.getFloatSemantics()).convertToDouble();
  switch (combiner) {
  case Combiner::Mul:
    return 1;
  case Combiner::Min:
    return largest;
  case Combiner::Max:
    return -largest;
  default:
    return 0;
  }
}

/// Rows of `data` combined into `count` segments; ids outside of them are dropped.
static Term combine(Node &n, Combiner combiner, Value data, Value ids, int64_t count) {
  Value rows = flattenLeading(n.b, data, n.b.typeOf(ids).getRank());
  Ints shape(n.b.shapeOf(rows));
  shape[0] = count;
  Type element = n.b.elementOf(data);
  bool isExtreme = combiner == Combiner::Min || combiner == Combiner::Max;
  Value start;
  if (auto integer = dyn_cast<IntegerType>(element); integer && isExtreme) {
    // A double does not hold the ends of 64-bit types.
    unsigned width = integer.getWidth();
    bool isMax = combiner == Combiner::Min;
    APInt bits = integer.isUnsigned() ? (isMax ? APInt::getMaxValue(width) : APInt::getMinValue(width))
                                      : (isMax ? APInt::getSignedMaxValue(width) : APInt::getSignedMinValue(width));
    start = n.b.constant(DenseElementsAttr::get(RankedTensorType::get(shape, element), bits));
  } else {
    start = n.b.splat(shape, element, identityOf(combiner, element));
  }
  return {n.b, n.b.scatter(combiner, start, n.b.reshape(ids, {product(n.b.shapeOf(ids))}), rows)};
}

/// Demands that the ids, operand `i`, lie below `count`; negative ones drop their rows.
static void demandIds(Node &n, size_t i, int64_t count) {
  n.demandEach(n(i) < static_cast<double>(count), n[i],
               "segment_ids[%p] = %v is out of range [0, " + Twine(count) + ")");
}

/// How many rows each segment has, in `element`'s type, broadcastable to the segments.
static Term rowCounts(Node &n, Value ids, int64_t count, Type element, int64_t resultRank) {
  Term ones{n.b, n.b.splat(n.b.shapeOf(ids), element, 1)};
  Ints shape(resultRank, 1);
  shape[0] = count;
  return reshape(combine(n, Combiner::Add, ones, ids, count), shape);
}

/// The number of segments that constant ids name, the last being the largest.
static std::optional<int64_t> segmentCount(Node &n, size_t idOperand) {
  std::optional<Ints> ids = n.constantInts(idOperand);
  if (!ids)
    return std::nullopt;
  return ids->empty() ? 0 : *llvm::max_element(*ids) + 1;
}

template <Combiner combiner> static Values segment(Node &n) {
  std::optional<int64_t> count = segmentCount(n, 1);
  if (!count)
    return {};
  Term result = combine(n, combiner, n[0], n[1], *count);
  // A segment without rows is zero for the extremes.
  if (combiner == Combiner::Min || combiner == Combiner::Max)
    result = select(rowCounts(n, n[1], *count, n.i32(), n.rank(0)) > 0, result, 0);
  return {result};
}

template <Combiner combiner> static Values unsortedSegment(Node &n) {
  std::optional<int64_t> count = n.constantInt(2);
  if (!count)
    return {};
  demandIds(n, 1, *count);
  return {combine(n, combiner, n[0], n[1], *count)};
}

enum class Scale { None, Mean, SquareRoot };

/// Sums of segments, divided by the number of rows or its root.
static Values scaledSum(Node &n, Value data, Value ids, std::optional<int64_t> count, Scale scale) {
  if (!count)
    return {};
  Term sum = combine(n, Combiner::Add, data, ids, *count);
  if (scale == Scale::None)
    return {sum};
  Term rows = max(rowCounts(n, ids, *count, n.b.elementOf(data), n.b.typeOf(data).getRank()), 1);
  return {sum / (scale == Scale::Mean ? rows : sqrt(rows))};
}

/// Segments of rows that operand 1 picks from operand 0; operand 2 has the ids.
template <Scale scale, bool given> static Values sparseSegment(Node &n) {
  std::optional<int64_t> count = given ? n.constantInt(3) : segmentCount(n, 2);
  if (!count)
    return {};
  n.demandIndices(1, n.shape(0).front());
  if (given)
    demandIds(n, 2, *count);
  return scaledSum(n, n.b.gather(n[0], n[1], 0), n[2], count, scale);
}

/// The gradient by the rows (operands: that by the segments, which row each entry picks, its segment, how many rows
/// there are).
template <Scale scale> static Values sparseSegmentGradient(Node &n) {
  std::optional<int64_t> rows = n.constantInt(3);
  if (!rows)
    return {};
  if (n.rank(0) < 1 || n.rank(1) != 1 || n.shape(1) != n.shape(2) || *rows < 0)
    return n.mismatch("indices and segments must be vectors of one size, and gradients have a row a segment");
  Term gradient = n(0);
  if (scale != Scale::None) {
    Term count = max(rowCounts(n, n[2], n.shape(0)[0], n.element(0), n.rank(0)), 1);
    gradient = gradient / (scale == Scale::Mean ? count : sqrt(count));
  }
  return {combine(n, Combiner::Add, n.b.gather(gradient, n[2], 0), n[1], *rows)};
}

ArrayRef<LegalizationRow> legalize::segmentRows() {
  static constexpr LegalizationRow rows[] = {
      {"SegmentMax", segment<Combiner::Max>},
      {"SegmentMaxV2", unsortedSegment<Combiner::Max>},
      {"SegmentMean", [](Node &n) { return scaledSum(n, n[0], n[1], segmentCount(n, 1), Scale::Mean); }},
      {"SegmentMin", segment<Combiner::Min>},
      {"SegmentMinV2", unsortedSegment<Combiner::Min>},
      {"SegmentProd", segment<Combiner::Mul>},
      {"SegmentProdV2", unsortedSegment<Combiner::Mul>},
      {"SegmentSum", segment<Combiner::Add>},
      {"SegmentSumV2", unsortedSegment<Combiner::Add>},
      {"SparseSegmentMean", sparseSegment<Scale::Mean, false>},
      {"SparseSegmentMeanGrad", sparseSegmentGradient<Scale::Mean>},
      {"SparseSegmentMeanWithNumSegments", sparseSegment<Scale::Mean, true>},
      {"SparseSegmentSqrtN", sparseSegment<Scale::SquareRoot, false>},
      {"SparseSegmentSqrtNGrad", sparseSegmentGradient<Scale::SquareRoot>},
      {"SparseSegmentSqrtNWithNumSegments", sparseSegment<Scale::SquareRoot, true>},
      {"SparseSegmentSum", sparseSegment<Scale::None, false>},
      {"SparseSegmentSumGrad", sparseSegmentGradient<Scale::None>},
      {"SparseSegmentSumWithNumSegments", sparseSegment<Scale::None, true>},
      {"UnsortedSegmentMax", unsortedSegment<Combiner::Max>},
      {"UnsortedSegmentMin", unsortedSegment<Combiner::Min>},
      {"UnsortedSegmentProd", unsortedSegment<Combiner::Mul>},
      {"UnsortedSegmentSum", unsortedSegment<Combiner::Add>},
  };
  return rows;
}
