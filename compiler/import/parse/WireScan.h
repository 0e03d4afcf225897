// SPDX-License-Identifier: Apache-2.0
// A look at the wire form of a graph's file before protobuf parses it.
#ifndef LATHE_COMPILER_IMPORT_WIRESCAN_H
#define LATHE_COMPILER_IMPORT_WIRESCAN_H

#include "compiler/import/Import.h"

namespace lathe {

/// What kind of message a file holds.
enum class WireRoot { graph, metaGraph, savedModel, objectGraph };

/// What a file in wire form would take.
struct WireScan {
  enum class Status { ok, malformed, tooDeep } status = Status::ok;
  uint64_t offset = 0; ///< of the first byte that cannot be read
  uint64_t nodes = 0;  ///< of graph and functions
  uint64_t functions = 0;
  uint64_t parsedBytes = 0; ///< estimate of the memory for messages, beyond the bytes of strings and tensors
};

/// Walks `bytes` without storing anything; takes time in proportion to the bytes outside strings and tensors.
WireScan scanWire(llvm::StringRef bytes, WireRoot root, unsigned maxDepth);

} // namespace lathe

#endif
