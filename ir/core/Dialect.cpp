// SPDX-License-Identifier: Apache-2.0
// Registers the core dialect and makes its constants.
#include "ir/core/Ops.h"
#include "llvm/ADT/TypeSwitch.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"

#include "ir/core/Dialect.cpp.inc"
#include "ir/core/Enums.cpp.inc"
#include "ir/core/Interfaces.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "ir/core/Attributes.cpp.inc"
#define GET_OP_CLASSES
#include "ir/core/Ops.cpp.inc"

using namespace mlir;
using namespace lathe::core;

void CoreDialect::initialize() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "ir/core/Attributes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "ir/core/Ops.cpp.inc"
      >();
}

Operation *CoreDialect::materializeConstant(OpBuilder &builder, Attribute value, Type type, Location loc) {
  auto elements = dyn_cast<ElementsAttr>(value);
  if (!elements || elements.getType() != type)
    return nullptr;
  return ConstantOp::create(builder, loc, elements);
}
