// SPDX-License-Identifier: Apache-2.0
// Places buffers in an arena: greedy best fit in several orders, then rounds that favour what came out on top.
#include "passes/memory/ArenaPlan.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace lathe::memory {
namespace {
bool overlapInTime(const Interval &a, const Interval &b) {
  return a.first <= b.last && b.first <= a.last;
}

int64_t alignUp(int64_t offset, int64_t alignment) {
  return (offset + alignment - 1) / alignment * alignment;
}

/// Places the intervals of `order` (none of them empty), each in the smallest gap that fits.
ArenaPlan place(const std::vector<Interval> &intervals, const std::vector<int> &order) {
  ArenaPlan plan;
  plan.offsets.assign(intervals.size(), 0);
  std::vector<int> placed; // by offset
  for (int i : order) {
    const Interval &interval = intervals[i];
    int64_t end = 0, best = -1, smallest = 0;
    for (int other : placed) {
      if (!overlapInTime(interval, intervals[other]))
        continue;
      int64_t start = alignUp(end, interval.alignment), gap = plan.offsets[other] - start;
      if (gap >= interval.bytes && (best < 0 || gap < smallest)) {
        best = start;
        smallest = gap;
      }
      end = std::max(end, plan.offsets[other] + intervals[other].bytes);
    }
    plan.offsets[i] = best >= 0 ? best : alignUp(end, interval.alignment);
    plan.total = std::max(plan.total, plan.offsets[i] + interval.bytes);
    placed.insert(std::upper_bound(placed.begin(), placed.end(), i,
                                   [&](int a, int b) { return plan.offsets[a] < plan.offsets[b]; }),
                  i);
  }
  return plan;
}

std::vector<std::vector<int>> startingOrders(const std::vector<Interval> &intervals) {
  std::vector<int> source;
  for (size_t i = 0; i < intervals.size(); ++i)
    if (intervals[i].bytes > 0)
      source.push_back(i);
  // Lifetimes weigh as doubles: bytes times steps may not fit 64 bits.
  auto area = [&](int i) {
    return static_cast<double>(intervals[i].bytes) * (intervals[i].last - intervals[i].first + 1.0);
  };
  auto bytes = [&](int i) { return intervals[i].bytes; };
  std::vector<std::vector<int>> orders(3, source);
  std::sort(orders[0].begin(), orders[0].end(),
            [&](int a, int b) { return std::pair(-bytes(a), a) < std::pair(-bytes(b), b); });
  std::sort(orders[1].begin(), orders[1].end(),
            [&](int a, int b) { return std::pair(-area(a), a) < std::pair(-area(b), b); });
  std::sort(orders[2].begin(), orders[2].end(), [&](int a, int b) {
    return std::tuple(intervals[a].first, -bytes(a), a) < std::tuple(intervals[b].first, -bytes(b), b);
  });
  return orders;
}
} // namespace

ArenaPlan planArena(const std::vector<Interval> &intervals) {
  int64_t bound = lowerBound(intervals);
  ArenaPlan best;
  std::vector<int> order;
  for (std::vector<int> &candidate : startingOrders(intervals)) {
    ArenaPlan plan = place(intervals, candidate);
    if (order.empty() || plan.total < best.total) {
      best = std::move(plan);
      order = std::move(candidate);
    }
  }
  // What ends at the top was placed too late: it goes first in the next round.
  constexpr int rounds = 64;
  ArenaPlan current = best;
  for (int round = 0; round < rounds && best.total > bound; ++round) {
    std::vector<int> next, others;
    for (int i : order)
      (current.offsets[i] + intervals[i].bytes == current.total ? next : others).push_back(i);
    next.insert(next.end(), others.begin(), others.end());
    if (next == order)
      break;
    order = std::move(next);
    current = place(intervals, order);
    if (current.total < best.total)
      best = current;
  }
  return best;
}

int64_t lowerBound(const std::vector<Interval> &intervals) {
  std::map<int, int64_t> change;
  for (const Interval &interval : intervals) {
    change[interval.first] += interval.bytes;
    change[interval.last + 1] -= interval.bytes;
  }
  int64_t live = 0, most = 0;
  for (auto [step, bytes] : change)
    most = std::max(most, live += bytes);
  return most;
}

std::string check(const std::vector<Interval> &intervals) {
  for (size_t i = 0; i < intervals.size(); ++i) {
    const Interval &interval = intervals[i];
    std::string name = "interval " + std::to_string(i);
    if (interval.bytes < 0)
      return name + " has " + std::to_string(interval.bytes) + " bytes";
    if (interval.first > interval.last)
      return name + " begins at step " + std::to_string(interval.first) + ", but ends at " +
             std::to_string(interval.last);
    if (interval.alignment < 1 || (interval.alignment & (interval.alignment - 1)))
      return name + " has alignment " + std::to_string(interval.alignment) + ", which is no power of two";
  }
  return {};
}

std::string verify(const std::vector<Interval> &intervals, const ArenaPlan &plan) {
  if (plan.offsets.size() != intervals.size())
    return "plan must have " + std::to_string(intervals.size()) + " offsets, but got " +
           std::to_string(plan.offsets.size());
  int64_t total = 0;
  for (size_t i = 0; i < intervals.size(); ++i) {
    int64_t offset = plan.offsets[i];
    if (offset < 0 || offset % intervals[i].alignment)
      return "interval " + std::to_string(i) + " must lie at a multiple of " + std::to_string(intervals[i].alignment) +
             ", but got " + std::to_string(offset);
    total = std::max(total, intervals[i].bytes ? offset + intervals[i].bytes : 0);
    for (size_t j = 0; j < i; ++j)
      if (overlapInTime(intervals[i], intervals[j]) && offset < plan.offsets[j] + intervals[j].bytes &&
          plan.offsets[j] < offset + intervals[i].bytes)
        return "intervals " + std::to_string(j) + " and " + std::to_string(i) + " share bytes";
  }
  if (plan.total != total)
    return "total must be " + std::to_string(total) + ", but got " + std::to_string(plan.total);
  return {};
}

} // namespace lathe::memory
