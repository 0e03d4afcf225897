// SPDX-License-Identifier: Apache-2.0
// Which graph of a SavedModel to take, and which of its signatures.
#ifndef LATHE_COMPILER_SAVED_CHOOSE_H
#define LATHE_COMPILER_SAVED_CHOOSE_H

#include "compiler/import/Import.h"
#include "compiler/import/proto/meta_graph.pb.h"

namespace lathe {

/// The graph that `options.tags` name. Null after a report that lists what there is.
const tf::MetaGraphDef *chooseGraph(const tf::SavedModel &model, const ImportOptions &options, ProblemList &problems);

/// The signature that `options.signature` names, with its name. Null, with a report unless nothing needs a signature:
/// feeds and fetches are given, or the graph has none and is not a SavedModel's.
const tf::SignatureDef *chooseSignature(const tf::MetaGraphDef &graph, const ImportOptions &options, std::string &name,
                                        ProblemList &problems);

/// The names of the signatures that compute something for a user, in order; those that restore variables are left out.
std::vector<std::string> signatureNames(const tf::MetaGraphDef &graph);

/// `'a', 'b'`.
std::string quotedList(llvm::ArrayRef<std::string> names);

} // namespace lathe

#endif
