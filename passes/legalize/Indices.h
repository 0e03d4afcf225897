// SPDX-License-Identifier: Apache-2.0
// Index tuples as indices into one flat dimension: what gather and scatter of slices share.
#ifndef LATHE_PASSES_LEGALIZE_INDICES_H
#define LATHE_PASSES_LEGALIZE_INDICES_H

#include "passes/legalize/Rows.h"

namespace lathe::legalize {

/// `x` with its first `count` dimensions joined to one.
inline Value flattenLeading(core::CheckedBuilder &b, Value x, int64_t count) {
  Ints shape{product(b.shapeOf(x).take_front(count))};
  llvm::append_range(shape, b.shapeOf(x).drop_front(count));
  return b.reshape(x, shape);
}

/// The tuples along the last dimension of `indices`, one entry for each of `sizes`, as a vector of row-major indices;
/// -1 for a tuple that lies outside.
inline Value linearIndices(core::CheckedBuilder &b, Value indices, llvm::ArrayRef<int64_t> sizes) {
  int64_t depth = sizes.size(), count = product(b.shapeOf(indices).drop_back());
  Term tuples = reshape({b, indices}, {count, depth});
  Ints strides(depth, 1);
  for (int64_t d = depth - 1; d > 0; --d)
    strides[d - 1] = strides[d] * sizes[d];
  Type element = b.elementOf(indices);
  Term places = tuples * Term(b, b.integers(strides, element));
  Term inside = (tuples >= 0) & (tuples < Term(b, b.integers(sizes, element)));
  Term allInside{b, b.reduce(core::Combiner::And, inside, {1})};
  return select(allInside, sumOf(places, {1}), -1);
}

} // namespace lathe::legalize
#endif
