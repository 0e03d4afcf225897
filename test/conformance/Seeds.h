// SPDX-License-Identifier: Apache-2.0
// Programs that check something for many seeds.
#ifndef LATHE_TEST_CONFORMANCE_SEEDS_H
#define LATHE_TEST_CONFORMANCE_SEEDS_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/raw_ostream.h"

#include <atomic>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace lathe {

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
