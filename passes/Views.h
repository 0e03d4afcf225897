// SPDX-License-Identifier: Apache-2.0
// Which tensors of a function of kernel calls are the same bytes.
#ifndef LATHE_PASSES_VIEWS_H
#define LATHE_PASSES_VIEWS_H

#include "ir/core/Ops.h"

namespace lathe {

/// The value whose bytes `value` is: what a chain of reshapes starts from.
inline mlir::Value viewedValue(mlir::Value value) {
  while (auto reshape = value.getDefiningOp<core::ReshapeOp>())
    value = reshape.getOperand();
  return value;
}

} // namespace lathe
#endif
