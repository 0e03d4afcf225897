// SPDX-License-Identifier: Apache-2.0
// The model's constant bytes, laid out as the kernels read them.
#ifndef LATHE_COMPILER_WEIGHTS_H
#define LATHE_COMPILER_WEIGHTS_H

#include "backends/Backend.h"
#include "mlir/IR/BuiltinOps.h"

#include "llvm/ADT/StringMap.h"
#include <memory>

namespace lathe {

/// One block of all weights; each begins at a multiple of 64 bytes from its start.
struct Weights {
  std::unique_ptr<char[]> storage;
  uint64_t bytes = 0;
  llvm::StringMap<uint64_t> offsets; ///< by the symbol of the rt.weight

  llvm::ArrayRef<char> data() const { return {storage.get(), bytes}; }
};

/// Collects every rt.weight of `module` into one block, packed as `backend` wants it.
Weights collectWeights(mlir::ModuleOp module, const Backend &backend);

} // namespace lathe
#endif
