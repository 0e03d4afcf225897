// SPDX-License-Identifier: Apache-2.0
// The part of a graph that a request needs, checked edge by edge.
#ifndef LATHE_COMPILER_IMPORT_SELECT_H
#define LATHE_COMPILER_IMPORT_SELECT_H

#include "compiler/import/Request.h"
#include "compiler/import/Signature.h"
#include <memory>

namespace lathe {

/// A node that was reached from the fetches.
struct SelectedNode {
  const tf::OpDef *op = nullptr; ///< null: not known
  Signature signature;
  bool hasSignature = false;
  bool kept = false;
  llvm::SmallVector<Source, 2> inputs;
  llvm::SmallVector<unsigned, 0> controls; ///< nodes that must have run, each once
};

struct Selection {
  /// By node number; null where nothing needs the node.
  std::vector<std::unique_ptr<SelectedNode>> nodes;
  /// The nodes that are kept: each after those it depends on, loops aside, otherwise as in the file.
  std::vector<unsigned> order;
  /// Feeds by tensor.
  llvm::DenseMap<Source, unsigned> feeds;
};

/// Selects what `request` needs of `table`, and reports everything that is wrong with it: operations not known,
/// attributes, inputs, types, cycles. Feeds cut the graph. A control edge is kept only where what it waits for can be
/// noticed: a node with state or with control flow, or one that depends on such a node.
void selectNodes(const NodeTable &table, Request &request, ImportContext &context, Selection &selection);

/// Fills in `selection.order` from the nodes that are kept; reports cycles that do not go through NextIteration.
void orderNodes(const NodeTable &table, Selection &selection, ImportContext &context);

} // namespace lathe

#endif
