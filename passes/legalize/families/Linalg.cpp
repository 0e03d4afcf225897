// SPDX-License-Identifier: Apache-2.0
// The import table: factorisations, systems of equations, determinants.
#include "passes/legalize/Rows.h"
#include "passes/legalize/Table.h"

using namespace mlir;
using namespace lathe;
using namespace lathe::core;
using namespace lathe::legalize;

static Value transposed(CheckedBuilder &b, Value matrix) {
  int64_t rank = b.typeOf(matrix).getRank();
  return moveDimension(b, matrix, rank - 1, rank - 2);
}

/// Whether operand `i` is of square matrices of f32 or f64; reports it where not.
static bool isSquare(Node &n, size_t i) {
  int64_t rank = n.rank(i);
  if (rank < 2 || n.shape(i)[rank - 1] != n.shape(i)[rank - 2])
    n.mismatch("the last two dimensions of operand " + Twine(i) +
               " must be equal, and its rank 2 or more, but the rank is " + Twine(rank));
  else if (!n.element(i).isF32() && !n.element(i).isF64())
    n.unsupported("matrices that are not of float32 or float64");
  else
    return true;
  return false;
}

/// Whether operand 0 is of matrices of f32 or f64; reports it where not.
static bool isMatrix(Node &n) {
  if (n.rank(0) < 2)
    n.mismatch("the operand must be matrices, but its rank is " + Twine(n.rank(0)));
  else if (!n.element(0).isF32() && !n.element(0).isF64())
    n.unsupported("matrices that are not of float32 or float64");
  else
    return true;
  return false;
}

/// `size` by `size` identity matrices, a batch of them.
static Term identity(CheckedBuilder &b, ArrayRef<int64_t> shape, Type element) {
  int64_t rank = shape.size();
  Term row{b, b.iota(shape, b.builder.getI32Type(), rank - 2)},
      column{b, b.iota(shape, b.builder.getI32Type(), rank - 1)};
  return convert(equal(row, column), element);
}

/// X with matrix * X = rhs: rows in the order of the pivots, then both triangles. No pivot may be 0.
static Value solve(Node &n, Value matrix, Value rhs) {
  CheckedBuilder &b = n.b;
  SmallVector<Value> lu = b.lu(matrix);
  if (lu.empty() || !rhs)
    return {};
  if (n.makesDemands()) {
    Term isPivot = identity(b, b.shapeOf(matrix), b.builder.getI1Type());
    n.demand((abs(Term(b, lu[0])) > 0) | !isPivot, "the matrix is not invertible");
  }
  int64_t row = b.typeOf(rhs).getRank() - 2;
  Value ordered = b.gather(rhs, lu[1], row, row);
  Value lower = b.triangularSolve(lu[0], ordered, /*lower=*/true, /*transpose=*/false, /*unitDiagonal=*/true);
  return b.triangularSolve(lu[0], lower, /*lower=*/false, /*transpose=*/false, /*unitDiagonal=*/false);
}

static Values matrixSolve(Node &n) {
  if (!isSquare(n, 0))
    return {};
  return {solve(n, n.flag("adjoint") ? transposed(n.b, n[0]) : n[0], n[1])};
}

static Values matrixInverse(Node &n) {
  if (!isSquare(n, 0))
    return {};
  return {solve(n, n.flag("adjoint") ? transposed(n.b, n[0]) : n[0], identity(n.b, n.shape(0), n.element(0)))};
}

static Values triangularSolve(Node &n) {
  if (!isSquare(n, 0))
    return {};
  std::optional<Ints> batch =
      broadcastShapes(n.shape(0).drop_back(2), n.rank(1) < 2 ? ArrayRef<int64_t>() : n.shape(1).drop_back(2));
  if (!batch || n.rank(1) < 2)
    return n.mismatch("the right-hand side must be matrices whose batch fits the operand's");
  auto widen = [&](Value matrices) {
    Ints shape(*batch);
    llvm::append_range(shape, n.b.shapeOf(matrices).take_back(2));
    return n.b.broadcastTo(matrices, shape);
  };
  return {n.b.triangularSolve(widen(n[0]), widen(n[1]), n.flag("lower"), n.flag("adjoint"), /*unitDiagonal=*/false)};
}

namespace {
/// The pivots of a factorisation, and the sign of its permutation.
struct Pivots {
  Term diagonal, sign;
};
} // namespace

static std::optional<Pivots> factor(Node &n) {
  if (!isSquare(n, 0))
    return std::nullopt;
  SmallVector<Value> lu = n.b.lu(n[0]);
  if (lu.empty())
    return std::nullopt;
  int64_t size = n.shape(0).back();
  Ints flat(n.shape(0).drop_back(2)), places;
  flat.push_back(size * size);
  for (int64_t i = 0; i < size; ++i)
    places.push_back(i * (size + 1));
  Term diagonal{n.b, n.b.gather(n.b.reshape(lu[0], flat), n.b.integers(places, n.i32()), flat.size() - 1)};
  return Pivots{diagonal, {n.b, lu[2]}};
}

static Term productOfLast(Node &n, Term x) {
  return {n.b, n.b.reduce(Combiner::Mul, x, {n.rank(0) - 2})};
}

static Values determinant(Node &n) {
  std::optional<Pivots> pivots = factor(n);
  return pivots ? Values{productOfLast(n, pivots->diagonal) * pivots->sign} : Values();
}

static Values logDeterminant(Node &n) {
  std::optional<Pivots> pivots = factor(n);
  if (!pivots)
    return {};
  return {productOfLast(n, sign(pivots->diagonal)) * pivots->sign, sumOf(log(abs(pivots->diagonal)), {n.rank(0) - 2})};
}

static Values lu(Node &n) {
  if (!isSquare(n, 0))
    return {};
  SmallVector<Value> factors = n.b.lu(n[0]);
  if (factors.empty())
    return {};
  Type index = n.type("output_idx_type");
  return {factors[0], n.b.convert(factors[1], index ? index : n.i32())};
}

static Values cholesky(Node &n) {
  return isSquare(n, 0) ? Values{n.b.cholesky(n[0])} : Values();
}

static Term product(Node &n, Value x, Value y) {
  Ints batch = upTo(n.rank(0) - 2);
  return {n.b, n.b.dotGeneral(x, y, batch, batch, {n.rank(0) - 1}, {n.rank(0) - 2})};
}

/// The gradient by a matrix of its factor L (operand 0) whose gradient is operand 1: the symmetric part of transpose(1
/// / L) P / L, where P is the lower triangle of transpose(L) G with half its diagonal.
static Values choleskyGradient(Node &n) {
  if (!isSquare(n, 0))
    return {};
  if (n.shape(0) != n.shape(1))
    return n.mismatch("the factor and its gradient must have one shape");
  int64_t rank = n.rank(0);
  Ints shape(rank - 2, 1);
  llvm::append_range(shape, n.shape(0).take_back(2));
  Term row{n.b, n.b.iota(shape, n.i32(), rank - 2)}, column{n.b, n.b.iota(shape, n.i32(), rank - 1)};
  Term p = product(n, transposed(n.b, n[0]), n[1]);
  p = select(row > column, p, select(equal(row, column), p * 0.5, 0));
  auto solveTransposed = [&](Value rhs) {
    return n.b.triangularSolve(n[0], rhs, /*lower=*/true, /*transpose=*/true, /*unitDiagonal=*/false);
  };
  Value left = solveTransposed(p);
  Term both{n.b, left ? solveTransposed(transposed(n.b, left)) : Value()};
  return {both.value ? (both + Term(n.b, transposed(n.b, both))) * 0.5 : both};
}

static Values qr(Node &n) {
  return isMatrix(n) ? n.b.qr(n[0], n.flag("full_matrices")) : Values();
}

/// Square matrices that are 0 but for diagonals: `diagonals[k]`, [..., size], lies `offsets[k]` to the right of the
/// main one, its element i in row i.
static Term banded(Node &n, ArrayRef<Term> diagonals, ArrayRef<int64_t> offsets) {
  constexpr int64_t mostRows = 8192;
  Ints shape(n.b.shapeOf(diagonals[0]));
  int64_t rank = shape.size() + 1, size = shape.back();
  if (size > mostRows) {
    n.unsupported("matrices of more than " + Twine(mostRows) + " rows");
    return {n.b, {}};
  }
  Ints grid(rank - 2, 1);
  grid.append({size, size});
  shape.push_back(1);
  Term distance = Term(n.b, n.b.iota(grid, n.i32(), rank - 1)) - Term(n.b, n.b.iota(grid, n.i32(), rank - 2));
  Term result = like(diagonals[0], 0);
  result = reshape(result, shape);
  for (auto [diagonal, offset] : llvm::zip_equal(diagonals, offsets))
    result = select(equal(distance, static_cast<double>(offset)), reshape(diagonal, shape), result);
  return result;
}

/// Row `i` of the last but one dimension of operand 0.
static Term bandOf(Node &n, int64_t i) {
  Ints shape(n.shape(0));
  shape.erase(shape.end() - 2);
  return reshape({n.b, sliceAlong(n.b, n[0], n.rank(0) - 2, i, 1)}, shape);
}

/// The bands of a lower matrix are the main diagonal, then those below it; of an upper one, the main one comes last.
static Values bandedSolve(Node &n) {
  int64_t rank = n.rank(0);
  if (!isMatrix(n))
    return {};
  bool isLower = n.flag("lower");
  int64_t bands = n.shape(0)[rank - 2];
  SmallVector<Term> diagonals;
  Ints offsets;
  for (int64_t i = 0; i < bands; ++i) {
    diagonals.push_back(bandOf(n, i));
    offsets.push_back(isLower ? -i : bands - 1 - i);
  }
  if (bands < 1 || n.rank(1) != rank)
    return n.mismatch("there must be a band or more, and right-hand sides of the bands' rank");
  Term matrix = banded(n, diagonals, offsets);
  if (!matrix.value)
    return {};
  std::optional<Ints> batch = broadcastShapes(n.shape(0).drop_back(2), n.shape(1).drop_back(2));
  if (!batch)
    return n.mismatch("the batches of bands and right-hand sides do not broadcast");
  auto widen = [&](Value matrices) {
    Ints shape(*batch);
    llvm::append_range(shape, n.b.shapeOf(matrices).take_back(2));
    return n.b.broadcastTo(matrices, shape);
  };
  return {n.b.triangularSolve(widen(matrix), widen(n[1]), isLower, n.flag("adjoint"), /*unitDiagonal=*/false)};
}

static Values tridiagonalSolve(Node &n) {
  if (!isMatrix(n))
    return {};
  if (n.shape(0)[n.rank(0) - 2] != 3)
    return n.mismatch("there must be three diagonals, but got " + Twine(n.shape(0)[n.rank(0) - 2]));
  Term matrix = banded(n, {bandOf(n, 0), bandOf(n, 1), bandOf(n, 2)}, {1, 0, -1});
  return matrix.value ? Values{solve(n, matrix, n[1])} : Values();
}

/// A matrix of three diagonals, [..., 1, size] each, times operand 3.
static Values tridiagonalProduct(Node &n) {
  int64_t rank = n.rank(3), row = rank - 2;
  if (rank < 2 || n.shape(3)[row] < 1 || n.rank(0) != rank || n.rank(1) != rank || n.rank(2) != rank)
    return n.mismatch("diagonals and right-hand sides must be matrices with a row or more");
  int64_t size = n.shape(3)[row];
  Value none = n.b.scalar(n.element(3), 0);
  auto moved = [&](int64_t by) -> Term {
    Ints low(rank, 0), high(rank, 0);
    low[row] = by;
    high[row] = -by;
    return {n.b, n.b.pad(n[3], none, low, high)};
  };
  auto column = [&](size_t i) -> Term { return {n.b, transposed(n.b, n[i])}; };
  for (size_t i = 0; i < 3; ++i)
    if (n.shape(i)[rank - 1] != size)
      return n.mismatch("a diagonal must have " + Twine(size) + " elements, but has " + Twine(n.shape(i)[rank - 1]));
  // What lies outside of the matrix has no influence, be it NaN.
  Term place{n.b, n.b.iota({size, 1}, n.i32(), 0)};
  Term above = select(place < static_cast<double>(size - 1), column(0), 0), below = select(place > 0, column(2), 0);
  return {column(1) * n(3) + above * moved(-1) + below * moved(1)};
}

/// Vectors that were not asked for are empty.
static void dropVectors(Node &n, StringRef attribute, Values &results) {
  auto wanted = n.attribute<BoolAttr>(attribute);
  if (wanted && !wanted.getValue())
    for (Value &vectors : llvm::drop_begin(results))
      vectors = n.b.splat({0}, n.element(0), 0);
}

static Values svd(Node &n) {
  if (!isMatrix(n))
    return {};
  Values results = n.b.svd(n[0], n.flag("full_matrices"));
  dropVectors(n, "compute_uv", results);
  return results;
}

/// Eigenvalues as the first row, eigenvectors below.
static Values selfAdjointEigJoined(Node &n) {
  if (!isSquare(n, 0))
    return {};
  Values parts = n.b.eigh(n[0]);
  if (parts.empty())
    return {};
  Ints shape(n.shape(0));
  shape[n.rank(0) - 2] = 1;
  return {n.b.concat({n.b.reshape(parts[0], shape), parts[1]}, n.rank(0) - 2)};
}

static Values selfAdjointEig(Node &n) {
  if (!isSquare(n, 0))
    return {};
  Values results = n.b.eigh(n[0]);
  dropVectors(n, "compute_v", results);
  return results;
}

/// The vector or matrix of least size among those that solve a system best, by singular values: of each the inverse,
/// where it is more than noise; in the fast form with a weight on the solution's own size.
static Values leastSquares(Node &n) {
  if (!isMatrix(n))
    return {};
  int64_t rank = n.rank(0), columns = n.shape(0).back();
  if (n.rank(1) != rank || n.shape(1).drop_back() != n.shape(0).drop_back())
    return n.mismatch("the right-hand side must have as many rows as the matrix");
  Values parts = n.b.svd(n[0], /*full=*/false);
  if (parts.empty())
    return {};
  Ints batch = upTo(rank - 2), shape(n.b.shapeOf(parts[0]));
  Term values{n.b, parts[0]}, inverse = 1.0 / values;
  auto fast = n.attribute<BoolAttr>("fast");
  if (!fast || fast.getValue()) {
    inverse = values / (values * values + convert(n(2), n.element(0)));
  } else {
    double noise =
        (n.element(0).isF32() ? 0x1p-23 : 0x1p-52) * static_cast<double>(std::max(n.shape(0)[rank - 2], columns));
    Term largest{n.b, n.b.reduce(Combiner::Max, values, {rank - 2}, /*keepDimensions=*/true)};
    inverse = select(values <= largest * noise, 0, inverse);
  }
  shape.push_back(1);
  Value projected = n.b.dotGeneral(parts[1], n[1], batch, batch, {rank - 2}, {rank - 2});
  return {
      n.b.dotGeneral(parts[2], Term(n.b, projected) * reshape(inverse, shape), batch, batch, {rank - 1}, {rank - 2})};
}

static Values cross(Node &n) {
  int64_t last = n.rank(0) - 1;
  if (last < 0 || n.shape(0)[last] != 3 || n.shape(0) != n.shape(1))
    return n.mismatch("operands must have one shape, whose last dimension is 3");
  auto part = [&](size_t i, int64_t c) -> Term { return {n.b, sliceAlong(n.b, n[i], last, c % 3, 1)}; };
  Values parts;
  for (int64_t c = 0; c < 3; ++c)
    parts.push_back(part(0, c + 1) * part(1, c + 2) - part(0, c + 2) * part(1, c + 1));
  return {n.b.concat(parts, last)};
}

ArrayRef<LegalizationRow> legalize::linalgRows() {
  static constexpr LegalizationRow rows[] = {
      {"BandedTriangularSolve", bandedSolve},
      {"BatchCholesky", cholesky},
      {"BatchCholeskyGrad", choleskyGradient},
      {"BatchMatrixDeterminant", determinant},
      {"BatchMatrixInverse", matrixInverse},
      {"BatchMatrixSolve", matrixSolve},
      {"BatchMatrixSolveLs", leastSquares},
      {"BatchMatrixTriangularSolve", triangularSolve},
      {"BatchSelfAdjointEig", selfAdjointEigJoined},
      {"BatchSelfAdjointEigV2", selfAdjointEig},
      {"BatchSvd", svd},
      {"Cholesky", cholesky},
      {"CholeskyGrad", choleskyGradient},
      {"Cross", cross},
      {"LogMatrixDeterminant", logDeterminant},
      {"Lu", lu},
      {"MatrixDeterminant", determinant},
      {"MatrixInverse", matrixInverse},
      {"MatrixSolve", matrixSolve},
      {"MatrixSolveLs", leastSquares},
      {"MatrixTriangularSolve", triangularSolve},
      {"Qr", qr},
      {"SelfAdjointEig", selfAdjointEigJoined},
      {"SelfAdjointEigV2", selfAdjointEig},
      {"Svd", svd},
      {"TridiagonalMatMul", tridiagonalProduct},
      {"TridiagonalSolve", tridiagonalSolve},
  };
  return rows;
}
