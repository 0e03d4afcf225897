// SPDX-License-Identifier: Apache-2.0
// Everything that a user can choose about a compilation.
#ifndef LATHE_COMPILER_OPTIONS_H
#define LATHE_COMPILER_OPTIONS_H

#include "compiler/import/Import.h"

#include <string>

namespace lathe {

/// How sums of convolutions may be formed.
enum class Convolutions {
  Fast, ///< by Winograd's algorithm where it is faster; errors up to 2e-5 of a network's largest result
  Exact ///< directly
};

struct CompileOptions {
  ImportOptions import;
  /// A name that createBackend knows.
  std::string targetCpu = "host";
  /// The model's name in C; made from the file's name where empty.
  std::string name;
  /// "ns::Name" of the C++ class in the header; empty: the default.
  std::string cppClass;
  Convolutions convolutions = Convolutions::Fast;
  /// Names of variables that are kept as state though nothing writes them; "all": each.
  std::vector<std::string> state;
  /// Threads that compile kernels; 0: one a core. The object does not depend on it.
  unsigned jobs = 0;
  /// The stage after which to stop, one of stageNames(); empty: none.
  std::string stopAfter;
  /// A folder that gets the IR after each stage, numbered; empty: none.
  std::string dumpDirectory;
};

} // namespace lathe
#endif
