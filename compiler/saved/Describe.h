// SPDX-License-Identifier: Apache-2.0
// What a SavedModel or a checkpoint holds, for people.
#ifndef LATHE_COMPILER_SAVED_DESCRIBE_H
#define LATHE_COMPILER_SAVED_DESCRIBE_H

#include "compiler/saved/OpenModel.h"

namespace llvm {
class raw_ostream;
}

namespace lathe {

/// Writes the graphs of `model` by their tags, their signatures with the type and shape of each input and output, and the
/// tensors of the checkpoint that `options` names, each with its type, shape and bytes. Writes nothing for a GraphDef
/// without a checkpoint. What cannot be read is left out: importing it says why.
void describeModel(const ModelFile &model, const ImportOptions &options, llvm::raw_ostream &out);

} // namespace lathe

#endif
