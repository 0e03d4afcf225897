// SPDX-License-Identifier: Apache-2.0
// The import table: parts of tensors by places, and by indices.
#include "passes/legalize/Indices.h"
#include "passes/legalize/Rows.h"
#include "passes/legalize/Table.h"
#include <limits>

using namespace mlir;
using namespace lathe;
using namespace lathe::core;
using namespace lathe::legalize;

static Values slice(Node &n) {
  std::optional<Ints> sizes = n.constantInts(2), starts = n.b.integersOf(n[1]);
  if (!sizes)
    return {};
  int64_t rank = n.rank(0);
  if (static_cast<int64_t>(sizes->size()) != rank || product(n.shape(1)) != rank)
    return n.mismatch("begin and size must have " + Twine(rank) + " entries, but got " + Twine(product(n.shape(1))) +
                      " and " + Twine(sizes->size()));
  for (int64_t d = 0; d < rank; ++d) {
    if ((*sizes)[d] != -1)
      continue;
    if (!starts && !n.constantInts(1))
      return {};
    (*sizes)[d] = n.shape(0)[d] - (*starts)[d];
  }
  if (starts)
    return {n.b.slice(n[0], *starts, *sizes)};
  Ints last(rank);
  for (int64_t d = 0; d < rank; ++d)
    last[d] = n.shape(0)[d] - (*sizes)[d];
  n.demandEach((n(1) >= 0) & (n(1) <= Term(n.b, n.b.integers(last, n.element(1)))), n[1],
               "begin[%p] = %v and size lead out of the operand");
  return {n.b.dynamicSlice(n[0], n[1], *sizes)};
}

namespace {
/// What a strided slice does with one dimension of its operand: `count` elements from `start` by `stride`, which can be
/// negative; or the one element at the number that entry `dynamicStart` of operand 1 has at run time.
struct DimensionSlice {
  int64_t start = 0, count = 0, stride = 1;
  std::optional<size_t> dynamicStart = std::nullopt;
};

/// The dimensions' slices, and the result's shape with axes removed and added.
struct StridedSlice {
  SmallVector<DimensionSlice> dimensions;
  Ints shape;
};
} // namespace

/// Reads begin, end, strides (operands 1 to 3) and the masks, as TensorFlow defines them, for an operand of `shape`.
/// Where `mayBeDynamic`, single elements can have a place known at run time only.
static std::optional<StridedSlice> readStridedSlice(Node &n, ArrayRef<int64_t> shape, bool mayBeDynamic) {
  std::optional<Ints> begin = n.b.integersOf(n[1]), end = n.b.integersOf(n[2]), strides = n.constantInts(3);
  if (!strides)
    return std::nullopt;
  auto inMask = [&](StringRef name, size_t i) { return (n.integer(name) >> i) & 1; };
  size_t entries = strides->size(), added = 0, ellipses = 0;
  constexpr size_t maskBits = 32;
  if (entries > maskBits || (begin && begin->size() != entries) || (end && end->size() != entries)) {
    n.mismatch("begin, end and strides must be vectors of one size of at most 32, but strides has " + Twine(entries) + " elements");
    return std::nullopt;
  }
  if (llvm::any_of(shape, [](int64_t size) { return size < 0; })) {
    n.mismatch("sizes must not be negative");
    return std::nullopt;
  }
  for (size_t i = 0; i < entries; ++i) {
    added += inMask("new_axis_mask", i) && !inMask("ellipsis_mask", i);
    ellipses += inMask("ellipsis_mask", i);
  }
  int64_t rank = shape.size(), covered = entries - added - ellipses;
  if (ellipses > 1) {
    n.mismatch("ellipsis_mask must name one dimension at most, but names " + Twine(ellipses));
    return std::nullopt;
  }
  if (covered > rank) {
    n.mismatch("the slice has " + Twine(covered) + " dimensions, but the operand has " + Twine(rank));
    return std::nullopt;
  }
  StridedSlice result;
  auto keepWhole = [&](int64_t count) {
    for (; count > 0; --count) {
      int64_t size = shape[result.dimensions.size()];
      result.dimensions.push_back({0, size, 1});
      result.shape.push_back(size);
    }
  };
  for (size_t i = 0; i < entries; ++i) {
    if (inMask("ellipsis_mask", i)) {
      keepWhole(rank - covered);
      continue;
    }
    if (inMask("new_axis_mask", i)) {
      result.shape.push_back(1);
      continue;
    }
    int64_t size = shape[result.dimensions.size()], stride = (*strides)[i];
    bool shrinks = inMask("shrink_axis_mask", i), fromEdge = inMask("begin_mask", i) && !shrinks,
         toEdge = inMask("end_mask", i);
    if (stride == 0 || stride == std::numeric_limits<int64_t>::min()) {
      n.mismatch("strides must have a direction, but one is " + Twine(stride));
      return std::nullopt;
    }
    if (shrinks && !begin && mayBeDynamic) {
      result.dimensions.push_back({0, 1, 1, i});
      continue;
    }
    if ((!fromEdge && !begin && !n.constantInts(1)) || (!toEdge && !shrinks && !end && !n.constantInts(2)))
      return std::nullopt;
    // Places are counted from the end where negative, then clamped to what the direction can reach.
    int64_t lowest = stride > 0 ? 0 : -1, highest = stride > 0 ? size : size - 1;
    auto place = [&](int64_t given) { return std::clamp(given < 0 ? given + size : given, lowest, highest); };
    if (shrinks) {
      int64_t start = (*begin)[i] < 0 ? (*begin)[i] + size : (*begin)[i];
      if (start < 0 || start >= size) {
        n.mismatch("index " + Twine((*begin)[i]) + " is not in dimension " + Twine(result.dimensions.size()) +
                   " of size " + Twine(size));
        return std::nullopt;
      }
      result.dimensions.push_back({start, 1, 1});
      continue;
    }
    int64_t start = fromEdge ? (stride > 0 ? lowest : highest) : place((*begin)[i]);
    int64_t stop = toEdge ? (stride > 0 ? highest : lowest) : place((*end)[i]);
    int64_t span = stride > 0 ? stop - start : start - stop, step = std::abs(stride);
    int64_t count = span > 0 ? (span - 1) / step + 1 : 0;
    result.dimensions.push_back({count ? start : 0, count, stride});
    result.shape.push_back(count);
  }
  keepWhole(rank - result.dimensions.size());
  return result;
}

static Values stridedSlice(Node &n) {
  std::optional<StridedSlice> plan = readStridedSlice(n, n.shape(0), true);
  if (!plan)
    return {};
  Value x = n[0];
  Ints starts, sizes, strides, reversed, dynamicSizes(n.shape(0));
  Values dynamicStarts;
  bool isDynamic = false;
  for (auto [d, dimension] : llvm::enumerate(plan->dimensions)) {
    int64_t step = std::abs(dimension.stride);
    // Backwards is the same elements forwards, then reversed.
    if (dimension.stride < 0)
      reversed.push_back(d);
    starts.push_back(dimension.stride < 0 && dimension.count ? dimension.start - (dimension.count - 1) * step
                                                             : dimension.start);
    sizes.push_back(dimension.count);
    strides.push_back(step);
    Value start = n.b.integers({0}, n.element(1));
    if (dimension.dynamicStart) {
      isDynamic = true;
      dynamicSizes[d] = 1;
      Term given{n.b, n.b.slice(n[1], {static_cast<int64_t>(*dimension.dynamicStart)}, {1})};
      double size = static_cast<double>(n.shape(0)[d]);
      n.demandEach((given >= -size) & (given < size), given,
                   "slice index %v of dimension " + Twine(d) + " is out of bounds");
      start = select(given < 0, given + size, given);
    }
    dynamicStarts.push_back(start);
  }
  if (isDynamic)
    x = n.b.dynamicSlice(x, n.b.concat(dynamicStarts, 0), dynamicSizes);
  x = n.b.slice(x, starts, sizes, strides);
  if (!reversed.empty())
    x = n.b.reverse(x, reversed);
  return {n.b.reshape(x, plan->shape)};
}

/// `x`, of a strided slice's shape, at the slice's places in a tensor of `shape` that is `value` elsewhere.
static Value place(Node &n, const StridedSlice &plan, ArrayRef<int64_t> shape, Value x, Value value) {
  Ints sizes, low, high, interior, reversed;
  for (auto [d, dimension] : llvm::enumerate(plan.dimensions)) {
    int64_t step = std::abs(dimension.stride), count = dimension.count;
    if (dimension.stride < 0)
      reversed.push_back(d);
    int64_t start = dimension.stride < 0 && count ? dimension.start - (count - 1) * step : dimension.start;
    sizes.push_back(count);
    low.push_back(start);
    interior.push_back(step - 1);
    high.push_back(shape[d] - start - (count ? (count - 1) * step + 1 : 0));
  }
  x = n.b.reshape(x, sizes);
  if (!reversed.empty())
    x = n.b.reverse(x, reversed);
  return n.b.pad(x, value, low, high, interior);
}

/// The gradient of a strided slice: its operand's places in a tensor of zeros.
static Values stridedSliceGradient(Node &n) {
  std::optional<Ints> shape = n.constantInts(0);
  std::optional<StridedSlice> plan = shape ? readStridedSlice(n, *shape, false) : std::nullopt;
  return plan ? Values{place(n, *plan, *shape, n[4], n.b.scalar(n.element(4), 0))} : Values();
}

/// Operand 0 with operand 4, broadcast, in place of a strided slice.
static Values stridedSliceUpdate(Node &n) {
  std::optional<StridedSlice> plan = readStridedSlice(n, n.shape(0), false);
  if (!plan)
    return {};
  Type bit = n.b.builder.getI1Type();
  Value updates = place(n, *plan, n.shape(0), n.b.broadcastTo(n[4], plan->shape), n.b.scalar(n.element(4), 0));
  Value isInside = place(n, *plan, n.shape(0), n.b.splat(plan->shape, bit, 1), n.b.scalar(bit, 0));
  return {n.b.select(isInside, updates, n[0])};
}

static Values splitInto(Node &n, Value x, std::optional<int64_t> given, Ints sizes) {
  std::optional<int64_t> axis = given ? n.axis(*given, n.b.typeOf(x).getRank()) : std::nullopt;
  if (!axis)
    return {};
  if (sizes.size() != n.numResults())
    return n.mismatch("size_splits must have " + Twine(n.numResults()) + " elements, but has " + Twine(sizes.size()));
  int64_t total = n.b.shapeOf(x)[*axis], known = 0, start = 0;
  for (int64_t size : sizes)
    known += std::max<int64_t>(size, 0);
  Values parts;
  for (int64_t size : sizes) {
    if (size < 0)
      size = total - known;
    parts.push_back(sliceAlong(n.b, x, *axis, start, size));
    start += size;
  }
  if (start != total)
    return n.mismatch("the parts have " + Twine(start) + " elements, but dimension " + Twine(*axis) + " has " +
                      Twine(total));
  return parts;
}

static Values split(Node &n) {
  std::optional<int64_t> given = n.constantInt(0), axis = given ? n.axis(*given, n.rank(1)) : std::nullopt;
  if (!axis)
    return {};
  return splitInto(n, n[1], axis, Ints(n.numResults(), n.shape(1)[*axis] / n.numResults()));
}

static Values splitV(Node &n) {
  std::optional<Ints> sizes = n.constantInts(1);
  return sizes ? splitInto(n, n[0], n.constantInt(2), *sizes) : Values();
}

static Values gatherAlong(Node &n, std::optional<int64_t> given, int64_t batch) {
  std::optional<int64_t> axis = given ? n.axis(*given, n.rank(0)) : std::nullopt;
  if (!axis)
    return {};
  batch = batch < 0 ? batch + n.rank(1) : batch;
  // Rows of the operand are picked by indices that TensorFlow would refuse outside of its count.
  if ((n.count(1) && *axis > 0) || (n.count(0) && batch > 0))
    return sizeUnknown(n, "an operand");
  if (Value count = *axis > 0 ? n.count(0) : n.count(1))
    n.resultCounts[0] = count;
  if (n.shape(0)[*axis] == 0 && n.count(1)) {
    Ints shape(n.shape(1));
    llvm::append_range(shape, n.shape(0).drop_front());
    return {n.b.splat(shape, n.element(0), 0)}; // No index can be meant.
  }
  if (Value rows = n.count(0); rows && n.makesDemands()) {
    Term inside = (n(1) >= 0) & (convert(n(1), n.i64()) < Term(n.b, rows));
    n.demandEach(n.whereMeant(1, inside), n[1], "indices[%p] = %v is not in [0, number of rows)");
  } else {
    n.demandIndices(1, n.shape(0)[*axis]);
  }
  return {n.b.gather(n[0], n[1], *axis, batch)};
}

static Values gatherV2(Node &n) {
  return gatherAlong(n, n.constantInt(2), n.integer("batch_dims"));
}

static Values gatherNd(Node &n) {
  if (n.rank(1) < 1 || n.shape(1).back() > n.rank(0))
    return n.mismatch("the last dimension of indices must be at most the rank " + Twine(n.rank(0)) + " of the operand");
  if (Value count = n.count(1)) {
    if (n.rank(1) < 2)
      return sizeUnknown(n, "an index");
    n.resultCounts[0] = count;
  }
  int64_t depth = n.shape(1).back();
  Value places = linearIndices(n.b, n[1], n.shape(0).take_front(depth));
  demandTuples(n, 1, places, n.shape(0));
  Value rows = n.b.gather(flattenLeading(n.b, n[0], depth), places, 0);
  Ints shape(n.shape(1).drop_back());
  llvm::append_range(shape, n.shape(0).drop_front(depth));
  return {n.b.reshape(rows, shape)};
}

ArrayRef<LegalizationRow> legalize::slicingRows() {
  static constexpr LegalizationRow rows[] = {
      {"Gather", [](Node &n) { return gatherAlong(n, 0, 0); }, Counts::Handled},
      {"GatherNd", gatherNd, Counts::Handled},
      {"GatherV2", gatherV2, Counts::Handled},
      {"Slice", slice},
      {"Split", split},
      {"SplitV", splitV},
      {"StridedSlice", stridedSlice},
      {"StridedSliceGrad", stridedSliceGradient},
      {"TensorStridedSliceUpdate", stridedSliceUpdate},
  };
  return rows;
}
