// SPDX-License-Identifier: Apache-2.0
// Names of nodes and tensors.
#include "compiler/import/NodeTable.h"

using llvm::StringRef;
using llvm::Twine;

namespace lathe {

TensorName TensorName::parse(StringRef text) {
  TensorName name;
  if (text.consume_front("^")) {
    name.node = text;
    name.control = true;
    return name;
  }
  auto [head, last] = text.rsplit(':');
  if (!last.getAsInteger(10, name.output)) {
    name.hasOutput = true;
    text = head;
  }
  std::tie(name.node, name.argument) = text.split(':');
  return name;
}

void NodeTable::add(const tf::NodeDef &node) {
  unsigned number = nodes.size();
  nodes.push_back(&node);
  if (node.name().empty() || node.name().size() > context.limits.nameBytes) {
    context.problems.add(Code::LimitExceeded,
                         ("node number " + Twine(number) + ": name must have 1 to " + Twine(context.limits.nameBytes) +
                          " bytes, but got " + Twine(node.name().size()))
                             .str());
    return;
  }
  auto [it, inserted] = index.try_emplace(node.name(), number);
  if (!inserted)
    report(number, Code::DuplicateNode,
           "name is used twice, by nodes number " + Twine(it->second) + " and " + Twine(number));
}

std::optional<unsigned> NodeTable::find(StringRef name) const {
  auto it = index.find(name);
  return it == index.end() ? std::nullopt : std::optional<unsigned>(it->second);
}

std::string NodeTable::suggest(StringRef name) const {
  // In the order of the file, so that the choice among equally near names does not depend on hashes.
  auto names = llvm::map_range(nodes, [](const tf::NodeDef *node) -> StringRef { return node->name(); });
  return didYouMean(nearestName(name, names, context.suggestionWork));
}

std::string NodeTable::displayName(unsigned node) const {
  return function.empty() ? nodes[node]->name() : function + "/" + nodes[node]->name();
}

std::string NodeTable::resultText(StringRef name) const {
  return function.empty() ? ("fetch '" + name + "'").str()
                          : ("function '" + function + "': result '" + name + "'").str();
}

void NodeTable::report(unsigned node, Code code, const Twine &message, const Twine &remedy) const {
  // The name is cut, not refused, where it is only printed.
  StringRef op = StringRef(nodes[node]->op()).take_front(context.limits.nameBytes);
  std::string name = displayName(node);
  name.resize(std::min<size_t>(name.size(), context.limits.nameBytes));
  context.problems.add(code, std::move(name), op.str(), message.str(), remedy.str());
}

} // namespace lathe
