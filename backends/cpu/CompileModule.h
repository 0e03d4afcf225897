// SPDX-License-Identifier: Apache-2.0
// Machine code from a module: the last step of every kernel and of the program around them.
#ifndef LATHE_BACKENDS_CPU_COMPILEMODULE_H
#define LATHE_BACKENDS_CPU_COMPILEMODULE_H

#include "backends/cpu/Machine.h"

#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"

#include <string>

namespace llvm {
class Module;
}
namespace mlir {
class ModuleOp;
}

namespace lathe::cpu {

struct CodegenOptions {
  /// Run LLVM's -O2 pipeline, with its vectorisers, before code generation. Kernels that are written in vectors already
  /// (contractions) need only the code generator.
  bool optimizeIR = true;
  /// Give every public function of the module lathe_kernel_fn_t's signature: memref arguments come from `buffers`, in
  /// order, and two trailing index arguments, where the function has them, are the range of units.
  bool kernelEntries = true;
  /// Defined symbols become hidden, so that joinObjects can make them local.
  bool hideSymbols = true;
  /// Where not null: LLVM IR as it reaches the code generator, and the assembly text. For tests and dumps.
  std::string *irText = nullptr;
  std::string *assemblyText = nullptr;
};

/// Compiles `module` (see lowerToLLVMDialect for what it may contain) into a relocatable ELF object: position
/// independent, no .eh_frame, calls to libc and libm only. The module is consumed. Equal modules give equal bytes.
/// Calls on modules of different contexts may run in parallel.
llvm::Expected<llvm::SmallVector<char>> compileModule(mlir::ModuleOp module, const Machine &machine,
                                                      const CodegenOptions &options = {});

/// The same for a ready LLVM module; `options.kernelEntries` does not apply. The module is consumed.
llvm::Expected<llvm::SmallVector<char>> compileLLVMModule(llvm::Module &module, const Machine &machine,
                                                          const CodegenOptions &options = {});

} // namespace lathe::cpu

#endif // LATHE_BACKENDS_CPU_COMPILEMODULE_H
