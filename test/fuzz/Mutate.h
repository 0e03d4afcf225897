// SPDX-License-Identifier: Apache-2.0
// Damages graphs: the bytes of their binary and text forms, and the fields of their messages.
#ifndef LATHE_TEST_FUZZ_MUTATE_H
#define LATHE_TEST_FUZZ_MUTATE_H

#include "compiler/import/proto/graph.pb.h"
#include <string>
#include <vector>

namespace lathe {

/// A graph in both of its forms.
struct SourceGraph {
  std::string name, binary, text;
  tf::GraphDef graph;
};

/// Reads a GraphDef, binary or (`.pbtxt`) text. On failure says so on stderr and exits.
SourceGraph readSourceGraph(const std::string &path);

/// What happened to a graph, in words, and the file that came out.
struct Mutant {
  std::string what, bytes;
};

/// The mutant that belongs to `seed`: cut off, bits flipped, a piece copied, or one to three fields of its messages
/// given other values that are plausible or extreme. `ops` are names that a node's op may change to; the same arguments
/// give the same mutant.
Mutant mutate(const SourceGraph &source, const std::vector<std::string> &ops, unsigned seed);

} // namespace lathe
#endif
