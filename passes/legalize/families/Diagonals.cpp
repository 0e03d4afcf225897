// SPDX-License-Identifier: Apache-2.0
// The import table: diagonals and bands of matrices.
#include "passes/legalize/Rows.h"
#include "passes/legalize/Table.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace lathe;
using namespace lathe::core;
using namespace lathe::legalize;

namespace {
/// Diagonals `low` to `high` of matrices of `rows` by `columns`, packed into rows of equal length, the highest first.
struct Band {
  int64_t low, high, rows, columns;
  bool superRight, subRight; // on which side shorter diagonals above and below the main one stand

  int64_t count() const { return high - low + 1; }
  int64_t length(int64_t d) const {
    return std::min(rows + std::min<int64_t>(d, 0), columns - std::max<int64_t>(d, 0));
  }
  int64_t longest() const { return std::min(rows + std::min<int64_t>(high, 0), columns - std::max<int64_t>(low, 0)); }
  int64_t offset(int64_t d) const { return (d >= 0 ? superRight : subRight) ? longest() - length(d) : 0; }
  bool contains(int64_t row, int64_t column) const { return low <= column - row && column - row <= high; }
  /// The place, in the packed diagonals, of an element of the matrix.
  int64_t packed(int64_t row, int64_t column) const {
    int64_t d = column - row;
    return (high - d) * longest() + std::min(row, column) + offset(d);
  }
};
} // namespace

/// Reads the band that operand `k` (one diagonal or a range of them) and the attribute `align` describe; the main
/// diagonal where the node has no such operand.
static std::optional<Band> readBand(Node &n, size_t k, int64_t rows, int64_t columns) {
  Ints range{0};
  if (n.size() > k) {
    std::optional<Ints> given = n.constantInts(k);
    if (!given)
      return std::nullopt;
    range = *given;
  }
  if (range.empty() || range.size() > 2 || range.front() > range.back()) {
    n.mismatch("k must be a diagonal, or the lowest and highest of a range");
    return std::nullopt;
  }
  // The second version has no attribute: both kinds stand left.
  StringRef align = n.text("align");
  return Band{range.front(), range.back(), rows, columns, align.starts_with("RIGHT"), align.ends_with("RIGHT")};
}

/// Whether the places of all elements can be listed when compiling. Reports matrices for which they cannot.
static bool isListable(Node &n, const Band &band) {
  constexpr int64_t mostElements = int64_t(1) << 24;
  int64_t elements;
  if (band.rows >= 0 && band.columns >= 0 && !llvm::MulOverflow(band.rows, band.columns, elements) &&
      elements <= mostElements)
    return true;
  n.unsupported("matrices must have at most " + Twine(mostElements) + " elements, but have " + Twine(band.rows) +
                " by " + Twine(band.columns));
  return false;
}

/// Elements of `x`, its last `depth` dimensions as one, at `places`; `otherwise` where a place is -1.
static Value pick(Node &n, Value x, int64_t depth, ArrayRef<int64_t> places, ArrayRef<int64_t> shape, Value otherwise) {
  Ints flat(n.b.shapeOf(x).drop_back(depth)), result = flat;
  flat.push_back(product(n.b.shapeOf(x).take_back(depth)));
  llvm::append_range(result, shape);
  Ints clamped;
  SmallVector<bool> isPicked;
  for (int64_t place : places) {
    clamped.push_back(std::max<int64_t>(place, 0));
    isPicked.push_back(place >= 0);
  }
  Value values = n.b.reshape(n.b.gather(n.b.reshape(x, flat), n.b.integers(clamped, n.i32()), flat.size() - 1), result);
  if (llvm::all_of(isPicked, [](bool picked) { return picked; }))
    return values;
  auto type = RankedTensorType::get(shape, n.b.builder.getI1Type());
  return n.b.select(n.b.constant(DenseElementsAttr::get(type, ArrayRef<bool>(isPicked))), values, otherwise);
}

static Values diagonalPart(Node &n) {
  if (n.rank(0) < 2)
    return n.mismatch("the operand must be at least a matrix, but has rank " + Twine(n.rank(0)));
  ArrayRef<int64_t> sizes = n.shape(0).take_back(2);
  std::optional<Band> band = readBand(n, 1, sizes[0], sizes[1]);
  if (!band)
    return {};
  if (band->low <= -std::max<int64_t>(band->rows, 1) || band->high >= std::max<int64_t>(band->columns, 1))
    return n.mismatch("diagonals " + Twine(band->low) + " to " + Twine(band->high) + " are not in matrices of " +
                      Twine(sizes[0]) + " by " + Twine(sizes[1]));
  if (!isListable(n, *band))
    return {};
  Ints places(band->count() * band->longest(), -1), shape{band->longest()};
  for (int64_t row = 0; row < band->rows; ++row)
    for (int64_t column = 0; column < band->columns; ++column)
      if (band->contains(row, column))
        places[band->packed(row, column)] = row * band->columns + column;
  if (band->count() > 1)
    shape.insert(shape.begin(), band->count());
  return {pick(n, n[0], 2, places, shape, n.size() > 2 ? n[2] : n.b.scalar(n.element(0), 0))};
}

/// Matrices with the packed diagonals of operand `source` in the band, and `otherwise` around it.
static Value spread(Node &n, const Band &band, size_t source, Value otherwise) {
  if (!isListable(n, band))
    return {};
  int64_t depth = band.count() > 1 ? 2 : 1;
  ArrayRef<int64_t> packed = n.shape(source).take_back(depth);
  if (static_cast<int64_t>(packed.size()) != depth || packed.back() != band.longest() ||
      (depth == 2 && packed.front() != band.count())) {
    n.mismatch("the diagonals must be " + Twine(band.count()) + " of " + Twine(band.longest()) + " elements");
    return {};
  }
  Ints places;
  for (int64_t row = 0; row < band.rows; ++row)
    for (int64_t column = 0; column < band.columns; ++column)
      places.push_back(band.contains(row, column) ? band.packed(row, column) : -1);
  return pick(n, n[source], depth, places, {band.rows, band.columns}, otherwise);
}

static Values matrixDiagonal(Node &n) {
  std::optional<Band> band = readBand(n, 1, 0, 0);
  if (!band)
    return {};
  if (n.rank(0) < (band->count() > 1 ? 2 : 1))
    return n.mismatch("the diagonals have too low a rank: " + Twine(n.rank(0)));
  int64_t longest = n.shape(0).back();
  int64_t rows = longest - std::min<int64_t>(band->high, 0), columns = longest + std::max<int64_t>(band->low, 0);
  Ints given{-1, -1};
  for (size_t i = 0; i < 2 && n.size() > 3; ++i) {
    std::optional<int64_t> size = n.constantInt(2 + i);
    if (!size)
      return {};
    given[i] = *size;
  }
  if (given[0] < 0 && given[1] < 0)
    rows = columns = std::max(rows, columns);
  band->rows = given[0] < 0 ? rows : given[0];
  band->columns = given[1] < 0 ? columns : given[1];
  return {spread(n, *band, 0, n.size() > 4 ? n[4] : n.b.scalar(n.element(0), 0))};
}

static Values matrixSetDiagonal(Node &n) {
  if (n.rank(0) < 2 || n.rank(1) < 1)
    return n.mismatch("the operand must be at least a matrix, and the diagonal a vector");
  ArrayRef<int64_t> sizes = n.shape(0).take_back(2);
  std::optional<Band> band = readBand(n, 2, sizes[0], sizes[1]);
  return band ? Values{spread(n, *band, 1, n[0])} : Values();
}

static Values bandPart(Node &n) {
  if (n.rank(0) < 2)
    return n.mismatch("the operand must be at least a matrix, but has rank " + Twine(n.rank(0)));
  Ints sizes(n.shape(0).take_back(2));
  Term row{n.b, n.b.iota(sizes, n.element(1), 0)}, column{n.b, n.b.iota(sizes, n.element(1), 1)};
  Term below = (n(1) < 0) | (row - column <= n(1)), above = (n(2) < 0) | (column - row <= n(2));
  return {select(below & above, n(0), 0)};
}

/// A tensor as the diagonal of one with each dimension twice.
static Values diagonal(Node &n) {
  int64_t size = product(n.shape(0));
  Term row{n.b, n.b.iota({size, size}, n.i32(), 0)}, column{n.b, n.b.iota({size, size}, n.i32(), 1)};
  Ints shape(n.shape(0));
  llvm::append_range(shape, n.shape(0));
  return {reshape(select(equal(row, column), reshape(n(0), {size}), 0), shape)};
}

static Values diagonalOfTensor(Node &n) {
  ArrayRef<int64_t> half = n.shape(0).take_front(n.rank(0) / 2);
  if (n.rank(0) % 2 || half != n.shape(0).drop_front(n.rank(0) / 2))
    return n.mismatch("the two halves of the operand's dimensions must be equal");
  int64_t size = product(half);
  Ints places;
  for (int64_t i = 0; i < size; ++i)
    places.push_back(i * (size + 1));
  return {n.b.reshape(pick(n, n[0], n.rank(0), places, {size}, {}), half)};
}

ArrayRef<LegalizationRow> legalize::diagonalRows() {
  static constexpr LegalizationRow rows[] = {
      {"BatchMatrixBandPart", bandPart},
      {"BatchMatrixDiag", matrixDiagonal},
      {"BatchMatrixDiagPart", diagonalPart},
      {"BatchMatrixSetDiag", matrixSetDiagonal},
      {"Diag", diagonal},
      {"DiagPart", diagonalOfTensor},
      {"MatrixBandPart", bandPart},
      {"MatrixDiag", matrixDiagonal},
      {"MatrixDiagPart", diagonalPart},
      {"MatrixDiagPartV2", diagonalPart},
      {"MatrixDiagPartV3", diagonalPart},
      {"MatrixDiagV2", matrixDiagonal},
      {"MatrixDiagV3", matrixDiagonal},
      {"MatrixSetDiag", matrixSetDiagonal},
      {"MatrixSetDiagV2", matrixSetDiagonal},
      {"MatrixSetDiagV3", matrixSetDiagonal},
  };
  return rows;
}
