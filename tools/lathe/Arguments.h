// SPDX-License-Identifier: Apache-2.0
// The command line of `lathe`: flags by name, in any order, as --flag value or --flag=value.
#ifndef LATHE_TOOLS_LATHE_ARGUMENTS_H
#define LATHE_TOOLS_LATHE_ARGUMENTS_H

#include "compiler/Options.h"
#include <map>

namespace lathe::tool {

/// The arguments of a subcommand, checked against the flags that it knows.
struct Arguments {
  std::vector<std::string> positional;
  std::multimap<std::string, std::string> flags; ///< a switch has the value "true"

  bool has(const std::string &flag) const { return flags.count(flag) != 0; }
  std::string get(const std::string &flag, std::string otherwise = "") const;
  std::vector<std::string> all(const std::string &flag) const;
};

/// Parses argv[2...]. On an unknown flag or a missing value prints one line to stderr and gives none.
std::optional<Arguments> parseArguments(int argc, char **argv);

/// What the flags that all subcommands share ask for. Prints one line and gives none where a value is malformed.
std::optional<CompileOptions> compileOptions(const Arguments &arguments);

/// "NAME:feed=1x2,feed:fetch,^node" -> an entry; feeds and fetches may be missing. A scalar's shape is "feed=".
std::optional<EntryOptions> parseEntry(llvm::StringRef text);

/// "NAME:1x2x3" -> name and sizes; "?" and "-1" are unknown. A scalar is "NAME:".
std::optional<std::pair<std::string, std::vector<int64_t>>> parseShape(llvm::StringRef text);

} // namespace lathe::tool
#endif
