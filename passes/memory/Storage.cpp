// SPDX-License-Identifier: Apache-2.0
// Merges values into buffers greedily, wish by wish, and orders parallel copies.
#include "passes/memory/Storage.h"

#include <algorithm>
#include <map>

namespace lathe::memory {
namespace {
/// Values merged so far.
struct Buffer {
  int64_t bytes = 0;
  std::vector<Range> ranges; ///< increasing
  std::vector<int> members;
  std::vector<int> conflicting; ///< values
};

void sortRanges(std::vector<Range> &ranges) {
  std::sort(ranges.begin(), ranges.end(), [](Range a, Range b) { return a.first < b.first; });
}

/// Whether two increasing lists of ranges have a time in common.
bool overlap(const std::vector<Range> &a, const std::vector<Range> &b) {
  for (size_t i = 0, k = 0; i < a.size() && k < b.size();) {
    if (a[i].last < b[k].first)
      ++i;
    else if (b[k].last < a[i].first)
      ++k;
    else
      return true;
  }
  return false;
}

std::string pairText(int a, int b) {
  return std::to_string(a) + " and " + std::to_string(b);
}
} // namespace

std::vector<int> shareBuffers(const SharingProblem &problem) {
  std::vector<Buffer> buffers;
  std::vector<int> bufferOf;
  for (const SharingProblem::Value &value : problem.values) {
    bufferOf.push_back(buffers.size());
    buffers.push_back({value.bytes, value.ranges, {bufferOf.back()}, {}});
  }
  for (auto [a, b] : problem.conflicts) {
    buffers[a].conflicting.push_back(b);
    buffers[b].conflicting.push_back(a);
  }
  for (auto [a, b] : problem.wishes) {
    int to = bufferOf[a], from = bufferOf[b];
    if (to == from || buffers[to].bytes != buffers[from].bytes || overlap(buffers[to].ranges, buffers[from].ranges))
      continue;
    const std::vector<int> &conflicting = buffers[from].conflicting;
    if (std::any_of(conflicting.begin(), conflicting.end(), [&](int value) { return bufferOf[value] == to; }))
      continue;
    if (buffers[to].members.size() < buffers[from].members.size())
      std::swap(to, from);
    Buffer &kept = buffers[to], &merged = buffers[from];
    for (int member : merged.members)
      bufferOf[member] = to;
    kept.members.insert(kept.members.end(), merged.members.begin(), merged.members.end());
    kept.conflicting.insert(kept.conflicting.end(), merged.conflicting.begin(), merged.conflicting.end());
    kept.ranges.insert(kept.ranges.end(), merged.ranges.begin(), merged.ranges.end());
    sortRanges(kept.ranges);
    merged = {};
  }
  // Number the buffers by their first value.
  std::vector<int> number(buffers.size(), -1);
  int next = 0;
  for (int &buffer : bufferOf) {
    if (number[buffer] < 0)
      number[buffer] = next++;
    buffer = number[buffer];
  }
  return bufferOf;
}

std::string check(const SharingProblem &problem) {
  int count = problem.values.size();
  for (int v = 0; v < count; ++v) {
    if (problem.values[v].bytes < 0)
      return "value " + std::to_string(v) + " has negative bytes";
    const std::vector<Range> &ranges = problem.values[v].ranges;
    if (std::any_of(ranges.begin(), ranges.end(), [](Range range) { return range.first > range.last; }))
      return "value " + std::to_string(v) + " ends before it begins";
    if (!std::is_sorted(ranges.begin(), ranges.end(), [](Range a, Range b) { return a.first < b.first; }))
      return "ranges of value " + std::to_string(v) + " must increase";
  }
  for (const auto *pairs : {&problem.conflicts, &problem.wishes})
    for (auto [a, b] : *pairs)
      if (a < 0 || b < 0 || a >= count || b >= count || a == b)
        return "no such pair of values: " + pairText(a, b);
  return "";
}

std::string verify(const SharingProblem &problem, const std::vector<int> &buffers) {
  int count = problem.values.size();
  if (static_cast<int>(buffers.size()) != count)
    return "number of buffers must be " + std::to_string(count) + ", but got " + std::to_string(buffers.size());
  for (auto [a, b] : problem.conflicts)
    if (buffers[a] == buffers[b])
      return "values " + pairText(a, b) + " conflict and share a buffer";
  std::map<int, std::vector<int>> members;
  for (int a = 0; a < count; ++a) {
    for (int b : members[buffers[a]]) {
      if (problem.values[a].bytes != problem.values[b].bytes)
        return "values " + pairText(b, a) + " have different sizes and share a buffer";
      if (overlap(problem.values[a].ranges, problem.values[b].ranges))
        return "values " + pairText(b, a) + " live at one time and share a buffer";
    }
    members[buffers[a]].push_back(a);
  }
  return "";
}

std::vector<Move> sequenceMoves(std::vector<Move> moves, int firstTemporary) {
  std::erase_if(moves, [](Move move) { return move.from == move.to; });
  std::vector<Move> sequence;
  while (!moves.empty()) {
    auto isRead = [&](int buffer) {
      return std::any_of(moves.begin(), moves.end(), [&](Move move) { return move.from == buffer; });
    };
    auto ready = std::find_if(moves.begin(), moves.end(), [&](Move move) { return !isRead(move.to); });
    if (ready != moves.end()) {
      sequence.push_back(*ready);
      moves.erase(ready);
      continue;
    }
    // Only circles are left: what the first one overwrites is put aside.
    int overwritten = moves.front().to;
    sequence.push_back({overwritten, firstTemporary});
    for (Move &move : moves)
      if (move.from == overwritten)
        move.from = firstTemporary;
    ++firstTemporary;
  }
  return sequence;
}

} // namespace lathe::memory
