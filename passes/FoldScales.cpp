// SPDX-License-Identifier: Apache-2.0
// Folds factors a channel, which batch normalisation leaves behind, into the weights of contractions.
#include "ir/core/Ops.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "passes/Passes.h"

using namespace mlir;
using namespace lathe;

namespace lathe {
#define GEN_PASS_DEF_FOLDSCALESPASS
#include "passes/Passes.h.inc"
} // namespace lathe

namespace {
RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }

bool isConstant(Value value) { return value.getDefiningOp<core::ConstantOp>() != nullptr; }

/// The constant vector of one element a channel (the last dimension) that `value` repeats over all other dimensions, or null.
Value channelVector(Value value) {
  auto broadcast = value.getDefiningOp<core::BroadcastOp>();
  int64_t last = typeOf(value).getRank() - 1;
  if (!broadcast || !isConstant(broadcast.getOperand()) || broadcast.getDimensions().empty() || broadcast.getDimensions().back() != last)
    return {};
  ArrayRef<int64_t> shape = typeOf(broadcast.getOperand()).getShape();
  bool alongChannels = llvm::all_of(shape.drop_back(), [](int64_t size) { return size == 1; });
  return alongChannels && shape.back() == typeOf(value).getShape().back() ? broadcast.getOperand() : Value();
}

/// Splits a commutative op's operands into a channel vector and the rest.
std::pair<Value, Value> splitChannelVector(Operation *op) {
  for (unsigned i : {1, 0})
    if (Value vector = channelVector(op->getOperand(i)))
      return {op->getOperand(1 - i), vector};
  return {};
}

/// Whether the last dimension of the contraction's result is the last of its second operand, which is constant.
bool hasConstantWeights(Operation *op) {
  if (auto conv = dyn_cast_or_null<core::ConvOp>(op))
    return isConstant(conv.getFilter());
  auto dot = dyn_cast_or_null<core::DotGeneralOp>(op);
  int64_t last = dot ? typeOf(dot.getRhs()).getRank() - 1 : 0;
  return dot && isConstant(dot.getRhs()) && dot.getRhsBatch().empty() && !llvm::is_contained(dot.getRhsContracting(), last) &&
         typeOf(dot.getRhs()).getRank() > static_cast<int64_t>(dot.getRhsContracting().size());
}

/// `vector` (flattened) repeated over all dimensions of `type` but the last.
Value broadcastChannels(OpBuilder &builder, Location loc, Value vector, RankedTensorType type) {
  auto flat = RankedTensorType::get({type.getShape().back()}, type.getElementType());
  Value reshaped = vector.getType() == flat ? vector : core::ReshapeOp::create(builder, loc, flat, vector).getResult();
  return core::BroadcastOp::create(builder, loc, type, reshaped, ArrayRef<int64_t>{type.getRank() - 1});
}

struct FoldScaleIntoWeights : OpRewritePattern<core::MulOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(core::MulOp mul, PatternRewriter &rewriter) const override {
    auto [value, scale] = splitChannelVector(mul);
    Operation *contraction = value ? value.getDefiningOp() : nullptr;
    if (!hasConstantWeights(contraction) || !value.hasOneUse())
      return failure();
    Value weights = contraction->getOperand(1);
    Value factor = broadcastChannels(rewriter, mul.getLoc(), scale, typeOf(weights));
    Value scaled = core::MulOp::create(rewriter, mul.getLoc(), weights.getType(), weights, factor);
    IRMapping mapping;
    mapping.map(weights, scaled);
    Operation *folded = rewriter.clone(*contraction, mapping);
    folded->setLoc(rewriter.getFusedLoc({contraction->getLoc(), mul.getLoc()}));
    rewriter.replaceOp(mul, folded);
    return success();
  }
};

struct MoveScaleOverBias : OpRewritePattern<core::MulOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(core::MulOp mul, PatternRewriter &rewriter) const override {
    auto [value, scale] = splitChannelVector(mul);
    auto add = value ? value.getDefiningOp<core::AddOp>() : core::AddOp();
    if (!add || !value.hasOneUse())
      return failure();
    auto [inner, bias] = splitChannelVector(add);
    if (!inner || !hasConstantWeights(inner.getDefiningOp()) || !inner.hasOneUse())
      return failure();
    RankedTensorType type = mul.getType();
    auto repeat = [&](Value vector) { return broadcastChannels(rewriter, mul.getLoc(), vector, type); };
    Value product = core::MulOp::create(rewriter, mul.getLoc(), type, inner, repeat(scale));
    auto flat = RankedTensorType::get({type.getShape().back()}, type.getElementType());
    auto flatten = [&](Value vector) { return core::ReshapeOp::create(rewriter, mul.getLoc(), flat, vector).getResult(); };
    Value scaledBias = core::MulOp::create(rewriter, mul.getLoc(), flat, flatten(bias), flatten(scale));
    rewriter.replaceOpWithNewOp<core::AddOp>(mul, type, product, repeat(scaledBias));
    return success();
  }
};

class FoldScalesPass : public lathe::impl::FoldScalesPassBase<FoldScalesPass> {
  void runOnOperation() override {
    RewritePatternSet patterns(&getContext());
    patterns.add<FoldScaleIntoWeights, MoveScaleOverBias>(&getContext());
    if (failed(applyPatternsGreedily(getOperation(), std::move(patterns))))
      signalPassFailure();
  }
};
} // namespace
