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

/// Gives each block that reads a cheap op of a block around it an op of its own, so that it can be repeated in kernels.
void repeatCheapOps(func::FuncOp function) {
  SmallVector<Operation *> cheap;
  function.getBody().walk<WalkOrder::PreOrder>([&](Operation *op) {
    if (kindOf(op) == Kind::Cheap)
      cheap.push_back(op);
  });
  // Users come after what they use, so that what a clone reads is looked at after the clone was made.
  for (size_t i = cheap.size(); i-- > 0;) {
    llvm::MapVector<Block *, Operation *> clones;
    for (OpOperand &use : llvm::make_early_inc_range(cheap[i]->getUses())) {
      Block *block = use.getOwner()->getBlock();
      if (block == cheap[i]->getBlock())
        continue;
      Operation *&clone = clones[block];
      if (!clone)
        clone = OpBuilder::atBlockBegin(block).clone(*cheap[i]);
      use.set(clone->getResult(0));
    }
  }
}

class Fusion {
public:
  Fusion(Block &block, Kernels &kernels) : block(block), kernels(kernels) {}

  void run() {
    collect();
    std::vector<fusion::Group> groups = fusion::chooseGroups(nodes);
    assert(fusion::check(nodes, groups).empty() && "groups must partition the graph");
    for (const fusion::Group &group : groups)
      if (!isa<core::IfOp, core::WhileOp, core::CheckOp>(operations[group.nodes.front()]))
        outline(group);
    // Uses now read the calls' results; what was outlined is dead, in reverse order.
    for (Operation *op : llvm::reverse(operations))
      if (op && isOpTriviallyDead(op))
        op->erase();
    mlir::sortTopologically(&block);
  }

private:
  void collect() {
    llvm::SetVector<Value> outside(llvm::from_range, block.getArguments());
    block.walk([&](Operation *op) {
      for (Value operand : op->getOperands())
        if (!block.findAncestorOpInBlock(*operand.getParentBlock()->getParentOp()) && operand.getParentBlock() != &block)
          outside.insert(operand);
    });
    for (Value value : outside)
      addNode(value, nullptr);
    for (Operation &op : block.without_terminator()) {
      // An op of several results is opaque: its other results are views of no bytes that hang on the first.
      addNode(op.getNumResults() ? op.getResult(0) : Value(), &op);
      for (Value result : op.getResults())
        numbers[result] = nodes.size() - 1;
    }
    for (Value result : block.getTerminator()->getOperands())
      nodes[numbers[result]].escapes = true;
  }

  /// Adds what makes `value`, which is null where `op` has an effect only.
  void addNode(Value value, Operation *op) {
    fusion::Node node;
    if (value) {
      numbers[value] = nodes.size();
      ArrayRef<int64_t> shape = cast<RankedTensorType>(value.getType()).getShape();
      node.shape.assign(shape.begin(), shape.end());
    }
    if (op) {
      node.kind = kindOf(op);
      node.costly = core::isCostly(op);
      node.inEpilogue = value && worksOnVectors(op);
      op->walk([&](Operation *inner) { // Regions read values of this block too.
        for (Value operand : inner->getOperands())
          if (auto known = numbers.find(operand); known != numbers.end())
            node.inputs.push_back(known->second);
      });
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
    OpBuilder builder(block.front().getContext());
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

    builder.setInsertionPoint(block.getTerminator());
    SmallVector<int64_t> inPlace(outputs.size(), -1);
    auto call = rt::CallOp::create(builder, FusedLoc::get(builder.getContext(), locations), ValueRange(outputs).getTypes(),
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

  Block &block;
  Kernels &kernels;
  std::vector<fusion::Node> nodes;
  std::vector<Operation *> operations;
  llvm::DenseMap<Value, int> numbers;
};

class FuseGroupsPass : public lathe::impl::FuseGroupsPassBase<FuseGroupsPass> {
  void runOnOperation() override {
    Kernels kernels(getOperation());
    for (auto function : llvm::make_early_inc_range(getOperation().getOps<func::FuncOp>())) {
      repeatCheapOps(function);
      SmallVector<Block *> blocks{&function.front()};
      function.getBody().walk([&](Operation *op) {
        for (Region &region : op->getRegions())
          blocks.push_back(&region.front());
      });
      for (Block *block : blocks)
        Fusion(*block, kernels).run();
    }
  }
};
} // namespace
