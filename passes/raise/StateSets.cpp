// SPDX-License-Identifier: Apache-2.0
// Sets of predicates and ways: under what a node of the graph runs.
#include "passes/raise/Analysis.h"

namespace lathe::raise {

int States::intern(std::vector<Literal> set) {
  auto [place, added] = numbers.try_emplace(set, static_cast<int>(sets.size()));
  if (added)
    sets.push_back(std::move(set));
  return place->second;
}

int States::unite(int x, int y) {
  if (x == unknown || y == unknown)
    return unknown;
  if (x == y || y == always)
    return x;
  if (x == always)
    return y;
  if (x == never || y == never)
    return never;
  auto [place, added] = unions.try_emplace({std::min(x, y), std::max(x, y)}, never);
  if (!added)
    return place->second;
  std::vector<Literal> both;
  std::set_union(sets[x].begin(), sets[x].end(), sets[y].begin(), sets[y].end(), std::back_inserter(both));
  for (size_t i = 1; i < both.size(); ++i)
    if (both[i - 1] / maxWays == both[i] / maxWays)
      return never;
  return place->second = intern(std::move(both));
}

int States::without(int state, Literal literal) {
  std::vector<Literal> rest = sets[state];
  std::erase(rest, literal);
  return intern(std::move(rest));
}

} // namespace lathe::raise
