// SPDX-License-Identifier: Apache-2.0
// Reads elements of any value in a kernel's body.
#include "backends/cpu/KernelElements.h"
#include "ir/core/Ops.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Complex/IR/Complex.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"

using namespace mlir;
using namespace lathe;
using namespace lathe::cpu;

namespace {
Type elementOf(Value tensor) { return cast<RankedTensorType>(tensor.getType()).getElementType(); }

/// Lets an op's element lowering read its operands through the kernel's elements.
class OperandReader : public core::ElementReader {
public:
  OperandReader(KernelElements &elements, Operation *op)
      : ElementReader(elements.builder, elements.loc), elements(elements), op(op) {}
  Value read(unsigned operand, ValueRange indices) override { return elements.element(op->getOperand(operand), indices); }
  Value index(int64_t value) override { return elements.index(value); }

private:
  KernelElements &elements;
  Operation *op;
};

bool encloses(Block *outer, Block *inner) {
  for (; inner; inner = inner->getParentOp() ? inner->getParentOp()->getBlock() : nullptr)
    if (inner == outer)
      return true;
  return false;
}
} // namespace

Type cpu::bufferElement(Type element) {
  return element.isInteger(1) ? IntegerType::get(element.getContext(), 8) : core::storageType(element);
}

Value KernelElements::index(int64_t value) {
  Value &constant = constants[value];
  if (!constant) {
    OpBuilder::InsertionGuard guard(builder);
    auto function = builder.getInsertionBlock()->getParentOp();
    while (!isa<func::FuncOp>(function))
      function = function->getParentOp();
    builder.setInsertionPointToStart(&cast<func::FuncOp>(function).front());
    constant = arith::ConstantIndexOp::create(builder, loc, value);
  }
  return constant;
}

Value KernelElements::element(Value value, ValueRange indices) {
  if (Value scalar = scalars.lookup(value))
    return scalar;
  Block *here = builder.getInsertionBlock();
  for (Known &entry : known[value])
    if (llvm::equal(entry.indices, indices) && encloses(entry.element.getParentBlock(), here))
      return entry.element;
  Value result = compute(value, indices);
  // Code is emitted in order, so what an enclosing block holds by now dominates what follows.
  if (result.getParentBlock() == here)
    known[value].push_back({SmallVector<Value>(indices), result});
  return result;
}

Value KernelElements::compute(Value value, ValueRange indices) {
  if (Value buffer = buffers.lookup(value)) {
    Value loaded = memref::LoadOp::create(builder, loc, buffer, indices);
    if (!elementOf(value).isInteger(1))
      return loaded;
    return arith::TruncIOp::create(builder, loc, builder.getI1Type(), loaded);
  }
  Operation *op = value.getDefiningOp();
  if (auto constant = dyn_cast<core::ConstantOp>(op)) {
    auto splat = cast<SplatElementsAttr>(constant.getValue());
    Type type = core::storageType(elementOf(value));
    if (isa<ComplexType>(type)) {
      auto number = splat.getSplatValue<std::complex<APFloat>>();
      Type part = cast<ComplexType>(type).getElementType();
      return complex::ConstantOp::create(
          builder, loc, type, builder.getArrayAttr({builder.getFloatAttr(part, number.real()), builder.getFloatAttr(part, number.imag())}));
    }
    if (isa<FloatType>(type))
      return arith::ConstantOp::create(builder, loc, builder.getFloatAttr(type, splat.getSplatValue<APFloat>()));
    return arith::ConstantOp::create(builder, loc, builder.getIntegerAttr(type, splat.getSplatValue<APInt>()));
  }
  if (auto scalarOp = dyn_cast<core::ScalarLoweringOpInterface>(op)) {
    SmallVector<Value> operands;
    for (Value operand : op->getOperands())
      operands.push_back(element(operand, indices));
    return scalarOp.lowerScalar(builder, loc, operands);
  }
  OperandReader reader(*this, op);
  return cast<core::ElementLoweringOpInterface>(op).lowerElement(reader, indices);
}

void KernelElements::store(Value scalar, Type type, Value buffer, ValueRange indices) {
  if (type.isInteger(1))
    scalar = arith::ExtUIOp::create(builder, loc, builder.getI8Type(), scalar);
  memref::StoreOp::create(builder, loc, scalar, buffer, indices);
}

SmallVector<Value> KernelElements::delinearize(Value linear, ArrayRef<int64_t> shape) {
  SmallVector<Value> indices(shape.size());
  for (size_t d = shape.size(); d-- > 0;) {
    bool outermost = llvm::all_of(shape.take_front(d), [](int64_t size) { return size == 1; });
    if (shape[d] == 1) {
      indices[d] = index(0);
    } else if (outermost) {
      indices[d] = linear;
    } else {
      indices[d] = arith::RemUIOp::create(builder, loc, linear, index(shape[d]));
      linear = arith::DivUIOp::create(builder, loc, linear, index(shape[d]));
    }
  }
  return indices;
}

Value KernelElements::linearize(ValueRange indices, ArrayRef<int64_t> shape) {
  Value linear;
  for (auto [size, place] : llvm::zip_equal(shape, indices)) {
    if (size == 1)
      continue;
    linear = linear ? arith::AddIOp::create(builder, loc, arith::MulIOp::create(builder, loc, linear, index(size)), place).getResult() : place;
  }
  return linear ? linear : index(0);
}
