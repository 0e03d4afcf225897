// SPDX-License-Identifier: Apache-2.0
// Orders the nodes, finds circles, and forms branches.
#include "passes/raise/Analysis.h"
#include <numeric>
#include <set>

namespace lathe::raise {

/// Calls `act` with each node that comes before `node`.
template <typename Act> void Analysis::forEachBefore(int node, Act act) const {
  if (node >= count) {
    for (int enter : structure.loops[node - count].enters)
      act(enter);
    return;
  }
  for (Edge input : graph.nodes[node].inputs)
    if (!isBackEdge(node, input))
      act(input.node);
  for (int control : graph.nodes[node].controls)
    act(control);
  if (structure.loopOf[node] >= 0)
    act(count + structure.loopOf[node]);
  if (waitsFor[node] >= 0)
    act(waitsFor[node]);
}

Analysis::Readers Analysis::findReaders(int size) const {
  Readers result;
  result.first.resize(size + 1);
  result.waiting.resize(size);
  for (int node = 0; node < size; ++node)
    forEachBefore(node, [&](int before) {
      ++result.first[before + 1];
      ++result.waiting[node];
    });
  std::partial_sum(result.first.begin(), result.first.end(), result.first.begin());
  result.readers.resize(result.first[size]);
  std::vector<int> next(result.first.begin(), result.first.end() - 1);
  for (int node = 0; node < size; ++node)
    forEachBefore(node, [&](int before) { result.readers[next[before]++] = node; });
  return result;
}

bool Analysis::orderNodes() {
  int size = count + static_cast<int>(structure.loops.size());
  auto [first, readers, waiting] = findReaders(size);
  order.clear();
  for (int node = 0; node < size; ++node)
    if (waiting[node] == 0)
      order.push_back(node);
  for (size_t done = 0; done < order.size(); ++done)
    for (int i = first[order[done]]; i < first[order[done] + 1]; ++i)
      if (--waiting[readers[i]] == 0)
        order.push_back(readers[i]);
  if (static_cast<int>(order.size()) == size)
    return true;
  // From a node that waits, following what it waits for ends in the circle.
  std::vector<bool> done(size), seen(size);
  for (int node : order)
    done[node] = true;
  int node = static_cast<int>(std::find(done.begin(), done.end(), false) - done.begin());
  std::vector<int> path;
  while (!seen[node]) {
    seen[node] = true;
    path.push_back(node);
    int next = node;
    forEachBefore(node, [&](int before) {
      if (!done[before])
        next = before;
    });
    node = next;
  }
  path.erase(path.begin(), std::find(path.begin(), path.end(), node));
  auto named = [&](int member) { return member < count ? member : structure.loops[member - count].condition; };
  std::string names;
  for (size_t i = 0; i < path.size() && i < 8; ++i)
    names += (i ? ", '" : "'") + std::string(graph.nodes[named(path[i])].name) + "'";
  report(Fault::Cycle, named(node),
         "a circle must lead through NextIteration, but this one does not: " + names +
             (path.size() > 8 ? ", ..." : ""));
  return false;
}

/// Puts the Merges of one predicate and one state together where none of them depends on another, and orders everything
/// anew, each branch as one. Merges wait until nothing else can run, so that few branches are made.
void Analysis::formBranches() {
  struct Waiting {
    int toCome = 0;
    std::vector<int> ready;
    Edge condition;
    bool flipped = false;
    int rank = 0; ///< inner ones first
  };
  std::map<std::vector<int64_t>, Waiting> groups;
  std::vector<Waiting *> groupOf(count, nullptr);
  auto keyOf = [&](int node) {
    return std::vector<int64_t>{-static_cast<int64_t>(states[state[node]].size()), decidedBy[node], state[node],
                                frame[node]};
  };
  for (int node : order) {
    if (node >= count || decidedBy[node] < 0)
      continue;
    auto [place, added] = groups.try_emplace(keyOf(node));
    Waiting &group = place->second;
    if (added) {
      const auto &places = predicates[decidedBy[node] / maxWays].places;
      auto found = std::find_if(places.begin(), places.end(), [&](const Predicate::Place &place) {
        return place.frame == frame[node] && states.includes(state[node], place.state);
      });
      group.condition = found->edge;
      group.flipped = found->negated;
    }
    ++group.toCome;
    groupOf[node] = &group;
    waitsFor[node] = group.condition.node;
  }
  int size = count + static_cast<int>(structure.loops.size());
  auto [first, readers, waiting] = findReaders(size);
  position.assign(size, -1);
  std::vector<int> ready;
  std::vector<Waiting *> complete, byRank;
  for (auto &[key, group] : groups) {
    group.rank = static_cast<int>(byRank.size());
    byRank.push_back(&group);
  }
  std::set<int> open;
  auto makeReady = [&](int node) {
    if (node >= count || !groupOf[node]) {
      ready.push_back(node);
      return;
    }
    groupOf[node]->ready.push_back(node);
    open.insert(groupOf[node]->rank);
    if (--groupOf[node]->toCome == 0)
      complete.push_back(groupOf[node]);
  };
  int places = 0;
  auto finish = [&](int node) {
    position[node] = places;
    for (int i = first[node]; i < first[node + 1]; ++i)
      if (--waiting[readers[i]] == 0)
        makeReady(readers[i]);
  };
  auto release = [&](Waiting &group) {
    int branch = static_cast<int>(structure.branches.size());
    unsigned ways = predicates[decidedBy[group.ready.front()] / maxWays].ways;
    structure.branches.push_back({group.condition, group.flipped, ways, std::move(group.ready)});
    group.ready.clear();
    open.erase(group.rank);
    for (int node : std::vector<int>(structure.branches.back().members)) {
      branchOf[node] = branch;
      finish(node);
    }
    ++places;
  };
  for (int node = 0; node < size; ++node)
    if (waiting[node] == 0)
      makeReady(node);
  for (size_t done = 0;;) {
    if (done < ready.size()) {
      finish(ready[done++]);
      ++places;
    } else if (!complete.empty()) {
      Waiting *group = complete.back();
      complete.pop_back();
      if (!group->ready.empty())
        release(*group);
    } else if (!open.empty()) {
      // Merges of one predicate that depend on each other fall into several branches.
      release(*byRank[*open.begin()]);
    } else {
      return;
    }
  }
}

} // namespace lathe::raise
