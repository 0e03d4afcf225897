// SPDX-License-Identifier: Apache-2.0
// The operations of the gdef dialect.
#ifndef LATHE_IR_GDEF_OPS_H
#define LATHE_IR_GDEF_OPS_H

#include "ir/gdef/Dialect.h"
#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/RegionKindInterface.h"
#include "mlir/IR/SymbolTable.h"

namespace lathe::gdef {
class FetchOp;
}

#define GET_OP_CLASSES
#include "ir/gdef/Ops.h.inc"

#endif
