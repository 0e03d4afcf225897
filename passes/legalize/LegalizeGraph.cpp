// SPDX-License-Identifier: Apache-2.0
// The pass that turns each gdef.graph into a function of core ops, by the import table.
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "passes/Passes.h"
#include "passes/legalize/Table.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace lathe;

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

std::string text(Type type) {
  std::string result;
  llvm::raw_string_ostream(result) << type;
  return result;
}

gdef::YieldOp yieldOf(Region &region) { return cast<gdef::YieldOp>(region.front().getTerminator()); }

class GraphLegalizer {
public:
  GraphLegalizer(gdef::GraphOp graph, bool dropsChecks) : graph(graph), dropsChecks(dropsChecks), builder(graph) {}

  /// Makes the function beside the graph. On failure everything that is wrong has been reported.
  LogicalResult run() {
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
    for (auto [fetched, name] : llvm::zip_equal(graph.getFetch().getValues(), graph.getResultNames().getAsValueRange<StringAttr>()))
      if (ok)
        results.push_back(fetch(fetched, name));
    if (!ok) {
      function.erase();
      return failure();
    }
    size_t variables = graph.getVariableCount();
    for (auto [before, after, fetched] : llvm::zip_equal(body->getArguments().take_back(variables), ArrayRef(results).take_back(variables),
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
    eraseDead(*body);
    return success();
  }

private:
  /// Results by name of what the graph computes that no import table row returns as a tensor.
  Value fetch(Value fetched, StringRef name) {
    Value value = values.lookup(fetched);
    if (!value || isa<gdef::GdefDialect>(getElementTypeOrSelf(fetched.getType()).getDialect()))
      report(fetched.getLoc(), Code::UnsupportedType, "'" + name + "' cannot be fetched: its type is " + text(fetched.getType()));
    return value;
  }

  void report(Location loc, Code code, const Twine &message, const Twine &remedy = "") {
    emitProblem(loc, code, message, remedy);
    ok = false;
  }

  static void eraseDead(Block &block) {
    for (Operation &op : llvm::make_early_inc_range(llvm::reverse(block))) {
      for (Region &region : op.getRegions())
        eraseDead(region.front());
      if (isOpTriviallyDead(&op))
        op.erase();
    }
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

  /// Reports nodes that the table lacks, of those that no fetched value depends on, but other nodes wait for.
  void checkEffects() {
    for (auto node : graph.getBody().getOps<gdef::NodeOp>())
      if (!visited.contains(node) && !node.getControl().use_empty())
        checkNode(node);
  }

  bool checkNode(gdef::NodeOp node) {
    if (legalize::findRow(node.getOpType()))
      return true;
    if (!failedNodes.insert(node).second)
      return false;
    if (std::optional<Code> refusal = legalize::refusalOf(node.getOpType()))
      report(node.getLoc(), *refusal, codeInfo(*refusal).title);
    else
      report(node.getLoc(), Code::UnsupportedOp, "operation '" + node.getOpType() + "' is not supported");
    return false;
  }

  /// Finds what must run though nobody may read its results, and the loops and branches around it.
  void findDemanding() {
    graph.walk([&](gdef::NodeOp node) {
      if (legalize::isDemand(node.getOpType()))
        for (Operation *op = node; op != graph && demanding.insert(op).second;)
          op = op->getParentOp();
    });
  }

  //===--- order ----------------------------------------------------------------------------------------------------===//

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

  /// The ops of `block` that `needed`, or what must run, depend on, each after those whose results it reads. A cycle is cut where it
  /// closes.
  SmallVector<Operation *> orderOps(Block &block, ValueRange needed) {
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
  llvm::BitVector argumentsReached(Block &block, ValueRange needed) {
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
  void legalizeBlock(Block &block, ValueRange needed) {
    for (Operation *op : orderOps(block, needed)) {
      visited.insert(op);
      llvm::TypeSwitch<Operation *>(op)
          .Case([&](gdef::NodeOp node) { legalizeNode(node); })
          .Case([&](gdef::IfOp choice) { legalizeIf(choice); })
          .Case([&](gdef::WhileOp loop) { legalizeWhile(loop); });
    }
  }

  bool isKnown(Value value) { return values.contains(value) || lists.contains(value); }

  /// Whether all of `read` are known; what is not is a failure reported before, or a cycle.
  bool checkRead(Operation *op, ValueRange read) {
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

  void legalizeNode(gdef::NodeOp node) {
    if (!checkNode(node) || !checkRead(node, valuesReadBy(node)))
      return;
    legalize::Operands operands;
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
    const legalize::LegalizationRow *row = legalize::findRow(node.getOpType());
    bool isCounted = llvm::any_of(operands.counts, [](Value count) { return bool(count); });
    legalize::Counts rule = isCounted ? legalize::countsOf(*row) : legalize::Counts::Handled;
    if (rule == legalize::Counts::Refused) {
      report(node.getLoc(), Code::DataDependentShape, "an operand's size depends on values, and the operation needs to know it");
      failedNodes.insert(node);
      return;
    }
    legalize::Node view(node, operands, b);
    SmallVector<std::string> shapeErrors;
    legalize::Values results;
    unsigned errors;
    {
      ShapeErrors diagnostics(node.getContext());
      results = row->legalize(view);
      if (rule == legalize::Counts::Kept && diagnostics.count == 0)
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
      if (view.emptyResult && errors == 0)
        setList(output, *view.emptyResult);
      else if (result && errors == 0 && (isa<gdef::VariantType>(element) || element == getElementTypeOrSelf(result.getType())))
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

  // A loop's body can be legalised twice, so that what was known of its values changes.
  void setValue(Value value, Value result, Value count = {}) {
    lists.erase(value);
    values[value] = result;
    counts.erase(value);
    if (count)
      counts[value] = count;
  }
  void setList(Value value, legalize::EmptyList list) {
    values.erase(value);
    counts.erase(value);
    lists[value] = list;
  }
  /// Makes `value` what `source` is.
  void setSame(Value value, Value source) {
    if (auto list = lists.find(source); list != lists.end())
      setList(value, legalize::EmptyList(list->second));
    else
      setValue(value, values.lookup(source), counts.lookup(source));
  }

  /// `condition` as TensorFlow's If has it, as a scalar of type i1.
  Value truthOf(Location loc, Value condition) {
    core::CheckedBuilder b(builder, loc);
    if (b.typeOf(condition).getRank() != 0)
      return b.scalar(builder.getI1Type(), b.typeOf(condition).getNumElements() > 0);
    return b.elementOf(condition).isInteger(1) ? condition : b.compare(core::Comparison::NE, condition, b.splatLike(condition, 0));
  }

  /// A value of zeros for a list, now that the type of the tensor that has its elements is known.
  Value materialize(Location loc, RankedTensorType type) {
    return core::CheckedBuilder(builder, loc).splat(type.getShape(), type.getElementType(), 0);
  }

  /// Legalises what `region` yields into a block of its own; false where that failed.
  bool legalizeRegion(Region &region, ValueRange yielded, Region &to) {
    OpBuilder::InsertionGuard guard(builder);
    if (to.empty())
      to.emplaceBlock();
    builder.setInsertionPointToEnd(&to.front());
    legalizeBlock(region.front(), yielded);
    return llvm::all_of(yielded, [&](Value value) { return isKnown(value); });
  }

  void legalizeIf(gdef::IfOp choice) {
    if (!checkRead(choice, choice.getCondition())) {
      // Unknown operations in both are reported all the same.
      choice->walk([&](gdef::NodeOp node) { checkNode(node); });
      return;
    }
    Value predicate = truthOf(choice.getLoc(), values.lookup(choice.getCondition()));
    SmallVector<Value> outputs, fromThen, fromElse;
    for (auto [output, thenValue, elseValue] :
         llvm::zip_equal(choice.getOutputs(), yieldOf(choice.getThenRegion()).getValues(), yieldOf(choice.getElseRegion()).getValues()))
      if (!output.use_empty()) {
        outputs.push_back(output);
        fromThen.push_back(thenValue);
        fromElse.push_back(elseValue);
      }
    if (std::optional<SmallVector<int64_t>> known = core::CheckedBuilder::integersOf(predicate)) {
      Region &taken = known->front() ? choice.getThenRegion() : choice.getElseRegion();
      ArrayRef<Value> yielded = known->front() ? fromThen : fromElse;
      legalizeBlock(taken.front(), yielded);
      for (auto [output, value] : llvm::zip_equal(outputs, yielded))
        if (isKnown(value))
          setSame(output, value);
        else
          failedNodes.insert(choice);
      return;
    }
    Region thenRegion, elseRegion;
    bool thenMade = legalizeRegion(choice.getThenRegion(), fromThen, thenRegion);
    bool elseMade = legalizeRegion(choice.getElseRegion(), fromElse, elseRegion);
    if (!thenMade || !elseMade) {
      failedNodes.insert(choice);
      return;
    }
    if (refuseCounted(choice, fromThen) || refuseCounted(choice, fromElse))
      return;
    SmallVector<Value> thenValues, elseValues, made;
    for (auto [output, thenValue, elseValue] : llvm::zip_equal(outputs, fromThen, fromElse)) {
      Value x = valueIn(thenRegion, thenValue, elseValue), y = valueIn(elseRegion, elseValue, thenValue);
      if (!x) { // Neither branch has put anything into the list.
        setSame(output, thenValue);
        continue;
      }
      if (x.getType() != y.getType()) {
        report(choice.getLoc(), Code::DataDependentShape,
               "both branches must yield the same shape, but one yields " + text(x.getType()) + " and the other " + text(y.getType()));
        failedNodes.insert(choice);
        return;
      }
      thenValues.push_back(x);
      elseValues.push_back(y);
      made.push_back(output);
    }
    auto op = core::IfOp::create(builder, choice.getLoc(), ValueRange(thenValues).getTypes(), predicate);
    op.getThenRegion().takeBody(thenRegion);
    op.getElseRegion().takeBody(elseRegion);
    yield(op.getThenRegion(), choice.getLoc(), thenValues);
    yield(op.getElseRegion(), choice.getLoc(), elseValues);
    for (auto [output, result] : llvm::zip_equal(made, op.getResults()))
      setValue(output, result);
  }

  /// Reports a value of `op` whose size depends on values.
  bool refuseCounted(Operation *op, ArrayRef<Value> carried) {
    if (llvm::none_of(carried, [&](Value value) { return counts.contains(value); }))
      return false;
    report(op->getLoc(), Code::DataDependentShape, "the size of what a branch or loop passes on depends on values");
    failedNodes.insert(op);
    return true;
  }

  /// What `value` is inside of `region`. A list without elements takes the form that `other` has.
  Value valueIn(Region &region, Value value, Value other) {
    if (Value known = values.lookup(value))
      return known;
    Value example = values.lookup(other);
    if (!example)
      return {};
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToEnd(&region.front());
    return materialize(value.getLoc(), core::CheckedBuilder::typeOf(example));
  }

  void yield(Region &region, Location loc, ValueRange results) {
    OpBuilder::InsertionGuard guard(builder);
    builder.setInsertionPointToEnd(&region.front());
    core::YieldOp::create(builder, loc, results);
  }

  /// The carried values that results, or the number of rounds, depend on.
  llvm::BitVector neededCarried(gdef::WhileOp loop) {
    Block &body = loop.getBody().front();
    llvm::BitVector needed = argumentsReached(loop.getCond().front(), yieldOf(loop.getCond()).getValues());
    for (auto [i, output] : llvm::enumerate(loop.getOutputs()))
      if (!output.use_empty())
        needed.set(i);
    for (size_t before = ~size_t(0); before != needed.count();) {
      before = needed.count();
      SmallVector<Value> next;
      for (unsigned i : needed.set_bits())
        next.push_back(yieldOf(loop.getBody()).getValues()[i]);
      needed |= argumentsReached(body, next);
    }
    return needed;
  }

  void legalizeWhile(gdef::WhileOp loop) {
    SmallVector<unsigned> carried;
    for (unsigned i : neededCarried(loop).set_bits())
      carried.push_back(i);
    SmallVector<Value> initial;
    for (unsigned i : carried)
      initial.push_back(loop.getInits()[i]);
    if (!checkRead(loop, initial)) {
      loop->walk([&](gdef::NodeOp node) { checkNode(node); });
      return;
    }
    if (refuseCounted(loop, initial))
      return;
    // A list whose shape is not known takes the one that the body gives it; the body is legalised again then.
    SmallVector<Value> inits = llvm::map_to_vector(initial, [&](Value value) { return values.lookup(value); });
    bool learned = true;
    while (learned) {
      learned = false;
      Region cond, body;
      if (!legalizeRounds(loop, carried, initial, inits, cond, body)) {
        failedNodes.insert(loop);
        return;
      }
      SmallVector<Value> next, carriedInits, results;
      if (refuseCounted(loop, llvm::map_to_vector(carried, [&](unsigned i) { return yieldOf(loop.getBody()).getValues()[i]; })))
        return;
      for (auto [i, init] : llvm::zip_equal(carried, inits)) {
        Value value = yieldOf(loop.getBody()).getValues()[i], result = values.lookup(value);
        if (!result)
          continue;
        if (!init) {
          init = materialize(loop.getLoc(), core::CheckedBuilder::typeOf(result));
          learned = true;
        } else if (init.getType() != result.getType()) {
          report(loop.getLoc(), Code::DataDependentShape,
                 "a value that a loop carries must keep its shape, but " + text(init.getType()) + " becomes " + text(result.getType()));
          failedNodes.insert(loop);
          return;
        }
        carriedInits.push_back(init);
        next.push_back(result);
        results.push_back(loop.getOutputs()[i]);
      }
      if (learned)
        continue;
      auto op = core::WhileOp::create(builder, loop.getLoc(), ValueRange(carriedInits).getTypes(), carriedInits);
      Value again = values.lookup(yieldOf(loop.getCond()).getValues().front());
      op.getCond().takeBody(cond);
      op.getBody().takeBody(body);
      {
        OpBuilder::InsertionGuard guard(builder);
        builder.setInsertionPointToEnd(&op.getCond().front());
        core::YieldOp::create(builder, loop.getLoc(), truthOf(loop.getLoc(), again));
      }
      yield(op.getBody(), loop.getLoc(), next);
      for (auto [i, init] : llvm::zip_equal(carried, initial))
        setSame(loop.getOutputs()[i], init);
      for (auto [output, result] : llvm::zip_equal(results, op.getResults()))
        setValue(output, result);
    }
  }

  /// Legalises cond and body for carried values of the types of `inits`; those that are null are lists without a shape.
  bool legalizeRounds(gdef::WhileOp loop, ArrayRef<unsigned> carried, ArrayRef<Value> initial, ArrayRef<Value> inits, Region &cond,
                      Region &body) {
    for (auto [from, to] : {std::pair(&loop.getCond(), &cond), std::pair(&loop.getBody(), &body)}) {
      Block &block = to->emplaceBlock();
      for (auto [i, value, init] : llvm::zip_equal(carried, initial, inits)) {
        BlockArgument argument = from->getArgument(i);
        if (init)
          setValue(argument, block.addArgument(init.getType(), argument.getLoc()));
        else
          setSame(argument, value);
      }
    }
    SmallVector<Value> next;
    for (unsigned i : carried)
      next.push_back(yieldOf(loop.getBody()).getValues()[i]);
    bool condMade = legalizeRegion(loop.getCond(), yieldOf(loop.getCond()).getValues(), cond);
    return legalizeRegion(loop.getBody(), next, body) && condMade;
  }

  gdef::GraphOp graph;
  bool dropsChecks;
  OpBuilder builder;
  bool ok = true;
  llvm::DenseSet<Operation *> failedNodes, visited;
  llvm::DenseSet<Operation *> demanding; ///< nodes that must run, and what holds them
  llvm::DenseMap<Value, Value> values;
  llvm::DenseMap<Value, legalize::EmptyList> lists;
  llvm::DenseMap<Value, Value> counts; ///< of values of which only a number of rows is meant
};

struct LegalizeGraph : lathe::impl::LegalizeGraphPassBase<LegalizeGraph> {
  using Base::Base;

  void runOnOperation() override {
    bool ok = true;
    // The functions take the graphs' names.
    for (auto graph : llvm::make_early_inc_range(getOperation().getOps<gdef::GraphOp>())) {
      if (!graph.isPrivate() && failed(GraphLegalizer(graph, dropChecks).run()))
        ok = false;
      graph.erase();
    }
    if (!ok)
      signalPassFailure();
  }
};

} // namespace
