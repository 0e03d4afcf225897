// SPDX-License-Identifier: Apache-2.0
// Chooses which operations run as one kernel: epilogues first, then rows around reductions, then loops.
#include "passes/fusion/Groups.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <set>

namespace lathe::fusion {
namespace {
using Shape = std::vector<int64_t>;

int64_t product(const Shape &shape, size_t begin, size_t end) {
  return std::accumulate(shape.begin() + begin, shape.begin() + end, int64_t(1), std::multiplies<>());
}
int64_t elements(const Shape &shape) { return product(shape, 0, shape.size()); }

class Chooser {
public:
  explicit Chooser(const std::vector<Node> &nodes) : nodes(nodes), users(nodes.size()), groupOf(nodes.size(), -1) {
    for (int n = 0; n < size(); ++n)
      for (int input : nodes[n].inputs)
        if (users[input].empty() || users[input].back() != n)
          users[input].push_back(n);
  }

  std::vector<Group> run() {
    materializeCheap();
    for (int n = 0; n < size(); ++n)
      if (nodes[n].kind == Kind::Contraction)
        growEpilogue(n);
    for (int n = 0; n < size(); ++n)
      if (nodes[n].kind == Kind::Reduction && groupOf[n] < 0)
        growReduction(n);
    for (int n = size(); n-- > 0;)
      if (groupOf[n] < 0 && needsGroup(n))
        growLoop(n);
    return inOrder();
  }

private:
  int size() const { return nodes.size(); }
  bool inGroup(int n, int group) const { return groupOf[n] == group; }

  bool needsGroup(int n) const {
    switch (nodes[n].kind) {
    case Kind::Source:
    case Kind::View:
      return false;
    case Kind::Cheap:
      return materialized[n];
    default:
      return true;
    }
  }

  /// Whether a user can repeat a Cheap input instead of reading it from memory.
  static bool readsThrough(Kind kind) {
    return kind == Kind::Elementwise || kind == Kind::Movement || kind == Kind::Pieces || kind == Kind::Reduction;
  }

  void materializeCheap() {
    materialized.assign(nodes.size(), false);
    for (int n = 0; n < size(); ++n)
      if (nodes[n].kind == Kind::Cheap)
        materialized[n] = nodes[n].escapes || std::any_of(users[n].begin(), users[n].end(), [&](int user) {
                            return !readsThrough(nodes[user].kind) && nodes[user].kind != Kind::Cheap;
                          });
  }

  int newGroup(int n) {
    groups.push_back({{n}});
    return groupOf[n] = groups.size() - 1;
  }
  void add(int group, int n) {
    groups[group].nodes.push_back(n);
    groupOf[n] = group;
  }

  /// The values that n needs from memory or from its own group: inputs, seen through Cheap ones.
  void forEachSource(int n, const std::function<void(int source, int cheap)> &visit) const {
    for (int input : nodes[n].inputs) {
      if (nodes[input].kind == Kind::Cheap && readsThrough(nodes[n].kind))
        forEachSource(input, [&](int source, int) { visit(source, input); });
      else
        visit(input, -1);
    }
  }

  /// Whether `n` would need, through nodes outside of the group, a value of the group itself.
  bool wouldCycle(int n, int group) const {
    int first = *std::min_element(groups[group].nodes.begin(), groups[group].nodes.end());
    std::vector<bool> seen(nodes.size(), false);
    std::vector<int> work;
    auto visit = [&](int source) {
      if (!inGroup(source, group) && !seen[source]) {
        seen[source] = true;
        work.push_back(source);
      }
    };
    // A Cheap node between two members is repeated inside of the group; one that must exist in memory is a group of its
    // own.
    forEachSource(n, [&](int source, int cheap) { visit(cheap >= 0 && materialized[cheap] ? cheap : source); });
    while (!work.empty()) {
      int current = work.back();
      work.pop_back();
      // All nodes of a group run together, so what one of them needs, each of them does.
      std::vector<int> alone{current};
      const std::vector<int> &together = groupOf[current] < 0 ? alone : groups[groupOf[current]].nodes;
      if (*std::max_element(together.begin(), together.end()) < first)
        continue;
      for (int member : together)
        for (int input : nodes[member].inputs) {
          if (inGroup(input, group))
            return true;
          visit(input);
        }
    }
    return false;
  }

  bool escapesSet(int n, const std::set<int> &members) const {
    return nodes[n].escapes || std::any_of(users[n].begin(), users[n].end(), [&](int user) { return !members.count(user); });
  }

  /// Elementwise nodes that follow a contraction, as far as one value alone leaves the group.
  void growEpilogue(int root) {
    int group = newGroup(root);
    std::vector<int> order{root};
    for (int n = root + 1; n < size(); ++n) {
      if (groupOf[n] >= 0 || nodes[n].kind != Kind::Elementwise || !nodes[n].inEpilogue || nodes[n].shape != nodes[root].shape)
        continue;
      bool direct = false, fits = true;
      forEachSource(n, [&](int source, int cheap) {
        direct |= inGroup(source, group) && cheap < 0;
        fits &= !inGroup(source, group) || cheap < 0;
      });
      if (!direct || !fits || wouldCycle(n, group))
        continue;
      add(group, n);
      order.push_back(n);
    }
    // Give back the last nodes until a single value escapes.
    while (order.size() > 1) {
      std::set<int> members(order.begin(), order.end());
      if (std::count_if(order.begin(), order.end(), [&](int n) { return escapesSet(n, members); }) == 1)
        break;
      groupOf[order.back()] = -1;
      order.pop_back();
    }
    groups[group].nodes = order;
  }

  /// The domain of a group around reductions: rows of the trailing dimensions, or columns under leading ones.
  struct Domain {
    Shape full;    ///< shape of what is reduced
    Shape reduced; ///< dimensions that disappear
    bool rows;     ///< they are the trailing ones
    int64_t outer; ///< elements of a reduction's result

    bool isFull(const Shape &shape) const { return shape == full; }
    bool isOuter(const Shape &shape) const { return elements(shape) == outer && !isFull(shape); }
    /// Whether a broadcast of a reduction's result to the full shape repeats it along the row.
    bool repeatsAlongRow(const Shape &from, const Shape &to, const Shape &mapped) const {
      if (!rows || to != full)
        return false;
      for (size_t d = 0; d < from.size(); ++d) {
        bool isReduced = std::find(reduced.begin(), reduced.end(), mapped[d]) != reduced.end();
        if (isReduced ? from[d] != 1 : from[d] != full[mapped[d]])
          return false;
      }
      return elements(from) == outer;
    }
  };

  bool joins(int n, int group, const Domain &domain) const {
    const Node &node = nodes[n];
    bool member = false, fits = true;
    forEachSource(n, [&](int source, int cheap) {
      if (!inGroup(source, group))
        return;
      member = true;
      bool sourceFull = domain.isFull(nodes[source].shape);
      if (cheap >= 0)
        fits &= !sourceFull && domain.repeatsAlongRow(nodes[source].shape, nodes[cheap].shape, nodes[cheap].mapped);
      else if (node.kind == Kind::Reduction)
        fits &= sourceFull;
      else
        fits &= sourceFull == domain.isFull(node.shape);
    });
    if (!member || !fits)
      return false;
    if (node.kind == Kind::Reduction)
      return domain.rows && nodes[node.inputs[0]].shape == domain.full && node.reduced == domain.reduced;
    if (node.kind == Kind::View)
      return domain.isOuter(node.shape);
    return node.kind == Kind::Elementwise && (domain.isOuter(node.shape) || (domain.rows && domain.isFull(node.shape)));
  }

  void growReduction(int root) {
    const Shape &full = nodes[nodes[root].inputs[0]].shape;
    Domain domain{full, nodes[root].reduced, areTrailing(full, nodes[root].reduced), elements(nodes[root].shape)};
    int group = newGroup(root);
    for (int n = root + 1; n < size(); ++n)
      if (groupOf[n] < 0 && joins(n, group, domain) && !wouldCycle(n, group))
        add(group, n);
    dropTrailingViews(group);
    // Producers of the full shape that nobody else reads.
    for (int n = size() - 1; n >= 0; --n)
      if (groupOf[n] < 0 && domain.isFull(nodes[n].shape) && (nodes[n].kind == Kind::Elementwise || nodes[n].kind == Kind::Movement) &&
          readOnlyBy(n, group) && !wouldCycle(n, group))
        add(group, n);
    std::sort(groups[group].nodes.begin(), groups[group].nodes.end());
  }

  /// A View at the end of a group is left outside, where it costs nothing.
  void dropTrailingViews(int group) {
    auto &members = groups[group].nodes;
    bool changed = true;
    while (changed) {
      changed = false;
      for (size_t i = 0; i < members.size(); ++i) {
        int n = members[i];
        if (nodes[n].kind != Kind::View || std::any_of(users[n].begin(), users[n].end(), [&](int user) { return usedIn(user, group); }))
          continue;
        groupOf[n] = -1;
        members.erase(members.begin() + i);
        changed = true;
        break;
      }
    }
  }

  /// Whether `user` is in the group, or is a Cheap node that the group repeats.
  bool usedIn(int user, int group) const {
    if (inGroup(user, group))
      return true;
    return nodes[user].kind == Kind::Cheap && std::any_of(users[user].begin(), users[user].end(), [&](int u) { return usedIn(u, group); });
  }

  bool readOnlyBy(int n, int group) const {
    return !nodes[n].escapes && !users[n].empty() && std::all_of(users[n].begin(), users[n].end(), [&](int user) {
      return inGroup(user, group) && nodes[user].kind != Kind::Contraction;
    });
  }

  void growLoop(int root) {
    int group = newGroup(root);
    if (nodes[root].kind == Kind::Opaque || nodes[root].kind == Kind::Window)
      return;
    for (int n = root - 1; n >= 0; --n) {
      if (groupOf[n] >= 0 || (nodes[n].kind != Kind::Elementwise && nodes[n].kind != Kind::Movement))
        continue;
      if (readOnlyBy(n, group) && !repeats(n, group) && !wouldCycle(n, group))
        add(group, n);
    }
    std::sort(groups[group].nodes.begin(), groups[group].nodes.end());
  }

  /// Whether a costly node would be computed more than once an element: a user reads it from more than one place.
  bool repeats(int n, int group) const {
    if (!nodes[n].costly)
      return false;
    return std::any_of(users[n].begin(), users[n].end(),
                       [&](int user) { return elements(nodes[user].shape) > elements(nodes[n].shape) && nodes[user].kind == Kind::Movement; });
  }

  std::vector<Group> inOrder() {
    // Depth-first over the groups' inputs; groups have no cycle.
    std::vector<Group> order;
    std::vector<char> state(groups.size(), 0);
    std::vector<std::pair<int, bool>> work;
    std::vector<char> seenNode(nodes.size(), 0);
    auto producersOf = [&](int group) {
      std::set<int> producers;
      std::vector<int> pending(groups[group].nodes);
      std::set<int> seen(pending.begin(), pending.end());
      while (!pending.empty()) {
        int n = pending.back();
        pending.pop_back();
        for (int input : nodes[n].inputs) {
          if (groupOf[input] >= 0 && groupOf[input] != group)
            producers.insert(groupOf[input]);
          else if (groupOf[input] < 0 && seen.insert(input).second)
            pending.push_back(input);
        }
      }
      return producers;
    };
    std::vector<int> byFirst(groups.size());
    std::iota(byFirst.begin(), byFirst.end(), 0);
    std::erase_if(byFirst, [&](int g) { return groups[g].nodes.empty(); });
    std::sort(byFirst.begin(), byFirst.end(), [&](int a, int b) { return groups[a].nodes.back() < groups[b].nodes.back(); });
    for (int start : byFirst) {
      work.push_back({start, false});
      while (!work.empty()) {
        auto [group, done] = work.back();
        work.pop_back();
        if (done) {
          order.push_back(groups[group]);
          continue;
        }
        if (state[group])
          continue;
        state[group] = 1;
        work.push_back({group, true});
        std::set<int> producers = producersOf(group);
        for (auto it = producers.rbegin(); it != producers.rend(); ++it)
          work.push_back({*it, false});
      }
    }
    return order;
  }

  const std::vector<Node> &nodes;
  std::vector<std::vector<int>> users;
  std::vector<int> groupOf;
  std::vector<bool> materialized;
  std::vector<Group> groups;
};
} // namespace

bool areTrailing(const Shape &shape, const Shape &dimensions) {
  bool trailing = true;
  for (size_t d = shape.size(); d-- > 0;) {
    bool listed = std::find(dimensions.begin(), dimensions.end(), static_cast<int64_t>(d)) != dimensions.end();
    if (shape[d] == 1)
      continue;
    if (listed && !trailing)
      return false;
    trailing &= listed;
  }
  return true;
}

std::vector<Group> chooseGroups(const std::vector<Node> &nodes) { return Chooser(nodes).run(); }

std::string check(const std::vector<Node> &nodes, const std::vector<Group> &groups) {
  std::vector<int> groupOf(nodes.size(), -1);
  for (size_t g = 0; g < groups.size(); ++g)
    for (int n : groups[g].nodes) {
      if (groupOf[n] >= 0)
        return "node " + std::to_string(n) + " is in groups " + std::to_string(groupOf[n]) + " and " + std::to_string(g);
      groupOf[n] = g;
    }
  for (size_t n = 0; n < nodes.size(); ++n) {
    Kind kind = nodes[n].kind;
    if (groupOf[n] < 0 && kind != Kind::Source && kind != Kind::View && kind != Kind::Cheap)
      return "node " + std::to_string(n) + " is in no group";
  }
  // In a runnable order no value is read, through nodes in no group, before the group that makes it.
  std::vector<int> ready(nodes.size(), -1);
  for (size_t n = 0; n < nodes.size(); ++n) {
    int latest = -1;
    for (int input : nodes[n].inputs)
      latest = std::max(latest, ready[input]);
    if (groupOf[n] >= 0 && latest > groupOf[n])
      return "group " + std::to_string(groupOf[n]) + " reads a value of the later group " + std::to_string(latest);
    ready[n] = groupOf[n] >= 0 ? groupOf[n] : latest;
  }
  for (const Group &group : groups) {
    std::set<int> members(group.nodes.begin(), group.nodes.end());
    int escaping = 0;
    bool contraction = false;
    for (int n : group.nodes) {
      contraction |= nodes[n].kind == Kind::Contraction;
      bool escapes = nodes[n].escapes;
      for (size_t user = 0; user < nodes.size(); ++user)
        escapes |= !members.count(user) && std::count(nodes[user].inputs.begin(), nodes[user].inputs.end(), n);
      escaping += escapes;
    }
    if (contraction && escaping > 1)
      return std::to_string(escaping) + " values leave the group of contraction " + std::to_string(group.nodes.front());
  }
  return {};
}

} // namespace lathe::fusion
