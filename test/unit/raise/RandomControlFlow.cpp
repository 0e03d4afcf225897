// SPDX-License-Identifier: Apache-2.0
// The generator of graphs with loops and branches.
#include "test/unit/raise/RandomControlFlow.h"
#include "ir/Problems.h"
#include "mlir/IR/TypeUtilities.h"
#include <random>

using namespace mlir;
using namespace lathe;
using namespace lathe::test;

gdef::NodeOp GraphMaker::node(StringRef op, ValueRange inputs, ArrayRef<Type> outputs, ArrayRef<NamedAttribute> attrs,
                              ValueRange controls) {
  SmallVector<Value> waits(controls);
  Value pivot;
  bool constant = !inputs.empty() && waits.empty() && llvm::all_of(inputs, [&](Value input) {
    auto enter = input.getDefiningOp<gdef::NodeOp>();
    bool constant = enter && enter.getOpType() == "Enter" && enter.attr<BoolAttr>("is_constant").getValue();
    if (constant)
      pivot = pivots.lookup(enter.attr<StringAttr>("frame_name").getValue());
    return constant;
  });
  if (constant && pivot)
    waits.push_back(pivot);
  SmallVector<Type> types;
  for (Type element : outputs)
    types.push_back(UnrankedTensorType::get(element));
  types.push_back(gdef::ControlType::get(b.getContext()));
  auto name = (op + "_" + Twine(made++)).str();
  return gdef::NodeOp::create(b, nodeLocation(b.getContext(), name, op), types, b.getStringAttr(op), inputs, waits,
                              b.getDictionaryAttr(attrs));
}

static Type elementOf(Value value) {
  return getElementTypeOrSelf(value.getType());
}

Value GraphMaker::constant(Attribute value, Type element, ValueRange controls) {
  auto dense = DenseElementsAttr::get(RankedTensorType::get({}, element), value);
  return node("Const", {}, element, {type("dtype", element), b.getNamedAttr("value", dense)}, controls).getOutputs()[0];
}

Value GraphMaker::binary(StringRef op, Value x, Value y) {
  bool compares = op == "Less" || op == "Greater" || op == "LogicalAnd";
  return node(op, {x, y}, compares ? b.getI1Type() : elementOf(x), type("T", elementOf(x))).getOutputs()[0];
}

gdef::NodeOp GraphMaker::switchOn(Value value, Value predicate) {
  return node("Switch", {value, predicate}, {elementOf(value), elementOf(value)}, type("T", elementOf(value)));
}

Value GraphMaker::merge(Value onFalse, Value onTrue) {
  return node("Merge", {onFalse, onTrue}, {elementOf(onFalse), b.getI32Type()},
              {b.getNamedAttr("N", b.getI64IntegerAttr(2)), type("T", elementOf(onFalse))})
      .getOutputs()[0];
}

Value GraphMaker::enter(Value value, StringRef frame, bool constant) {
  return node("Enter", value, elementOf(value),
              {type("T", elementOf(value)), b.getNamedAttr("frame_name", b.getStringAttr(frame)),
               b.getNamedAttr("is_constant", b.getBoolAttr(constant)),
               b.getNamedAttr("parallel_iterations", b.getI64IntegerAttr(10))})
      .getOutputs()[0];
}

Value GraphMaker::identity(Value value, ValueRange controls) {
  return node("Identity", value, elementOf(value), type("T", elementOf(value)), controls).getOutputs()[0];
}

namespace {

/// A part of the graph in which everything runs together: the top, one way of a branch, the body of a loop.
struct Part {
  Part *outer = nullptr;
  Value predicate; ///< of a branch, in `outer`
  bool way = false;
  std::string frame; ///< of a loop
  Value pivot;       ///< a control value that is there where the part runs; null at the top
  unsigned depth = 0;
  SmallVector<Value> floats, integers, predicates;
  DenseMap<Value, Value> brought;
};

class Generator {
public:
  Generator(OpBuilder &builder, uint64_t seed, unsigned nodes) : g(builder), random(seed), nodes(nodes) {
    constants = seed % 2 == 0;
  }

  void run(gdef::GraphOp graph) {
    Part top;
    for (BlockArgument argument : graph.getBody().getArguments())
      (elementOf(argument).isF32() ? top.floats : top.integers).push_back(argument);
    top.predicates.push_back(g.binary("Less", top.integers[0], top.integers[1]));
    while (g.made < nodes)
      step(top, nodes);
    SmallVector<Value> fetched;
    for (int i = 0; i < 4; ++i)
      fetched.push_back(g.identity(top.floats[top.floats.size() - 1 - pick(std::min<size_t>(8, top.floats.size()))]));
    fetched.push_back(g.identity(top.integers.back()));
    gdef::FetchOp::create(g.b, g.b.getUnknownLoc(), fetched, ValueRange());
    SmallVector<StringRef> names(fetched.size(), "y");
    graph.setResultNamesAttr(g.b.getStrArrayAttr(names));
    prune(graph);
  }

private:
  unsigned pick(size_t size) { return static_cast<unsigned>(random() % size); }
  bool chance(unsigned percent) { return pick(100) < percent; }

  /// A value that `part` can read: one of its own, or one from around it.
  Value read(Part &part, SmallVector<Value> Part::*kind) {
    SmallVector<Value> &own = part.*kind;
    if (!own.empty() && (!part.outer || chance(60)))
      return own[own.size() - 1 - pick(std::min<size_t>(own.size(), 6))];
    return bring(part, read(*part.outer, kind));
  }

  /// `value` of the part around `part`, in `part`.
  Value bring(Part &part, Value value) {
    Value &inside = part.brought[value];
    if (!inside)
      inside = part.frame.empty() ? g.switchOn(value, part.predicate).getOutputs()[part.way]
                                  : g.enter(value, part.frame, true);
    return inside;
  }

  ValueRange pivot(Part &part) { return part.pivot ? ValueRange(part.pivot) : ValueRange(); }
  Value aFloat(Part &part) { return read(part, &Part::floats); }
  Value anInteger(Part &part) { return read(part, &Part::integers); }

  Value predicate(Part &part) {
    switch (pick(constants ? 7 : 6)) {
    case 0:
      return g.binary("Less", anInteger(part), anInteger(part));
    case 1:
      return g.node("LogicalNot", read(part, &Part::predicates), g.b.getI1Type()).getOutputs()[0];
    case 2: {
      // The same computed again.
      auto made = read(part, &Part::predicates).getDefiningOp<gdef::NodeOp>();
      if (made && made.getOpType() == "Less" && !part.outer)
        return g.binary("Less", made.getInputs()[0], made.getInputs()[1]);
      return g.identity(read(part, &Part::predicates));
    }
    case 6:
      return g.constant(g.b.getBoolAttr(chance(50)), g.b.getI1Type(), pivot(part));
    default:
      return read(part, &Part::predicates);
    }
  }

  void step(Part &part, unsigned end) {
    switch (pick(part.depth < 4 && g.made + 30 < end ? 14 : 8)) {
    case 0:
      part.floats.push_back(g.binary("Add", aFloat(part), aFloat(part)));
      break;
    case 1:
      part.floats.push_back(g.binary("Sub", aFloat(part), aFloat(part)));
      break;
    case 2:
      part.floats.push_back(g.binary("Maximum", aFloat(part), aFloat(part)));
      break;
    case 3:
      part.floats.push_back(
          g.node("Neg", aFloat(part), g.b.getF32Type(), g.type("T", g.b.getF32Type())).getOutputs()[0]);
      break;
    case 4:
      part.integers.push_back(g.binary("Sub", anInteger(part), anInteger(part)));
      break;
    case 5:
      part.integers.push_back(g.integer(pick(7), pivot(part)));
      break;
    case 6:
      part.predicates.push_back(predicate(part));
      break;
    case 7: {
      Value check = read(part, &Part::predicates), value = aFloat(part);
      auto guard = g.node("Assert", {check, value}, {}, {}, pivot(part));
      part.floats.push_back(g.identity(value, guard.getControl()));
      break;
    }
    case 8:
    case 9:
    case 10:
      branch(part, end);
      break;
    case 11:
    case 12:
      loop(part, end, false);
      break;
    default:
      loop(part, end, true);
    }
  }

  void fill(Part &part, unsigned end) {
    unsigned last = std::min(end, g.made + 5 + pick(40));
    do
      step(part, last);
    while (g.made < last);
  }

  void branch(Part &part, unsigned end) {
    Value chosen = predicate(part);
    part.predicates.push_back(chosen);
    gdef::NodeOp pivots = g.switchOn(chosen, chosen);
    pivots.getControlsMutable().assign(pivot(part));
    SmallVector<Value> floats[2], integers[2];
    unsigned joined = 1 + pick(3);
    for (bool way : {false, true}) {
      Part inner;
      inner.outer = &part;
      inner.predicate = chosen;
      inner.way = way;
      inner.depth = part.depth + 1;
      auto same = g.node("Identity", pivots.getOutputs()[way], g.b.getI1Type());
      inner.pivot = same.getControl();
      inner.predicates.push_back(same.getOutputs()[0]);
      fill(inner, end);
      for (unsigned i = 0; i < joined; ++i)
        floats[way].push_back(aFloat(inner));
      integers[way].push_back(chance(30) ? g.integer(way, inner.pivot) : anInteger(inner));
    }
    for (auto [x, y] : llvm::zip_equal(floats[0], floats[1])) {
      Value both = g.merge(x, y);
      if (!chance(20))
        part.floats.push_back(both);
    }
    Value both = g.merge(integers[0][0], integers[1][0]);
    // Which input was alive is a value as well.
    part.integers.push_back(chance(30) ? both.getDefiningOp()->getResult(1) : both);
  }

  void loop(Part &part, unsigned end, bool withArray) {
    Part inner;
    inner.outer = &part;
    inner.frame = "loop" + std::to_string(loops++);
    inner.depth = part.depth + 1;
    int64_t rounds = withArray ? 1 + pick(3) : pick(4);
    Value limit = g.integer(rounds, pivot(part));
    SmallVector<Value> starts{g.integer(0, pivot(part)), aFloat(part), aFloat(part)};
    if (!withArray && chance(40))
      starts.push_back(anInteger(part));
    gdef::NodeOp array;
    if (withArray) {
      array = g.node("TensorArrayV3", limit, {gdef::ResourceType::get(g.b.getContext()), g.b.getF32Type()},
                     {g.type("dtype", g.b.getF32Type()),
                      g.b.getNamedAttr("element_shape", gdef::ShapeAttr::get(g.b.getContext(), {2}, true))});
      starts.push_back(array.getOutputs()[1]);
    }
    SmallVector<gdef::NodeOp> merges;
    for (Value start : starts) {
      Value entered = g.enter(start, inner.frame, false);
      merges.push_back(g.merge(entered, entered).getDefiningOp<gdef::NodeOp>());
    }
    Value counter = merges[0].getOutputs()[0];
    Value bound = chance(50) ? bring(inner, limit) : g.integer(rounds, merges[0].getControl());
    Value goesOn = g.binary("Less", counter, bound);
    if (!withArray && chance(30))
      goesOn =
          g.binary("LogicalAnd", goesOn,
                   g.node("LogicalNot", bring(inner, read(part, &Part::predicates)), g.b.getI1Type()).getOutputs()[0]);
    Value condition = g.node("LoopCond", goesOn, g.b.getI1Type()).getOutputs()[0];
    SmallVector<Value> inside, outside;
    for (gdef::NodeOp merge : merges) {
      gdef::NodeOp chosen = g.switchOn(merge.getOutputs()[0], condition);
      inside.push_back(g.identity(chosen.getOutputs()[1]));
      outside.push_back(g.node("Exit", chosen.getOutputs()[0], elementOf(merge.getOutputs()[0]),
                               g.type("T", elementOf(merge.getOutputs()[0])))
                            .getOutputs()[0]);
    }
    inner.pivot = g.pivots[inner.frame] = inside[0].getDefiningOp()->getResult(1);
    inner.integers.push_back(inside[0]);
    inner.floats.append({inside[1], inside[2]});
    inner.predicates.push_back(g.binary("Less", inside[0], g.integer(1 + pick(2), inner.pivot)));
    fill(inner, end);
    SmallVector<Value> next{g.binary("Add", inside[0], g.integer(1, inner.pivot)), aFloat(inner),
                            chance(30) ? inside[2] : aFloat(inner)};
    if (withArray) {
      Value handle = bring(inner, array.getOutputs()[0]);
      auto write = g.node("TensorArrayWriteV3", {handle, inside[0], aFloat(inner), inside[3]}, g.b.getF32Type(),
                          g.type("T", g.b.getF32Type()));
      Value flow = write.getOutputs()[0];
      if (chance(40)) {
        // Only on one way it is written again.
        Value way = read(inner, &Part::predicates), again = aFloat(inner);
        gdef::NodeOp flows = g.switchOn(flow, way);
        auto over = g.node("TensorArrayWriteV3",
                           {g.switchOn(handle, way).getOutputs()[1], g.switchOn(inside[0], way).getOutputs()[1],
                            g.switchOn(again, way).getOutputs()[1], flows.getOutputs()[1]},
                           g.b.getF32Type(), g.type("T", g.b.getF32Type()));
        flow = g.merge(flows.getOutputs()[0], over.getOutputs()[0]);
      }
      next.push_back(flow);
      if (chance(40))
        next[1] = g.binary("Add", next[1], readArray(handle, inside[0], flow));
    } else if (starts.size() > 3) {
      next.push_back(anInteger(inner));
    }
    for (auto [merge, value] : llvm::zip_equal(merges, next)) {
      // What is the same in each iteration must not go on when the loop has ended.
      auto back = g.node("NextIteration", value, elementOf(value), g.type("T", elementOf(value)), inner.pivot);
      merge.getInputsMutable().slice(1, 1).assign(back.getOutputs()[0]);
    }
    part.floats.append({outside[1], outside[2]});
    part.integers.push_back(outside[0]);
    if (withArray)
      part.floats.push_back(readArray(array.getOutputs()[0], g.integer(pick(rounds), pivot(part)), outside[3]));
    else if (starts.size() > 3)
      part.integers.push_back(outside[3]);
  }

  Value readArray(Value handle, Value index, Value flow) {
    return g.node("TensorArrayReadV3", {handle, index, flow}, g.b.getF32Type(), g.type("dtype", g.b.getF32Type()))
        .getOutputs()[0];
  }

  /// Drops what no fetch needs, as the importer does.
  static void prune(gdef::GraphOp graph) {
    llvm::DenseSet<Operation *> needed;
    SmallVector<Operation *> open{graph.getFetch()};
    while (!open.empty())
      for (Value operand : open.pop_back_val()->getOperands())
        if (Operation *op = operand.getDefiningOp(); op && needed.insert(op).second)
          open.push_back(op);
    SmallVector<Operation *> dead;
    for (Operation &op : graph.getBody().front().without_terminator())
      if (!needed.contains(&op))
        dead.push_back(&op);
    for (Operation *op : dead)
      op->dropAllUses();
    for (Operation *op : dead)
      op->erase();
  }

  GraphMaker g;
  std::mt19937_64 random;
  unsigned nodes, loops = 0;
  bool constants;
};

} // namespace

OwningOpRef<ModuleOp> test::makeRandomControlFlow(MLIRContext &context, uint64_t seed, unsigned nodes) {
  OpBuilder builder(&context);
  OwningOpRef<ModuleOp> module = ModuleOp::create(builder.getUnknownLoc());
  builder.setInsertionPointToEnd(module->getBody());
  auto vector = RankedTensorType::get({2}, builder.getF32Type());
  auto scalar = RankedTensorType::get({}, builder.getI32Type());
  auto graph = gdef::GraphOp::create(builder, builder.getUnknownLoc(), "main", {vector, vector, scalar, scalar},
                                     SmallVector<Location>(4, builder.getUnknownLoc()), {"a", "b", "m", "n"}, {});
  builder.setInsertionPointToEnd(&graph.getBody().front());
  Generator(builder, seed, nodes).run(graph);
  return module;
}
