// SPDX-License-Identifier: Apache-2.0
// The import table: colours of images, and boxes drawn on them.
#include "passes/legalize/Rows.h"
#include "passes/legalize/Table.h"

using namespace mlir;
using namespace lathe;
using namespace lathe::core;
using namespace lathe::legalize;

/// The three channels of `x`, each with a last dimension of 1; null terms, after a report, where there are not three.
static std::array<Term, 3> channels(Node &n, Term x) {
  int64_t last = n.b.typeOf(x).getRank() - 1;
  if (last < 0 || n.b.shapeOf(x)[last] != 3) {
    n.mismatch("the last dimension must be 3, for colours, but is " + Twine(last < 0 ? 0 : n.b.shapeOf(x)[last]));
    Term none{n.b, {}};
    return {none, none, none};
  }
  auto channel = [&](int64_t i) -> Term { return {n.b, sliceAlong(n.b, x, last, i, 1)}; };
  return {channel(0), channel(1), channel(2)};
}

static Term joined(Node &n, std::array<Term, 3> parts) {
  if (!parts[0].value)
    return parts[0];
  return {n.b, n.b.concat({parts[0], parts[1], parts[2]}, n.b.typeOf(parts[0]).getRank() - 1)};
}

namespace {
/// A colour by its hue, in sixths of the circle from 0 to 6, and its smallest and largest channel.
struct Hue {
  Term sixths, low, high;
};
} // namespace

static Hue toHue(std::array<Term, 3> rgb) {
  auto [r, g, b] = rgb;
  Term high = max(r, max(g, b)), low = min(r, min(g, b)), range = high - low;
  Term sixths =
      select(equal(r, high), (g - b) / range, select(equal(g, high), (b - r) / range + 2, (r - g) / range + 4));
  sixths = select(range > 0, sixths, 0);
  return {select(sixths < 0, sixths + 6, sixths), low, high};
}

static std::array<Term, 3> fromHue(Hue hue) {
  auto mixed = [&](Term pure) { return hue.low + min(max(pure, 0), 1) * (hue.high - hue.low); };
  return {mixed(abs(hue.sixths - 3) - 1), mixed(2 - abs(hue.sixths - 2)), mixed(2 - abs(hue.sixths - 4))};
}

/// Hue, saturation and value, all in [0, 1].
static std::array<Term, 3> toHSV(std::array<Term, 3> rgb) {
  Hue hue = toHue(rgb);
  return {hue.sixths / 6, select(hue.high > 0, (hue.high - hue.low) / hue.high, 0), hue.high};
}

static std::array<Term, 3> fromHSV(std::array<Term, 3> hsv) {
  auto [h, s, v] = hsv;
  return fromHue({h * 6, v * (1 - s), v});
}

static Values rgbToHSV(Node &n) {
  return {joined(n, toHSV(channels(n, n(0))))};
}
static Values hsvToRGB(Node &n) {
  return {joined(n, fromHSV(channels(n, n(0))))};
}

static Values adjustHue(Node &n) {
  Hue hue = toHue(channels(n, convert(n(0), n.f32())));
  Term turned = hue.sixths + n(1) * 6;
  hue.sixths = turned - floor(turned / 6) * 6;
  return {convert(joined(n, fromHue(hue)), n.element(0))};
}

static Values adjustSaturation(Node &n) {
  std::array<Term, 3> hsv = toHSV(channels(n, convert(n(0), n.f32())));
  hsv[1] = min(max(hsv[1] * n(1), 0), 1);
  return {convert(joined(n, fromHSV(hsv)), n.element(0))};
}

/// The sum along dimension 1, kept with a size of 1, in the order in which TensorFlow makes it: halves are added until
/// one is left, of an odd number the middle comes last.
static Term sumOfHalves(Term x) {
  while (x.value && x.b->shapeOf(x)[1] > 1) {
    int64_t size = x.b->shapeOf(x)[1], right = size / 2, left = size - right;
    Term sum = Term(*x.b, sliceAlong(*x.b, x, 1, 0, right)) + Term(*x.b, sliceAlong(*x.b, x, 1, left, right));
    x = left == right ? sum : Term(*x.b, x.b->concat({sum, sliceAlong(*x.b, x, 1, right, 1)}, 1));
  }
  return x;
}

static Values adjustContrast(Node &n) {
  int64_t rank = n.rank(0);
  if (rank < 3)
    return n.mismatch("images must have rank 3 or more, but have " + Twine(rank));
  ArrayRef<int64_t> shape = n.shape(0);
  if (product(shape) == 0)
    return firstOperand(n);
  int64_t pixels = shape[rank - 3] * shape[rank - 2];
  Term x = reshape(convert(n(0), n.f32()), {product(shape.drop_back(3)), pixels, shape[rank - 1]});
  Term mean = sumOfHalves(x) * static_cast<double>(1.0f / static_cast<float>(pixels));
  return {convert(reshape((x - mean) * n(1) + mean, shape), n.element(0))};
}

/// The colours of the first version, of which images with fewer channels use the first ones.
static Value defaultColors(Node &n, int64_t depth) {
  static constexpr float table[10][4] = {{1, 1, 0, 1},     {0, 0, 1, 1},     {1, 0, 0, 1},   {0, 1, 0, 1},
                                         {0.5, 0, 0.5, 1}, {0.5, 0.5, 0, 1}, {0.5, 0, 0, 1}, {0, 0, 0.5, 1},
                                         {0, 1, 1, 1},     {1, 0, 1, 1}};
  SmallVector<float> values;
  for (const auto &color : table)
    for (int64_t c = 0; c < depth; ++c)
      values.push_back(depth == 1 ? 1 : color[c]);
  return n.b.constant(DenseElementsAttr::get(RankedTensorType::get({10, depth}, n.f32()), ArrayRef<float>(values)));
}

/// Outlines of boxes (y1, x1, y2, x2 as parts of the image), a later one over an earlier one.
static Values drawBoxes(Node &n) {
  if (n.rank(0) != 4 || n.rank(1) != 3 || n.shape(1)[2] != 4 || n.shape(0)[3] > 4)
    return n.mismatch("images must have rank 4 and at most 4 channels, and boxes rank 3 and 4 columns");
  int64_t batch = n.shape(0)[0], height = n.shape(0)[1], width = n.shape(0)[2], depth = n.shape(0)[3],
          boxes = n.shape(1)[1];
  bool hasColors = n.size() > 2 && product(n.shape(2)) > 0;
  Value colors = hasColors ? n[2] : defaultColors(n, depth);
  int64_t colorCount = n.b.shapeOf(colors)[0];
  Type index = n.i64();
  Term row{n.b, n.b.iota({1, height, 1, 1}, index, 1)}, column{n.b, n.b.iota({1, 1, width, 1}, index, 2)};
  Term x = convert(n(0), n.f32());
  for (int64_t i = 0; i < boxes; ++i) {
    auto edge = [&](int64_t side, int64_t size) {
      Term part = reshape({n.b, n.b.slice(n[1], {0, i, side}, {batch, 1, 1})}, {batch, 1, 1, 1});
      return convert(part * static_cast<double>(size - 1), index);
    };
    Term top = edge(0, height), left = edge(1, width), bottom = edge(2, height), right = edge(3, width);
    Term onRow = equal(row, top) | equal(row, bottom), onColumn = equal(column, left) | equal(column, right);
    Term inRows = (row >= top) & (row <= bottom), inColumns = (column >= left) & (column <= right);
    // A box turned inside out has no rows or columns inside, so that nothing of it is drawn.
    Term outline = (onRow & inColumns & (top <= bottom)) | (onColumn & inRows & (left <= right));
    Term color = reshape({n.b, n.b.slice(colors, {i % colorCount, 0}, {1, depth})}, {1, 1, 1, depth});
    x = select(outline, convert(color, n.f32()), x);
  }
  return {convert(x, n.element(0))};
}

ArrayRef<LegalizationRow> legalize::colorRows() {
  static constexpr LegalizationRow rows[] = {
      {"AdjustContrastv2", adjustContrast},
      {"AdjustHue", adjustHue},
      {"AdjustSaturation", adjustSaturation},
      {"DrawBoundingBoxes", drawBoxes},
      {"DrawBoundingBoxesV2", drawBoxes},
      {"HSVToRGB", hsvToRGB},
      {"RGBToHSV", rgbToHSV},
  };
  return rows;
}
