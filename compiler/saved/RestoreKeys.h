// SPDX-License-Identifier: Apache-2.0
// Which tensor of a checkpoint each variable is restored from, by the graph's own restore operations.
#ifndef LATHE_COMPILER_SAVED_RESTOREKEYS_H
#define LATHE_COMPILER_SAVED_RESTOREKEYS_H

#include "compiler/import/Context.h"

namespace lathe {

/// A tensor of a checkpoint, or with `slice` (as RestoreV2 has it) a part of one.
struct RestoreKey {
  std::string key, slice;
};

/// For each variable of the graph, by the name of its node, what is assigned to it from a RestoreV2. Followed are the
/// control and data inputs of `restoreOp`, through calls of the library's functions; without it, all assignments of the
/// graph.
llvm::StringMap<RestoreKey> findRestoreKeys(const tf::GraphDef &graph, llvm::StringRef restoreOp,
                                            const ImportContext &context);

} // namespace lathe

#endif
