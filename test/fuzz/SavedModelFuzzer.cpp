// SPDX-License-Identifier: Apache-2.0
// libFuzzer's entry for SavedModels with variables. Run: savedmodel-fuzzer -rss_limit_mb=2048 -timeout=10 CORPUS; the
// files saved_model.pb and .pbtxt of SavedModels and files .meta are seeds. The checkpoint has the variables of
// test/e2e/inputs/saved.
#include "compiler/bundle/BundleWriter.h"
#include "compiler/import/Import.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/FileSystem.h"

using namespace lathe;

/// LLVM's headers mark what their allocators have not handed out yet; libMLIR, which is not instrumented, does not
/// know.
extern "C" const char *__asan_default_options() {
  return "allow_user_poisoning=0";
}

/// A checkpoint that lives as long as the process.
struct Checkpoint {
  llvm::SmallString<128> folder;
  std::string prefix;

  Checkpoint() {
    if (llvm::sys::fs::createUniqueDirectory("savedmodel-fuzzer", folder))
      __builtin_trap();
    prefix = (folder + "/model").str();
    BundleWriter writer(prefix);
    auto add = [&](llvm::StringRef key, std::vector<int64_t> shape) {
      std::vector<char> bytes(4);
      for (int64_t size : shape)
        bytes.resize(bytes.size() * size, 'v');
      llvm::cantFail(writer.add(key, tf::DT_FLOAT, shape, bytes));
    };
    add("kernel", {5, 4});
    add("bias", {4});
    add("layer/kernel", {3, 4});
    add("kernel/.ATTRIBUTES/VARIABLE_VALUE", {3, 4});
    add("table/.ATTRIBUTES/VARIABLE_VALUE", {6, 4});
    llvm::cantFail(writer.finish());
  }
  ~Checkpoint() { llvm::sys::fs::remove_directories(folder); }
};

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const Checkpoint checkpoint;
  llvm::StringRef bytes(reinterpret_cast<const char *>(data), size);
  for (auto form : {ImportOptions::Form::savedModel, ImportOptions::Form::metaGraph}) {
    mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
    ProblemList problems;
    ImportOptions options;
    options.form = form;
    options.checkpoint = checkpoint.prefix;
    options.staticFeeds = false;
    auto module = importGraph(context, llvm::MemoryBufferRef(bytes, "fuzz"), options, problems);
    // A model is imported or refused with a reason that is the user's, nothing between.
    if (mlir::succeeded(module) != problems.empty() || problems.hasInternalError())
      __builtin_trap();
  }
  return 0;
}
