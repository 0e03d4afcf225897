// SPDX-License-Identifier: Apache-2.0
// Attributes of nodes as MLIR attributes.
#ifndef LATHE_COMPILER_IMPORT_ATTRIBUTES_H
#define LATHE_COMPILER_IMPORT_ATTRIBUTES_H

#include "compiler/import/Context.h"
#include "mlir/IR/BuiltinAttributes.h"

namespace lathe {

/// Converts `value`, the attribute of a node called `node`; null when it cannot be, having said why to `fail`. Notes
/// the functions it names in `context.called`.
mlir::Attribute convertAttribute(const tf::AttrValue &value, llvm::StringRef node, ImportContext &context, Fail fail);

/// The symbol of library function `name`, which is from now on among those that are called. Empty when the library does
/// not have it.
llvm::StringRef functionSymbol(llvm::StringRef name, ImportContext &context);

} // namespace lathe

#endif
