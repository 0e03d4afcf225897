// SPDX-License-Identifier: Apache-2.0
// Makes and registers the passes of this folder.
#ifndef LATHE_PASSES_PASSES_H
#define LATHE_PASSES_PASSES_H

#include "mlir/Pass/Pass.h"

namespace lathe {

#define GEN_PASS_DECL
#include "passes/Passes.h.inc"

#define GEN_PASS_REGISTRATION
#include "passes/Passes.h.inc"

} // namespace lathe
#endif
