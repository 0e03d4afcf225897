// SPDX-License-Identifier: Apache-2.0
// The pass that makes values of variables that are written, which go from node to node in TensorFlow's order.
#include "ir/rt/Ops.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/TypeUtilities.h"
#include "passes/Passes.h"
#include "passes/raise/Arrays.h"
#include "passes/raise/Variables.h"
#include <list>
#include <set>

using namespace mlir;
using namespace lathe;
using namespace lathe::raise;

namespace lathe {
#define GEN_PASS_DEF_THREADVARIABLESPASS
#include "passes/Passes.h.inc"
} // namespace lathe

namespace {

/// What the variables are at one place of the program.
using Values = llvm::MapVector<Variable *, Value>;

Type unrankedLike(Value value) {
  return UnrankedTensorType::get(getElementTypeOrSelf(value.getType()));
}

class Threader {
public:
  explicit Threader(Variables &variables) : variables(variables) {}

  /// Replaces the operations on threaded variables in `block`; `values` is what they are before it, then behind it.
  void threadBlock(Block &block, Values &values) {
    // What the block's end reads of references from around it is read as the block begins.
    for (OpOperand &operand : block.getTerminator()->getOpOperands())
      if (operand.get().getParentBlock() != &block || isa<BlockArgument>(operand.get()))
        read(operand, values);
    for (Operation *op : orderOf(block)) {
      auto node = dyn_cast<gdef::NodeOp>(op);
      VariableUse use = node ? variables.useOf(node) : VariableUse::None;
      SmallVector<Variable *> changed;
      for (OpOperand &operand : op->getOpOperands()) {
        if (Variable *variable = isStepOf(operand) ? threaded(operand.get()) : nullptr)
          changed.push_back(variable);
        if (use == VariableUse::None || operand.getOperandNumber() != 0)
          read(operand, values);
      }
      if (auto branch = dyn_cast<gdef::IfOp>(op))
        threadIf(branch, values);
      else if (auto loop = dyn_cast<gdef::WhileOp>(op))
        threadWhile(loop, values);
      else if (node && !changed.empty())
        threadStep(node, changed, values);
      else if (node)
        threadNode(node, use, values);
    }
  }

  /// Nodes that nothing needs any more, where nothing waits for them; each before those that it reads.
  SmallVector<gdef::NodeOp> done;
  bool ok = true;

private:
  Variable *threaded(Value value) {
    Variable *variable = variables.referredBy(value);
    return variable && variable->isThreaded ? variable : nullptr;
  }

  void read(OpOperand &operand, Values &values) {
    if (Variable *variable = threaded(operand.get()))
      operand.set(values[variable]);
  }

  void report(Operation *op, Code code, const Twine &message) {
    emitProblem(op->getLoc(), code, message);
    ok = false;
  }

  void threadNode(gdef::NodeOp node, VariableUse use, Values &values) {
    Variable *made = node.getOutputs().empty() ? nullptr : threaded(node.getOutputs().front());
    if (use == VariableUse::None) {
      // A constant that is written starts anew in each run; all others are there from the beginning.
      if (made && made->isLocal())
        values[made] = made->start;
      else if (made)
        done.push_back(node);
    } else if (Variable *variable = threaded(node.getInputs().front())) {
      replace(node, use, *variable, values[variable]);
      done.push_back(node);
    }
    if (!made || !values.count(made))
      return;
    readAtEnd(node, values[made]);
  }

  /// A step of training, which changes several variables.
  void threadStep(gdef::NodeOp node, ArrayRef<Variable *> changed, Values &values) {
    NodeMaker make(node, node);
    StringRef op = node.getOpType();
    op.consume_front("Resource");
    SmallVector<Value> inputs(node.getInputs());
    SmallVector<Type> types;
    for (auto [i, variable] : llvm::enumerate(changed)) {
      inputs[i] = values[variable];
      types.push_back(unrankedLike(inputs[i]));
    }
    SmallVector<NamedAttribute> attrs;
    for (NamedAttribute attribute : node.getAttrs())
      if (attribute.getName() != "_references")
        attrs.push_back(attribute);
    Operation *step = make(op, inputs, attrs, types).getDefiningOp();
    for (auto [i, variable] : llvm::enumerate(changed))
      values[variable] = step->getResult(i);
    node.getControl().replaceAllUsesWith(make.finish(node.getControls()));
    done.push_back(node);
    if (!node.getOutputs().empty())
      readAtEnd(node, values[changed.front()]);
  }

  /// Who ends the block with the reference that `node` passes on reads it right behind the node.
  static void readAtEnd(gdef::NodeOp node, Value value) {
    for (OpOperand &operand : llvm::make_early_inc_range(node.getOutputs().front().getUses()))
      if (operand.getOwner() == node->getBlock()->getTerminator())
        operand.set(value);
  }

  /// Puts what `node` computes in place of it; `value` is the variable's, which it may change.
  void replace(gdef::NodeOp node, VariableUse use, Variable &variable, Value &value) {
    NodeMaker make(node, node);
    Value result;
    if (use == VariableUse::Writes)
      value = newValue(node, value, make);
    else if (use == VariableUse::Reads)
      result = valueRead(node, value, make);
    else if (use == VariableUse::Asks)
      result = answer(node, variable, make);
    // Readers of a reference that is passed on are given the variable's value when their turn comes.
    if (result)
      node.getOutputs().front().replaceAllUsesWith(result);
    node.getControl().replaceAllUsesWith(make.finish(node.getControls()));
  }

  static Value newValue(gdef::NodeOp node, Value value, NodeMaker &make) {
    StringRef op = node.getOpType();
    Type element = getElementTypeOrSelf(value.getType()), result = unrankedLike(value);
    NamedAttribute type = make.attr("T", TypeAttr::get(element));
    ValueRange in = node.getInputs();
    if (op.starts_with("AssignAdd"))
      return make("AddV2", {value, in[1]}, type, result);
    if (op.starts_with("AssignSub"))
      return make("Sub", {value, in[1]}, type, result);
    if (op.starts_with("Assign"))
      return make("Identity", in[1], type, result);
    op.consume_front("Resource");
    StringRef kind = op;
    std::string pure = kind.consume_front("ScatterNd") ? ("TensorScatter" + kind).str() : op.str();
    NamedAttribute attrs[] = {type, make.attr("Tindices", TypeAttr::get(getElementTypeOrSelf(in[1].getType())))};
    return make(pure, {value, in[1], in[2]}, attrs, result);
  }

  static Value valueRead(gdef::NodeOp node, Value value, NodeMaker &make) {
    StringRef op = node.getOpType();
    if (op == "ReadVariableOp")
      return value;
    ValueRange in = node.getInputs();
    NamedAttribute indices = make.attr("Tindices", TypeAttr::get(getElementTypeOrSelf(in[1].getType())));
    NamedAttribute params = make.attr("Tparams", TypeAttr::get(getElementTypeOrSelf(value.getType())));
    if (op == "ResourceGatherNd")
      return make("GatherNd", {value, in[1]}, {indices, params}, unrankedLike(value));
    auto batchDims = node.attr<IntegerAttr>("batch_dims");
    auto axis = static_cast<int32_t>(batchDims ? batchDims.getInt() : 0);
    Value axisValue = make.constant(DenseElementsAttr::get(make.scalar(make.i32()), axis));
    SmallVector<NamedAttribute> attrs{make.attr("Taxis", TypeAttr::get(make.i32())), indices, params};
    if (batchDims)
      attrs.push_back(make.attr("batch_dims", batchDims));
    return make("GatherV2", {value, in[1], axisValue}, attrs, unrankedLike(value));
  }

  Value answer(gdef::NodeOp node, Variable &variable, NodeMaker &make) {
    if (node.getOpType() != "VariableShape") {
      if (!variable.isLocal() && !variable.initial())
        report(node, Code::VariableUse, "whether variable '" + variable.name + "' has a value is not known");
      return make.constant(DenseElementsAttr::get(make.scalar(IntegerType::get(node.getContext(), 1)), true));
    }
    Type type = node.attr<TypeAttr>("out_type").getValue();
    SmallVector<Attribute> sizes;
    for (int64_t size : variable.type().getShape())
      sizes.push_back(IntegerAttr::get(type, size));
    return make.constant(DenseElementsAttr::get(RankedTensorType::get(sizes.size(), type), sizes));
  }

  //===--- loops and branches -----------------------------------------------------------------------------------===//

  /// The variables from around `op` that it writes.
  SmallVector<Variable *> writtenIn(Operation *op, const Values &values) {
    return llvm::filter_to_vector(variables.writtenIn(op), [&](Variable *v) { return values.count(v) != 0; });
  }

  static void yieldMore(Block &block, const Values &values, ArrayRef<Variable *> written) {
    for (Variable *variable : written)
      cast<gdef::YieldOp>(block.getTerminator()).getValuesMutable().append(values.lookup(variable));
  }

  static SmallVector<Type> typesWith(Operation *op, ArrayRef<Variable *> written, const Values &values) {
    SmallVector<Type> types(op->getResults().drop_back().getTypes());
    for (Variable *variable : written)
      types.push_back(unrankedLike(values.lookup(variable)));
    types.push_back(op->getResults().back().getType());
    return types;
  }

  void threadIf(gdef::IfOp op, Values &values) {
    SmallVector<Variable *> written = writtenIn(op, values);
    for (Region *region : {&op.getThenRegion(), &op.getElseRegion()}) {
      Values inside = values;
      threadBlock(region->front(), inside);
      yieldMore(region->front(), inside, written);
    }
    if (written.empty())
      return;
    OpBuilder builder(op);
    auto wider =
        gdef::IfOp::create(builder, op.getLoc(), typesWith(op, written, values), op.getCondition(), op.getControls());
    wider.getThenRegion().takeBody(op.getThenRegion());
    wider.getElseRegion().takeBody(op.getElseRegion());
    takePlace(op, wider, written, values);
  }

  void threadWhile(gdef::WhileOp op, Values &values) {
    SmallVector<Variable *> written = writtenIn(op, values);
    SmallVector<Value> inits(op.getInits());
    for (Variable *variable : written)
      inits.push_back(values[variable]);
    for (Region *region : {&op.getCond(), &op.getBody()}) {
      Values inside = values;
      for (Variable *variable : written)
        inside[variable] = region->front().addArgument(unrankedLike(values[variable]), op.getLoc());
      Values before = inside;
      threadBlock(region->front(), inside);
      if (region == &op.getBody())
        yieldMore(region->front(), inside, written);
      else if (llvm::any_of(written, [&](Variable *v) { return before[v] != inside[v]; }))
        report(op, Code::Irreducible, "the condition of a loop must not write a variable");
    }
    if (written.empty())
      return;
    OpBuilder builder(op);
    auto wider = gdef::WhileOp::create(builder, op.getLoc(), typesWith(op, written, values), inits, op.getControls());
    wider.getCond().takeBody(op.getCond());
    wider.getBody().takeBody(op.getBody());
    takePlace(op, wider, written, values);
  }

  static void takePlace(Operation *op, Operation *wider, ArrayRef<Variable *> written, Values &values) {
    unsigned outputs = op->getNumResults() - 1;
    for (unsigned i = 0; i < outputs; ++i)
      op->getResult(i).replaceAllUsesWith(wider->getResult(i));
    op->getResults().back().replaceAllUsesWith(wider->getResults().back());
    for (auto [i, variable] : llvm::enumerate(written))
      values[variable] = wider->getResult(outputs + i);
    op->erase();
  }

  Variables &variables;
};

struct ThreadVariables : lathe::impl::ThreadVariablesPassBase<ThreadVariables> {
  using ThreadVariablesPassBase::ThreadVariablesPassBase;

  void runOnOperation() override {
    Entries entries;
    for (auto graph : getOperation().getOps<gdef::GraphOp>())
      if (!graph.isPrivate())
        entries.emplace_back(graph, Variables(graph));
    chooseThreaded(entries);
    bool ok = true;
    for (auto &[graph, variables] : entries)
      ok = variables.check() && ok;
    ok = ok && declare(entries);
    for (auto &[graph, variables] : entries)
      ok = ok && thread(graph, variables);
    if (!ok)
      signalPassFailure();
  }

private:
  using Entries = std::list<std::pair<gdef::GraphOp, Variables>>;

  static std::pair<std::string, std::string> keyOf(const Variable &variable) {
    return {variable.container, variable.name};
  }

  /// State is what any entry writes, or the user asks for; a constant that is written lives as long as a run.
  void chooseThreaded(Entries &entries) {
    std::set<std::pair<std::string, std::string>> written;
    for (auto &[graph, variables] : entries)
      for (const auto &variable : variables.all())
        if (!variable->isLocal() && variable->isWritten)
          written.insert(keyOf(*variable));
    auto isAskedFor = [&](const Variable &variable) {
      return llvm::any_of(state, [&](const std::string &name) { return name == "all" || name == variable.name; });
    };
    for (auto &[graph, variables] : entries)
      for (const auto &variable : variables.all())
        variable->isThreaded =
            variable->isLocal() ? variable->isWritten : written.count(keyOf(*variable)) || isAskedFor(*variable);
  }

  /// Makes an rt.variable for each that is state. False after reports.
  bool declare(Entries &entries) {
    bool ok = true;
    SymbolTable symbols(getOperation());
    OpBuilder builder = OpBuilder::atBlockBegin(getOperation().getBody());
    auto report = [&](Variable &variable, Code code, const Twine &message) {
      emitProblem(variable.node->getLoc(), code, message);
      ok = false;
    };
    for (auto &[graph, variables] : entries)
      for (const auto &variable : variables.all()) {
        if (!variable->isThreaded || variable->isLocal())
          continue;
        RankedTensorType type = variable->type();
        rt::VariableOp &known = declared[keyOf(*variable)];
        if (!type) {
          report(*variable, Code::NoVariableValue,
                 "the shape of the variable is not known, and no checkpoint has its value");
        } else if (isa<gdef::GdefDialect>(type.getElementType().getDialect())) {
          report(*variable, Code::UnsupportedType, "a variable of this element type cannot be written");
        } else if (!known) {
          known = rt::VariableOp::create(builder, variable->node->getLoc(), variable->name, variable->container,
                                         variable->name, type, variable->initial(), FlatSymbolRefAttr());
          symbols.insert(known);
        } else if (known.getType() != type) {
          report(*variable, Code::VariableMismatch,
                 "two nodes that share the variable give it different shapes or types");
        }
      }
    return ok;
  }

  bool thread(gdef::GraphOp graph, Variables &variables) {
    Block &block = graph.getBody().front();
    Values values;
    SmallVector<Variable *> state;
    SmallVector<Attribute> symbols;
    Builder builder(graph);
    bool any = false;
    for (const auto &variable : variables.all()) {
      any |= variable->isThreaded;
      if (!variable->isThreaded)
        continue;
      if (variable->isLocal()) {
        if (!variable->node)
          values[variable.get()] = variable->start;
        continue;
      }
      values[variable.get()] = block.addArgument(variable->type(), variable->node->getLoc());
      state.push_back(variable.get());
      symbols.push_back(FlatSymbolRefAttr::get(declared.at(keyOf(*variable)).getSymNameAttr()));
    }
    if (!any)
      return true;
    Threader threader(variables);
    threader.threadBlock(block, values);
    if (!threader.ok)
      return false;
    for (Variable *variable : state)
      graph.getFetch().getValuesMutable().append(values[variable]);
    nameState(graph, state);
    if (!state.empty())
      graph.setVariablesAttr(builder.getArrayAttr(symbols));
    for (gdef::NodeOp node : llvm::reverse(threader.done))
      if (node->use_empty())
        node.erase();
    raise::dropUnchanged(graph);
    return true;
  }

  static void nameState(gdef::GraphOp graph, ArrayRef<Variable *> state) {
    Builder builder(graph);
    auto extended = [&](ArrayAttr names, bool named) {
      SmallVector<Attribute> all(names.getValue());
      for (Variable *variable : state)
        all.push_back(builder.getStringAttr(named ? variable->name : ""));
      return builder.getArrayAttr(all);
    };
    graph.setArgNamesAttr(extended(graph.getArgNames(), true));
    graph.setResultNamesAttr(extended(graph.getResultNames(), true));
    if (ArrayAttr aliases = graph.getArgAliasesAttr())
      graph.setArgAliasesAttr(extended(aliases, false));
    if (ArrayAttr aliases = graph.getResultAliasesAttr())
      graph.setResultAliasesAttr(extended(aliases, false));
  }

  std::map<std::pair<std::string, std::string>, rt::VariableOp> declared;
};

} // namespace
