// SPDX-License-Identifier: Apache-2.0
// Chooses the order in which tasks run: tries three and simulates each.
#include "passes/schedule/Order.h"

#include <algorithm>
#include <numeric>
#include <set>

namespace lathe::schedule {
namespace {
/// Who makes and who reads each value, each reader once.
struct Uses {
  std::vector<int> maker; ///< of each value, or -1
  std::vector<std::vector<int>> readers;
  std::vector<std::vector<int>> reads; ///< of each task, without repetition

  explicit Uses(const Problem &problem)
      : maker(problem.bytes.size(), -1), readers(problem.bytes.size()), reads(problem.tasks.size()) {
    for (size_t t = 0; t < problem.tasks.size(); ++t) {
      for (int value : problem.tasks[t].makes)
        maker[value] = t;
      reads[t] = problem.tasks[t].reads;
      std::sort(reads[t].begin(), reads[t].end());
      reads[t].erase(std::unique(reads[t].begin(), reads[t].end()), reads[t].end());
      for (int value : reads[t])
        readers[value].push_back(t);
    }
  }
};

int64_t bytesMade(const Problem &problem, int task) {
  int64_t sum = 0;
  for (int value : problem.tasks[task].makes)
    sum += problem.bytes[value];
  return sum;
}

int64_t peakBytes(const Problem &problem, const Uses &uses, const std::vector<int> &order) {
  std::vector<size_t> readersLeft(problem.bytes.size());
  for (size_t value = 0; value < readersLeft.size(); ++value)
    readersLeft[value] = uses.readers[value].size();
  int64_t live = 0, peak = 0;
  for (int task : order) {
    live += bytesMade(problem, task);
    peak = std::max(peak, live);
    for (int value : problem.tasks[task].makes)
      if (readersLeft[value] == 0 && !problem.kept[value])
        live -= problem.bytes[value];
    for (int value : uses.reads[task])
      if (--readersLeft[value] == 0 && !problem.kept[value] && uses.maker[value] >= 0)
        live -= problem.bytes[value];
  }
  return peak;
}

/// Sources of each task, the one that needs most beyond what it leaves behind first: optimal for trees (Sethi and
/// Ullman).
std::vector<std::vector<int>> sourcesByDemand(const Problem &problem, const Uses &uses) {
  std::vector<std::vector<int>> sources(problem.tasks.size());
  std::vector<int64_t> need(problem.tasks.size()), left(problem.tasks.size());
  for (size_t t = 0; t < problem.tasks.size(); ++t) {
    for (int value : uses.reads[t])
      if (uses.maker[value] >= 0)
        sources[t].push_back(uses.maker[value]);
    std::sort(sources[t].begin(), sources[t].end());
    sources[t].erase(std::unique(sources[t].begin(), sources[t].end()), sources[t].end());
    std::sort(sources[t].begin(), sources[t].end(),
              [&](int a, int b) { return std::pair(left[a] - need[a], a) < std::pair(left[b] - need[b], b); });
    int64_t held = 0;
    for (int source : sources[t]) {
      need[t] = std::max(need[t], held + need[source]);
      held += left[source];
    }
    left[t] = bytesMade(problem, t);
    need[t] = std::max(need[t], held + left[t]);
  }
  return sources;
}

std::vector<int> depthFirst(const Problem &problem, const Uses &uses) {
  std::vector<std::vector<int>> sources = sourcesByDemand(problem, uses);
  std::vector<int> order;
  std::vector<bool> entered(problem.tasks.size(), false);
  std::vector<std::pair<int, size_t>> path; // a task and how many of its sources are done
  auto visit = [&](int start) {
    if (entered[start])
      return;
    entered[start] = true;
    path.push_back({start, 0});
    while (!path.empty()) {
      auto &[task, done] = path.back();
      if (done == sources[task].size()) {
        order.push_back(task);
        path.pop_back();
        continue;
      }
      int source = sources[task][done++];
      if (!entered[source]) {
        entered[source] = true;
        path.push_back({source, 0});
      }
    }
  };
  for (size_t t = 0; t < problem.tasks.size(); ++t) {
    const std::vector<int> &makes = problem.tasks[t].makes;
    if (std::all_of(makes.begin(), makes.end(), [&](int value) { return uses.readers[value].empty(); }))
      visit(t);
  }
  return order;
}

/// Of the tasks that can run, always the one that frees most beyond what it makes.
std::vector<int> byBytesFreed(const Problem &problem, const Uses &uses) {
  size_t count = problem.tasks.size();
  std::vector<int64_t> freed(count);
  std::vector<size_t> waitsFor(count), readersLeft(problem.bytes.size());
  for (size_t value = 0; value < readersLeft.size(); ++value)
    readersLeft[value] = uses.readers[value].size();
  auto isFreedByLast = [&](int value) {
    return readersLeft[value] == 1 && !problem.kept[value] && uses.maker[value] >= 0;
  };
  std::set<std::pair<int64_t, int>> ready; // bytes made less bytes freed, task
  for (size_t t = 0; t < count; ++t) {
    freed[t] = -bytesMade(problem, t);
    for (int value : uses.reads[t]) {
      waitsFor[t] += uses.maker[value] >= 0;
      if (isFreedByLast(value))
        freed[t] += problem.bytes[value];
    }
    if (waitsFor[t] == 0)
      ready.insert({-freed[t], t});
  }
  std::vector<int> order;
  std::vector<bool> done(count, false);
  while (!ready.empty()) {
    int task = ready.begin()->second;
    ready.erase(ready.begin());
    order.push_back(task);
    done[task] = true;
    for (int value : uses.reads[task]) {
      --readersLeft[value];
      if (!isFreedByLast(value))
        continue;
      int last = *std::find_if(uses.readers[value].begin(), uses.readers[value].end(), [&](int t) { return !done[t]; });
      bool isReady = ready.erase({-freed[last], last});
      freed[last] += problem.bytes[value];
      if (isReady)
        ready.insert({-freed[last], last});
    }
    for (int value : problem.tasks[task].makes)
      for (int reader : uses.readers[value])
        if (--waitsFor[reader] == 0)
          ready.insert({-freed[reader], reader});
  }
  return order;
}
} // namespace

std::vector<int> chooseOrder(const Problem &problem) {
  Uses uses(problem);
  std::vector<int> best(problem.tasks.size());
  std::iota(best.begin(), best.end(), 0);
  int64_t bestPeak = peakBytes(problem, uses, best);
  for (auto candidate : {depthFirst(problem, uses), byBytesFreed(problem, uses)}) {
    int64_t peak = peakBytes(problem, uses, candidate);
    if (peak < bestPeak) {
      best = std::move(candidate);
      bestPeak = peak;
    }
  }
  return best;
}

int64_t peakBytes(const Problem &problem, const std::vector<int> &order) {
  return peakBytes(problem, Uses(problem), order);
}

std::string check(const Problem &problem) {
  if (problem.kept.size() != problem.bytes.size())
    return "kept must have one flag for each of the " + std::to_string(problem.bytes.size()) + " values, but got " +
           std::to_string(problem.kept.size());
  int values = problem.bytes.size();
  for (int value = 0; value < values; ++value)
    if (problem.bytes[value] < 0)
      return "value " + std::to_string(value) + " has " + std::to_string(problem.bytes[value]) + " bytes";
  std::vector<int> maker(values, -1);
  std::vector<bool> read(values, false);
  for (size_t t = 0; t < problem.tasks.size(); ++t) {
    for (const auto *list : {&problem.tasks[t].reads, &problem.tasks[t].makes})
      for (int value : *list)
        if (value < 0 || value >= values)
          return "task " + std::to_string(t) + " names value " + std::to_string(value) + " of " +
                 std::to_string(values);
    for (int value : problem.tasks[t].reads)
      read[value] = true;
    for (int value : problem.tasks[t].makes) {
      if (maker[value] >= 0)
        return "value " + std::to_string(value) + " is made by tasks " + std::to_string(maker[value]) + " and " +
               std::to_string(t);
      if (read[value])
        return "value " + std::to_string(value) + " is read before task " + std::to_string(t) + " makes it";
      maker[value] = t;
    }
  }
  return {};
}

std::string verify(const Problem &problem, const std::vector<int> &order) {
  if (order.size() != problem.tasks.size())
    return "order must have " + std::to_string(problem.tasks.size()) + " tasks, but got " +
           std::to_string(order.size());
  Uses uses(problem);
  std::vector<bool> done(problem.tasks.size(), false);
  for (int task : order) {
    if (task < 0 || task >= static_cast<int>(done.size()) || done[task])
      return "task " + std::to_string(task) + " must run once";
    for (int value : uses.reads[task])
      if (uses.maker[value] >= 0 && !done[uses.maker[value]])
        return "task " + std::to_string(task) + " reads value " + std::to_string(value) + " before task " +
               std::to_string(uses.maker[value]) + " makes it";
    done[task] = true;
  }
  return {};
}

} // namespace lathe::schedule
