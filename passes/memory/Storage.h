// SPDX-License-Identifier: Apache-2.0
// Chooses which values share a buffer. Plain data in and out: knows nothing of IR.
#ifndef LATHE_PASSES_MEMORY_STORAGE_H
#define LATHE_PASSES_MEMORY_STORAGE_H

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace lathe::memory {

/// A span of time in which a buffer must keep its bytes, both ends included.
struct Range {
  int first = 0, last = 0;
};

/// Values that could be one buffer. Times are of one line through the program; a loop is run through once on it, so what
/// a later round reads again lives to the loop's end.
struct SharingProblem {
  struct Value {
    int64_t bytes = 0;
    std::vector<Range> ranges; ///< in increasing order of `first`
  };
  std::vector<Value> values;
  /// Pairs that must not share although their ranges are apart: a kernel that writes one while it reads the other.
  std::vector<std::pair<int, int>> conflicts;
  /// Pairs that save a copy, or a buffer, where they share; the most valuable ones first.
  std::vector<std::pair<int, int>> wishes;
};

/// The buffer of each value, numbered from 0. Values share one only where they have the same number of bytes, their ranges
/// are apart and they do not conflict; wishes are granted in order where that is so.
///
///        x0              A loop that adds to x: x0 is carried in, x is its argument and
///        |               result, y is what a round yields. All three are one buffer, and
///     +->x--+            no round copies: x dies where y is made, in place.
///     |  |  |
///     +--y  v
///
/// Takes O(wishes * ranges) at worst; next to linear where wishes are chains.
std::vector<int> shareBuffers(const SharingProblem &problem);

/// An empty text, or what is wrong with `problem`.
std::string check(const SharingProblem &problem);

/// An empty text, or what is wrong with `buffers` for `problem`.
std::string verify(const SharingProblem &problem, const std::vector<int> &buffers);

/// A copy of all bytes of one buffer to another. A source below 0 is written by nobody.
struct Move {
  int from = 0, to = 0;
  bool operator==(const Move &) const = default;
};

/// Copies that have the effect of all `moves` at once, one after the other: a buffer is written after it was read. Circles
/// go through buffers that are numbered from `firstTemporary` on, one a circle. Moves have different destinations; one
/// that copies a buffer to itself is left out.
std::vector<Move> sequenceMoves(std::vector<Move> moves, int firstTemporary);

} // namespace lathe::memory
#endif
