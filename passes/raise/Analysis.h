// SPDX-License-Identifier: Apache-2.0
// What raising finds out about a graph before it builds loops and branches: order, frames, loops, values, states.
#ifndef LATHE_PASSES_RAISE_ANALYSIS_H
#define LATHE_PASSES_RAISE_ANALYSIS_H

#include "passes/raise/ControlFlow.h"
#include <algorithm>
#include <map>
#include <unordered_map>

namespace lathe::raise {

/// A predicate and the way it goes: `predicate * maxWays + way`, so that literals of one predicate are neighbours.
using Literal = int64_t;
constexpr int64_t maxWays = int64_t(1) << 20;

/// Of loops and branches in each other, so that neither memory nor whatever walks the regions later can be exhausted.
constexpr unsigned mostDepth = 256;

/// Sets of literals that must hold for a node to run. Equal sets have equal numbers.
class States {
public:
  static constexpr int always = 0, never = 1, unknown = 2;

  States() {
    for (std::vector<Literal> first : {std::vector<Literal>{}, {-1}, {-2}})
      intern(std::move(first));
  }
  const std::vector<Literal> &operator[](int state) const { return sets[state]; }
  /// What holds where both hold; `never` where they contradict.
  int unite(int x, int y);
  int with(int state, Literal literal) { return unite(state, intern({literal})); }
  int without(int state, Literal literal);
  bool includes(int outer, int inner) const {
    return std::includes(sets[outer].begin(), sets[outer].end(), sets[inner].begin(), sets[inner].end());
  }

private:
  int intern(std::vector<Literal> set);

  std::vector<std::vector<Literal>> sets;
  std::map<std::vector<Literal>, int> numbers;
  std::map<std::pair<int, int>, int> unions;
};

/// Where one predicate can be read.
struct Predicate {
  unsigned ways;
  struct Place {
    Edge edge;
    bool negated;
    int state, frame;
  };
  std::vector<Place> places;
};

struct Frame {
  int parent = -1, key = -1;
  std::vector<int> enters, conditions, merges, exits, nodes;
  bool hasEffect = false; ///< of a node in it or in a frame inside of it
};

/// Nodes are numbered as in the graph; behind them come the loops, which wait for all that enters them and come before
/// all that leaves them.
class Analysis {
public:
  explicit Analysis(const Graph &graph);

  /// The steps, each of which needs those before it. False after an issue that the next step cannot stand.
  bool orderNodes();
  void assignFrames();
  void findLoops();
  bool computeStates();
  void formBranches();

  bool isBackEdge(int node, Edge input) const {
    return node < count && graph.nodes[node].kind == Kind::Merge && graph.nodes[input.node].kind == Kind::NextIteration;
  }
  /// The frame that a reader of `node` is in.
  int frameBehind(int node) const { return graph.nodes[node].kind == Kind::Enter ? entered[node] : frame[node]; }
  /// When a reader of `edge` runs.
  int stateOf(Edge edge);
  int stateOfControl(int node) const;
  /// The predicate that decides which input a Merge of a branch takes.
  int64_t predicateOf(int merge) const { return decidedBy[merge] / maxWays; }
  void report(Fault fault, int node, std::string message) {
    structure.issues.push_back({fault, node, std::move(message)});
  }
  std::string describe(int state) const;

  const Graph &graph;
  const int count; ///< of nodes
  Structure structure;
  States states;
  /// For each node: its place in the order, in which the Merges of a branch have one; the frame it runs in; the frame
  /// that an Enter leads to; when it runs; the NextIteration and Enter of a Merge of a loop; the branch that a Merge is
  /// of. And for each LoopCond its loop.
  std::vector<int> position, frame, entered, state, nextOf, enterOf, branchOf, conditionOf;
  std::vector<bool> carriesEffect;
  std::vector<bool> isRead; ///< for each node: whether a node reads one of its outputs
  std::vector<Frame> frames;
  std::vector<Predicate> predicates;
  std::vector<Literal> condition; ///< of each loop: the literal of going on

private:
  /// For each node its readers, as one array.
  struct Readers {
    std::vector<int> first, readers, waiting;
  };
  template <typename Act> void forEachBefore(int node, Act act) const;
  Readers findReaders(int size) const;
  void splitLoops(int frame);
  void checkIteration(int node);
  int stateOfInputs(int node);
  int stateOfTrigger(int node);
  void visitSwitch(int node);
  bool checkControls(int node, const std::vector<int> &ways);
  int visitMerge(int node);
  void numberValue(int node);
  int numberOf(Edge edge);
  int predicateNumber(int value, unsigned ways);
  void passOn(int node, Edge input, int state);
  void noteTokens(int node);
  void addTokens(std::vector<int> &tokens, const std::vector<int> &more);

  std::vector<int> order, loopIn, waitsFor;
  std::vector<bool> invariant;
  std::map<std::vector<int>, int> valueNumbers;
  std::vector<int> number; ///< of output 0: twice the number of its value, plus 1 where it is negated
  std::unordered_map<int, int64_t> constants;
  std::map<std::pair<int, unsigned>, int> predicateNumbers;
  std::vector<Literal> firstWay;  ///< of each Switch: the literal of output 0, or -1
  std::vector<int> fixedWay;      ///< of each Switch: the way that it always goes, or -1
  std::vector<bool> swapped;      ///< of each Switch: output 0 is where the predicate holds
  std::vector<Literal> decidedBy; ///< of each Merge that is an output of a branch: its literal
  int values = 0;
};

} // namespace lathe::raise
#endif
