// SPDX-License-Identifier: Apache-2.0
// The pass that puts the bodies of functions where they are called.
#include "ir/Problems.h"
#include "ir/gdef/Ops.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/IRMapping.h"
#include "passes/Passes.h"
#include "passes/raise/WriteStructure.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;
using namespace lathe;

namespace lathe {
#define GEN_PASS_DEF_INLINEFUNCTIONSPASS
#include "passes/Passes.h.inc"
} // namespace lathe

namespace {

enum class Call { None, Function, If, While, Case };

Call callOf(StringRef op) {
  return llvm::StringSwitch<Call>(op)
      .Cases({"PartitionedCall", "StatefulPartitionedCall"}, Call::Function)
      .Cases({"If", "StatelessIf"}, Call::If)
      .Cases({"While", "StatelessWhile"}, Call::While)
      .Cases({"Case", "StatelessCase"}, Call::Case)
      .Default(Call::None);
}

/// Types as functions and regions have them: the shapes of a call are not those of another.
SmallVector<Type> unranked(TypeRange types) {
  return llvm::map_to_vector(types,
                             [](Type type) -> Type { return UnrankedTensorType::get(getElementTypeOrSelf(type)); });
}

class Inliner {
public:
  explicit Inliner(ModuleOp module) : module(module), symbols(module) {}

  LogicalResult run(gdef::GraphOp main) {
    for (auto node : main.getBody().getOps<gdef::NodeOp>())
      pending.push_back(node);
    std::reverse(pending.begin(), pending.end());
    while (!pending.empty()) {
      gdef::NodeOp node = pending.pop_back_val();
      if (failed(inlineCall(node)))
        ok = false;
      if (count > mostNodes) {
        emitProblem(main.getLoc(), Code::LimitExceeded,
                    "number of nodes with all functions inlined must be at most " + Twine(mostNodes));
        return failure();
      }
    }
    return success(ok);
  }

private:
  static constexpr unsigned mostNodes = 1'000'000, mostDepth = 256;

  LogicalResult inlineCall(gdef::NodeOp node) {
    Call call = callOf(node.getOpType());
    if (call == Call::None) {
      auto function = symbols.lookup<gdef::GraphOp>(node.getOpType());
      return function && function.isPrivate() ? inlineFunction(node, function) : success();
    }
    unsigned depth = 0;
    for (Operation *op = node; (op = op->getParentOp());)
      ++depth;
    auto branches = node.attr<ArrayAttr>("branches");
    if (depth + (call == Call::Case && branches ? branches.size() : 1) > mostDepth)
      return fail(node, Code::LimitExceeded, "depth of loops and branches must be at most " + Twine(mostDepth));
    switch (call) {
    case Call::Function: {
      gdef::GraphOp function = lookup(node, node.getAttrs().get("f"));
      return function ? inlineFunction(node, function) : failure();
    }
    case Call::If:
      return inlineBranches(node, {node.getAttrs().get("then_branch"), node.getAttrs().get("else_branch")});
    case Call::While:
      return inlineWhile(node);
    default:
      if (!branches || branches.empty())
        return fail(node, Code::BadAttribute, "attribute 'branches' must name functions");
      return inlineBranches(node, branches.getValue());
    }
  }

  LogicalResult fail(gdef::NodeOp node, Code code, const Twine &message) {
    emitProblem(node.getLoc(), code, message);
    return failure();
  }

  gdef::GraphOp lookup(gdef::NodeOp node, Attribute attr) {
    auto name = dyn_cast_or_null<gdef::FuncAttr>(attr);
    auto function = name ? symbols.lookup<gdef::GraphOp>(name.getCallee().getValue()) : gdef::GraphOp();
    if (!function)
      (void)fail(node, Code::BadFunction,
                 name ? "function '" + name.getCallee().getValue() + "' is not defined"
                      : Twine("names no function to call"));
    return function;
  }

  /// Checks that `function` takes `arguments` and gives `results`.
  LogicalResult check(gdef::NodeOp node, gdef::GraphOp function, TypeRange arguments, TypeRange results) {
    auto compare = [&](StringRef what, TypeRange takes, TypeRange given) {
      if (takes.size() != given.size())
        return fail(node, Code::BadFunction,
                    "number of " + what + " of function '" + function.getSymName() + "' must be " +
                        Twine(given.size()) + ", but got " + Twine(takes.size()));
      for (auto [i, pair] : llvm::enumerate(llvm::zip_equal(takes, given))) {
        Type taken = getElementTypeOrSelf(std::get<0>(pair)), passed = getElementTypeOrSelf(std::get<1>(pair));
        if (taken == passed)
          continue;
        std::string text;
        llvm::raw_string_ostream(text) << "element type of " << what.drop_back() << " " << i << " of function '"
                                       << function.getSymName() << "' must be " << passed << ", but got " << taken;
        return fail(node, Code::BadFunction, text);
      }
      return success();
    };
    bool taken = succeeded(compare("arguments", function.getBody().getArgumentTypes(), arguments));
    bool given = succeeded(compare("results", function.getFetch().getValues().getTypes(), results));
    return success(taken && given);
  }

  /// What a copied body yields.
  struct Copied {
    SmallVector<Value> values, controls;
  };

  /// Copies the body of `function` to where `builder` stands. Nodes that wait for none of the body wait for `first`.
  Copied copyBody(gdef::NodeOp node, gdef::GraphOp function, ValueRange arguments, ArrayRef<Value> first,
                  OpBuilder &builder) {
    StringRef call = nodeNames(node.getLoc()).node;
    Block &body = function.getBody().front();
    IRMapping mapping;
    for (auto [from, to] : llvm::zip_equal(body.getArguments(), arguments))
      mapping.map(from, to);
    SmallVector<std::pair<Operation *, Operation *>> copies;
    for (Operation &op : body.without_terminator()) {
      Operation *copy = builder.insert(op.clone(mapping, Operation::CloneOptions::all().cloneOperands(false)));
      copies.push_back({&op, copy});
      NodeNames names = nodeNames(op.getLoc());
      // Names of a function's nodes begin with that of the function.
      StringRef name = names.node;
      if (name.consume_front(function.getSymName()))
        name.consume_front("/");
      copy->setLoc(nodeLocation(op.getContext(), (call + "/" + name).str(), names.op));
      ++count;
      if (raise::isControlFlow(copy))
        hasControlFlow[copy->getBlock()] = true;
    }
    for (auto [op, copy] : copies) {
      copy->setOperands(llvm::map_to_vector(op->getOperands(), [&](Value v) { return mapping.lookup(v); }));
      auto inner = cast<gdef::NodeOp>(copy);
      bool waits = llvm::any_of(op->getOperands(), [](Value v) { return v.getDefiningOp(); });
      if (!waits)
        inner.getControlsMutable().append(first);
      pending.push_back(inner);
    }
    Copied result;
    for (Value value : function.getFetch().getValues())
      result.values.push_back(mapping.lookup(value));
    for (Value control : function.getFetch().getControls())
      result.controls.push_back(mapping.lookup(control));
    return result;
  }

  LogicalResult inlineFunction(gdef::NodeOp node, gdef::GraphOp function) {
    if (failed(check(node, function, node.getInputs().getTypes(), node.getOutputs().getTypes())))
      return failure();
    OpBuilder builder(node);
    llvm::SetVector<Value> first(node.getControls().begin(), node.getControls().end());
    if (Value runs = whetherItRuns(node, builder))
      first.insert(runs);
    Copied body = copyBody(node, function, node.getInputs(), first.getArrayRef(), builder);
    for (auto [output, value] : llvm::zip_equal(node.getOutputs(), body.values))
      output.replaceAllUsesWith(value);
    first.insert(body.controls.begin(), body.controls.end());
    for (OpOperand &use : llvm::make_early_inc_range(node.getControl().getUses()))
      replaceControl(use.getOwner(), node.getControl(), first.getArrayRef());
    node.erase();
    return success();
  }

  /// In the control flow of TensorFlow 1, a node that runs where the call runs; null where that is always.
  Value whetherItRuns(gdef::NodeOp node, OpBuilder &builder) {
    auto [known, added] = hasControlFlow.try_emplace(node->getBlock(), false);
    if (added)
      known->second = llvm::any_of(*node->getBlock(), [](Operation &op) { return raise::isControlFlow(&op); });
    if (!known->second)
      return {};
    SmallVector<Value> tokens;
    StringRef name = nodeNames(node.getLoc()).node;
    auto make = [&](StringRef op, ValueRange inputs, ValueRange controls, ArrayRef<NamedAttribute> attrs,
                    TypeRange types) {
      return gdef::NodeOp::create(builder, nodeLocation(builder.getContext(), name, op), types,
                                  builder.getStringAttr(op), inputs, controls, builder.getDictionaryAttr(attrs))
          .getControl();
    };
    Type control = gdef::ControlType::get(builder.getContext());
    for (Value input : node.getInputs()) {
      if (!input.getDefiningOp())
        continue;
      auto element = TypeAttr::get(getElementTypeOrSelf(input.getType()));
      tokens.push_back(make("Identity", input, {}, builder.getNamedAttr("T", element), {input.getType(), control}));
    }
    return tokens.empty() ? Value() : make("NoOp", {}, tokens, {}, control);
  }

  static void replaceControl(Operation *user, Value old, ArrayRef<Value> tokens) {
    auto replace = [&](MutableOperandRange controls) {
      llvm::SetVector<Value> result;
      for (OpOperand &control : controls) {
        if (control.get() == old)
          result.insert(tokens.begin(), tokens.end());
        else
          result.insert(control.get());
      }
      controls.assign(result.getArrayRef());
    };
    if (auto op = dyn_cast<gdef::NodeOp>(user))
      replace(op.getControlsMutable());
    else if (auto op = dyn_cast<gdef::IfOp>(user))
      replace(op.getControlsMutable());
    else if (auto op = dyn_cast<gdef::WhileOp>(user))
      replace(op.getControlsMutable());
    else if (auto op = dyn_cast<gdef::YieldOp>(user))
      replace(op.getControlsMutable());
    else
      replace(cast<gdef::FetchOp>(user).getControlsMutable());
  }

  /// Replaces a call of one of several functions: input 0 is a condition, or an index into `names` where the call has
  /// it.
  LogicalResult inlineBranches(gdef::NodeOp node, ArrayRef<Attribute> names) {
    if (node.getInputs().empty())
      return fail(node, Code::InputCount, "number of inputs must be at least 1, but got 0");
    SmallVector<gdef::GraphOp> functions;
    ValueRange arguments = node.getInputs().drop_front();
    for (Attribute name : names) {
      gdef::GraphOp function = lookup(node, name);
      if (!function || failed(check(node, function, arguments.getTypes(), node.getOutputs().getTypes())))
        return failure();
      functions.push_back(function);
    }
    bool isCase = callOf(node.getOpType()) == Call::Case;
    if (isCase && functions.size() == 1)
      return inlineOnly(node, functions.front(), arguments);
    OpBuilder builder(node);
    Operation *result = nullptr;
    for (size_t way = 0; way + 1 < functions.size(); ++way) {
      Value condition = node.getInputs()[0];
      if (isCase)
        condition = equals(condition, static_cast<int>(way), node.getLoc(), builder);
      auto op = gdef::IfOp::create(builder, node.getLoc(), node->getResultTypes(), condition,
                                   result ? ValueRange() : ValueRange(node.getControls()));
      if (result)
        gdef::YieldOp::create(builder, node.getLoc(), op.getOutputs(), op.getControl());
      else
        result = op;
      fillRegion(node, functions[way], arguments, op.getThenRegion());
      if (way + 2 == functions.size())
        fillRegion(node, functions[way + 1], arguments, op.getElseRegion());
      else
        builder.setInsertionPointToStart(&op.getElseRegion().emplaceBlock());
    }
    node.replaceAllUsesWith(result);
    node.erase();
    return success();
  }

  LogicalResult inlineOnly(gdef::NodeOp node, gdef::GraphOp function, ValueRange arguments) {
    OpBuilder builder(node);
    auto call = gdef::NodeOp::create(builder, node.getLoc(), node->getResultTypes(), node.getOpTypeAttr(), arguments,
                                     node.getControls(), node.getAttrs());
    node.replaceAllUsesWith(call);
    node.erase();
    return inlineFunction(call, function);
  }

  static Value equals(Value index, int number, Location location, OpBuilder &b) {
    StringRef name = nodeNames(location).node;
    Type element = getElementTypeOrSelf(index.getType()), control = gdef::ControlType::get(b.getContext());
    auto type = RankedTensorType::get({}, b.getI32Type());
    auto make = [&](StringRef op, ValueRange inputs, ArrayRef<NamedAttribute> attrs, Type result) -> Value {
      return gdef::NodeOp::create(b, nodeLocation(b.getContext(), name, op), {result, control}, b.getStringAttr(op),
                                  inputs, ValueRange(), b.getDictionaryAttr(attrs))
          .getOutputs()[0];
    };
    NamedAttribute constant[] = {b.getNamedAttr("dtype", TypeAttr::get(b.getI32Type())),
                                 b.getNamedAttr("value", DenseIntElementsAttr::get(type, number))};
    NamedAttribute equal[] = {b.getNamedAttr("T", TypeAttr::get(element)),
                              b.getNamedAttr("incompatible_shape_error", b.getBoolAttr(true))};
    return make("Equal", {index, make("Const", {}, constant, type)}, equal, UnrankedTensorType::get(b.getI1Type()));
  }

  void fillRegion(gdef::NodeOp node, gdef::GraphOp function, ValueRange arguments, Region &region) {
    OpBuilder builder = OpBuilder::atBlockEnd(&region.emplaceBlock());
    Copied body = copyBody(node, function, arguments, {}, builder);
    gdef::YieldOp::create(builder, node.getLoc(), body.values, body.controls);
  }

  LogicalResult inlineWhile(gdef::NodeOp node) {
    gdef::GraphOp condition = lookup(node, node.getAttrs().get("cond")),
                  body = lookup(node, node.getAttrs().get("body"));
    if (!condition || !body)
      return failure();
    TypeRange types = node.getInputs().getTypes();
    if (condition.getFetch().getValues().size() != 1)
      return fail(node, Code::BadFunction,
                  "number of results of function '" + condition.getSymName() + "' must be 1, but got " +
                      Twine(condition.getFetch().getValues().size()));
    if (failed(check(node, condition, types, condition.getFetch().getValues().getTypes())) ||
        failed(check(node, body, types, types)) || failed(check(node, body, types, node.getOutputs().getTypes())))
      return failure();
    // What the body passes on unchanged is read from around the loop.
    SmallVector<unsigned> carried;
    for (auto [i, value] : llvm::enumerate(body.getFetch().getValues()))
      if (unchanged(value) != body.getBody().getArgument(i))
        carried.push_back(i);
    auto pick = [&](ValueRange values) { return llvm::map_to_vector(carried, [&](unsigned i) { return values[i]; }); };
    SmallVector<Value> inits = pick(node.getInputs());
    SmallVector<Type> inside = unranked(ValueRange(inits).getTypes());
    SmallVector<Type> results(inside);
    results.push_back(gdef::ControlType::get(node.getContext()));
    OpBuilder builder(node);
    auto loop = gdef::WhileOp::create(builder, node.getLoc(), results, inits, node.getControls());
    for (auto [region, function] : {std::pair(&loop.getCond(), condition), std::pair(&loop.getBody(), body)}) {
      Block &block = region->emplaceBlock();
      block.addArguments(inside, SmallVector<Location>(inside.size(), node.getLoc()));
      SmallVector<Value> arguments(node.getInputs());
      for (auto [i, argument] : llvm::zip_equal(carried, block.getArguments()))
        arguments[i] = argument;
      OpBuilder inner = OpBuilder::atBlockEnd(&block);
      Copied copied = copyBody(node, function, arguments, {}, inner);
      gdef::YieldOp::create(inner, node.getLoc(), function == body ? pick(copied.values) : copied.values,
                            copied.controls);
    }
    SmallVector<Value> outputs(node.getInputs());
    for (auto [i, output] : llvm::zip_equal(carried, loop.getOutputs()))
      outputs[i] = output;
    outputs.push_back(loop.getControl());
    node->replaceAllUsesWith(outputs);
    node.erase();
    return success();
  }

  static Value unchanged(Value value) {
    constexpr int mostSteps = 64;
    for (int step = 0; step < mostSteps; ++step) {
      auto node = value.getDefiningOp<gdef::NodeOp>();
      if (!node || node.getOpType() != "Identity" || !node.getControls().empty())
        break;
      value = node.getInputs()[0];
    }
    return value;
  }

  ModuleOp module;
  SymbolTable symbols;
  SmallVector<gdef::NodeOp> pending;
  /// Whether a block, with all that was put into it, has the control flow of TensorFlow 1.
  llvm::DenseMap<Block *, bool> hasControlFlow;
  unsigned count = 0;
  bool ok = true;
};

struct InlineFunctions : lathe::impl::InlineFunctionsPassBase<InlineFunctions> {
  void runOnOperation() override {
    Inliner inliner(getOperation());
    for (auto graph : getOperation().getOps<gdef::GraphOp>())
      if (!graph.isPrivate() && failed(inliner.run(graph)))
        return signalPassFailure();
    for (auto function : llvm::make_early_inc_range(getOperation().getOps<gdef::GraphOp>()))
      if (function.isPrivate())
        function.erase();
  }
};

} // namespace
