// SPDX-License-Identifier: Apache-2.0
// Finds the variables of a graph and follows their handles and references.
#include "passes/raise/Variables.h"
#include "mlir/IR/TypeUtilities.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace lathe;
using namespace lathe::raise;

bool raise::takesReference(OpOperand &operand) {
  auto node = dyn_cast<gdef::NodeOp>(operand.getOwner());
  auto references = node ? node.attr<ArrayAttr>("_references") : nullptr;
  return references && llvm::any_of(references.getAsRange<IntegerAttr>(),
                                    [&](IntegerAttr input) { return input.getInt() == operand.getOperandNumber(); });
}

static bool isHandle(Value value) {
  return isa<gdef::ResourceType>(getElementTypeOrSelf(value.getType()));
}

/// ApplyAdam and its kin, of references and of handles, of all rows and of some.
static bool isTrainingStep(StringRef op) {
  op.consume_front("Resource");
  op.consume_front("Sparse");
  return op.starts_with("Apply");
}

bool raise::isStepOf(OpOperand &operand) {
  auto node = dyn_cast<gdef::NodeOp>(operand.getOwner());
  return node && isTrainingStep(node.getOpType()) && (isHandle(operand.get()) || takesReference(operand));
}

/// What an operation does with the handle or reference that it takes first.
static VariableUse useOfOperation(StringRef op) {
  if (isTrainingStep(op))
    return VariableUse::Writes;
  return llvm::StringSwitch<VariableUse>(op)
      .Cases({"Identity", "RefIdentity"}, VariableUse::PassesOn)
      .Cases({"ReadVariableOp", "ResourceGather", "ResourceGatherNd"}, VariableUse::Reads)
      .Cases({"VariableShape", "VarIsInitializedOp", "IsVariableInitialized"}, VariableUse::Asks)
      .Cases({"Assign", "AssignAdd", "AssignSub"}, VariableUse::Writes)
      .Cases({"AssignVariableOp", "AssignAddVariableOp", "AssignSubVariableOp"}, VariableUse::Writes)
      .Cases({"ScatterAdd", "ScatterDiv", "ScatterMax", "ScatterMin", "ScatterMul", "ScatterSub", "ScatterUpdate"},
             VariableUse::Writes)
      .Cases({"ScatterNdAdd", "ScatterNdMax", "ScatterNdMin", "ScatterNdSub", "ScatterNdUpdate"}, VariableUse::Writes)
      .Cases({"ResourceScatterAdd", "ResourceScatterDiv", "ResourceScatterMax", "ResourceScatterMin"},
             VariableUse::Writes)
      .Cases({"ResourceScatterMul", "ResourceScatterSub", "ResourceScatterUpdate"}, VariableUse::Writes)
      .Cases({"ResourceScatterNdAdd", "ResourceScatterNdMax", "ResourceScatterNdMin", "ResourceScatterNdSub",
              "ResourceScatterNdUpdate"},
             VariableUse::Writes)
      .Default(VariableUse::Unknown);
}

RankedTensorType Variable::type() {
  if (ElementsAttr value = initial())
    return cast<RankedTensorType>(value.getType());
  auto element = node.attr<TypeAttr>("dtype");
  auto shape = node.attr<gdef::ShapeAttr>("shape");
  // The oldest operation writes a shape that is not known as that of a scalar.
  if (!element || !shape || !shape.getRanked() || llvm::any_of(shape.getDims(), ShapedType::isDynamic) ||
      (node.getOpType() == "Variable" && shape.getDims().empty()))
    return {};
  return RankedTensorType::get(shape.getDims(), element.getValue());
}

Variables::Variables(gdef::GraphOp graph) : graph(graph) {
  graph.walk([&](gdef::NodeOp node) {
    StringRef op = node.getOpType();
    if (op == "VarHandleOp" || op == "VariableV2" || op == "Variable")
      add(node);
  });
  for (size_t i = 0; i < order.size(); ++i)
    follow(order[i], references.lookup(order[i]));
  // What is left takes a reference to something else.
  graph.walk([&](gdef::NodeOp node) {
    for (OpOperand &operand : node->getOpOperands())
      if (takesReference(operand) && !references.contains(operand.get()))
        addLocal(operand);
  });
}

void Variables::add(gdef::NodeOp node) {
  auto text = [&](StringRef name) {
    auto attribute = node.attr<StringAttr>(name);
    return attribute ? attribute.str() : "";
  };
  std::string container = text("container"), name = text("shared_name");
  if (name.empty())
    name = nodeNames(node.getLoc()).node.str();
  auto known = llvm::find_if(variables, [&](auto &v) { return v->container == container && v->name == name; });
  if (known == variables.end()) {
    variables.push_back(std::make_unique<Variable>(Variable{container, name, node, {}}));
    known = std::prev(variables.end());
  }
  references[node.getOutputs().front()] = known->get();
  order.push_back(node.getOutputs().front());
}

/// Freezing makes constants of variables, also of those that are written; and what is fed can be written, too.
void Variables::addLocal(OpOperand &operand) {
  Value value = operand.get();
  auto node = value.getDefiningOp<gdef::NodeOp>();
  bool isArgument = isa<BlockArgument>(value) && value.getParentRegion() == &graph.getBody();
  if (!isArgument && !(node && node.getOpType() == "Const"))
    return;
  variables.push_back(std::make_unique<Variable>(Variable{"", nodeNames(value.getLoc()).node.str(), node, value}));
  size_t first = order.size();
  references[value] = variables.back().get();
  order.push_back(value);
  for (size_t i = first; i < order.size(); ++i)
    follow(order[i], variables.back().get());
}

/// Notes what the users of `value` do, and what they pass on.
void Variables::follow(Value value, Variable *variable) {
  for (OpOperand &use : value.getUses()) {
    auto user = dyn_cast<gdef::NodeOp>(use.getOwner());
    if (!user || (!isHandle(value) && !takesReference(use)))
      continue;
    bool isFirst = use.getOperandNumber() == 0;
    VariableUse what = isFirst || isStepOf(use) ? useOfOperation(user.getOpType()) : VariableUse::Unknown;
    uses[user] = what;
    if (what == VariableUse::Writes)
      noteWrite(user, variable);
    bool passesOn = isFirst && (what == VariableUse::PassesOn || what == VariableUse::Writes);
    if (passesOn && !user.getOutputs().empty()) {
      references[user.getOutputs().front()] = variable;
      order.push_back(user.getOutputs().front());
    }
  }
}

void Variables::noteWrite(gdef::NodeOp node, Variable *variable) {
  variable->isWritten = true;
  for (Operation *op = node; op != graph; op = op->getParentOp())
    written[op].insert(variable);
}

ArrayRef<Variable *> Variables::writtenIn(Operation *op) const {
  auto found = written.find(op);
  return found == written.end() ? ArrayRef<Variable *>() : found->second.getArrayRef();
}

bool Variables::check() {
  bool ok = true;
  auto fail = [&](Operation *op, Code code, const Twine &message) {
    emitProblem(op->getLoc(), code, message);
    ok = false;
  };
  for (Value value : order) {
    Variable *variable = references.lookup(value);
    if (!variable->isThreaded)
      continue;
    std::string name = "'" + variable->name + "'";
    for (OpOperand &use : value.getUses()) {
      auto user = dyn_cast<gdef::NodeOp>(use.getOwner());
      if (!user && isHandle(value))
        fail(value.getDefiningOp(), Code::VariableUse,
             "the handle of variable " + name + " is fetched, or carried by a loop or branch");
      else if (user && uses.lookup(user) == VariableUse::Unknown && (isHandle(value) || takesReference(use)))
        fail(user, Code::VariableUse, "the operation takes the handle of, or a reference to, variable " + name);
    }
  }
  return ok;
}
