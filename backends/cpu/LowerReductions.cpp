// SPDX-License-Identifier: Apache-2.0
// Kernels around reductions: a row at a time where trailing dimensions are reduced, else a block of columns at a time.
#include "backends/cpu/LowerKernel.h"
#include "ir/core/Ops.h"
#include "llvm/ADT/SetVector.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace lathe;
using namespace lathe::cpu;

namespace {
RankedTensorType typeOf(Value tensor) { return cast<RankedTensorType>(tensor.getType()); }

Value widened(KernelElements &e, core::ReduceOp reduce, Value element) {
  Type type = reduce.getType().getElementType();
  return core::emitConvert(e.builder, e.loc, type, core::sumType(type), element);
}
Value narrowed(KernelElements &e, core::ReduceOp reduce, Value sum) {
  Type type = reduce.getType().getElementType();
  return core::emitConvert(e.builder, e.loc, core::sumType(type), type, sum);
}

/// Everything around reductions of trailing dimensions. What a row needs first is computed first: reductions run in
/// stages, each a loop over the row; a costly value that several loops read is kept in a row of its own.
class RowsEmitter {
public:
  explicit RowsEmitter(KernelEmission &emission)
      : emission(emission), e(emission.elements), root(cast<core::ReduceOp>(emission.shape.root)), full(root.getOperand().getType().getShape()) {
    int64_t first = full.size();
    while (first > 0 && (llvm::is_contained(root.getDimensions(), first - 1) || full[first - 1] == 1))
      --first;
    rows = full.take_front(first);
    row = full.drop_front(first);
  }

  void emit() {
    findStages();
    chooseKept();
    for (Value value : kept)
      keptRows[value] = memref::AllocaOp::create(e.builder, e.loc, MemRefType::get(row, bufferElement(typeOf(value).getElementType())));
    emitLoop(e, emission.begin, emission.end, [&](Value unit) {
      outer = e.delinearize(unit, rows);
      linear = unit;
      for (Stage &stage : stages)
        emitStage(stage);
      emitResults();
      e.clearScalars();
    });
  }

private:
  struct Stage {
    SmallVector<core::ReduceOp> reductions;
  };

  bool isFull(Value value) const { return typeOf(value).getShape() == full; }

  /// The reductions that `value` needs, with how many loops must run before it is known.
  int depth(Value value) {
    Operation *op = value.getDefiningOp();
    if (!op)
      return 0;
    auto [entry, isNew] = depths.try_emplace(op, 0);
    if (!isNew)
      return entry->second;
    int result = 0;
    for (Value operand : op->getOperands())
      result = std::max(result, depth(operand));
    if (isa<core::ReduceOp>(op))
      ++result;
    return depths[op] = result;
  }

  void findStages() {
    for (auto reduce : emission.kernel.getBody().getOps<core::ReduceOp>()) {
      size_t stage = depth(reduce) - 1;
      if (stages.size() <= stage)
        stages.resize(stage + 1);
      stages[stage].reductions.push_back(reduce);
    }
  }

  /// Full values that the loop computing `value` evaluates.
  void collect(Value value, llvm::SmallPtrSetImpl<Operation *> &seen) {
    Operation *op = value.getDefiningOp();
    if (!op || isa<core::ReduceOp>(op) || !isFull(value) || !seen.insert(op).second)
      return;
    for (Value operand : op->getOperands())
      collect(operand, seen);
  }

  void chooseKept() {
    llvm::MapVector<Operation *, int> loops;
    auto count = [&](ArrayRef<Value> roots) {
      llvm::SmallPtrSet<Operation *, 16> seen;
      for (Value value : roots)
        collect(value, seen);
      for (Operation &op : emission.kernel.getBody().front())
        if (seen.contains(&op))
          ++loops[&op];
    };
    for (Stage &stage : stages)
      count(llvm::map_to_vector(stage.reductions, [](core::ReduceOp reduce) -> Value { return reduce.getOperand(); }));
    count(fullResults());
    constexpr int64_t stackBytes = 64 << 10;
    int64_t bytes = 0;
    for (auto [op, count] : loops) {
      int64_t size = llvm::product_of(row, int64_t(1)) * core::elementBytes(typeOf(op->getResult(0)).getElementType());
      if (count < 2 || !core::isCostly(op) || bytes + size > stackBytes)
        continue;
      bytes += size;
      kept.insert(op->getResult(0));
    }
  }

  SmallVector<Value> fullResults() {
    SmallVector<Value> results;
    for (Value value : emission.kernel.getYield().getValues())
      if (isFull(value))
        results.push_back(value);
    return results;
  }

  SmallVector<Value> fullIndices(ValueRange inner) {
    SmallVector<Value> indices(outer);
    llvm::append_range(indices, inner);
    return indices;
  }

  /// The element of `value` in this row; a kept one is read from, or first written to, its own row.
  Value rowElement(Value value, ValueRange inner) { return e.element(value, fullIndices(inner)); }

  /// Kept values that the loop over `roots` is the first to compute are stored on the way.
  void storeKept(ArrayRef<Value> roots, ValueRange inner) {
    llvm::SmallPtrSet<Operation *, 16> seen;
    for (Value root : roots)
      collect(root, seen);
    for (Value value : kept) {
      if (stored.contains(value) || !seen.contains(value.getDefiningOp()))
        continue;
      e.store(rowElement(value, inner), typeOf(value).getElementType(), keptRows[value], inner);
      fresh.insert(value);
    }
  }

  /// After a loop: what it stored is read from its row from now on.
  void publishKept() {
    for (Value value : fresh) {
      // The row buffer lacks the leading dimensions; a view of the full shape with stride 0 along them reads it.
      auto type = cast<MemRefType>(keptRows[value].getType());
      SmallVector<int64_t> strides(full.size(), 0);
      int64_t stride = 1;
      for (size_t d = full.size(); d-- > rows.size();) {
        strides[d] = stride;
        stride *= full[d];
      }
      auto layout = StridedLayoutAttr::get(type.getContext(), 0, strides);
      auto view = MemRefType::get(full, type.getElementType(), layout);
      e.setBuffer(value, memref::ReinterpretCastOp::create(e.builder, e.loc, view, keptRows[value], 0, full, strides));
      stored.insert(value);
    }
    fresh.clear();
  }

  void emitStage(Stage &stage) {
    SmallVector<Value> state;
    SmallVector<Value> roots;
    for (core::ReduceOp reduce : stage.reductions) {
      state.push_back(core::emitIdentity(e.builder, e.loc, reduce.getCombiner(), core::sumType(reduce.getType().getElementType())));
      roots.push_back(reduce.getOperand());
    }
    SmallVector<Value> sums = emitRow(row, state, {}, [&](ValueRange inner, ValueRange state) {
      SmallVector<Value> next;
      for (auto [reduce, current] : llvm::zip_equal(stage.reductions, state)) {
        Value element = widened(e, reduce, rowElement(reduce.getOperand(), inner));
        next.push_back(core::emitCombine(e.builder, e.loc, reduce.getCombiner(), core::sumType(reduce.getType().getElementType()), current,
                                         element, /*reassociate=*/true));
      }
      storeKept(roots, inner);
      return next;
    });
    publishKept();
    for (auto [reduce, sum] : llvm::zip_equal(stage.reductions, sums))
      e.setScalar(reduce, narrowed(e, reduce, sum));
    setRowScalars();
  }

  /// Values of one element a row are computed once, outside of the loops that read them.
  void setRowScalars() {
    for (Operation &op : emission.kernel.getBody().front()) {
      if (op.getNumResults() != 1 || isa<core::ReduceOp>(op) || isFull(op.getResult(0)) || !isRowScalar(&op))
        continue;
      Value value = op.getResult(0);
      if (auto view = dyn_cast<core::ReshapeOp>(op)) {
        if (Value scalar = scalarOf(view.getOperand()))
          remember(value, scalar);
      } else if (auto lowering = dyn_cast<core::ScalarLoweringOpInterface>(op)) {
        SmallVector<Value> operands;
        for (Value operand : op.getOperands())
          operands.push_back(scalarOf(operand));
        if (llvm::all_of(operands, [](Value operand) { return bool(operand); }) && !known.contains(value))
          remember(value, lowering.lowerScalar(e.builder, e.loc, operands));
      }
    }
  }

  bool isRowScalar(Operation *op) { return typeOf(op->getResult(0)).getNumElements() == llvm::product_of(rows, int64_t(1)) && dependsOnReduction(op); }
  bool dependsOnReduction(Operation *op) { return depth(op->getResult(0)) > 0; }

  /// This row's element of a value that has one a row; null where it is not known yet.
  Value scalarOf(Value value) {
    if (Value scalar = known.lookup(value))
      return scalar;
    if (auto reduce = value.getDefiningOp<core::ReduceOp>())
      return e.getScalar(reduce);
    if (value.getDefiningOp() && depth(value) > 0)
      return {};
    return e.element(value, e.delinearize(linear, typeOf(value).getShape()));
  }
  void remember(Value value, Value scalar) {
    known[value] = scalar;
    e.setScalar(value, scalar);
  }

  void emitResults() {
    OperandRange results = emission.kernel.getYield().getValues();
    for (auto [value, buffer] : llvm::zip_equal(results, emission.outputs))
      if (!isFull(value))
        e.store(scalarOf(value), typeOf(value).getElementType(), buffer, e.delinearize(linear, typeOf(value).getShape()));
    if (!fullResults().empty())
      emitNest(e, row, [&](ValueRange inner) {
        SmallVector<Value> elements;
        for (Value value : fullResults())
          elements.push_back(rowElement(value, inner));
        size_t next = 0;
        for (auto [value, buffer] : llvm::zip_equal(results, emission.outputs))
          if (isFull(value))
            e.store(elements[next++], typeOf(value).getElementType(), buffer, fullIndices(inner));
      });
    known.clear();
  }

  /// Loops over the row, carrying `state`.
  SmallVector<Value> emitRow(ArrayRef<int64_t> sizes, ValueRange state, SmallVector<Value> inner,
                             llvm::function_ref<SmallVector<Value>(ValueRange, ValueRange)> body) {
    if (sizes.empty())
      return body(inner, state);
    if (sizes.front() == 1) {
      inner.push_back(e.index(0));
      return emitRow(sizes.drop_front(), state, inner, body);
    }
    auto loop = scf::ForOp::create(e.builder, e.loc, e.index(0), e.index(sizes.front()), e.index(1), state);
    OpBuilder::InsertionGuard guard(e.builder);
    e.builder.setInsertionPointToEnd(loop.getBody());
    inner.push_back(loop.getInductionVar());
    SmallVector<Value> next = emitRow(sizes.drop_front(), loop.getRegionIterArgs(), inner, body);
    scf::YieldOp::create(e.builder, e.loc, next);
    return SmallVector<Value>(loop.getResults());
  }

  KernelEmission &emission;
  KernelElements &e;
  core::ReduceOp root;
  ArrayRef<int64_t> full, rows, row;
  SmallVector<Stage> stages;
  llvm::DenseMap<Operation *, int> depths;
  llvm::SetVector<Value> kept, stored, fresh;
  llvm::DenseMap<Value, Value> keptRows, known;
  SmallVector<Value> outer;
  Value linear;
};

constexpr int64_t columnsPerUnit = 64;

/// The kept dimensions of a reduction's operand but the last, and the last one's size.
std::pair<SmallVector<int64_t>, int64_t> keptSizes(core::ReduceOp reduce) {
  SmallVector<int64_t> kept(reduce.getType().getShape());
  int64_t last = kept.pop_back_val();
  return {kept, last};
}
} // namespace

int64_t cpu::rowsUnits(Operation *reduction) {
  return cast<core::ReduceOp>(reduction).getType().getNumElements();
}

void cpu::emitRowsKernel(KernelEmission &emission) { RowsEmitter(emission).emit(); }

int64_t cpu::columnsUnits(Operation *reduction) {
  auto [kept, last] = keptSizes(cast<core::ReduceOp>(reduction));
  return llvm::product_of(kept, int64_t(1)) * llvm::divideCeil(last, columnsPerUnit);
}

void cpu::emitColumnsKernel(KernelEmission &emission) {
  KernelElements &e = emission.elements;
  auto reduce = cast<core::ReduceOp>(emission.shape.root);
  auto [kept, last] = keptSizes(reduce);
  Type element = reduce.getType().getElementType(), sum = core::sumType(element);
  ArrayRef<int64_t> full = reduce.getOperand().getType().getShape(), dimensions = reduce.getDimensions();
  SmallVector<int64_t> reduced = llvm::map_to_vector(dimensions, [&](int64_t d) { return full[d]; });
  Value sums = memref::AllocaOp::create(e.builder, e.loc, MemRefType::get({columnsPerUnit}, core::storageType(sum)));
  SmallVector<int64_t> units(kept);
  units.push_back(llvm::divideCeil(last, columnsPerUnit));
  emitLoop(e, emission.begin, emission.end, [&](Value unit) {
    SmallVector<Value> outer = e.delinearize(unit, units);
    Value first = arith::MulIOp::create(e.builder, e.loc, outer.pop_back_val(), e.index(columnsPerUnit));
    Value rest = arith::SubIOp::create(e.builder, e.loc, e.index(last), first);
    Value width = arith::MinSIOp::create(e.builder, e.loc, rest, e.index(columnsPerUnit));
    emitLoop(e, e.index(0), width, [&](Value q) {
      memref::StoreOp::create(e.builder, e.loc, core::emitIdentity(e.builder, e.loc, reduce.getCombiner(), sum), sums, q);
    });
    emitNest(e, reduced, [&](ValueRange point) {
      emitLoop(e, e.index(0), width, [&](Value q) {
        Value column = arith::AddIOp::create(e.builder, e.loc, first, q);
        SmallVector<Value> indices;
        size_t nextKept = 0, nextReduced = 0;
        for (int64_t d = 0, rank = full.size(); d < rank; ++d)
          indices.push_back(llvm::is_contained(dimensions, d) ? point[nextReduced++] : d == rank - 1 ? column : outer[nextKept++]);
        Value value = widened(e, reduce, e.element(reduce.getOperand(), indices));
        Value current = memref::LoadOp::create(e.builder, e.loc, sums, q);
        memref::StoreOp::create(e.builder, e.loc, core::emitCombine(e.builder, e.loc, reduce.getCombiner(), sum, current, value), sums, q);
      });
    });
    emitLoop(e, e.index(0), width, [&](Value q) {
      Value column = arith::AddIOp::create(e.builder, e.loc, first, q);
      Value total = narrowed(e, reduce, memref::LoadOp::create(e.builder, e.loc, sums, q));
      e.setScalar(reduce, total);
      SmallVector<Value> place(outer);
      place.push_back(column);
      // Values of other shapes, views of this one, have the same place in row-major order.
      Value linear = e.linearize(place, reduce.getType().getShape());
      OperandRange results = emission.kernel.getYield().getValues();
      SmallVector<Value> elements;
      for (Value result : results)
        elements.push_back(e.element(result, e.delinearize(linear, typeOf(result).getShape())));
      for (auto [result, value, buffer] : llvm::zip_equal(results, elements, emission.outputs))
        e.store(value, typeOf(result).getElementType(), buffer, e.delinearize(linear, typeOf(result).getShape()));
      e.clearScalars();
    });
  });
}
