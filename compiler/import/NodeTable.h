// SPDX-License-Identifier: Apache-2.0
// The nodes of a graph or of a function's body, by number and by name.
#ifndef LATHE_COMPILER_IMPORT_NODETABLE_H
#define LATHE_COMPILER_IMPORT_NODETABLE_H

#include "compiler/import/Context.h"
#include "llvm/ADT/DenseMap.h"

namespace lathe {

/// A tensor by the name that inputs, feeds and fetches give it: `node`, `node:1`, `^node`, and in functions
/// `node:argument:1`.
struct TensorName {
  llvm::StringRef node, argument;
  unsigned output = 0;
  bool control = false;
  bool hasOutput = false; ///< whether the output was said

  static TensorName parse(llvm::StringRef text);
};

/// An output of a node.
struct Source {
  unsigned node, output;
  bool operator==(const Source &) const = default;
};

/// Nodes by number, in the order of the file.
class NodeTable {
public:
  /// `function` is the name of the function whose body this is; empty for the graph itself.
  explicit NodeTable(ImportContext &context, llvm::StringRef function = "") : context(context), function(function) {}

  /// Adds a node; reports a name that is used twice, is empty or too long.
  void add(const tf::NodeDef &node);

  size_t size() const { return nodes.size(); }
  const tf::NodeDef &operator[](unsigned node) const { return *nodes[node]; }
  bool isFunction() const { return !function.empty(); }
  std::optional<unsigned> find(llvm::StringRef name) const;
  /// `; did you mean 'x'?` for a name that is not there, or "".
  std::string suggest(llvm::StringRef name) const;

  /// The name under which a node appears in locations and messages: in a function, after the function's.
  std::string displayName(unsigned node) const;
  /// How a message begins that is about the result `name`.
  std::string resultText(llvm::StringRef name) const;
  void report(unsigned node, Code code, const llvm::Twine &message, const llvm::Twine &remedy = "") const;

private:
  ImportContext &context;
  std::string function;
  std::vector<const tf::NodeDef *> nodes;
  llvm::StringMap<unsigned> index;
};

} // namespace lathe

template <> struct llvm::DenseMapInfo<lathe::Source> {
  static lathe::Source getEmptyKey() { return {~0u, 0}; }
  static lathe::Source getTombstoneKey() { return {~0u, 1}; }
  static unsigned getHashValue(lathe::Source source) {
    return DenseMapInfo<std::pair<unsigned, unsigned>>::getHashValue({source.node, source.output});
  }
  static bool isEqual(lathe::Source a, lathe::Source b) { return a == b; }
};

#endif
