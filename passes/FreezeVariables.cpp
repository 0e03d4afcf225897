// SPDX-License-Identifier: Apache-2.0
// Makes variables that are only read constants.
#include "ir/Problems.h"
#include "ir/gdef/Ops.h"
#include "mlir/IR/Builders.h"
#include "passes/Passes.h"

using namespace mlir;
using namespace lathe;

namespace lathe {
#define GEN_PASS_DEF_FREEZEVARIABLESPASS
#include "passes/Passes.h.inc"
} // namespace lathe

namespace {
bool isVariable(gdef::NodeOp node) {
  StringRef op = node.getOpType();
  return op == "VarHandleOp" || op == "VariableV2" || op == "Variable";
}

/// One handle or reference of a variable, and what is done with it.
class Variable {
public:
  explicit Variable(gdef::NodeOp node) : node(node), isHandle(node.getOpType() == "VarHandleOp"), builder(node) {}

  /// Finds all uses. False after reports where one of them does not let the variable be a constant.
  bool check() {
    aliases.push_back(node);
    for (size_t i = 0; i < aliases.size(); ++i)
      for (OpOperand &use : aliases[i].getOutputs().front().getUses())
        isHandle ? addHandleUse(use) : addReferenceUse(use);
    if (valid && needsValue && !node.attr<ElementsAttr>("value")) {
      if (auto missing = node.attr<StringAttr>("_missing_value"))
        fail(node, Code::NoSuchKey, missing.getValue());
      else
        fail(node, Code::NoVariableValue, "the variable is read, but nothing says its value");
    }
    return valid;
  }

  void freeze() {
    for (gdef::NodeOp read : reads)
      freezeRead(read);
    // Aliases first used by others come last.
    for (gdef::NodeOp alias : llvm::reverse(aliases)) {
      if (alias.getOutputs().use_empty())
        dropNode(alias);
      else if (alias == node)
        replaceByConstant(alias, value(), element());
      else
        replace(alias, "Identity", alias.getOutputs().getTypes(), alias.getInputs(), {{"T", TypeAttr::get(element())}});
    }
  }

private:
  using Attributes = ArrayRef<std::pair<StringRef, Attribute>>;

  void fail(Operation *user, Code code, const Twine &message) {
    emitProblem(user->getLoc(), code, message);
    valid = false;
  }

  std::string name() { return "'" + nodeNames(node.getLoc()).node.str() + "'"; }

  void addHandleUse(OpOperand &use) {
    auto user = dyn_cast<gdef::NodeOp>(use.getOwner());
    if (!user)
      return fail(node, Code::VariableUse, "the handle of the variable is fetched, or carried by a loop or branch");
    StringRef op = user.getOpType();
    if (op == "Identity") {
      aliases.push_back(user);
    } else if (op == "ReadVariableOp" || op == "ResourceGather" || op == "ResourceGatherNd" || op == "VariableShape" ||
               op == "VarIsInitializedOp") {
      reads.push_back(user);
      needsValue = true;
    } else if (op.starts_with("Assign") || op.starts_with("Resource")) {
      fail(user, Code::VariableAssigned, "the operation writes variable " + name());
    } else {
      fail(user, Code::VariableUse, "the operation takes the handle of variable " + name());
    }
  }

  void addReferenceUse(OpOperand &use) {
    auto user = dyn_cast<gdef::NodeOp>(use.getOwner());
    auto references = user ? user.attr<ArrayAttr>("_references") : nullptr;
    bool isReference = references && llvm::any_of(references.getAsRange<IntegerAttr>(), [&](IntegerAttr input) {
                         return input.getInt() == use.getOperandNumber();
                       });
    needsValue = true;
    if (!isReference)
      return;
    StringRef op = user.getOpType();
    if (op == "RefIdentity")
      aliases.push_back(user);
    else if (op == "IsVariableInitialized")
      reads.push_back(user);
    else if (op.starts_with("Ref"))
      fail(user, Code::VariableUse, "the operation takes a reference to variable " + name());
    else
      fail(user, Code::VariableAssigned, "the operation writes variable " + name());
  }

  ElementsAttr value() { return node.attr<ElementsAttr>("value"); }
  Type element() { return node.attr<TypeAttr>("dtype").getValue(); }

  SmallVector<std::pair<StringRef, Attribute>> constant(ElementsAttr elements, Type type) {
    return {{"dtype", TypeAttr::get(type)}, {"value", elements}};
  }

  /// Puts a node in place of `old`, which keeps its control inputs; gives its outputs' and its control value's users to
  /// it.
  void replace(gdef::NodeOp old, StringRef op, TypeRange types, ValueRange inputs, Attributes attributes) {
    builder.setInsertionPoint(old);
    NamedAttrList attrs;
    for (auto [key, attribute] : attributes)
      attrs.append(key, attribute);
    SmallVector<Type> results(types);
    results.push_back(old.getControl().getType());
    // What was read is the variable's, by which the user knows it.
    Location location = op == "Const" ? node.getLoc() : old.getLoc();
    auto result = gdef::NodeOp::create(builder, location, results, builder.getStringAttr(op), inputs, old.getControls(),
                                       attrs.getDictionary(builder.getContext()));
    for (auto [before, after] : llvm::zip(old.getOutputs(), result.getOutputs()))
      before.replaceAllUsesWith(after);
    old.getControl().replaceAllUsesWith(result.getControl());
    old.erase();
  }

  void replaceByConstant(gdef::NodeOp old, ElementsAttr elements, Type type) {
    replace(old, "Const", RankedTensorType::get(elements.getShapedType().getShape(), type), {},
            constant(elements, type));
  }

  /// A new constant before `place`.
  Value makeConstant(gdef::NodeOp place, ElementsAttr elements, Type type) {
    builder.setInsertionPoint(place);
    SmallVector<NamedAttribute> attrs;
    for (auto [key, attribute] : constant(elements, type))
      attrs.push_back(builder.getNamedAttr(key, attribute));
    Type types[] = {RankedTensorType::get(elements.getShapedType().getShape(), type), place.getControl().getType()};
    auto node = gdef::NodeOp::create(builder, this->node.getLoc(), types, builder.getStringAttr("Const"), ValueRange(),
                                     ValueRange(), builder.getDictionaryAttr(attrs));
    return node.getOutputs().front();
  }

  void freezeRead(gdef::NodeOp read) {
    StringRef op = read.getOpType();
    if (op == "ReadVariableOp") {
      replaceByConstant(read, value(), element());
    } else if (op == "VariableShape") {
      Type type = read.attr<TypeAttr>("out_type").getValue();
      ArrayRef<int64_t> shape = value().getShapedType().getShape();
      SmallVector<Attribute> sizes(
          llvm::map_range(shape, [&](int64_t size) -> Attribute { return builder.getIntegerAttr(type, size); }));
      replaceByConstant(read, DenseElementsAttr::get(RankedTensorType::get(shape.size(), type), sizes), type);
    } else if (op == "ResourceGather") {
      auto batchDims = read.attr<IntegerAttr>("batch_dims");
      Value params = makeConstant(read, value(), element());
      Type axisType = builder.getI32Type();
      auto axis = DenseElementsAttr::get(RankedTensorType::get({}, axisType), static_cast<int32_t>(batchDims.getInt()));
      replace(read, "GatherV2", read.getOutputs().getTypes(),
              {params, read.getInputs()[1], makeConstant(read, axis, axisType)},
              {{"Taxis", TypeAttr::get(axisType)},
               {"Tindices", read.attr<TypeAttr>("Tindices")},
               {"Tparams", TypeAttr::get(element())},
               {"batch_dims", batchDims}});
    } else if (op == "ResourceGatherNd") {
      replace(read, "GatherNd", read.getOutputs().getTypes(),
              {makeConstant(read, value(), element()), read.getInputs()[1]},
              {{"Tindices", read.attr<TypeAttr>("Tindices")},
               {"Tparams", TypeAttr::get(element())},
               {"bad_indices_policy", builder.getStringAttr("")}});
    } else {
      auto type = RankedTensorType::get({}, builder.getI1Type());
      replaceByConstant(read, DenseElementsAttr::get(type, true), type.getElementType());
    }
  }

  /// Removes a node whose outputs nobody reads; who waits for it waits for what it waited for.
  void dropNode(gdef::NodeOp old) {
    if (old.getControl().use_empty())
      old.erase();
    else
      replace(old, "NoOp", {}, {}, {});
  }

  gdef::NodeOp node;
  bool isHandle, needsValue = false, valid = true;
  OpBuilder builder;
  SmallVector<gdef::NodeOp> aliases, reads;
};

class FreezeVariablesPass : public lathe::impl::FreezeVariablesPassBase<FreezeVariablesPass> {
  void runOnOperation() override {
    SmallVector<Variable> variables;
    bool valid = true;
    getOperation().walk([&](gdef::NodeOp node) {
      if (isVariable(node))
        valid &= variables.emplace_back(node).check();
    });
    if (!valid)
      return signalPassFailure();
    for (Variable &variable : variables)
      variable.freeze();
  }
};
} // namespace
