// SPDX-License-Identifier: Apache-2.0
// Orders the nodes that are kept, and finds circles among them.
#include "compiler/import/Select.h"
#include "llvm/ADT/StringExtras.h"
#include <queue>

using llvm::StringRef;

namespace lathe {

/// Calls `act` with each node that must come before `node`. The way back of a loop does not count.
static void forEachBefore(const NodeTable &table, const Selection &selection, unsigned node,
                          llvm::function_ref<void(unsigned)> act) {
  bool merge = StringRef(table[node].op()).ends_with("Merge");
  for (Source source : selection.nodes[node]->inputs)
    if (!selection.feeds.count(source) && !(merge && StringRef(table[source.node].op()).ends_with("NextIteration")))
      act(source.node);
  for (unsigned source : selection.nodes[node]->controls)
    act(source);
}

/// Names the circles among the nodes that could not be ordered: from each of them, following what it waits for ends in
/// one.
static void reportCycles(const NodeTable &table, const Selection &selection, const std::vector<unsigned> &waiting) {
  std::vector<unsigned> seen(table.size()); // 0: not yet; else the walk that came by
  unsigned walk = 0;
  for (unsigned start = 0; start < table.size(); ++start) {
    if (waiting[start] == 0 || seen[start])
      continue;
    ++walk;
    std::vector<unsigned> path;
    unsigned node = start;
    while (!seen[node]) {
      seen[node] = walk;
      path.push_back(node);
      unsigned next = node;
      forEachBefore(table, selection, node, [&](unsigned before) {
        if (waiting[before] != 0)
          next = before;
      });
      node = next;
    }
    if (seen[node] != walk)
      continue;
    path.erase(path.begin(), llvm::find(path, node));
    std::vector<std::string> names;
    for (unsigned member : llvm::reverse(path)) {
      if (names.size() == 8) {
        names.push_back("... (" + std::to_string(path.size()) + " nodes)");
        break;
      }
      names.push_back("'" + table[member].name() + "'");
    }
    table.report(node, Code::Cycle,
                 "nodes depend on each other in a circle without NextIteration: " + llvm::join(names, " -> "));
  }
}

void orderNodes(const NodeTable &table, Selection &selection, ImportContext &context) {
  size_t size = table.size();
  std::vector<unsigned> waiting(size), first(size + 1), readers;
  auto forEdges = [&](auto act) {
    for (unsigned node = 0; node < size; ++node)
      if (selection.nodes[node] && selection.nodes[node]->kept)
        forEachBefore(table, selection, node, [&](unsigned before) { act(before, node); });
  };
  forEdges([&](unsigned before, unsigned node) {
    ++first[before + 1];
    ++waiting[node];
  });
  for (size_t i = 0; i < size; ++i)
    first[i + 1] += first[i];
  readers.resize(first[size]);
  std::vector<unsigned> next(first.begin(), first.end() - 1);
  forEdges([&](unsigned before, unsigned node) { readers[next[before]++] = node; });

  std::priority_queue<unsigned, std::vector<unsigned>, std::greater<unsigned>> ready;
  size_t kept = 0;
  for (unsigned node = 0; node < size; ++node)
    if (selection.nodes[node] && selection.nodes[node]->kept) {
      ++kept;
      if (waiting[node] == 0)
        ready.push(node);
    }
  while (!ready.empty()) {
    unsigned node = ready.top();
    ready.pop();
    selection.order.push_back(node);
    for (unsigned i = first[node]; i < first[node + 1]; ++i)
      if (--waiting[readers[i]] == 0)
        ready.push(readers[i]);
  }
  if (selection.order.size() != kept)
    reportCycles(table, selection, waiting);
}

} // namespace lathe
