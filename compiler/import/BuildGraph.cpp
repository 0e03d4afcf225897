// SPDX-License-Identifier: Apache-2.0
// Creates the operations of a graph.
#include "compiler/import/BuildGraph.h"
#include "compiler/import/Attributes.h"
#include "compiler/import/Types.h"
#include "compiler/saved/Variables.h"
#include "mlir/IR/Builders.h"

using namespace mlir;

namespace lathe {
namespace {

class GraphBuilder {
public:
  GraphBuilder(const NodeTable &table, const Request &request, const Selection &selection, ImportContext &context)
      : table(table), request(request), selection(selection), context(context), builder(context.mlir) {}

  gdef::GraphOp build(ModuleOp module, StringRef symbol, ArrayRef<Argument> arguments) {
    createGraph(module, symbol, arguments);
    for (unsigned number : selection.order)
      createNode(number);
    if (failed)
      return nullptr;
    // Loops: what they read was not there yet.
    for (unsigned number : late)
      nodes[number].getInputsMutable().assign(inputs(number));

    SmallVector<Value> values, controls;
    for (const Fetch &fetch : request.fetches)
      values.push_back(value(fetch.source));
    for (unsigned target : request.targets)
      controls.push_back(nodes[target].getControl());
    gdef::FetchOp::create(builder, builder.getUnknownLoc(), values, controls);
    return graph;
  }

private:
  void createGraph(ModuleOp module, StringRef symbol, ArrayRef<Argument> arguments) {
    SmallVector<Type> types;
    SmallVector<Location> locations;
    SmallVector<StringRef> argNames, resultNames, argAliases, resultAliases;
    for (const Argument &argument : arguments) {
      const Feed &feed = request.feeds[argument.feed];
      types.push_back(argument.type);
      locations.push_back(location(feed.source.node));
      argNames.push_back(argument.name);
      argAliases.push_back(feed.alias);
    }
    for (const Fetch &fetch : request.fetches) {
      resultNames.push_back(fetch.name);
      resultAliases.push_back(fetch.alias);
    }
    builder.setInsertionPointToEnd(module.getBody());
    graph = gdef::GraphOp::create(builder, builder.getUnknownLoc(), symbol, types, locations, argNames, resultNames);
    auto given = [](StringRef alias) { return !alias.empty(); };
    if (llvm::any_of(argAliases, given))
      graph.setArgAliasesAttr(builder.getStrArrayAttr(argAliases));
    if (llvm::any_of(resultAliases, given))
      graph.setResultAliasesAttr(builder.getStrArrayAttr(resultAliases));
    if (table.isFunction())
      graph.setSymVisibility("private");
    builder.setInsertionPointToEnd(&graph.getBody().front());
    for (auto [index, argument] : llvm::enumerate(arguments))
      fed[argument.feed] = graph.getBody().getArgument(index);
  }

  Location location(unsigned number) {
    return nodeLocation(context.mlir, table.displayName(number), table[number].op());
  }

  /// The value of a tensor; null while its node has not been created.
  Value value(Source source) {
    auto feed = selection.feeds.find(source);
    if (feed != selection.feeds.end())
      return fed[feed->second];
    auto node = nodes.find(source.node);
    return node == nodes.end() ? Value() : node->second.getOutputs()[source.output];
  }

  SmallVector<Value> inputs(unsigned number) {
    return llvm::map_to_vector(selection.nodes[number]->inputs, [&](Source source) { return value(source); });
  }

  DictionaryAttr attributes(unsigned number) {
    const tf::NodeDef &def = table[number];
    const tf::OpDef &op = *selection.nodes[number]->op;
    NamedAttrList attrs;
    auto add = [&](StringRef name, const tf::AttrValue &value) {
      auto fail = [&](Code code, const Twine &message) {
        table.report(number, code, "attribute '" + name + "': " + message);
      };
      if (Attribute attr = convertAttribute(value, def.name(), context, fail))
        attrs.append(name, attr);
      else
        failed = true;
    };
    for (const tf::OpDef::AttrDef &attr : op.attr())
      add(attr.name(), *findAttribute(def, op, attr.name()));
    // What other tools noted about the node. Shapes among it are out of date once a feed has another shape.
    SmallVector<StringRef> notes;
    for (const auto &[name, value] : def.attr())
      if (StringRef(name).starts_with("_") && name != "_output_shapes")
        notes.push_back(name);
    llvm::sort(notes); // a protobuf map has no order of its own
    for (StringRef name : notes)
      add(name, def.attr().at(name.str()));
    if (Variables::isVariable(def.op()))
      addVariableValue(number, attrs);
    addReferences(number, attrs);
    return attrs.getDictionary(context.mlir);
  }

  /// The value that the checkpoint has for a variable, or why there is none.
  void addVariableValue(unsigned number, NamedAttrList &attrs) {
    attrs.erase("_missing_value");
    if (!context.variables)
      return;
    std::string missing;
    ElementsAttr value = context.variables->find(table[number], !table.isFunction(), context, missing,
                                                 [&](Code code, const Twine &message) {
                                                   table.report(number, code, message);
                                                   failed = true;
                                                 });
    if (value)
      attrs.set("value", value);
    else if (!missing.empty())
      attrs.set("_missing_value", builder.getStringAttr(missing));
  }

  /// Which inputs an operation takes as references, which it writes to or hands on; types no longer say it.
  void addReferences(unsigned number, NamedAttrList &attrs) {
    attrs.erase("_references");
    auto references = llvm::to_vector_of<int64_t>(selection.nodes[number]->signature.references);
    if (!references.empty())
      attrs.set("_references", builder.getI64ArrayAttr(references));
  }

  void createNode(unsigned number) {
    const SelectedNode &node = *selection.nodes[number];
    DictionaryAttr attrs = attributes(number);
    StringRef op = table[number].op();
    SmallVector<Type> types;
    for (tf::DataType dtype : node.signature.outputs)
      types.push_back(UnrankedTensorType::get(elementType(context.mlir, dtype)));
    if (op == "Const") {
      auto constant = attrs.getAs<ElementsAttr>("value");
      if (!constant || types.size() != 1)
        return;
      tf::DataType stored = baseType(findAttribute(table[number], *node.op, "value")->tensor().dtype());
      if (stored != node.signature.outputs[0]) {
        table.report(number, Code::BadConstant,
                     "attribute 'value' must be " + typeName(node.signature.outputs[0]) + ", but got " +
                         typeName(stored));
        failed = true;
        return;
      }
      types[0] =
          RankedTensorType::get(constant.getShapedType().getShape(), cast<TensorType>(types[0]).getElementType());
    }
    if (auto symbol = context.functions.find(op); symbol != context.functions.end() && !OpRegistry::get().find(op)) {
      attrs = callAttributes(node, op);
      op = node.op->is_stateful() ? "StatefulPartitionedCall" : "PartitionedCall";
    }
    if (failed)
      return;
    SmallVector<Value> operands = inputs(number), controls;
    for (unsigned control : node.controls)
      controls.push_back(nodes[control].getControl());
    if (llvm::is_contained(operands, Value())) {
      late.push_back(number);
      operands.clear();
    }
    types.push_back(gdef::ControlType::get(context.mlir));
    nodes[number] =
        gdef::NodeOp::create(builder, location(number), types, builder.getStringAttr(op), operands, controls, attrs);
  }

  /// The attributes of the call that an operation named like a function stands for.
  DictionaryAttr callAttributes(const SelectedNode &node, StringRef function) {
    auto types = [&](ArrayRef<tf::DataType> dtypes) {
      return builder.getArrayAttr(llvm::map_to_vector(
          dtypes, [&](tf::DataType dtype) -> Attribute { return TypeAttr::get(elementType(context.mlir, dtype)); }));
    };
    auto callee = FlatSymbolRefAttr::get(context.mlir, functionSymbol(function, context));
    NamedAttrList attrs;
    attrs.append("Tin", types(node.signature.inputs));
    attrs.append("Tout", types(node.signature.outputs));
    attrs.append("f", gdef::FuncAttr::get(context.mlir, callee, builder.getDictionaryAttr({})));
    return attrs.getDictionary(context.mlir);
  }

  const NodeTable &table;
  const Request &request;
  const Selection &selection;
  ImportContext &context;
  OpBuilder builder;
  gdef::GraphOp graph;
  llvm::DenseMap<unsigned, gdef::NodeOp> nodes;
  llvm::DenseMap<unsigned, Value> fed;
  std::vector<unsigned> late;
  bool failed = false;
};

} // namespace

gdef::GraphOp buildGraph(ModuleOp module, StringRef symbol, const NodeTable &table, const Request &request,
                         const Selection &selection, ArrayRef<Argument> arguments, ImportContext &context) {
  return GraphBuilder(table, request, selection, context).build(module, symbol, arguments);
}

} // namespace lathe
