// SPDX-License-Identifier: Apache-2.0
// From a block of the gdef dialect to the plain graph that raising works on, and back.
#ifndef LATHE_PASSES_RAISE_WRITESTRUCTURE_H
#define LATHE_PASSES_RAISE_WRITESTRUCTURE_H

#include "ir/gdef/Ops.h"
#include "passes/raise/ControlFlow.h"
#include "llvm/ADT/DenseMap.h"

namespace lathe::raise {

/// A block as a plain graph. Values from outside of the block are nodes without inputs.
struct Collected {
  Graph graph;
  /// For each node: the op of the block, or null, and then the value from outside.
  std::vector<mlir::Operation *> ops;
  std::vector<mlir::Value> outside;
  /// For each node: the values that its inputs are.
  std::vector<llvm::SmallVector<mlir::Value>> inputs;
};

/// Whether an op is one of those that make TensorFlow 1's loops and branches.
bool isControlFlow(mlir::Operation *op);

Collected collect(mlir::Block &block);

/// Replaces the ops of `block` by those that `structure` has. There must be no issues.
void writeStructure(mlir::Block &block, const Collected &collected, const Structure &structure);

} // namespace lathe::raise
#endif
