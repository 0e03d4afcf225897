// SPDX-License-Identifier: Apache-2.0
// Rows that a mask picks: as many as there are in the worst case, and how many they are.
#ifndef LATHE_PASSES_LEGALIZE_SELECTED_H
#define LATHE_PASSES_LEGALIZE_SELECTED_H

#include "passes/legalize/Rows.h"

namespace lathe::legalize {

struct Selected {
  Value places; ///< i64 vector as long as the mask: where it is true, in order; behind those, its length
  Value count;  ///< i64 scalar: how many are true
};

/// Where `mask`, a vector of i1, is true.
inline Selected selectTrue(core::CheckedBuilder &b, Value mask) {
  int64_t size = b.shapeOf(mask).front();
  Type i64 = b.builder.getI64Type();
  Term flags = convert({b, mask}, i64);
  Term place{b, b.cumulative(core::Combiner::Add, flags, 0, /*exclusive=*/true, /*reverse=*/false)};
  Term target = select({b, mask}, place, static_cast<double>(size));
  Value none = b.splat({size}, i64, static_cast<double>(size));
  return {b.scatter(core::Combiner::Set, none, target, b.iota({size}, i64, 0)), b.reduce(core::Combiner::Add, flags, {0})};
}

/// The rows of `x` at the places of `selected`; anything behind them.
inline Value rowsAt(core::CheckedBuilder &b, Value x, const Selected &selected) {
  return b.shapeOf(x).front() ? b.gather(x, selected.places, 0) : x;
}

} // namespace lathe::legalize
#endif
