// SPDX-License-Identifier: Apache-2.0
// What the user asks to compile: feeds, fetches, shapes.
#ifndef LATHE_COMPILER_IMPORT_REQUEST_H
#define LATHE_COMPILER_IMPORT_REQUEST_H

#include "compiler/import/NodeTable.h"
#include "mlir/IR/BuiltinTypes.h"

namespace lathe {

/// A tensor that becomes an argument.
struct Feed {
  Source source;
  std::string name;  ///< `node:output`
  std::string alias; ///< what the user wants to call it, or ""
  /// DT_INVALID until it is known: from the node that yields it, else from Config, else from a node that reads it.
  tf::DataType dtype = tf::DT_INVALID;
  std::optional<llvm::SmallVector<int64_t>> shape;      ///< as given by the user
  bool used = false;                                    ///< whether a fetch needs it
  const tf::TensorShapeProto *signatureShape = nullptr; ///< as the signature has it
};

/// A tensor that becomes a result.
struct Fetch {
  Source source;
  std::string name, alias;
  /// In a function: the output argument of which `source.output` is counted, until selectNodes() resolves it.
  std::string argument;
};

/// The request in terms of a table's nodes.
struct Request {
  std::vector<Feed> feeds;
  std::vector<Fetch> fetches;
  /// Nodes that must run, though no value of theirs is fetched.
  std::vector<unsigned> targets;
  /// Which of the options' shapes belong to a feed.
  std::vector<bool> usedShapes;
  /// Whether feeds that no fetch needs are left out.
  bool onlyUsedFeeds = false;
};

/// Finds what `options` names in `table`, or chooses where it names nothing. Reports what cannot be found, but for the
/// first `shared` shapes, which may be of feeds of other entries.
void resolveRequest(const NodeTable &table, const ImportOptions &options, ImportContext &context, Request &request,
                    size_t shared = 0);

/// The type of the argument for `feed`: by the user's shape, the placeholder's `shape`, the producer's
/// `_output_shapes`. Null when it cannot be said, after a report. `needStatic`: every dimension but the first must be known.
mlir::Type feedType(const NodeTable &table, const Feed &feed, bool needStatic, bool hasVersion, ImportContext &context);

/// Whether an operation is there to be fed.
bool isPlaceholder(llvm::StringRef op);

} // namespace lathe

#endif
