// SPDX-License-Identifier: Apache-2.0
// The import table: shapes as values, and other shapes for the same elements.
#include "passes/legalize/Rows.h"
#include "passes/legalize/Table.h"

using namespace mlir;
using namespace lathe;
using namespace lathe::core;
using namespace lathe::legalize;

/// The type of a result that counts: the attribute `out_type`, i32 where it is absent.
static Type countType(Node &n) {
  Type type = n.type("out_type");
  return type ? type : n.i32();
}

static Values shapes(Node &n) {
  Values results;
  for (size_t i = 0; i < n.size(); ++i) {
    Value sizes = n.b.integers(n.shape(i), countType(n));
    if (Value count = n.count(i))
      sizes = n.b.concat({reshape(convert({n.b, count}, countType(n)), {1}), n.b.integers(n.shape(i).drop_front(), countType(n))}, 0);
    results.push_back(sizes);
  }
  return results;
}

static Values elementCount(Node &n) {
  int64_t whole = product(n.shape(0));
  if (Value count = n.count(0))
    return {convert({n.b, count}, countType(n)) * static_cast<double>(product(n.shape(0).drop_front()))};
  return {n.b.reshape(n.b.integers({whole}, countType(n)), {})};
}

static Values scalarCount(Node &n, int64_t count, Type type) {
  return {n.b.reshape(n.b.integers({count}, type), {})};
}

static Values reshapeTo(Node &n) {
  std::optional<Ints> shape = n.constantInts(1);
  if (!shape)
    return {};
  // An open size beside one of zero follows from the other sizes.
  bool isEmpty = llvm::is_contained(*shape, 0);
  int64_t total = 1, known = 1;
  for (int64_t size : n.shape(0))
    total *= isEmpty && size == 0 ? 1 : size;
  int64_t *open = nullptr;
  for (int64_t &size : *shape) {
    if (size >= 0)
      known *= isEmpty && size == 0 ? 1 : size;
    else if (size == -1 && !open)
      open = &size;
    else
      return n.mismatch("at most one size of the new shape can be -1, and none lower");
  }
  bool opensRows = open && open == shape->data();
  if (open)
    *open = total / known;
  if (Value count = n.count(0)) {
    int64_t each = product(n.shape(0).drop_front());
    if (!open && each && known % each == 0 && known / each <= n.shape(0).front())
      return {n.b.reshape(sliceAlong(n.b, n[0], 0, 0, known / each), *shape)}; // The graph knows how many rows are meant.
    if (!opensRows)
      return sizeUnknown(n, "the operand");
    int64_t newEach = product(llvm::ArrayRef(*shape).drop_front());
    n.resultCounts[0] = each == newEach ? count : Value(Term(n.b, count) * double(each) / double(newEach));
  }
  return {n.b.reshape(n[0], *shape)};
}

static Values expandDims(Node &n) {
  std::optional<int64_t> given = n.constantInt(1), axis = given ? n.axis(*given, n.rank(0) + 1) : std::nullopt;
  if (!axis)
    return {};
  if (Value count = n.count(0)) {
    if (*axis == 0)
      return sizeUnknown(n, "the operand");
    n.resultCounts[0] = count;
  }
  Ints shape(n.shape(0));
  shape.insert(shape.begin() + *axis, 1);
  return {n.b.reshape(n[0], shape)};
}

static Values squeeze(Node &n) {
  llvm::SmallDenseSet<int64_t> removed;
  for (int64_t given : n.integers("squeeze_dims")) {
    std::optional<int64_t> axis = n.axis(given, n.rank(0));
    if (!axis)
      return {};
    if (n.shape(0)[*axis] != 1)
      return n.mismatch("dimension " + Twine(*axis) + " must be 1 to be squeezed, but is " + Twine(n.shape(0)[*axis]));
    removed.insert(*axis);
  }
  if (Value count = n.count(0)) {
    if (removed.empty() || removed.contains(0))
      return sizeUnknown(n, "the operand");
    n.resultCounts[0] = count;
  }
  Ints shape;
  for (auto [d, size] : llvm::enumerate(n.shape(0)))
    if (removed.empty() ? size != 1 : !removed.contains(d))
      shape.push_back(size);
  return {n.b.reshape(n[0], shape)};
}

static Values transpose(Node &n) {
  std::optional<Ints> order = n.constantInts(1);
  if (!order)
    return {};
  for (int64_t &axis : *order) {
    std::optional<int64_t> counted = n.axis(axis, n.rank(0));
    if (!counted)
      return {};
    axis = *counted;
  }
  if (Value count = n.count(0)) {
    if (order->front() != 0)
      return sizeUnknown(n, "the operand");
    n.resultCounts[0] = count;
  }
  return {n.b.transpose(n[0], *order)};
}

static Values conjugateTranspose(Node &n) {
  Values result = transpose(n);
  if (result.empty() || !result[0] || !isa<ComplexType>(n.element(0)))
    return result;
  return {n.b.complex(n.b.real(result[0]), n.b.unary<NegOp>(n.b.imag(result[0])))};
}

static Values broadcastTo(Node &n) {
  std::optional<Ints> shape = n.constantInts(1);
  return shape ? Values{n.b.broadcastTo(n[0], *shape)} : Values();
}

/// The shape that two shapes, given as vectors, broadcast to: sizes of 1 give way.
static Values broadcastArgs(Node &n) {
  if (n.rank(0) != 1 || n.rank(1) != 1)
    return n.mismatch("shapes must be vectors, but the operands have ranks " + Twine(n.rank(0)) + " and " + Twine(n.rank(1)));
  Term x = n(0), y = n(1);
  int64_t rank = std::max(n.shape(0)[0], n.shape(1)[0]);
  auto extended = [&](Term sizes) -> Term {
    int64_t missing = rank - n.b.shapeOf(sizes)[0];
    return {n.b, n.b.pad(sizes, n.b.scalar(n.element(0), 1), {missing}, {0})};
  };
  x = extended(x), y = extended(y);
  return {select(equal(x, 1), y, x)};
}

/// Along which dimensions the gradient of each of two broadcast shapes is summed.
static Values broadcastGradientArgs(Node &n) {
  std::optional<Ints> x = n.constantInts(0), y = n.constantInts(1);
  if (!x || !y)
    return {};
  std::optional<Ints> together = broadcastShapes(*x, *y);
  if (!together)
    return n.mismatch("the shapes do not broadcast to one");
  auto summed = [&](ArrayRef<int64_t> shape) {
    Ints axes;
    int64_t missing = together->size() - shape.size();
    for (int64_t d = 0; d < static_cast<int64_t>(together->size()); ++d)
      if (d < missing || (shape[d - missing] == 1 && (*x != *y || (*together)[d] == 1)))
        axes.push_back(d);
    return n.b.integers(axes, n.element(0));
  };
  return {summed(*x), summed(*y)};
}

ArrayRef<LegalizationRow> legalize::shapeRows() {
  static constexpr LegalizationRow rows[] = {
      {"BroadcastArgs", broadcastArgs},
      {"BroadcastGradientArgs", broadcastGradientArgs},
      {"BroadcastTo", broadcastTo},
      {"ConjugateTranspose", conjugateTranspose},
      {"EnsureShape", firstOperand},
      {"ExpandDims", expandDims, Counts::Handled},
      {"Rank", [](Node &n) { return scalarCount(n, n.rank(0), n.i32()); }, Counts::Handled},
      {"Reshape", reshapeTo, Counts::Handled},
      {"Shape", shapes, Counts::Handled},
      {"ShapeN", shapes, Counts::Handled},
      {"Size", elementCount, Counts::Handled},
      {"Squeeze", squeeze, Counts::Handled},
      {"Transpose", transpose, Counts::Handled},
  };
  return rows;
}
