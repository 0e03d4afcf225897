// SPDX-License-Identifier: Apache-2.0
// Reads a block of the gdef dialect as a plain graph.
#include "ir/Problems.h"
#include "mlir/Transforms/RegionUtils.h"
#include "passes/raise/Variables.h"
#include "passes/raise/WriteStructure.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace lathe;
using namespace lathe::raise;

static Kind kindOf(StringRef op) {
  return llvm::StringSwitch<Kind>(op)
      .Cases({"Identity", "RefIdentity"}, Kind::Identity)
      .Case("LogicalNot", Kind::Not)
      .Cases({"Switch", "RefSwitch", "_SwitchN"}, Kind::Switch)
      .Cases({"Merge", "RefMerge"}, Kind::Merge)
      .Cases({"Enter", "RefEnter"}, Kind::Enter)
      .Cases({"Exit", "RefExit"}, Kind::Exit)
      .Cases({"NextIteration", "RefNextIteration"}, Kind::NextIteration)
      .Case("LoopCond", Kind::LoopCond)
      .Default(Kind::Plain);
}

/// Operations that wait for what another part of the program does.
static bool isBlocking(StringRef op) {
  constexpr StringRef prefixes[] = {
      "AccumulatorTake", "Barrier", "IteratorGetNext", "Mutex", "OrderedMap", "Queue", "Recv", "Send",
      "Stage",           "Unstage", "_Recv",           "_Send"};
  return llvm::any_of(prefixes, [&](StringRef prefix) { return op.starts_with(prefix); });
}

/// Operations that refuse some values, which they may do more than once.
static bool mayRepeat(StringRef op) {
  return op.starts_with("CheckNumerics");
}

/// Operations that do more than compute their results. TensorArrays are no such: what is done to them follows their
/// flow.
static bool isEffect(StringRef op) {
  constexpr StringRef prefixes[] = {"Abort",       "Assert", "Assign", "EagerPyFunc",     "Iterator", "LookupTable",
                                    "Multinomial", "Print",  "PyFunc", "Random",          "ReadFile", "ReadVariable",
                                    "Resource",    "Save",   "Stack",  "TruncatedNormal", "Variable", "WriteFile"};
  return isBlocking(op) || mayRepeat(op) ||
         llvm::any_of(prefixes, [&](StringRef prefix) { return op.starts_with(prefix); });
}

bool raise::isControlFlow(Operation *op) {
  auto node = dyn_cast<gdef::NodeOp>(op);
  if (!node)
    return false;
  Kind kind = kindOf(node.getOpType());
  return kind != Kind::Plain && kind != Kind::Identity && kind != Kind::Not;
}

namespace {

class Collector {
public:
  explicit Collector(Block &block) : block(block) {}

  Collected run() {
    findWrittenReferences();
    for (Operation &op : block.without_terminator())
      add(&op);
    for (Operation &op : block.without_terminator())
      fill(numbers[&op], &op);
    Operation *end = block.getTerminator();
    for (Value value : end->getOperands()) {
      if (isa<gdef::ControlType>(value.getType()))
        result.graph.targets.push_back(source(value).node);
      else
        result.graph.results.push_back(source(value));
    }
    return std::move(result);
  }

private:
  /// References to what some node writes through one: whoever reads them does so at a certain time.
  void findWrittenReferences() {
    SmallVector<Value> open;
    auto note = [&](Value value) {
      if (writtenReferences.insert(value).second)
        open.push_back(value);
    };
    block.walk([&](gdef::NodeOp node) {
      for (OpOperand &operand : node->getOpOperands())
        if (takesReference(operand) && kindOf(node.getOpType()) == Kind::Plain &&
            node.getOpType() != "IsVariableInitialized")
          note(operand.get());
    });
    while (!open.empty()) {
      Value value = open.pop_back_val();
      if (auto source = value.getDefiningOp<gdef::NodeOp>())
        for (OpOperand &operand : source->getOpOperands())
          if (takesReference(operand))
            note(operand.get());
      for (OpOperand &use : value.getUses())
        if (takesReference(use))
          for (Value result : cast<gdef::NodeOp>(use.getOwner()).getOutputs())
            note(result);
    }
  }

  int add(Operation *op) {
    int number = static_cast<int>(result.ops.size());
    result.ops.push_back(op);
    result.outside.emplace_back();
    result.inputs.emplace_back();
    result.graph.nodes.emplace_back();
    if (op)
      numbers[op] = number;
    return number;
  }

  Edge source(Value value) {
    if (Operation *op = value.getDefiningOp(); op && op->getBlock() == &block)
      return {numbers[op], static_cast<int>(cast<OpResult>(value).getResultNumber())};
    auto [place, added] = outside.try_emplace(value, 0);
    if (added) {
      int number = place->second = add(nullptr);
      result.outside[number] = value;
      NodeNames names = nodeNames(value.getLoc());
      result.graph.nodes[number].name = std::string_view(names.node.data(), names.node.size());
      result.graph.nodes[number].hasEffect = isa<gdef::ControlType>(value.getType());
    }
    return {outside.lookup(value), 0};
  }

  void fill(int number, Operation *op) {
    SmallVector<Value> inputs;
    std::vector<int> controls;
    for (Value operand : op->getOperands())
      if (isa<gdef::ControlType>(operand.getType()))
        controls.push_back(source(operand).node);
      else
        inputs.push_back(operand);
    llvm::SetVector<Value> captured;
    getUsedValuesDefinedAbove(op->getRegions(), captured);
    llvm::append_range(inputs, captured);
    std::vector<Edge> edges;
    for (Value input : inputs)
      edges.push_back(source(input));

    Node &n = result.graph.nodes[number];
    n.inputs = std::move(edges);
    n.controls = std::move(controls);
    result.inputs[number] = std::move(inputs);
    NodeNames names = nodeNames(op->getLoc());
    n.name = std::string_view(names.node.data(), names.node.size());
    n.outputs = op->getNumResults() - 1;
    auto node = dyn_cast<gdef::NodeOp>(op);
    if (!node) {
      op->walk([&](gdef::NodeOp inner) {
        n.hasEffect |= isEffect(inner.getOpType());
        n.blocks |= isBlocking(inner.getOpType());
      });
      return;
    }
    n.kind = kindOf(node.getOpType());
    n.hasEffect = isEffect(node.getOpType());
    if ((n.kind == Kind::Plain || n.kind == Kind::Identity || n.kind == Kind::Not) &&
        llvm::any_of(node.getInputs(), [&](Value input) { return writtenReferences.contains(input); })) {
      n.kind = Kind::Plain;
      n.hasEffect = true;
    }
    n.isTrigger = node.getOpType() == "ControlTrigger";
    n.mayRepeat = mayRepeat(node.getOpType());
    n.blocks = isBlocking(node.getOpType());
    if (n.kind == Kind::Enter) {
      auto name = node.attr<StringAttr>("frame_name");
      n.key = frames.try_emplace(name, frames.size()).first->second;
      auto constant = node.attr<BoolAttr>("is_constant");
      n.isConstant = constant && constant.getValue();
    } else if (n.kind == Kind::Plain && !n.hasEffect) {
      n.key = keyOf(node);
      n.value = valueOf(node);
    }
  }

  /// One number for all nodes of one operation and equal attributes, notes of other tools aside.
  int keyOf(gdef::NodeOp node) {
    SmallVector<NamedAttribute> attrs;
    for (NamedAttribute item : node.getAttrs())
      if (!item.getName().getValue().starts_with("_"))
        attrs.push_back(item);
    auto dictionary = DictionaryAttr::getWithSorted(node.getContext(), attrs);
    return keys.try_emplace({node.getOpTypeAttr(), dictionary}, keys.size()).first->second;
  }

  static std::optional<int64_t> valueOf(gdef::NodeOp node) {
    auto value = node.getOpType() == "Const" ? node.attr<DenseIntElementsAttr>("value") : DenseIntElementsAttr();
    if (!value || value.getNumElements() != 1 || value.getType().getRank() != 0)
      return std::nullopt;
    APInt bits = *value.value_begin<APInt>();
    if (bits.getBitWidth() == 1)
      return bits.getZExtValue();
    return bits.getSExtValue();
  }

  Block &block;
  Collected result;
  llvm::DenseSet<Value> writtenReferences;
  llvm::DenseMap<Operation *, int> numbers;
  llvm::DenseMap<Value, int> outside;
  llvm::DenseMap<Attribute, int> frames;
  llvm::DenseMap<std::pair<Attribute, Attribute>, int> keys;
};

} // namespace

Collected raise::collect(Block &block) {
  return Collector(block).run();
}
