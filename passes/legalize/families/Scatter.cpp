// SPDX-License-Identifier: Apache-2.0
// The import table: tensors with some elements replaced or combined.
#include "passes/legalize/Indices.h"
#include "passes/legalize/Rows.h"
#include "passes/legalize/Table.h"

using namespace mlir;
using namespace lathe;
using namespace lathe::core;
using namespace lathe::legalize;

/// `x` with slices at index tuples, operand `indices`, combined with `updates`.
static Value scatterNdInto(Node &n, Combiner combiner, Value x, size_t indices, Value updates) {
  if (!x || !updates)
    return {};
  ArrayRef<int64_t> shape = n.b.shapeOf(x), tuples = n.shape(indices);
  if (tuples.empty() || tuples.back() > static_cast<int64_t>(shape.size())) {
    n.mismatch("the last dimension of indices must be at most the rank " + Twine(shape.size()) + " of the operand");
    return {};
  }
  int64_t depth = tuples.back();
  Ints rows{product(tuples.drop_back())};
  llvm::append_range(rows, shape.drop_front(depth));
  Value places = linearIndices(n.b, n[indices], shape.take_front(depth));
  demandTuples(n, indices, places, shape);
  Value flat = n.b.scatter(combiner, flattenLeading(n.b, x, depth), places, n.b.reshape(updates, rows));
  return n.b.reshape(flat, shape);
}

static Values scatterNd(Node &n) {
  std::optional<Ints> shape = n.constantInts(2);
  if (!shape)
    return {};
  return {scatterNdInto(n, Combiner::Add, n.b.splat(*shape, n.element(1), 0), 0, n[1])};
}

/// A dense tensor (operand 3) and a sparse one, whose values may have equal places.
static Values sparseTensorDenseAdd(Node &n) {
  if (n.rank(0) != 2 || n.shape(0)[1] != n.rank(3))
    return n.mismatch("indices must be a matrix with a column for each of the " + Twine(n.rank(3)) + " dimensions");
  return {scatterNdInto(n, Combiner::Add, n[3], 0, n[1])};
}

/// A tensor of one value (operand 3) but at the places of a sparse one.
static Values sparseToDense(Node &n) {
  std::optional<Ints> shape = n.constantInts(1);
  if (!shape)
    return {};
  int64_t rank = shape->size(), count = n.rank(0) ? n.shape(0)[0] : 1;
  if (n.rank(0) > 2 || (n.rank(0) == 2 ? n.shape(0)[1] : 1) != rank ||
      llvm::any_of(*shape, [](int64_t size) { return size < 0; }))
    return n.mismatch("sizes must not be negative, and indices must have a column for each of the " + Twine(rank) +
                      " dimensions");
  Ints rows{count};
  Value values = n.rank(2) ? n[2] : n.b.broadcastTo(n[2], rows);
  Value places = linearIndices(n.b, n.b.reshape(n[0], {count, rank}), *shape);
  if (n.rank(0) == 2)
    demandTuples(n, 0, places, *shape);
  else if (rank == 1)
    n.demandIndices(0, shape->front());
  Value flat = n.b.scatter(Combiner::Set, flattenLeading(n.b, n.b.broadcastTo(n[3], *shape), rank), places, values);
  return {n.b.reshape(flat, *shape)};
}

static Term negated(Term x) {
  return -x;
}

/// Combines operand 0 with updates (operand 2) at index tuples (operand 1).
template <Combiner combiner, bool negates = false> static Values updateNd(Node &n) {
  return {scatterNdInto(n, combiner, n[0], 1, negates ? negated(n(2)) : n(2))};
}

/// Combines rows of operand 0 at indices (operand 1) with updates (operand 2), which can be a scalar.
template <Combiner combiner, bool negates = false> static Values updateRows(Node &n) {
  int64_t count = product(n.shape(1));
  if (n.rank(0) < 1)
    return n.mismatch("the variable must be at least a vector, but is a scalar");
  Ints rows{count};
  llvm::append_range(rows, n.shape(0).drop_front());
  Value updates = negates ? negated(n(2)) : n(2);
  updates = n.rank(2) == 0 ? n.b.broadcastTo(updates, rows) : n.b.reshape(updates, rows);
  n.demandIndices(1, n.shape(0).front());
  return {n.b.scatter(combiner, n[0], n.b.reshape(n[1], {count}), updates)};
}

/// Division does not combine by itself: rows are divided by the product of their updates.
static Values divideRows(Node &n) {
  if (isa<IntegerType>(n.element(0)) || n.rank(0) < 1)
    return n.unsupported("division of integers, or of a scalar");
  int64_t count = product(n.shape(1));
  Ints rows{count};
  llvm::append_range(rows, n.shape(0).drop_front());
  Value updates = n.rank(2) == 0 ? n.b.broadcastTo(n[2], rows) : n.b.reshape(n[2], rows);
  n.demandIndices(1, n.shape(0).front());
  Term divisor{n.b, n.b.scatter(Combiner::Mul, n.b.splatLike(n[0], 1), n.b.reshape(n[1], {count}), updates)};
  return {n(0) / divisor};
}

/// Rows of many tensors merged by index: later ones win.
static Values dynamicStitch(Node &n) {
  size_t count = n.size() / 2;
  int64_t largest = -1, most = 0;
  bool isCounted = false;
  Values indices, rows;
  for (size_t i = 0; i < count; ++i) {
    isCounted |= bool(n.count(i));
    std::optional<Ints> places = n.b.integersOf(n[i]);
    if (!places && !isCounted && !n.count(count + i) && !n.constantInts(i))
      return {};
    for (int64_t place : places.value_or(Ints()))
      largest = std::max(largest, place);
    int64_t size = product(n.shape(i));
    most += size;
    Term place = reshape(n(i), {size});
    if (Value valid = n.validRows(i); valid && n.rank(i) == 1)
      place = select({n.b, valid}, place, -1);
    else if (valid)
      return sizeUnknown(n, "indices of several dimensions");
    indices.push_back(place);
    rows.push_back(flattenLeading(n.b, n[count + i], n.rank(i)));
  }
  Ints shape(n.b.shapeOf(rows.front()));
  Value places = n.b.concat(indices, 0);
  shape[0] = largest + 1;
  if (isCounted) {
    // Each row of the result has an index of its own, so there are no more of them than indices.
    shape[0] = most;
    n.resultCounts[0] = convert({n.b, n.b.reduce(Combiner::Max, places, {0})}, n.i64()) + 1;
  }
  return {n.b.scatter(Combiner::Set, n.b.splat(shape, n.element(count), 0), places, n.b.concat(rows, 0))};
}

/// Rows of a copy of operand 0 at indices (operand 1) combined with those of operand 2.
template <Combiner combiner, bool negates = false> static Values updateCopy(Node &n) {
  return {n.b.scatter(combiner, n[0], n[1], negates ? negated(n(2)) : n(2))};
}

ArrayRef<LegalizationRow> legalize::scatterRows() {
  static constexpr LegalizationRow rows[] = {
      {"DynamicStitch", dynamicStitch, Counts::Handled},
      {"InplaceAdd", updateCopy<Combiner::Add>},
      {"InplaceSub", updateCopy<Combiner::Add, true>},
      {"InplaceUpdate", updateCopy<Combiner::Set>},
      {"ParallelDynamicStitch", dynamicStitch, Counts::Handled},
      {"ScatterAdd", updateRows<Combiner::Add>},
      {"ScatterDiv", divideRows},
      {"ScatterMax", updateRows<Combiner::Max>},
      {"ScatterMin", updateRows<Combiner::Min>},
      {"ScatterMul", updateRows<Combiner::Mul>},
      {"ScatterNd", scatterNd},
      {"ScatterNdNonAliasingAdd", updateNd<Combiner::Add>},
      {"ScatterSub", updateRows<Combiner::Add, true>},
      {"ScatterUpdate", updateRows<Combiner::Set>},
      {"SparseTensorDenseAdd", sparseTensorDenseAdd},
      {"SparseToDense", sparseToDense},
      {"TensorScatterAdd", updateNd<Combiner::Add>},
      {"TensorScatterMax", updateNd<Combiner::Max>},
      {"TensorScatterMin", updateNd<Combiner::Min>},
      {"TensorScatterSub", updateNd<Combiner::Add, true>},
      {"TensorScatterUpdate", updateNd<Combiner::Set>},
  };
  return rows;
}
