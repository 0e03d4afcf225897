// SPDX-License-Identifier: Apache-2.0
// The import table: images scaled, moved, seen from elsewhere, or in part, by numbers known at run time; gradients of
// crops.
#include "passes/legalize/Rows.h"
#include "passes/legalize/Table.h"
#include <numbers>

using namespace mlir;
using namespace lathe;
using namespace lathe::core;
using namespace lathe::legalize;

/// Element `i` of operand `operand`, a vector, as a scalar.
static Term entry(Node &n, size_t operand, int64_t i) {
  return reshape({n.b, n.b.slice(n[operand], {i}, {1})}, {});
}

static Term counting(Node &n, ArrayRef<int64_t> shape, int64_t dimension) {
  return {n.b, n.b.iota(shape, n.f32(), dimension)};
}

namespace {
/// A kernel by which pixels are weighted, at the distance x >= 0 from the sample; 0 from `radius` on.
struct Kernel {
  StringLiteral name;
  double radius;
  Term (*weight)(Term x, double radius);
};
} // namespace

static Term lanczos(Term x, double radius) {
  Term angle = x * std::numbers::pi;
  Term weight = apply<SinOp>(angle) * apply<SinOp>(angle / radius) * radius / (angle * angle);
  return select(x <= 1e-3, 1, select(x > radius, 0, weight));
}

static constexpr Kernel kernels[] = {
    {"lanczos1", 1, lanczos},
    {"lanczos3", 3, lanczos},
    {"lanczos5", 5, lanczos},
    {"gaussian", 1.5, [](Term x, double radius) { return select(x >= radius, 0, exp(x * x * -2.0)); }},
    {"box", 1, [](Term x, double) { return select(x < 0.5, 1, select(equal(x, 0.5), like(x, 0.5), 0)); }},
    {"triangle", 1, [](Term x, double) { return max(1.0 - x, 0); }},
    {"keyscubic", 2,
     [](Term x, double) {
       Term far = ((x * -0.5 + 2.5) * x - 4) * x + 2, near = (x * 1.5 - 2.5) * x * x + 1;
       return select(x >= 2, 0, select(x >= 1, far, near));
     }},
    {"mitchellcubic", 2,
     [](Term x, double) {
       Term far = ((x * (-7.0 / 18) + 2) * x - 10.0 / 3) * x + 16.0 / 9, near = (x * (7.0 / 6) - 2) * x * x + 8.0 / 9;
       return select(x >= 2, 0, select(x >= 1, far, near));
     }},
};

/// The weight of each of `from` pixels (columns) for each of `to` samples (rows), normalised, for images scaled and
/// then moved.
static Term sampleWeights(Node &n, const Kernel &kernel, int64_t from, int64_t to, Term scale, Term translation) {
  auto antialias = n.attribute<BoolAttr>("antialias");
  Term inverse = 1.0 / scale, width = !antialias || antialias.getValue() ? max(inverse, 1) : like(inverse, 1);
  Term sample = (counting(n, {to, 1}, 0) + 0.5) * inverse - inverse * translation;
  Term distance = abs(counting(n, {1, from}, 1) + 0.5 - sample);
  Term weights = select(distance <= width * kernel.radius, kernel.weight(distance / width, kernel.radius), 0);
  Term total = sumOf(weights, {1}, /*keepDimensions=*/true);
  // Samples outside of the image have no weights.
  Term isInside = (sample >= 0) & (sample <= static_cast<double>(from)) & (abs(total) >= 1000 * 0x1p-126);
  return select(isInside, weights / total, 0);
}

/// `x` [batch, height, width, channels] times a matrix along rows and one along columns, on their dimension
/// `contracted`.
static Value weighted(Node &n, Value x, ArrayRef<Term> weights, int64_t contracted) {
  for (int64_t d = 0; d < 2 && x; ++d) {
    Value turned = n.b.dotGeneral(x, weights[d], {}, {}, {d + 1}, {contracted});
    x = turned ? moveDimension(n.b, turned, 3, d + 1) : Value();
  }
  return x;
}

/// Operands: images, the size (or, for gradients, the images that it was made of), scale and translation of rows and
/// columns.
template <bool isGradient> static Values scaleAndTranslate(Node &n) {
  auto given = n.text("kernel_type");
  auto kernel = llvm::find_if(kernels, [&](const Kernel &k) { return k.name == (given.empty() ? "lanczos3" : given); });
  if (kernel == std::end(kernels))
    return n.unsupported("kernel '" + given + "'");
  std::optional<Ints> size;
  if (!isGradient)
    size = n.constantInts(1);
  else if (n.rank(1) == 4)
    size = Ints(n.shape(1).slice(1, 2));
  if (!size && !isGradient)
    return {};
  if (!size || n.rank(0) != 4 || size->size() != 2 || product(n.shape(2)) != 2 || product(n.shape(3)) != 2)
    return n.mismatch("images must have rank 4, and size, scale and translation two entries");
  constexpr int64_t mostWeights = int64_t(1) << 26;
  SmallVector<Term> weights;
  for (int64_t d = 0; d < 2; ++d) {
    int64_t before = n.shape(0)[d + 1], after = (*size)[d];
    if (before < 1 || after < 1 || before > mostWeights / after)
      return n.unsupported("the product of sizes before and after must be in [1, " + Twine(mostWeights) + "]");
    weights.push_back(sampleWeights(n, *kernel, isGradient ? after : before, isGradient ? before : after,
                                    entry(n, 2, d), entry(n, 3, d)));
  }
  return {weighted(n, n.b.convert(n[0], n.f32()), weights, isGradient ? 0 : 1)};
}

namespace {
/// How places outside of an image are read.
enum class Fill { Constant, Reflect, Wrap, Nearest };
} // namespace

/// A place on an axis of `size` pixels, brought inside of it.
static Term broughtInside(Term place, int64_t size, Fill fill) {
  double last = static_cast<double>(size - 1), count = static_cast<double>(size);
  if (fill == Fill::Nearest)
    return min(max(place, 0), last);
  if (fill == Fill::Wrap) {
    if (size <= 1)
      return like(place, 0);
    Term below = place + count * (floor(-place / last) + 1), above = place - count * floor(place / last);
    return min(max(select(place < 0, below, select(place > last, above, place)), 0), last);
  }
  if (fill == Fill::Reflect) {
    if (size <= 1)
      return like(place, 0);
    double period = 2 * count;
    Term low = place + period * floor(-place / period);
    low = select(low < -count, low + period, -low - 1);
    Term high = place - period * floor(place / period);
    high = select(high >= count, period - high - 1, high);
    return min(max(select(place < 0, low, select(place > last, high, place)), 0), last);
  }
  return place;
}

/// Images seen through a projective map of the result's places (operand 1: eight numbers an image, or for all).
static Values projectiveTransform(Node &n) {
  std::optional<Ints> size = n.constantInts(2);
  if (!size)
    return {};
  if (n.rank(0) != 4 || n.rank(1) != 2 || n.shape(1)[1] != 8 || size->size() != 2 || product(n.shape(0)) == 0 ||
      (n.shape(1)[0] != 1 && n.shape(1)[0] != n.shape(0)[0]))
    return n.mismatch("images must have rank 4 and elements, and transforms eight columns and a row, or one an image");
  StringRef mode = n.text("fill_mode"), interpolation = n.text("interpolation");
  Fill fill = mode == "REFLECT"   ? Fill::Reflect
              : mode == "WRAP"    ? Fill::Wrap
              : mode == "NEAREST" ? Fill::Nearest
                                  : Fill::Constant;
  if (fill == Fill::Constant && !mode.empty() && mode != "CONSTANT")
    return n.unsupported("fill mode '" + mode + "'");
  if (interpolation != "NEAREST" && interpolation != "BILINEAR")
    return n.unsupported("interpolation '" + interpolation + "'");
  int64_t batch = n.shape(0)[0], height = n.shape(0)[1], width = n.shape(0)[2], depth = n.shape(0)[3],
          maps = n.shape(1)[0];
  int64_t rows = (*size)[0], columns = (*size)[1];
  if (rows < 0 || columns < 0)
    return n.mismatch("sizes must not be negative");
  auto number = [&](int64_t i) { return reshape({n.b, sliceAlong(n.b, n[1], 1, i, 1)}, {maps, 1, 1}); };
  Term x = counting(n, {1, 1, columns}, 2), y = counting(n, {1, rows, 1}, 1);
  Term projection = number(6) * x + number(7) * y + 1;
  Term fromX = broughtInside((number(0) * x + number(1) * y + number(2)) / projection, width, fill);
  Term fromY = broughtInside((number(3) * x + number(4) * y + number(5)) / projection, height, fill);
  Type element = n.element(0), wide = element.isF64() ? element : n.f32();
  Term fillValue = n.size() > 3 ? convert(n(3), wide) : Term(n.b, n.b.scalar(wide, 0));
  Value flat = n.b.reshape(n[0], {batch, height * width, depth});
  Ints places{batch, rows * columns};
  // The pixel at whole places, or the value for what is outside.
  auto pixel = [&](Term atY, Term atX) -> Term {
    Term isInside = (atY >= 0) & (atY < static_cast<double>(height)) & (atX >= 0) & (atX < static_cast<double>(width));
    Term place = select(isInside, convert(atY, n.i32()) * static_cast<double>(width) + convert(atX, n.i32()), 0);
    Value wanted = n.b.reshape(n.b.broadcastTo(place, {batch, rows, columns}), places);
    Term pixels = reshape({n.b, n.b.gather(flat, wanted, 1, 1)}, {batch, rows, columns, depth});
    return select(reshape(isInside, {maps, rows, columns, 1}), convert(pixels, wide), fillValue);
  };
  auto perPixel = [&](Term share) { return reshape(convert(share, wide), {maps, rows, columns, 1}); };
  Term result = fillValue;
  if (interpolation == "NEAREST") {
    // Halves go away from zero.
    auto nearest = [&](Term place) { return sign(place) * floor(abs(place) + 0.5); };
    result = pixel(nearest(fromY), nearest(fromX));
  } else {
    Term lowY = floor(fromY), lowX = floor(fromX), shareY = fromY - lowY, shareX = fromX - lowX;
    auto row = [&](Term atY) {
      return perPixel(1.0 - shareX) * pixel(atY, lowX) + perPixel(shareX) * pixel(atY, lowX + 1);
    };
    result = perPixel(1.0 - shareY) * row(lowY) + perPixel(shareY) * row(lowY + 1);
  }
  // A place at infinity has no pixel.
  return {convert(select(reshape(equal(projection, 0), {maps, rows, columns, 1}), fillValue, result), element)};
}

/// Where the gradients of a crop come from: for each box and row or column of the crop its place in the image.
static Term cropPlaces(Node &n, size_t boxes, int64_t d, int64_t from, int64_t to) {
  int64_t count = n.shape(boxes)[0];
  auto edge = [&](int64_t column) -> Term { return {n.b, n.b.slice(n[boxes], {0, column}, {count, 1})}; };
  Term start = edge(d), end = edge(d + 2);
  double last = static_cast<double>(from - 1);
  Ints shape{count, 1, 1, 1};
  shape[d + 1] = to;
  if (to <= 1)
    return reshape((start + end) * 0.5 * last, shape);
  return reshape(start * last + counting(n, {1, to}, 1) * ((end - start) * last / static_cast<double>(to - 1)), shape);
}

/// The gradient by the images (operands: by the crops, boxes, which image, the images' shape).
static Values cropGradientByImage(Node &n) {
  std::optional<Ints> size = n.constantInts(3);
  if (!size)
    return {};
  if (n.rank(0) != 4 || n.rank(1) != 2 || n.shape(1)[1] != 4 || size->size() != 4 ||
      llvm::any_of(*size, [](int64_t entry) { return entry < 1; }))
    return n.mismatch("gradients must have rank 4, boxes 4 columns, and image_size 4 entries above 0");
  int64_t count = n.shape(0)[0], rows = n.shape(0)[1], columns = n.shape(0)[2], depth = n.shape(0)[3],
          height = (*size)[1], width = (*size)[2];
  Term y = cropPlaces(n, 1, 0, height, rows), x = cropPlaces(n, 1, 1, width, columns);
  Term isInside = (y >= 0) & (y <= static_cast<double>(height - 1)) & (x >= 0) & (x <= static_cast<double>(width - 1));
  Term image = reshape(convert(n(2), n.i32()), {count, 1, 1, 1});
  Value sum = n.b.splat({(*size)[0] * height * width, depth}, n.f32(), 0);
  auto give = [&](Term atY, Term atX, std::optional<Term> share) {
    Term place = (image * static_cast<double>(height) + convert(atY, n.i32())) * static_cast<double>(width) +
                 convert(atX, n.i32());
    Value places =
        n.b.reshape(n.b.broadcastTo(select(isInside, place, -1), {count, rows, columns, 1}), {count * rows * columns});
    sum =
        n.b.scatter(Combiner::Add, sum, places, reshape(share ? n(0) * *share : n(0), {count * rows * columns, depth}));
  };
  if (n.text("method") == "nearest") {
    give(floor(y + 0.5), floor(x + 0.5), std::nullopt);
  } else {
    Term lowY = floor(y), lowX = floor(x), shareY = y - lowY, shareX = x - lowX;
    give(lowY, lowX, (1.0 - shareY) * (1.0 - shareX));
    give(lowY, ceil(x), (1.0 - shareY) * shareX);
    give(ceil(y), lowX, shareY * (1.0 - shareX));
    give(ceil(y), ceil(x), shareY * shareX);
  }
  return {n.b.convert(n.b.reshape(sum, *size), n.type("T") ? n.type("T") : n.f32())};
}

/// The gradient by the boxes (operands: by the crops, images, boxes, which image): how the pixels around a place
/// differ, by how far its edges move it.
static Values cropGradientByBoxes(Node &n) {
  if (n.rank(0) != 4 || n.rank(1) != 4 || n.rank(2) != 2 || n.shape(2)[1] != 4 || product(n.shape(1)) == 0)
    return n.mismatch("gradients and images must have rank 4, images elements, and boxes 4 columns");
  int64_t count = n.shape(0)[0], rows = n.shape(0)[1], columns = n.shape(0)[2], height = n.shape(1)[1],
          width = n.shape(1)[2];
  Term y = cropPlaces(n, 2, 0, height, rows), x = cropPlaces(n, 2, 1, width, columns);
  Term isInside = (y >= 0) & (y <= static_cast<double>(height - 1)) & (x >= 0) & (x <= static_cast<double>(width - 1));
  Term images = convert({n.b, n.b.gather(n[1], n[3], 0)}, n.f32());
  auto indices = [&](Term places) {
    return reshape(convert(places, n.i32()),
                   {count, n.b.typeOf(places).getNumElements() / std::max<int64_t>(count, 1)});
  };
  auto corner = [&](Term atY, Term atX) -> Term {
    return {n.b, n.b.gather(n.b.gather(images, indices(atY), 1, 1), indices(atX), 2, 1)};
  };
  Term lowY = floor(y), lowX = floor(x), highY = ceil(y), highX = ceil(x), shareY = y - lowY, shareX = x - lowX;
  Term topLeft = corner(lowY, lowX), topRight = corner(lowY, highX), bottomLeft = corner(highY, lowX),
       bottomRight = corner(highY, highX);
  Term byY = (1.0 - shareX) * (bottomLeft - topLeft) + shareX * (bottomRight - topRight);
  Term byX = (1.0 - shareY) * (topRight - topLeft) + shareY * (bottomRight - bottomLeft);
  auto moved = [&](Term slope, int64_t d, int64_t to, int64_t size) {
    double last = static_cast<double>(size - 1);
    Term gradient = select(isInside, n(0) * slope, 0);
    Ints shape{1, 1, 1, 1};
    shape[d + 1] = to;
    Term share =
        to > 1 ? counting(n, shape, d + 1) / static_cast<double>(to - 1) : like(counting(n, shape, d + 1), 0.5);
    return std::pair(sumOf(gradient * (1.0 - share) * last, {1, 2, 3}), sumOf(gradient * share * last, {1, 2, 3}));
  };
  auto [top, bottom] = moved(byY, 0, rows, height);
  auto [left, right] = moved(byX, 1, columns, width);
  Values parts;
  for (Term part : {top, left, bottom, right})
    parts.push_back(reshape(part, {count, 1}));
  return {n.b.concat(parts, 1)};
}

ArrayRef<LegalizationRow> legalize::imageTransformRows() {
  static constexpr LegalizationRow rows[] = {
      {"CropAndResizeGradBoxes", cropGradientByBoxes},     {"CropAndResizeGradImage", cropGradientByImage},
      {"ImageProjectiveTransformV2", projectiveTransform}, {"ImageProjectiveTransformV3", projectiveTransform},
      {"ScaleAndTranslate", scaleAndTranslate<false>},     {"ScaleAndTranslateGrad", scaleAndTranslate<true>},
  };
  return rows;
}
