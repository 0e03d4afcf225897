// SPDX-License-Identifier: Apache-2.0
// From a kernel written in MLIR's builtin dialects to MLIR's LLVM dialect.
#ifndef LATHE_BACKENDS_CPU_LOWERMODULE_H
#define LATHE_BACKENDS_CPU_LOWERMODULE_H

#include "llvm/Support/Error.h"

#include <memory>

namespace mlir {
class MLIRContext;
class ModuleOp;
} // namespace mlir

namespace lathe::cpu {

/// A context for the kernels of one thread: MLIR's own threads off, every dialect that a kernel may use loaded, and
/// the translation to LLVM IR registered.
std::unique_ptr<mlir::MLIRContext> createKernelContext();

/// Lowers func, scf, arith, math, memref, vector, index, complex and affine ops of `module` in place to the LLVM
/// dialect. memref operands become bare pointers, so functions may only take statically shaped, dense memrefs (offset
/// and strides static); each is marked noalias unless it carries `lathe.may_alias`. Private functions become internal.
/// float32 transcendental functions become polynomials (README: accuracy), float64 ones calls into libm; bfloat16 and
/// float16 arithmetic is done in float32, with rounding to nearest even after each op and no call into a compiler
/// runtime library. Diagnostics come back as the error's text.
llvm::Error lowerToLLVMDialect(mlir::ModuleOp module);

} // namespace lathe::cpu

#endif // LATHE_BACKENDS_CPU_LOWERMODULE_H
