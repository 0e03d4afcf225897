// SPDX-License-Identifier: Apache-2.0
// The function library of a graph.
#ifndef LATHE_COMPILER_IMPORT_FUNCTIONS_H
#define LATHE_COMPILER_IMPORT_FUNCTIONS_H

#include "compiler/import/Context.h"

namespace lathe {

/// Writes each function in `context.called`, and those that they call in turn, as a private `gdef.graph`. Reports
/// functions that cannot be used: generic ones, those that call themselves, calls that are nested too deeply.
void importFunctions(mlir::ModuleOp module, ImportContext &context);

} // namespace lathe

#endif
