// SPDX-License-Identifier: Apache-2.0
// A node of the graph as the import table sees it: operands in core, attributes, checked construction, error reports.
#ifndef LATHE_PASSES_LEGALIZE_NODE_H
#define LATHE_PASSES_LEGALIZE_NODE_H

#include "ir/Problems.h"
#include "ir/core/CheckedBuilder.h"
#include "ir/gdef/Ops.h"
#include "passes/legalize/Term.h"
#include "llvm/ADT/DenseMap.h"

namespace lathe::legalize {

/// The results of a node, in order. One that nobody needs can be null; all are null, or there is none, after a failure,
/// which has then been reported.
using Values = llvm::SmallVector<Value>;
using Ints = llvm::SmallVector<int64_t>;

/// A list of tensors whose shape nobody has said yet: all its elements are still missing. Any other list is one tensor
/// with the elements along its first dimension. One that grows by pushes has a count where its length depends on
/// values.
struct EmptyList {
  static constexpr int64_t none = -1, unknown = -2;
  int64_t length; ///< none: no list, but an Optional without a value; unknown: any
  Type element;
  int64_t most = -1;           ///< the length that it may grow to, or -1
  mlir::ElementsAttr row = {}; ///< where all elements are this constant: they take no memory then
  bool operator==(const EmptyList &) const = default;
};

/// What a node reads, an entry an operand.
struct Operands {
  llvm::SmallVector<Value> values;
  /// How many of an operand's rows (parts along the first dimension) are meant, an i64 scalar; null where all are. The
  /// size of the first dimension is the largest possible count; rows from the count on hold anything.
  llvm::SmallVector<Value> counts;
  /// Operands that are lists without a shape; their values are null.
  llvm::DenseMap<size_t, EmptyList> lists;
  bool demands = true; ///< whether the node may demand something of values
};

/// What `b` computes is at the node's location; a shape error in it is reported as a problem of the node.
class Node {
public:
  Node(gdef::NodeOp op, const Operands &operands, core::CheckedBuilder &b)
      : b(b), node(op), inputs(operands.values), all(operands) {}

  core::CheckedBuilder &b;

  /// The TensorFlow operation.
  llvm::StringRef op() { return node.getOpType(); }
  /// How many results the node has, and whether anyone reads one of them.
  unsigned numResults() { return node.getOutputs().size(); }
  bool isUsed(unsigned result) { return !node.getOutputs()[result].use_empty(); }

  // Operands, as core tensors.
  size_t size() const { return inputs.size(); }
  llvm::ArrayRef<Value> operands() const { return inputs; }
  Value operator[](size_t i) const { return inputs[i]; }
  /// Operand `i` as a term of a formula.
  Term operator()(size_t i) const { return {b, inputs[i]}; }
  llvm::ArrayRef<int64_t> shape(size_t i) const { return b.shapeOf(inputs[i]); }
  int64_t rank(size_t i) const { return b.typeOf(inputs[i]).getRank(); }
  Type element(size_t i) const { return b.elementOf(inputs[i]); }
  /// The node of the graph whose result operand `i` is, as it was imported; null where it is an argument.
  gdef::NodeOp producer(size_t i) { return node.getInputs()[i].getDefiningOp<gdef::NodeOp>(); }
  /// Whether the node runs in each round of a loop.
  bool isInLoop() { return node->getParentOfType<gdef::WhileOp>() != nullptr; }

  /// Operand `i`, where it is a list whose shape is not known yet.
  std::optional<EmptyList> emptyList(size_t i) const {
    auto known = all.lists.find(i);
    return known == all.lists.end() ? std::nullopt : std::optional(known->second);
  }
  /// The first result, where it is such a list; what the legalisation returns for it does not matter then.
  std::optional<EmptyList> emptyResult;

  /// How many rows of operand `i` are meant; null where all are.
  Value count(size_t i) const { return all.counts[i]; }
  /// Which of the rows of operand `i` are meant, as a vector of i1; null where all are.
  Value validRows(size_t i);
  /// The counts of results, by their number.
  llvm::SmallDenseMap<unsigned, Value> resultCounts;

  // Attributes. One that is absent has the value that TensorFlow would show for an empty one.
  int64_t integer(llvm::StringRef name, int64_t absent = 0);
  double number(llvm::StringRef name, double absent = 0);
  bool flag(llvm::StringRef name);
  llvm::StringRef text(llvm::StringRef name);
  Type type(llvm::StringRef name);
  Ints integers(llvm::StringRef name);
  template <typename T> T attribute(llvm::StringRef name) { return node.attr<T>(name); }

  // Demands on values, which fail the run with `message` where they do not hold (`core.check`). Nothing is left of a
  // demand that always holds; one that never does is a problem of the node, unless a branch or loop is around it.
  /// That all elements of `holds` are true.
  void demand(Value holds, const llvm::Twine &message);
  /// The same. In the message `%p` is the place of the first element for which it does not hold, and `%v` that of
  /// `elements`, integers in the shape of `holds`.
  void demandEach(Value holds, Value elements, const llvm::Twine &message);
  /// That the elements of operand `i`, `what` in the message, are at least 0 and below `bound`.
  void demandIndices(size_t i, int64_t bound, llvm::StringRef what = "indices");
  /// `holds`, which has the shape of operand `i`, or true where its row is none of those meant.
  Term whereMeant(size_t i, Term holds);
  /// Whether demands are made at all.
  bool makesDemands() const { return all.demands; }

  // What must be known when compiling. None after a report that names the operand's producer.
  std::optional<Ints> constantInts(size_t i);
  std::optional<int64_t> constantInt(size_t i);
  /// Axes given as operand `i`, each counted from the end where negative; different and below `rank`.
  std::optional<Ints> constantAxes(size_t i, int64_t rank);
  /// `axis`, counted from the end where negative, below `rank`.
  std::optional<int64_t> axis(int64_t axis, int64_t rank);

  /// Reports a problem of this node and gives what a failed legalisation returns.
  Values fail(Code code, const llvm::Twine &message, const llvm::Twine &remedy = "");
  Values refuse(const llvm::Twine &message) { return fail(Code::CheckFails, message); }
  Values mismatch(const llvm::Twine &message) { return fail(Code::ShapeMismatch, message); }
  Values unsupported(const llvm::Twine &message) { return fail(Code::UnsupportedForm, message); }

  Type f32() { return b.builder.getF32Type(); }
  Type i32() { return b.builder.getI32Type(); }
  Type i64() { return b.builder.getI64Type(); }

private:
  gdef::NodeOp node;
  llvm::ArrayRef<Value> inputs;
  const Operands &all;
};

using Legalization = Values (*)(Node &);

/// What an operation makes of operands of which only a number of rows is meant.
enum class Counts {
  OfFamily, ///< what the family says
  Refused,  ///< it needs to know all sizes
  Kept,     ///< each row of a result is made of that row of the operands
  Handled   ///< the row of the table looks at Node::count and sets Node::resultCounts
};

/// One TensorFlow operation and how it is said in core.
struct LegalizationRow {
  llvm::StringLiteral op;
  Legalization legalize;
  Counts counts = Counts::OfFamily;
};

} // namespace lathe::legalize
#endif
