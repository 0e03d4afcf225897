// SPDX-License-Identifier: Apache-2.0
// From bytes to protobuf messages, within limits.
#ifndef LATHE_COMPILER_IMPORT_PARSEGRAPH_H
#define LATHE_COMPILER_IMPORT_PARSEGRAPH_H

#include "compiler/import/Import.h"
#include "compiler/import/proto/config.pb.h"
#include "compiler/import/proto/graph.pb.h"
#include "compiler/import/proto/meta_graph.pb.h"
#include "llvm/Support/MemoryBufferRef.h"

namespace lathe {

/// Parses `file` as a GraphDef in binary or text form, told apart by its content. Null when it cannot be read or is
/// beyond the limits; `problems` then says why. The message lives in `arena`.
const tf::GraphDef *parseGraph(llvm::MemoryBufferRef file, const ImportLimits &limits, google::protobuf::Arena &arena,
                               ProblemList &problems);

/// The same for a MetaGraphDef, and for the file of a SavedModel.
const tf::MetaGraphDef *parseMetaGraph(llvm::MemoryBufferRef file, const ImportLimits &limits,
                                       google::protobuf::Arena &arena, ProblemList &problems);
const tf::SavedModel *parseSavedModel(llvm::MemoryBufferRef file, const ImportLimits &limits,
                                      google::protobuf::Arena &arena, ProblemList &problems);

/// Parses a tfcompile Config in text form.
bool parseConfig(llvm::StringRef text, const ImportLimits &limits, tf::Config &config, ProblemList &problems);

} // namespace lathe

#endif
