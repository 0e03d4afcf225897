// SPDX-License-Identifier: Apache-2.0
// Where the items of a batch lie in each value of a function, and where they meet.
#ifndef LATHE_PASSES_BATCH_ITEMS_H
#define LATHE_PASSES_BATCH_ITEMS_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "llvm/ADT/DenseMap.h"
#include <optional>

namespace lathe {

/// Where the items of a batch lie in a value.
struct Items {
  enum Kind {
    Shared, ///< the value does not depend on the batch, nor on its size
    Apart,  ///< dimension `dimension` has `outer` blocks of as many groups of rows as there are items
    Mixed   ///< the value depends on more than one item, or on the size of the batch
  } kind = Shared;
  int64_t dimension = 0, outer = 1;
  mlir::Operation *origin = nullptr; ///< where items meet first

  static Items apart(int64_t dimension, int64_t outer = 1) { return {Apart, dimension, outer}; }
  static Items mixed(mlir::Operation *origin) { return {Mixed, 0, 1, origin}; }
  bool isApart() const { return kind == Apart; }
  bool operator==(const Items &other) const = default;
};

using ItemMap = llvm::DenseMap<mlir::Value, Items>;

/// A function for a batch of `size` items.
struct SizedFunction {
  mlir::func::FuncOp function;
  int64_t size;
};

/// Follows the items through all values of `first`, by what differs in `second`: one graph, made for two sizes of batch
/// by lathe-legalize-graph.
ItemMap followItems(SizedFunction first, SizedFunction second);

/// How many rows of the first dimension of `x`, which is `y` in the function for the other size, belong to an item; 0
/// where the batch is no part of its shape, nothing where its shape depends on the batch in another way.
std::optional<int64_t> rowsAnItem(mlir::Value x, int64_t firstSize, mlir::Value y, int64_t secondSize);

} // namespace lathe
#endif
