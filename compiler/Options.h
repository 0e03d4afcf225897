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
  /// Sizes of batches to make code for, where the first dimension of feeds is not known; empty: 1, and 8 where the backend predicts that
  /// to pay. Where the items of a batch do not meet, these are the parts that a batch of any size is run in, and 1 is always among them.
  std::vector<int64_t> batchSizes;
  /// Whether the program calls `lathe_probe(lathe_call_t *, int32_t launch)`, which the linker must find, behind each launch.
  bool probes = false;
  /// Whether a run fails where a node refuses its values, as in TensorFlow: an Assert, NaN in a CheckNumerics, an index outside.
  bool keepChecks = true;
  /// Threads that compile kernels; 0: one a core. The object does not depend on it.
  unsigned jobs = 0;
  /// The stage after which to stop, one of stageNames(); empty: none.
  std::string stopAfter;
  /// A folder that gets the IR after each stage, numbered; empty: none.
  std::string dumpDirectory;
};

} // namespace lathe
#endif
