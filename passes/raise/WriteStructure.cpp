// SPDX-License-Identifier: Apache-2.0
// Writes loops and branches in place of the nodes that they were made from.
#include "passes/raise/WriteStructure.h"
#include "ir/Problems.h"
#include "mlir/IR/IRMapping.h"
#include "llvm/ADT/SetVector.h"

using namespace mlir;
using namespace lathe;
using namespace lathe::raise;

namespace {

/// What the names of nodes stand for in a region that is being written.
struct Place {
  Place(OpBuilder builder, Place *parent, bool newFrame)
      : parent(parent), root(newFrame ? this : parent->root), builder(builder) {}

  Place *parent, *root;
  OpBuilder builder;
  llvm::DenseMap<std::pair<int, int>, Value> values;
  llvm::DenseMap<int, Value> tokens;
};

class Writer {
public:
  Writer(Block &block, const Collected &collected, const Structure &structure)
      : block(block), collected(collected), graph(collected.graph), structure(structure),
        oldOps(llvm::map_to_vector(block.without_terminator(), [](Operation &op) { return &op; })) {}

  void run() {
    Operation *end = block.getTerminator();
    Place top(OpBuilder(end), nullptr, true);
    llvm::SetVector<Value> tokens;
    write(structure.top, top, tokens);
    SmallVector<Value> values;
    for (Edge result : graph.results) {
      values.push_back(value(result, &top));
      addTokens(structure.aliasTokens[result.node], top, tokens);
    }
    setTerminator(end, values, tokens.getArrayRef());
    for (Operation *op : oldOps)
      op->dropAllUses();
    for (Operation *op : oldOps)
      op->erase();
  }

private:
  static void setTerminator(Operation *end, ArrayRef<Value> values, ArrayRef<Value> tokens) {
    if (auto fetch = dyn_cast<gdef::FetchOp>(end)) {
      fetch.getValuesMutable().assign(values);
      fetch.getControlsMutable().assign(tokens);
    } else {
      auto yield = cast<gdef::YieldOp>(end);
      yield.getValuesMutable().assign(values);
      yield.getControlsMutable().assign(tokens);
    }
  }

  Value value(Edge edge, Place *place) {
    edge = structure.resolve(graph, edge);
    while (graph.nodes[edge.node].kind == Kind::Enter) {
      place = place->root->parent;
      edge = structure.resolve(graph, graph.nodes[edge.node].inputs[0]);
    }
    if (Value outside = collected.outside[edge.node])
      return outside;
    if (int way = structure.liveInput[edge.node]; way >= 0)
      return constant(way, collected.ops[edge.node]->getLoc(), *place);
    for (;; place = place->parent)
      if (Value found = place->values.lookup({edge.node, edge.output}))
        return found;
  }

  /// What `nodes` have run is told by; those that ran before the region began have no token in it.
  void addTokens(ArrayRef<int> nodes, Place &place, llvm::SetVector<Value> &tokens) {
    for (int node : nodes)
      for (Place *at = &place;; at = at->parent) {
        if (Value found = at->tokens.lookup(node)) {
          tokens.insert(found);
          break;
        }
        if (at == at->root)
          break;
      }
  }

  void addControls(const std::vector<int> &controls, Place &place, llvm::SetVector<Value> &tokens) {
    for (int control : controls)
      addTokens(structure.tokens[control], place, tokens);
  }

  /// An i32 scalar.
  Value constant(int number, Location location, Place &place) {
    OpBuilder &b = place.builder;
    auto type = RankedTensorType::get({}, b.getI32Type());
    NamedAttribute attrs[] = {b.getNamedAttr("dtype", TypeAttr::get(b.getI32Type())),
                              b.getNamedAttr("value", DenseIntElementsAttr::get(type, number))};
    return node("Const", location, {}, {}, attrs, type, b);
  }

  static Value node(StringRef op, Location location, ValueRange inputs, ValueRange controls,
                    ArrayRef<NamedAttribute> attrs, Type type, OpBuilder &b) {
    Location named = nodeLocation(b.getContext(), nodeNames(location).node, op);
    auto created = gdef::NodeOp::create(b, named, {type, gdef::ControlType::get(b.getContext())}, b.getStringAttr(op),
                                        inputs, controls, b.getDictionaryAttr(attrs));
    return created.getOutputs()[0];
  }

  /// Writes what `region` holds; `tokens` gets what its end must wait for.
  void write(const raise::Region &region, Place &place, llvm::SetVector<Value> &tokens) {
    for (const Item &item : region.items) {
      if (item.kind == Item::Copy)
        writeNode(item.index, place);
      else if (item.kind == Item::Loop)
        writeLoop(item, place);
      else if (Value done = writeBranch(item, place))
        tokens.insert(done);
    }
    addTokens(region.awaited, place, tokens);
  }

  void writeNode(int number, Place &place) {
    Operation *op = collected.ops[number];
    if (!op) {
      if (graph.nodes[number].hasEffect)
        place.tokens[number] = collected.outside[number];
      return;
    }
    const Node &n = graph.nodes[number];
    llvm::SetVector<Value> controls;
    addControls(n.controls, place, controls);
    IRMapping mapping;
    SmallVector<Value> inputs;
    for (auto [edge, input] : llvm::zip_equal(n.inputs, collected.inputs[number])) {
      inputs.push_back(value(edge, &place));
      mapping.map(input, inputs.back());
      addTokens(structure.aliasTokens[edge.node], place, controls);
    }
    Operation *copy;
    if (auto old = dyn_cast<gdef::NodeOp>(op)) {
      copy = gdef::NodeOp::create(place.builder, op->getLoc(), op->getResultTypes(), old.getOpTypeAttr(), inputs,
                                  controls.getArrayRef(), old.getAttrs());
    } else {
      copy = place.builder.clone(*op, mapping);
      if (auto branch = dyn_cast<gdef::IfOp>(copy))
        branch.getControlsMutable().assign(controls.getArrayRef());
      else
        cast<gdef::WhileOp>(copy).getControlsMutable().assign(controls.getArrayRef());
    }
    for (auto [i, result] : llvm::enumerate(copy->getResults().drop_back()))
      place.values[{number, static_cast<int>(i)}] = result;
    place.tokens[number] = copy->getResults().back();
  }

  void writeWay(const Item &item, unsigned way, mlir::Region &region, Place &place, Location location) {
    Place inner(OpBuilder::atBlockEnd(&region.emplaceBlock()), &place, false);
    llvm::SetVector<Value> tokens;
    write(*item.regions[way], inner, tokens);
    SmallVector<Value> values;
    for (Edge output : item.outputs) {
      if (output.node < 0)
        continue;
      int input = structure.wayInputs[output.node][way];
      Edge edge = graph.nodes[output.node].inputs[input];
      if (output.output == 0)
        values.push_back(value(edge, &inner));
      else if (output.output == 1)
        values.push_back(constant(input, collected.ops[output.node]->getLoc(), inner));
      addTokens(structure.tokens[edge.node], inner, tokens);
      addTokens(structure.aliasTokens[edge.node], inner, tokens);
      addControls(graph.nodes[output.node].controls, inner, tokens);
    }
    gdef::YieldOp::create(inner.builder, location, values, tokens.getArrayRef());
  }

  /// The control value, where the branch has no outputs that could tell that it has run.
  Value writeBranch(const Item &item, Place &place) {
    const Branch &branch = structure.branches[item.index];
    llvm::SetVector<Value> controls;
    SmallVector<Type> types;
    for (Edge output : item.outputs) {
      addControls(graph.nodes[output.node].controls, place, controls);
      if (output.output >= 0)
        types.push_back(collected.ops[output.node]->getResult(output.output).getType());
    }
    types.push_back(gdef::ControlType::get(place.builder.getContext()));
    Value condition = value(branch.condition, &place);
    int named = branch.members.empty() ? branch.condition.node : branch.members.front();
    Location location = collected.ops[named] ? collected.ops[named]->getLoc() : condition.getLoc();
    gdef::IfOp op = branch.ways == 2
                        ? writeChoice(item, branch, condition, controls.getArrayRef(), types, location, place)
                        : writeWays(item, 0, condition, controls.getArrayRef(), types, location, place);
    unsigned next = 0;
    for (Edge output : item.outputs) {
      if (output.output >= 0)
        place.values[{output.node, output.output}] = op.getOutputs()[next++];
      place.tokens[output.node] = op.getControl();
    }
    return branch.members.empty() ? op.getControl() : Value();
  }

  gdef::IfOp writeChoice(const Item &item, const Branch &branch, Value condition, ArrayRef<Value> controls,
                         TypeRange types, Location location, Place &place) {
    auto op = gdef::IfOp::create(place.builder, location, types, condition, controls);
    writeWay(item, branch.flipped ? 0 : 1, op.getThenRegion(), place, location);
    writeWay(item, branch.flipped ? 1 : 0, op.getElseRegion(), place, location);
    return op;
  }

  /// Ways `way` and up as a chain of branches.
  gdef::IfOp writeWays(const Item &item, unsigned way, Value index, ArrayRef<Value> controls, TypeRange types,
                       Location location, Place &place) {
    OpBuilder &b = place.builder;
    Type element = getElementTypeOrSelf(index.getType());
    NamedAttribute attrs[] = {b.getNamedAttr("T", TypeAttr::get(element)),
                              b.getNamedAttr("incompatible_shape_error", b.getBoolAttr(true))};
    Value number = constant(static_cast<int>(way), location, place);
    Value condition = node("Equal", location, {index, number}, {}, attrs, UnrankedTensorType::get(b.getI1Type()), b);
    auto op = gdef::IfOp::create(b, location, types, condition, controls);
    writeWay(item, way, op.getThenRegion(), place, location);
    if (way + 2 == item.regions.size()) {
      writeWay(item, way + 1, op.getElseRegion(), place, location);
      return op;
    }
    Place inner(OpBuilder::atBlockEnd(&op.getElseRegion().emplaceBlock()), &place, false);
    gdef::IfOp rest = writeWays(item, way + 1, index, {}, types, location, inner);
    gdef::YieldOp::create(inner.builder, location, rest.getOutputs(), rest.getControl());
    return op;
  }

  void writeLoop(const Item &item, Place &place) {
    const Loop &loop = structure.loops[item.index];
    Location location = collected.ops[loop.condition]->getLoc();
    SmallVector<Value> inits;
    SmallVector<Type> types;
    SmallVector<Location> locations;
    llvm::SetVector<Value> controls;
    for (int merge : loop.carried) {
      inits.push_back(value(entering(merge), &place));
      types.push_back(collected.ops[merge]->getResult(0).getType());
      locations.push_back(collected.ops[merge]->getLoc());
    }
    for (int enter : loop.enters) {
      addControls(graph.nodes[enter].controls, place, controls);
      addTokens(structure.aliasTokens[graph.nodes[enter].inputs[0].node], place, controls);
    }
    SmallVector<Type> results(types);
    results.push_back(gdef::ControlType::get(place.builder.getContext()));
    auto op = gdef::WhileOp::create(place.builder, location, results, inits, controls.getArrayRef());
    for (bool body : {false, true}) {
      Block &into = (body ? op.getBody() : op.getCond()).emplaceBlock();
      into.addArguments(types, locations);
      Place inner(OpBuilder::atBlockEnd(&into), &place, true);
      for (auto [merge, argument] : llvm::zip_equal(loop.carried, into.getArguments()))
        inner.values[{merge, 0}] = argument;
      llvm::SetVector<Value> tokens;
      write(*item.regions[body], inner, tokens);
      SmallVector<Value> values;
      auto await = [&](const Node &n) {
        addTokens(structure.tokens[n.inputs[0].node], inner, tokens);
        addTokens(structure.aliasTokens[n.inputs[0].node], inner, tokens);
        addControls(n.controls, inner, tokens);
      };
      if (body) {
        for (int merge : loop.carried) {
          values.push_back(value(graph.nodes[next(merge)].inputs[0], &inner));
          await(graph.nodes[next(merge)]);
        }
        for (int merge : loop.unchanged)
          await(graph.nodes[next(merge)]);
      } else {
        values.push_back(value(graph.nodes[loop.condition].inputs[0], &inner));
        await(graph.nodes[loop.condition]);
      }
      gdef::YieldOp::create(inner.builder, location, values, tokens.getArrayRef());
    }
    // What runs behind the loop reads its last values.
    Place behind(place.builder, &place, true);
    for (auto [merge, result] : llvm::zip_equal(loop.carried, op.getOutputs()))
      behind.values[{merge, 0}] = result;
    llvm::SetVector<Value> none;
    write(*item.regions[2], behind, none);
    place.builder = behind.builder;
    for (int exit : loop.exits)
      place.tokens[exit] = op.getControl();
    place.tokens[static_cast<int>(graph.nodes.size()) + item.index] = op.getControl();
    for (Edge exit : item.outputs)
      place.values[{exit.node, 0}] = value(graph.nodes[exit.node].inputs[0], &behind);
  }

  bool isNext(Edge edge) const { return graph.nodes[edge.node].kind == Kind::NextIteration; }
  Edge entering(int merge) const {
    const std::vector<Edge> &inputs = graph.nodes[merge].inputs;
    return graph.nodes[(isNext(inputs[0]) ? inputs[1] : inputs[0]).node].inputs[0];
  }
  int next(int merge) const {
    const std::vector<Edge> &inputs = graph.nodes[merge].inputs;
    return (isNext(inputs[0]) ? inputs[0] : inputs[1]).node;
  }

  Block &block;
  const Collected &collected;
  const Graph &graph;
  const Structure &structure;
  SmallVector<Operation *> oldOps;
};

} // namespace

void raise::writeStructure(Block &block, const Collected &collected, const Structure &structure) {
  Writer(block, collected, structure).run();
}
