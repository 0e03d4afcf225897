// SPDX-License-Identifier: Apache-2.0
// Numbers the values of a graph and finds under which predicates each node runs.
#include "passes/raise/Analysis.h"

namespace lathe::raise {

std::string Analysis::describe(int state) const {
  if (state == States::never)
    return "never";
  std::string text;
  for (Literal literal : states[state]) {
    const Predicate &predicate = predicates[literal / maxWays];
    int64_t way = literal % maxWays;
    Edge edge = predicate.places.front().edge;
    text += (text.empty() ? "if '" : " and '") + std::string(graph.nodes[edge.node].name) + "' is ";
    if (predicate.ways > 2)
      text += std::to_string(way);
    else
      text += (way != 0) != predicate.places.front().negated ? "true" : "false";
  }
  return text.empty() ? "always" : text;
}

int Analysis::stateOf(Edge edge) {
  const Node &n = graph.nodes[edge.node];
  if (n.kind == Kind::Enter)
    return States::always;
  if (n.kind != Kind::Switch)
    return state[edge.node];
  if (fixedWay[edge.node] >= 0)
    return fixedWay[edge.node] == edge.output ? state[edge.node] : States::never;
  if (firstWay[edge.node] < 0)
    return States::unknown;
  int way = swapped[edge.node] ? 1 - edge.output : edge.output;
  return states.with(state[edge.node], firstWay[edge.node] + way);
}

int Analysis::stateOfControl(int node) const {
  return graph.nodes[node].kind == Kind::Enter ? States::always : state[node];
}

int Analysis::numberOf(Edge edge) {
  if (edge.output == 0 || graph.nodes[edge.node].kind == Kind::Switch)
    return number[edge.node];
  return 2 * valueNumbers.try_emplace({-2, number[edge.node], edge.output}, values++).first->second;
}

int Analysis::predicateNumber(int value, unsigned ways) {
  auto [place, added] = predicateNumbers.try_emplace({value, ways}, static_cast<int>(predicates.size()));
  if (added)
    predicates.push_back({ways, {}});
  return place->second;
}

/// Gives equal numbers to equal values, and to the negation of a value its number plus 1.
void Analysis::numberValue(int node) {
  const Node &n = graph.nodes[node];
  auto constant = [&](int64_t value) {
    int key =
        valueNumbers.try_emplace({-1, static_cast<int>(value), static_cast<int>(value >> 32)}, values++).first->second;
    constants[key] = value;
    return 2 * key;
  };
  switch (n.kind) {
  case Kind::Identity:
  case Kind::Switch:
  case Kind::Enter:
    number[node] = numberOf(n.inputs[0]);
    return;
  case Kind::LoopCond:
    // A condition that never changes still is the condition of a loop.
    number[node] = numberOf(n.inputs[0]);
    if (constants.count(number[node] / 2))
      number[node] = 2 * values++;
    return;
  case Kind::Not: {
    int operand = numberOf(n.inputs[0]);
    auto known = constants.find(operand / 2);
    number[node] = known == constants.end() ? operand ^ 1 : constant(known->second == 0);
    return;
  }
  case Kind::Merge:
    if (nextOf[node] >= 0 && invariant[node])
      number[node] = number[enterOf[node]];
    else if (structure.liveInput[node] >= 0)
      number[node] = numberOf(n.inputs[structure.liveInput[node]]);
    else
      number[node] = 2 * values++;
    return;
  case Kind::Plain:
    if (n.value) {
      number[node] = constant(*n.value);
      return;
    }
    if (n.key >= 0) {
      std::vector<int> key{n.key};
      for (Edge input : n.inputs)
        key.push_back(numberOf(input));
      number[node] = 2 * valueNumbers.try_emplace(std::move(key), values++).first->second;
      return;
    }
    [[fallthrough]];
  default:
    number[node] = 2 * values++;
  }
}

void Analysis::addTokens(std::vector<int> &tokens, const std::vector<int> &more) {
  for (int token : more)
    if (std::find(tokens.begin(), tokens.end(), token) == tokens.end())
      tokens.push_back(token);
}

/// Lets whoever reads `node`, which runs in `state`, read `input`, and wait for what `node` waits for.
void Analysis::passOn(int node, Edge input, int state) {
  structure.alias[node] = structure.resolve(graph, input);
  structure.aliasTokens[node] = structure.aliasTokens[input.node];
  for (int control : graph.nodes[node].controls)
    if (states.includes(state, stateOfControl(control)))
      addTokens(structure.aliasTokens[node], structure.tokens[control]);
}

/// What a trigger waits for has in common.
int Analysis::stateOfTrigger(int node) {
  std::optional<std::vector<Literal>> common;
  for (int control : graph.nodes[node].controls) {
    int s = stateOfControl(control);
    if (s == States::never || s == States::unknown)
      continue;
    std::vector<Literal> both;
    if (common)
      std::ranges::set_intersection(*common, states[s], std::back_inserter(both));
    common = common ? both : states[s];
  }
  int result = States::always;
  for (Literal literal : common.value_or(std::vector<Literal>()))
    result = states.with(result, literal);
  return result;
}

int Analysis::stateOfInputs(int node) {
  if (graph.nodes[node].isTrigger)
    return stateOfTrigger(node);
  int result = States::always;
  for (Edge input : graph.nodes[node].inputs)
    result = states.unite(result, stateOf(input));
  for (int control : graph.nodes[node].controls)
    result = states.unite(result, stateOfControl(control));
  return result;
}

void Analysis::visitSwitch(int node) {
  const Node &n = graph.nodes[node];
  int value = numberOf(n.inputs[1]);
  passOn(node, n.inputs[0], state[node]);
  unsigned ways = n.outputs;
  if (ways == 1) {
    fixedWay[node] = 0;
    return;
  }
  auto known = constants.find(value / 2);
  if (known != constants.end()) {
    bool inside = known->second >= 0 && known->second < static_cast<int64_t>(ways);
    fixedWay[node] = inside ? static_cast<int>(known->second) : static_cast<int>(ways) - 1;
    return;
  }
  if (ways > mostDepth) {
    report(Fault::Irreducible, node,
           "number of outputs must be at most " + std::to_string(mostDepth) + ", but got " + std::to_string(ways));
    return;
  }
  int predicate = predicateNumber(value / 2, ways);
  firstWay[node] = predicate * maxWays;
  swapped[node] = value % 2;
  Edge place = structure.resolve(graph, n.inputs[1]);
  int where = stateOf(place);
  std::vector<Predicate::Place> &places = predicates[predicate].places;
  // Of two places that can be read under the same conditions one is enough.
  if (where != States::unknown && std::none_of(places.begin(), places.end(), [&](const Predicate::Place &other) {
        return other.state == where && other.frame == frame[node];
      }))
    places.push_back({place, value % 2 != 0, where, frame[node]});
}

/// A Merge waits for what runs where it runs or on one of its ways, and not for what does not run at all.
bool Analysis::checkControls(int node, const std::vector<int> &ways) {
  for (int control : graph.nodes[node].controls) {
    int waitsFor = stateOfControl(control);
    if (waitsFor == States::never || !carriesEffect[control] || waitsFor == States::unknown ||
        std::ranges::any_of(ways, [&](int way) { return states.includes(way, waitsFor); }))
      continue;
    report(Fault::Irreducible, node,
           "a Merge can wait for what runs on one of its ways, but '" + std::string(graph.nodes[control].name) +
               "' comes " + describe(waitsFor));
    return false;
  }
  return true;
}

/// The state of a Merge that no loop carries: what its inputs agree on when one predicate tells them apart.
int Analysis::visitMerge(int node) {
  const Node &n = graph.nodes[node];
  std::vector<int> alive, statesAlive;
  for (int i = 0; i < static_cast<int>(n.inputs.size()); ++i) {
    int s = stateOf(n.inputs[i]);
    if (s == States::unknown)
      return s;
    if (s != States::never)
      alive.push_back(i), statesAlive.push_back(s);
  }
  if (alive.empty())
    return States::never;
  if (alive.size() == 1) {
    structure.liveInput[node] = alive[0];
    passOn(node, n.inputs[alive[0]], statesAlive[0]);
    return checkControls(node, {statesAlive[0]}) ? statesAlive[0] : States::unknown;
  }
  auto differing = [&](int x, int y) {
    std::vector<Literal> only;
    std::set_difference(states[x].begin(), states[x].end(), states[y].begin(), states[y].end(),
                        std::back_inserter(only));
    return only;
  };
  std::vector<Literal> first = differing(statesAlive[0], statesAlive[1]);
  Literal predicate = first.size() == 1 ? first[0] / maxWays : -1;
  unsigned ways = predicate >= 0 ? predicates[predicate].ways : 2;
  int common = first.size() == 1 ? states.without(statesAlive[0], first[0]) : States::unknown;
  std::vector<int> inputs(ways, -1);
  bool fits = predicate >= 0;
  for (size_t i = 0; i < alive.size() && fits; ++i) {
    std::vector<Literal> rest = differing(statesAlive[i], common);
    fits = rest.size() == 1 && rest[0] / maxWays == predicate && states.includes(statesAlive[i], common) &&
           inputs[rest[0] % maxWays] < 0;
    if (fits)
      inputs[rest[0] % maxWays] = alive[i];
  }
  if (alive.size() != ways && (fits || alive.size() > 2)) {
    report(Fault::MergeInputs, node,
           "number of inputs that can be alive must be " + std::to_string(ways) + ", but got " +
               std::to_string(alive.size()));
    return States::unknown;
  }
  if (!fits) {
    std::string text;
    for (size_t i = 0; i < alive.size(); ++i)
      text += (i ? ", input " : "input ") + std::to_string(alive[i]) + " ('" +
              std::string(graph.nodes[n.inputs[alive[i]].node].name) + "') comes " + describe(statesAlive[i]);
    report(Fault::MergePredicates, node, "one condition must tell the inputs apart, but " + text);
    return States::unknown;
  }
  structure.wayInputs[node] = std::move(inputs);
  decidedBy[node] = predicate * maxWays;
  std::vector<int> ofWays;
  for (unsigned way = 0; way < ways; ++way)
    ofWays.push_back(states.with(common, predicate * maxWays + way));
  return checkControls(node, ofWays) ? common : States::unknown;
}

/// Checks the nodes through which a loop is left and goes on.
void Analysis::checkIteration(int node) {
  const Node &n = graph.nodes[node];
  int inside = stateOfInputs(node);
  if (inside == States::unknown)
    return;
  if (n.kind == Kind::LoopCond) {
    if (inside != States::always)
      report(Fault::Irreducible, node,
             "the condition of a loop must be computed in each iteration, but comes " + describe(inside));
    return;
  }
  int loop = -1;
  if (n.kind == Kind::Exit)
    loop = structure.loopOf[node];
  else
    for (int decider : frames[frame[node]].conditions)
      if (Literal literal = condition[conditionOf[decider]];
          literal >= 0 && states[inside] == std::vector<Literal>{literal})
        loop = conditionOf[decider];
  Literal expected = loop < 0 || condition[loop] < 0 ? -1
                     : n.kind == Kind::Exit          ? condition[loop] ^ 1
                                                     : condition[loop];
  if (expected < 0 || states[inside] != std::vector<Literal>{expected})
    report(Fault::Irreducible, node,
           n.kind == Kind::Exit ? "an Exit must read what comes when the loop ends, but '" +
                                      std::string(graph.nodes[n.inputs[0].node].name) + "' comes " + describe(inside)
                                : "a NextIteration must read what comes when the loop goes on, but '" +
                                      std::string(graph.nodes[n.inputs[0].node].name) + "' comes " + describe(inside));
}

void Analysis::noteTokens(int node) {
  const Node &n = graph.nodes[node];
  bool carries = n.hasEffect;
  auto read = [&](int source) { carries |= carriesEffect[source] && graph.nodes[source].kind != Kind::Enter; };
  for (Edge input : n.inputs)
    if (!isBackEdge(node, input))
      read(input.node);
  for (int control : n.controls)
    read(control);
  if (nextOf[node] >= 0)
    carries = false;
  if (n.kind == Kind::Exit && structure.loopOf[node] >= 0)
    carries = carriesEffect[count + structure.loopOf[node]];
  // An Enter counts for the loop that it leads to.
  carriesEffect[node] = carries;
  if (!carries || n.kind == Kind::Enter || n.kind == Kind::NextIteration)
    return;
  if (n.isTrigger) {
    // What is read runs where it is read.
    for (int control : n.controls)
      for (int token : structure.tokens[control])
        if (token >= count || !isRead[token] || states.includes(state[node], state[token]))
          addTokens(structure.tokens[node], {token});
    return;
  }
  bool passes = n.kind == Kind::Switch || n.kind == Kind::LoopCond || structure.liveInput[node] >= 0;
  if (!passes) {
    structure.tokens[node] = {node};
    return;
  }
  for (Edge input : n.inputs)
    if (stateOf(input) != States::never)
      addTokens(structure.tokens[node], structure.tokens[input.node]);
  for (int control : n.controls)
    if (states.includes(state[node], stateOfControl(control)))
      addTokens(structure.tokens[node], structure.tokens[control]);
}

bool Analysis::computeStates() {
  int size = count + static_cast<int>(structure.loops.size());
  state.assign(size, States::unknown);
  number.assign(count, -1);
  firstWay.assign(count, -1);
  fixedWay.assign(count, -1);
  swapped.assign(count, false);
  decidedBy.assign(count, -1);
  carriesEffect.assign(size, false);
  isRead.assign(count, false);
  for (const Node &n : graph.nodes)
    for (Edge input : n.inputs)
      isRead[input.node] = true;
  condition.assign(structure.loops.size(), -1);
  structure.tokens.resize(count);
  structure.aliasTokens.resize(count);
  conditionOf.assign(count, -1);
  for (size_t loop = 0; loop < structure.loops.size(); ++loop)
    conditionOf[structure.loops[loop].condition] = static_cast<int>(loop);
  for (int node : order) {
    if (node >= count) {
      int result = States::always;
      for (int enter : structure.loops[node - count].enters) {
        result = states.unite(result, state[enter]);
        if (carriesEffect[enter])
          carriesEffect[node] = true;
      }
      if (frames[structure.loops[node - count].frame].hasEffect)
        carriesEffect[node] = true;
      state[node] = result;
      continue;
    }
    const Node &n = graph.nodes[node];
    int result = States::always;
    if (n.kind == Kind::Merge) {
      if (nextOf[node] >= 0 && invariant[node])
        structure.alias[node] = {enterOf[node], 0};
      if (nextOf[node] < 0)
        result = visitMerge(node);
    } else if (n.kind == Kind::Exit) {
      checkIteration(node);
      result = structure.loopOf[node] < 0 ? States::unknown : state[count + structure.loopOf[node]];
    } else {
      result = stateOfInputs(node);
    }
    if (states[result].size() > mostDepth) {
      if (structure.issues.empty())
        report(Fault::Irreducible, node, "depth of branches must be at most " + std::to_string(mostDepth));
      result = States::unknown;
    }
    state[node] = result;
    if (n.kind == Kind::Switch)
      visitSwitch(node);
    numberValue(node);
    if (n.kind == Kind::LoopCond) {
      checkIteration(node);
      passOn(node, n.inputs[0], result);
      int value = number[node];
      int predicate = predicateNumber(value / 2, 2);
      if (predicates[predicate].places.empty())
        predicates[predicate].places.push_back({structure.alias[node], value % 2 != 0, States::always, frame[node]});
      condition[conditionOf[node]] = predicate * maxWays + (value % 2 ? 0 : 1);
    }
    if (n.kind == Kind::NextIteration)
      checkIteration(node);
    noteTokens(node);
    for (Edge input : n.inputs)
      if (input.output == 1 && nextOf[input.node] >= 0)
        report(Fault::Irreducible, node,
               "the number of the input that a Merge of a loop takes is not supported, but it "
               "is read from '" +
                   std::string(graph.nodes[input.node].name) + "'");
    if (n.hasEffect)
      for (int decider : frames[frame[node]].conditions)
        if (Literal literal = condition[conditionOf[decider]];
            literal >= 0 && std::ranges::count(states[result], literal ^ 1))
          report(Fault::EffectBehindLoop, node,
                 "what runs between the end of a loop and its Exits must have no effect");
    if (n.blocks && (frame[node] != 0 || result != States::always))
      report(Fault::Blocks, node, "a node that waits for what runs elsewhere must be outside of loops and branches");
  }
  return structure.issues.empty();
}

} // namespace lathe::raise
