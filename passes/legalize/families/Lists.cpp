// SPDX-License-Identifier: Apache-2.0
// Lists of tensors of one shape: one tensor with the elements along its first dimension.
#include "passes/legalize/Rows.h"
#include "passes/legalize/Table.h"

using namespace lathe;
using namespace lathe::legalize;

namespace {
std::string text(llvm::ArrayRef<int64_t> sizes) {
  std::string result;
  llvm::raw_string_ostream stream(result);
  llvm::interleaveComma(sizes, stream);
  return result;
}

/// The shape that operand `i` says, where all of it is known.
std::optional<Ints> knownShape(Node &n, size_t i) {
  std::optional<Ints> shape = n.b.integersOf(n[i]);
  bool isVector = n.rank(i) == 1;
  return shape && isVector && llvm::all_of(*shape, [](int64_t size) { return size >= 0; }) ? shape : std::nullopt;
}

/// The elements of list operand `i`; those of one whose shape nobody has said are zeros of `shape`. Null after a
/// report.
Term elements(Node &n, size_t i, llvm::ArrayRef<int64_t> shape) {
  std::optional<EmptyList> list = n.emptyList(i);
  if (!list)
    return n(i);
  if (list->length < 0) {
    n.unsupported("a list of constants whose length is not known");
    return {n.b, Value()};
  }
  if (list->row)
    return {n.b,
            n.b.broadcastTo(n.b.constant(list->row), withLength(list->length, list->row.getShapedType().getShape()))};
  return {n.b, n.b.splat(withLength(list->length, shape), list->element, 0)};
}

/// As `elements`, with the shape that operand `shapeOperand` says. Null after a report.
Term elementsOrSaid(Node &n, size_t i, size_t shapeOperand) {
  if (std::optional<EmptyList> list = n.emptyList(i); !list || list->row)
    return elements(n, i, {});
  if (std::optional<Ints> shape = knownShape(n, shapeOperand))
    return elements(n, i, *shape);
  n.fail(Code::DataDependentShape, "the shape of the list's elements is not known: nothing was put into the list",
         "give the list its element_shape");
  return {n.b, Value()};
}

/// `list` with zeros behind it, where operand `indices` is known to name places beyond its end.
Term grownTo(Node &n, Term list, size_t indices) {
  std::optional<Ints> places = n.b.integersOf(n[indices]);
  int64_t count = n.b.shapeOf(list).front(), needed = count;
  for (int64_t place : places.value_or(Ints()))
    needed = std::max(needed, place + 1);
  if (needed == count)
    return list;
  Ints low(n.b.typeOf(list).getRank(), 0), high = low;
  high.front() = needed - count;
  return {n.b, n.b.pad(list, n.b.scalar(n.b.elementOf(list), 0), low, high)};
}

/// An index, or a vector of them, as a vector of indices.
Term indexVector(Node &n, size_t i) {
  return reshape(n(i), {product(n.shape(i))});
}

llvm::ArrayRef<int64_t> elementShape(Node &n, Value list) {
  return n.b.shapeOf(list).drop_front();
}

Values emptyOrZeros(Node &n, int64_t length, size_t shapeOperand) {
  Type element = n.type("element_dtype");
  if (length < 0)
    return n.mismatch("number of elements must be at least 0, but got " + llvm::Twine(length));
  if (std::optional<Ints> shape = knownShape(n, shapeOperand))
    return {n.b.splat(withLength(length, *shape), element, 0)};
  n.emptyResult = EmptyList{length, element};
  return {};
}

Values reserve(Node &n) {
  std::optional<int64_t> length = n.constantInt(1);
  return length ? emptyOrZeros(n, *length, 0) : Values{};
}

Values setItem(Node &n) {
  Term list = elements(n, 0, n.shape(2));
  if (elementShape(n, list) != n.shape(2))
    return n.mismatch("elements of a list must have one shape, but [" + text(elementShape(n, list)) + "] and [" +
                      text(n.shape(2)) + "] are put into it");
  if (n.flag("resize_if_index_out_of_bounds"))
    list = grownTo(n, list, 1);
  return {n.b.scatter(core::Combiner::Set, list, indexVector(n, 1), reshape(n(2), withLength(1, n.shape(2))))};
}

Values getItem(Node &n) {
  Term list = elementsOrSaid(n, 0, 2);
  if (!list.value)
    return {};
  return {n.b.reshape(n.b.gather(list, indexVector(n, 1), 0), elementShape(n, list))};
}

/// A list of no elements, which pushes make longer, by rows; its `most` only matters in a loop that runs who knows how
/// often.
Values emptyList(Node &n) {
  std::optional<int64_t> most = n.constantInt(1);
  if (most)
    n.emptyResult = EmptyList{0, n.type("element_dtype"), *most};
  return {};
}

/// The element as a row.
Value rowOf(Node &n, size_t i) {
  return n.b.reshape(n[i], withLength(1, n.shape(i)));
}

Values pushBack(Node &n) {
  if (n.emptyList(1) || n.count(1))
    return n.unsupported("a list whose length is not known, as an element of a list");
  // Loops push shapes and lengths that are known for their gradients: equal constants take no memory.
  constexpr int64_t mostConstant = 64;
  std::optional<EmptyList> empty = n.emptyList(0);
  mlir::ElementsAttr row;
  if (product(n.shape(1)) <= mostConstant)
    row = n.b.constantOf(n[1]);
  if (empty && row && (empty->row == row || (empty->length == 0 && !empty->row))) {
    n.emptyResult = EmptyList{empty->length < 0 ? empty->length : empty->length + 1, empty->element, empty->most, row};
    return {};
  }
  if (empty && empty->length == 0)
    return {rowOf(n, 1)};
  Term list = elements(n, 0, n.shape(1));
  if (!list.value)
    return {};
  if (elementShape(n, list) != n.shape(1))
    return n.mismatch("elements of a list must have one shape, but [" + text(elementShape(n, list)) + "] and [" +
                      text(n.shape(1)) + "] are put into it");
  Value count = n.count(0);
  if (!count)
    return {n.b.concat({list, rowOf(n, 1)}, 0)};
  // There is room: whoever carries the list has seen to it.
  n.resultCounts[0] = Term(n.b, count) + 1;
  return {n.b.scatter(core::Combiner::Set, list, n.b.reshape(count, {1}), rowOf(n, 1))};
}

Values popBack(Node &n) {
  if (std::optional<EmptyList> list = n.emptyList(0); list && list->row && list->length != 0) {
    n.emptyResult = list;
    n.emptyResult->length -= list->length > 0;
    return {Value(), n.b.constant(list->row)};
  }
  if (n.emptyList(0) || n.shape(0).front() == 0)
    return n.refuse("an element is taken from a list that has none");
  int64_t length = n.shape(0).front();
  if (!n.count(0))
    return {sliceAlong(n.b, n[0], 0, 0, length - 1),
            n.b.reshape(sliceAlong(n.b, n[0], 0, length - 1, 1), elementShape(n, n[0]))};
  Term left = Term(n.b, n.count(0)) - 1;
  n.resultCounts[0] = left;
  return {n[0], n.b.reshape(n.b.gather(n[0], n.b.reshape(left, {1}), 0), elementShape(n, n[0]))};
}

Values length(Node &n) {
  if (Value count = n.count(0))
    return {n.b.convert(count, n.i32())};
  std::optional<EmptyList> list = n.emptyList(0);
  if (list && list->length < 0)
    return n.unsupported("the length of a list of constants that a loop has made");
  return {n.b.scalar(n.i32(), list ? list->length : n.shape(0).front())};
}

Values stack(Node &n) {
  if (Value count = n.count(0))
    n.resultCounts[0] = count;
  return {elementsOrSaid(n, 0, 1)};
}

Values optionalNone(Node &n) {
  n.emptyResult = EmptyList{EmptyList::none, n.i32()};
  return {};
}

Values optionalValue(Node &n) {
  if (n.size() != 1 || n.emptyList(0))
    return n.unsupported("an Optional of " + llvm::Twine(n.size()) + " values, or of a list without elements");
  if (Value count = n.count(0))
    n.resultCounts[0] = count;
  return {n[0]};
}

Values fromTensor(Node &n) {
  return {n[0]};
}

Values gatherItems(Node &n) {
  Term list = elementsOrSaid(n, 0, 2);
  return {n.b.gather(list, n[1], 0)};
}

/// Elements of `items` at the places that operand `indices` says in a list of `count` elements, over what `list` has.
Value scatterItems(Node &n, Term list, size_t items, size_t indices) {
  std::optional<Ints> places = n.b.integersOf(n[indices]);
  int64_t count = n.b.shapeOf(list).front();
  bool inOrder = places && static_cast<int64_t>(places->size()) == count;
  for (int64_t i = 0; inOrder && i < count; ++i)
    inOrder = (*places)[i] == i;
  return inOrder ? n[items] : n.b.scatter(core::Combiner::Set, list, indexVector(n, indices), n[items]);
}

Values scatterIntoExisting(Node &n) {
  return {scatterItems(n, grownTo(n, elements(n, 0, n.shape(1).drop_front()), 2), 1, 2)};
}

/// A list of what operand 0 has at the indices; it is as long as the largest index, or operand 3, says.
Values scatterToNew(Node &n) {
  int64_t count = -1;
  if (n.size() > 3) {
    std::optional<int64_t> said = n.constantInt(3);
    if (!said)
      return {};
    count = *said;
  }
  if (count < 0) {
    std::optional<Ints> places = n.constantInts(1);
    if (!places)
      return {};
    count = 0;
    for (int64_t place : *places)
      count = std::max(count, place + 1);
  }
  Term zeros{n.b, n.b.splat(withLength(count, n.shape(0).drop_front()), n.element(0), 0)};
  return {scatterItems(n, zeros, 0, 1)};
}

Values concat(Node &n) {
  Term list = elementsOrSaid(n, 0, 1);
  if (!list.value)
    return {};
  llvm::ArrayRef<int64_t> shape = n.b.shapeOf(list);
  if (shape.size() < 2)
    return n.mismatch("elements that are joined must have at least one dimension, but they are scalars");
  Ints joined(shape.drop_front());
  joined.front() *= shape.front();
  return {n.b.reshape(list, joined), n.b.splat({shape.front()}, n.i64(), shape[1])};
}

Values split(Node &n) {
  std::optional<Ints> lengths = n.constantInts(2);
  if (!lengths)
    return {};
  if (!llvm::all_equal(*lengths))
    return n.unsupported("pieces of different lengths [" + text(*lengths) + "] in one list");
  if (n.rank(0) == 0)
    return n.mismatch("what is split must have at least one dimension, but is a scalar");
  int64_t count = lengths->size(), rows = count ? lengths->front() : 0;
  if (count * rows != n.shape(0).front())
    return n.mismatch("lengths must sum to " + llvm::Twine(n.shape(0).front()) + ", but got [" + text(*lengths) + "]");
  return {n.b.reshape(n[0], withLength(count, withLength(rows, n.shape(0).drop_front())))};
}

Values resize(Node &n) {
  std::optional<int64_t> size = n.constantInt(1);
  if (!size)
    return {};
  if (std::optional<EmptyList> list = n.emptyList(0)) {
    n.emptyResult = EmptyList{*size, list->element};
    return {};
  }
  Ints low(n.rank(0), 0), high(n.rank(0), 0);
  high.front() = *size - n.shape(0).front();
  return {n.b.pad(n[0], n.b.scalar(n.element(0), 0), low, high)};
}

Values elementShapeOf(Node &n) {
  if (std::optional<EmptyList> list = n.emptyList(0); list && list->row)
    return {n.b.integers(list->row.getShapedType().getShape(), n.type("shape_type"))};
  if (n.emptyList(0))
    return n.unsupported("the shape of the list's elements is not known: nothing was put into the list");
  return {n.b.integers(elementShape(n, n[0]), n.type("shape_type"))};
}
} // namespace

llvm::ArrayRef<LegalizationRow> legalize::listRows() {
  static const LegalizationRow rows[] = {
      {"EmptyTensorList", emptyList, Counts::Handled},
      {"OptionalFromValue", optionalValue, Counts::Handled},
      {"OptionalGetValue", optionalValue, Counts::Handled},
      {"OptionalNone", optionalNone},
      {"TensorListPopBack", popBack, Counts::Handled},
      {"TensorListPushBack", pushBack, Counts::Handled},
      {"TensorListReserve", reserve},
      {"TensorListSetItem", setItem},
      {"TensorListGetItem", getItem, Counts::Handled},
      {"TensorListLength", length, Counts::Handled},
      {"TensorListStack", stack, Counts::Handled},
      {"TensorListFromTensor", fromTensor},
      {"TensorListGather", gatherItems},
      {"TensorListScatter", scatterToNew},
      {"TensorListScatterV2", scatterToNew},
      {"TensorListScatterIntoExistingList", scatterIntoExisting},
      {"TensorListConcatV2", concat},
      {"TensorListSplit", split},
      {"TensorListResize", resize},
      {"TensorListElementShape", elementShapeOf, Counts::Handled},
  };
  return rows;
}
