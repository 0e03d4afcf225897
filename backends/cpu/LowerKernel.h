// SPDX-License-Identifier: Apache-2.0
// From a kernel of core ops to a function of loops over buffers.
#ifndef LATHE_BACKENDS_CPU_LOWERKERNEL_H
#define LATHE_BACKENDS_CPU_LOWERKERNEL_H

#include "backends/Backend.h"
#include "backends/cpu/contraction/Contraction.h"
#include "backends/cpu/contraction/Depthwise.h"
#include "backends/cpu/KernelElements.h"
#include "backends/cpu/winograd/Winograd.h"
#include "ir/core/Ops.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace lathe::cpu {

/// What a kernel is made of, and so which loops it becomes.
enum class KernelForm {
  Contraction, ///< a product or convolution through the contraction emitter, with an epilogue
  Depthwise,   ///< a convolution of one filter a channel, with an epilogue
  Winograd,    ///< a convolution that a backend gave working memory, with an epilogue
  Rows,        ///< everything around reductions of trailing dimensions, a row at a time
  Columns,     ///< a reduction that keeps the innermost dimension, with what follows it
  Loops,       ///< each element of the result for itself
  Whole        ///< one op that is an algorithm: sort, scatter, factorisations
};

/// The op that gives the kernel its form, and how it is cut.
struct KernelShape {
  KernelForm form = KernelForm::Loops;
  mlir::Operation *root = nullptr;
  ContractionSpec contraction;
  ContractionTile contractionTile;
  DepthwiseSpec depthwise;
  DepthwiseTile depthwiseTile;
  WinogradSpec winograd;
  WinogradTile winogradTile;
  int64_t units = 1;
};

/// Bytes of working memory for `conv` by Winograd's algorithm; none where direct sums are faster, or it does not apply.
std::optional<int64_t> winogradScratch(core::ConvOp conv, const Machine &machine);

KernelShape analyzeKernel(rt::KernelOp kernel, const Machine &machine);

/// Everything that emission of one kernel shares. `function` is empty but for its entry block, whose arguments are the
/// operands' and results' memrefs and the range of units.
struct KernelEmission {
  KernelElements &elements;
  rt::KernelOp kernel;
  const KernelShape &shape;
  llvm::SmallVector<mlir::Value> outputs; ///< memrefs of the results
  mlir::Value scratch;                    ///< memref of bytes, or null where the kernel needs no working memory
  mlir::Value begin, end;                 ///< of the units
  llvm::ArrayRef<int64_t> inPlace;        ///< of each result, the operand whose buffer it shares, or -1
};

void emitContractionKernel(KernelEmission &emission);
void emitRowsKernel(KernelEmission &emission);
void emitColumnsKernel(KernelEmission &emission);
void emitLoopsKernel(KernelEmission &emission);
void emitWholeKernel(KernelEmission &emission);

/// Units of the forms above but contractions; tests and emission agree on them.
int64_t rowsUnits(mlir::Operation *reduction);
int64_t columnsUnits(mlir::Operation *reduction);
int64_t loopsUnits(rt::KernelOp kernel);
int64_t wholeUnits(mlir::Operation *op);

/// Blocks of four words that a core.rng_bits makes, its units; and the loop that makes them.
int64_t randomBlocks(mlir::Operation *bits);
void emitRandomBits(KernelEmission &emission);

/// Lowers `kernel`, in its own context, to the function `symbol` of a new module.
mlir::OwningOpRef<mlir::ModuleOp> lowerKernel(rt::KernelOp kernel, const KernelShape &shape, llvm::ArrayRef<int64_t> inPlace,
                                              llvm::StringRef symbol);

/// A loop over [lower, upper) whose body is emitted by `body`.
void emitLoop(KernelElements &e, mlir::Value lower, mlir::Value upper, llvm::function_ref<void(mlir::Value)> body);
/// Nested loops over all of `sizes`, outermost first; `body` gets one index a size.
void emitNest(KernelElements &e, llvm::ArrayRef<int64_t> sizes, llvm::function_ref<void(mlir::ValueRange)> body);

} // namespace lathe::cpu
#endif
