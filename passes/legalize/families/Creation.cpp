// SPDX-License-Identifier: Apache-2.0
// The import table: tensors made from little, or joined from others.
#include "passes/legalize/Rows.h"
#include "passes/legalize/Table.h"
#include "llvm/Support/FormatVariadic.h"
#include <cmath>

using namespace mlir;
using namespace lathe;
using namespace lathe::core;
using namespace lathe::legalize;

static bool isCoreElement(Type type) {
  if (auto complex = dyn_cast<ComplexType>(type))
    return complex.getElementType().isF32() || complex.getElementType().isF64();
  return type.isF16() || type.isBF16() || type.isF32() || type.isF64() || isa<IntegerType>(type);
}

static Values constant(Node &n) {
  auto value = n.attribute<ElementsAttr>("value");
  if (!value)
    return n.fail(Code::BadAttribute, "attribute 'value' must be a tensor");
  if (!isCoreElement(value.getElementType()))
    return n.fail(Code::UnsupportedType, "element type of the constant is not one that programs compute with");
  return {n.b.constant(value)};
}

static Values fill(Node &n) {
  std::optional<Ints> shape = n.constantInts(0);
  return shape ? Values{n.b.broadcastTo(n[1], *shape)} : Values();
}

static Values zeros(Node &n) {
  std::optional<Ints> shape = n.constantInts(0);
  return shape ? Values{n.b.splat(*shape, n.type("dtype"), 0)} : Values();
}

/// A constant scalar of a real type.
static std::optional<double> constantNumber(Node &n, size_t i) {
  auto value = dyn_cast_or_null<DenseElementsAttr>(n.b.constantOf(n[i]));
  if (value && value.getNumElements() == 1 && isa<FloatType>(value.getElementType()))
    return (*value.value_begin<APFloat>()).convertToDouble();
  std::optional<int64_t> integer = n.constantInt(i);
  return integer ? std::optional<double>(*integer) : std::nullopt;
}

static Values range(Node &n) {
  std::optional<double> start = constantNumber(n, 0), limit = constantNumber(n, 1), step = constantNumber(n, 2);
  if (!start || !limit || !step)
    return {};
  if (*step == 0 || (*limit - *start) / *step > 1e9)
    return n.mismatch(llvm::formatv("a range from {0} to {1} by {2} has no size", *start, *limit, *step).str());
  int64_t count = std::max<int64_t>(0, std::ceil((*limit - *start) / *step));
  Term index{n.b, n.b.iota({count}, n.element(0), 0)};
  return {index * n(2) + n(0)};
}

/// Where each of several ranges begins in the values of all, and these values. Each bound can be one for all ranges.
static Values raggedRange(Node &n) {
  if (!n.element(0).isInteger())
    return n.unsupported("ragged ranges of numbers that are not integers");
  std::optional<Ints> starts = n.constantInts(0), limits = n.constantInts(1), steps = n.constantInts(2);
  if (!starts || !limits || !steps)
    return {};
  size_t rows = std::max({starts->size(), limits->size(), steps->size()});
  Ints splits{0}, values;
  for (Ints *bounds : {&*starts, &*limits, &*steps}) {
    if (bounds->size() == 1)
      bounds->resize(rows, bounds->front());
    if (bounds->size() != rows)
      return n.mismatch("ranges must have as many starts, limits and steps, but got " + Twine(rows) + " and " +
                        Twine(bounds->size()));
  }
  for (auto [start, limit, step] : llvm::zip_equal(*starts, *limits, *steps)) {
    constexpr double mostValues = 1 << 26;
    double distance = static_cast<double>(limit) - static_cast<double>(start);
    if (step == 0 || distance / static_cast<double>(step) + static_cast<double>(values.size()) > mostValues)
      return n.mismatch(llvm::formatv("a range from {0} to {1} by {2} has no size", start, limit, step).str());
    for (int64_t value = start; step > 0 ? value < limit : value > limit; value += step)
      values.push_back(value);
    splits.push_back(values.size());
  }
  Type index = n.type("Tsplits");
  return {n.b.integers(splits, index ? index : n.i64()), n.b.integers(values, n.element(0))};
}

static Values linSpace(Node &n) {
  std::optional<int64_t> count = n.constantInt(2);
  if (!count)
    return {};
  if (*count < 1)
    return n.mismatch("the number of values must be at least 1, but got " + Twine(*count));
  Term index{n.b, n.b.iota({*count}, n.element(0), 0)};
  Term step = (n(1) - n(0)) / static_cast<double>(std::max<int64_t>(1, *count - 1));
  // The end is exact whatever the rounding of the step.
  return {*count == 1 ? reshape(n(0), {1}) : select(equal(index, *count - 1), n(1), n(0) + step * index)};
}

static Values oneHot(Node &n) {
  std::optional<int64_t> depth = n.constantInt(1), axis = n.axis(n.integer("axis", -1), n.rank(0) + 1);
  if (!depth || !axis)
    return {};
  Ints indexShape(n.shape(0));
  indexShape.insert(indexShape.begin() + *axis, 1);
  Ints shape = indexShape;
  shape[*axis] = *depth;
  Term place{n.b, n.b.iota(shape, n.element(0), *axis)};
  return {select(equal(place, reshape(n(0), indexShape)), n(2), n(3))};
}

static Values pack(Node &n) {
  std::optional<int64_t> axis = n.axis(n.integer("axis"), n.rank(0) + 1);
  if (!axis)
    return {};
  Ints shape(n.shape(0));
  shape.insert(shape.begin() + *axis, 1);
  Values parts;
  for (size_t i = 0; i < n.size(); ++i) {
    if (n.shape(i) != n.shape(0))
      return n.mismatch("operands must have one shape, but operands 0 and " + Twine(i) + " differ");
    parts.push_back(n.b.reshape(n[i], shape));
  }
  return {n.b.concat(parts, *axis)};
}

/// The rows that are meant of each operand, one behind the other. Operands are numbered from `first`.
static Values joinCounted(Node &n, ArrayRef<Value> inputs, size_t first) {
  Term offset{n.b, n.b.scalar(n.i64(), 0)};
  Value joined = n.b.concat(inputs, 0);
  if (!joined)
    return {};
  double outside = n.b.shapeOf(joined).front();
  SmallVector<Value> places;
  for (size_t i = 0; i < inputs.size(); ++i) {
    int64_t rows = n.b.shapeOf(inputs[i]).front();
    Term place = Term(n.b, n.b.iota({rows}, n.i64(), 0)) + offset;
    Value valid = n.validRows(first + i);
    places.push_back(valid ? select({n.b, valid}, place, outside) : place);
    offset = offset + (valid ? Term(n.b, n.count(first + i)) : Term(n.b, n.b.scalar(n.i64(), rows)));
  }
  n.resultCounts[0] = offset;
  return {n.b.scatter(Combiner::Set, n.b.splatLike(joined, 0), n.b.concat(places, 0), joined)};
}

static Values concatAlong(Node &n, ArrayRef<Value> inputs, size_t axisOperand) {
  std::optional<int64_t> given = n.constantInt(axisOperand);
  std::optional<int64_t> axis = given ? n.axis(*given, n.b.typeOf(inputs[0]).getRank()) : std::nullopt;
  if (!axis)
    return {};
  size_t first = axisOperand == 0 ? 1 : 0;
  bool isCounted = false, allCounted = true;
  for (size_t i = 0; i < inputs.size(); ++i) {
    isCounted |= bool(n.count(first + i));
    allCounted &= bool(n.count(first + i));
  }
  if (isCounted && *axis == 0)
    return joinCounted(n, inputs, first);
  if (isCounted && !allCounted)
    return sizeUnknown(n, "some operands");
  if (isCounted)
    n.resultCounts[0] = n.count(first);
  return {n.b.concat(inputs, *axis)};
}

static Values unpack(Node &n) {
  std::optional<int64_t> axis = n.axis(n.integer("axis"), n.rank(0));
  if (!axis)
    return {};
  if (n.shape(0)[*axis] != n.numResults())
    return n.mismatch("dimension " + Twine(*axis) + " must be " + Twine(n.numResults()) + ", but is " +
                      Twine(n.shape(0)[*axis]));
  Ints shape(n.shape(0));
  shape.erase(shape.begin() + *axis);
  Values parts;
  for (unsigned i = 0; i < n.numResults(); ++i)
    parts.push_back(n.b.reshape(sliceAlong(n.b, n[0], *axis, i, 1), shape));
  return parts;
}

static Values tile(Node &n) {
  std::optional<Ints> multiples = n.constantInts(1);
  if (!multiples)
    return {};
  if (static_cast<int64_t>(multiples->size()) != n.rank(0))
    return n.mismatch("multiples must have " + Twine(n.rank(0)) + " entries, but got " + Twine(multiples->size()));
  // Each dimension is repeated as one before it, then joined with it.
  Ints repeated, places, result;
  for (auto [size, times] : llvm::zip_equal(n.shape(0), *multiples)) {
    if (times < 0)
      return n.mismatch("multiples must not be negative, but got " + Twine(times));
    repeated.append({times, size});
    places.push_back(repeated.size() - 1);
    result.push_back(times * size);
  }
  return {n.b.reshape(n.b.broadcast(n[0], repeated, places), result)};
}

static Values zerosLike(Node &n) {
  n.emptyResult = n.emptyList(0);
  if (Value count = n.count(0))
    n.resultCounts[0] = count;
  return {n.b.splatLike(n[0], 0)};
}

ArrayRef<LegalizationRow> legalize::creationRows() {
  static constexpr LegalizationRow rows[] = {
      {"Concat", [](Node &n) { return concatAlong(n, n.operands().drop_front(), 0); }, Counts::Handled},
      {"ConcatV2", [](Node &n) { return concatAlong(n, n.operands().drop_back(), n.size() - 1); }, Counts::Handled},
      {"Const", constant},
      {"Empty", zeros},
      {"Fill", fill},
      {"LinSpace", linSpace},
      {"OneHot", oneHot},
      {"OnesLike", [](Node &n) -> Values { return {n.b.splatLike(n[0], 1)}; }},
      {"Pack", pack},
      {"ParallelConcat", [](Node &n) -> Values { return {n.b.concat(n.operands(), 0)}; }},
      {"RaggedRange", raggedRange},
      {"Range", range},
      {"Tile", tile},
      {"Unpack", unpack},
      {"ZerosLike", zerosLike, Counts::Handled},
  };
  return rows;
}
