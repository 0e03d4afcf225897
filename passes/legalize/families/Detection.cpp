// SPDX-License-Identifier: Apache-2.0
// The import table: boxes chosen one after the other, the best first, each suppressing those that overlap it.
#include "passes/legalize/Rows.h"
#include "passes/legalize/Table.h"
#include <limits>

using namespace mlir;
using namespace lathe;
using namespace lathe::core;
using namespace lathe::legalize;

namespace {
/// How an operation of the family suppresses.
struct Suppression {
  Term overlapThreshold;     ///< overlaps above it suppress
  Term scoreThreshold;       ///< boxes of this score and below are never chosen
  std::optional<Term> scale; ///< soft: scores are multiplied by exp(scale * overlap^2) instead
};

/// The chosen boxes: places, scores, and how many.
struct Chosen {
  Term places, scores, count;
};
} // namespace

/// Element `i` of a vector as a scalar.
static Term elementAt(Term vector, Term i) {
  core::CheckedBuilder &b = *vector.b;
  return reshape({b, b.gather(vector, b.reshape(i, {1}), 0)}, {});
}

/// Intersection over union of box `i` with each of `boxes` [n, 4], corners in any order; 0 where a box has no area.
static Term overlapsWith(Term boxes, Term i) {
  core::CheckedBuilder &b = *boxes.b;
  int64_t size = b.shapeOf(boxes)[0];
  auto column = [&](int64_t c) { return reshape({b, sliceAlong(b, boxes, 1, c, 1)}, {size}); };
  Term y0 = min(column(0), column(2)), x0 = min(column(1), column(3)), y1 = max(column(0), column(2)), x1 = max(column(1), column(3));
  Term area = (y1 - y0) * (x1 - x0), ownArea = elementAt(area, i);
  Term height = max(min(y1, elementAt(y1, i)) - max(y0, elementAt(y0, i)), 0.0);
  Term width = max(min(x1, elementAt(x1, i)) - max(x0, elementAt(x0, i)), 0.0);
  Term common = height * width;
  Term overlap = common / (area + ownArea - common);
  return select((area <= 0) | (ownArea <= 0), 0.0, overlap);
}

/// Begins a region of a loop that carries values of the types of `inits`, and gives those.
static SmallVector<Term> enterRegion(core::CheckedBuilder &b, Region &region, ArrayRef<Value> inits) {
  Block &block = region.emplaceBlock();
  for (Value init : inits)
    block.addArgument(init.getType(), b.loc);
  b.builder.setInsertionPointToStart(&block);
  return llvm::map_to_vector(block.getArguments(), [&](Value value) { return Term(b, value); });
}

/// Chooses at most `most` of the boxes whose overlap with box `i` is `overlaps(i)`.
static Chosen choose(Node &n, Term scores, int64_t most, const Suppression &how, llvm::function_ref<Term(Term)> overlaps) {
  core::CheckedBuilder &b = n.b;
  Type element = b.elementOf(scores);
  double lowest = -APFloat::getLargest(cast<FloatType>(element).getFloatSemantics()).convertToDouble();
  Term left = select(scores > how.scoreThreshold, scores, lowest);
  SmallVector<Value> inits{b.scalar(n.i32(), 0), left, b.splat({most}, n.i32(), 0), b.splat({most}, element, 0)};
  auto loop = WhileOp::create(b.builder, b.loc, ValueRange(inits).getTypes(), inits);
  OpBuilder::InsertionGuard guard(b.builder);
  SmallVector<Term> carried = enterRegion(b, loop.getCond(), inits);
  Term best{b, b.reduce(Combiner::Max, carried[1], {0})};
  YieldOp::create(b.builder, b.loc, Value((carried[0] < most) & (best > lowest)));

  carried = enterRegion(b, loop.getBody(), inits);
  Term count = carried[0], place{b, b.argReduce(Combiner::Max, carried[1], 0, n.i32())};
  Term score = elementAt(carried[1], place), overlap = overlaps(place);
  auto put = [&](Term list, Term value) { return b.scatter(Combiner::Set, list, b.reshape(count, {1}), b.reshape(value, {1})); };
  Value places = put(carried[2], place), chosenScores = put(carried[3], score);
  Term next = select(overlap > how.overlapThreshold, lowest, carried[1]);
  if (how.scale) {
    Term weighted = carried[1] * exp(*how.scale * overlap * overlap);
    next = select(carried[1] > lowest, select(weighted > how.scoreThreshold, weighted, lowest), lowest);
  }
  Term isPlace = equal(Term(b, b.iota(b.shapeOf(scores), n.i32(), 0)), place);
  YieldOp::create(b.builder, b.loc,
                  ValueRange{count + 1, select(isPlace, lowest, next), places, chosenScores});
  return {{b, loop.getResult(2)}, {b, loop.getResult(3)}, {b, loop.getResult(0)}};
}

/// Chooses by the operands of the node; what version it is says where thresholds come from.
static std::optional<Chosen> chooseBoxes(Node &n, std::optional<double> givenOverlap, bool hasScoreThreshold, bool isSoft,
                                         bool overlapsGiven) {
  bool fits = n.rank(0) == 2 && n.rank(1) == 1 && n.shape(0)[0] == n.shape(1)[0] &&
              n.shape(0)[1] == (overlapsGiven ? n.shape(1)[0] : 4);
  if (!fits) {
    n.mismatch("operands must be a matrix of boxes (or of their overlaps) and a vector of a score a box");
    return std::nullopt;
  }
  std::optional<int64_t> given = n.constantInt(2);
  if (!given)
    return std::nullopt;
  Term scores = n(1);
  Type element = n.element(1);
  double lowest = -APFloat::getLargest(cast<FloatType>(element).getFloatSemantics()).convertToDouble();
  int64_t most = std::clamp<int64_t>(*given, 0, n.shape(1)[0]);
  if (most == 0)
    return Chosen{{n.b, n.b.splat({0}, n.i32(), 0)}, {n.b, n.b.splat({0}, element, 0)}, {n.b, n.b.scalar(n.i32(), 0)}};
  auto number = [&](std::optional<double> value, size_t operand) {
    return value ? Term(n.b, n.b.scalar(element, *value)) : convert(n(operand), element);
  };
  Suppression how{number(givenOverlap, 3), hasScoreThreshold ? number({}, 4) : number(lowest, 0), std::nullopt};
  if (isSoft)
    if (ElementsAttr sigma = n.b.constantOf(n[5]); !sigma || sigma.getNumElements() != 1 ||
                                                   cast<DenseElementsAttr>(sigma).getValues<APFloat>()[0].isNonZero())
      how.scale = -0.5 / number({}, 5);
  auto overlaps = [&](Term i) {
    if (!overlapsGiven)
      return overlapsWith(n(0), i);
    return reshape({n.b, n.b.gather(n[0], n.b.reshape(i, {1}), 0)}, n.shape(1));
  };
  return choose(n, scores, most, how, overlaps);
}

/// `x` with zeros up to the size that operand 2 says.
static Value padded(Node &n, Term x) {
  int64_t size = std::max<int64_t>(*n.constantInt(2), 0);
  return n.b.pad(x, n.b.scalar(n.b.elementOf(x), 0), {0}, {size - n.b.shapeOf(x)[0]});
}

static Values counted(Node &n, const std::optional<Chosen> &chosen) {
  if (!chosen)
    return {};
  n.resultCounts[0] = convert(chosen->count, n.i64());
  return {chosen->places};
}

/// Versions that can pad: places, with `isSoft` scores, and how many are chosen.
static Values perhapsPadded(Node &n, bool isSoft) {
  std::optional<Chosen> chosen = chooseBoxes(n, {}, true, isSoft, false);
  if (!chosen)
    return {};
  Values results{chosen->places};
  if (isSoft)
    results.push_back(chosen->scores);
  bool pads = n.flag("pad_to_max_output_size");
  for (unsigned i = 0; i < results.size(); ++i)
    if (pads)
      results[i] = padded(n, {n.b, results[i]});
    else
      n.resultCounts[i] = convert(chosen->count, n.i64());
  results.push_back(chosen->count);
  return results;
}

namespace {
/// Boxes of all images and classes, a row each: their corners in order, [rows, boxes].
struct BoxRows {
  Term y0, x0, y1, x1, area;

  /// Intersection over union of the box at `places` of each row with the others of the row; 0 where a box has no area.
  Term overlapsWith(Term places) const {
    core::CheckedBuilder &b = *area.b;
    auto own = [&](Term x) { return reshape({b, b.gather(x, places, 1, 1)}, {b.shapeOf(places)[0], 1}); };
    Term common = max(min(y1, own(y1)) - max(y0, own(y0)), 0.0) * max(min(x1, own(x1)) - max(x0, own(x0)), 0.0);
    return select((area <= 0) | (own(area) <= 0), 0.0, common / (area + own(area) - common));
  }
};
} // namespace

/// The best of all classes of each image (operands: boxes [images, boxes, classes or 1, 4], scores [images, boxes,
/// classes], sizes, thresholds). In each round the best box of each class suppresses others of its class; the best of
/// all classes remain.
static Values combinedSuppression(Node &n) {
  core::CheckedBuilder &b = n.b;
  std::optional<int64_t> perClass = n.constantInt(2), total = n.constantInt(3);
  if (!perClass || !total)
    return {};
  if (n.rank(0) != 4 || n.rank(1) != 3 || n.shape(0)[3] != 4 || n.shape(0).take_front(2) != n.shape(1).take_front(2) ||
      (n.shape(0)[2] != 1 && n.shape(0)[2] != n.shape(1)[2]) || product(n.shape(1)) == 0 || *perClass < 1 || *total < 1)
    return n.mismatch(
        "boxes must have rank 4, scores rank 3 and elements, of the same images and boxes, and sizes must be above 0");
  int64_t images = n.shape(1)[0], boxes = n.shape(1)[1], classes = n.shape(1)[2], rows = images * classes;
  int64_t most = std::min(*perClass, boxes), found = most * classes, kept = std::min(*total, found);
  double lowest = -APFloat::getLargest(cast<FloatType>(n.f32()).getFloatSemantics()).convertToDouble();
  auto corner = [&](int64_t i) {
    Value side = b.transpose(b.reshape(sliceAlong(b, n[0], 3, i, 1), n.shape(0).drop_back()), {0, 2, 1});
    return reshape({b, b.broadcastTo(side, {images, classes, boxes})}, {rows, boxes});
  };
  Term top = corner(0), left = corner(1), bottom = corner(2), right = corner(3);
  BoxRows box{min(top, bottom), min(left, right), max(top, bottom), max(left, right), top};
  box.area = (box.y1 - box.y0) * (box.x1 - box.x0);
  Term scores = reshape({b, b.transpose(n[1], {0, 2, 1})}, {rows, boxes});
  Term open = select(scores > n(5), scores, lowest);
  if (!open.value || !box.area.value)
    return {};
  SmallVector<Value> inits{b.scalar(n.i32(), 0), open, b.splat({most, rows}, n.i32(), 0),
                           b.splat({most, rows}, n.f32(), lowest)};
  auto loop = WhileOp::create(b.builder, b.loc, ValueRange(inits).getTypes(), inits);
  {
    OpBuilder::InsertionGuard guard(b.builder);
    SmallVector<Term> carried = enterRegion(b, loop.getCond(), inits);
    Term best{b, b.reduce(Combiner::Max, carried[1], {0, 1})};
    YieldOp::create(b.builder, b.loc, Value((carried[0] < static_cast<double>(most)) & (best > lowest)));
    carried = enterRegion(b, loop.getBody(), inits);
    Term places{b, b.argReduce(Combiner::Max, carried[1], 1, n.i32())},
        score{b, b.reduce(Combiner::Max, carried[1], {1})};
    Term isPlace = equal(Term(b, b.iota({rows, boxes}, n.i32(), 1)), reshape(places, {rows, 1}));
    Term next = select(isPlace | (box.overlapsWith(places) > n(4)), lowest, carried[1]);
    auto put = [&](Term list, Term row) {
      return b.scatter(Combiner::Set, list, b.reshape(carried[0], {1}), b.reshape(row, {1, rows}));
    };
    Value allPlaces = put(carried[2], places), allScores = put(carried[3], score);
    YieldOp::create(b.builder, b.loc, ValueRange{carried[0] + 1, next, allPlaces, allScores});
  }
  // By class, then by round, so that of equal scores the first class comes first.
  auto byImage = [&](Value list) {
    return b.reshape(b.transpose(b.reshape(list, {most, images, classes}), {1, 2, 0}), {images, found});
  };
  auto [sorted, order] = b.sort(byImage(loop.getResult(3)), 1, /*descending=*/true, n.i32());
  Term best{b, sliceAlong(b, sorted, 1, 0, kept)}, from{b, sliceAlong(b, order, 1, 0, kept)}, isFound = best > lowest;
  Term number = from / static_cast<double>(most), place{b, b.gather(byImage(loop.getResult(2)), from, 1, 1)};
  Term flat = n.shape(0)[2] == 1 ? place : place * static_cast<double>(classes) + number;
  Term chosen{b, b.gather(b.reshape(n[0], {images, boxes * n.shape(0)[2], 4}), flat, 1, 1)};
  auto clips = n.attribute<BoolAttr>("clip_boxes");
  if (!clips || clips.getValue())
    chosen = max(min(chosen, 1), 0);
  int64_t size = n.flag("pad_per_class") ? std::min(*total, *perClass * classes) : *total;
  auto filled = [&](Term x, Term isMeant) {
    Ints none(b.typeOf(x).getRank(), 0), high = none;
    high[1] = size - kept;
    return b.pad(select(isMeant, x, 0), b.scalar(b.elementOf(x), 0), none, high);
  };
  return {filled(chosen, reshape(isFound, {images, kept, 1})), filled(best, isFound),
          filled(convert(number, n.f32()), isFound), sumOf(convert(isFound, n.i32()), {1})};
}

ArrayRef<LegalizationRow> legalize::detectionRows() {
  static constexpr LegalizationRow rows[] = {
      {"CombinedNonMaxSuppression", combinedSuppression},
      {"NonMaxSuppression",
       [](Node &n) { return counted(n, chooseBoxes(n, n.number("iou_threshold", 0.5), false, false, false)); }},
      {"NonMaxSuppressionV2", [](Node &n) { return counted(n, chooseBoxes(n, {}, false, false, false)); }},
      {"NonMaxSuppressionV3", [](Node &n) { return counted(n, chooseBoxes(n, {}, true, false, false)); }},
      {"NonMaxSuppressionV4", [](Node &n) { return perhapsPadded(n, false); }},
      {"NonMaxSuppressionV5", [](Node &n) { return perhapsPadded(n, true); }},
      {"NonMaxSuppressionWithOverlaps", [](Node &n) { return counted(n, chooseBoxes(n, {}, true, false, true)); }},
  };
  return rows;
}
