// SPDX-License-Identifier: Apache-2.0
// The pass that turns each gdef.graph into a function of core ops, by the import table.
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "passes/batch/Batch.h"
#include "passes/Passes.h"
#include "passes/legalize/GraphLegalizer.h"
#include "passes/legalize/Table.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace lathe;
using namespace lathe::legalize;

namespace lathe {
#define GEN_PASS_DEF_LEGALIZEGRAPHPASS
#include "passes/Passes.h.inc"
} // namespace lathe

namespace {
/// The names of arguments or results: what the user wants to call them, else what the graph calls them.
SmallVector<Attribute> chosenNames(ArrayAttr names, ArrayAttr aliases) {
  SmallVector<Attribute> chosen(names.getValue());
  if (aliases)
    for (auto [name, alias] : llvm::zip_equal(chosen, aliases))
      if (!cast<StringAttr>(alias).empty())
        name = alias;
  return chosen;
}

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
} // namespace

static void eraseDead(Block &block) {
  for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block))) {
    for (Region &region : op.getRegions())
      eraseDead(region.front());
    if (isOpTriviallyDead(&op))
      op.erase();
  }
}

/// What `op` and the ops in its regions read.
static SmallVector<Value> valuesReadBy(Operation *op) {
  // The rest of what an Assert has is for its message.
  if (auto node = dyn_cast<gdef::NodeOp>(op))
    return SmallVector<Value>(node.getOpType() == "Assert" ? node.getInputs().take_front() : node.getInputs());
  SmallVector<Value> read;
  op->walk([&](Operation *inner) {
    if (isa<gdef::NodeOp>(inner))
      return llvm::append_range(read, valuesReadBy(inner));
    for (Value value : inner->getOperands())
      if (!isa<gdef::ControlType>(value.getType()))
        read.push_back(value);
  });
  return read;
}

/// Gives each result, whose rows are made of the operands' rows, the operands' count.
static void keepCounts(legalize::Node &node, ArrayRef<Value> results) {
  Value count;
  int64_t bound = 0;
  for (size_t i = 0; i < node.size(); ++i)
    if (node.count(i)) {
      count = node.count(i);
      bound = node.shape(i).front();
    }
  for (auto [i, result] : llvm::enumerate(results)) {
    if (!result)
      continue;
    ArrayRef<int64_t> shape = core::CheckedBuilder::shapeOf(result);
    bool fits = !shape.empty() && shape.front() == bound;
    for (size_t k = 0; k < node.size(); ++k)
      if (node.count(k))
        fits &= node.shape(k).size() == shape.size() && node.shape(k).front() == bound;
      else if (node.shape(k).size() == shape.size() && !shape.empty())
        fits &= node.shape(k).front() == 1;
    if (!fits) {
      node.fail(Code::DataDependentShape, "the size of one operand depends on values, that of another does not");
      return;
    }
    node.resultCounts[i] = count;
  }
}

std::string legalize::text(Type type) {
  std::string result;
  llvm::raw_string_ostream(result) << type;
  return result;
}

/// Makes the function beside the graph. On failure everything that is wrong has been reported.
LogicalResult GraphLegalizer::run() {
  SmallVector<Type> arguments(graph.getBody().getArgumentTypes());
  if (!dropsChecks)
    findDemanding();
  auto type = builder.getFunctionType(arguments, {});
  auto function = func::FuncOp::create(builder, graph.getLoc(), graph.getSymName(), type);
  Block *body = function.addEntryBlock();
  for (auto [from, to] : llvm::zip_equal(graph.getBody().getArguments(), body->getArguments())) {
    to.setLoc(from.getLoc());
    if (checkArgument(from))
      values[from] = to;
  }
  builder.setInsertionPointToStart(body);
  legalizeBlock(graph.getBody().front(), graph.getFetch().getValues());
  checkEffects();
  SmallVector<Value> results;
  for (auto [fetched, name] :
       llvm::zip_equal(graph.getFetch().getValues(), graph.getResultNames().getAsValueRange<StringAttr>()))
    if (ok)
      results.push_back(fetch(fetched, name));
  if (!ok) {
    function.erase();
    return failure();
  }
  size_t variables = graph.getVariableCount();
  for (auto [before, after, fetched] :
       llvm::zip_equal(body->getArguments().take_back(variables), ArrayRef(results).take_back(variables),
                       graph.getFetch().getValues().take_back(variables)))
    if (before.getType() != after.getType())
      report(fetched.getLoc(), Code::ShapeMismatch,
             "a variable must keep its shape, but " + text(before.getType()) + " becomes " + text(after.getType()));
  if (!ok) {
    function.erase();
    return failure();
  }
  // Counts of results are results of their own, behind those that are fetched and before the variables' values.
  SmallVector<Attribute> names = chosenNames(graph.getResultNames(), graph.getResultAliasesAttr());
  SmallVector<std::pair<unsigned, unsigned>> countOf;
  size_t fetches = results.size() - variables, next = fetches;
  for (auto [i, fetched] : llvm::enumerate(graph.getFetch().getValues().take_front(fetches)))
    if (Value count = counts.lookup(fetched)) {
      countOf.push_back({i, next});
      names.insert(names.begin() + next, builder.getStringAttr(cast<StringAttr>(names[i]).getValue() + "/count"));
      results.insert(results.begin() + next++, count);
    }
  func::ReturnOp::create(builder, graph.getLoc(), results);
  function.setFunctionType(builder.getFunctionType(arguments, ValueRange(results).getTypes()));
  for (auto [i, name] : llvm::enumerate(chosenNames(graph.getArgNames(), graph.getArgAliasesAttr())))
    function.setArgAttr(i, "lathe.name", name);
  for (auto [i, name] : llvm::enumerate(names))
    function.setResultAttr(i, "lathe.name", name);
  for (auto [result, count] : countOf)
    function.setResultAttr(result, "lathe.count", builder.getI64IntegerAttr(count));
  for (size_t i = 0; i < variables; ++i)
    function.setArgAttr(arguments.size() - variables + i, "lathe.variable", graph.getVariablesAttr()[i]);
  Batch::copy(graph, function);
  eraseDead(*body);
  return success();
}

/// Results by name of what the graph computes that no import table row returns as a tensor.
Value GraphLegalizer::fetch(Value fetched, StringRef name) {
  Value value = values.lookup(fetched);
  if (!value || isa<gdef::GdefDialect>(getElementTypeOrSelf(fetched.getType()).getDialect()))
    report(fetched.getLoc(), Code::UnsupportedType,
           "'" + name + "' cannot be fetched: its type is " + text(fetched.getType()));
  return value;
}

void GraphLegalizer::report(Location loc, Code code, const Twine &message, const Twine &remedy) {
  emitProblem(loc, code, message, remedy);
  ok = false;
}

bool GraphLegalizer::checkArgument(BlockArgument argument) {
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

/// Reports nodes that the table lacks, of those that no fetched value depends on, but other nodes wait for.
void GraphLegalizer::checkEffects() {
  for (auto node : graph.getBody().getOps<gdef::NodeOp>())
    if (!visited.contains(node) && !node.getControl().use_empty())
      checkNode(node);
}

bool GraphLegalizer::checkNode(gdef::NodeOp node) {
  if (findRow(node.getOpType()))
    return true;
  if (!failedNodes.insert(node).second)
    return false;
  if (std::optional<Code> refusal = refusalOf(node.getOpType()))
    report(node.getLoc(), *refusal, codeInfo(*refusal).title);
  else
    report(node.getLoc(), Code::UnsupportedOp, "operation '" + node.getOpType() + "' is not supported");
  return false;
}

/// Finds what must run though nobody may read its results, and the loops and branches around it.
void GraphLegalizer::findDemanding() {
  graph.walk([&](gdef::NodeOp node) {
    if (isDemand(node.getOpType()))
      for (Operation *op = node; op != graph && demanding.insert(op).second;)
        op = op->getParentOp();
  });
}

//===--- order ----------------------------------------------------------------------------------------------------===//

/// The ops of `block` that `needed`, or what must run, depend on, each after those whose results it reads. A cycle is
/// cut where it closes.
SmallVector<Operation *> GraphLegalizer::orderOps(Block &block, ValueRange needed) {
  SmallVector<Operation *> order;
  llvm::DenseSet<Operation *> entered;
  struct Entry {
    Operation *op;
    SmallVector<Value> read;
    size_t next = 0;
  };
  std::vector<Entry> path;
  SmallVector<Operation *> ends;
  for (Operation &op : block)
    if (demanding.contains(&op))
      ends.push_back(&op);
  for (Value value : needed)
    ends.push_back(value.getDefiningOp());
  auto enter = [&](Operation *op) {
    if (op && op->getBlock() == &block && entered.insert(op).second)
      path.push_back({op, valuesReadBy(op)});
  };
  for (Operation *end : ends) {
    enter(end);
    while (!path.empty()) {
      Entry &entry = path.back();
      if (entry.next < entry.read.size()) {
        Value read = entry.read[entry.next++];
        enter(read.getDefiningOp());
        continue;
      }
      order.push_back(entry.op);
      path.pop_back();
    }
  }
  return order;
}

/// The arguments of `block` that `needed`, or what must run, depend on.
llvm::BitVector GraphLegalizer::argumentsReached(Block &block, ValueRange needed) {
  llvm::BitVector reached(block.getNumArguments());
  auto reach = [&](Value value) {
    if (auto argument = dyn_cast<BlockArgument>(value); argument && argument.getOwner() == &block)
      reached.set(argument.getArgNumber());
  };
  llvm::for_each(needed, reach);
  for (Operation *op : orderOps(block, needed))
    llvm::for_each(valuesReadBy(op), reach);
  return reached;
}

//===--- legalise -------------------------------------------------------------------------------------------------===//

/// Legalises, at the insertion point, the ops of `block` that `needed` depend on.
void GraphLegalizer::legalizeBlock(Block &block, ValueRange needed) {
  for (Operation *op : orderOps(block, needed)) {
    visited.insert(op);
    // What a loop's body made when it was legalised before is gone.
    for (Value result : op->getResults())
      forget(result);
    llvm::TypeSwitch<Operation *>(op)
        .Case([&](gdef::NodeOp node) { legalizeNode(node); })
        .Case([&](gdef::IfOp choice) { legalizeIf(choice); })
        .Case([&](gdef::WhileOp loop) { legalizeWhile(loop); });
  }
}

/// Whether all of `read` are known; what is not is a failure reported before, or a cycle.
bool GraphLegalizer::checkRead(Operation *op, ValueRange read) {
  for (Value value : read) {
    if (isKnown(value))
      continue;
    Operation *source = value.getDefiningOp();
    if (source && !failedNodes.contains(source) && source->getBlock() == op->getBlock())
      report(op->getLoc(), Code::Cycle, "the node depends on its own result");
    failedNodes.insert(op);
    return false;
  }
  return true;
}

void GraphLegalizer::legalizeNode(gdef::NodeOp node) {
  if (!checkNode(node) || !checkRead(node, valuesReadBy(node)))
    return;
  Operands operands;
  operands.demands = !dropsChecks;
  for (auto [i, input] : llvm::enumerate(node.getInputs())) {
    operands.values.push_back(values.lookup(input));
    operands.counts.push_back(counts.lookup(input));
    if (auto list = lists.find(input); list != lists.end())
      operands.lists[i] = list->second;
  }
  for (Value output : node.getOutputs())
    if (Type element = getElementTypeOrSelf(output.getType());
        !output.use_empty() && isa<gdef::GdefDialect>(element.getDialect()) && !isa<gdef::VariantType>(element)) {
      report(node.getLoc(), Code::UnsupportedType, "a result cannot have type " + text(output.getType()));
      failedNodes.insert(node);
      return;
    }
  core::CheckedBuilder b(builder, node.getLoc());
  const LegalizationRow *row = findRow(node.getOpType());
  bool isCounted = llvm::any_of(operands.counts, [](Value count) { return bool(count); });
  Counts rule = isCounted ? countsOf(*row) : Counts::Handled;
  if (rule == Counts::Refused) {
    report(node.getLoc(), Code::DataDependentShape,
           "an operand's size depends on values, and the operation needs to know it");
    failedNodes.insert(node);
    return;
  }
  Node view(node, operands, b);
  SmallVector<std::string> shapeErrors;
  Values results;
  unsigned errors;
  {
    ShapeErrors diagnostics(node.getContext());
    results = row->legalize(view);
    if (rule == Counts::Kept && diagnostics.count == 0)
      keepCounts(view, results);
    errors = diagnostics.count;
    shapeErrors = std::move(diagnostics.messages);
  }
  for (const std::string &message : shapeErrors)
    emitProblem(node.getLoc(), Code::ShapeMismatch, message);
  results.resize(node.getOutputs().size());
  for (auto [output, result] : llvm::zip_equal(node.getOutputs(), results)) {
    if (output.use_empty())
      continue;
    Type element = getElementTypeOrSelf(output.getType());
    if (view.emptyResult && output.getResultNumber() == 0 && errors == 0)
      setList(output, *view.emptyResult);
    else if (result && errors == 0 &&
             (isa<gdef::VariantType>(element) || element == getElementTypeOrSelf(result.getType())))
      setValue(output, result, view.resultCounts.lookup(output.getResultNumber()));
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

namespace {
struct LegalizeGraph : lathe::impl::LegalizeGraphPassBase<LegalizeGraph> {
  using Base::Base;

  void runOnOperation() override {
    bool ok = true;
    llvm::StringSet<> failedEntries;
    // The functions take the graphs' names.
    for (auto graph : llvm::make_early_inc_range(getOperation().getOps<gdef::GraphOp>())) {
      // What is wrong with one body of an entry is wrong with all.
      std::optional<Batch> batch = Batch::of(graph);
      bool isKnown = graph.isPrivate() || (batch && failedEntries.contains(batch->entry));
      if (!isKnown && failed(GraphLegalizer(graph, dropChecks).run())) {
        ok = false;
        if (batch)
          failedEntries.insert(batch->entry);
      }
      graph.erase();
    }
    if (!ok)
      signalPassFailure();
  }
};

} // namespace
