// SPDX-License-Identifier: Apache-2.0
// Runs a compiled object in this process: the very bytes that `lathe compile` writes.
#ifndef LATHE_TOOLS_LATHE_EXECUTE_H
#define LATHE_TOOLS_LATHE_EXECUTE_H

#include "compiler/Compile.h"
#include "lathe/runtime.h"

namespace llvm::orc {
class LLJIT;
}

namespace lathe::tool {

/// An object that was loaded, with memory for one call of one of its entries, at first the first one, and a store.
class LoadedModel {
public:
  /// Loads `model`'s object and allocates arguments (zeros), results and arena.
  static llvm::Expected<std::unique_ptr<LoadedModel>> load(const CompiledModel &model, int32_t threads);
  ~LoadedModel();

  /// Allocates anew for entry `index`: arguments (zeros), results and arena, of as many items where it takes batches.
  llvm::Error select(size_t index, uint64_t batch = 1);

  const lathe_entry_t &getEntry() const { return *context.entry; }
  llvm::MutableArrayRef<char> argument(size_t i) { return {static_cast<char *>(arguments[i]), bytesOf(getEntry().arguments[i])}; }
  llvm::ArrayRef<char> result(size_t i) const { return {static_cast<char *>(results[i]), bytesOf(getEntry().results[i])}; }

  /// One execution; the text of a failure.
  llvm::Error run();
  /// Of a model with probes: what each launch of the entry took in the last run.
  llvm::ArrayRef<double> launchSeconds() const { return seconds; }

  lathe_store_t &getStore() { return store; }
  /// Reads all variables from a checkpoint, and writes them as one.
  llvm::Error restore(const std::string &prefix);
  llvm::Error save(const std::string &prefix);

private:
  LoadedModel();
  uint64_t bytesOf(const lathe_tensor_info_t &tensor) const { return tensor.bytes * (tensor.flags & LATHE_PER_ITEM ? batch : 1); }
  void *allocate(uint64_t bytes);

  std::unique_ptr<llvm::orc::LLJIT> jit;
  const lathe_module_t *module = nullptr;
  lathe_pool_t *pool = nullptr;
  lathe_executor_t executor{};
  uint64_t batch = 1;
  std::vector<double> seconds;
  std::vector<void *> arguments, results, allocated;
  lathe_store_t store{};
  lathe_context_t context{};
};

} // namespace lathe::tool
#endif
