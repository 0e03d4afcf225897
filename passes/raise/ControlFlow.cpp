// SPDX-License-Identifier: Apache-2.0
// Builds regions: finds what each of them needs, from its end to its beginning.
#include "passes/raise/ControlFlow.h"
#include "passes/raise/Analysis.h"
#include <queue>
#include <unordered_set>

namespace lathe::raise {
namespace {

/// A region while it is filled. What it needs is looked at from the last to the first in the order, so that all readers
/// come before what they read.
struct Scope {
  Scope *parent = nullptr; ///< the region around it
  Scope *root = nullptr;   ///< the outermost one of its frame
  Region *region = nullptr;
  int state = States::always;
  int loop = -1;
  enum { Condition, Body, Behind } part = Condition; ///< of the loop
  unsigned depth = 0;
  std::priority_queue<std::pair<int, int>> open;      ///< place in the order, node or loop
  std::unordered_map<int, std::vector<Edge>> outputs; ///< of what is open: what is read of it
  std::unordered_set<int64_t> seen;
};

class Planner {
public:
  explicit Planner(Analysis &analysis)
      : a(analysis), graph(a.graph), structure(a.structure), copies(graph.nodes.size()) {}

  void run() {
    Scope top;
    top.root = &top;
    top.region = &structure.top;
    for (size_t i = 0; i < graph.results.size(); ++i)
      if (checkFetched(graph.results[i], "result " + std::to_string(i)))
        need(graph.results[i], &top);
    std::vector<int> targets;
    for (int target : graph.targets)
      if (checkFrame(target))
        for (int token : structure.tokens[target])
          targets.push_back(token);
    if (!structure.issues.empty())
      return;
    await(top, targets);
    fill(top);
  }

private:
  bool checkFrame(int node) {
    if (a.frameBehind(node) == 0)
      return true;
    a.report(Fault::CrossesFrames, node, "a node inside of a loop cannot be fetched");
    return false;
  }

  bool checkFetched(Edge edge, const std::string &what) {
    if (!checkFrame(edge.node))
      return false;
    int state = a.stateOf(edge);
    if (state == States::never)
      a.report(Fault::Irreducible, edge.node,
               what + " must exist, but is never computed: a condition that is constant "
                      "leads past it");
    else if (state != States::always)
      a.report(Fault::Irreducible, edge.node,
               what + " must always exist, but it comes only " + a.describe(state) + "; fetch the Merge behind it");
    return state == States::always;
  }

  /// Lets `scope`, or the one around it whose conditions suffice, hold what computes `edge`.
  void need(Edge edge, Scope *scope) {
    needAliasTokens(edge, scope);
    edge = structure.resolve(graph, edge);
    while (graph.nodes[edge.node].kind == Kind::Enter) {
      scope = scope->root->parent;
      edge = structure.resolve(graph, graph.nodes[edge.node].inputs[0]);
    }
    if (!structure.isCarried[edge.node] && structure.alias[edge.node] == Edge{edge.node, 0})
      request(edge.node, edge, scope);
  }

  /// What runs before the condition of a loop has run before the rest of the loop does.
  bool ranBefore(int node, Scope *scope) {
    const Scope *root = scope->root;
    if (root->loop < 0 || root->part == Scope::Condition)
      return false;
    return !a.states.includes(a.state[node], root->state);
  }

  void needAliasTokens(Edge edge, Scope *scope) {
    for (int token : structure.aliasTokens[edge.node])
      needToken(token, scope);
  }

  void needToken(int node, Scope *scope) {
    if (!ranBefore(node, scope))
      request(node, {node, -1}, scope);
  }

  void request(int node, Edge output, Scope *scope) {
    while (scope->root != scope && a.states.includes(scope->parent->state, a.state[node]))
      scope = scope->parent;
    int unit = node < static_cast<int>(graph.nodes.size()) && a.branchOf[node] >= 0
                   ? structure.branches[a.branchOf[node]].members.front()
                   : node;
    if (scope->seen.insert(-1 - int64_t(unit)).second)
      scope->open.emplace(a.position[unit], unit);
    if (scope->seen.insert(int64_t(output.node) * 4 + output.output + 1).second)
      scope->outputs[unit].push_back(output);
  }

  Scope makeInner(Scope &scope, Item &item, int state) {
    Scope inner;
    inner.parent = &scope;
    inner.region = item.regions.emplace_back(std::make_unique<Region>()).get();
    inner.state = state;
    // Many ways are written as branches in each other.
    inner.depth = scope.depth + (item.kind == Item::Branch ? structure.branches[item.index].ways - 1 : 1);
    return inner;
  }

  /// Lets `units` run in `scope`, in branches made for them where they do not always run.
  void await(Scope &scope, const std::vector<int> &units) {
    std::vector<int> rest;
    for (int unit : units) {
      if (a.states.includes(scope.state, a.state[unit])) {
        request(unit, {unit, -1}, &scope);
        scope.region->awaited.push_back(unit);
      } else if (a.state[unit] != States::never) {
        rest.push_back(unit);
      }
    }
    while (!rest.empty()) {
      auto [literal, place] = chooseLiteral(scope, rest.front());
      if (!place) {
        a.report(Fault::Irreducible, rest.front(), "no single condition decides whether the node runs");
        return;
      }
      int64_t predicate = literal / maxWays;
      unsigned ways = a.predicates[predicate].ways;
      int number = static_cast<int>(structure.branches.size());
      structure.branches.push_back({place->edge, place->negated, ways, {}});
      Item item{Item::Branch, number, {}, {}};
      std::vector<std::vector<int>> inside(ways);
      std::erase_if(rest, [&](int unit) {
        for (Literal other : a.states[a.state[unit]])
          if (other / maxWays == predicate) {
            inside[other % maxWays].push_back(unit);
            return true;
          }
        return false;
      });
      for (unsigned way = 0; way < ways; ++way) {
        Scope inner = makeInner(scope, item, a.states.with(scope.state, predicate * maxWays + way));
        inner.root = scope.root;
        await(inner, inside[way]);
        fill(inner);
      }
      need(place->edge, &scope);
      scope.region->items.push_back(std::move(item));
    }
  }

  std::pair<Literal, const Predicate::Place *> chooseLiteral(const Scope &scope, int unit) {
    for (Literal literal : a.states[a.state[unit]])
      if (!std::ranges::count(a.states[scope.state], literal))
        for (const Predicate::Place &place : a.predicates[literal / maxWays].places)
          if (place.frame == frameOf(unit) && a.states.includes(scope.state, place.state))
            return {literal, &place};
    return {-1, nullptr};
  }

  int frameOf(int unit) const {
    int nodes = static_cast<int>(graph.nodes.size());
    return unit < nodes ? a.frame[unit] : a.frames[structure.loops[unit - nodes].frame].parent;
  }

  void fill(Scope &scope) {
    if (scope.depth > mostDepth) {
      if (structure.issues.empty())
        a.report(Fault::Irreducible, scope.open.empty() ? 0 : named(scope.open.top().second),
                 "depth of loops and branches must be at most " + std::to_string(mostDepth));
      return;
    }
    while (!scope.open.empty() && structure.issues.empty()) {
      int unit = scope.open.top().second;
      scope.open.pop();
      std::vector<Edge> outputs = std::move(scope.outputs[unit]);
      // A branch taken apart at several places repeats what its parts share.
      if (++items > 32 * graph.nodes.size() + 1024)
        a.report(Fault::Irreducible, named(unit),
                 "branches must not repeat each other, but they would be copied more than 32 times");
      if (unit >= static_cast<int>(graph.nodes.size()))
        fillLoop(scope, unit, outputs);
      else if (a.branchOf[unit] >= 0)
        fillBranch(scope, a.branchOf[unit], std::move(outputs));
      else
        fillNode(scope, unit, outputs);
    }
    std::reverse(scope.region->items.begin(), scope.region->items.end());
  }

  int named(int unit) const {
    int nodes = static_cast<int>(graph.nodes.size());
    return unit < nodes ? unit : structure.loops[unit - nodes].condition;
  }

  void fillNode(Scope &scope, int node, const std::vector<Edge> &outputs) {
    const Node &n = graph.nodes[node];
    if (n.kind == Kind::Exit) {
      int unit = static_cast<int>(graph.nodes.size()) + structure.loopOf[node];
      request(unit, {unit, -1}, &scope);
      scope.outputs[unit].push_back({node, 0});
      return;
    }
    if (n.hasEffect && !placeEffect(scope, node, outputs))
      return;
    scope.region->items.push_back({Item::Copy, node, {}, {}});
    for (Edge input : n.inputs)
      need(input, &scope);
    needTokens(n.controls, &scope);
  }

  /// Whether the effect of `node` belongs into `scope`. Where a branch has fallen into several, its effects are in the
  /// last.
  bool placeEffect(const Scope &scope, int node, const std::vector<Edge> &outputs) {
    bool read = std::ranges::any_of(outputs, [](Edge output) { return output.output >= 0; });
    if (copies[node] && !read)
      return false;
    bool isOnlyPlace = !copies[node]++ && scope.state == a.state[node];
    if (!isOnlyPlace && !graph.nodes[node].mayRepeat) {
      a.report(Fault::Irreducible, node,
               "a node with an effect must have one place, but its result is read at several: in two branches of one "
               "condition, or in the condition and the body of a loop");
      return false;
    }
    return true;
  }

  void needTokens(const std::vector<int> &controls, Scope *scope) {
    for (int control : controls)
      for (int token : structure.tokens[control])
        needToken(token, scope);
  }

  void fillBranch(Scope &scope, int number, std::vector<Edge> outputs) {
    Item item{Item::Branch, number, std::move(outputs), {}};
    Branch branch = structure.branches[number];
    int64_t predicate = a.predicateOf(branch.members.front());
    for (unsigned way = 0; way < branch.ways; ++way) {
      Scope inner = makeInner(scope, item, a.states.with(scope.state, predicate * maxWays + way));
      inner.root = scope.root;
      for (Edge output : item.outputs) {
        Edge input = graph.nodes[output.node].inputs[structure.wayInputs[output.node][way]];
        if (output.output == 0)
          need(input, &inner);
        for (int token : structure.tokens[input.node])
          needToken(token, &inner);
        // What a Merge waits for may run on one of its ways only.
        for (int control : graph.nodes[output.node].controls)
          for (int token : structure.tokens[control])
            if (a.states.includes(inner.state, a.state[token]))
              needToken(token, &inner);
      }
      fill(inner);
    }
    need(branch.condition, &scope);
    scope.region->items.push_back(std::move(item));
  }

  void fillLoop(Scope &scope, int unit, const std::vector<Edge> &outputs) {
    int number = unit - static_cast<int>(graph.nodes.size());
    const Loop &loop = structure.loops[number];
    Item item{Item::Loop, number, {}, {}};
    for (Edge output : outputs)
      if (output.output == 0)
        item.outputs.push_back(output);
    for (auto part : {Scope::Condition, Scope::Body, Scope::Behind}) {
      Literal goesOn = a.condition[number];
      Scope inner = makeInner(scope, item,
                              part == Scope::Condition
                                  ? States::always
                                  : a.states.with(States::always, part == Scope::Body ? goesOn : goesOn ^ 1));
      inner.root = &inner;
      inner.loop = number;
      inner.part = part;
      if (part == Scope::Condition) {
        await(inner, effectsBefore(number));
        need(graph.nodes[loop.condition].inputs[0], &inner);
      } else if (part == Scope::Body) {
        await(inner, effectsOfBranches(loop, inner));
        for (int merge : loop.carried)
          need(graph.nodes[a.nextOf[merge]].inputs[0], &inner);
        for (const std::vector<int> &merges : {loop.carried, loop.unchanged})
          for (int merge : merges) {
            const Node &next = graph.nodes[a.nextOf[merge]];
            needTokens({next.inputs[0].node}, &inner);
            for (int token : tokensOf(next))
              if (a.states.includes(inner.state, a.state[token]))
                needToken(token, &inner);
          }
      } else {
        for (Edge exit : item.outputs)
          need(graph.nodes[exit.node].inputs[0], &inner);
      }
      fill(inner);
    }
    for (int merge : loop.carried)
      need(graph.nodes[a.enterOf[merge]].inputs[0], &scope);
    for (int enter : loop.enters) {
      needTokens(graph.nodes[enter].controls, &scope);
      needAliasTokens(graph.nodes[enter].inputs[0], &scope);
    }
    scope.region->items.push_back(std::move(item));
  }

  /// What `node` waits for.
  std::vector<int> tokensOf(const Node &node) const {
    std::vector<int> tokens;
    for (int control : node.controls)
      tokens.insert(tokens.end(), structure.tokens[control].begin(), structure.tokens[control].end());
    return tokens;
  }

  /// What triggers let the next iteration wait for, though it runs in some branch of the body only.
  std::vector<int> effectsOfBranches(const Loop &loop, Scope &body) {
    std::vector<int> result;
    for (const std::vector<int> &merges : {loop.carried, loop.unchanged})
      for (int merge : merges)
        for (int token : tokensOf(graph.nodes[a.nextOf[merge]]))
          if (!a.states.includes(body.state, a.state[token]) && !ranBefore(token, &body) &&
              !std::ranges::count(result, token))
            result.push_back(token);
    return result;
  }

  /// What must run in each iteration, also the last.
  std::vector<int> effectsBefore(int number) {
    const Frame &frame = a.frames[structure.loops[number].frame];
    std::vector<int> result;
    if (!frame.hasEffect)
      return result;
    int nodes = static_cast<int>(graph.nodes.size());
    auto runsBefore = [&](int unit) {
      return std::ranges::none_of(frame.conditions, [&](int decider) {
        Literal literal = a.condition[a.conditionOf[decider]];
        const std::vector<Literal> &state = a.states[a.state[unit]];
        return std::ranges::count(state, literal) || std::ranges::count(state, literal ^ 1);
      });
    };
    for (int node : frame.nodes) {
      const Node &n = graph.nodes[node];
      if (n.hasEffect && runsBefore(node))
        result.push_back(node);
      if (n.kind == Kind::Exit && a.carriesEffect[node] && runsBefore(node) &&
          !std::ranges::count(result, nodes + structure.loopOf[node]))
        result.push_back(nodes + structure.loopOf[node]);
    }
    return result;
  }

  Analysis &a;
  const Graph &graph;
  Structure &structure;
  std::vector<int> copies;
  size_t items = 0;
};

} // namespace

Structure raiseControlFlow(const Graph &graph) {
  Analysis analysis(graph);
  if (!analysis.orderNodes())
    return std::move(analysis.structure);
  analysis.assignFrames();
  if (!analysis.structure.issues.empty())
    return std::move(analysis.structure);
  analysis.findLoops();
  if (!analysis.structure.issues.empty() || !analysis.orderNodes() || !analysis.computeStates())
    return std::move(analysis.structure);
  analysis.formBranches();
  Planner(analysis).run();
  return std::move(analysis.structure);
}

} // namespace lathe::raise
