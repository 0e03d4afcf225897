// SPDX-License-Identifier: Apache-2.0
// Where the elements of moving core ops come from.
#include "ir/core/Ops.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace lathe;
using namespace lathe::core;

namespace {
RankedTensorType typeOf(Value tensor) { return cast<RankedTensorType>(tensor.getType()); }

Value add(ElementReader &e, Value x, Value y) { return arith::AddIOp::create(e.builder, e.loc, x, y); }
Value mul(ElementReader &e, Value x, Value y) { return arith::MulIOp::create(e.builder, e.loc, x, y); }

/// x * scale + offset, without the operations that constants make void.
Value affine(ElementReader &e, Value x, int64_t scale, int64_t offset) {
  if (scale != 1)
    x = mul(e, x, e.index(scale));
  return offset == 0 ? x : add(e, x, e.index(offset));
}

/// An element of an index tensor, as an index clamped to [0, last].
Value clampedIndex(ElementReader &e, Value element, Type type, int64_t last) {
  Value index = type.isUnsignedInteger() ? arith::IndexCastUIOp::create(e.builder, e.loc, e.builder.getIndexType(), element).getResult()
                                         : arith::IndexCastOp::create(e.builder, e.loc, e.builder.getIndexType(), element).getResult();
  Value low = arith::MaxSIOp::create(e.builder, e.loc, index, e.index(0));
  return arith::MinSIOp::create(e.builder, e.loc, low, e.index(std::max<int64_t>(last, 0)));
}

/// if (condition) onTrue() else onFalse(), of one value of type `type`. What they emit finds the function around it.
Value emitIf(ElementReader &e, Type type, Value condition, llvm::function_ref<Value()> onTrue, llvm::function_ref<Value()> onFalse) {
  auto choice = scf::IfOp::create(e.builder, e.loc, type, condition, /*addThenBlock=*/true, /*addElseBlock=*/true);
  OpBuilder::InsertionGuard guard(e.builder);
  e.builder.setInsertionPointToEnd(choice.thenBlock());
  scf::YieldOp::create(e.builder, e.loc, onTrue());
  e.builder.setInsertionPointToEnd(choice.elseBlock());
  scf::YieldOp::create(e.builder, e.loc, onFalse());
  return choice.getResult(0);
}
} // namespace

Value IotaOp::lowerElement(ElementReader &e, ValueRange indices) {
  Type element = getType().getElementType(), i64 = e.builder.getI64Type();
  Value index = arith::IndexCastOp::create(e.builder, e.loc, i64, indices[getDimension()]);
  return emitConvert(e.builder, e.loc, i64, element, index);
}

Value ReshapeOp::lowerElement(ElementReader &e, ValueRange indices) {
  ArrayRef<int64_t> to = getType().getShape(), from = typeOf(getOperand()).getShape();
  Value linear = e.index(0);
  for (auto [size, index] : llvm::zip_equal(to, indices))
    if (size != 1)
      linear = add(e, mul(e, linear, e.index(size)), index);
  SmallVector<Value> operandIndices(from.size());
  for (size_t d = from.size(); d-- > 0;) {
    if (from[d] == 1) {
      operandIndices[d] = e.index(0);
      continue;
    }
    bool outermost = llvm::all_of(from.take_front(d), [](int64_t size) { return size == 1; });
    operandIndices[d] = outermost ? linear : arith::RemUIOp::create(e.builder, e.loc, linear, e.index(from[d])).getResult();
    if (!outermost)
      linear = arith::DivUIOp::create(e.builder, e.loc, linear, e.index(from[d]));
  }
  return e.read(0, operandIndices);
}

Value BitcastOp::lowerElement(ElementReader &e, ValueRange indices) {
  OpBuilder &b = e.builder;
  Type from = storageType(typeOf(getOperand()).getElementType()), to = storageType(getType().getElementType());
  int64_t fromBits = 8 * elementBytes(from), toBits = 8 * elementBytes(to);
  Type fromInteger = b.getIntegerType(fromBits), toInteger = b.getIntegerType(toBits);
  auto asInteger = [&](Value value) -> Value {
    return from == fromInteger ? value : arith::BitcastOp::create(b, e.loc, fromInteger, value).getResult();
  };
  Value bits;
  if (fromBits <= toBits) {
    // Parts from the least significant on: little-endian.
    int64_t parts = toBits / fromBits;
    SmallVector<Value> operandIndices(indices);
    if (parts > 1)
      operandIndices.push_back(Value());
    for (int64_t part = 0; part < parts; ++part) {
      if (parts > 1)
        operandIndices.back() = e.index(part);
      Value piece = asInteger(e.read(0, operandIndices));
      if (parts > 1) {
        piece = arith::ExtUIOp::create(b, e.loc, toInteger, piece);
        Value shift = arith::ConstantOp::create(b, e.loc, b.getIntegerAttr(toInteger, part * fromBits));
        piece = arith::ShLIOp::create(b, e.loc, piece, shift);
      }
      bits = bits ? arith::OrIOp::create(b, e.loc, bits, piece).getResult() : piece;
    }
  } else {
    Value whole = asInteger(e.read(0, indices.drop_back()));
    Value part = arith::IndexCastOp::create(b, e.loc, fromInteger, indices.back());
    Value shift = arith::MulIOp::create(b, e.loc, part, arith::ConstantOp::create(b, e.loc, b.getIntegerAttr(fromInteger, toBits)));
    bits = arith::TruncIOp::create(b, e.loc, toInteger, arith::ShRUIOp::create(b, e.loc, whole, shift));
  }
  return to == toInteger ? bits : arith::BitcastOp::create(b, e.loc, to, bits).getResult();
}

Value TransposeOp::lowerElement(ElementReader &e, ValueRange indices) {
  SmallVector<Value> operandIndices(indices.size());
  for (auto [index, dimension] : llvm::zip_equal(indices, getPermutation()))
    operandIndices[dimension] = index;
  return e.read(0, operandIndices);
}

Value BroadcastOp::lowerElement(ElementReader &e, ValueRange indices) {
  SmallVector<Value> operandIndices;
  for (auto [size, dimension] : llvm::zip_equal(typeOf(getOperand()).getShape(), getDimensions()))
    operandIndices.push_back(size == 1 ? e.index(0) : indices[dimension]);
  return e.read(0, operandIndices);
}

Value SliceOp::lowerElement(ElementReader &e, ValueRange indices) {
  SmallVector<Value> operandIndices;
  for (auto [index, start, stride] : llvm::zip_equal(indices, getStarts(), getStrides()))
    operandIndices.push_back(affine(e, index, stride, start));
  return e.read(0, operandIndices);
}

Value DynamicSliceOp::lowerElement(ElementReader &e, ValueRange indices) {
  Type startType = typeOf(getStarts()).getElementType();
  SmallVector<Value> operandIndices;
  for (auto [d, index] : llvm::enumerate(indices)) {
    int64_t last = typeOf(getOperand()).getDimSize(d) - getSizes()[d];
    Value start = last == 0 ? e.index(0) : clampedIndex(e, e.read(1, ValueRange{e.index(d)}), startType, last);
    operandIndices.push_back(add(e, start, index));
  }
  return e.read(0, operandIndices);
}

Value ConcatOp::lowerElement(ElementReader &e, ValueRange indices) {
  int64_t dimension = getDimension();
  // A chain of choices: reading every operand would leave its bounds.
  std::function<Value(unsigned, int64_t)> from = [&](unsigned input, int64_t begin) -> Value {
    int64_t end = begin + typeOf(getInputs()[input]).getDimSize(dimension);
    auto read = [&] {
      SmallVector<Value> operandIndices(indices);
      operandIndices[dimension] = affine(e, indices[dimension], 1, -begin);
      return e.read(input, operandIndices);
    };
    if (input + 1 == getInputs().size())
      return read();
    Value inside = arith::CmpIOp::create(e.builder, e.loc, arith::CmpIPredicate::slt, indices[dimension], e.index(end));
    return emitIf(e, storageType(getType().getElementType()), inside, read, [&] { return from(input + 1, end); });
  };
  return from(0, 0);
}

Value PadOp::lowerElement(ElementReader &e, ValueRange indices) {
  OpBuilder &b = e.builder;
  Value inside;
  auto require = [&](arith::CmpIPredicate predicate, Value x, int64_t y) {
    Value condition = arith::CmpIOp::create(b, e.loc, predicate, x, e.index(y));
    inside = inside ? arith::AndIOp::create(b, e.loc, inside, condition).getResult() : condition;
  };
  SmallVector<Value> operandIndices;
  for (auto [d, index] : llvm::enumerate(indices)) {
    int64_t size = typeOf(getOperand()).getDimSize(d), spread = getInterior()[d] + 1;
    Value place = affine(e, index, 1, -getLow()[d]);
    if (getLow()[d] > 0)
      require(arith::CmpIPredicate::sge, place, 0);
    if (getHigh()[d] > 0)
      require(arith::CmpIPredicate::slt, place, size > 0 ? (size - 1) * spread + 1 : 0);
    if (spread > 1) {
      // Places below 0 have been ruled out, so unsigned arithmetic holds.
      require(arith::CmpIPredicate::eq, arith::RemUIOp::create(b, e.loc, place, e.index(spread)), 0);
      place = arith::DivUIOp::create(b, e.loc, place, e.index(spread));
    }
    operandIndices.push_back(place);
  }
  auto read = [&] { return e.read(0, operandIndices); };
  return inside ? emitIf(e, storageType(getType().getElementType()), inside, read, [&] { return e.read(1, {}); }) : read();
}

Value ReverseOp::lowerElement(ElementReader &e, ValueRange indices) {
  SmallVector<Value> operandIndices(indices);
  for (int64_t dimension : getDimensions())
    operandIndices[dimension] = arith::SubIOp::create(e.builder, e.loc, e.index(getType().getDimSize(dimension) - 1), indices[dimension]);
  return e.read(0, operandIndices);
}

Value GatherOp::lowerElement(ElementReader &e, ValueRange indices) {
  int64_t axis = getAxis(), batch = getBatch(), window = typeOf(getIndices()).getRank() - batch;
  SmallVector<Value> place(indices.take_front(batch));
  llvm::append_range(place, indices.slice(axis, window));
  Value index = clampedIndex(e, e.read(1, place), typeOf(getIndices()).getElementType(), typeOf(getOperand()).getDimSize(axis) - 1);
  SmallVector<Value> operandIndices(indices.take_front(axis));
  operandIndices.push_back(index);
  llvm::append_range(operandIndices, indices.drop_front(axis + window));
  return e.read(0, operandIndices);
}
