// SPDX-License-Identifier: Apache-2.0
// libFuzzer's entry for the importer. Run: import-fuzzer -rss_limit_mb=2048 -timeout=10 CORPUS; graphs in binary or
// text form are seeds.
#include "compiler/import/Import.h"
#include "mlir/IR/MLIRContext.h"

/// LLVM's headers mark what their allocators have not handed out yet; libMLIR, which is not instrumented, does not
/// know.
extern "C" const char *__asan_default_options() {
  return "allow_user_poisoning=0";
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  lathe::ProblemList problems;
  llvm::StringRef bytes(reinterpret_cast<const char *>(data), size);
  auto module = lathe::importGraph(context, llvm::MemoryBufferRef(bytes, "fuzz"), {}, problems);
  // A graph is imported or refused with a reason that is the user's, nothing between.
  if (mlir::succeeded(module) != problems.empty() || problems.hasInternalError())
    __builtin_trap();
  return 0;
}
