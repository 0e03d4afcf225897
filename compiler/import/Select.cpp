// SPDX-License-Identifier: Apache-2.0
// Walks the graph from the fetches. Nothing here recurses: a graph can be a chain of a million nodes.
#include "compiler/import/Select.h"
#include "compiler/import/Types.h"
#include "llvm/ADT/StringSet.h"

using llvm::StringRef;
using llvm::Twine;

namespace lathe {

/// Operations whose control edges say in which branch or iteration a node runs, though they have no state.
static bool isControlFlow(StringRef op) {
  static const llvm::StringSet<> ops = {"Switch",  "RefSwitch", "_SwitchN", "Merge",         "RefMerge",
                                        "Enter",   "RefEnter",  "Exit",     "NextIteration", "RefNextIteration",
                                        "RefExit", "LoopCond"};
  return ops.contains(op);
}

/// Makes `output`, which in a function is counted within an output argument, count from the first output of `node`.
/// Says what is wrong when there is no such output. Without a signature anything could be right.
static std::string resolveOutput(const SelectedNode &node, StringRef name, StringRef argument, unsigned &output) {
  if (!node.hasSignature)
    return "";
  if (argument.empty()) {
    if (output < node.signature.outputs.size())
      return "";
    return ("number of outputs of '" + name + "' is " + Twine(node.signature.outputs.size())).str();
  }
  for (const Signature::Arg &arg : node.signature.outputArgs)
    if (arg.name == argument && output < arg.count) {
      output += arg.first;
      return "";
    }
  return ("'" + name + "' has no output '" + argument + "' number " + Twine(output)).str();
}

namespace {

class Selector {
public:
  Selector(const NodeTable &table, Request &request, ImportContext &context, Selection &selection)
      : table(table), request(request), context(context), selection(selection) {}

  void run() {
    selection.nodes.resize(table.size());
    for (auto [number, feed] : llvm::enumerate(request.feeds))
      selection.feeds.try_emplace(feed.source, number);
    for (const Fetch &fetch : request.fetches)
      need(fetch.source);
    for (unsigned node : request.targets)
      visit(node);
    while (!pending.empty()) {
      unsigned node = pending.back();
      pending.pop_back();
      readNode(node);
    }
    // Output numbers in functions need the signatures, which are all known now.
    for (unsigned node = 0; node < table.size(); ++node)
      if (selection.nodes[node])
        checkInputs(node);
    for (Fetch &fetch : request.fetches) {
      if (selection.feeds.count(fetch.source))
        continue;
      const std::string &name = table[fetch.source.node].name();
      std::string wrong = resolveOutput(*selection.nodes[fetch.source.node], name, fetch.argument, fetch.source.output);
      if (!wrong.empty())
        context.problems.add(Code::NoSuchOutput, table.resultText(fetch.name) + ": " + wrong);
    }
    dropControls();
    keep();
  }

private:
  void visit(unsigned node) {
    if (selection.nodes[node])
      return;
    selection.nodes[node] = std::make_unique<SelectedNode>();
    pending.push_back(node);
  }

  void need(Source source) {
    auto feed = selection.feeds.find(source);
    if (feed == selection.feeds.end())
      return visit(source.node);
    request.feeds[feed->second].used = true;
  }

  bool isFed(unsigned node) { return selection.feeds.count({node, 0}); }

  void readNode(unsigned number) {
    const tf::NodeDef &def = table[number];
    SelectedNode &node = *selection.nodes[number];
    auto fail = [&](Code code, const Twine &message) { table.report(number, code, message); };
    node.op = context.findOp(def.op());
    if (!node.op)
      table.report(number, Code::UnsupportedOp, "operation not known",
                   "feed its result instead: --feed " + def.name() + ":0");
    else if (isPlaceholder(def.op()))
      table.report(number, Code::NotFed, "the placeholder is needed, but not fed",
                   "feed it as well: --feed " + def.name());
    else
      node.hasSignature = resolveSignature(def, *node.op, context, node.signature, fail);

    if (!take(context.edges, def.input_size(), context.limits.edges)) {
      fail(Code::LimitExceeded, "number of edges must be at most " + Twine(context.limits.edges));
      return;
    }
    for (const std::string &input : def.input()) {
      TensorName name = TensorName::parse(input);
      auto source = table.find(name.node);
      if (!source) {
        fail(Code::MissingInput, "input '" + input + "': no such node" + table.suggest(name.node));
        node.hasSignature = false;
      } else if (!name.control) {
        node.inputs.push_back({*source, name.output});
        need(node.inputs.back());
      } else if (!llvm::is_contained(llvm::ArrayRef(node.controls).take_back(8), *source) &&
                 !(isFed(*source) && StringRef(table[*source].op()).starts_with("Placeholder"))) {
        // A fed placeholder has nothing that could run.
        node.controls.push_back(*source);
        visit(*source);
      }
    }
  }

  void checkInputs(unsigned number) {
    const tf::NodeDef &def = table[number];
    SelectedNode &node = *selection.nodes[number];
    bool counted = node.hasSignature && node.inputs.size() == node.signature.inputs.size();
    if (node.hasSignature && !counted)
      table.report(number, Code::InputCount,
                   "number of inputs must be " + Twine(node.signature.inputs.size()) + ", but got " +
                       Twine(node.inputs.size()));
    unsigned position = 0;
    for (const std::string &input : def.input()) {
      TensorName name = TensorName::parse(input);
      auto found = table.find(name.node);
      if (name.control || !found || position == node.inputs.size())
        continue;
      Source &source = node.inputs[position];
      tf::DataType actual = tf::DT_INVALID;
      auto feed = selection.feeds.find(source);
      if (feed != selection.feeds.end()) {
        actual = request.feeds[feed->second].dtype;
        if (counted && actual == tf::DT_INVALID)
          actual = request.feeds[feed->second].dtype = node.signature.inputs[position];
      } else {
        const SelectedNode &producer = *selection.nodes[source.node];
        std::string wrong = resolveOutput(producer, name.node, name.argument, source.output);
        if (!wrong.empty())
          table.report(number, Code::NoSuchOutput, "input '" + input + "': " + wrong);
        else if (producer.hasSignature)
          actual = producer.signature.outputs[source.output];
      }
      if (counted && actual != tf::DT_INVALID && actual != node.signature.inputs[position])
        table.report(number, Code::TypeMismatch,
                     "input " + Twine(position) + " must be " + typeName(node.signature.inputs[position]) + ", but '" +
                         input + "' is " + typeName(actual));
      ++position;
    }
  }

  /// Drops control edges from nodes of which nobody could tell whether they have run.
  void dropControls() {
    size_t size = table.size();
    // Readers of each node, as one array.
    std::vector<unsigned> first(size + 1), readers;
    auto forEdges = [&](auto act) {
      for (unsigned reader = 0; reader < size; ++reader) {
        const SelectedNode *node = selection.nodes[reader].get();
        if (!node)
          continue;
        for (Source source : node->inputs)
          if (!selection.feeds.count(source))
            act(source.node, reader);
        for (unsigned source : node->controls)
          act(source, reader);
      }
    };
    forEdges([&](unsigned source, unsigned) { ++first[source + 1]; });
    for (size_t i = 0; i < size; ++i)
      first[i + 1] += first[i];
    readers.resize(first[size]);
    std::vector<unsigned> next(first.begin(), first.end() - 1);
    forEdges([&](unsigned source, unsigned reader) { readers[next[source]++] = reader; });

    std::vector<bool> matters(size);
    std::vector<unsigned> work;
    auto mark = [&](unsigned node) {
      if (!matters[node]) {
        matters[node] = true;
        work.push_back(node);
      }
    };
    for (unsigned node = 0; node < size; ++node)
      if (const SelectedNode *selected = selection.nodes[node].get())
        if (!selected->op || selected->op->is_stateful() || isControlFlow(table[node].op()))
          mark(node);
    while (!work.empty()) {
      unsigned node = work.back();
      work.pop_back();
      for (unsigned i = first[node]; i < first[node + 1]; ++i)
        mark(readers[i]);
    }
    for (auto &node : selection.nodes)
      if (node)
        llvm::erase_if(node->controls, [&](unsigned source) { return !matters[source]; });
  }

  /// Marks what is still reached.
  void keep() {
    auto reach = [&](unsigned node) {
      if (selection.nodes[node] && !selection.nodes[node]->kept) {
        selection.nodes[node]->kept = true;
        pending.push_back(node);
      }
    };
    for (const Fetch &fetch : request.fetches)
      if (!selection.feeds.count(fetch.source))
        reach(fetch.source.node);
    for (unsigned node : request.targets)
      reach(node);
    while (!pending.empty()) {
      const SelectedNode &node = *selection.nodes[pending.back()];
      pending.pop_back();
      for (Source source : node.inputs)
        if (!selection.feeds.count(source))
          reach(source.node);
      for (unsigned source : node.controls)
        reach(source);
    }
  }

  const NodeTable &table;
  Request &request;
  ImportContext &context;
  Selection &selection;
  std::vector<unsigned> pending;
};

} // namespace

void selectNodes(const NodeTable &table, Request &request, ImportContext &context, Selection &selection) {
  Selector(table, request, context, selection).run();
}

} // namespace lathe
