// SPDX-License-Identifier: Apache-2.0
// Chooses the order in which tasks run so that few bytes live at once. Plain data in and out: knows nothing of IR.
#ifndef LATHE_PASSES_SCHEDULE_ORDER_H
#define LATHE_PASSES_SCHEDULE_ORDER_H

#include <cstdint>
#include <string>
#include <vector>

namespace lathe::schedule {

struct Task {
  std::vector<int> reads; ///< values; a value may be listed more than once
  std::vector<int> makes; ///< values
};

/// Tasks in source order: each value is made before it is read. A value that no task makes is given and takes no memory
/// here.
struct Problem {
  std::vector<int64_t> bytes; ///< of each value
  std::vector<bool> kept;     ///< whether the value stays after its last reader; one flag a value
  std::vector<Task> tasks;
};

/// A permutation of the tasks in which each value is made before it is read, with a low peak of live bytes.
///
///        x          the order a1 a2 b1 b2 c keeps the large a1 alive only
///      /   \        until a2 has read it; a1 b1 a2 b2 c, as a graph written
///     a1    b1      in layers has it, keeps a1 and b1 at once.
///     |     |
///     a2    b2      Candidates: source order; depth-first from the last tasks, the more
///      \   /        demanding input first; greedily by bytes freed. The best by
///        c          `peakBytes` wins, the earlier one of equals.
///
/// Deterministic; takes O(n log n) for n tasks, values and reads.
std::vector<int> chooseOrder(const Problem &problem);

/// The most bytes live at once when the tasks run in `order`: while a task runs, what it reads and makes is live;
/// afterwards, what is kept or has readers to come.
int64_t peakBytes(const Problem &problem, const std::vector<int> &order);

/// An empty text, or what is wrong with `problem`.
std::string check(const Problem &problem);

/// An empty text, or why the tasks of `problem` cannot run in `order`.
std::string verify(const Problem &problem, const std::vector<int> &order);

} // namespace lathe::schedule
#endif
