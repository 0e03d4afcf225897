// SPDX-License-Identifier: Apache-2.0
// The import table: elements in other places: padding, mirrors, rotations, blocks of space and depth.
#include "passes/legalize/Rows.h"
#include "passes/legalize/Table.h"

using namespace mlir;
using namespace lathe;
using namespace lathe::core;
using namespace lathe::legalize;

/// Operand `i` as pairs of integers, one a dimension of operand 0.
static std::optional<SmallVector<std::pair<int64_t, int64_t>>> constantPairs(Node &n, size_t i, size_t count) {
  std::optional<Ints> values = n.constantInts(i);
  if (!values)
    return std::nullopt;
  if (values->size() != 2 * count) {
    n.mismatch("operand " + Twine(i) + " must have " + Twine(count) + " pairs, but has " + Twine(values->size()) +
               " elements");
    return std::nullopt;
  }
  SmallVector<std::pair<int64_t, int64_t>> pairs;
  for (size_t p = 0; p < count; ++p)
    pairs.push_back({(*values)[2 * p], (*values)[2 * p + 1]});
  return pairs;
}

static Values padWith(Node &n, Value value) {
  auto pairs = constantPairs(n, 1, n.rank(0));
  if (!pairs)
    return {};
  Ints low, high;
  for (auto [before, after] : *pairs) {
    if (before < 0 || after < 0)
      return n.mismatch("paddings must not be negative, but got " + Twine(std::min(before, after)));
    low.push_back(before);
    high.push_back(after);
  }
  return {n.b.pad(n[0], value, low, high)};
}

static Values mirrorPad(Node &n) {
  auto pairs = constantPairs(n, 1, n.rank(0));
  if (!pairs)
    return {};
  // SYMMETRIC repeats the border itself, REFLECT does not.
  int64_t skipped = n.text("mode") == "REFLECT" ? 1 : 0;
  Value x = n[0];
  for (auto [d, pair] : llvm::enumerate(*pairs)) {
    int64_t size = n.shape(0)[d], dimension = d;
    auto [before, after] = pair;
    if (before < 0 || after < 0 || std::max(before, after) > size - skipped)
      return n.mismatch("paddings of dimension " + Twine(d) + " must be in [0, " + Twine(size - skipped) +
                        "], but got " + Twine(before) + " and " + Twine(after));
    Values parts;
    auto addMirror = [&](int64_t start, int64_t count) {
      if (count)
        parts.push_back(n.b.reverse(sliceAlong(n.b, x, dimension, start, count), {dimension}));
    };
    addMirror(skipped, before);
    parts.push_back(x);
    addMirror(size - skipped - after, after);
    x = n.b.concat(parts, d);
  }
  return {x};
}

/// What mirrors of an operand have, added to what they are mirrors of.
static Values mirrorPadGradient(Node &n) {
  auto pairs = constantPairs(n, 1, n.rank(0));
  if (!pairs)
    return {};
  int64_t skipped = n.text("mode") == "REFLECT" ? 1 : 0, rank = n.rank(0);
  Term x = n(0);
  for (auto [d, pair] : llvm::enumerate(*pairs)) {
    int64_t dimension = d;
    auto [before, after] = pair;
    int64_t size = n.shape(0)[d] - before - after;
    if (before < 0 || after < 0 || std::max(before, after) > size - skipped)
      return n.mismatch("paddings of dimension " + Twine(d) + " must be in [0, " + Twine(size - skipped) +
                        "], but got " + Twine(before) + " and " + Twine(after));
    Term sum{n.b, sliceAlong(n.b, x, dimension, before, size)};
    auto addMirror = [&](int64_t start, int64_t count, int64_t to) {
      if (count == 0)
        return;
      Ints low(rank, 0), high(rank, 0);
      low[d] = to;
      high[d] = size - to - count;
      Value mirror = n.b.reverse(sliceAlong(n.b, x, dimension, start, count), {dimension});
      sum = sum + Term(n.b, n.b.pad(mirror, n.b.scalar(n.element(0), 0), low, high));
    };
    addMirror(0, before, skipped);
    addMirror(before + size, after, size - skipped - after);
    x = sum;
  }
  return {x};
}

/// The sum of all tiles.
static Values tileGradient(Node &n) {
  std::optional<Ints> multiples = n.constantInts(1);
  if (!multiples)
    return {};
  Ints split, tiles;
  for (auto [d, size] : llvm::enumerate(n.shape(0))) {
    if (multiples->size() != n.shape(0).size() || (*multiples)[d] < 1 || size % (*multiples)[d])
      return n.mismatch("multiples must divide the sizes of the operand");
    tiles.push_back(split.size());
    split.append({(*multiples)[d], size / (*multiples)[d]});
  }
  return {sumOf(reshape(n(0), split), tiles)};
}

static Values reverseV2(Node &n) {
  std::optional<Ints> axes = n.constantAxes(1, n.rank(0));
  return axes ? Values{n.b.reverse(n[0], *axes)} : Values();
}

static Values reverseFlags(Node &n) {
  std::optional<Ints> flags = n.constantInts(1);
  if (!flags)
    return {};
  Ints axes;
  for (auto [d, flag] : llvm::enumerate(*flags))
    if (flag)
      axes.push_back(d);
  return {n.b.reverse(n[0], axes)};
}

/// Rows of each batch entry turned around up to the entry's length.
static Values reverseSequence(Node &n) {
  int64_t rank = n.rank(0);
  std::optional<int64_t> sequence = n.axis(n.integer("seq_dim"), rank), batch = n.axis(n.integer("batch_dim"), rank);
  if (!sequence || !batch)
    return {};
  // Batch first, sequence second, for the gather.
  Ints order{*batch, *sequence}, back(rank);
  for (int64_t d = 0; d < rank; ++d)
    if (d != *batch && d != *sequence)
      order.push_back(d);
  for (int64_t d = 0; d < rank; ++d)
    back[order[d]] = d;
  int64_t entries = n.shape(0)[*batch], steps = n.shape(0)[*sequence];
  n.demandIndices(1, steps + 1, "seq_lengths");
  Term step{n.b, n.b.iota({entries, steps}, n.element(1), 1)}, length = reshape(n(1), {entries, 1});
  Term place = select(step < length, length - 1 - step, step);
  return {n.b.transpose(n.b.gather(n.b.transpose(n[0], order), place, 1, 1), back)};
}

static Values roll(Node &n) {
  std::optional<Ints> shifts = n.constantInts(1), axes = n.constantInts(2);
  if (!shifts || !axes)
    return {};
  Value x = n[0];
  for (auto [shift, given] : llvm::zip(*shifts, *axes)) {
    std::optional<int64_t> axis = n.axis(given, n.rank(0));
    if (!axis)
      return {};
    int64_t size = n.shape(0)[*axis], moved = size ? ((shift % size) + size) % size : 0;
    if (moved)
      x = n.b.concat({sliceAlong(n.b, x, *axis, size - moved, moved), sliceAlong(n.b, x, *axis, 0, size - moved)},
                     *axis);
  }
  return {x};
}

/// Padded space in blocks: the blocks' places go before the batch.
static Values spaceToBatchOf(Node &n, ArrayRef<int64_t> block, size_t paddingOperand) {
  int64_t spatial = block.size();
  auto pairs = constantPairs(n, paddingOperand, spatial);
  if (!pairs)
    return {};
  if (spatial + 1 > n.rank(0))
    return n.mismatch("the operand must have rank " + Twine(spatial + 1) + " or more, but has " + Twine(n.rank(0)));
  Ints low(n.rank(0), 0), high(n.rank(0), 0);
  for (int64_t d = 0; d < spatial; ++d)
    std::tie(low[d + 1], high[d + 1]) = (*pairs)[d];
  Value x = n.b.pad(n[0], n.b.scalar(n.element(0), 0), low, high);
  if (!x)
    return {};
  ArrayRef<int64_t> padded = n.b.shapeOf(x);
  Ints split{padded[0]}, order, result{padded[0] * product(block)};
  for (int64_t d = 0; d < spatial; ++d) {
    if (block[d] < 1 || padded[d + 1] % block[d])
      return n.mismatch("padded dimension " + Twine(d + 1) + " must be a multiple of " + Twine(block[d]) + ", but is " +
                        Twine(padded[d + 1]));
    split.append({padded[d + 1] / block[d], block[d]});
    result.push_back(padded[d + 1] / block[d]);
    order.push_back(2 * d + 2);
  }
  order.push_back(0);
  for (int64_t d = 0; d < spatial; ++d)
    order.push_back(2 * d + 1);
  for (int64_t size : padded.drop_front(spatial + 1)) {
    order.push_back(split.size());
    split.push_back(size);
    result.push_back(size);
  }
  return {n.b.reshape(n.b.transpose(n.b.reshape(x, split), order), result)};
}

/// The inverse: places in blocks come from the front of the batch, then the borders are cut.
static Values batchToSpaceOf(Node &n, ArrayRef<int64_t> block, size_t cropOperand) {
  int64_t spatial = block.size();
  auto pairs = constantPairs(n, cropOperand, spatial);
  if (!pairs)
    return {};
  ArrayRef<int64_t> shape = n.shape(0);
  if (spatial + 1 > n.rank(0) || product(block) < 1 || shape[0] % product(block))
    return n.mismatch("batch must be a multiple of the block's " + Twine(product(block)) + " places, but is " +
                      Twine(n.rank(0) ? shape[0] : 0));
  Ints split(block), order{spatial}, joined{shape[0] / product(block)}, starts{0}, sizes = joined;
  split.push_back(joined[0]);
  for (int64_t d = 0; d < spatial; ++d) {
    split.push_back(shape[d + 1]);
    order.append({spatial + 1 + d, d});
    joined.push_back(shape[d + 1] * block[d]);
    auto [before, after] = (*pairs)[d];
    starts.push_back(before);
    sizes.push_back(joined.back() - before - after);
  }
  for (int64_t size : shape.drop_front(spatial + 1)) {
    order.push_back(split.size());
    split.push_back(size);
    joined.push_back(size);
    starts.push_back(0);
    sizes.push_back(size);
  }
  return {n.b.slice(n.b.reshape(n.b.transpose(n.b.reshape(n[0], split), order), joined), starts, sizes)};
}

template <Values (*move)(Node &, ArrayRef<int64_t>, size_t)> static Values blocksNd(Node &n) {
  std::optional<Ints> block = n.constantInts(1);
  return block ? move(n, *block, 2) : Values();
}

template <Values (*move)(Node &, ArrayRef<int64_t>, size_t)> static Values squareBlocks(Node &n) {
  int64_t size = n.integer("block_size");
  return move(n, {size, size}, 1);
}

static Values spaceToDepth(Node &n) {
  bool first = channelsFirst(n);
  int64_t block = n.integer("block_size");
  Value x = toChannelsLast(n.b, n[0], first);
  if (n.rank(0) != 4)
    return n.unsupported("data format " + n.text("data_format") + " with an operand of rank " + Twine(n.rank(0)));
  ArrayRef<int64_t> s = n.b.shapeOf(x);
  if (block < 1 || s[1] % block || s[2] % block)
    return n.mismatch("height " + Twine(s[1]) + " and width " + Twine(s[2]) + " must be multiples of " + Twine(block));
  Ints split{s[0], s[1] / block, block, s[2] / block, block, s[3]},
      result{s[0], s[1] / block, s[2] / block, block * block * s[3]};
  return {fromChannelsLast(n.b, n.b.reshape(n.b.transpose(n.b.reshape(x, split), {0, 1, 3, 2, 4, 5}), result), first)};
}

static Values depthToSpace(Node &n) {
  bool first = channelsFirst(n);
  int64_t block = n.integer("block_size");
  Value x = toChannelsLast(n.b, n[0], first);
  if (n.rank(0) != 4)
    return n.unsupported("data format " + n.text("data_format") + " with an operand of rank " + Twine(n.rank(0)));
  ArrayRef<int64_t> s = n.b.shapeOf(x);
  if (block < 1 || block > s[3] || s[3] % (block * block))
    return n.mismatch("depth must be a multiple of " + Twine(block) + " squared, but is " + Twine(s[3]));
  int64_t depth = s[3] / (block * block);
  Ints split{s[0], s[1], s[2], block, block, depth}, result{s[0], s[1] * block, s[2] * block, depth};
  return {fromChannelsLast(n.b, n.b.reshape(n.b.transpose(n.b.reshape(x, split), {0, 1, 3, 2, 4, 5}), result), first)};
}

ArrayRef<LegalizationRow> legalize::layoutRows() {
  static constexpr LegalizationRow rows[] = {
      {"BatchToSpace", squareBlocks<batchToSpaceOf>},
      {"BatchToSpaceND", blocksNd<batchToSpaceOf>},
      {"DepthToSpace", depthToSpace},
      {"MirrorPad", mirrorPad},
      {"MirrorPadGrad", mirrorPadGradient},
      {"Pad", [](Node &n) { return padWith(n, n.b.scalar(n.element(0), 0)); }},
      {"PadV2", [](Node &n) { return padWith(n, n[2]); }},
      {"Reverse", reverseFlags},
      {"ReverseSequence", reverseSequence},
      {"ReverseV2", reverseV2},
      {"Roll", roll},
      {"SpaceToBatch", squareBlocks<spaceToBatchOf>},
      {"SpaceToBatchND", blocksNd<spaceToBatchOf>},
      {"SpaceToDepth", spaceToDepth},
      {"TileGrad", tileGradient},
  };
  return rows;
}
