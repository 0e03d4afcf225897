// SPDX-License-Identifier: Apache-2.0
// Which sizes of batches are worth code of their own.
#ifndef LATHE_COMPILER_CHOOSEBODIES_H
#define LATHE_COMPILER_CHOOSEBODIES_H

#include "backends/Backend.h"
#include "mlir/IR/BuiltinOps.h"

namespace lathe {

/// Erases, of entries whose batches can be run in parts, each body that `backend` predicts to take hardly less time for an item
/// than a smaller one does, and the kernels and weights that nothing else uses then.
void chooseBodies(mlir::ModuleOp module, const Backend &backend);

} // namespace lathe
#endif
