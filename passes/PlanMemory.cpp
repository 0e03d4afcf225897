// SPDX-License-Identifier: Apache-2.0
// Turns functions of kernel calls into programs of launches: lets passes/memory choose what shares a buffer and where
// buffers lie, and writes back.
#include "ir/core/Ops.h"
#include "ir/rt/Ops.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "passes/batch/Batch.h"
#include "passes/Lifetimes.h"
#include "passes/Passes.h"
#include "passes/Views.h"
#include "passes/WeightSymbols.h"
#include "passes/memory/ArenaPlan.h"
#include <map>

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

class Planner {
public:
  Planner(func::FuncOp function, SymbolTable &symbols, WeightSymbols &weights)
      : function(function), symbols(symbols), weights(weights), builder(function), bufferBuilder(function) {}

  LogicalResult run() {
    if (failed(check()))
      return failure();
    lifetimes.emplace(function);
    assert(memory::check(lifetimes->sharing).empty() && "lifetimes must be in order");
    bufferOf = memory::shareBuffers(lifetimes->sharing);
    assert(memory::verify(lifetimes->sharing, bufferOf).empty() && "what lives together must not share a buffer");
    collectIntervals();
    sequenceCopies(function.front());
    assignVariables();
    assignResults();
    plan = memory::planArena(intervals);
    assert(memory::verify(intervals, plan).empty() && "slots must not share bytes while both live");
    emit();
    return success();
  }

private:
  LogicalResult check() {
    auto checkStatic = [](Operation *op, TypeRange types) -> LogicalResult {
      for (Type type : types)
        if (!isa<RankedTensorType>(type) || !cast<RankedTensorType>(type).hasStaticShape())
          return op->emitError() << "planning needs static shapes, but got " << type;
      return success();
    };
    if (failed(checkStatic(function, function.getArgumentTypes())))
      return failure();
    WalkResult walked = function.getBody().walk([&](Operation *op) -> WalkResult {
      if (!isa<rt::CallOp, core::ReshapeOp, core::ConstantOp, core::IfOp, core::WhileOp, core::CheckOp, core::YieldOp,
               func::ReturnOp>(op))
        return op->emitError() << "planning needs kernel calls, but got " << op->getName();
      if (failed(checkStatic(op, op->getResultTypes())))
        return failure();
      auto call = dyn_cast<rt::CallOp>(op);
      if (!call)
        return success();
      auto kernel = symbols.lookup<rt::KernelOp>(call.getKernel());
      for (auto [i, input] : llvm::enumerate(call.getInputs()))
        if (kernel.isContractionWeight(i) && !input.getDefiningOp<core::ConstantOp>())
          return op->emitError() << "kernel " << call.getKernelAttr() << " needs a constant as operand " << i;
      return success();
    });
    return failure(walked.wasInterrupted());
  }

  // Buffers are numbered: first those of values, then temporary ones of copies in a circle.

  /// The buffer that `value` is in, or -1 where the caller or the weights hold it.
  int bufferNumber(Value value) {
    int storage = lifetimes->storageOf(value);
    return storage < 0 ? -1 : bufferOf[storage];
  }

  void collectIntervals() {
    for (auto [value, buffer] : llvm::zip_equal(lifetimes->sharing.values, bufferOf)) {
      int first = value.ranges.front().first / 2, last = 0;
      for (memory::Range range : value.ranges)
        last = std::max(last, range.last / 2);
      if (buffer == static_cast<int>(intervals.size()))
        intervals.push_back({.bytes = value.bytes, .first = first, .last = last});
      intervals[buffer].first = std::min(intervals[buffer].first, first);
      intervals[buffer].last = std::max(intervals[buffer].last, last);
    }
    function.walk([&](rt::CallOp call) { // Working memory lives while its launch runs.
      if (int64_t bytes = symbols.lookup<rt::KernelOp>(call.getKernel()).getScratch()) {
        scratchOf[call] = intervals.size();
        intervals.push_back({bytes, lifetimes->steps.at(call).begin, lifetimes->steps.at(call).begin});
      }
    });
  }

  /// A copy to a buffer, from another or from a value that lies outside of the arena.
  struct Copy {
    int from, to;
    Value source;
    Type type;
  };

  /// Copies that bring `values` to where `targets` are, at `step`; kept for the op that they follow.
  SmallVector<Copy> sequence(ValueRange values, ValueRange targets, int step) {
    std::vector<memory::Move> moves;
    SmallVector<Value> outside;
    llvm::DenseMap<int, Type> types;
    for (auto [value, target] : llvm::zip_equal(values, targets)) {
      int from = bufferNumber(value);
      if (from < 0) {
        outside.push_back(value);
        from = -static_cast<int>(outside.size());
      }
      types[bufferNumber(target)] = target.getType();
      moves.push_back({from, bufferNumber(target)});
    }
    SmallVector<Copy> copies;
    for (memory::Move move : memory::sequenceMoves(std::move(moves), intervals.size())) {
      if (move.to == static_cast<int>(intervals.size())) {
        types[move.to] = types.at(move.from);
        intervals.push_back({.bytes = core::tensorBytes(cast<RankedTensorType>(types[move.to])), .first = step, .last = step});
      }
      copies.push_back({move.from, move.to, move.from < 0 ? outside[-move.from - 1] : Value(), types.at(move.to)});
    }
    return copies;
  }

  /// Finds what is copied into loops, around them, and out of branches.
  void sequenceCopies(Block &block) {
    for (Operation &op : block) {
      if (auto choice = dyn_cast<core::IfOp>(op)) {
        const Lifetimes::Steps &steps = lifetimes->steps.at(choice);
        for (auto [region, step] : {std::pair(&choice.getThenRegion(), steps.middle), std::pair(&choice.getElseRegion(), steps.end)}) {
          Operation *yield = region->front().getTerminator();
          copies[yield] = sequence(yield->getOperands(), choice.getResults(), step);
        }
      } else if (auto loop = dyn_cast<core::WhileOp>(op)) {
        const Lifetimes::Steps &steps = lifetimes->steps.at(loop);
        Operation *yield = loop.getBody().front().getTerminator();
        copies[loop] = sequence(loop.getInits(), loop.getResults(), steps.begin);
        copies[yield] = sequence(yield->getOperands(), loop.getResults(), steps.end);
      }
      for (Region &region : op.getRegions())
        sequenceCopies(region.front());
    }
  }

  /// What shares a variable's buffer lies in the store. Other next values are copied there at the end, all at once.
  void assignVariables() {
    variables = variablesOf(function);
    SmallVector<Value> values, targets;
    for (auto [before, after] : variables) {
      variableOf[bufferNumber(before)] =
          cast<FlatSymbolRefAttr>(function.getArgAttr(before.getArgNumber(), variableAttribute));
      targets.push_back(before);
      values.push_back(after);
    }
    Operation *ret = function.front().getTerminator();
    copies[ret] = sequence(values, targets, lifetimes->steps.at(ret).begin);
    for (auto [buffer, variable] : variableOf)
      intervals[buffer].bytes = 0;
  }

  /// A returned value's buffer is the caller's; the first return of a buffer wins, the others become copies.
  void assignResults() {
    for (OpOperand &operand : function.front().getTerminator()->getOpOperands().drop_back(variables.size())) {
      int buffer = bufferNumber(operand.get());
      if (buffer >= 0 && !variableOf.count(buffer) && resultOf.try_emplace(buffer, operand.getOperandNumber()).second)
        intervals[buffer].bytes = 0;
      else
        returnCopies.push_back(operand.getOperandNumber());
    }
  }

  /// For each of the first `results` the number of the one that counts its rows, or -1; null where none is counted.
  DenseI64ArrayAttr resultCounts(unsigned results) {
    SmallVector<int64_t> counts;
    for (unsigned i = 0; i < results; ++i) {
      auto count = function.getResultAttrOfType<IntegerAttr>(i, "lathe.count");
      counts.push_back(count ? count.getInt() : -1);
    }
    bool isCounted = llvm::any_of(counts, [](int64_t count) { return count >= 0; });
    return isCounted ? builder.getDenseI64ArrayAttr(counts) : DenseI64ArrayAttr();
  }

  static StringAttr nameOr(StringAttr name, OpBuilder &builder, StringRef kind, unsigned number) {
    return name ? name : builder.getStringAttr(kind + "_" + Twine(number));
  }

  void emit() {
    constexpr StringLiteral nameAttribute = "lathe.name";
    SmallVector<Attribute> inputNames, outputNames;
    size_t arguments = function.getNumArguments() - variables.size(), results = function.getNumResults() - variables.size();
    for (unsigned i = 0; i < arguments; ++i)
      inputNames.push_back(nameOr(function.getArgAttrOfType<StringAttr>(i, nameAttribute), builder, "argument", i));
    for (unsigned i = 0; i < results; ++i)
      outputNames.push_back(nameOr(function.getResultAttrOfType<StringAttr>(i, nameAttribute), builder, "result", i));
    auto program =
        rt::ProgramOp::create(builder, function.getLoc(), function.getSymName(), builder.getArrayAttr(inputNames),
                              builder.getTypeArrayAttr(function.getArgumentTypes().take_front(arguments)),
                              builder.getArrayAttr(outputNames),
                              builder.getTypeArrayAttr(function.getResultTypes().take_front(results)), plan.total, resultCounts(results),
                              readVariables(), writtenVariables());
    Batch::copy(function, program);
    weightsPoint = program;
    body = &program.getBody().emplaceBlock();
    builder.setInsertionPointToStart(body);
    emitBlock(function.front());
    for (unsigned number : returnCopies)
      emitReturnCopy(number);
    emitCopies(function.front().getTerminator());
    symbols.erase(function);
    symbols.insert(program);
  }

  /// Those whose value before the run matters: anything but passing it on as the next value needs it.
  ArrayAttr readVariables() {
    SmallVector<Attribute> read;
    Operation *ret = function.front().getTerminator();
    for (auto [before, after] : variables) {
      bool isPassedOn = viewedValue(after) == before;
      if (!before.use_empty() && !(isPassedOn && before.hasOneUse() && *before.user_begin() == ret))
        read.push_back(variableOf.at(bufferNumber(before)));
    }
    return read.empty() ? ArrayAttr() : builder.getArrayAttr(read);
  }

  ArrayAttr writtenVariables() {
    SmallVector<Attribute> written;
    for (auto [before, after] : variables)
      if (viewedValue(after) != before)
        written.push_back(variableOf.at(bufferNumber(before)));
    return written.empty() ? ArrayAttr() : builder.getArrayAttr(written);
  }

  void emitBlock(Block &block) {
    for (Operation &op : block) {
      if (auto call = dyn_cast<rt::CallOp>(op))
        emitLaunch(call);
      else if (auto choice = dyn_cast<core::IfOp>(op))
        emitIf(choice);
      else if (auto loop = dyn_cast<core::WhileOp>(op))
        emitWhile(loop);
      else if (auto check = dyn_cast<core::CheckOp>(op))
        rt::CheckOp::create(builder, check.getLoc(), buffer(check.getPredicate()), check.getMessage(),
                            llvm::map_to_vector(check.getDetails(), [&](Value value) { return buffer(value); }));
      else if (isa<core::YieldOp>(op))
        emitCopies(&op);
    }
  }

  void emitLaunch(rt::CallOp call) {
    auto kernel = symbols.lookup<rt::KernelOp>(call.getKernel());
    SmallVector<Value> inputs, outputs;
    for (auto [i, input] : llvm::enumerate(call.getInputs()))
      inputs.push_back(kernel.isContractionWeight(i) ? laidOutWeight(kernel, i, input) : buffer(input));
    for (Value output : call.getOutputs())
      outputs.push_back(buffer(output));
    SmallVector<int64_t> applied;
    for (auto [operand, output] : llvm::zip_equal(call.getInPlace(), call.getOutputs())) {
      bool shared = operand >= 0 && bufferNumber(call.getInputs()[operand]) == bufferNumber(output);
      applied.push_back(shared ? operand : -1);
    }
    Value scratch;
    if (int64_t bytes = kernel.getScratch())
      scratch = arenaBuffer(scratchOf.at(call), RankedTensorType::get(bytes, builder.getI8Type()), call.getLoc());
    rt::LaunchOp::create(builder, call.getLoc(), call.getKernelAttr(), inputs, outputs, scratch,
                         builder.getDenseI64ArrayAttr(applied));
  }

  void emitRegion(Region &from, Region &to) {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToStart(&to.emplaceBlock());
    emitBlock(from.front());
  }

  void emitIf(core::IfOp choice) {
    auto op = rt::IfOp::create(builder, choice.getLoc(), buffer(choice.getPredicate()));
    emitRegion(choice.getThenRegion(), op.getThenRegion());
    emitRegion(choice.getElseRegion(), op.getElseRegion());
  }

  void emitWhile(core::WhileOp loop) {
    emitCopies(loop);
    auto op = rt::WhileOp::create(builder, loop.getLoc(), buffer(loop.getCond().front().getTerminator()->getOperand(0)));
    emitRegion(loop.getCond(), op.getCond());
    emitRegion(loop.getBody(), op.getBody());
  }

  void emitCopies(Operation *op) {
    for (const Copy &copy : copies.lookup(op)) {
      Value from = copy.source ? buffer(copy.source, copy.type) : arenaBuffer(copy.from, copy.type, op->getLoc());
      rt::CopyOp::create(builder, op->getLoc(), from, arenaBuffer(copy.to, copy.type, op->getLoc()));
    }
  }

  /// Copies what result `number` returns from where it lies.
  void emitReturnCopy(unsigned number) {
    Operation *ret = function.front().getTerminator();
    Value value = ret->getOperand(number);
    Value to = rt::ResultOp::create(builder, ret->getLoc(), bufferType(value.getType()), number);
    rt::CopyOp::create(builder, ret->getLoc(), buffer(value), to);
  }

  // Addresses, made once a buffer and shape, before the outermost step that needs them.

  Value buffer(Value value) { return buffer(value, value.getType()); }
  Value buffer(Value value, Type type) {
    if (int number = bufferNumber(value); number >= 0)
      return arenaBuffer(number, type, viewedValue(value).getLoc());
    Value viewed = viewedValue(value);
    Value &known = outside[{viewed, bufferType(type)}];
    if (known)
      return known;
    setBufferPoint();
    if (auto argument = dyn_cast<BlockArgument>(viewed))
      return known = rt::ArgumentOp::create(bufferBuilder, viewed.getLoc(), bufferType(type), argument.getArgNumber());
    OpBuilder atModule(weightsPoint);
    auto constant = viewed.getDefiningOp<core::ConstantOp>();
    StringAttr name = weights.shared(atModule, constant.getLoc(), constant.getValue());
    return known = rt::WeightAddressOp::create(bufferBuilder, viewed.getLoc(), bufferType(type), name);
  }

  Value arenaBuffer(int number, Type type, Location loc) {
    Value &known = buffers[{number, bufferType(type)}];
    if (known)
      return known;
    setBufferPoint();
    if (auto variable = variableOf.find(number); variable != variableOf.end())
      return known = rt::VariableAddressOp::create(bufferBuilder, loc, bufferType(type), variable->second);
    if (auto result = resultOf.find(number); result != resultOf.end())
      return known = rt::ResultOp::create(bufferBuilder, loc, bufferType(type), result->second);
    return known = rt::SlotOp::create(bufferBuilder, loc, bufferType(type), plan.offsets[number]);
  }

  Value laidOutWeight(rt::KernelOp kernel, unsigned operand, Value input) {
    OpBuilder atModule(weightsPoint);
    StringAttr name = weights.ofKernel(atModule, input.getDefiningOp<core::ConstantOp>(), kernel, operand);
    setBufferPoint();
    return rt::WeightAddressOp::create(bufferBuilder, input.getLoc(), bufferType(input.getType()), name);
  }

  void setBufferPoint() {
    Block *block = builder.getInsertionBlock();
    Operation *outermost = block == body ? nullptr : body->findAncestorOpInBlock(*block->getParentOp());
    if (outermost)
      bufferBuilder.setInsertionPoint(outermost);
    else
      bufferBuilder.setInsertionPointToEnd(body);
  }

  func::FuncOp function;
  SymbolTable &symbols;
  WeightSymbols &weights;
  OpBuilder builder, bufferBuilder;
  Operation *weightsPoint = nullptr; ///< weights are made before it
  Block *body = nullptr;             ///< of the program

  std::optional<Lifetimes> lifetimes;
  std::vector<int> bufferOf;                             ///< of each storage value
  std::vector<memory::Interval> intervals;               ///< of each buffer
  llvm::DenseMap<Operation *, SmallVector<Copy>> copies; ///< before a loop, at a yield, to variables at the end
  SmallVector<std::pair<BlockArgument, Value>> variables; ///< before and behind a run
  std::map<int, FlatSymbolRefAttr> variableOf;            ///< buffers that lie in the store
  llvm::DenseMap<int, unsigned> resultOf;                ///< buffers that are the caller's
  SmallVector<unsigned> returnCopies;                    ///< results that lie elsewhere at the end
  llvm::DenseMap<Operation *, int> scratchOf;            ///< buffers of launches' working memory
  memory::ArenaPlan plan;
  llvm::DenseMap<std::pair<int, Type>, Value> buffers;
  llvm::DenseMap<std::pair<Value, Type>, Value> outside;
};

class PlanMemoryPass : public lathe::impl::PlanMemoryPassBase<PlanMemoryPass> {
  void runOnOperation() override {
    SymbolTable symbols(getOperation());
    WeightSymbols weights(symbols);
    for (auto function : llvm::make_early_inc_range(getOperation().getOps<func::FuncOp>()))
      if (function.isExternal() || failed(Planner(function, symbols, weights).run()))
        return signalPassFailure();
    for (auto variable : getOperation().getOps<rt::VariableOp>())
      if (std::optional<ElementsAttr> initial = variable.getInitial()) {
        OpBuilder builder(variable);
        variable.setWeightAttr(FlatSymbolRefAttr::get(weights.shared(builder, variable.getLoc(), *initial)));
        variable.removeInitialAttr();
      }
  }
};
} // namespace
