// SPDX-License-Identifier: Apache-2.0
// Places buffers with lifetimes in one arena. Plain data in and out: knows nothing of IR.
#ifndef LATHE_PASSES_MEMORY_ARENA_PLAN_H
#define LATHE_PASSES_MEMORY_ARENA_PLAN_H

#include <cstdint>
#include <string>
#include <vector>

namespace lathe::memory {

/// A buffer that lives from step `first` to step `last`, both included.
struct Interval {
  int64_t bytes = 0;
  int first = 0;
  int last = 0;
  int64_t alignment = 64; ///< of the offset; a power of two
};

struct ArenaPlan {
  std::vector<int64_t> offsets; ///< of each interval; 0 for an empty one
  int64_t total = 0;            ///< the largest offset + bytes
};

/// Offsets such that intervals that live at one step share no bytes, with a low total.
///
///     bytes                    Intervals are placed one after the other, each in the
///       |  +---+ +-------+     smallest gap that fits among those placed before that
///       |  | c | |   d   |     live at one of its steps. Tried: largest first, largest
///       |  +---+-+-+-+---+     bytes x lifetime first, earliest first, and from the best
///       |  |   a   | | b |     of those on, moving forward what ended at the top.
///       +--+-------+-+---+---> steps
///
/// Deterministic; takes O(n * n log n).
ArenaPlan planArena(const std::vector<Interval> &intervals);

/// The most bytes that live at one step: no plan has a lower total.
int64_t lowerBound(const std::vector<Interval> &intervals);

/// An empty text, or what is wrong with `intervals`.
std::string check(const std::vector<Interval> &intervals);

/// An empty text, or what is wrong with `plan` for `intervals`.
std::string verify(const std::vector<Interval> &intervals, const ArenaPlan &plan);

} // namespace lathe::memory
#endif
