// SPDX-License-Identifier: Apache-2.0
// Entries that take batches of any size: what is said of a graph, function or program that is the entry for one size.
#ifndef LATHE_PASSES_BATCH_BATCH_H
#define LATHE_PASSES_BATCH_BATCH_H

#include "ir/rt/Ops.h"
#include "llvm/ADT/SmallVector.h"
#include <optional>
#include <string>
#include <vector>

namespace lathe {

/// One body of an entry. All bodies of an entry compute the same, each for a batch of its own size.
struct Batch {
  std::string entry; ///< the entry's name, which no body has
  int64_t size = 0;  ///< items of the batch
  /// Whether items do not meet, so that a batch of any size can be run in parts.
  bool isSeparable = false;
  /// Where they do: what makes them meet, in the user's terms.
  std::string mixes;
  /// Whether the body is there only to be compared with another one.
  bool isProbe = false;
  /// For each argument and result: how many rows of its first dimension belong to one item; 0: it is the same for all.
  llvm::SmallVector<int64_t> argumentRows, resultRows;

  /// What `op` says of itself; nothing where it is a whole entry.
  static std::optional<Batch> of(mlir::Operation *op);
  void setOn(mlir::Operation *op) const;
  /// Says the same of `to`, which `from` became.
  static void copy(mlir::Operation *from, mlir::Operation *to);
};

/// The programs of each entry of `module`: one, or its bodies, sizes ascending. Entries are in the order of the file.
std::vector<llvm::SmallVector<rt::ProgramOp, 1>> entriesOf(mlir::ModuleOp module);

} // namespace lathe
#endif
