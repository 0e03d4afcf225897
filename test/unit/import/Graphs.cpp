// SPDX-License-Identifier: Apache-2.0
// Writes and imports small graphs.
#include "test/unit/import/Graphs.h"
#include "compiler/import/proto/graph.pb.h"
#include "llvm/Support/raw_ostream.h"
#include <google/protobuf/text_format.h>

using namespace llvm;

namespace lathe::test {

std::string node(StringRef name, StringRef op, std::vector<std::string> inputs, std::vector<std::string> attrs) {
  std::string text = ("node { name: \"" + name + "\" op: \"" + op + "\"").str();
  for (const std::string &input : inputs)
    text += " input: \"" + input + "\"";
  for (StringRef attr : attrs) {
    auto [key, value] = attr.split('=');
    text += (" attr { key: \"" + key + "\" value { " + value + " } }").str();
  }
  return text + " }\n";
}

std::string placeholder(StringRef name, std::vector<int> shape) {
  std::string dims;
  for (int dim : shape)
    dims += "dim { size: " + std::to_string(dim) + " } ";
  return node(name, "Placeholder", {}, {"dtype=type: DT_FLOAT", "shape=shape { " + dims + "}"});
}

std::string constant(StringRef name, StringRef dtype, StringRef tensor) {
  return node(name, "Const", {},
              {("dtype=type: " + dtype).str(), ("value=tensor { dtype: " + dtype + " " + tensor + " }").str()});
}

std::string op(StringRef name, StringRef type, std::vector<std::string> inputs) {
  return node(name, type, std::move(inputs), {"T=type: DT_FLOAT"});
}

std::string binary(StringRef text) {
  tf::GraphDef graph;
  if (!google::protobuf::TextFormat::ParseFromString(text.str(), &graph))
    abort();
  std::string bytes;
  graph.SerializeToString(&bytes);
  return bytes;
}

Imported::Imported(StringRef bytes, const ImportOptions &options)
    : context(std::make_unique<mlir::MLIRContext>(mlir::MLIRContext::Threading::DISABLED)) {
  auto result = importGraph(*context, MemoryBufferRef(bytes, "graph"), options, problems);
  if (mlir::succeeded(result))
    module = std::move(*result);
}

gdef::GraphOp Imported::graph(StringRef name) {
  return module->lookupSymbol<gdef::GraphOp>(name);
}

gdef::NodeOp Imported::node(StringRef name, StringRef graphName) {
  for (auto node : graph(graphName).getBody().getOps<gdef::NodeOp>())
    if (nodeNames(node.getLoc()).node == name)
      return node;
  return nullptr;
}

std::string Imported::text() {
  std::string text;
  raw_string_ostream out(text);
  problems.print(out, "graph");
  return text;
}

} // namespace lathe::test
