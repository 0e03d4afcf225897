// SPDX-License-Identifier: Apache-2.0
// The subcommands of `lathe`. Each gives the exit status: 0, 1 for the user's input, 2 for a bug of ours.
#ifndef LATHE_TOOLS_LATHE_COMMANDS_H
#define LATHE_TOOLS_LATHE_COMMANDS_H

#include "compiler/Compile.h"
#include "tools/lathe/Arguments.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

#include <algorithm>
#include <cstdlib>

namespace lathe::tool {

int compileCommand(const Arguments &arguments);
int checkCommand(const Arguments &arguments);
int inspectCommand(const Arguments &arguments);
int runCommand(const Arguments &arguments);
int benchCommand(const Arguments &arguments);
int explainCommand(const Arguments &arguments);
int targetsCommand(const Arguments &arguments);
int opsCommand(const Arguments &arguments);

/// Says what went wrong; gives back the exit status.
inline int fail(llvm::Error error, int status = 1) {
  llvm::errs() << "lathe: " << llvm::toString(std::move(error)) << "\n";
  return status;
}

/// --threads, or 1.
inline int32_t threadsOf(const Arguments &arguments) { return std::max(1, std::atoi(arguments.get("threads", "1").c_str())); }

/// Compiles the graph that the arguments name, in place of --graph the first positional one. Reports problems, as text or with
/// --json as JSON, and sets `status`; the result is empty then, and where options.stopAfter was reached.
/// `report`, where given, gets what is known of the graph.
std::optional<CompiledModel> compile(const Arguments &arguments, CompileOptions options, int &status, CompileReport *report = nullptr);

} // namespace lathe::tool
#endif
