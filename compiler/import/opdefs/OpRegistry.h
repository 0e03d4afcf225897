// SPDX-License-Identifier: Apache-2.0
// TensorFlow's operation definitions: arguments, attributes, defaults.
#ifndef LATHE_COMPILER_IMPORT_OPREGISTRY_H
#define LATHE_COMPILER_IMPORT_OPREGISTRY_H

#include "compiler/import/proto/graph.pb.h"
#include "llvm/ADT/StringMap.h"
#include <memory>
#include <mutex>
#include <vector>

namespace lathe {

/// The definitions in opdefs.txt. A definition is parsed when it is first asked for. Safe for several threads.
class OpRegistry {
public:
  static const OpRegistry &get();

  /// The definition of operation `name`, or null. It lives as long as the process.
  const tf::OpDef *find(llvm::StringRef name) const;

  /// All names, sorted.
  std::vector<llvm::StringRef> names() const;

private:
  OpRegistry();

  struct Entry {
    llvm::StringRef text;
    std::unique_ptr<tf::OpDef> parsed;
  };
  mutable std::mutex mutex;
  mutable llvm::StringMap<Entry> entries;
};

} // namespace lathe

#endif
