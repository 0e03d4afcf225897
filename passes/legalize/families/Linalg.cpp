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
      {"Cholesky", cholesky},
      {"Cross", cross},
      {"LogMatrixDeterminant", logDeterminant},
      {"Lu", lu},
      {"MatrixDeterminant", determinant},
      {"MatrixInverse", matrixInverse},
      {"MatrixSolve", matrixSolve},
      {"MatrixSolveLs", leastSquares},
      {"MatrixTriangularSolve", triangularSolve},
      {"SelfAdjointEigV2", selfAdjointEig},
      {"Svd", svd},
  };
  return rows;
}
