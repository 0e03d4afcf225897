// SPDX-License-Identifier: Apache-2.0
// Which variables a graph has, and which nodes read and write them.
#ifndef LATHE_PASSES_RAISE_VARIABLES_H
#define LATHE_PASSES_RAISE_VARIABLES_H

#include "ir/Problems.h"
#include "ir/gdef/Ops.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/SetVector.h"
#include <memory>

namespace lathe::raise {

/// A variable of one graph: all nodes that give it one container and name. Or a constant or argument that something
/// writes to, which then starts with that value in each run.
struct Variable {
  std::string container, name;
  gdef::NodeOp node; ///< the first that makes it; null for an argument
  mlir::Value start; ///< null but for constants and arguments
  bool isWritten = false;
  bool isThreaded = false; ///< to be set by whoever decides: its value goes from node to node

  bool isLocal() const { return bool(start); }
  /// What it is in terms of the node's attributes; null where they do not say.
  mlir::ElementsAttr initial() { return node.attr<mlir::ElementsAttr>("value"); }
  mlir::RankedTensorType type();
};

/// What a node does with the variable that its first operand refers to.
enum class VariableUse {
  None,
  PassesOn, ///< the result is another reference
  Reads,
  Asks, ///< for the shape, or whether there is a value
  Writes,
  Unknown
};

/// The variables of `graph`, in the order of its nodes.
class Variables {
public:
  explicit Variables(gdef::GraphOp graph);

  llvm::ArrayRef<std::unique_ptr<Variable>> all() const { return variables; }
  /// The variable that `value` is a handle of or a reference to, or null.
  Variable *referredBy(mlir::Value value) const { return references.lookup(value); }
  /// What `node` does with the variable that its operand 0 refers to.
  VariableUse useOf(gdef::NodeOp node) const { return uses.lookup(node); }
  /// The variables that `op`, or what is inside of it, writes.
  llvm::ArrayRef<Variable *> writtenIn(mlir::Operation *op) const;
  /// Reports what a threaded variable does not allow. False where there is such a thing.
  bool check();

private:
  void add(gdef::NodeOp node);
  void addLocal(mlir::OpOperand &operand);
  void follow(mlir::Value value, Variable *variable);
  void noteWrite(gdef::NodeOp node, Variable *variable);

  gdef::GraphOp graph;
  std::vector<std::unique_ptr<Variable>> variables;
  llvm::DenseMap<mlir::Value, Variable *> references;
  llvm::SmallVector<mlir::Value> order; ///< of `references`
  llvm::DenseMap<mlir::Operation *, VariableUse> uses;
  llvm::DenseMap<mlir::Operation *, llvm::SetVector<Variable *>> written;
};

/// Whether `operand` is taken as a reference.
bool takesReference(mlir::OpOperand &operand);

/// Whether `operand` is a variable that a step of training changes: one of several that its node can take.
bool isStepOf(mlir::OpOperand &operand);

} // namespace lathe::raise
#endif
