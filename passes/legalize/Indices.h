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

/// Demands that no tuple of operand `i`, of which `places` are the linear indices, lies outside of a tensor of `shape`.
inline void demandTuples(Node &n, size_t i, Value places, llvm::ArrayRef<int64_t> shape) {
  if (!n.makesDemands() || !places || n.text("bad_indices_policy") == "IGNORE")
    return;
  std::string sizes;
  llvm::raw_string_ostream stream(sizes);
  llvm::interleave(shape, stream, ",");
  Term tuples = reshape({n.b, places}, n.shape(i).drop_back()), inside = tuples >= 0;
  if (Value valid = n.rank(i) > 1 ? n.validRows(i) : Value()) {
    Ints column(n.rank(i) - 1, 1);
    column.front() = n.shape(i).front();
    inside = inside | !reshape({n.b, valid}, column);
  }
  n.demandEach(inside, tuples, "indices[%p] does not index into a tensor of shape [" + sizes + "]");
}

} // namespace lathe::legalize
#endif
