// SPDX-License-Identifier: Apache-2.0
// Chooses which operations run as one kernel. Plain data in and out: knows nothing of IR.
#ifndef LATHE_PASSES_FUSION_GROUPS_H
#define LATHE_PASSES_FUSION_GROUPS_H

#include <cstdint>
#include <string>
#include <vector>

namespace lathe::fusion {

enum class Kind {
  Source,      ///< given: an argument or a weight; in no group
  View,        ///< the same bytes with another shape; in a group only between a row's scalars
  Cheap,       ///< broadcast, iota, splat: repeated inside each group that reads it
  Elementwise, ///< element i of the result from element i of each input
  Movement,    ///< each element from one element elsewhere; can be read through
  Pieces,      ///< concat, pad: a loop nest a piece, so only ever the last of a group
  Reduction,   ///< combines along `reduced` dimensions
  Window,      ///< reads each input element several times: inputs are not computed inside of it
  Contraction, ///< matmul or convolution with its own emitter
  Opaque       ///< runs as a whole, alone
};

struct Node {
  Kind kind = Kind::Source;
  std::vector<int64_t> shape;    ///< of the result
  std::vector<int> inputs;       ///< producing nodes; all have smaller numbers
  std::vector<int64_t> reduced;  ///< Reduction: dimensions of the input that disappear, increasing
  std::vector<int64_t> mapped;   ///< Cheap with an input (broadcast): where each of its dimensions goes
  bool costly = false;           ///< has a transcendental function: not worth computing twice
  bool inEpilogue = true;        ///< Elementwise: works on vectors, so a contraction's epilogue can hold it
  bool escapes = false;          ///< is a result of the whole graph
};

struct Group {
  std::vector<int> nodes; ///< increasing; Cheap ones are not listed
};

/// A partition of the nodes of kind Elementwise, Movement, Pieces, Reduction, Window, Contraction and Opaque, of the Views
/// that lie inside groups, and of the Cheap nodes that must exist in memory, into groups, in an order in which they can run.
///
///        x   w                  conv + bias + relu run as one kernel:
///         \ /                   the elementwise nodes that follow a contraction
///         conv  b               become its epilogue;
///           \  /
///           add                 max, sub, exp, sum, div of a softmax as one:
///            |                  everything between and around reductions over
///           relu                one set of trailing dimensions is a row group.
///
/// Promises, which `check` verifies: each such node is in exactly one group; the groups' graph has no cycle; at most one value of
/// a group with a contraction escapes it.
std::vector<Group> chooseGroups(const std::vector<Node> &nodes);

/// An empty text, or what is wrong with `groups` as a partition of `nodes`.
std::string check(const std::vector<Node> &nodes, const std::vector<Group> &groups);

/// Whether `dimensions` (increasing) are the last ones of `shape`, sizes of 1 aside.
bool areTrailing(const std::vector<int64_t> &shape, const std::vector<int64_t> &dimensions);

} // namespace lathe::fusion
#endif
