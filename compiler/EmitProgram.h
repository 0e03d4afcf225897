// SPDX-License-Identifier: Apache-2.0
// The program around the kernels and the tables that describe the object, as an LLVM module.
#ifndef LATHE_COMPILER_EMITPROGRAM_H
#define LATHE_COMPILER_EMITPROGRAM_H

#include "compiler/Interface.h"
#include "compiler/Weights.h"

#include "llvm/IR/Module.h"
#include <map>

namespace lathe {

/// A kernel as one launch needs it: with results that share the operands' buffers that `inPlace` names.
struct KernelVariant {
  std::string kernel;
  std::vector<int64_t> inPlace;
  auto operator<=>(const KernelVariant &) const = default;
};

/// What the program refers to.
struct ProgramParts {
  std::map<KernelVariant, std::string> symbols; ///< of the compiled kernels
  std::map<std::string, KernelPlan> plans;      ///< by kernel
  const Weights &weights;
  llvm::StringRef weightsSymbol; ///< hidden symbol of the weights' first byte
  uint64_t cpuFeatures;
  bool probes; ///< whether lathe_probe is called behind each launch
};

/// The variant that `launch` runs.
KernelVariant variantOf(rt::LaunchOp launch);

/// Emits each rt.program of `module` as a function, the side tables, and the one exported symbol lathe_<name>_query.
/// `interface` has one entry for each program, in order.
std::unique_ptr<llvm::Module> emitProgram(llvm::LLVMContext &context, mlir::ModuleOp module, const ObjectInterface &interface,
                                          const ProgramParts &parts);

} // namespace lathe
#endif
