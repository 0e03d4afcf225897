// SPDX-License-Identifier: Apache-2.0
// How one element of a reduction, window or contraction is combined from many.
#include "ir/core/Ops.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace lathe;
using namespace lathe::core;

namespace {
RankedTensorType typeOf(Value tensor) { return cast<RankedTensorType>(tensor.getType()); }

/// Loops over all points of `sizes`, outermost first, carrying `state`; `body` gets the point's indices and the state and
/// gives the next state.
SmallVector<Value> emitLoops(ElementReader &e, ArrayRef<int64_t> sizes, ValueRange state,
                             llvm::function_ref<SmallVector<Value>(ValueRange indices, ValueRange state)> body,
                             SmallVector<Value> outer = {}) {
  if (sizes.empty())
    return body(outer, state);
  // Small windows are unrolled: the loop around them then vectorises.
  constexpr int64_t unrolledPoints = 16;
  if (llvm::product_of(sizes) <= unrolledPoints) {
    SmallVector<Value> current(state);
    outer.push_back(Value());
    for (int64_t i = 0; i < sizes.front(); ++i) {
      outer.back() = e.index(i);
      current = emitLoops(e, sizes.drop_front(), current, body, outer);
    }
    return current;
  }
  auto loop = scf::ForOp::create(e.builder, e.loc, e.index(0), e.index(sizes.front()), e.index(1), state);
  OpBuilder::InsertionGuard guard(e.builder);
  e.builder.setInsertionPointToEnd(loop.getBody());
  outer.push_back(loop.getInductionVar());
  SmallVector<Value> next = emitLoops(e, sizes.drop_front(), loop.getRegionIterArgs(), body, outer);
  scf::YieldOp::create(e.builder, e.loc, next);
  return SmallVector<Value>(loop.getResults());
}

/// Combines `value(indices)` over all points of `sizes`.
Value emitReduction(ElementReader &e, Combiner combiner, Type element, ArrayRef<int64_t> sizes,
                    llvm::function_ref<Value(ValueRange indices, Value current)> next) {
  Value identity = emitIdentity(e.builder, e.loc, combiner, element);
  return emitLoops(e, sizes, identity,
                   [&](ValueRange indices, ValueRange state) { return SmallVector<Value>{next(indices, state.front())}; })
      .front();
}

Value affine(ElementReader &e, Value x, int64_t scale, Value y, int64_t yScale, int64_t offset) {
  auto scaled = [&](Value v, int64_t s) -> Value { return s == 1 ? v : arith::MulIOp::create(e.builder, e.loc, v, e.index(s)).getResult(); };
  Value sum = arith::AddIOp::create(e.builder, e.loc, scaled(x, scale), scaled(y, yScale));
  return offset == 0 ? sum : arith::AddIOp::create(e.builder, e.loc, sum, e.index(offset)).getResult();
}

/// Conditions joined by `and`; none is always true.
class Guard {
public:
  explicit Guard(ElementReader &e) : e(e) {}
  void require(arith::CmpIPredicate predicate, Value x, int64_t y) {
    Value condition = arith::CmpIOp::create(e.builder, e.loc, predicate, x, e.index(y));
    all = all ? arith::AndIOp::create(e.builder, e.loc, all, condition).getResult() : condition;
  }
  Value choose(llvm::function_ref<Value()> inside, Value outside) {
    if (!all)
      return inside();
    // The blocks are in the function before they are filled: what is emitted looks for it.
    auto choice = scf::IfOp::create(e.builder, e.loc, outside.getType(), all, /*addThenBlock=*/true, /*addElseBlock=*/true);
    OpBuilder::InsertionGuard guard(e.builder);
    e.builder.setInsertionPointToEnd(choice.thenBlock());
    scf::YieldOp::create(e.builder, e.loc, inside());
    e.builder.setInsertionPointToEnd(choice.elseBlock());
    scf::YieldOp::create(e.builder, e.loc, outside);
    return choice.getResult(0);
  }

private:
  ElementReader &e;
  Value all;
};

Value emitMultiplyAdd(ElementReader &e, Type element, Value x, Value y, Value sum) {
  Type wide = sumType(element);
  x = emitConvert(e.builder, e.loc, element, wide, x);
  y = emitConvert(e.builder, e.loc, element, wide, y);
  return emitCombine(e.builder, e.loc, Combiner::Add, wide, sum, emitCombine(e.builder, e.loc, Combiner::Mul, wide, x, y));
}
} // namespace

Value ReduceOp::lowerElement(ElementReader &e, ValueRange indices) {
  Type element = getType().getElementType(), sum = sumType(element);
  SmallVector<int64_t> sizes;
  for (int64_t dimension : getDimensions())
    sizes.push_back(typeOf(getOperand()).getDimSize(dimension));
  Value result = emitReduction(e, getCombiner(), sum, sizes, [&](ValueRange reduced, Value current) {
    SmallVector<Value> operandIndices;
    size_t kept = 0, gone = 0;
    for (int64_t d = 0, rank = typeOf(getOperand()).getRank(); d < rank; ++d)
      operandIndices.push_back(llvm::is_contained(getDimensions(), d) ? reduced[gone++] : indices[kept++]);
    Value value = emitConvert(e.builder, e.loc, element, sum, e.read(0, operandIndices));
    return emitCombine(e.builder, e.loc, getCombiner(), sum, current, value);
  });
  return emitConvert(e.builder, e.loc, sum, element, result);
}

Value ArgReduceOp::lowerElement(ElementReader &e, ValueRange indices) {
  OpBuilder &b = e.builder;
  Type element = typeOf(getOperand()).getElementType(), indexType = storageType(getIndexType());
  int64_t dimension = getDimension();
  auto read = [&](Value place) {
    SmallVector<Value> operandIndices(indices);
    operandIndices.insert(operandIndices.begin() + dimension, place);
    return e.read(0, operandIndices);
  };
  // No NaN is better than the identity: numbers win against it.
  Value zero = e.index(0);
  SmallVector<Value> best = emitLoops(
      e, typeOf(getOperand()).getDimSize(dimension), {emitIdentity(b, e.loc, getCombiner(), element), zero}, [&](ValueRange place, ValueRange state) -> SmallVector<Value> {
        Value value = read(place.front()), better;
        bool max = getCombiner() == Combiner::Max;
        if (isa<FloatType>(element)) {
          better = arith::CmpFOp::create(b, e.loc, max ? arith::CmpFPredicate::OGT : arith::CmpFPredicate::OLT, value, state[0]);
        } else {
          using P = arith::CmpIPredicate;
          P predicate = element.isUnsignedInteger() ? (max ? P::ugt : P::ult) : (max ? P::sgt : P::slt);
          better = arith::CmpIOp::create(b, e.loc, predicate, value, state[0]);
        }
        return {arith::SelectOp::create(b, e.loc, better, value, state[0]), arith::SelectOp::create(b, e.loc, better, place.front(), state[1])};
      });
  return arith::IndexCastOp::create(b, e.loc, indexType, best[1]);
}

Value ReduceWindowOp::lowerElement(ElementReader &e, ValueRange indices) {
  Type element = getType().getElementType(), sum = sumType(element);
  Value result = emitReduction(e, getCombiner(), sum, getWindow(), [&](ValueRange window, Value current) {
    Guard guard(e);
    SmallVector<Value> operandIndices;
    for (auto [d, index] : llvm::enumerate(indices)) {
      Value place = affine(e, index, getStrides()[d], window[d], getDilations()[d], -getLow()[d]);
      if (getLow()[d] > 0)
        guard.require(arith::CmpIPredicate::sge, place, 0);
      if (getHigh()[d] > 0)
        guard.require(arith::CmpIPredicate::slt, place, typeOf(getOperand()).getDimSize(d));
      operandIndices.push_back(place);
    }
    return guard.choose(
        [&] {
          Value value = emitConvert(e.builder, e.loc, element, sum, e.read(0, operandIndices));
          return emitCombine(e.builder, e.loc, getCombiner(), sum, current, value);
        },
        current);
  });
  return emitConvert(e.builder, e.loc, sum, element, result);
}

Value DotGeneralOp::lowerElement(ElementReader &e, ValueRange indices) {
  Type element = getType().getElementType(), sum = sumType(element);
  RankedTensorType lhs = typeOf(getLhs()), rhs = typeOf(getRhs());
  SmallVector<int64_t> sizes;
  for (int64_t dimension : getLhsContracting())
    sizes.push_back(lhs.getDimSize(dimension));
  size_t batch = getLhsBatch().size(), lhsFree = lhs.getRank() - batch - sizes.size();
  Value result = emitReduction(e, Combiner::Add, sum, sizes, [&](ValueRange contracted, Value current) {
    auto operandIndices = [&](RankedTensorType type, ArrayRef<int64_t> batches, ArrayRef<int64_t> contracting, size_t free) {
      SmallVector<Value> result;
      for (int64_t d = 0; d < type.getRank(); ++d) {
        if (auto *found = llvm::find(batches, d); found != batches.end())
          result.push_back(indices[found - batches.begin()]);
        else if (auto *found = llvm::find(contracting, d); found != contracting.end())
          result.push_back(contracted[found - contracting.begin()]);
        else
          result.push_back(indices[free++]);
      }
      return result;
    };
    Value x = e.read(0, operandIndices(lhs, getLhsBatch(), getLhsContracting(), batch));
    Value y = e.read(1, operandIndices(rhs, getRhsBatch(), getRhsContracting(), batch + lhsFree));
    return emitMultiplyAdd(e, element, x, y, current);
  });
  return emitConvert(e.builder, e.loc, sum, element, result);
}

Value ConvOp::lowerElement(ElementReader &e, ValueRange indices) {
  OpBuilder &b = e.builder;
  Type element = getType().getElementType(), sum = sumType(element);
  ArrayRef<int64_t> input = typeOf(getInput()).getShape(), filter = typeOf(getFilter()).getShape();
  int64_t spatial = getStrides().size(), channels = filter[spatial], perGroup = filter.back() / getGroups();
  Value group = arith::DivUIOp::create(b, e.loc, indices.back(), e.index(perGroup));
  Value firstChannel = arith::MulIOp::create(b, e.loc, group, e.index(channels));
  Value result = emitReduction(e, Combiner::Add, sum, filter.drop_back(), [&](ValueRange point, Value current) {
    Guard guard(e);
    SmallVector<Value> inputIndices{indices.front()}, filterIndices(point);
    for (int64_t d = 0; d < spatial; ++d) {
      Value place = affine(e, indices[d + 1], getStrides()[d], point[d], getFilterDilation()[d], -getLow()[d]);
      int64_t spread = getInputDilation()[d], size = input[d + 1];
      if (getLow()[d] > 0)
        guard.require(arith::CmpIPredicate::sge, place, 0);
      if (getHigh()[d] > 0)
        guard.require(arith::CmpIPredicate::slt, place, size > 0 ? (size - 1) * spread + 1 : 0);
      if (spread > 1) {
        guard.require(arith::CmpIPredicate::eq, arith::RemUIOp::create(b, e.loc, place, e.index(spread)), 0);
        place = arith::DivUIOp::create(b, e.loc, place, e.index(spread));
      }
      inputIndices.push_back(place);
    }
    inputIndices.push_back(arith::AddIOp::create(b, e.loc, firstChannel, point.back()));
    filterIndices.push_back(indices.back());
    return guard.choose([&] { return emitMultiplyAdd(e, element, e.read(0, inputIndices), e.read(1, filterIndices), current); }, current);
  });
  return emitConvert(e.builder, e.loc, sum, element, result);
}
