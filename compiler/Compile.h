// SPDX-License-Identifier: Apache-2.0
// From the bytes of a graph to an object and its header.
#ifndef LATHE_COMPILER_COMPILE_H
#define LATHE_COMPILER_COMPILE_H

#include "compiler/Interface.h"
#include "compiler/JoinObjects.h"
#include "compiler/Options.h"
#include "compiler/Weights.h"

namespace lathe {

/// What a compilation found and did, for people.
struct CompileReport {
  size_t nodes = 0;                                ///< of the graph that the fetches need, its functions included
  std::vector<std::pair<std::string, size_t>> ops; ///< TensorFlow operations of the nodes and how often each occurs, most first
  double flops = 0;                                ///< scalar operations of one run, a fused multiply-add as two
  uint64_t weightValues = 0;
  double importSeconds = 0, optimizeSeconds = 0, kernelSeconds = 0, emitSeconds = 0;
  size_t launches = 0, kernels = 0;
  struct Launch {
    std::string kernel, choice, nodes;
    double seconds; ///< predicted on one thread
  };
  std::vector<Launch> plan; ///< in the order of execution
};

struct CompiledModel {
  ObjectInterface interface;
  Weights weights;     ///< kept because `object` refers to its bytes
  JoinedObject object; ///< one exported symbol, lathe_<interface.name>_query
  std::string header;
  CompileReport report;
};

/// Compiles `file`. On failure `problems` says all that is wrong; with options.stopAfter set, nothing is emitted and the result is
/// empty too, without a problem. `report`, where given, gets what is known by then.
std::optional<CompiledModel> compileGraph(llvm::MemoryBufferRef file, const CompileOptions &options, ProblemList &problems,
                                          CompileReport *report = nullptr);

/// Compiles a module of core functions on tensors of static shapes, each of which becomes an entry. `name` is the file's in the
/// header. The module is used up.
std::optional<CompiledModel> compileFunctions(mlir::ModuleOp module, llvm::StringRef name, const CompileOptions &options,
                                              ProblemList &problems);

} // namespace lathe
#endif
