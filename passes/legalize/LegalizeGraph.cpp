// SPDX-License-Identifier: Apache-2.0
// The pass that turns gdef.graph @main into a function of core ops, by the import table.
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "passes/Passes.h"
#include "passes/legalize/Table.h"

using namespace mlir;
using namespace lathe;

namespace lathe {
#define GEN_PASS_DEF_LEGALIZEGRAPHPASS
#include "passes/Passes.h.inc"
} // namespace lathe

namespace {

/// While it lives, counts errors and keeps back those without a code, which core's shape checks emit.
class ShapeErrors : public ScopedDiagnosticHandler {
public:
  explicit ShapeErrors(MLIRContext *context) : ScopedDiagnosticHandler(context) {
    setHandler([this](Diagnostic &diagnostic) {
      if (diagnostic.getSeverity() != DiagnosticSeverity::Error)
        return failure();
      ++count;
      std::string message = diagnostic.str();
      if (StringRef(message).starts_with("LTH"))
        return failure();
      // An op on two operands that do not fit says the same of each.
      if (!llvm::is_contained(messages, message))
        messages.push_back(std::move(message));
      return success();
    });
  }

  unsigned count = 0;
  SmallVector<std::string> messages;
};

class GraphLegalizer {
public:
  explicit GraphLegalizer(gdef::GraphOp graph) : graph(graph), builder(graph) {}

  /// Makes the function beside the graph. On failure everything that is wrong has been reported.
  LogicalResult run() {
    SmallVector<Type> arguments(graph.getBody().getArgumentTypes());
    checkNodes();
    auto type = builder.getFunctionType(arguments, {});
    auto function = func::FuncOp::create(builder, graph.getLoc(), "main", type);
    Block *body = function.addEntryBlock();
    for (auto [from, to] : llvm::zip_equal(graph.getBody().getArguments(), body->getArguments())) {
      to.setLoc(from.getLoc());
      if (checkArgument(from))
        values[from] = to;
    }
    builder.setInsertionPointToStart(body);
    for (gdef::NodeOp node : orderNodes())
      legalizeNode(node);
    if (!ok) {
      function.erase();
      return failure();
    }
    SmallVector<Value> results;
    for (Value fetched : graph.getFetch().getValues())
      results.push_back(values.lookup(fetched));
    func::ReturnOp::create(builder, graph.getLoc(), results);
    function.setFunctionType(builder.getFunctionType(arguments, ValueRange(results).getTypes()));
    for (auto [i, name] : llvm::enumerate(graph.getArgNames()))
      function.setArgAttr(i, "lathe.name", name);
    for (auto [i, name] : llvm::enumerate(graph.getResultNames()))
      function.setResultAttr(i, "lathe.name", name);
    for (Operation &op : llvm::make_early_inc_range(llvm::reverse(*body)))
      if (isOpTriviallyDead(&op))
        op.erase();
    return success();
  }

private:
  void report(Location loc, Code code, const Twine &message) {
    emitProblem(loc, code, message);
    ok = false;
  }

  bool checkArgument(BlockArgument argument) {
    auto type = dyn_cast<RankedTensorType>(argument.getType());
    if (!type || !type.hasStaticShape())
      report(argument.getLoc(), Code::UnknownFeedShape,
             "every dimension of a feed must be known, but its type is " + text(argument.getType()));
    else if (isa<gdef::GdefDialect>(type.getElementType().getDialect()))
      report(argument.getLoc(), Code::UnsupportedType, "a feed cannot have type " + text(type));
    else
      return true;
    return false;
  }

  static std::string text(Type type) {
    std::string result;
    llvm::raw_string_ostream(result) << type;
    return result;
  }

  /// Reports the nodes that the table lacks, of those that fetched values depend on and those that others wait for.
  void checkNodes() {
    llvm::DenseSet<Operation *> live;
    SmallVector<Value> open(graph.getFetch().getValues());
    while (!open.empty()) {
      auto node = open.pop_back_val().getDefiningOp<gdef::NodeOp>();
      if (node && live.insert(node).second)
        llvm::append_range(open, node.getInputs());
    }
    for (auto node : graph.getBody().getOps<gdef::NodeOp>()) {
      if (legalize::findRow(node.getOpType()) || (!live.contains(node) && node.getControl().use_empty()))
        continue;
      failedNodes.insert(node);
      if (std::optional<Code> refusal = legalize::refusalOf(node.getOpType()))
        report(node.getLoc(), *refusal, codeInfo(*refusal).title);
      else
        report(node.getLoc(), Code::UnsupportedOp, "operation '" + node.getOpType() + "' is not supported");
    }
  }

  /// Live nodes, each after those whose results it takes. A cycle is cut where it closes.
  SmallVector<gdef::NodeOp> orderNodes() {
    SmallVector<gdef::NodeOp> order;
    llvm::DenseSet<Operation *> entered;
    SmallVector<std::pair<gdef::NodeOp, unsigned>> path;
    auto enter = [&](Value value) {
      auto node = value.getDefiningOp<gdef::NodeOp>();
      if (node && entered.insert(node).second)
        path.push_back({node, 0});
    };
    for (Value fetched : graph.getFetch().getValues()) {
      enter(fetched);
      while (!path.empty()) {
        auto &[node, next] = path.back();
        if (next < node.getInputs().size()) {
          enter(node.getInputs()[next++]);
          continue;
        }
        order.push_back(node);
        path.pop_back();
      }
    }
    return order;
  }

  void legalizeNode(gdef::NodeOp node) {
    if (failedNodes.contains(node))
      return;
    SmallVector<Value> operands;
    for (Value input : node.getInputs()) {
      auto known = values.find(input);
      if (known == values.end()) {
        auto source = input.getDefiningOp<gdef::NodeOp>();
        if (source && !failedNodes.contains(source))
          report(node.getLoc(), Code::Cycle, "the node depends on its own result");
        failedNodes.insert(node);
        return;
      }
      operands.push_back(known->second);
    }
    for (Value output : node.getOutputs())
      if (!output.use_empty() && isa<gdef::GdefDialect>(getElementTypeOrSelf(output.getType()).getDialect())) {
        report(node.getLoc(), Code::UnsupportedType, "a result cannot have type " + text(output.getType()));
        failedNodes.insert(node);
        return;
      }
    core::CheckedBuilder b(builder, node.getLoc());
    legalize::Node view(node, operands, b);
    SmallVector<std::string> shapeErrors;
    legalize::Values results;
    unsigned errors;
    {
      ShapeErrors diagnostics(node.getContext());
      results = legalize::findRow(node.getOpType())->legalize(view);
      errors = diagnostics.count;
      shapeErrors = std::move(diagnostics.messages);
    }
    for (const std::string &message : shapeErrors)
      emitProblem(node.getLoc(), Code::ShapeMismatch, message);
    results.resize(node.getOutputs().size());
    for (auto [output, result] : llvm::zip_equal(node.getOutputs(), results)) {
      if (output.use_empty())
        continue;
      if (result && errors == 0 && getElementTypeOrSelf(output.getType()) == getElementTypeOrSelf(result.getType()))
        values[output] = result;
      else if (errors++ == 0)
        emitProblem(node.getLoc(), Code::InternalError,
                    "the import table made no result of type " + text(output.getType()) +
                        (result ? ", but one of type " + text(result.getType()) : ""));
    }
    if (errors) {
      ok = false;
      failedNodes.insert(node);
    }
  }

  gdef::GraphOp graph;
  OpBuilder builder;
  bool ok = true;
  llvm::DenseSet<Operation *> failedNodes;
  llvm::DenseMap<Value, Value> values;
};

struct LegalizeGraph : lathe::impl::LegalizeGraphPassBase<LegalizeGraph> {
  void runOnOperation() override {
    auto graph = getOperation().lookupSymbol<gdef::GraphOp>("main");
    if (!graph) {
      emitProblem(getOperation().getLoc(), Code::InternalError, "the module has no graph @main");
      return signalPassFailure();
    }
    // The function takes the graph's name.
    graph.setSymName("main.graph");
    GraphLegalizer legalizer(graph);
    if (failed(legalizer.run()))
      return signalPassFailure();
    for (auto done : llvm::make_early_inc_range(getOperation().getOps<gdef::GraphOp>()))
      done.erase();
  }
};

} // namespace
