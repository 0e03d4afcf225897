// SPDX-License-Identifier: Apache-2.0
// Finds the frames that nodes run in and the loops that the frames are.
#include "passes/raise/Analysis.h"
#include <functional>
#include <numeric>

namespace lathe::raise {

Analysis::Analysis(const Graph &graph) : graph(graph), count(static_cast<int>(graph.nodes.size())) {
  structure.alias.resize(count);
  for (int node = 0; node < count; ++node)
    structure.alias[node] = {node, 0};
  structure.wayInputs.resize(count);
  structure.isCarried.resize(count);
  structure.loopOf.assign(count, -1);
  structure.liveInput.assign(count, -1);
  for (std::vector<int> *numbers : {&frame, &entered, &nextOf, &enterOf, &loopIn, &waitsFor, &branchOf})
    numbers->assign(count, -1);
  invariant.resize(count);
}

void Analysis::assignFrames() {
  frames.emplace_back();
  std::map<std::pair<int, int>, int> numbers;
  std::vector<bool> failed(count);
  for (int node : order) {
    const Node &n = graph.nodes[node];
    int inside = -1, from = -1;
    auto read = [&](int source) {
      int behind = frameBehind(source);
      if (failed[source])
        failed[node] = true;
      if (inside < 0)
        inside = behind, from = source;
      else if (behind != inside && !failed[node]) {
        failed[node] = true;
        bool same = frames[behind].key == frames[inside].key;
        auto place = [&](int which) {
          if (which == 0)
            return std::string("is outside of loops");
          return "is in the loop that '" + std::string(graph.nodes[frames[which].enters.front()].name) + "' enters";
        };
        report(same ? Fault::FrameParents : Fault::CrossesFrames, node,
               "all inputs must be of one loop, but '" + std::string(graph.nodes[from].name) + "' " + place(inside) +
                   " and '" + std::string(graph.nodes[source].name) + "' " + place(behind));
      }
    };
    for (Edge input : n.inputs)
      if (!isBackEdge(node, input))
        read(input.node);
    for (int control : n.controls)
      read(control);
    inside = std::max(inside, 0);
    frame[node] = inside;
    if (n.kind == Kind::Enter) {
      auto [place, added] = numbers.try_emplace({inside, n.key}, frames.size());
      if (added) {
        Frame &child = frames.emplace_back();
        child.parent = inside;
        child.key = n.key;
      }
      entered[node] = place->second;
      frames[entered[node]].enters.push_back(node);
    } else if (n.kind == Kind::Exit && inside == 0) {
      if (!failed[node])
        report(Fault::CrossesFrames, node, "Exit must leave a loop, but what it reads is outside of loops");
      failed[node] = true;
    } else if (n.kind == Kind::Exit) {
      frames[inside].exits.push_back(node);
      frame[node] = frames[inside].parent;
    } else if (n.kind == Kind::LoopCond) {
      frames[inside].conditions.push_back(node);
    }
    frames[frame[node]].nodes.push_back(node);
    frames[frame[node]].hasEffect = frames[frame[node]].hasEffect || n.hasEffect;
  }
  for (size_t child = frames.size(); --child > 0;)
    if (frames[child].hasEffect)
      frames[frames[child].parent].hasEffect = true;
  for (int node = 0; node < count; ++node) {
    const Node &n = graph.nodes[node];
    for (Edge input : n.inputs) {
      if (n.kind != Kind::Merge && graph.nodes[input.node].kind == Kind::NextIteration && !failed[node])
        report(Fault::Irreducible, node,
               "only a Merge can read a NextIteration, but this node reads '" +
                   std::string(graph.nodes[input.node].name) + "'");
      if (!isBackEdge(node, input) || failed[node])
        continue;
      Edge other = n.inputs.size() == 2 ? n.inputs[n.inputs[0] == input ? 1 : 0] : Edge();
      if (n.inputs.size() != 2 || graph.nodes[other.node].kind == Kind::NextIteration) {
        report(Fault::MergeInputs, node,
               "a Merge of a loop must have one Enter and one NextIteration, but got " +
                   std::to_string(n.inputs.size()) + " inputs");
        break;
      }
      if (graph.nodes[other.node].kind != Kind::Enter) {
        report(Fault::CrossesFrames, node,
               "a Merge of a loop must read an Enter, but '" + std::string(graph.nodes[other.node].name) + "' is none");
      } else if (frame[input.node] != frame[node]) {
        if (!failed[input.node])
          report(Fault::CrossesFrames, node,
                 "a Merge of a loop must read its own loop, but '" + std::string(graph.nodes[input.node].name) +
                     "' is in another");
      } else {
        nextOf[node] = input.node;
        enterOf[node] = other.node;
        frames[frame[node]].merges.push_back(node);
      }
    }
  }
  for (int node = 0; node < count; ++node)
    for (Edge input : graph.nodes[node].inputs)
      if (graph.nodes[input.node].kind == Kind::Enter && !graph.nodes[input.node].isConstant && enterOf[node] < 0 &&
          !failed[node])
        report(Fault::Irreducible, node,
               "only the Merge of a loop can read an Enter that is not constant, but this node reads '" +
                   std::string(graph.nodes[input.node].name) + "'");
}

void Analysis::findLoops() {
  // A value that goes round unchanged is the same in each iteration.
  for (int merge = 0; merge < count; ++merge) {
    if (nextOf[merge] < 0)
      continue;
    Edge value = graph.nodes[nextOf[merge]].inputs[0];
    constexpr int mostSteps = 64;
    for (int step = 0; step < mostSteps && value.node != merge; ++step) {
      Kind kind = graph.nodes[value.node].kind;
      if (kind != Kind::Identity && kind != Kind::Switch)
        break;
      value = graph.nodes[value.node].inputs[0];
    }
    invariant[merge] = value == Edge{merge, 0};
    structure.isCarried[merge] = !invariant[merge];
  }
  for (int number = 1; number < static_cast<int>(frames.size()); ++number) {
    const Frame &f = frames[number];
    int first = static_cast<int>(structure.loops.size());
    for (int node : f.conditions)
      structure.loops.push_back({number, node, {}, {}, {}, {}});
    if (f.conditions.empty()) {
      report(Fault::NoLoopCondition, f.merges.empty() ? f.enters.front() : f.merges.front(),
             "a loop must have a LoopCond, but the one that '" + std::string(graph.nodes[f.enters.front()].name) +
                 "' enters has none");
      continue;
    }
    if (f.conditions.size() > 1) {
      splitLoops(number);
    } else {
      structure.loops[first].enters = f.enters;
      for (int node : f.merges)
        loopIn[node] = first;
      for (int node : f.exits)
        loopIn[node] = first;
    }
    for (int node : f.merges)
      if (loopIn[node] >= 0) {
        Loop &loop = structure.loops[loopIn[node]];
        (structure.isCarried[node] ? loop.carried : loop.unchanged).push_back(node);
      }
    for (int node : f.exits)
      if ((structure.loopOf[node] = loopIn[node]) >= 0)
        structure.loops[loopIn[node]].exits.push_back(node);
  }
}

/// Gives each loop of a frame with several conditions the part of the frame that changes with it. Gradients count the
/// iterations of a loop in a loop beside it.
void Analysis::splitLoops(int number) {
  const Frame &f = frames[number];
  std::vector<int> leader(count);
  std::iota(leader.begin(), leader.end(), 0);
  std::function<int(int)> find = [&](int node) {
    while (leader[node] != node)
      node = leader[node] = leader[leader[node]];
    return node;
  };
  std::vector<bool> inside(frames.size()), varies(count);
  inside[number] = true;
  for (size_t child = number + 1; child < frames.size(); ++child)
    inside[child] = inside[frames[child].parent];
  for (int node : order) {
    if (!inside[frame[node]] && (graph.nodes[node].kind != Kind::Exit || frame[node] != f.parent))
      continue;
    varies[node] = nextOf[node] >= 0 && frame[node] == number && structure.isCarried[node];
    auto read = [&](int source) {
      if (varies[source])
        leader[find(node)] = find(source), varies[node] = true;
    };
    for (Edge input : graph.nodes[node].inputs)
      if (!isBackEdge(node, input))
        read(input.node);
    for (int control : graph.nodes[node].controls)
      read(control);
  }
  for (int merge = 0; merge < count; ++merge)
    if (nextOf[merge] >= 0 && inside[frame[merge]] && structure.isCarried[merge])
      leader[find(nextOf[merge])] = find(merge);
  std::map<int, int> loops;
  for (int i = 0; i < static_cast<int>(structure.loops.size()); ++i) {
    if (structure.loops[i].frame != number)
      continue;
    auto [place, added] = loops.try_emplace(find(structure.loops[i].condition), i);
    if (!added)
      report(Fault::Irreducible, structure.loops[i].condition,
             "a loop must have one LoopCond, but this one depends on what '" +
                 std::string(graph.nodes[structure.loops[place->second].condition].name) + "' decides");
  }
  auto assign = [&](int node) {
    auto place = loops.find(find(node));
    loopIn[node] = place == loops.end() ? -1 : place->second;
    if (loopIn[node] < 0 && (nextOf[node] < 0 || structure.isCarried[node]))
      report(Fault::NoLoopCondition, node, "none of the LoopConds of the frame decides about the node");
  };
  for (int node : f.merges)
    assign(node);
  for (int node : f.exits)
    assign(node);
  // What enters and does not vary may be read by any of the loops.
  std::map<int, std::pair<std::vector<int>, bool>> readers;
  for (int node : f.nodes)
    for (Edge input : graph.nodes[node].inputs)
      if (graph.nodes[input.node].kind == Kind::Enter && entered[input.node] == number) {
        auto place = loops.find(find(node));
        auto &[some, all] = readers[input.node];
        if (varies[node] && place != loops.end())
          some.push_back(place->second);
        else
          all = true;
      }
  for (int enter : f.enters)
    for (int i = 0; i < static_cast<int>(structure.loops.size()); ++i) {
      const auto &[some, all] = readers[enter];
      if (structure.loops[i].frame == number && (all || std::find(some.begin(), some.end(), i) != some.end()))
        structure.loops[i].enters.push_back(enter);
    }
}

} // namespace lathe::raise
