// SPDX-License-Identifier: Apache-2.0
// Turns the control flow of TensorFlow 1 into loops and branches. Plain data in and out: knows nothing of IR.
#ifndef LATHE_PASSES_RAISE_CONTROLFLOW_H
#define LATHE_PASSES_RAISE_CONTROLFLOW_H

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace lathe::raise {

enum class Kind {
  Plain,         ///< runs when all its inputs are there
  Identity,      ///< Plain, and output 0 is input 0
  Not,           ///< Plain, and output 0 is true where input 0 is false
  Switch,        ///< passes input 0 to the output that input 1 chooses
  Merge,         ///< passes on the one input that is there; output 1 is its number
  Enter,         ///< brings input 0 into the frame `key`
  Exit,          ///< brings input 0 out of its frame
  NextIteration, ///< brings input 0 into the next iteration
  LoopCond       ///< whether there is a next iteration
};

/// Output `output` of a node.
struct Edge {
  int node = -1, output = 0;
  bool operator==(const Edge &) const = default;
};

struct Node {
  Kind kind = Kind::Plain;
  std::string_view name; ///< for messages; must outlive what is made from the node
  std::vector<Edge> inputs;
  std::vector<int> controls; ///< nodes that must have run
  unsigned outputs = 1;      ///< Switch: number of branches
  int key = -1; ///< Plain: nodes of one key and equal inputs compute the same; -1: no others do. Enter: frame
  std::optional<int64_t> value; ///< Plain: the constant that it is, 0 or 1 for a Boolean
  bool isConstant = false;      ///< Enter: the same in each iteration
  bool hasEffect = false;       ///< must run as often as the graph says
  bool isTrigger = false;       ///< runs when all before it have run or are dead
  bool mayRepeat = false;       ///< with an effect that can also happen more often
  bool blocks = false;          ///< may wait for what runs elsewhere
};

/// A graph, and what is asked of it. Cycles go from a NextIteration to a Merge.
struct Graph {
  std::vector<Node> nodes;
  std::vector<Edge> results;
  std::vector<int> targets; ///< nodes that must have run
};

/// What can be wrong with a graph, in the order of the codes LTH0301 and up.
enum class Fault {
  NoLoopCondition,
  MergeInputs,
  MergePredicates,
  CrossesFrames,
  VaryingHandle,
  EffectBehindLoop,
  Blocks,
  Cycle,
  FrameParents,
  ListElement,
  Irreducible
};

struct Issue {
  Fault fault;
  int node;
  std::string message;
};

/// Merges that one condition decides, in one place: the outputs of one branch.
struct Branch {
  Edge condition;           ///< available where the branch is
  bool flipped = false;     ///< two ways: the condition is true on way 0
  unsigned ways = 2;        ///< 2: a Boolean; more: way i is taken where the condition is i, the last one else
  std::vector<int> members; ///< Merge nodes; none where a branch only holds what must run
};

struct Loop {
  int frame = 0;
  int condition = -1;         ///< LoopCond
  std::vector<int> enters;    ///< all that brings values in
  std::vector<int> carried;   ///< Merge nodes whose values change from round to round
  std::vector<int> unchanged; ///< Merge nodes whose values are the same in each round
  std::vector<int> exits;     ///< Exit nodes
};

struct Region;

/// What a region holds: a copy of a node, a branch, or a loop.
struct Item {
  enum { Copy, Branch, Loop } kind = Copy;
  int index = 0; ///< of the node, of the branch, of the loop
  /// Branch: what is read of its members; output -1 is the fact that it has run. Loop: Exit nodes that are read.
  std::vector<Edge> outputs;
  /// Branch: one for each way. Loop: condition, body, and what runs behind it, in the region around it.
  std::vector<std::unique_ptr<Region>> regions;
};

struct Region {
  std::vector<Item> items;  ///< each after those it reads
  std::vector<int> awaited; ///< nodes, and behind them loops, that must have run before the region ends
};

/// The graph as loops and branches. Nodes keep their numbers.
struct Structure {
  std::vector<Issue> issues; ///< where there are any, the rest means nothing
  std::vector<Branch> branches;
  std::vector<Loop> loops;
  /// For each node and way of a Merge that is an output of a branch: which input.
  std::vector<std::vector<int>> wayInputs;
  /// For each node: what to read instead of output 0 of a Switch, of a Merge with one input alive, of a LoopCond;
  /// itself for others. What an Enter stands for is in the region around the loop.
  std::vector<Edge> alias;
  /// For each node: the nodes behind whose effects whoever waits for it must wait.
  std::vector<std::vector<int>> tokens;
  /// For each node: nodes to wait for when its value is read through `alias`.
  std::vector<std::vector<int>> aliasTokens;
  std::vector<bool> isCarried; ///< for each node: a Merge that a loop carries
  std::vector<int> loopOf;     ///< for each Exit: its loop; -1 for others
  std::vector<int> liveInput;  ///< for each Merge with one input alive: which; -1 for others
  Region top;

  /// What to read instead of `edge`, in its frame.
  Edge resolve(const Graph &graph, Edge edge) const {
    bool aliased = !(alias[edge.node] == Edge{edge.node, 0});
    return aliased && !(graph.nodes[edge.node].kind == Kind::Merge && edge.output == 1) ? alias[edge.node] : edge;
  }
};

///     x  p                     Switch and Merge of one predicate become a branch, those that Enter, LoopCond and
///      \/ \                    NextIteration tie together a loop. A predicate is known by what it computes: equal
///    Switch |                  constants, equal nodes and negations are one predicate.
///     |  |  |
///    neg |  |                  if p { yield x } else { yield neg(x) }
///     |  |  |
///     Merge
///
/// Takes time linear in the edges but for the sorting of what is needed. Reports all that is wrong.
Structure raiseControlFlow(const Graph &graph);

} // namespace lathe::raise
#endif
