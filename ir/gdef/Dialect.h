// SPDX-License-Identifier: Apache-2.0
// The gdef dialect, its types and attributes, and the locations that nodes carry.
#ifndef LATHE_IR_GDEF_DIALECT_H
#define LATHE_IR_GDEF_DIALECT_H

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/Location.h"

#include "ir/gdef/Dialect.h.inc"

#define GET_TYPEDEF_CLASSES
#include "ir/gdef/Types.h.inc"

#define GET_ATTRDEF_CLASSES
#include "ir/gdef/Attributes.h.inc"

namespace lathe::gdef {

/// Whether `type` is a ranked or unranked tensor whose elements have a TensorFlow type: iN, uiN, i1, floats, complex,
/// or a type of this dialect other than control.
bool isValueType(mlir::Type type);

/// Whether `type` can be an element of a value.
bool isElementType(mlir::Type type);

} // namespace lathe::gdef

#endif
