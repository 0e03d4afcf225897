// SPDX-License-Identifier: Apache-2.0
// What a node takes and yields, by its operation's definition and its attributes.
#ifndef LATHE_COMPILER_IMPORT_SIGNATURE_H
#define LATHE_COMPILER_IMPORT_SIGNATURE_H

#include "compiler/import/Context.h"
#include "llvm/ADT/SmallVector.h"

namespace lathe {

/// The element types (never references) of a node's inputs and outputs.
struct Signature {
  /// An output argument of the definition, which can stand for several outputs.
  struct Arg {
    llvm::StringRef name;
    unsigned first, count;
  };
  llvm::SmallVector<tf::DataType, 2> inputs, outputs;
  llvm::SmallVector<Arg, 1> outputArgs;
  llvm::SmallVector<unsigned, 0> references; ///< inputs that are taken as references
};

/// The attribute `name` of `node`, by default that of `op`; null when neither has it.
const tf::AttrValue *findAttribute(const tf::NodeDef &node, const tf::OpDef &op, llvm::StringRef name);

/// Checks the attributes of `node` against `op` and computes its signature. False when something is wrong, having said
/// to `fail` all that is.
bool resolveSignature(const tf::NodeDef &node, const tf::OpDef &op, ImportContext &context, Signature &signature,
                      Fail fail);

} // namespace lathe

#endif
