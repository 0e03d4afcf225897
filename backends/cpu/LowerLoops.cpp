// SPDX-License-Identifier: Apache-2.0
// Kernels whose result elements are independent: one loop nest, or one a piece for concat and pad.
#include "backends/cpu/LowerKernel.h"
#include "ir/core/Ops.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace lathe;
using namespace lathe::cpu;

namespace {
RankedTensorType typeOf(Value tensor) { return cast<RankedTensorType>(tensor.getType()); }

/// How many leading dimensions of `shape` are flattened into units: enough for threads to share, and all but the innermost at most.
/// A vector is its own unit dimension.
int64_t unitDimensions(ArrayRef<int64_t> shape) {
  constexpr int64_t enoughUnits = 64;
  int64_t units = 1, count = 0, last = std::max<int64_t>(static_cast<int64_t>(shape.size()) - 1, 1);
  while (count < std::min<int64_t>(last, shape.size()) && units < enoughUnits)
    units *= shape[count++];
  return count;
}

/// Emits the units' loop: `body` gets the indices of the leading dimensions.
void emitUnits(KernelEmission &emission, ArrayRef<int64_t> leading, llvm::function_ref<void(ValueRange)> body) {
  KernelElements &e = emission.elements;
  emitLoop(e, emission.begin, emission.end, [&](Value unit) { body(e.delinearize(unit, leading)); });
}

SmallVector<Value> shifted(KernelElements &e, ValueRange indices, size_t dimension, int64_t offset) {
  SmallVector<Value> result(indices);
  if (offset != 0)
    result[dimension] = arith::AddIOp::create(e.builder, e.loc, indices[dimension], e.index(offset));
  return result;
}

/// The place in `result` that has the same number in row-major order as `indices` in `shape`: results of one kernel may be views
/// of each other's shape.
SmallVector<Value> placeIn(KernelElements &e, Value result, ArrayRef<int64_t> shape, ValueRange indices) {
  if (typeOf(result).getShape() == shape)
    return SmallVector<Value>(indices);
  return e.delinearize(e.linearize(indices, shape), typeOf(result).getShape());
}

/// Joins tensors: a nest for each input, so that no element asks where it comes from.
void emitConcat(KernelEmission &emission, core::ConcatOp concat, Value output) {
  KernelElements &e = emission.elements;
  ArrayRef<int64_t> shape = concat.getType().getShape();
  int64_t dimension = concat.getDimension(), leading = unitDimensions(shape);
  Type element = concat.getType().getElementType();
  emitUnits(emission, shape.take_front(leading), [&](ValueRange outer) {
    int64_t offset = 0;
    for (Value input : concat.getInputs()) {
      int64_t size = typeOf(input).getDimSize(dimension);
      auto copyInner = [&](ValueRange inputOuter) {
        emitNest(e, typeOf(input).getShape().drop_front(leading), [&](ValueRange inner) {
          SmallVector<Value> from(inputOuter), to(outer);
          llvm::append_range(from, inner);
          llvm::append_range(to, inner);
          if (dimension >= leading)
            to = shifted(e, to, dimension, offset);
          e.store(e.element(input, from), element, output, to);
        });
      };
      if (dimension >= leading) {
        copyInner(outer);
      } else {
        // The joined dimension is among the units: this one belongs to exactly one input.
        Value first = arith::CmpIOp::create(e.builder, e.loc, arith::CmpIPredicate::sge, outer[dimension], e.index(offset));
        Value last = arith::CmpIOp::create(e.builder, e.loc, arith::CmpIPredicate::slt, outer[dimension], e.index(offset + size));
        Value inside = arith::AndIOp::create(e.builder, e.loc, first, last);
        auto branch = scf::IfOp::create(e.builder, e.loc, inside);
        OpBuilder::InsertionGuard guard(e.builder);
        e.builder.setInsertionPoint(branch.thenBlock()->getTerminator());
        copyInner(shifted(e, outer, dimension, -offset));
      }
      offset += size;
    }
  });
}

/// Surrounds a tensor without interior padding: border and inside have loops of their own along each inner dimension.
class PadEmitter {
public:
  PadEmitter(KernelEmission &emission, core::PadOp pad, Value output)
      : e(emission.elements), pad(pad), output(output), shape(pad.getType().getShape()), leading(unitDimensions(shape)) {}

  void emit(KernelEmission &emission) {
    emitUnits(emission, shape.take_front(leading), [&](ValueRange outer) {
      Value inside;
      for (int64_t d = 0; d < leading; ++d) {
        auto require = [&](arith::CmpIPredicate predicate, int64_t bound) {
          Value condition = arith::CmpIOp::create(e.builder, e.loc, predicate, outer[d], e.index(bound));
          inside = inside ? arith::AndIOp::create(e.builder, e.loc, inside, condition).getResult() : condition;
        };
        if (begin(d) > 0)
          require(arith::CmpIPredicate::sge, begin(d));
        if (end(d) < shape[d])
          require(arith::CmpIPredicate::slt, end(d));
      }
      SmallVector<Value> indices(outer);
      if (!inside)
        return emitInside(indices);
      auto branch = scf::IfOp::create(e.builder, e.loc, inside, /*withElseRegion=*/true);
      OpBuilder::InsertionGuard guard(e.builder);
      e.builder.setInsertionPoint(branch.thenBlock()->getTerminator());
      emitInside(indices);
      e.builder.setInsertionPoint(branch.elseBlock()->getTerminator());
      emitFill(indices);
    });
  }

private:
  int64_t begin(int64_t d) { return std::clamp<int64_t>(pad.getLow()[d], 0, shape[d]); }
  int64_t end(int64_t d) { return std::clamp<int64_t>(pad.getLow()[d] + typeOf(pad.getOperand()).getDimSize(d), begin(d), shape[d]); }

  void emitRange(SmallVector<Value> &indices, int64_t lower, int64_t upper, llvm::function_ref<void()> body) {
    if (lower >= upper)
      return;
    emitLoop(e, e.index(lower), e.index(upper), [&](Value i) {
      indices.push_back(i);
      body();
      indices.pop_back();
    });
  }

  void emitInside(SmallVector<Value> &indices) {
    int64_t d = indices.size();
    if (d == static_cast<int64_t>(shape.size())) {
      SmallVector<Value> from;
      for (auto [i, index] : llvm::enumerate(indices))
        from.push_back(pad.getLow()[i] == 0 ? index
                                            : arith::SubIOp::create(e.builder, e.loc, index, e.index(pad.getLow()[i])).getResult());
      return store(e.element(pad.getOperand(), from), indices);
    }
    emitRange(indices, 0, begin(d), [&] { emitFill(indices); });
    emitRange(indices, begin(d), end(d), [&] { emitInside(indices); });
    emitRange(indices, end(d), shape[d], [&] { emitFill(indices); });
  }

  void emitFill(SmallVector<Value> &indices) {
    if (indices.size() == shape.size())
      return store(e.element(pad.getValue(), {}), indices);
    emitRange(indices, 0, shape[indices.size()], [&] { emitFill(indices); });
  }

  void store(Value value, ValueRange indices) { e.store(value, pad.getType().getElementType(), output, indices); }

  KernelElements &e;
  core::PadOp pad;
  Value output;
  ArrayRef<int64_t> shape;
  int64_t leading;
};
} // namespace

int64_t cpu::loopsUnits(rt::KernelOp kernel) {
  ArrayRef<int64_t> shape = typeOf(kernel.getYield().getValues().front()).getShape();
  return llvm::product_of(shape.take_front(unitDimensions(shape)), int64_t(1));
}

void cpu::emitLoopsKernel(KernelEmission &emission) {
  KernelElements &e = emission.elements;
  OperandRange results = emission.kernel.getYield().getValues();
  if (auto concat = results.front().getDefiningOp<core::ConcatOp>(); concat && results.size() == 1)
    return emitConcat(emission, concat, emission.outputs.front());
  if (auto pad = results.front().getDefiningOp<core::PadOp>(); pad && results.size() == 1) {
    bool plain = llvm::all_of(pad.getInterior(), [](int64_t size) { return size == 0; });
    if (plain)
      return PadEmitter(emission, pad, emission.outputs.front()).emit(emission);
  }
  ArrayRef<int64_t> shape = typeOf(results.front()).getShape();
  int64_t leading = unitDimensions(shape);
  emitUnits(emission, shape.take_front(leading), [&](ValueRange outer) {
    emitNest(e, shape.drop_front(leading), [&](ValueRange inner) {
      SmallVector<Value> indices(outer);
      llvm::append_range(indices, inner);
      // All elements are read before any is written: a result may have taken over an operand's buffer.
      SmallVector<SmallVector<Value>> places = llvm::map_to_vector(results, [&](Value result) { return placeIn(e, result, shape, indices); });
      SmallVector<Value> elements;
      for (auto [result, place] : llvm::zip_equal(results, places))
        elements.push_back(e.element(result, place));
      for (auto [result, value, buffer, place] : llvm::zip_equal(results, elements, emission.outputs, places))
        e.store(value, typeOf(result).getElementType(), buffer, place);
    });
  });
}
