// SPDX-License-Identifier: Apache-2.0
// Imports function bodies: like graphs, but with arguments of their own and outputs that are counted by argument.
#include "compiler/import/Functions.h"
#include "compiler/import/BuildGraph.h"
#include "compiler/import/Types.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;

namespace lathe {
namespace {

/// Imports one function.
class FunctionImporter {
public:
  FunctionImporter(const tf::FunctionDef &function, ImportContext &context)
      : function(function), name(function.signature().name()), context(context), table(context, name) {}

  void run(ModuleOp module, StringRef symbol) {
    if (!addArguments())
      return;
    for (const tf::NodeDef &node : function.node_def())
      table.add(node);
    addFetches();
    addTargets();
    Selection selection;
    selectNodes(table, request, context, selection);
    orderNodes(table, selection, context);
    if (context.problems.empty())
      buildGraph(module, symbol, table, request, selection, arguments, context);
  }

private:
  void fail(Code code, const Twine &message) {
    context.problems.add(code, ("function '" + name + "': " + message).str());
  }

  bool isGeneric(const tf::OpDef::ArgDef &arg) {
    if (arg.type_attr().empty() && arg.number_attr().empty() && arg.type_list_attr().empty())
      return false;
    fail(Code::BadFunction, "the type of '" + arg.name() + "' depends on the call, which is not supported");
    return true;
  }

  /// Arguments become nodes that are fed, so that the body is a graph like any other.
  bool addArguments() {
    bool valid = true;
    for (const tf::OpDef::ArgDef &arg : function.signature().output_arg())
      valid &= !isGeneric(arg);
    for (auto [index, arg] : llvm::enumerate(function.signature().input_arg())) {
      Type element = elementType(context.mlir, arg.type());
      if (isGeneric(arg))
        valid = false;
      else if (!element)
        fail(Code::UnsupportedType,
             "element type " + typeName(arg.type()) + " of '" + arg.name() + "' is not supported");
      if (!element) {
        valid = false;
        continue;
      }
      auto *node = google::protobuf::Arena::CreateMessage<tf::NodeDef>(context.arena.get());
      node->set_name(arg.name());
      node->set_op("_Arg");
      unsigned number = index;
      table.add(*node);
      request.feeds.push_back({{number, 0}, arg.name(), "", baseType(arg.type()), std::nullopt, true});
      arguments.push_back({number, UnrankedTensorType::get(element), arg.name()});
    }
    return valid;
  }

  void addFetches() {
    for (const tf::OpDef::ArgDef &arg : function.signature().output_arg()) {
      auto returned = function.ret().find(arg.name());
      if (returned == function.ret().end()) {
        fail(Code::BadFunction, "nothing is returned as '" + arg.name() + "'");
        continue;
      }
      TensorName tensor = TensorName::parse(returned->second);
      if (auto node = table.find(tensor.node))
        request.fetches.push_back({{*node, tensor.output}, arg.name(), "", tensor.argument.str()});
      else
        fail(Code::MissingInput, "result '" + arg.name() + "' is '" + returned->second + "': no such node");
    }
  }

  /// What must run for its effect: what the function lists, in files that list it, else what has state.
  void addTargets() {
    for (const std::string &result : function.signature().control_output()) {
      auto returned = function.control_ret().find(result);
      auto node = returned == function.control_ret().end() ? std::nullopt : table.find(returned->second);
      if (node)
        request.targets.push_back(*node);
      else
        fail(Code::MissingInput, "control result '" + result + "': no such node");
    }
    if (!request.targets.empty())
      return;
    for (unsigned node = 0; node < table.size(); ++node)
      if (const tf::OpDef *op = context.findOp(table[node].op()); op && op->is_stateful())
        request.targets.push_back(node);
  }

  const tf::FunctionDef &function;
  StringRef name;
  ImportContext &context;
  NodeTable table;
  Request request;
  std::vector<Argument> arguments;
};

} // namespace

/// Reports functions that call themselves, and chains of calls beyond the limit.
static void checkCalls(ImportContext &context) {
  size_t size = context.called.size();
  std::vector<unsigned> callers(size), depth(size, 1);
  std::vector<std::vector<unsigned>> callees(size);
  for (auto [caller, callee] : context.calls) {
    callees[caller].push_back(callee);
    ++callers[callee];
  }
  std::vector<unsigned> ready;
  for (unsigned function = 0; function < size; ++function)
    if (callers[function] == 0)
      ready.push_back(function);
  unsigned deepest = 0, done = 0;
  while (!ready.empty()) {
    unsigned function = ready.back();
    ready.pop_back();
    ++done;
    deepest = std::max(deepest, depth[function]);
    for (unsigned callee : callees[function]) {
      depth[callee] = std::max(depth[callee], depth[function] + 1);
      if (--callers[callee] == 0)
        ready.push_back(callee);
    }
  }
  if (deepest > context.limits.functionDepth)
    context.problems.add(Code::LimitExceeded, ("depth of function calls must be at most " +
                                               Twine(context.limits.functionDepth) + ", but got " + Twine(deepest))
                                                  .str());
  if (done == size)
    return;
  // What is left is in a circle or called from one.
  SmallVector<StringRef> names;
  for (unsigned function = 0; function < size && names.size() < 8; ++function)
    if (callers[function] != 0)
      names.push_back(context.called.begin()[function].first);
  context.problems.add(Code::BadFunction,
                       "functions call themselves, directly or through others: '" + llvm::join(names, "', '") + "'");
}

void importFunctions(ModuleOp module, ImportContext &context) {
  // The list grows while functions are imported.
  for (unsigned index = 0; index < context.called.size(); ++index) {
    auto [name, symbol] = context.called.begin()[index];
    context.caller = index;
    FunctionImporter(*context.functions.lookup(name), context).run(module, symbol);
  }
  context.caller.reset();
  checkCalls(context);
}

} // namespace lathe
