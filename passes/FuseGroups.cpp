// SPDX-License-Identifier: Apache-2.0
// Outlines groups of core ops as kernels: collects the graph, lets passes/fusion choose, writes back.
#include "ir/core/Ops.h"
#include "ir/rt/Ops.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/raw_ostream.h"
#include "mlir/Analysis/TopologicalSortUtils.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/IRMapping.h"
#include "passes/Passes.h"
#include "passes/fusion/Groups.h"

using namespace mlir;
using namespace lathe;

namespace lathe {
#define GEN_PASS_DEF_FUSEGROUPSPASS
#include "passes/Passes.h.inc"
} // namespace lathe

namespace {
using fusion::Kind;

bool isSplatConstant(Operation *op) {
  auto constant = dyn_cast<core::ConstantOp>(op);
  return constant && isa<SplatElementsAttr>(constant.getValue());
}

Kind kindOf(Operation *op) {
  if (isSplatConstant(op) || isa<core::BroadcastOp, core::IotaOp>(op))
    return Kind::Cheap;
  if (isa<core::ConstantOp>(op))
    return Kind::Source;
  if (isa<core::ReshapeOp>(op))
    return Kind::View;
  if (isa<core::ScalarLoweringOpInterface>(op))
    return Kind::Elementwise;
  if (isa<core::ConcatOp, core::PadOp>(op))
    return Kind::Pieces;
  if (isa<core::ReduceOp>(op))
    return Kind::Reduction;
  if (isa<core::ReduceWindowOp, core::ArgReduceOp>(op))
    return Kind::Window;
  if (isa<core::DotGeneralOp, core::ConvOp>(op)) {
    // Contraction emitters work on floats; other sums of products are plain loops.
    Type element = getElementTypeOrSelf(op->getResult(0));
    return element.isF32() || element.isF64() ? Kind::Contraction : Kind::Window;
  }
  if (isa<core::ElementLoweringOpInterface>(op))
    return Kind::Movement;
  return Kind::Opaque;
}

/// Whether the scalar lowering of `op` takes vectors of real numbers.
bool worksOnVectors(Operation *op) {
  auto isReal = [](Value value) { return !isa<ComplexType>(getElementTypeOrSelf(value)); };
  return !isa<core::SpecialOp, core::PowOp, core::RemOp>(op) && llvm::all_of(op->getOperands(), isReal) && isReal(op->getResult(0));
}

/// Kernels of one module, shared by equal groups.
class Kernels {
public:
  explicit Kernels(ModuleOp module) : module(module), symbols(module) {}

  /// Takes over `kernel`, or erases it where an equal one exists; gives the one to call.
  rt::KernelOp add(rt::KernelOp kernel, StringRef name) {
    std::string key;
    llvm::raw_string_ostream stream(key);
    kernel->print(stream, OpPrintingFlags().useLocalScope());
    auto [entry, isNew] = known.try_emplace(key, kernel);
    if (!isNew) {
      kernel->erase();
      return entry->second;
    }
    kernel.setSymName(name);
    symbols.insert(kernel);
    return kernel;
  }

private:
  ModuleOp module;
  SymbolTable symbols;
  llvm::StringMap<rt::KernelOp> known;
};

class Fusion {
public:
  Fusion(func::FuncOp function, Kernels &kernels) : function(function), kernels(kernels) {}

  void run() {
    collect();
    std::vector<fusion::Group> groups = fusion::chooseGroups(nodes);
    assert(fusion::check(nodes, groups).empty() && "groups must partition the graph");
    for (const fusion::Group &group : groups)
      outline(group);
    // Uses now read the calls' results; what was outlined is dead, in reverse order.
    for (Operation *op : llvm::reverse(operations))
      if (op && op->use_empty())
        op->erase();
    mlir::sortTopologically(&function.front());
  }

private:
  void collect() {
    for (BlockArgument argument : function.getArguments())
      addNode(argument, nullptr);
    for (Operation &op : function.front().without_terminator()) {
      // An op of several results is opaque: its other results are views of no bytes that hang on the first.
      addNode(op.getResult(0), &op);
      for (Value other : op.getResults().drop_front()) {
        numbers[other] = numbers[op.getResult(0)];
      }
    }
    for (Value result : function.front().getTerminator()->getOperands())
      nodes[numbers[result]].escapes = true;
  }

  void addNode(Value value, Operation *op) {
    numbers[value] = nodes.size();
    fusion::Node node;
    ArrayRef<int64_t> shape = cast<RankedTensorType>(value.getType()).getShape();
    node.shape.assign(shape.begin(), shape.end());
    if (op) {
      node.kind = kindOf(op);
      node.costly = core::isCostly(op);
      node.inEpilogue = worksOnVectors(op);
      for (Value operand : op->getOperands())
        node.inputs.push_back(numbers[operand]);
      if (auto reduce = dyn_cast<core::ReduceOp>(op))
        node.reduced.assign(reduce.getDimensions().begin(), reduce.getDimensions().end());
      if (auto broadcast = dyn_cast<core::BroadcastOp>(op))
        node.mapped.assign(broadcast.getDimensions().begin(), broadcast.getDimensions().end());
    }
    nodes.push_back(std::move(node));
    operations.push_back(op);
  }

  /// Cheap ops that members read are repeated inside of the group, with what they read in turn.
  SetVector<Operation *> withCheapInputs(const fusion::Group &group) {
    SetVector<Operation *> members;
    llvm::SmallPtrSet<Operation *, 16> inGroup;
    for (int n : group.nodes)
      inGroup.insert(operations[n]);
    std::function<void(Operation *)> include = [&](Operation *op) {
      bool readsThrough = op->getNumResults() == 1 && !isOpaque(op);
      for (Value operand : op->getOperands()) {
        Operation *producer = operand.getDefiningOp();
        bool cheap = producer && kindOf(producer) == Kind::Cheap && !inGroup.contains(producer);
        if (cheap && (readsThrough || isSplatConstant(producer)))
          include(producer);
      }
      members.insert(op);
    };
    for (int n : group.nodes)
      include(operations[n]);
    return members;
  }

  /// Whether anything but the group reads `value`, through ops that the group only repeats too.
  static bool isReadOutside(Value value, const SetVector<Operation *> &members, const llvm::SmallPtrSetImpl<Operation *> &own) {
    return llvm::any_of(value.getUsers(), [&](Operation *user) {
      return !members.contains(user) || (!own.contains(user) && isReadOutside(user->getResult(0), members, own));
    });
  }

  static bool isOpaque(Operation *op) {
    Kind kind = kindOf(op);
    return kind == Kind::Opaque || kind == Kind::Contraction || kind == Kind::Window;
  }

  void outline(const fusion::Group &group) {
    SetVector<Operation *> members = withCheapInputs(group);
    llvm::SmallPtrSet<Operation *, 16> own(llvm::from_range, llvm::map_range(group.nodes, [&](int n) { return operations[n]; }));
    SmallVector<Value> inputs, outputs;
    SmallVector<Location> locations;
    for (Operation *op : members) {
      for (Value operand : op->getOperands())
        if (!operand.getDefiningOp() || !members.contains(operand.getDefiningOp()))
          if (!llvm::is_contained(inputs, operand))
            inputs.push_back(operand);
      if (!own.contains(op))
        continue;
      locations.push_back(op->getLoc());
      for (Value result : op->getResults())
        if (op->getNumResults() > 1 || isReadOutside(result, members, own))
          outputs.push_back(result);
    }
    OpBuilder builder(function.getContext());
    SmallVector<bool> constants = llvm::map_to_vector(inputs, [](Value input) { return bool(input.getDefiningOp<core::ConstantOp>()); });
    auto kernel = rt::KernelOp::create(builder, builder.getUnknownLoc(), "kernel", constants);
    Block &body = kernel.getBody().emplaceBlock();
    IRMapping mapping;
    for (Value input : inputs)
      mapping.map(input, body.addArgument(input.getType(), builder.getUnknownLoc()));
    builder.setInsertionPointToEnd(&body);
    for (Operation *op : members)
      builder.clone(*op, mapping)->setLoc(builder.getUnknownLoc());
    rt::YieldOp::create(builder, builder.getUnknownLoc(), llvm::map_to_vector(outputs, [&](Value v) { return mapping.lookup(v); }));
    kernel = kernels.add(kernel, nameOf(group));

    builder.setInsertionPoint(function.front().getTerminator());
    SmallVector<int64_t> inPlace(outputs.size(), -1);
    auto call = rt::CallOp::create(builder, FusedLoc::get(function.getContext(), locations), ValueRange(outputs).getTypes(),
                                   SymbolRefAttr::get(kernel), inputs, builder.getDenseI64ArrayAttr(inPlace));
    for (auto [output, result] : llvm::zip_equal(outputs, call.getOutputs()))
      output.replaceUsesWithIf(result, [&](OpOperand &use) { return !members.contains(use.getOwner()) || !own.contains(use.getOwner()); });
  }

  /// The name of the op that the group is about: its contraction or reduction, or its last.
  StringRef nameOf(const fusion::Group &group) {
    int root = group.nodes.back();
    for (int n : group.nodes)
      if (nodes[n].kind == Kind::Contraction || nodes[n].kind == Kind::Reduction)
        root = n;
    return operations[root]->getName().stripDialect();
  }

  func::FuncOp function;
  Kernels &kernels;
  std::vector<fusion::Node> nodes;
  std::vector<Operation *> operations;
  llvm::DenseMap<Value, int> numbers;
};

class FuseGroupsPass : public lathe::impl::FuseGroupsPassBase<FuseGroupsPass> {
  void runOnOperation() override {
    Kernels kernels(getOperation());
    for (auto function : llvm::make_early_inc_range(getOperation().getOps<func::FuncOp>()))
      Fusion(function, kernels).run();
  }
};
} // namespace
