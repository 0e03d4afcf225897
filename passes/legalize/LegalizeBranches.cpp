// SPDX-License-Identifier: Apache-2.0
// Branches, and the forms that values take on their way out of branches and loops.
#include "passes/legalize/GraphLegalizer.h"

using namespace mlir;
using namespace lathe;
using namespace lathe::legalize;

/// `condition` as TensorFlow's If has it, as a scalar of type i1.
Value GraphLegalizer::truthOf(Location loc, Value condition) {
  core::CheckedBuilder b(builder, loc);
  if (b.typeOf(condition).getRank() != 0)
    return b.scalar(builder.getI1Type(), b.typeOf(condition).getNumElements() > 0);
  return b.elementOf(condition).isInteger(1) ? condition
                                             : b.compare(core::Comparison::NE, condition, b.splatLike(condition, 0));
}

/// A value of zeros for a list, now that the type of the tensor that has its elements is known.
Value GraphLegalizer::materialize(Location loc, RankedTensorType type) {
  return core::CheckedBuilder(builder, loc).splat(type.getShape(), type.getElementType(), 0);
}

/// `x` with zeros behind its rows, so that there are `rows`.
Value GraphLegalizer::padRows(core::CheckedBuilder &b, Value x, int64_t rows) {
  if (!x)
    return x;
  Ints low(b.typeOf(x).getRank(), 0), high = low;
  if (low.empty() || b.shapeOf(x).front() == rows)
    return x;
  high.front() = rows - b.shapeOf(x).front();
  return b.pad(x, b.scalar(b.elementOf(x), 0), low, high);
}

/// `value`, as it is known at the end of `region`, as a tensor of type `form`; a list without elements becomes zeros.
Value GraphLegalizer::inForm(Region &region, Value value, RankedTensorType form) {
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToEnd(&region.front());
  core::CheckedBuilder b(builder, value.getLoc());
  Value known = values.lookup(value);
  if (!known)
    known = elementsOf(b, lists.lookup(value), form);
  return padRows(b, known, form.getRank() ? form.getDimSize(0) : 0);
}

/// The elements of `list`, as rows like those of `form`; null after a report.
Value GraphLegalizer::elementsOf(core::CheckedBuilder &b, const EmptyList &list, RankedTensorType form) {
  if (list.length == EmptyList::unknown) {
    report(b.loc, Code::UnsupportedForm,
           "a list of constants whose length is not known, beside a list of other values");
    return {};
  }
  if (list.length == EmptyList::none)
    return materialize(b.loc, form);
  Ints shape = withLength(list.length, form.getShape().drop_front());
  return list.row ? b.broadcastTo(b.constant(list.row), shape) : b.splat(shape, form.getElementType(), 0);
}

/// How many rows of `value` are meant, as it is known at the end of `region`.
Value GraphLegalizer::countIn(Region &region, Value value) {
  if (Value count = counts.lookup(value))
    return count;
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToEnd(&region.front());
  core::CheckedBuilder b(builder, value.getLoc());
  return b.scalar(builder.getI64Type(), static_cast<double>(rowsOf(value)));
}

/// The number of rows that `value` has place for.
int64_t GraphLegalizer::rowsOf(Value value) {
  Value known = values.lookup(value);
  return known ? core::CheckedBuilder::shapeOf(known).front() : lists.lookup(value).length;
}

/// Legalises what `region` yields into a block of its own; false where that failed.
bool GraphLegalizer::legalizeRegion(Region &region, ValueRange yielded, Region &to) {
  OpBuilder::InsertionGuard guard(builder);
  if (to.empty())
    to.emplaceBlock();
  builder.setInsertionPointToEnd(&to.front());
  legalizeBlock(region.front(), yielded);
  return llvm::all_of(yielded, [&](Value value) { return isKnown(value); });
}

void GraphLegalizer::yield(Region &region, Location loc, ValueRange results) {
  OpBuilder::InsertionGuard guard(builder);
  builder.setInsertionPointToEnd(&region.front());
  core::YieldOp::create(builder, loc, results);
}

/// The type that holds what either branch yields, which may differ in the number of rows; null where there is none.
static RankedTensorType commonForm(RankedTensorType x, RankedTensorType y, bool mayDiffer) {
  if (x == y)
    return x;
  if (!mayDiffer || x.getElementType() != y.getElementType() || x.getRank() == 0 || x.getRank() != y.getRank() ||
      x.getShape().drop_front() != y.getShape().drop_front())
    return {};
  return x.getDimSize(0) < y.getDimSize(0) ? y : x;
}

void GraphLegalizer::legalizeIf(gdef::IfOp choice) {
  if (!checkRead(choice, choice.getCondition())) {
    // Unknown operations in both are reported all the same.
    choice->walk([&](gdef::NodeOp node) { checkNode(node); });
    return;
  }
  Value predicate = truthOf(choice.getLoc(), values.lookup(choice.getCondition()));
  SmallVector<Value> outputs, fromThen, fromElse;
  for (auto [output, thenValue, elseValue] :
       llvm::zip_equal(choice.getOutputs(), yieldOf(choice.getThenRegion()).getValues(),
                       yieldOf(choice.getElseRegion()).getValues()))
    if (!output.use_empty()) {
      outputs.push_back(output);
      fromThen.push_back(thenValue);
      fromElse.push_back(elseValue);
    }
  if (std::optional<SmallVector<int64_t>> known = core::CheckedBuilder::integersOf(predicate)) {
    Region &taken = known->front() ? choice.getThenRegion() : choice.getElseRegion();
    ArrayRef<Value> yielded = known->front() ? fromThen : fromElse;
    legalizeBlock(taken.front(), yielded);
    for (auto [output, value] : llvm::zip_equal(outputs, yielded))
      if (isKnown(value))
        setSame(output, value);
      else
        failedNodes.insert(choice);
    return;
  }
  Region thenRegion, elseRegion;
  bool thenMade = legalizeRegion(choice.getThenRegion(), fromThen, thenRegion);
  bool elseMade = legalizeRegion(choice.getElseRegion(), fromElse, elseRegion);
  if (!thenMade || !elseMade) {
    failedNodes.insert(choice);
    return;
  }
  SmallVector<Value> thenValues, elseValues, made;
  SmallVector<bool> counted;
  for (auto [output, thenValue, elseValue] : llvm::zip_equal(outputs, fromThen, fromElse)) {
    Value x = values.lookup(thenValue), y = values.lookup(elseValue);
    if (!x && !y) { // Neither branch has put anything but one constant into the list.
      EmptyList one = lists.lookup(thenValue), other = lists.lookup(elseValue);
      if (one.row && other.row && one.row != other.row) {
        report(choice.getLoc(), Code::UnsupportedForm, "lists of different constants");
        failedNodes.insert(choice);
        return;
      }
      setList(output, {one.length == other.length ? one.length : EmptyList::unknown, one.element, one.most,
                       one.row ? one.row : other.row});
      continue;
    }
    bool isList = isa<gdef::VariantType>(getElementTypeOrSelf(output.getType()));
    bool hasCount = counts.contains(thenValue) || counts.contains(elseValue);
    auto typeOr = [&](Value known, Value other, Value list) {
      RankedTensorType type = core::CheckedBuilder::typeOf(known ? known : other);
      int64_t length = known ? -1 : lists.lookup(list).length;
      return length < 0
                 ? type
                 : RankedTensorType::get(withLength(length, type.getShape().drop_front()), type.getElementType());
    };
    RankedTensorType thenType = typeOr(x, y, thenValue), elseType = typeOr(y, x, elseValue);
    RankedTensorType form = commonForm(thenType, elseType, isList || hasCount);
    if (!form) {
      report(choice.getLoc(), Code::DataDependentShape,
             "both branches must yield the same shape, but one yields " + text(thenType) + " and the other " +
                 text(elseType));
      failedNodes.insert(choice);
      return;
    }
    made.push_back(output);
    counted.push_back(hasCount || thenType != elseType);
    thenValues.push_back(inForm(thenRegion, thenValue, form));
    elseValues.push_back(inForm(elseRegion, elseValue, form));
    if (!thenValues.back() || !elseValues.back()) {
      failedNodes.insert(choice);
      return;
    }
    if (counted.back()) {
      thenValues.push_back(countIn(thenRegion, thenValue));
      elseValues.push_back(countIn(elseRegion, elseValue));
    }
  }
  auto op = core::IfOp::create(builder, choice.getLoc(), ValueRange(thenValues).getTypes(), predicate);
  op.getThenRegion().takeBody(thenRegion);
  op.getElseRegion().takeBody(elseRegion);
  yield(op.getThenRegion(), choice.getLoc(), thenValues);
  yield(op.getElseRegion(), choice.getLoc(), elseValues);
  unsigned next = 0;
  for (auto [output, hasCount] : llvm::zip_equal(made, counted)) {
    Value result = op.getResult(next++);
    setValue(output, result, hasCount ? op.getResult(next++) : Value());
  }
}
