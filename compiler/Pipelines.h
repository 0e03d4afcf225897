// SPDX-License-Identifier: Apache-2.0
// The stages between the imported graph and the planned program.
#ifndef LATHE_COMPILER_PIPELINES_H
#define LATHE_COMPILER_PIPELINES_H

#include "compiler/Options.h"

namespace lathe {

/// Names of the stages in order: "raise", "legalize", "optimize", "fuse", "schedule", "plan".
llvm::ArrayRef<llvm::StringRef> stageNames();

/// Loads all dialects that the stages use.
void loadDialects(mlir::MLIRContext &context);

/// Runs the stages on an imported module, up to options.stopAfter, and writes dumps where asked to. A module of core functions
/// starts at the stage `first`. Problems are emitted as diagnostics.
llvm::LogicalResult runStages(mlir::ModuleOp module, const CompileOptions &options, llvm::StringRef first = "raise");

} // namespace lathe
#endif
