// SPDX-License-Identifier: Apache-2.0
// Loop nests for Winograd convolutions: transforms in registers around the products of the contraction emitter.
#ifndef LATHE_BACKENDS_CPU_EMITWINOGRAD_H
#define LATHE_BACKENDS_CPU_EMITWINOGRAD_H

#include "backends/cpu/contraction/EmitContraction.h"
#include "backends/cpu/winograd/Winograd.h"

namespace lathe::cpu {

/// Emits the work of units [begin, end) at the builder's insertion point, inside a function. `input` and `output` are
/// dense, statically shaped memrefs of float32, `filters` and `scratch` memrefs of bytes: winogradFilterBytes() of
/// packed filters, WinogradGeometry::scratchBytes() of working memory. Ranges that run at the same time may not
/// overlap. As emitContraction, it calls `epilogue` once for each vector of results, before it stores it.
void emitWinograd(mlir::OpBuilder &builder, mlir::Location loc, const WinogradSpec &spec, const WinogradTile &tile,
                  mlir::Value input, mlir::Value filters, mlir::Value output, mlir::Value scratch, mlir::Value begin,
                  mlir::Value end, EpilogueFn epilogue);

} // namespace lathe::cpu

#endif // LATHE_BACKENDS_CPU_EMITWINOGRAD_H
