// SPDX-License-Identifier: Apache-2.0
// The rt dialect and its ops.
#ifndef LATHE_IR_RT_OPS_H
#define LATHE_IR_RT_OPS_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/RegionKindInterface.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "ir/rt/Dialect.h.inc"
#define GET_OP_CLASSES
#include "ir/rt/Ops.h.inc"
#endif
