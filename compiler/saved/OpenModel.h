// SPDX-License-Identifier: Apache-2.0
// From a path to the file of a graph: a GraphDef, a MetaGraphDef, or the folder of a SavedModel.
#ifndef LATHE_COMPILER_SAVED_OPENMODEL_H
#define LATHE_COMPILER_SAVED_OPENMODEL_H

#include "compiler/import/Import.h"
#include "llvm/Support/MemoryBuffer.h"
#include <memory>

namespace lathe {

/// A graph's file.
struct ModelFile {
  std::unique_ptr<llvm::MemoryBuffer> buffer;
  std::string name; ///< of the file, or of the SavedModel's folder without a slash at its end

  llvm::MemoryBufferRef ref() const { return {buffer->getBuffer(), name}; }
};

/// Opens the model at `path` and sets `options.form`: a folder is a SavedModel, a name that ends in `.meta` a
/// MetaGraphDef, all else a GraphDef. A SavedModel's own variables become `options.checkpoint` where it is empty. None
/// after a report.
std::optional<ModelFile> openModel(llvm::StringRef path, ImportOptions &options, ProblemList &problems);

} // namespace lathe

#endif
