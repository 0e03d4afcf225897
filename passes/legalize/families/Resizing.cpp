// SPDX-License-Identifier: Apache-2.0
// The import table: images of other sizes, whole or cut by boxes.
#include "passes/legalize/Rows.h"
#include "passes/legalize/Table.h"
#include <cmath>

using namespace mlir;
using namespace lathe;
using namespace lathe::core;
using namespace lathe::legalize;

namespace {
/// One element of the operand for each of the result along a dimension, and its weight.
struct Tap {
  Ints indices;
  SmallVector<float> weights;

  void add(int64_t index, float weight, int64_t size) {
    indices.push_back(std::clamp<int64_t>(index, 0, size - 1));
    weights.push_back(weight);
  }
};

/// Where the elements of a result of `to` elements lie in an operand of `from`, as TensorFlow places them, in f32.
struct Placement {
  Placement(Node &n, int64_t from, int64_t to)
      : from(from), to(to), halfPixel(n.flag("half_pixel_centers")), corners(n.flag("align_corners")) {
    scale = corners && to > 1 ? static_cast<float>(from - 1) / static_cast<float>(to - 1)
                              : static_cast<float>(from) / static_cast<float>(to);
  }

  float operator()(int64_t i) const {
    float place = static_cast<float>(i);
    return halfPixel ? (place + 0.5f) * scale - 0.5f : place * scale;
  }

  int64_t from, to;
  bool halfPixel, corners;
  float scale;
};
} // namespace

static SmallVector<Tap> nearestTaps(const Placement &place) {
  SmallVector<Tap> taps(1);
  for (int64_t i = 0; i < place.to; ++i) {
    float at = (place.halfPixel ? static_cast<float>(i) + 0.5f : static_cast<float>(i)) * place.scale;
    taps[0].add(static_cast<int64_t>(place.corners ? std::round(at) : std::floor(at)), 1, place.from);
  }
  return taps;
}

static SmallVector<Tap> linearTaps(const Placement &place) {
  SmallVector<Tap> taps(2);
  for (int64_t i = 0; i < place.to; ++i) {
    float at = place(i), lower = std::floor(at), fraction = at - lower;
    taps[0].add(static_cast<int64_t>(lower), 1 - fraction, place.from);
    taps[1].add(static_cast<int64_t>(std::ceil(at)), fraction, place.from);
  }
  return taps;
}

/// The cubic convolution kernel with parameter `a`: at `x` in [0, 1], and at 1 + x.
static float cubicNear(float x, float a) {
  return ((a + 2) * x - (a + 3)) * x * x + 1;
}
static float cubicFar(float x, float a) {
  return ((a * (x + 1) - 5 * a) * (x + 1) + 8 * a) * (x + 1) - 4 * a;
}

static SmallVector<Tap> cubicTaps(const Placement &place) {
  // With half pixels the kernel is Keys', and what lies outside has no weight; without, -0.75, and borders repeat.
  float a = place.halfPixel ? -0.5f : -0.75f;
  SmallVector<Tap> taps(4);
  for (int64_t i = 0; i < place.to; ++i) {
    float at = place(i), lower = std::floor(at);
    // TensorFlow reads the kernel from a table of this many steps.
    float fraction = std::nearbyint((at - lower) * 1024) / 1024;
    float weights[] = {cubicFar(fraction, a), cubicNear(fraction, a), cubicNear(1 - fraction, a),
                       cubicFar(1 - fraction, a)};
    float sum = 0;
    for (int64_t k = 0; k < 4; ++k) {
      int64_t index = static_cast<int64_t>(lower) + k - 1;
      if (place.halfPixel && (index < 0 || index >= place.from))
        weights[k] = 0;
      sum += weights[k];
    }
    for (int64_t k = 0; k < 4; ++k)
      taps[k].add(static_cast<int64_t>(lower) + k - 1, place.halfPixel ? weights[k] / sum : weights[k], place.from);
  }
  return taps;
}

static SmallVector<Tap> areaTaps(const Placement &place) {
  SmallVector<Tap> taps(static_cast<size_t>(std::ceil(place.scale)) + 1);
  for (int64_t i = 0; i < place.to; ++i) {
    float start = static_cast<float>(i) * place.scale, end = static_cast<float>(i + 1) * place.scale;
    int64_t first = static_cast<int64_t>(std::floor(start));
    for (auto [k, tap] : llvm::enumerate(taps)) {
      float left = static_cast<float>(first + k), covered = std::min(left + 1, end) - std::max(left, start);
      tap.add(first + k, std::max(covered, 0.0f) / place.scale, place.from);
    }
  }
  return taps;
}

/// `x` along `dimension` as the weighted sum of the taps. Without `isWeighted` there is one tap, taken as it is.
static Value resample(CheckedBuilder &b, Value x, int64_t dimension, ArrayRef<Tap> taps, bool isWeighted) {
  if (!x)
    return x;
  std::optional<Term> sum;
  for (const Tap &tap : taps) {
    if (llvm::all_of(tap.weights, [](float weight) { return weight == 0; }))
      continue;
    bool isWhole = llvm::equal(tap.indices, upTo(b.shapeOf(x)[dimension]));
    Term part{b, isWhole ? x : b.gather(x, b.integers(tap.indices, b.builder.getI32Type()), dimension)};
    if (isWeighted && llvm::any_of(tap.weights, [](float weight) { return weight != 1; })) {
      Ints shape(b.typeOf(x).getRank(), 1);
      shape[dimension] = tap.weights.size();
      auto type = RankedTensorType::get(shape, b.builder.getF32Type());
      part = part * Term(b, b.constant(DenseElementsAttr::get(type, ArrayRef<float>(tap.weights))));
    }
    sum = sum ? *sum + part : part;
  }
  return sum ? sum->value : Value();
}

template <SmallVector<Tap> (*tapsOf)(const Placement &), bool isWeighted> static Values resize(Node &n) {
  std::optional<Ints> size = n.constantInts(1);
  if (!size)
    return {};
  if (n.rank(0) != 4 || size->size() != 2 || (*size)[0] < 1 || (*size)[1] < 1 || n.shape(0)[1] < 1 || n.shape(0)[2] < 1)
    return n.mismatch("images must have rank 4 and sizes be two numbers above 0, but the rank is " + Twine(n.rank(0)));
  // Each place gets its weights when compiling; f32, in which TensorFlow counts them, knows no larger ones apart.
  constexpr int64_t mostPlaces = int64_t(1) << 24;
  for (int64_t places : {(*size)[0], (*size)[1], n.shape(0)[1], n.shape(0)[2]})
    if (places > mostPlaces)
      return n.unsupported("sizes of images must be at most " + Twine(mostPlaces) + ", but one is " + Twine(places));
  Value x = isWeighted ? n.b.convert(n[0], n.f32()) : n[0];
  for (int64_t d = 0; d < 2; ++d)
    x = resample(n.b, x, d + 1, tapsOf(Placement(n, n.shape(0)[d + 1], (*size)[d])), isWeighted);
  return {x};
}

/// The weights of the taps as a matrix: a row an element of the result, a column one of the operand.
static Value weightMatrix(CheckedBuilder &b, ArrayRef<Tap> taps, int64_t from, int64_t to, Type element) {
  SmallVector<float> weights(from * to, 0);
  for (const Tap &tap : taps)
    for (auto [i, place] : llvm::enumerate(llvm::zip_equal(tap.indices, tap.weights)))
      weights[i * from + std::get<0>(place)] += std::get<1>(place);
  return b.convert(b.constant(DenseElementsAttr::get(RankedTensorType::get({to, from}, b.builder.getF32Type()),
                                                     ArrayRef<float>(weights))),
                   element);
}

/// The gradient by images of these heights and widths: each element takes part in results as the taps say.
template <SmallVector<Tap> (*tapsOf)(const Placement &)>
static Values resizeGradient(Node &n, ArrayRef<int64_t> size, Type element) {
  if (n.rank(0) != 4 || size.size() != 2 || product(n.shape(0)) == 0)
    return n.mismatch("gradients must have rank 4 and elements, but their rank is " + Twine(n.rank(0)));
  constexpr int64_t mostWeights = int64_t(1) << 24;
  Type wide = element.isF16() || element.isBF16() ? n.f32() : element;
  Value x = n.b.convert(n[0], wide);
  for (int64_t d = 0; d < 2; ++d) {
    int64_t to = n.shape(0)[d + 1];
    if (size[d] < 1 || size[d] > mostWeights / to)
      return n.unsupported("the product of sizes before and after must be at most " + Twine(mostWeights));
    Value weights = weightMatrix(n.b, tapsOf(Placement(n, size[d], to)), size[d], to, wide);
    Value turned = n.b.dotGeneral(x, weights, {}, {}, {d + 1}, {0});
    x = turned ? moveDimension(n.b, turned, 3, d + 1) : Value();
  }
  return {n.b.convert(x, element)};
}

template <SmallVector<Tap> (*tapsOf)(const Placement &)> static Values resizeGradientLike(Node &n) {
  if (n.rank(1) != 4)
    return n.mismatch("the image must have rank 4, but has " + Twine(n.rank(1)));
  return resizeGradient<tapsOf>(n, n.shape(1).slice(1, 2), n.element(1));
}

static Values nearestGradient(Node &n) {
  std::optional<Ints> size = n.constantInts(1);
  return size ? resizeGradient<nearestTaps>(n, *size, n.element(0)) : Values();
}

/// Boxes (operand 1: y1, x1, y2, x2 as parts of the image) of the images that operand 2 names, resized to operand 3.
static Values cropAndResize(Node &n) {
  std::optional<Ints> size = n.constantInts(3);
  if (!size)
    return {};
  if (n.rank(0) != 4 || n.rank(1) != 2 || n.shape(1)[1] != 4 || size->size() != 2)
    return n.mismatch("images must have rank 4, boxes 4 columns, and crop_size 2 elements");
  int64_t count = n.shape(1)[0];
  n.demandIndices(2, n.shape(0)[0], "box_ind");
  bool isNearest = n.text("method") == "nearest";
  Term x = convert({n.b, n.b.gather(n[0], n[2], 0)}, n.f32());
  std::optional<Term> inside;
  for (int64_t d = 0; d < 2; ++d) {
    int64_t from = n.shape(0)[d + 1], to = (*size)[d];
    auto edge = [&](int64_t column) -> Term { return {n.b, n.b.slice(n[1], {0, column}, {count, 1})}; };
    Term start = edge(d), end = edge(d + 2);
    double last = static_cast<double>(from - 1);
    Term step{n.b, n.b.iota({1, to}, n.f32(), 1)};
    Term at = to > 1 ? start * last + step * ((end - start) * last / static_cast<double>(to - 1))
                     : (start + end) * 0.5 * last;
    Ints shape{count, 1, 1, 1};
    shape[d + 1] = to;
    Term isInside = reshape((at >= 0) & (at <= last), shape);
    inside = inside ? *inside & isInside : isInside;
    auto pick = [&](Term places) -> Term { return {n.b, n.b.gather(x, convert(places, n.i32()), d + 1, 1)}; };
    if (isNearest) {
      x = pick(floor(at + 0.5));
      continue;
    }
    Term lower = floor(at), fraction = reshape(at - lower, shape), low = pick(lower), high = pick(ceil(at));
    x = low + (high - low) * fraction;
  }
  return {select(*inside, x, n.number("extrapolation_value"))};
}

ArrayRef<LegalizationRow> legalize::resizeRows() {
  static constexpr LegalizationRow rows[] = {
      {"CropAndResize", cropAndResize},
      {"ResizeArea", resize<areaTaps, true>},
      {"ResizeBicubic", resize<cubicTaps, true>},
      {"ResizeBicubicGrad", resizeGradientLike<cubicTaps>},
      {"ResizeBilinear", resize<linearTaps, true>},
      {"ResizeBilinearGrad", resizeGradientLike<linearTaps>},
      {"ResizeNearestNeighbor", resize<nearestTaps, false>},
      {"ResizeNearestNeighborGrad", nearestGradient},
  };
  return rows;
}
