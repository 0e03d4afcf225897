// SPDX-License-Identifier: Apache-2.0
// Kernels of one op that is an algorithm: scatter and cumulative as loops, sorts, factorisations, samples by the runtime.
#include "backends/cpu/LowerKernel.h"
#include "ir/core/Ops.h"
#include "llvm/ADT/TypeSwitch.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;
using namespace lathe;
using namespace lathe::cpu;

namespace {
RankedTensorType typeOf(Value tensor) { return cast<RankedTensorType>(tensor.getType()); }

/// Sizes before, at, and after a dimension.
struct Split {
  Split(ArrayRef<int64_t> shape, int64_t dimension)
      : before(llvm::product_of(shape.take_front(dimension), int64_t(1))), at(shape[dimension]),
        after(llvm::product_of(shape.drop_front(dimension + 1), int64_t(1))) {}
  int64_t before, at, after;
};

class WholeEmitter {
public:
  explicit WholeEmitter(KernelEmission &emission) : emission(emission), e(emission.elements), b(e.builder), loc(e.loc) {}

  void emit(core::ScatterOp op) {
    Type element = op.getType().getElementType();
    ArrayRef<int64_t> shape = op.getType().getShape();
    Value output = emission.outputs.front();
    if (emission.inPlace.front() < 0) // Else all rows are there already.
      emitNest(e, shape, [&](ValueRange indices) { e.store(e.element(op.getOperand(), indices), element, output, indices); });
    e.setBuffer(op.getResult(), output);
    Type indexElement = typeOf(op.getIndices()).getElementType();
    emitLoop(e, e.index(0), e.index(typeOf(op.getIndices()).getDimSize(0)), [&](Value k) {
      Value raw = e.element(op.getIndices(), k);
      Value row = indexElement.isUnsignedInteger() ? arith::IndexCastUIOp::create(b, loc, b.getIndexType(), raw).getResult()
                                                   : arith::IndexCastOp::create(b, loc, b.getIndexType(), raw).getResult();
      // As unsigned numbers, negative rows are large.
      Value inside = arith::CmpIOp::create(b, loc, arith::CmpIPredicate::ult, row, e.index(shape.front()));
      auto branch = scf::IfOp::create(b, loc, inside);
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPoint(branch.thenBlock()->getTerminator());
      emitNest(e, shape.drop_front(), [&](ValueRange inner) {
        SmallVector<Value> to{row}, from{k};
        llvm::append_range(to, inner);
        llvm::append_range(from, inner);
        Value current = e.element(op.getResult(), to), update = e.element(op.getUpdates(), from);
        e.store(core::emitCombine(b, loc, op.getCombiner(), element, current, update), element, output, to);
      });
    });
  }

  void emit(core::CumulativeOp op) {
    Type element = op.getType().getElementType();
    ArrayRef<int64_t> shape = op.getType().getShape();
    int64_t dimension = op.getDimension(), size = shape[dimension];
    SmallVector<int64_t> others(shape);
    others[dimension] = 1;
    emitLoop(e, emission.begin, emission.end, [&](Value unit) {
      SmallVector<Value> place = e.delinearize(unit, others);
      Value identity = core::emitIdentity(b, loc, op.getCombiner(), element);
      auto loop = scf::ForOp::create(b, loc, e.index(0), e.index(size), e.index(1), identity);
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToEnd(loop.getBody());
      Value i = loop.getInductionVar(), current = loop.getRegionIterArg(0);
      place[dimension] = op.getReverse() ? arith::SubIOp::create(b, loc, e.index(size - 1), i).getResult() : i;
      Value next = core::emitCombine(b, loc, op.getCombiner(), element, current, e.element(op.getOperand(), place));
      e.store(op.getExclusive() ? current : next, element, emission.outputs.front(), place);
      scf::YieldOp::create(b, loc, next);
    });
  }

  void emit(core::SortOp op) {
    Split split(op.getOperand().getType().getShape(), op.getDimension());
    Type element = op.getOperand().getType().getElementType(), indexType = op.getIndexType();
    std::string name = "lathe_sort_" + typeName(element);
    int64_t count = op.getValues().getType().getDimSize(op.getDimension());
    emitLoop(e, emission.begin, emission.end, [&](Value unit) {
      // Unit (before, after): the first element is at before * at * after + after's index.
      Value outer = arith::DivUIOp::create(b, loc, unit, e.index(split.after)), inner = arith::RemUIOp::create(b, loc, unit, e.index(split.after));
      auto firstOf = [&](int64_t size) {
        return arith::AddIOp::create(b, loc, arith::MulIOp::create(b, loc, outer, e.index(size * split.after)), inner).getResult();
      };
      Value from = firstOf(split.at), to = firstOf(count), places = pointer(emission.outputs[1], to), none = LLVM::ZeroOp::create(b, loc, pointerType());
      bool wide = indexType.getIntOrFloatBitWidth() == 64;
      call(name, {pointer(input(op.getOperand()), from), pointer(emission.outputs[0], to), wide ? none : places, wide ? places : none,
                  integer(split.at, 64), integer(count, 64), integer(split.after, 64), integer(op.getDescending(), 32)});
    });
  }

  void emit(core::CholeskyOp op) {
    RankedTensorType type = op.getType();
    int64_t n = type.getShape().back();
    forEachMatrix([&](Value matrix) {
      Value offset = times(matrix, n * n);
      call("lathe_cholesky_" + typeName(type.getElementType()),
           {pointer(input(op.getOperand()), offset), pointer(emission.outputs[0], offset), integer(n, 64)});
    });
  }

  void emit(core::LUOp op) {
    RankedTensorType type = typeOf(op.getOperand());
    int64_t n = type.getShape().back();
    forEachMatrix([&](Value matrix) {
      Value offset = times(matrix, n * n);
      call("lathe_lu_" + typeName(type.getElementType()),
           {pointer(input(op.getOperand()), offset), pointer(emission.outputs[0], offset), pointer(emission.outputs[1], times(matrix, n)),
            pointer(emission.outputs[2], matrix), integer(n, 64)});
    });
  }

  void emit(core::TriangularSolveOp op) {
    int64_t n = typeOf(op.getMatrix()).getShape().back(), k = typeOf(op.getRhs()).getShape().back();
    forEachMatrix([&](Value matrix) {
      call("lathe_triangular_solve_" + typeName(op.getType().getElementType()),
           {pointer(input(op.getMatrix()), times(matrix, n * n)), pointer(input(op.getRhs()), times(matrix, n * k)),
            pointer(emission.outputs[0], times(matrix, n * k)), integer(n, 64), integer(k, 64), integer(op.getLower(), 32),
            integer(op.getTranspose(), 32), integer(op.getUnitDiagonal(), 32)});
    });
  }

  void emit(core::SVDOp op) {
    RankedTensorType type = typeOf(op.getOperand());
    int64_t rank = type.getRank(), m = type.getDimSize(rank - 2), n = type.getDimSize(rank - 1);
    forEachMatrix([&](Value matrix) {
      call("lathe_svd_" + typeName(type.getElementType()),
           {pointer(input(op.getOperand()), times(matrix, m * n)), pointer(emission.outputs[0], times(matrix, std::min(m, n))),
            pointer(emission.outputs[1], times(matrix, m * typeOf(op.getLeft()).getShape().back())),
            pointer(emission.outputs[2], times(matrix, n * typeOf(op.getRight()).getShape().back())), integer(m, 64), integer(n, 64),
            integer(op.getFull(), 32)});
    });
  }

  void emit(core::QROp op) {
    RankedTensorType type = typeOf(op.getOperand());
    int64_t rank = type.getRank(), m = type.getDimSize(rank - 2), n = type.getDimSize(rank - 1), k = typeOf(op.getQ()).getShape().back();
    forEachMatrix([&](Value matrix) {
      call("lathe_qr_" + typeName(type.getElementType()),
           {pointer(input(op.getOperand()), times(matrix, m * n)), pointer(emission.outputs[0], times(matrix, m * k)),
            pointer(emission.outputs[1], times(matrix, k * n)), integer(m, 64), integer(n, 64), integer(op.getFull(), 32)});
    });
  }

  void emit(core::FFTOp op) {
    int64_t n = op.getType().getShape().back();
    Value first = times(emission.begin, n), rows = arith::SubIOp::create(b, loc, emission.end, emission.begin);
    call("lathe_fft_" + typeName(op.getType().getElementType()),
         {pointer(input(op.getOperand()), first), pointer(emission.outputs[0], first), integer(n, 64),
          arith::IndexCastOp::create(b, loc, b.getI64Type(), rows), integer(op.getInverse(), 32)});
  }

  void emit(core::EighOp op) {
    RankedTensorType type = typeOf(op.getOperand());
    int64_t n = type.getShape().back();
    forEachMatrix([&](Value matrix) {
      Value offset = times(matrix, n * n);
      call("lathe_eigh_" + typeName(type.getElementType()),
           {pointer(input(op.getOperand()), offset), pointer(emission.outputs[0], times(matrix, n)), pointer(emission.outputs[1], offset),
            integer(n, 64)});
    });
  }

  void emit(core::RngSampleOp op) {
    RankedTensorType type = typeOf(op.getResult());
    Value zero = e.index(0);
    SmallVector<Value> arguments{pointer(input(op.getKey()), zero), pointer(input(op.getCounter()), zero)};
    for (Value parameter : op.getParameters())
      llvm::append_values(arguments, pointer(input(parameter), zero), integer(typeOf(parameter).getNumElements(), 64));
    auto wide = [&](Value index) { return arith::IndexCastOp::create(b, loc, b.getI64Type(), index); };
    llvm::append_values(arguments, pointer(emission.outputs[0], zero), integer(type.getNumElements(), 64), wide(emission.begin), wide(emission.end));
    call("lathe_random_" + stringifyDistribution(op.getDistribution()).str() + "_" + typeName(type.getElementType()), arguments);
  }

private:
  Value input(Value operand) { return e.getBuffer(operand); }
  Type pointerType() { return LLVM::LLVMPointerType::get(b.getContext()); }
  Value integer(int64_t value, unsigned width) { return arith::ConstantOp::create(b, loc, b.getIntegerAttr(b.getIntegerType(width), value)); }
  Value times(Value index, int64_t factor) { return arith::MulIOp::create(b, loc, index, e.index(factor)); }
  void forEachMatrix(llvm::function_ref<void(Value)> body) { emitLoop(e, emission.begin, emission.end, body); }

  /// The address of element number `offset` of a dense buffer.
  Value pointer(Value buffer, Value offset) {
    Value base = memref::ExtractAlignedPointerAsIndexOp::create(b, loc, buffer);
    int64_t bytes = core::elementBytes(cast<MemRefType>(buffer.getType()).getElementType());
    Value address = arith::AddIOp::create(b, loc, base, times(offset, bytes));
    Value bits = arith::IndexCastOp::create(b, loc, b.getI64Type(), address);
    return LLVM::IntToPtrOp::create(b, loc, pointerType(), bits);
  }

  /// The suffix that the runtime's functions have for an element type.
  static std::string typeName(Type element) {
    if (element.isBF16())
      return "bf16";
    if (auto complex = dyn_cast<ComplexType>(element))
      return complex.getElementType().isF32() ? "c64" : "c128";
    std::string width = std::to_string(element.getIntOrFloatBitWidth());
    return (isa<FloatType>(element) ? "f" : element.isUnsignedInteger() ? "u" : "i") + width;
  }

  /// Calls a function of the runtime.
  void call(const std::string &name, ArrayRef<Value> arguments) {
    auto module = emission.elements.builder.getInsertionBlock()->getParentOp()->getParentOfType<ModuleOp>();
    if (!module.lookupSymbol(name)) {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(module.getBody());
      func::FuncOp::create(b, loc, name, b.getFunctionType(ValueRange(arguments).getTypes(), {})).setPrivate();
    }
    func::CallOp::create(b, loc, StringRef(name), TypeRange(), ValueRange(arguments));
  }

  KernelEmission &emission;
  KernelElements &e;
  OpBuilder &b;
  Location loc;
};

int64_t matrices(Value batch) { return llvm::product_of(typeOf(batch).getShape().drop_back(2), int64_t(1)); }
} // namespace

int64_t cpu::wholeUnits(Operation *op) {
  return llvm::TypeSwitch<Operation *, int64_t>(op)
      .Case([](core::ScatterOp) { return 1; }) // Updates of one row must stay in order.
      .Case([](core::CumulativeOp op) {
        Split split(op.getType().getShape(), op.getDimension());
        return split.before * split.after;
      })
      .Case([](core::SortOp op) {
        Split split(op.getOperand().getType().getShape(), op.getDimension());
        return split.before * split.after;
      })
      .Case([](core::FFTOp op) { return llvm::product_of(op.getType().getShape().drop_back(), int64_t(1)); })
      .Case([](core::TriangularSolveOp op) { return matrices(op.getMatrix()); })
      .Case([](core::RngBitsOp op) { return randomBlocks(op); })
      .Case([](core::RngSampleOp op) { return op.getUnits(); })
      .Default([](Operation *op) { return matrices(op->getOperand(0)); });
}

void cpu::emitWholeKernel(KernelEmission &emission) {
  WholeEmitter emitter(emission);
  llvm::TypeSwitch<Operation *>(emission.shape.root)
      .Case<core::ScatterOp, core::CumulativeOp, core::SortOp, core::CholeskyOp, core::LUOp, core::TriangularSolveOp, core::SVDOp,
            core::EighOp, core::QROp, core::FFTOp, core::RngSampleOp>([&](auto op) { emitter.emit(op); })
      .Case([&](core::RngBitsOp) { emitRandomBits(emission); });
}
