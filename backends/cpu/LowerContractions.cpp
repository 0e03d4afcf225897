// SPDX-License-Identifier: Apache-2.0
// Kernels around a product or convolution: the emitter's loops, with the elementwise ops behind it on its accumulators.
#include "backends/cpu/contraction/EmitContraction.h"
#include "backends/cpu/contraction/EmitDepthwise.h"
#include "backends/cpu/contraction/EmitSupport.h"
#include "backends/cpu/LowerKernel.h"
#include "backends/cpu/winograd/EmitWinograd.h"
#include "ir/core/Ops.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;
using namespace lathe;
using namespace lathe::cpu;

namespace {
RankedTensorType typeOf(Value tensor) { return cast<RankedTensorType>(tensor.getType()); }

/// Evaluates the elementwise ops behind a contraction on vectors of its last dimension.
class Epilogue {
public:
  Epilogue(KernelEmission &emission, Value sums) : emission(emission), sums(sums) {}

  Value emit(OpBuilder &builder, Location loc, const EpiloguePoint &point) {
    b = &builder;
    this->loc = loc;
    this->point = &point;
    known.clear();
    indices = resultIndices();
    Value result = emission.kernel.getYield().getValues().front();
    Value vector = value(result);
    if (typeOf(result).getElementType().isInteger(1))
      vector = arith::ExtUIOp::create(builder, loc, VectorType::get(point.lanes, builder.getI8Type()), vector);
    return vector;
  }

private:
  /// The place of the vector's first element in the contraction's result.
  SmallVector<Value> resultIndices() {
    Emitter e(*b, loc);
    ArrayRef<int64_t> shape = typeOf(sums).getShape();
    bool batched = isa<core::DotGeneralOp>(emission.shape.root) && shape.size() == 3;
    ArrayRef<int64_t> rows = shape.drop_back().drop_front(batched);
    SmallVector<Value> result(rows.size());
    Value linear = point->row;
    for (size_t d = rows.size(); d-- > 0;) {
      bool outermost = llvm::all_of(rows.take_front(d), [](int64_t size) { return size == 1; });
      result[d] = outermost ? linear : e.rem(linear, rows[d]);
      linear = outermost ? e.index(0) : e.div(linear, rows[d]);
    }
    if (batched)
      result.insert(result.begin(), point->batch);
    result.push_back(point->column);
    return result;
  }

  Value value(Value tensor) {
    if (tensor == sums)
      return point->sums;
    Value &entry = known[tensor];
    if (entry)
      return entry;
    Value result = compute(tensor);
    return known[tensor] = result;
  }

  Value compute(Value tensor) {
    if (isa<BlockArgument>(tensor))
      return load(tensor, indices);
    Operation *op = tensor.getDefiningOp();
    if (auto broadcast = dyn_cast<core::BroadcastOp>(op)) {
      SmallVector<Value> place;
      for (auto [size, dimension] : llvm::zip_equal(typeOf(broadcast.getOperand()).getShape(), broadcast.getDimensions()))
        place.push_back(size == 1 ? Emitter(*b, loc).index(0) : indices[dimension]);
      bool alongColumns = !broadcast.getDimensions().empty() && typeOf(broadcast.getOperand()).getShape().back() != 1 &&
                          broadcast.getDimensions().back() == typeOf(tensor).getRank() - 1;
      if (alongColumns && isa<BlockArgument>(broadcast.getOperand()))
        return load(broadcast.getOperand(), place);
      return splat(emission.elements.element(broadcast.getOperand(), place));
    }
    if (isa<core::ConstantOp, core::IotaOp>(op)) {
      if (isa<core::ConstantOp>(op) || cast<core::IotaOp>(op).getDimension() + 1 != static_cast<uint64_t>(typeOf(tensor).getRank()))
        return splat(emission.elements.element(tensor, indices));
      Value step = vector::StepOp::create(*b, loc, VectorType::get(point->lanes, b->getIndexType()));
      Value place = arith::AddIOp::create(*b, loc, step, vector::BroadcastOp::create(*b, loc, step.getType(), indices.back()));
      Value wide = arith::IndexCastOp::create(*b, loc, VectorType::get(point->lanes, b->getI64Type()), place);
      return core::emitConvert(*b, loc, b->getI64Type(), typeOf(tensor).getElementType(), wide);
    }
    SmallVector<Value> operands = llvm::map_to_vector(op->getOperands(), [&](Value operand) { return value(operand); });
    return cast<core::ScalarLoweringOpInterface>(op).lowerScalar(*b, loc, operands);
  }

  Value splat(Value scalar) { return vector::BroadcastOp::create(*b, loc, VectorType::get(point->lanes, scalar.getType()), scalar); }

  /// Neighbours along the last dimension of an operand, from `place` on.
  Value load(Value tensor, ValueRange place) {
    Emitter e(*b, loc);
    Value linear = e.index(0);
    for (auto [size, index] : llvm::zip_equal(typeOf(tensor).getShape(), place))
      linear = e.add(e.mul(linear, size), index);
    Value vector = e.loadVector(e.flatten(emission.elements.getBuffer(tensor)), linear, point->lanes, point->mask);
    if (!typeOf(tensor).getElementType().isInteger(1))
      return vector;
    return arith::TruncIOp::create(*b, loc, VectorType::get(point->lanes, b->getI1Type()), vector);
  }

  KernelEmission &emission;
  Value sums;
  OpBuilder *b = nullptr;
  Location loc = UnknownLoc::get(sums.getContext());
  const EpiloguePoint *point = nullptr;
  SmallVector<Value> indices;
  llvm::DenseMap<Value, Value> known;
};
} // namespace

void cpu::emitContractionKernel(KernelEmission &emission) {
  KernelElements &e = emission.elements;
  Operation *root = emission.shape.root;
  Epilogue epilogue(emission, root->getResult(0));
  auto finish = [&](OpBuilder &builder, Location loc, const EpiloguePoint &point) { return epilogue.emit(builder, loc, point); };
  Value lhs = e.getBuffer(root->getOperand(0)), rhs = e.getBuffer(root->getOperand(1)), output = emission.outputs.front();
  if (emission.shape.form == KernelForm::Depthwise)
    emitDepthwise(e.builder, e.loc, emission.shape.depthwise, emission.shape.depthwiseTile, lhs, rhs, output, emission.begin,
                  emission.end, finish);
  else if (emission.shape.form == KernelForm::Winograd)
    emitWinograd(e.builder, e.loc, emission.shape.winograd, emission.shape.winogradTile, lhs, rhs, output, emission.scratch,
                 emission.begin, emission.end, finish);
  else
    emitContraction(e.builder, e.loc, emission.shape.contraction, emission.shape.contractionTile, lhs, rhs, output,
                    emission.begin, emission.end, finish);
}
