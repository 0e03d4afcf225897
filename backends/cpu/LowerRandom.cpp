// SPDX-License-Identifier: Apache-2.0
// The generator of random bits: a loop over blocks of four words, which LLVM vectorises.
#include "backends/cpu/LowerKernel.h"
#include "ir/core/Ops.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace lathe;
using namespace lathe::cpu;

namespace {
constexpr int64_t wordsPerBlock = 4;

class RandomBits {
public:
  RandomBits(KernelEmission &emission, core::RngBitsOp op)
      : emission(emission), e(emission.elements), b(e.builder), loc(e.loc), i32(b.getI32Type()), i64(b.getI64Type()),
        type(cast<RankedTensorType>(op.getResult().getType())), perBlock(elementsPerBlock(op)) {
    Value output = emission.outputs.front();
    auto flat = MemRefType::get({type.getNumElements()}, cast<MemRefType>(output.getType()).getElementType());
    result = memref::ReinterpretCastOp::create(b, loc, flat, output, 0, flat.getShape(), {1});
    key = e.element(op.getKey(), {});
    low = e.element(op.getCounter(), e.index(0));
    high = e.element(op.getCounter(), e.index(1));
  }

  static int64_t elementsPerBlock(core::RngBitsOp op) {
    return wordsPerBlock * 32 / cast<RankedTensorType>(op.getResult().getType()).getElementTypeBitWidth();
  }

  /// Whole blocks in a loop without branches, and behind it the one that the result's end cuts.
  void emit() {
    int64_t whole = type.getNumElements() / perBlock, rest = type.getNumElements() % perBlock;
    Value wholeEnd = arith::MinUIOp::create(b, loc, emission.end, e.index(whole));
    emitLoop(e, emission.begin, wholeEnd, [&](Value block) { emitBlock(block, perBlock); });
    if (rest == 0)
      return;
    Value isLast = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ugt, emission.end, e.index(whole));
    auto branch = scf::IfOp::create(b, loc, isLast);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPoint(branch.thenBlock()->getTerminator());
    emitBlock(e.index(whole), rest);
  }

private:
  Value constant(Type element, uint64_t value) {
    return arith::ConstantOp::create(b, loc, b.getIntegerAttr(element, APInt(element.getIntOrFloatBitWidth(), value)));
  }
  Value add(Value x, Value y) { return arith::AddIOp::create(b, loc, x, y); }
  Value exclusiveOr(Value x, Value y) { return arith::XOrIOp::create(b, loc, x, y); }
  Value lowHalf(Value x) { return arith::TruncIOp::create(b, loc, i32, x); }
  Value highHalf(Value x) { return lowHalf(arith::ShRUIOp::create(b, loc, x, constant(i64, 32))); }
  Value widen(Value x) { return arith::ExtUIOp::create(b, loc, i64, x); }

  SmallVector<Value> words(Value block) {
    Value sum = add(low, arith::IndexCastOp::create(b, loc, i64, block));
    Value carry = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult, sum, low);
    Value upper = add(high, arith::ExtUIOp::create(b, loc, i64, carry));
    SmallVector<Value> x{lowHalf(sum), highHalf(sum), lowHalf(upper), highHalf(upper)};
    Value keyLow = lowHalf(key), keyHigh = highHalf(key);
    constexpr int rounds = 10;
    for (int round = 0; round < rounds; ++round) {
      Value first = arith::MulIOp::create(b, loc, widen(x[0]), constant(i64, 0xD2511F53));
      Value second = arith::MulIOp::create(b, loc, widen(x[2]), constant(i64, 0xCD9E8D57));
      x = {exclusiveOr(exclusiveOr(highHalf(second), x[1]), keyLow), lowHalf(second),
           exclusiveOr(exclusiveOr(highHalf(first), x[3]), keyHigh), lowHalf(first)};
      keyLow = add(keyLow, constant(i32, 0x9E3779B9));
      keyHigh = add(keyHigh, constant(i32, 0xBB67AE85));
    }
    return x;
  }

  /// Stores the first `count` elements of a block.
  void emitBlock(Value block, int64_t count) {
    SmallVector<Value> x = words(block);
    Value first = arith::MulIOp::create(b, loc, block, e.index(perBlock));
    for (int64_t i = 0; i < count; ++i) {
      Value element = perBlock == wordsPerBlock
                          ? x[i]
                          : arith::OrIOp::create(b, loc, widen(x[2 * i]),
                                                 arith::ShLIOp::create(b, loc, widen(x[2 * i + 1]), constant(i64, 32)))
                                .getResult();
      memref::StoreOp::create(b, loc, element, result, add(first, e.index(i)));
    }
  }

  KernelEmission &emission;
  KernelElements &e;
  OpBuilder &b;
  Location loc;
  Type i32, i64;
  RankedTensorType type;
  int64_t perBlock;
  Value result, key, low, high;
};
} // namespace

int64_t cpu::randomBlocks(Operation *bits) {
  int64_t elements = cast<RankedTensorType>(bits->getResult(0).getType()).getNumElements();
  return llvm::divideCeil(elements, RandomBits::elementsPerBlock(cast<core::RngBitsOp>(bits)));
}

void cpu::emitRandomBits(KernelEmission &emission) {
  RandomBits(emission, cast<core::RngBitsOp>(emission.shape.root)).emit();
}
