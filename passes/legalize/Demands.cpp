// SPDX-License-Identifier: Apache-2.0
// What nodes demand of values that only a run knows.
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "passes/legalize/Rows.h"
#include <limits>

using namespace mlir;
using namespace lathe;
using namespace lathe::core;
using namespace lathe::legalize;

namespace {
/// The smallest and the largest value that an element can have.
struct Range {
  int64_t low, high;
};
} // namespace

/// What follows from how `x`, a tensor of integers, is made; none where nothing does.
static std::optional<Range> rangeOf(Value x, int steps = 32) {
  Operation *op = x.getDefiningOp();
  if (!op || steps == 0 || !isa<IntegerType>(CheckedBuilder::elementOf(x)))
    return std::nullopt;
  if (isa<ReshapeOp, TransposeOp, BroadcastOp, SliceOp, DynamicSliceOp, ReverseOp, GatherOp>(op))
    return rangeOf(op->getOperand(0), steps - 1);
  if (isa<SortOp, ArgReduceOp>(op) && cast<OpResult>(x).getResultNumber() == op->getNumResults() - 1) {
    auto sort = dyn_cast<SortOp>(op);
    int64_t dimension = sort ? sort.getDimension() : cast<ArgReduceOp>(op).getDimension();
    return Range{0, std::max<int64_t>(CheckedBuilder::shapeOf(op->getOperand(0))[dimension], 1) - 1};
  }
  if (auto iota = dyn_cast<IotaOp>(op))
    return Range{0, std::max<int64_t>(iota.getType().getDimSize(iota.getDimension()), 1) - 1};
  if (isa<ConvertOp>(op)) {
    // A wider type keeps the value, and so does a narrower one that has it.
    std::optional<Range> range = rangeOf(op->getOperand(0), steps - 1);
    unsigned width = CheckedBuilder::elementOf(x).getIntOrFloatBitWidth();
    bool fits = range && range->low >= 0 && (width > 62 || range->high < int64_t(1) << (width - 1));
    return fits ? range : std::nullopt;
  }
  if (isa<MinOp, MaxOp>(op)) {
    std::optional<Range> one = rangeOf(op->getOperand(0), steps - 1), other = rangeOf(op->getOperand(1), steps - 1);
    constexpr Range any{std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max()};
    Range a = one.value_or(any), b = other.value_or(any);
    return isa<MinOp>(op) ? Range{std::min(a.low, b.low), std::min(a.high, b.high)}
                          : Range{std::max(a.low, b.low), std::max(a.high, b.high)};
  }
  constexpr int64_t mostElements = 4096;
  if (op->hasTrait<OpTrait::ConstantLike>() && CheckedBuilder::typeOf(x).getNumElements() <= mostElements)
    if (std::optional<Ints> values = CheckedBuilder::integersOf(x); values && !values->empty())
      return Range{*llvm::min_element(*values), *llvm::max_element(*values)};
  return std::nullopt;
}

/// Makes `predicate`, a scalar, the condition under which the run goes on.
static void addCheck(Node &n, Value predicate, const Twine &message, Value place = {}, Value elements = {}) {
  if (!predicate)
    return;
  std::optional<Ints> known = n.b.integersOf(predicate);
  if (known && known->front())
    return;
  std::optional<Ints> knownPlace = place ? n.b.integersOf(place) : std::nullopt;
  std::optional<Ints> values = elements ? n.b.integersOf(elements) : std::nullopt;
  // Regions that are being made belong to no op yet.
  Operation *around = n.b.builder.getInsertionBlock()->getParentOp();
  if (known && around && isa<func::FuncOp>(around)) {
    bool detailed = knownPlace && values;
    n.refuse(detailed
                 ? checkText(message.str(), n.b.shapeOf(elements), knownPlace->front(), (*values)[knownPlace->front()])
                 : message.str());
    return;
  }
  SmallVector<Value> details;
  if (place)
    details = {place, elements};
  CheckOp::create(n.b.builder, n.b.loc, predicate, message.str(), details);
}

void Node::demand(Value holds, const Twine &message) {
  if (!makesDemands() || !holds)
    return;
  int64_t rank = b.typeOf(holds).getRank();
  addCheck(*this, rank ? b.reduce(Combiner::And, holds, upTo(rank)) : holds, message);
}

void Node::demandEach(Value holds, Value elements, const Twine &message) {
  if (!makesDemands() || !holds || !elements)
    return;
  int64_t count = product(b.shapeOf(holds));
  if (count == 0)
    return;
  if (count == 1)
    return addCheck(*this, b.reshape(holds, {}), message, b.scalar(i64(), 0), elements);
  constexpr int64_t mostNarrow = std::numeric_limits<int32_t>::max();
  Type index = count <= mostNarrow ? i32() : i64();
  double none = static_cast<double>(count);
  Term flat = reshape({b, holds}, {count}), places{b, b.iota({count}, index, 0)};
  Term first{b, b.reduce(Combiner::Min, select(flat, none, places), {0})};
  // The place is read only where there is one.
  addCheck(*this, equal(first, none), message, convert(first, i64()), elements);
}

Term Node::whereMeant(size_t i, Term holds) {
  Value valid = validRows(i);
  if (!valid)
    return holds;
  Ints column(rank(i), 1);
  column.front() = shape(i).front();
  return holds | !reshape({b, valid}, column);
}

void Node::demandIndices(size_t i, int64_t bound, StringRef what) {
  if (!makesDemands())
    return;
  std::optional<Range> range = rangeOf(inputs[i]);
  if (range && range->low >= 0 && range->high < bound)
    return;
  Term index = (*this)(i);
  constexpr unsigned leastWidth = 32; // A narrower type may not have the bound.
  if (element(i).getIntOrFloatBitWidth() < leastWidth)
    index = convert(index, i64());
  Term inside = (index >= 0) & (index < static_cast<double>(bound));
  demandEach(whereMeant(i, inside), index, what + "[%p] = %v is not in [0, " + Twine(bound) + ")");
}
