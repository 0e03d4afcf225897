// SPDX-License-Identifier: Apache-2.0
// Short spellings for index arithmetic and flat memory accesses that the emitters share.
#include "backends/cpu/contraction/EmitSupport.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;

namespace lathe::cpu {

static std::optional<int64_t> constantOf(Value value) {
  APInt constant;
  if (matchPattern(value, m_ConstantInt(&constant)))
    return constant.getSExtValue();
  return std::nullopt;
}

Value Emitter::index(int64_t value) {
  return arith::ConstantIndexOp::create(builder, loc, value);
}

Value Emitter::add(Value left, Value right) {
  if (auto constant = constantOf(right))
    return add(left, *constant);
  if (auto constant = constantOf(left))
    return add(right, *constant);
  return arith::AddIOp::create(builder, loc, left, right);
}

Value Emitter::add(Value left, int64_t right) {
  if (right == 0)
    return left;
  if (auto constant = constantOf(left))
    return index(*constant + right);
  return arith::AddIOp::create(builder, loc, left, index(right));
}

Value Emitter::mul(Value left, int64_t right) {
  if (right == 1)
    return left;
  if (right == 0)
    return index(0);
  if (auto constant = constantOf(left))
    return index(*constant * right);
  return arith::MulIOp::create(builder, loc, left, index(right));
}

Value Emitter::div(Value left, int64_t right) {
  if (right == 1)
    return left;
  if (auto constant = constantOf(left))
    return index(*constant / right);
  return arith::DivUIOp::create(builder, loc, left, index(right));
}

Value Emitter::rem(Value left, int64_t right) {
  if (right == 1)
    return index(0);
  if (auto constant = constantOf(left))
    return index(*constant % right);
  return arith::RemUIOp::create(builder, loc, left, index(right));
}

Value Emitter::min(Value left, int64_t right) {
  if (auto constant = constantOf(left))
    return index(std::min(*constant, right));
  return arith::MinSIOp::create(builder, loc, left, index(right));
}

Value Emitter::min(Value left, Value right) {
  return arith::MinSIOp::create(builder, loc, left, right);
}

Value Emitter::atMost(Value left, Value right) {
  return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::sle, left, right);
}

Value Emitter::equals(Value left, int64_t right) {
  return arith::CmpIOp::create(builder, loc, arith::CmpIPredicate::eq, left, index(right));
}

SmallVector<Value> Emitter::loop(Value lower, Value upper, int64_t step, ValueRange carried,
                                 llvm::function_ref<SmallVector<Value>(Value, ValueRange)> body) {
  const auto first = constantOf(lower), last = constantOf(upper);
  if (first && last && *last > *first && *last - *first <= step)
    return body(lower, carried);
  auto loop = scf::ForOp::create(builder, loc, lower, upper, index(step), carried);
  OpBuilder::InsertionGuard guard(builder);
  // Without carried values the loop comes with a terminator, with them it has none.
  builder.setInsertionPointToStart(loop.getBody());
  SmallVector<Value> next = body(loop.getInductionVar(), loop.getRegionIterArgs());
  if (!carried.empty())
    scf::YieldOp::create(builder, loc, next);
  return SmallVector<Value>(loop.getResults());
}

SmallVector<Value> Emitter::loop(int64_t upper, ValueRange carried,
                                 llvm::function_ref<SmallVector<Value>(Value, ValueRange)> body) {
  return loop(index(0), index(upper), 1, carried, body);
}

void Emitter::branch(Value condition, llvm::function_ref<void()> then, llvm::function_ref<void()> otherwise) {
  auto branch = scf::IfOp::create(builder, loc, condition, /*withElseRegion=*/bool(otherwise));
  OpBuilder::InsertionGuard guard(builder);
  if (then) {
    builder.setInsertionPointToStart(&branch.getThenRegion().front());
    then();
  }
  if (otherwise) {
    builder.setInsertionPointToStart(&branch.getElseRegion().front());
    otherwise();
  }
}

Value Emitter::flatten(Value memref) {
  const auto type = cast<MemRefType>(memref.getType());
  assert(type.hasStaticShape() && type.getLayout().isIdentity() && "operands are dense and of known size");
  if (type.getRank() == 1)
    return memref;
  const int64_t count = type.getNumElements();
  const auto flat = MemRefType::get({count}, type.getElementType());
  return memref::ReinterpretCastOp::create(builder, loc, flat, memref, /*offset=*/0, ArrayRef<int64_t>{count},
                                           ArrayRef<int64_t>{1});
}

Type Emitter::type(Element element) {
  switch (element) {
  case Element::F32:
    return builder.getF32Type();
  case Element::F64:
    return builder.getF64Type();
  case Element::F16:
    return builder.getF16Type();
  case Element::BF16:
    return builder.getBF16Type();
  default:
    return builder.getIntegerType(unsigned(bytesOf(element) * 8));
  }
}

VectorType Emitter::vectorType(Element element, int64_t lanes) {
  return VectorType::get({lanes}, type(element));
}

Value Emitter::zeros(Element element, int64_t lanes) {
  return arith::ConstantOp::create(builder, loc, builder.getZeroAttr(vectorType(element, lanes)));
}

Value Emitter::mask(int64_t count, int64_t lanes) {
  if (count >= lanes)
    return nullptr;
  SmallVector<bool> bits(lanes, false);
  std::fill_n(bits.begin(), count, true);
  const auto type = VectorType::get({lanes}, builder.getI1Type());
  return arith::ConstantOp::create(builder, loc, DenseElementsAttr::get(type, ArrayRef<bool>(bits)));
}

Value Emitter::loadVector(Value memref, Value position, int64_t lanes, Value mask) {
  const auto type = VectorType::get({lanes}, cast<MemRefType>(memref.getType()).getElementType());
  if (!mask)
    return vector::LoadOp::create(builder, loc, type, memref, position);
  const Value zero = arith::ConstantOp::create(builder, loc, builder.getZeroAttr(type));
  return vector::MaskedLoadOp::create(builder, loc, type, memref, position, mask, zero);
}

void Emitter::storeVector(Value vector, Value memref, Value position, Value mask) {
  if (mask)
    vector::MaskedStoreOp::create(builder, loc, memref, position, mask, vector);
  else
    vector::StoreOp::create(builder, loc, vector, memref, position);
}

Value Emitter::loadScalar(Value memref, Value position) {
  return memref::LoadOp::create(builder, loc, memref, position);
}

void Emitter::prefetch(Value memref, Value position) {
  memref::PrefetchOp::create(builder, loc, memref, position, /*isWrite=*/false, /*localityHint=*/3, /*isDataCache=*/true);
}

Value Emitter::splat(Value scalar, int64_t lanes) {
  return vector::BroadcastOp::create(builder, loc, VectorType::get({lanes}, scalar.getType()), scalar);
}

SmallVector<Value> Emitter::transpose(SmallVector<Value> rows) {
  const int64_t count = int64_t(rows.size());
  SmallVector<int64_t> low, high;
  for (int64_t i = 0; i < count / 2; ++i) {
    low.append({i, i + count});
    high.append({i + count / 2, i + count / 2 + count});
  }
  // Interleaving the first half of the vectors with the second, log2(count) times.
  for (int64_t round = count; round > 1; round /= 2) {
    SmallVector<Value> next;
    for (int64_t i = 0; i < count / 2; ++i)
      for (const auto &order : {low, high})
        next.push_back(vector::ShuffleOp::create(builder, loc, rows[i], rows[i + count / 2], order));
    rows = std::move(next);
  }
  return rows;
}

Value Emitter::stackBuffer(int64_t count, Element element) {
  return memref::AllocaOp::create(builder, loc, MemRefType::get({count}, type(element)), builder.getI64IntegerAttr(64));
}

Value Emitter::widen(Value value, Element to) {
  Type target = type(to);
  if (getElementTypeOrSelf(value.getType()) == target)
    return value;
  if (auto vector = dyn_cast<VectorType>(value.getType()))
    target = vector.clone(target);
  if (isa<FloatType>(getElementTypeOrSelf(target)))
    return arith::ExtFOp::create(builder, loc, target, value);
  return arith::ExtSIOp::create(builder, loc, target, value);
}

Value Emitter::multiplyAdd(Value left, Value right, Value sum) {
  if (isa<FloatType>(getElementTypeOrSelf(sum.getType())))
    return vector::FMAOp::create(builder, loc, left, right, sum);
  return arith::AddIOp::create(builder, loc, arith::MulIOp::create(builder, loc, left, right), sum);
}

} // namespace lathe::cpu
