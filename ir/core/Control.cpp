// SPDX-License-Identifier: Apache-2.0
// Verifies and simplifies core.if, core.while and core.check.
#include "ir/core/Ops.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/PatternMatch.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace lathe::core;

/// Checks that `region` ends in core.yield of values of `types`.
static LogicalResult verifyYield(Operation *op, StringRef name, Region &region, TypeRange types) {
  auto yield = region.front().empty() ? YieldOp() : dyn_cast<YieldOp>(region.front().back());
  if (!yield)
    return op->emitOpError() << "C2: " << name << " must end in core.yield";
  if (yield.getValues().getTypes() != types)
    return op->emitOpError() << "C2: " << name << " must yield (" << types << "), but yields ("
                             << yield.getValues().getTypes() << ")";
  return success();
}

static YieldOp yieldOf(Region &region) { return cast<YieldOp>(region.front().getTerminator()); }

/// Replaces `op` by `kept`, which lacks the results that are `dropped`: those have `replacements` of their own.
static void replaceByKept(PatternRewriter &rewriter, Operation *op, Operation *kept, const llvm::BitVector &dropped,
                          MutableArrayRef<Value> replacements) {
  unsigned next = 0;
  for (unsigned i = 0; i < replacements.size(); ++i)
    if (!dropped.test(i))
      replacements[i] = kept->getResult(next++);
  rewriter.replaceOp(op, replacements);
}

static bool isScalar(Type type) { return cast<RankedTensorType>(type).getRank() == 0; }

//===--- core.if -----------------------------------------------------------------------------------------------------===//

LogicalResult IfOp::verifyRegions() {
  if (!isScalar(getPredicate().getType()))
    return emitOpError() << "C1: predicate must be a scalar, but got " << getPredicate().getType();
  return success(succeeded(verifyYield(*this, "then", getThenRegion(), getResultTypes())) &&
                 succeeded(verifyYield(*this, "else", getElseRegion(), getResultTypes())));
}

/// Replaces an if whose predicate is known by the region that runs; drops results that nobody reads and those that
/// both regions take from the same place around them.
LogicalResult IfOp::canonicalize(IfOp op, PatternRewriter &rewriter) {
  DenseElementsAttr predicate;
  if (matchPattern(op.getPredicate(), m_Constant(&predicate))) {
    Region &taken = *predicate.value_begin<bool>() ? op.getThenRegion() : op.getElseRegion();
    YieldOp yield = yieldOf(taken);
    SmallVector<Value> values(yield.getValues());
    rewriter.eraseOp(yield);
    rewriter.inlineBlockBefore(&taken.front(), op);
    rewriter.replaceOp(op, values);
    return success();
  }
  YieldOp thenYield = yieldOf(op.getThenRegion()), elseYield = yieldOf(op.getElseRegion());
  llvm::BitVector dropped(op.getNumResults());
  SmallVector<Value> replacements(op.getNumResults());
  SmallVector<Type> types;
  for (OpResult result : op.getResults()) {
    unsigned i = result.getResultNumber();
    Value value = thenYield.getValues()[i];
    if (value == elseYield.getValues()[i])
      replacements[i] = value; // Equal values come from around both regions.
    if (replacements[i] || result.use_empty())
      dropped.set(i);
    else
      types.push_back(result.getType());
  }
  if (dropped.none())
    return failure();
  auto kept = IfOp::create(rewriter, op.getLoc(), types, op.getPredicate());
  rewriter.inlineRegionBefore(op.getThenRegion(), kept.getThenRegion(), kept.getThenRegion().end());
  rewriter.inlineRegionBefore(op.getElseRegion(), kept.getElseRegion(), kept.getElseRegion().end());
  for (YieldOp yield : {thenYield, elseYield})
    rewriter.modifyOpInPlace(yield, [&] { yield->eraseOperands(dropped); });
  replaceByKept(rewriter, op, kept, dropped, replacements);
  return success();
}

//===--- core.while --------------------------------------------------------------------------------------------------===//

LogicalResult WhileOp::verifyRegions() {
  TypeRange types = getInits().getTypes();
  for (auto [what, found] : {std::pair<StringRef, TypeRange>{"results", getResultTypes()},
                             {"arguments of cond", getCond().getArgumentTypes()},
                             {"arguments of body", getBody().getArgumentTypes()}})
    if (found != types)
      return emitOpError() << "C1: " << what << " must have the types (" << types << ") of inits, but got (" << found << ")";
  auto condition = RankedTensorType::get({}, IntegerType::get(getContext(), 1));
  return success(succeeded(verifyYield(*this, "cond", getCond(), TypeRange(condition))) &&
                 succeeded(verifyYield(*this, "body", getBody(), types)));
}

SmallVector<Region *> WhileOp::getLoopRegions() { return {&getCond(), &getBody()}; }
Block::BlockArgListType WhileOp::getRegionIterArgs() { return getBody().getArguments(); }
std::optional<MutableArrayRef<OpOperand>> WhileOp::getYieldedValuesMutable() {
  return MutableArrayRef<OpOperand>(yieldOf(getBody()).getValuesMutable());
}

/// Replaces a while that never runs its body; takes from around the loop what every round passes on unchanged, and drops
/// what is carried for nobody.
LogicalResult WhileOp::canonicalize(WhileOp op, PatternRewriter &rewriter) {
  DenseElementsAttr predicate;
  bool mayLeave = llvm::all_of(op.getCond().front(), [](Operation &inner) { return isMemoryEffectFree(&inner); });
  if (mayLeave && matchPattern(yieldOf(op.getCond()).getValues().front(), m_Constant(&predicate)) &&
      !*predicate.value_begin<bool>()) {
    rewriter.replaceOp(op, op.getInits());
    return success();
  }
  YieldOp yield = yieldOf(op.getBody());
  Block &cond = op.getCond().front(), &body = op.getBody().front();
  llvm::BitVector dropped(op.getNumResults());
  for (OpResult result : op.getResults()) {
    unsigned i = result.getResultNumber();
    bool unchanged = yield.getValues()[i] == body.getArgument(i) || yield.getValues()[i] == op.getInits()[i];
    bool unread = result.use_empty() && cond.getArgument(i).use_empty() && body.getArgument(i).use_empty();
    if (unchanged || unread)
      dropped.set(i);
  }
  if (dropped.none())
    return failure();
  SmallVector<Value> inits, replacements(op.getInits());
  for (unsigned i = 0; i < dropped.size(); ++i) {
    if (!dropped.test(i)) {
      inits.push_back(op.getInits()[i]);
      continue;
    }
    rewriter.replaceAllUsesWith(cond.getArgument(i), op.getInits()[i]);
    rewriter.replaceAllUsesWith(body.getArgument(i), op.getInits()[i]);
  }
  rewriter.modifyOpInPlace(yield, [&] { yield->eraseOperands(dropped); });
  rewriter.modifyOpInPlace(op, [&] {
    cond.eraseArguments(dropped);
    body.eraseArguments(dropped);
  });
  auto kept = WhileOp::create(rewriter, op.getLoc(), ValueRange(inits).getTypes(), inits);
  rewriter.inlineRegionBefore(op.getCond(), kept.getCond(), kept.getCond().end());
  rewriter.inlineRegionBefore(op.getBody(), kept.getBody(), kept.getBody().end());
  replaceByKept(rewriter, op, kept, dropped, replacements);
  return success();
}

//===--- core.check
//--------------------------------------------------------------------------------------------------===//

LogicalResult CheckOp::verify() {
  if (!isScalar(getPredicate().getType()))
    return emitOpError() << "C1: predicate must be a scalar, but got " << getPredicate().getType();
  if (getDetails().empty())
    return success();
  auto place = RankedTensorType::get({}, IntegerType::get(getContext(), 64));
  if (getDetails().size() != 2 || getDetails()[0].getType() != place ||
      !isa<IntegerType>(getElementTypeOrSelf(getDetails()[1])))
    return emitOpError() << "C2: details must be a place, " << place << ", and a tensor of integers, but got ("
                         << getDetails().getTypes() << ")";
  return success();
}

std::string lathe::core::checkText(StringRef message, ArrayRef<int64_t> shape, int64_t place, int64_t value) {
  SmallVector<std::string> indices;
  for (int64_t size : llvm::reverse(shape)) {
    indices.insert(indices.begin(), std::to_string(place % size));
    place /= size;
  }
  std::string text;
  while (!message.empty())
    if (message.consume_front("%p"))
      text += llvm::join(indices, ",");
    else if (message.consume_front("%v"))
      text += std::to_string(value);
    else {
      text += message.front();
      message = message.drop_front();
    }
  return text;
}

/// Drops a check that always holds, and one whose predicate an earlier one of its block looks at.
LogicalResult CheckOp::canonicalize(CheckOp op, PatternRewriter &rewriter) {
  DenseElementsAttr predicate;
  bool holds = matchPattern(op.getPredicate(), m_Constant(&predicate)) && *predicate.value_begin<bool>();
  bool isRepeated = llvm::any_of(op.getPredicate().getUsers(), [&](Operation *user) {
    return isa<CheckOp>(user) && user->getBlock() == op->getBlock() && user->isBeforeInBlock(op);
  });
  if (!holds && !isRepeated)
    return failure();
  rewriter.eraseOp(op);
  return success();
}
