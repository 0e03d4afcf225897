// SPDX-License-Identifier: Apache-2.0
// The import table: gradients of pools, and of their gradients; morphological dilation, a pool with a filter, and its
// gradients.
#include "passes/legalize/Rows.h"
#include "passes/legalize/Table.h"
#include "passes/legalize/Windows.h"

using namespace mlir;
using namespace lathe;
using namespace lathe::core;
using namespace lathe::legalize;

/// `x` (a tensor of the windows' results) at place `place` of each window, in a tensor of shape `input` that is zero
/// elsewhere.
static Term spreadPlace(Node &n, Value x, ArrayRef<int64_t> input, const Windows &w, ArrayRef<int64_t> place) {
  Ints low{0}, high{0}, interior{0};
  for (int64_t d = 0; d < w.rank(); ++d) {
    int64_t size = n.b.shapeOf(x)[d + 1], spread = (size - 1) * w.strides[d] + 1;
    low.push_back(place[d] * w.dilations[d] - w.low[d]);
    high.push_back(input[d + 1] - low.back() - spread);
    interior.push_back(w.strides[d] - 1);
  }
  for (Ints *entries : {&low, &high, &interior})
    entries->push_back(0);
  return {n.b, n.b.pad(x, n.b.scalar(n.b.elementOf(x), 0), low, high, interior)};
}

/// The number of the place in each window at which `valueAt` is largest, the first of equal ones.
template <typename F> static Term largestPlace(Node &n, const Windows &w, F valueAt) {
  std::optional<Term> best, value;
  for (auto [number, place] : llvm::enumerate(w.places())) {
    Term here = valueAt(place);
    if (!here.value)
      return here;
    if (!value) {
      value.emplace(here);
      best.emplace(n.b, n.b.splat(n.b.shapeOf(here), n.i32(), 0));
      continue;
    }
    Term isLarger = here > *value;
    best = select(isLarger, static_cast<double>(number), *best);
    value = select(isLarger, here, *value);
  }
  return *best;
}

/// Whether the windows have so few places that each of them can have code of its own; reports it where not.
static bool isSmall(Node &n, const Windows &w) {
  constexpr int64_t mostPlaces = 4096;
  int64_t places = 1;
  for (int64_t size : w.sizes) {
    if (size > mostPlaces / places) {
      n.unsupported("windows of more than " + Twine(mostPlaces) + " elements");
      return false;
    }
    places *= size;
  }
  return true;
}

/// Where in each window of `input` the largest element is.
static Term argumentOf(Node &n, Value input, const Windows &w) {
  Value padded = padSpace(n, input, w, lowestOf(n.b.elementOf(input)));
  return largestPlace(n, w, [&](ArrayRef<int64_t> place) -> Term {
    return {n.b, windowPlace(n, padded, n.b.shapeOf(input), w, place)};
  });
}

namespace {
/// A pool's gradient: what its operands are with channels last.
struct MaxPool {
  Value input, gradient;
  Windows windows;
  bool channelsFirst;
};
} // namespace

static std::optional<MaxPool> readMaxPool(Node &n, std::optional<Ints> sizes, std::optional<Ints> strides) {
  if (!sizes || !strides)
    return std::nullopt;
  bool first = channelsFirst(n);
  Value input = toChannelsLast(n.b, n[0], first), gradient = toChannelsLast(n.b, n[2], first);
  if (!input || !gradient)
    return std::nullopt;
  std::optional<Windows> w = readPool(n, n.b.shapeOf(input), *sizes, *strides);
  return w && isSmall(n, *w) ? std::optional(MaxPool{input, gradient, *w, first}) : std::nullopt;
}

template <bool fromOperands> static std::optional<MaxPool> readMaxPool(Node &n) {
  return fromOperands ? readMaxPool(n, n.constantInts(3), n.constantInts(4))
                      : readMaxPool(n, n.integers("ksize"), n.integers("strides"));
}

/// Each gradient goes to the place of its window that was largest.
template <bool fromOperands> static Values maxPoolGradient(Node &n) {
  std::optional<MaxPool> pool = readMaxPool<fromOperands>(n);
  if (!pool)
    return {};
  Term argument = argumentOf(n, pool->input, pool->windows), gradient{n.b, pool->gradient};
  std::optional<Term> sum;
  for (auto [number, place] : llvm::enumerate(pool->windows.places())) {
    Term part = spreadPlace(n, select(equal(argument, static_cast<double>(number)), gradient, 0),
                            n.b.shapeOf(pool->input), pool->windows, place);
    sum = sum ? *sum + part : part;
  }
  return {fromChannelsLast(n.b, *sum, pool->channelsFirst)};
}

/// The gradient's gradient: of operand 2, which has the input's shape, what is where a window is largest.
template <bool fromOperands> static Values maxPoolSecondGradient(Node &n) {
  std::optional<MaxPool> pool = readMaxPool<fromOperands>(n);
  if (!pool)
    return {};
  const Windows &w = pool->windows;
  Term argument = argumentOf(n, pool->input, w);
  Value padded = padSpace(n, pool->gradient, w, 0);
  std::optional<Term> result;
  for (auto [number, place] : llvm::enumerate(w.places())) {
    Term here{n.b, windowPlace(n, padded, n.b.shapeOf(pool->input), w, place)};
    result = result ? select(equal(argument, static_cast<double>(number)), here, *result) : here;
  }
  return {fromChannelsLast(n.b, *result, pool->channelsFirst)};
}

/// Operand 2 as indices into all elements of operand 0.
static Term flatArguments(Node &n) {
  Term indices = n(2);
  int64_t batch = n.shape(0)[0], images = batch ? product(n.shape(0)) / batch : 0;
  if (!n.flag("include_batch_in_index")) {
    Ints shape(n.rank(2), 1);
    shape[0] = batch;
    indices = indices + Term(n.b, n.b.iota(shape, n.element(2), 0)) * static_cast<double>(images);
  }
  return reshape(indices, {product(n.shape(2))});
}

static Values maxPoolGradientAt(Node &n) {
  if (n.rank(0) != 4 || n.shape(1) != n.shape(2))
    return n.mismatch("the input must have rank 4, and gradients the shape of their indices");
  int64_t count = product(n.shape(0));
  Value flat = n.b.scatter(Combiner::Add, n.b.splat({count}, n.element(1), 0), flatArguments(n),
                           n.b.reshape(n[1], {product(n.shape(1))}));
  return {n.b.reshape(flat, n.shape(0))};
}

static Values maxPoolSecondGradientAt(Node &n) {
  if (n.rank(0) != 4 || n.shape(0) != n.shape(1))
    return n.mismatch("the input must have rank 4, and gradients its shape");
  return {n.b.reshape(n.b.gather(n.b.reshape(n[1], {product(n.shape(1))}), flatArguments(n), 0), n.shape(2))};
}

/// Each gradient, divided by the number of elements in its window, goes to all of them.
static Values avgPoolGradient(Node &n) {
  std::optional<Ints> shape = n.constantInts(0);
  if (!shape)
    return {};
  bool first = channelsFirst(n);
  Value gradient = toChannelsLast(n.b, n[1], first);
  if (first && shape->size() > 2)
    std::rotate(shape->begin() + 1, shape->begin() + 2, shape->end());
  if (!gradient || static_cast<int64_t>(shape->size()) != n.rank(1) ||
      llvm::any_of(*shape, [](int64_t size) { return size < 1; }))
    return n.mismatch("the shape must have " + Twine(n.rank(1)) + " entries above 0, but has " + Twine(shape->size()));
  std::optional<Windows> w = readPool(n, *shape, n.integers("ksize"), n.integers("strides"));
  if (!w)
    return {};
  Type element = n.element(1), wide = element.isF16() || element.isBF16() ? n.f32() : element;
  Ints space(*shape);
  space.front() = space.back() = 1;
  Term share =
      Term(n.b, n.b.convert(gradient, wide)) / Term(n.b, reduceSpace(n, Combiner::Add, n.b.splat(space, wide, 1), *w));
  // An element is under the windows that begin up to a window's size before it.
  Windows back = *w;
  Ints none(w->rank(), 0), low{0}, high{0}, interior{0};
  for (int64_t d = 0; d < w->rank(); ++d) {
    int64_t outputs = n.b.shapeOf(gradient)[d + 1];
    interior.push_back(w->strides[d] - 1);
    low.push_back(w->sizes[d] - 1 - w->low[d]);
    high.push_back((*shape)[d + 1] + w->low[d] - ((outputs - 1) * w->strides[d] + 1));
  }
  for (Ints *entries : {&low, &high, &interior})
    entries->push_back(0);
  back.strides = Ints(w->rank(), 1);
  back.low = back.high = none;
  Value spread = n.b.pad(share, n.b.scalar(wide, 0), low, high, interior);
  return {fromChannelsLast(n.b, n.b.convert(reduceSpace(n, Combiner::Add, spread, back), element), first)};
}

namespace {
/// A dilation: operand 0 [batch, height, width, channels] and operand 1 [height, width, channels].
struct Dilation {
  Windows windows;
  Value padded;

  /// What operand and filter have together at one place of every window.
  Term at(Node &n, ArrayRef<int64_t> place) const {
    Ints starts(place), sizes{1, 1, n.shape(1)[2]};
    starts.push_back(0);
    Term weight = reshape({n.b, n.b.slice(n[1], starts, sizes)}, {n.shape(1)[2]});
    return Term(n.b, windowPlace(n, padded, n.shape(0), windows, place)) + weight;
  }
};
} // namespace

static std::optional<Dilation> readDilation(Node &n) {
  if (n.rank(0) != 4 || n.rank(1) != 3 || n.shape(0)[3] != n.shape(1)[2]) {
    n.mismatch("the operand must have rank 4, the filter rank 3 and as many channels");
    return std::nullopt;
  }
  std::optional<Ints> strides = spatialEntries(n, "strides", n.integers("strides"), 2);
  std::optional<Ints> rates = spatialEntries(n, "rates", n.integers("rates"), 2);
  if (!strides || !rates)
    return std::nullopt;
  std::optional<Windows> w = readWindows(n, n.shape(1).drop_back(), n.shape(0).slice(1, 2), *strides, *rates);
  if (!w || !isSmall(n, *w))
    return std::nullopt;
  return Dilation{*w, padSpace(n, n[0], *w, lowestOf(n.element(0)))};
}

static Values dilation(Node &n) {
  std::optional<Dilation> d = readDilation(n);
  if (!d)
    return {};
  std::optional<Term> result;
  for (const Ints &place : d->windows.places())
    result = result ? max(*result, d->at(n, place)) : d->at(n, place);
  return {*result};
}

/// The gradients (operand 2) of the places that were largest, summed by operand or by filter.
template <bool byFilter> static Values dilationGradient(Node &n) {
  std::optional<Dilation> d = readDilation(n);
  if (!d)
    return {};
  Term argument = largestPlace(n, d->windows, [&](ArrayRef<int64_t> place) { return d->at(n, place); });
  Values parts;
  std::optional<Term> sum;
  for (auto [number, place] : llvm::enumerate(d->windows.places())) {
    Term chosen = select(equal(argument, static_cast<double>(number)), n(2), 0);
    if (byFilter) {
      parts.push_back(reshape(sumOf(chosen, {0, 1, 2}), {1, n.shape(1)[2]}));
      continue;
    }
    Term part = spreadPlace(n, chosen, n.shape(0), d->windows, place);
    sum = sum ? *sum + part : part;
  }
  return {byFilter ? n.b.reshape(n.b.concat(parts, 0), n.shape(1)) : sum->value};
}

ArrayRef<LegalizationRow> legalize::poolGradientRows() {
  static constexpr LegalizationRow rows[] = {
      {"AvgPool3DGrad", avgPoolGradient},
      {"AvgPoolGrad", avgPoolGradient},
      {"Dilation2D", dilation},
      {"Dilation2DBackpropFilter", dilationGradient<true>},
      {"Dilation2DBackpropInput", dilationGradient<false>},
      {"MaxPool3DGrad", maxPoolGradient<false>},
      {"MaxPool3DGradGrad", maxPoolSecondGradient<false>},
      {"MaxPoolGrad", maxPoolGradient<false>},
      {"MaxPoolGradGrad", maxPoolSecondGradient<false>},
      {"MaxPoolGradGradV2", maxPoolSecondGradient<true>},
      {"MaxPoolGradGradWithArgmax", maxPoolSecondGradientAt},
      {"MaxPoolGradV2", maxPoolGradient<true>},
      {"MaxPoolGradWithArgmax", maxPoolGradientAt},
  };
  return rows;
}
