// SPDX-License-Identifier: Apache-2.0
// Walks from a restore operation to what it assigns.
#include "compiler/saved/RestoreKeys.h"
#include "compiler/import/NodeTable.h"
#include "llvm/ADT/DenseSet.h"
#include <deque>

using llvm::StringRef;

namespace lathe {
namespace {

/// A body whose nodes are known by name: the graph's, or a function's.
struct Body {
  llvm::StringMap<const tf::NodeDef *> nodes;
  llvm::StringMap<unsigned> arguments;
};

/// A body as it is called from somewhere.
struct Frame {
  const Body *body;
  const Frame *caller = nullptr;
  const tf::NodeDef *call = nullptr;
  unsigned depth = 0;
};

/// A node as it is run from somewhere; `output` is counted within an output argument in functions.
struct Place {
  const Frame *frame = nullptr;
  const tf::NodeDef *node = nullptr;
  unsigned output = 0;
};

class Walk {
public:
  Walk(const tf::GraphDef &graph, const ImportContext &context) : graph(graph), context(context) {
    for (const tf::NodeDef &node : graph.node())
      main.nodes.try_emplace(node.name(), &node);
    frames.push_back({&main});
  }

  llvm::StringMap<RestoreKey> run(StringRef restoreOp) {
    const Frame *top = &frames.front();
    // In a SavedModel the name can say an output too.
    const tf::NodeDef *root = main.nodes.lookup(TensorName::parse(restoreOp).node);
    if (root)
      visit(top, root);
    else
      for (const tf::NodeDef &node : graph.node())
        if (isAssign(node))
          readAssign(top, node);
    while (!pending.empty()) {
      auto [frame, node] = pending.back();
      pending.pop_back();
      if (isAssign(*node))
        readAssign(frame, *node);
      for (const std::string &input : node->input())
        if (Place place = find(frame, input); place.node)
          visit(place.frame, place.node);
      enter(frame, *node);
    }
    return std::move(keys);
  }

private:
  static bool isAssign(const tf::NodeDef &node) {
    return (node.op() == "Assign" || node.op() == "AssignVariableOp") && node.input_size() >= 2;
  }

  void visit(const Frame *frame, const tf::NodeDef *node) {
    if (visited.size() < context.limits.nodes && visited.insert({frame, node}).second)
      pending.push_back({frame, node});
  }

  /// What `input` names in `frame`: arguments are what the caller gives.
  Place find(const Frame *frame, StringRef input) {
    while (work-- != 0) {
      TensorName name = TensorName::parse(input);
      auto argument = frame->body->arguments.find(name.node);
      if (argument == frame->body->arguments.end())
        return {frame, frame->body->nodes.lookup(name.node), name.output};
      if (!frame->caller || argument->second >= static_cast<unsigned>(frame->call->input_size()))
        return {};
      input = frame->call->input(argument->second);
      frame = frame->caller;
    }
    work = 0;
    return {};
  }

  /// Looks through operations that pass their first input on.
  Place resolve(const Frame *frame, StringRef input) {
    Place place = find(frame, input);
    while (place.node) {
      StringRef op = place.node->op();
      if ((op != "Identity" && op != "Reshape" && op != "Cast") || place.node->input_size() == 0)
        return place;
      place = find(place.frame, place.node->input(0));
    }
    return {};
  }

  /// Element `index` of the constant that an operation reads.
  const std::string *constantString(const Frame *frame, const tf::NodeDef &node, int input, unsigned index) {
    Place place = node.input_size() > input ? resolve(frame, node.input(input)) : Place();
    if (!place.node || place.node->op() != "Const")
      return nullptr;
    auto value = place.node->attr().find("value");
    if (value == place.node->attr().end() || value->second.tensor().string_val_size() == 0)
      return nullptr;
    const auto &strings = value->second.tensor().string_val();
    // What equals the last value is left out.
    return &strings[std::min<unsigned>(index, strings.size() - 1)];
  }

  void readAssign(const Frame *frame, const tf::NodeDef &assign) {
    Place variable = resolve(frame, assign.input(0)), value = resolve(frame, assign.input(1));
    if (!variable.node || variable.frame->caller || !value.node || value.node->op() != "RestoreV2")
      return;
    const std::string *key = constantString(value.frame, *value.node, 1, value.output);
    const std::string *slice = constantString(value.frame, *value.node, 2, value.output);
    if (key)
      keys.try_emplace(variable.node->name(), RestoreKey{*key, slice ? *slice : ""});
  }

  /// Visits the body of the function that a node calls.
  void enter(const Frame *frame, const tf::NodeDef &node) {
    auto attr = node.attr().find("f");
    StringRef name = attr == node.attr().end() ? StringRef(node.op()) : StringRef(attr->second.func().name());
    auto function = context.functions.find(name);
    if (function == context.functions.end() || frame->depth == context.limits.functionDepth ||
        visited.size() >= context.limits.nodes)
      return;
    auto [body, isNew] = bodies.try_emplace(name);
    if (isNew) {
      for (const auto &[index, arg] : llvm::enumerate(function->second->signature().input_arg()))
        body->second.arguments.try_emplace(arg.name(), index);
      for (const tf::NodeDef &inner : function->second->node_def())
        body->second.nodes.try_emplace(inner.name(), &inner);
    }
    frames.push_back({&body->second, frame, &node, frame->depth + 1});
    for (const tf::NodeDef &inner : function->second->node_def())
      visit(&frames.back(), &inner);
  }

  const tf::GraphDef &graph;
  const ImportContext &context;
  Body main;
  llvm::StringMap<Body> bodies;
  std::deque<Frame> frames; // others point to them
  llvm::DenseSet<std::pair<const Frame *, const tf::NodeDef *>> visited;
  std::vector<std::pair<const Frame *, const tf::NodeDef *>> pending;
  llvm::StringMap<RestoreKey> keys;
  uint64_t work = 10'000'000; ///< steps from a name to what it stands for; a file can make each of them long
};

} // namespace

llvm::StringMap<RestoreKey> findRestoreKeys(const tf::GraphDef &graph, StringRef restoreOp,
                                            const ImportContext &context) {
  return Walk(graph, context).run(restoreOp);
}

} // namespace lathe
