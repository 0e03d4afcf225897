// SPDX-License-Identifier: Apache-2.0
// Attributes, compile-time operands and error reports of a node.
#include "passes/legalize/Node.h"

using namespace mlir;
using namespace lathe;
using namespace lathe::legalize;

int64_t Node::integer(StringRef name, int64_t absent) {
  auto value = attribute<IntegerAttr>(name);
  return value ? value.getInt() : absent;
}

double Node::number(StringRef name, double absent) {
  auto value = attribute<FloatAttr>(name);
  return value ? value.getValueAsDouble() : absent;
}

bool Node::flag(StringRef name) {
  auto value = attribute<BoolAttr>(name);
  return value && value.getValue();
}

StringRef Node::text(StringRef name) {
  auto value = attribute<StringAttr>(name);
  return value ? value.getValue() : StringRef();
}

Type Node::type(StringRef name) {
  auto value = attribute<TypeAttr>(name);
  return value ? value.getValue() : Type();
}

Ints Node::integers(StringRef name) {
  Ints values;
  if (auto list = attribute<ArrayAttr>(name))
    for (auto item : list.getAsRange<IntegerAttr>())
      values.push_back(item.getInt());
  return values;
}

std::optional<Ints> Node::constantInts(size_t i) {
  if (std::optional<Ints> values = b.integersOf(inputs[i]))
    return values;
  gdef::NodeOp source = producer(i);
  std::string name = source ? ("node '" + nodeNames(source.getLoc()).node + "'").str() : std::string("a feed");
  fail(Code::NotConstant, "operand " + Twine(i) + " must be a constant, but is computed by " + name,
       "make the result of " + name + " a constant of the graph");
  return std::nullopt;
}

std::optional<int64_t> Node::constantInt(size_t i) {
  std::optional<Ints> values = constantInts(i);
  if (!values)
    return std::nullopt;
  if (values->size() == 1)
    return values->front();
  mismatch("operand " + Twine(i) + " must be one integer, but has " + Twine(values->size()) + " elements");
  return std::nullopt;
}

std::optional<int64_t> Node::axis(int64_t axis, int64_t rank) {
  if (axis >= -rank && axis < rank)
    return axis < 0 ? axis + rank : axis;
  mismatch("axis must be in [" + Twine(-rank) + ", " + Twine(rank) + "), but got " + Twine(axis));
  return std::nullopt;
}

std::optional<Ints> Node::constantAxes(size_t i, int64_t rank) {
  std::optional<Ints> values = constantInts(i);
  if (!values)
    return std::nullopt;
  Ints axes;
  for (int64_t value : *values) {
    std::optional<int64_t> counted = axis(value, rank);
    if (!counted)
      return std::nullopt;
    if (llvm::is_contained(axes, *counted)) {
      mismatch("axes must be different, but axis " + Twine(*counted) + " is given twice");
      return std::nullopt;
    }
    axes.push_back(*counted);
  }
  return axes;
}

Value Node::validRows(size_t i) {
  if (!count(i))
    return {};
  Term row{b, b.iota({shape(i).front()}, i64(), 0)};
  return row < Term(b, count(i));
}

Values Node::fail(Code code, const Twine &message, const Twine &remedy) {
  emitProblem(node.getLoc(), code, message, remedy);
  return {};
}
