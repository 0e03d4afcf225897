// SPDX-License-Identifier: Apache-2.0
// What rows of the import table in several families share.
#ifndef LATHE_PASSES_LEGALIZE_ROWS_H
#define LATHE_PASSES_LEGALIZE_ROWS_H

#include "passes/legalize/Node.h"

namespace lathe::legalize {

/// The core op `Op` of operand 0.
template <typename Op> Values unary(Node &n) {
  return {n.b.unary<Op>(n[0])};
}

/// The core op `Op` of operands 0 and 1, broadcast.
template <typename Op> Values binary(Node &n) {
  return {n.b.binary<Op>(n[0], n[1])};
}

/// Operand 0 itself.
inline Values firstOperand(Node &n) {
  n.emptyResult = n.emptyList(0);
  return {n[0]};
}

/// What a row returns where the size of an operand depends on values and it needs to know it.
inline Values sizeUnknown(Node &n, const llvm::Twine &which) {
  return n.fail(Code::DataDependentShape, "the size of " + which + " depends on values, and the operation needs to know it");
}

/// 0, 1, ..., count - 1.
inline Ints upTo(int64_t count) {
  return llvm::to_vector(llvm::seq<int64_t>(0, count));
}

/// The sizes of `length` elements of `shape`.
inline Ints withLength(int64_t length, llvm::ArrayRef<int64_t> shape) {
  Ints sizes{length};
  llvm::append_range(sizes, shape);
  return sizes;
}

/// The number of elements of `shape`.
inline int64_t product(llvm::ArrayRef<int64_t> shape) {
  return std::accumulate(shape.begin(), shape.end(), int64_t(1), std::multiplies<>());
}

/// `x` with dimension `from` moved to place `to`.
inline Value moveDimension(core::CheckedBuilder &b, Value x, int64_t from, int64_t to) {
  if (!x)
    return x;
  Ints order = upTo(b.typeOf(x).getRank());
  order.erase(order.begin() + from);
  order.insert(order.begin() + to, from);
  return b.transpose(x, order);
}

/// `x` with `extra` dimensions of size 1 before its own.
inline Value padRank(core::CheckedBuilder &b, Value x, int64_t extra) {
  Ints shape(extra, 1);
  llvm::append_range(shape, b.shapeOf(x));
  return b.reshape(x, shape);
}

/// `count` elements of `x` from `start` on along `dimension`.
inline Value sliceAlong(core::CheckedBuilder &b, Value x, int64_t dimension, int64_t start, int64_t count) {
  if (!x)
    return x;
  Ints starts(b.typeOf(x).getRank(), 0), sizes(b.shapeOf(x));
  starts[dimension] = start;
  sizes[dimension] = count;
  return b.slice(x, starts, sizes);
}

/// Whether the node's `data_format` keeps channels second, as NCHW does.
inline bool channelsFirst(Node &n) {
  return n.text("data_format").starts_with("NC") || n.text("data_format") == "CHANNELS_FIRST";
}

/// `x` with channels last, from channels first where `first`; and back. A tensor of rank 2 or less stays as it is.
inline Value toChannelsLast(core::CheckedBuilder &b, Value x, bool first) {
  return first && x && b.typeOf(x).getRank() > 2 ? moveDimension(b, x, 1, b.typeOf(x).getRank() - 1) : x;
}
inline Value fromChannelsLast(core::CheckedBuilder &b, Value x, bool first) {
  return first && x && b.typeOf(x).getRank() > 2 ? moveDimension(b, x, b.typeOf(x).getRank() - 1, 1) : x;
}

/// The sum of `x` along `dimensions`; of narrow floats it is made in f32.
inline Term sumOf(Term x, llvm::ArrayRef<int64_t> dimensions, bool keepDimensions = false) {
  if (!x.value)
    return x;
  Type element = x.b->elementOf(x);
  Type wide = element.isF16() || element.isBF16() ? x.b->builder.getF32Type() : element;
  return convert({*x.b, x.b->reduce(core::Combiner::Add, convert(x, wide), dimensions, keepDimensions)}, element);
}

/// The mean of `x` along `dimensions`.
inline Term meanOf(Term x, llvm::ArrayRef<int64_t> dimensions, bool keepDimensions = false) {
  if (!x.value)
    return x;
  int64_t count = 1;
  for (int64_t dimension : dimensions)
    count *= x.b->shapeOf(x)[dimension];
  return sumOf(x, dimensions, keepDimensions) / static_cast<double>(count);
}

/// The first n / 2 + 1 numbers of the Fourier transform of n real ones along the last dimension.
Term transformReal(core::CheckedBuilder &b, Value x);

/// exp(x - max) / sum along the last dimension, and its logarithm.
Term softmax(Term x);
Term logSoftmax(Term x);

} // namespace lathe::legalize
#endif
