// SPDX-License-Identifier: Apache-2.0
// Turns functions of kernel calls into programs of launches: collects lifetimes, lets passes/memory place them, writes
// back.
#include "ir/core/Ops.h"
#include "ir/rt/Ops.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "passes/Passes.h"
#include "passes/Views.h"
#include "passes/memory/ArenaPlan.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;
using namespace lathe;

namespace lathe {
#define GEN_PASS_DEF_PLANMEMORYPASS
#include "passes/Passes.h.inc"
} // namespace lathe

namespace {
MemRefType bufferType(Type tensor) {
  auto type = cast<RankedTensorType>(tensor);
  return MemRefType::get(type.getShape(), type.getElementType());
}

/// The weights of one module, each use that may have a layout of its own apart.
class Weights {
public:
  explicit Weights(SymbolTable &symbols) : symbols(symbols) {}

  /// The symbol for `constant` as a weight of any layout-free use, made by `builder` where it is new.
  StringAttr shared(OpBuilder &builder, core::ConstantOp constant) {
    return get(builder, constant.getLoc(), constant.getValue(), {}, -1);
  }

  /// The symbol for `constant` as operand number `operand` of `kernel`.
  StringAttr ofKernel(OpBuilder &builder, core::ConstantOp constant, rt::KernelOp kernel, int64_t operand) {
    return get(builder, constant.getLoc(), constant.getValue(), FlatSymbolRefAttr::get(kernel.getSymNameAttr()),
               operand);
  }

private:
  StringAttr get(OpBuilder &builder, Location loc, ElementsAttr value, FlatSymbolRefAttr kernel, int64_t operand) {
    StringAttr &name = names[{value, kernel, operand}];
    if (!name) {
      auto number = kernel ? builder.getI64IntegerAttr(operand) : IntegerAttr();
      auto weight = rt::WeightOp::create(builder, loc, "w" + std::to_string(names.size() - 1), value, kernel, number);
      name = symbols.insert(weight);
    }
    return name;
  }

  SymbolTable &symbols;
  llvm::DenseMap<std::tuple<Attribute, Attribute, int64_t>, StringAttr> names;
};

class Planner {
public:
  Planner(func::FuncOp function, SymbolTable &symbols, Weights &weights)
      : function(function), symbols(symbols), weights(weights), builder(function) {}

  LogicalResult run() {
    if (failed(collect()))
      return failure();
    assignResults();
    assignSlots();
    assert(memory::check(slots).empty() && "lifetimes must be in order");
    plan = memory::planArena(slots);
    assert(memory::verify(slots, plan).empty() && "slots must not share bytes while both live");
    emit();
    return success();
  }

private:
  static LogicalResult checkStatic(Operation *op, TypeRange types) {
    for (Type type : types)
      if (!isa<RankedTensorType>(type) || !cast<RankedTensorType>(type).hasStaticShape())
        return op->emitError() << "planning needs static shapes, but got " << type;
    return success();
  }

  LogicalResult collect() {
    if (failed(checkStatic(function, function.getArgumentTypes())))
      return failure();
    for (Operation &op : function.front()) {
      if (!isa<rt::CallOp, core::ReshapeOp, core::ConstantOp, func::ReturnOp>(op))
        return op.emitError() << "planning needs kernel calls, but got " << op.getName();
      if (failed(checkStatic(&op, op.getResultTypes())))
        return failure();
      auto call = dyn_cast<rt::CallOp>(op);
      if (!call)
        continue;
      auto kernel = symbols.lookup<rt::KernelOp>(call.getKernel());
      for (auto [i, input] : llvm::enumerate(call.getInputs())) {
        if (kernel.isContractionWeight(i) && !input.getDefiningOp<core::ConstantOp>())
          return op.emitError() << "kernel " << call.getKernelAttr() << " needs a constant as operand " << i;
        lastReader[viewedValue(input)] = calls.size();
      }
      calls.push_back(call);
    }
    return success();
  }

  /// A call writes a returned value directly; the first return of a value wins, the others become copies.
  void assignResults() {
    for (OpOperand &operand : function.front().getTerminator()->getOpOperands()) {
      Value value = viewedValue(operand.get());
      bool direct = value.getDefiningOp<rt::CallOp>() && resultOf.try_emplace(value, operand.getOperandNumber()).second;
      if (!direct)
        copies.push_back(operand.getOperandNumber());
    }
  }

  void assignSlots() {
    for (auto [step, call] : llvm::enumerate(calls)) {
      SmallVector<int64_t> applied(call.getOutputs().size(), -1);
      for (auto [r, output] : llvm::enumerate(call.getOutputs())) {
        if (resultOf.contains(output))
          continue;
        auto reader = lastReader.find(output);
        int last = reader == lastReader.end() ? static_cast<int>(step) : reader->second;
        int64_t operand = call.getInPlace()[r];
        if (operand >= 0 && !llvm::is_contained(applied, operand) && canTakeOver(call, step, operand, output)) {
          int slot = slotOf.lookup(viewedValue(call.getInputs()[operand]));
          slots[slot].last = last;
          slotOf[output] = slot;
          applied[r] = operand;
          continue;
        }
        slotOf[output] = slots.size();
        int64_t bytes = core::tensorBytes(cast<RankedTensorType>(output.getType()));
        slots.push_back({.bytes = bytes, .first = static_cast<int>(step), .last = last});
      }
      inPlace.push_back(applied);
    }
  }

  bool canTakeOver(rt::CallOp call, int step, int64_t operand, Value output) {
    Value value = viewedValue(call.getInputs()[operand]);
    auto passed = llvm::count_if(call.getInputs(), [&](Value input) { return viewedValue(input) == value; });
    return slotOf.contains(value) && lastReader.lookup(value) == step && passed == 1 &&
           core::tensorBytes(cast<RankedTensorType>(value.getType())) ==
               core::tensorBytes(cast<RankedTensorType>(output.getType()));
  }

  static StringAttr nameOr(StringAttr name, OpBuilder &builder, StringRef kind, unsigned number) {
    return name ? name : builder.getStringAttr(kind + "_" + Twine(number));
  }

  void emit() {
    constexpr StringLiteral nameAttribute = "lathe.name";
    SmallVector<Attribute> inputNames, outputNames;
    for (unsigned i = 0; i < function.getNumArguments(); ++i)
      inputNames.push_back(nameOr(function.getArgAttrOfType<StringAttr>(i, nameAttribute), builder, "argument", i));
    for (unsigned i = 0; i < function.getNumResults(); ++i)
      outputNames.push_back(nameOr(function.getResultAttrOfType<StringAttr>(i, nameAttribute), builder, "result", i));
    auto program =
        rt::ProgramOp::create(builder, function.getLoc(), function.getSymName(), builder.getArrayAttr(inputNames),
                              builder.getTypeArrayAttr(function.getArgumentTypes()), builder.getArrayAttr(outputNames),
                              builder.getTypeArrayAttr(function.getResultTypes()), plan.total);
    weightsPoint = program;
    builder.setInsertionPointToStart(&program.getBody().emplaceBlock());
    for (auto [call, applied] : llvm::zip_equal(calls, inPlace))
      emitLaunch(call, applied);
    for (unsigned number : copies)
      emitCopy(number);
    symbols.erase(function);
    symbols.insert(program);
  }

  void emitLaunch(rt::CallOp call, ArrayRef<int64_t> applied) {
    auto kernel = symbols.lookup<rt::KernelOp>(call.getKernel());
    SmallVector<Value> inputs, outputs;
    for (auto [i, input] : llvm::enumerate(call.getInputs()))
      inputs.push_back(kernel.isContractionWeight(i) ? laidOutWeight(kernel, i, input) : buffer(input));
    for (Value output : call.getOutputs())
      outputs.push_back(buffer(output));
    rt::LaunchOp::create(builder, call.getLoc(), call.getKernelAttr(), inputs, outputs,
                         builder.getDenseI64ArrayAttr(applied));
  }

  /// Copies what result `number` returns from where it lies.
  void emitCopy(unsigned number) {
    Operation *ret = function.front().getTerminator();
    Value value = ret->getOperand(number);
    Value to = rt::ResultOp::create(builder, ret->getLoc(), bufferType(value.getType()), number);
    rt::CopyOp::create(builder, ret->getLoc(), buffer(value), to);
  }

  /// The buffer of `value`, with its shape; made once a buffer and shape.
  Value buffer(Value value) {
    Value viewed = viewedValue(value);
    MemRefType type = bufferType(value.getType());
    Value &known = buffers[{viewed, type}];
    if (!known)
      known = makeBuffer(viewed, type);
    return known;
  }

  Value makeBuffer(Value viewed, MemRefType type) {
    Location loc = viewed.getLoc();
    if (auto argument = dyn_cast<BlockArgument>(viewed))
      return rt::ArgumentOp::create(builder, loc, type, argument.getArgNumber());
    if (auto constant = viewed.getDefiningOp<core::ConstantOp>()) {
      OpBuilder atModule(weightsPoint);
      return rt::WeightAddressOp::create(builder, loc, type, weights.shared(atModule, constant));
    }
    if (auto result = resultOf.find(viewed); result != resultOf.end())
      return rt::ResultOp::create(builder, loc, type, result->second);
    return rt::SlotOp::create(builder, loc, type, plan.offsets[slotOf.lookup(viewed)]);
  }

  Value laidOutWeight(rt::KernelOp kernel, unsigned operand, Value input) {
    OpBuilder atModule(weightsPoint);
    StringAttr name = weights.ofKernel(atModule, input.getDefiningOp<core::ConstantOp>(), kernel, operand);
    return rt::WeightAddressOp::create(builder, input.getLoc(), bufferType(input.getType()), name);
  }

  func::FuncOp function;
  SymbolTable &symbols;
  Weights &weights;
  OpBuilder builder;
  Operation *weightsPoint = nullptr; ///< weights are made before it

  SmallVector<rt::CallOp> calls;
  SmallVector<SmallVector<int64_t>> inPlace; ///< the pairs that are applied, of each call
  llvm::DenseMap<Value, int> lastReader;     ///< the last call that reads the bytes of a value
  llvm::DenseMap<Value, unsigned> resultOf;  ///< values that calls write where the caller wants them
  SmallVector<unsigned> copies;              ///< results that no call writes
  llvm::DenseMap<Value, int> slotOf;         ///< all other results of calls
  std::vector<memory::Interval> slots;
  memory::ArenaPlan plan;
  llvm::DenseMap<std::pair<Value, Type>, Value> buffers;
};

class PlanMemoryPass : public lathe::impl::PlanMemoryPassBase<PlanMemoryPass> {
  void runOnOperation() override {
    SymbolTable symbols(getOperation());
    Weights weights(symbols);
    for (auto function : llvm::make_early_inc_range(getOperation().getOps<func::FuncOp>()))
      if (function.isExternal() || failed(Planner(function, symbols, weights).run()))
        return signalPassFailure();
  }
};
} // namespace
