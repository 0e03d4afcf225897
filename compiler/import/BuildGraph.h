// SPDX-License-Identifier: Apache-2.0
// Writes selected nodes as an operation of the gdef dialect.
#ifndef LATHE_COMPILER_IMPORT_BUILDGRAPH_H
#define LATHE_COMPILER_IMPORT_BUILDGRAPH_H

#include "compiler/import/Select.h"
#include "ir/gdef/Ops.h"

namespace lathe {

/// An argument of a graph: the feed and its type.
struct Argument {
  unsigned feed;
  mlir::Type type;
  std::string name;
};

/// Creates `gdef.graph @symbol` at the end of `module` from the nodes in `selection.order`. Null, after reports, when
/// an attribute cannot be converted.
gdef::GraphOp buildGraph(mlir::ModuleOp module, llvm::StringRef symbol, const NodeTable &table, const Request &request,
                         const Selection &selection, llvm::ArrayRef<Argument> arguments, ImportContext &context);

} // namespace lathe

#endif
