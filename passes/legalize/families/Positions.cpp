// SPDX-License-Identifier: Apache-2.0
// The import table: positions of values in sorted ones, of elements in tensors, of dimensions in layouts.
#include "passes/legalize/Rows.h"
#include "passes/legalize/Table.h"

using namespace mlir;
using namespace lathe;
using namespace lathe::core;
using namespace lathe::legalize;

/// How many of the attribute's boundaries are not above each element.
static Values bucketize(Node &n) {
  auto list = n.attribute<ArrayAttr>("boundaries");
  SmallVector<float> boundaries;
  if (list)
    for (auto boundary : list.getAsRange<FloatAttr>())
      boundaries.push_back(boundary.getValue().convertToFloat());
  int64_t count = boundaries.size(), rank = n.rank(0);
  // TensorFlow compares in the wider of float32 and the operand's type.
  Type wide = n.element(0).isF64() ? n.element(0) : n.f32();
  Value table =
      n.b.constant(DenseElementsAttr::get(RankedTensorType::get({count}, n.f32()), ArrayRef<float>(boundaries)));
  Ints shape(n.shape(0));
  shape.push_back(1);
  Term x = reshape(convert(n(0), wide), shape);
  return {sumOf(convert(!(x < convert({n.b, table}, wide)), n.i32()), {rank})};
}

/// How many of the sorted row (operand 0) `comes` before each value (operand 1) of the row.
template <Comparison comes> static Values bound(Node &n) {
  if (n.rank(0) != 2 || n.rank(1) != 2 || n.shape(0)[0] != n.shape(1)[0])
    return n.mismatch("sorted inputs and values must be matrices with as many rows");
  int64_t rows = n.shape(0)[0];
  Value sorted = n.b.reshape(n[0], {rows, 1, n.shape(0)[1]}), values = n.b.reshape(n[1], {rows, n.shape(1)[1], 1});
  Type result = n.type("out_type");
  Term before{n.b, n.b.compare(comes, sorted, values)};
  return {sumOf(convert(before, result ? result : n.i32()), {2})};
}

/// Where each operand of a concatenation begins in its result, from the operands' shapes.
static Values concatOffset(Node &n) {
  if (n.size() < 2 || n.rank(1) != 1)
    return n.mismatch("shapes must be vectors");
  int64_t rank = n.shape(1)[0];
  std::optional<int64_t> given = n.constantInt(0);
  std::optional<int64_t> axis = given ? n.axis(*given, rank) : std::nullopt;
  if (!axis)
    return {};
  Ints unit(rank, 0);
  unit[*axis] = 1;
  Term along{n.b, n.b.integers(unit, n.element(1))}, offset = like(along, 0);
  Values offsets;
  for (size_t i = 1; i < n.size(); ++i) {
    offsets.push_back(offset);
    offset = offset + n(i) * along;
  }
  return offsets;
}

/// The attribute, or what TensorFlow takes where it is absent.
static StringRef format(Node &n, StringRef name, StringRef absent) {
  return n.text(name).empty() ? absent : n.text(name);
}

/// The place in `dst_format` of each dimension that operand 0 names by its place in `src_format`.
static Values dataFormatDimMap(Node &n) {
  StringRef from = format(n, "src_format", "NHWC"), to = format(n, "dst_format", "NCHW");
  int64_t size = from.size();
  Ints places;
  for (char dimension : from)
    places.push_back(to.find(dimension));
  if (to.size() != from.size() || llvm::is_contained(places, static_cast<int64_t>(StringRef::npos)))
    return n.mismatch("formats '" + from + "' and '" + to + "' must name the same dimensions");
  Term wrapped = select(n(0) < 0, n(0) + static_cast<double>(size), n(0));
  return {n.b.gather(n.b.integers(places, n.element(0)), wrapped, 0)};
}

/// Rows of operand 0, one a dimension of `src_format`, in the order of `dst_format`; where there are two rows fewer,
/// only those of the image's dimensions.
static Values dataFormatVecPermute(Node &n) {
  std::string from = format(n, "src_format", "NHWC").str(), to = format(n, "dst_format", "NCHW").str();
  if (n.rank(0) < 1 || n.rank(0) > 2)
    return n.mismatch("the operand must be a vector or a matrix, but has rank " + Twine(n.rank(0)));
  int64_t rows = n.shape(0)[0];
  auto isNotSpatial = [](char dimension) { return dimension == 'N' || dimension == 'C'; };
  if (rows + 2 == static_cast<int64_t>(from.size())) {
    llvm::erase_if(from, isNotSpatial);
    llvm::erase_if(to, isNotSpatial);
  }
  Ints places;
  for (char dimension : to)
    places.push_back(StringRef(from).find(dimension));
  if (static_cast<int64_t>(from.size()) != rows || to.size() != from.size() ||
      llvm::is_contained(places, static_cast<int64_t>(StringRef::npos)))
    return n.mismatch("formats '" + from + "' and '" + to + "' must name the same dimensions, one for each of " +
                      Twine(rows) + " rows");
  return {n.b.gather(n[0], n.b.integers(places, n.i32()), 0)};
}

/// The index tuples, as columns, of row-major places in a tensor of the sizes in operand 1.
static Values unravelIndex(Node &n) {
  if (n.rank(0) > 1 || n.rank(1) != 1)
    return n.mismatch("indices must be a scalar or a vector, and the sizes a vector");
  int64_t rank = n.shape(1)[0];
  Ints result{rank};
  llvm::append_range(result, n.shape(0));
  Term sizes = reshape(n(1), {rank, 1});
  Term total{n.b, n.b.reduce(Combiner::Mul, n[1], {0})};
  n.demandEach(n(0) < total, n[0], "index %v is out of bounds");
  Term strides{n.b, n.b.cumulative(Combiner::Mul, sizes, 0, /*exclusive=*/true, /*reverse=*/true)};
  return {reshape(rem(reshape(n(0), {1, product(n.shape(0))}) / strides, sizes), result)};
}

ArrayRef<LegalizationRow> legalize::positionRows() {
  static constexpr LegalizationRow rows[] = {
      {"Bucketize", bucketize},
      {"ConcatOffset", concatOffset},
      {"DataFormatDimMap", dataFormatDimMap},
      {"DataFormatVecPermute", dataFormatVecPermute},
      {"LowerBound", bound<Comparison::LT>},
      {"UnravelIndex", unravelIndex},
      {"UpperBound", bound<Comparison::LE>},
  };
  return rows;
}
