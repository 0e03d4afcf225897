// SPDX-License-Identifier: Apache-2.0
// Loops: what they carry, how often they run, and lists that grow in them.
#include "passes/legalize/GraphLegalizer.h"

using namespace mlir;
using namespace lathe;
using namespace lathe::legalize;

namespace lathe::legalize {
/// A value that a loop carries, at first as it comes in.
struct Carried {
  unsigned number; ///< among the loop's values
  Value initial;   ///< in the graph
  Value init;      ///< null where it is a list of which no element, or only one constant, is known
  Value count;     ///< where only a number of its rows is meant, or may be after a round
  EmptyList list;  ///< such a list
};

/// How often the body of a loop runs.
struct Trips {
  int64_t most;
  bool isExact; ///< always that often
};
} // namespace lathe::legalize

/// The carried values that results, what must run, or the number of rounds, depend on.
llvm::BitVector GraphLegalizer::neededCarried(gdef::WhileOp loop) {
  Block &body = loop.getBody().front();
  llvm::BitVector needed = argumentsReached(loop.getCond().front(), yieldOf(loop.getCond()).getValues());
  for (auto [i, output] : llvm::enumerate(loop.getOutputs()))
    if (!output.use_empty())
      needed.set(i);
  for (size_t before = ~size_t(0); before != needed.count();) {
    before = needed.count();
    SmallVector<Value> next;
    for (unsigned i : needed.set_bits())
      next.push_back(yieldOf(loop.getBody()).getValues()[i]);
    needed |= argumentsReached(body, next);
  }
  return needed;
}

void GraphLegalizer::legalizeWhile(gdef::WhileOp loop) {
  SmallVector<Carried> carried;
  SmallVector<Value> initial;
  llvm::BitVector needed = neededCarried(loop);
  for (unsigned i : needed.set_bits())
    initial.push_back(carried.emplace_back(Carried{i, loop.getInits()[i], {}, {}, {}}).initial);
  if (!checkRead(loop, initial)) {
    loop->walk([&](gdef::NodeOp node) { checkNode(node); });
    return;
  }
  for (Carried &value : carried) {
    value.init = values.lookup(value.initial);
    value.count = counts.lookup(value.initial);
    value.list = lists.lookup(value.initial);
  }
  // What the body makes of a value can show that it must come in in another form; then the body is legalised again.
  for (bool learned = true; learned;) {
    Region cond, body;
    if (!legalizeRounds(loop, carried, cond, body)) {
      failedNodes.insert(loop);
      return;
    }
    std::optional<Trips> trips = findTrips(loop, carried, cond, body);
    learned = false;
    for (Carried &value : carried) {
      std::optional<bool> changed = adapt(loop, value, trips);
      if (!changed) {
        failedNodes.insert(loop);
        return;
      }
      learned |= *changed;
    }
    if (!learned)
      finishLoop(loop, carried, trips, cond, body);
  }
}

/// Legalises condition and body for carried values of the forms that come in.
bool GraphLegalizer::legalizeRounds(gdef::WhileOp loop, ArrayRef<Carried> carried, Region &cond, Region &body) {
  for (auto [from, to] : {std::pair(&loop.getCond(), &cond), std::pair(&loop.getBody(), &body)}) {
    Block &block = to->emplaceBlock();
    for (const Carried &value : carried) {
      BlockArgument argument = from->getArgument(value.number);
      if (!value.init) {
        setList(argument, value.list);
        continue;
      }
      Value inside = block.addArgument(value.init.getType(), argument.getLoc());
      Value count = value.count ? block.addArgument(value.count.getType(), argument.getLoc()) : Value();
      setValue(argument, inside, count);
    }
  }
  SmallVector<Value> next;
  for (const Carried &value : carried)
    next.push_back(yieldOf(loop.getBody()).getValues()[value.number]);
  bool condMade = legalizeRegion(loop.getCond(), yieldOf(loop.getCond()).getValues(), cond);
  return legalizeRegion(loop.getBody(), next, body) && condMade;
}

//===--- trips
//-------------------------------------------------------------------------------------------------------===//

/// By how much `next` is larger than `argument`, where that is known.
static std::optional<int64_t> stepOf(Value next, Value argument) {
  int64_t step = 0;
  while (next != argument) {
    Operation *op = next.getDefiningOp();
    if (op && isa<core::ReshapeOp>(op)) {
      next = op->getOperand(0);
      continue;
    }
    if (!op || !isa<core::AddOp, core::SubOp>(op))
      return std::nullopt;
    std::optional<SmallVector<int64_t>> left = core::CheckedBuilder::integersOf(op->getOperand(0)),
                                        right = core::CheckedBuilder::integersOf(op->getOperand(1));
    bool adds = isa<core::AddOp>(op);
    if (!right && !(left && adds))
      return std::nullopt;
    const SmallVector<int64_t> &known = right ? *right : *left;
    if (known.size() != 1)
      return std::nullopt;
    step += adds ? known.front() : -known.front();
    next = op->getOperand(right ? 0 : 1);
  }
  return step;
}

static core::Comparison mirrored(core::Comparison direction) {
  switch (direction) {
  case core::Comparison::LT:
    return core::Comparison::GT;
  case core::Comparison::LE:
    return core::Comparison::GE;
  case core::Comparison::GT:
    return core::Comparison::LT;
  case core::Comparison::GE:
    return core::Comparison::LE;
  default:
    return direction;
  }
}

/// How many of first, first + step, ... in a row compare to `limit` so; none where that is not finite or not known.
static std::optional<int64_t> countWhile(core::Comparison direction, int64_t first, int64_t step, int64_t limit) {
  constexpr int64_t largest = int64_t(1) << 40;
  if (std::max({std::abs(first), std::abs(step), std::abs(limit)}) > largest)
    return std::nullopt;
  bool ascends = direction == core::Comparison::LT || direction == core::Comparison::LE;
  bool includes = direction == core::Comparison::LE || direction == core::Comparison::GE;
  if (!ascends && direction != core::Comparison::GT && direction != core::Comparison::GE)
    return std::nullopt;
  int64_t distance = ascends ? limit - first : first - limit, stride = ascends ? step : -step;
  if (distance < 0 || (distance == 0 && !includes))
    return 0;
  if (stride <= 0)
    return std::nullopt;
  return includes ? distance / stride + 1 : (distance + stride - 1) / stride;
}

/// Counters that the condition compares with constants bound the rounds; where it asks nothing else, it is their
/// number.
std::optional<Trips> GraphLegalizer::findTrips(gdef::WhileOp loop, ArrayRef<Carried> carried, Region &cond,
                                               Region &body) {
  std::optional<Trips> trips;
  bool knowsAll = true;
  auto isOf = [](Value value, Region &region) {
    auto argument = dyn_cast<BlockArgument>(value);
    return argument && argument.getOwner() == &region.front();
  };
  auto bound = [&](core::CompareOp compare) -> std::optional<int64_t> {
    Value counter = compare.getLhs(), limit = compare.getRhs();
    core::Comparison direction = compare.getDirection();
    if (!isOf(counter, cond)) {
      std::swap(counter, limit);
      direction = mirrored(direction);
    }
    std::optional<SmallVector<int64_t>> last = core::CheckedBuilder::integersOf(limit);
    if (!isOf(counter, cond) || !last || last->size() != 1)
      return std::nullopt;
    unsigned place = cast<BlockArgument>(counter).getArgNumber();
    for (const Carried &value : carried) {
      BlockArgument argument = loop.getBody().getArgument(value.number);
      Value inside = values.lookup(argument);
      if (!inside || !isOf(inside, body) || cast<BlockArgument>(inside).getArgNumber() != place)
        continue;
      std::optional<SmallVector<int64_t>> first = core::CheckedBuilder::integersOf(value.init);
      Value next = values.lookup(yieldOf(loop.getBody()).getValues()[value.number]);
      std::optional<int64_t> step = next ? stepOf(next, inside) : std::nullopt;
      return first && step ? countWhile(direction, first->front(), *step, last->front()) : std::nullopt;
    }
    return std::nullopt;
  };
  SmallVector<Value> open{values.lookup(yieldOf(loop.getCond()).getValues().front())};
  while (!open.empty()) {
    Value predicate = open.pop_back_val();
    if (auto both = predicate.getDefiningOp<core::AndOp>()) {
      open.append({both.getLhs(), both.getRhs()});
      continue;
    }
    auto compare = predicate.getDefiningOp<core::CompareOp>();
    std::optional<int64_t> most = compare ? bound(compare) : std::nullopt;
    if (!most)
      knowsAll = false;
    else if (!trips || *most < trips->most)
      trips = {*most, true};
  }
  if (trips)
    trips->isExact = knowsAll;
  return trips;
}

//===--- what is carried
//---------------------------------------------------------------------------------------------===//

static bool differsInRowsOnly(RankedTensorType x, RankedTensorType y) {
  return x.getElementType() == y.getElementType() && x.getRank() == y.getRank() && x.getRank() > 0 &&
         x.getShape().drop_front() == y.getShape().drop_front();
}

/// Gives `carried` another form where what the body makes of it asks for one, and says whether it did; none after a
/// report.
std::optional<bool> GraphLegalizer::adapt(gdef::WhileOp loop, Carried &carried, std::optional<Trips> trips) {
  Value next = yieldOf(loop.getBody()).getValues()[carried.number], result = values.lookup(next),
        count = counts.lookup(next);
  if (!result && !carried.init) {
    // Each round may push the same constant.
    EmptyList list = lists.lookup(next);
    bool grows =
        list.row && list.length != carried.list.length && (carried.list.row == list.row || carried.list.length == 0);
    if (grows)
      carried.list = {EmptyList::unknown, list.element, list.most, list.row};
    return grows;
  }
  if (!result)
    return false;
  bool isList = isa<gdef::VariantType>(getElementTypeOrSelf(loop.getInits()[carried.number].getType()));
  core::CheckedBuilder b(builder, loop.getLoc());
  RankedTensorType type = b.typeOf(result);
  auto counter = [&](int64_t rows) { return b.scalar(builder.getI64Type(), static_cast<double>(rows)); };
  // The rows that a list has room for, which is longer by `growth` after each round.
  auto room = [&](int64_t rows, int64_t growth, int64_t most) -> std::optional<int64_t> {
    if (growth <= 0)
      return rows;
    constexpr int64_t mostRows = int64_t(1) << 40;
    if (trips && trips->most <= mostRows / growth)
      return most < 0 ? rows + trips->most * growth : std::min(most, rows + trips->most * growth);
    if (most >= 0)
      return most;
    report(loop.getLoc(), Code::UnboundedList,
           "a list is longer by " + Twine(growth) +
               " after each round, but how often the loop runs at most is not known");
    return std::nullopt;
  };
  if (!carried.init) {
    const EmptyList &list = carried.list;
    if (list.length == EmptyList::none) {
      carried.init = materialize(loop.getLoc(), type);
      return true;
    }
    std::optional<int64_t> rows = room(list.length, type.getDimSize(0) - list.length, list.most);
    if (!rows)
      return std::nullopt;
    if (count || type.getDimSize(0) != list.length)
      carried.count = counter(list.length);
    carried.init = padRows(b, elementsOf(b, list, type), *rows);
    return carried.init ? std::optional(true) : std::nullopt;
  }
  RankedTensorType form = b.typeOf(carried.init);
  if (form == type && (carried.count || !count))
    return false;
  bool mayDiffer = differsInRowsOnly(form, type) && (isList || count || carried.count);
  int64_t had = mayDiffer ? form.getDimSize(0) : 0, has = mayDiffer ? type.getDimSize(0) : 0;
  if (!mayDiffer || (carried.count && has > had)) {
    report(loop.getLoc(), Code::DataDependentShape,
           "a value that a loop carries must keep its shape, but " + text(form) + " becomes " + text(type));
    return std::nullopt;
  }
  if (carried.count)
    return false;
  std::optional<int64_t> rows = isList ? room(had, has - had, -1) : std::max(had, has);
  if (!rows)
    return std::nullopt;
  carried.init = padRows(b, carried.init, *rows);
  carried.count = counter(had);
  return true;
}

/// Makes the loop of what `legalizeRounds` has filled its regions with.
void GraphLegalizer::finishLoop(gdef::WhileOp loop, ArrayRef<Carried> carried, std::optional<Trips> trips, Region &cond,
                                Region &body) {
  SmallVector<Value> inits, next;
  Value again = values.lookup(yieldOf(loop.getCond()).getValues().front());
  for (const Carried &value : carried) {
    if (!value.init)
      continue;
    Value yielded = yieldOf(loop.getBody()).getValues()[value.number];
    inits.push_back(value.init);
    next.push_back(inForm(body, yielded, core::CheckedBuilder::typeOf(value.init)));
    if (!next.back()) {
      failedNodes.insert(loop);
      return;
    }
    if (value.count) {
      inits.push_back(value.count);
      next.push_back(countIn(body, yielded));
    }
  }
  auto op = core::WhileOp::create(builder, loop.getLoc(), ValueRange(inits).getTypes(), inits);
  SmallVector<std::optional<int64_t>> steps;
  for (auto [argument, value] : llvm::zip_equal(body.getArguments(), next))
    steps.push_back(isa<IntegerType>(getElementTypeOrSelf(value.getType())) ? stepOf(value, argument) : std::nullopt);
  op.getCond().takeBody(cond);
  op.getBody().takeBody(body);
  {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToEnd(&op.getCond().front());
    core::YieldOp::create(builder, loop.getLoc(), truthOf(loop.getLoc(), again));
  }
  yield(op.getBody(), loop.getLoc(), next);
  unsigned result = 0;
  core::CheckedBuilder b(builder, loop.getLoc());
  for (const Carried &value : carried) {
    Value output = loop.getOutputs()[value.number];
    if (!value.init) {
      setList(output, value.list);
      continue;
    }
    Value rows = op.getResult(result++), count;
    if (value.count) {
      // Where each round changes the number by as much, the number of rounds says what it is in the end.
      std::optional<int64_t> step = trips && trips->isExact ? steps[result] : std::nullopt;
      count = op.getResult(result++);
      if (step)
        count = Term(b, value.count) + static_cast<double>(trips->most * *step);
      std::optional<SmallVector<int64_t>> known = b.integersOf(count);
      if (known && known->front() == b.shapeOf(rows).front())
        count = {};
    }
    setValue(output, rows, count);
  }
}
