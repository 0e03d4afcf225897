// SPDX-License-Identifier: Apache-2.0
// Loop nests for contractions, written with vector.load, vector.broadcast and vector.fma on one-dimensional vectors.
#ifndef LATHE_BACKENDS_CPU_EMITCONTRACTION_H
#define LATHE_BACKENDS_CPU_EMITCONTRACTION_H

#include "backends/cpu/contraction/Contraction.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace lathe::cpu {

/// One vector of finished sums, on its way to memory.
struct EpiloguePoint {
  mlir::Value sums;   ///< vector of `lanes` elements of sumType
  mlir::Value batch;  ///< index
  mlir::Value row;    ///< index of the output pixel, counted over images, rows and columns of the image
  mlir::Value column; ///< index of the vector's first output channel, counted over the groups
  mlir::Value mask;   ///< vector of i1, or null where all lanes are inside; loads by the epilogue must obey it
  int64_t lanes;      ///< of `sums`
};

/// Returns the vector to store, of the output's element type, or null where it has stored the results itself. Called
/// once per vector of each register tile, before any store of that tile. Must be elementwise: results may not depend
/// on how vectors are cut.
using EpilogueFn = llvm::function_ref<mlir::Value(mlir::OpBuilder &, mlir::Location, const EpiloguePoint &)>;

/// Emits the work of units [begin, end) at the builder's insertion point, inside a function. Operands are dense,
/// statically shaped memrefs of any rank (identity layout); `spec`'s views say where in them the elements lie. `rhs` is
/// the packed buffer (memref of packedWeightBytes) or the row-major matrix. The output may not share memory with lhs
/// or rhs. `spec` must pass checkContraction, and be the one (after flattenRows) that `tile` was chosen for.
///
/// Sizes known only at run time: the emitted code never reads `spec.batch`, so any number of products (or of images,
/// given as a batch) can be done by passing a larger `end`. `rows`, an index or null, is the true number of rows of a
/// single product without image geometry (batch = groups = images = outputH = 1); spec.outputW is then the number that
/// the tile was chosen for, the tile must have rows outermost, and the units are dynamicRowUnits.
void emitContraction(mlir::OpBuilder &builder, mlir::Location loc, const ContractionSpec &spec,
                     const ContractionTile &tile, mlir::Value lhs, mlir::Value rhs, mlir::Value output,
                     mlir::Value begin, mlir::Value end, EpilogueFn epilogue, mlir::Value rows = nullptr);

} // namespace lathe::cpu

#endif // LATHE_BACKENDS_CPU_EMITCONTRACTION_H
