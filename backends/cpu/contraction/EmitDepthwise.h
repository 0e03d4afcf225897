// SPDX-License-Identifier: Apache-2.0
// Loop nests for depthwise convolutions.
#ifndef LATHE_BACKENDS_CPU_EMITDEPTHWISE_H
#define LATHE_BACKENDS_CPU_EMITDEPTHWISE_H

#include "backends/cpu/contraction/Depthwise.h"
#include "backends/cpu/contraction/EmitContraction.h"

namespace lathe::cpu {

/// Emits the work of units [begin, end) at the builder's insertion point. Operands and epilogue are as for
/// emitContraction (`batch` is the constant 0); `weights` is the dense filter, not packed.
void emitDepthwise(mlir::OpBuilder &builder, mlir::Location loc, const DepthwiseSpec &spec, const DepthwiseTile &tile,
                   mlir::Value lhs, mlir::Value weights, mlir::Value output, mlir::Value begin, mlir::Value end,
                   EpilogueFn epilogue);

} // namespace lathe::cpu

#endif // LATHE_BACKENDS_CPU_EMITDEPTHWISE_H
