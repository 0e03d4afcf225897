// SPDX-License-Identifier: Apache-2.0
// From the bytes of a GraphDef or SavedModel to a module in the gdef dialect: the trust boundary of the compiler.
#ifndef LATHE_COMPILER_IMPORT_IMPORT_H
#define LATHE_COMPILER_IMPORT_IMPORT_H

#include "ir/Problems.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/MemoryBufferRef.h"
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace lathe {

/// What a file may ask for at most. Each is checked before memory of that size is taken or a type of MLIR is built.
struct ImportLimits {
  uint64_t bytes = (uint64_t{1} << 31) - 1;    ///< of a binary file; protobuf itself allows no more
  uint64_t textBytes = uint64_t{1} << 28;      ///< of a file in text form
  uint64_t parsedBytes = uint64_t{768} << 20;  ///< of memory for the parsed messages, beyond the bytes they hold
  unsigned depth = 100;                        ///< of nested messages
  uint64_t nodes = 1'000'000;                  ///< of the graph, and of all functions together
  uint64_t edges = 8'000'000;                  ///< inputs of the nodes that are kept
  uint64_t values = 4'000'000;                 ///< outputs of the nodes that are kept
  uint64_t functions = 10'000;                 ///< in the library
  unsigned functionDepth = 256;                ///< of calls
  uint64_t nameBytes = 4096;                   ///< of one name
  uint64_t attributeBytes = uint64_t{1} << 26; ///< of all attributes that are kept, tensors aside
  unsigned rank = 254;                         ///< of a tensor
  uint64_t elements = (uint64_t{1} << 48) - 1; ///< of a tensor
  uint64_t expandedBytes = uint64_t{1} << 28;  ///< that constants take beyond what the file holds
  uint64_t indexBytes = uint64_t{1} << 28;     ///< of a checkpoint's index, decompressed, with all keys written out
};

/// One function of the object: what it is fed and what it gives. Names as in ImportOptions.
struct EntryOptions {
  std::string name;
  std::vector<std::string> feeds, fetches;
  std::vector<std::pair<std::string, std::vector<int64_t>>> shapes;
};

/// What to compile of a graph. Tensors are named `node` or `node:output`, or as the signature names them; fetches also
/// `^node`, which runs a node and takes no value.
struct ImportOptions {
  ImportLimits limits;
  /// What kind of file the graph is in.
  enum class Form { graph, metaGraph, savedModel } form = Form::graph;
  /// The tags of the SavedModel's graph to take, all of them; empty: `serve`, or the only graph there is.
  std::vector<std::string> tags;
  /// The signature that names feeds and fetches where none are given; empty: `serving_default`, or the only one.
  std::string signature;
  /// The checkpoint with the values of variables, `PREFIX` of PREFIX.index; empty: none.
  std::string checkpoint;
  /// Empty: every placeholder that the fetches need, in the order of the file.
  std::vector<std::string> feeds;
  /// Empty: all outputs of nodes that no other node reads.
  std::vector<std::string> fetches;
  /// Shapes of feeds by tensor name; -1 stands for a dimension that is not known. With entries: of those that have such
  /// a feed.
  std::vector<std::pair<std::string, std::vector<int64_t>>> shapes;
  /// Several functions over one set of weights and variables, instead of `feeds` and `fetches`. One of a signature's
  /// name speaks in its terms; one without feeds or fetches takes those of the signature. Empty: one, called `main`.
  std::vector<EntryOptions> entries;
  /// The content of a tfcompile Config in text form, if there is one; its feeds and fetches come before the above.
  std::optional<std::string> config;
  /// Whether each dimension of each feed must be known, but for the first one, which is that of a batch.
  bool staticFeeds = true;
};

/// Parses `file`, binary or text, keeps what the fetches need, checks it against TensorFlow's operation definitions and
/// writes it as `gdef.graph @main`, or one of its name for each entry (and one private graph for each function called),
/// with default attributes filled in.
/// Each node's location is nodeLocation(name, op). Weights of 1 KiB and more are `dense_resource` attributes that
/// point into the parsed file, which lives as long as the context. A variable that the checkpoint has carries its value
/// as the attribute `value`, which points into the checkpoint's mapped file. On failure `problems` says all that is
/// wrong.
mlir::FailureOr<mlir::OwningOpRef<mlir::ModuleOp>> importGraph(mlir::MLIRContext &context, llvm::MemoryBufferRef file,
                                                               const ImportOptions &options, ProblemList &problems);

} // namespace lathe

#endif
