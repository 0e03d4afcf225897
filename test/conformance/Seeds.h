// SPDX-License-Identifier: Apache-2.0
// Programs that check compiled functions for many seeds.
#ifndef LATHE_TEST_CONFORMANCE_SEEDS_H
#define LATHE_TEST_CONFORMANCE_SEEDS_H

#include "tools/lathe/Execute.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/raw_ostream.h"

#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace lathe {

/// Problems as one text.
inline std::string textOf(const ProblemList &problems, llvm::StringRef what) {
  std::string text;
  llvm::raw_string_ostream out(text);
  problems.print(out, what);
  return text;
}

/// A compiled module of functions, in memory.
struct LoadedFunctions {
  CompiledModel model;
  std::unique_ptr<tool::LoadedModel> loaded;
};

/// Compiles and loads the functions of `module`, which is used up, to run on `threads` threads. Says what is wrong in `error`.
inline std::optional<LoadedFunctions> loadFunctions(mlir::ModuleOp module, unsigned threads, std::string &error) {
  CompileOptions options;
  options.jobs = 1;
  ProblemList problems;
  std::optional<CompiledModel> model = compileFunctions(module, "random", options, problems);
  if (!model) {
    error = textOf(problems, "function");
    return std::nullopt;
  }
  auto loaded = tool::LoadedModel::load(*model, static_cast<int32_t>(threads));
  if (!loaded) {
    error = llvm::toString(loaded.takeError());
    return std::nullopt;
  }
  return LoadedFunctions{std::move(*model), std::move(*loaded)};
}

struct SeedOptions {
  unsigned count = 300, first = 0, threads = 1; ///< threads of the compiled code
};

/// Runs `check` on seeds from several threads, as the command line says: [--count=300] [--first=0] [--threads=1].
/// Prints what failed, and how many; gives the exit status.
inline int runSeeds(int argc, char **argv, std::string (*check)(unsigned seed, const SeedOptions &options)) {
  SeedOptions options;
  for (int i = 1; i < argc; ++i) {
    llvm::StringRef word = argv[i];
    bool fits = (word.consume_front("--count=") && !word.getAsInteger(10, options.count)) ||
                (word.consume_front("--first=") && !word.getAsInteger(10, options.first)) ||
                (word.consume_front("--threads=") && !word.getAsInteger(10, options.threads));
    if (!fits) {
      llvm::errs() << "cannot read '" << argv[i] << "'\n";
      return 2;
    }
  }
  std::atomic<unsigned> next = 0, failed = 0;
  std::mutex printing;
  auto work = [&] {
    for (unsigned i = next++; i < options.count; i = next++)
      if (std::string problem = check(options.first + i, options); !problem.empty()) {
        ++failed;
        std::lock_guard lock(printing);
        llvm::outs() << "FAILED seed " << options.first + i << ": " << problem << "\n";
      }
  };
  std::vector<std::thread> threads;
  for (unsigned i = 1; i < std::thread::hardware_concurrency(); ++i)
    threads.emplace_back(work);
  work();
  for (std::thread &thread : threads)
    thread.join();
  llvm::outs() << options.count - failed << " passed, " << failed << " failed (seeds " << options.first << " to "
               << options.first + options.count - 1 << ")\n";
  return failed != 0;
}

} // namespace lathe
#endif
