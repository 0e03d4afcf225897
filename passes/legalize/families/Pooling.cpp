// SPDX-License-Identifier: Apache-2.0
// The import table: the largest and the mean under windows, where the largest is, and the windows themselves.
#include "passes/legalize/Rows.h"
#include "passes/legalize/Table.h"
#include "passes/legalize/Windows.h"

using namespace mlir;
using namespace lathe;
using namespace lathe::core;
using namespace lathe::legalize;

static Values maxPoolOf(Node &n, ArrayRef<int64_t> sizes, ArrayRef<int64_t> strides) {
  bool first = channelsFirst(n);
  Value input = toChannelsLast(n.b, n[0], first);
  std::optional<Windows> w = readPool(n, n.b.shapeOf(input), sizes, strides);
  return w ? Values{fromChannelsLast(n.b, reduceSpace(n, Combiner::Max, input, *w), first)} : Values();
}

static Values maxPool(Node &n) {
  return maxPoolOf(n, n.integers("ksize"), n.integers("strides"));
}

static Values maxPoolV2(Node &n) {
  std::optional<Ints> sizes = n.constantInts(1), strides = n.constantInts(2);
  return sizes && strides ? maxPoolOf(n, *sizes, *strides) : Values();
}

/// The sum under the windows; a plain reduction where one window is all of space.
static Term sumSpace(Node &n, Term input, const Windows &w) {
  auto isNone = [](int64_t size) { return size == 0; };
  if (w.sizes != Ints(n.b.shapeOf(input).slice(1, w.rank())) || !llvm::all_of(w.low, isNone) ||
      !llvm::all_of(w.high, isNone))
    return {n.b, reduceSpace(n, Combiner::Add, input, w)};
  return sumOf(input, llvm::to_vector(llvm::seq<int64_t>(1, w.rank() + 1)), /*keepDimensions=*/true);
}

static Values avgPool(Node &n) {
  bool first = channelsFirst(n);
  Value input = toChannelsLast(n.b, n[0], first);
  std::optional<Windows> w = readPool(n, n.b.shapeOf(input), n.integers("ksize"), n.integers("strides"));
  if (!w)
    return {};
  Type element = n.element(0), wide = element.isF16() || element.isBF16() ? n.f32() : element;
  Term sum = sumSpace(n, {n.b, n.b.convert(input, wide)}, *w);
  bool isPadded = llvm::any_of(llvm::concat<int64_t>(w->low, w->high), [](int64_t size) { return size != 0; });
  // Padding does not count: at the border the windows have fewer elements.
  Ints space(n.b.shapeOf(input));
  space.front() = space.back() = 1;
  Term count = isPadded ? Term(n.b, reduceSpace(n, Combiner::Add, n.b.splat(space, wide, 1), *w))
                        : like(sum, static_cast<double>(product(w->sizes)));
  return {fromChannelsLast(n.b, convert(sum / count, element), first)};
}

static Values maxPoolWithArgmax(Node &n) {
  if (n.rank(0) != 4)
    return n.mismatch("the operand must have rank 4, but has " + Twine(n.rank(0)));
  std::optional<Windows> w = readPool(n, n.shape(0), n.integers("ksize"), n.integers("strides"));
  if (!w)
    return {};
  ArrayRef<int64_t> s = n.shape(0);
  Type index = n.type("Targmax");
  auto along = [&](int64_t d, int64_t step) -> Term {
    return Term(n.b, n.b.iota(s, index, d)) * static_cast<double>(step);
  };
  Term places = along(1, s[2] * s[3]) + along(2, s[3]) + along(3, 1);
  if (n.flag("include_batch_in_index"))
    places = places + along(0, s[1] * s[2] * s[3]);
  Value padded = padSpace(n, n[0], *w, lowestOf(n.element(0))), paddedPlaces = padSpace(n, places, *w, 0);
  std::optional<std::pair<Term, Term>> best;
  for (int64_t y = 0; y < w->sizes[0]; ++y)
    for (int64_t x = 0; x < w->sizes[1]; ++x) {
      Term value{n.b, windowPlace(n, padded, s, *w, {y, x})}, place{n.b, windowPlace(n, paddedPlaces, s, *w, {y, x})};
      if (best) {
        Term isLarger = value > best->first;
        value = select(isLarger, value, best->first);
        place = select(isLarger, place, best->second);
      }
      best.emplace(value, place);
    }
  return {best->first, best->second};
}

/// Each window's elements side by side in the channels.
template <int64_t spatial> static Values extractPatches(Node &n) {
  if (n.rank(0) != spatial + 2)
    return n.mismatch("the images must have rank " + Twine(spatial + 2) + ", but have " + Twine(n.rank(0)));
  std::optional<Ints> sizes = spatialEntries(n, "ksizes", n.integers("ksizes"), spatial);
  std::optional<Ints> strides = spatialEntries(n, "strides", n.integers("strides"), spatial);
  std::optional<Ints> rates = spatialEntries(n, "rates", n.integers("rates"), spatial);
  if (!sizes || !strides || !rates)
    return {};
  std::optional<Windows> w = readWindows(n, *sizes, n.shape(0).slice(1, spatial), *strides, *rates);
  if (!w)
    return {};
  Value padded = padSpace(n, n[0], *w, 0);
  Values places;
  for (const Ints &place : w->places())
    places.push_back(windowPlace(n, padded, n.shape(0), *w, place));
  return {n.b.concat(places, spatial + 1)};
}

ArrayRef<LegalizationRow> legalize::poolingRows() {
  static constexpr LegalizationRow rows[] = {
      {"AvgPool", avgPool},
      {"AvgPool3D", avgPool},
      {"ExtractImagePatches", extractPatches<2>},
      {"ExtractVolumePatches", extractPatches<3>},
      {"MaxPool", maxPool},
      {"MaxPool3D", maxPool},
      {"MaxPoolV2", maxPoolV2},
      {"MaxPoolWithArgmax", maxPoolWithArgmax},
  };
  return rows;
}
