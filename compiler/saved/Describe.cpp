// SPDX-License-Identifier: Apache-2.0
// Lists graphs, signatures and variables.
#include "compiler/saved/Describe.h"
#include "compiler/bundle/Bundle.h"
#include "compiler/import/Types.h"
#include "compiler/import/parse/ParseGraph.h"
#include "compiler/saved/Choose.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;

namespace lathe {

/// Names of files hold any bytes; a terminal gets none that it could take for commands.
static std::string printable(StringRef name) {
  std::string text;
  llvm::raw_string_ostream(text).write_escaped(name, /*UseHexEscapes=*/true);
  return text;
}

static std::string typeText(const tf::TensorInfo &info, const ImportLimits &limits) {
  if (info.encoding_case() != info.kName)
    return "not a dense tensor";
  SmallVector<int64_t> dims;
  bool ranked = false;
  bool valid = readShape(info.tensor_shape(), limits, dims, ranked, [](Code, const Twine &) {});
  return typeName(baseType(info.dtype())) + (valid && ranked ? shapeText(dims) : "");
}

template <typename Map>
static void describeTensors(const char *title, const Map &infos, const ImportLimits &limits, llvm::raw_ostream &out) {
  std::map<StringRef, const tf::TensorInfo *> sorted;
  for (const auto &[key, info] : infos)
    sorted[key] = &info;
  for (auto [key, info] : sorted) {
    out << llvm::formatv("    {0,-10}{1,-24}{2,-20}{3}\n", title, printable(key), typeText(*info, limits),
                         printable(info->name()));
    title = "";
  }
}

static void describeGraph(const tf::MetaGraphDef &graph, const ImportLimits &limits, llvm::raw_ostream &out) {
  out << "graph '" << printable(llvm::join(graph.meta_info_def().tags(), ",")) << "'\n";
  for (const std::string &name : signatureNames(graph)) {
    const tf::SignatureDef &signature = graph.signature_def().at(name);
    out << "  signature " << printable(name) << "\n";
    describeTensors("inputs", signature.inputs(), limits, out);
    describeTensors("outputs", signature.outputs(), limits, out);
  }
}

static void describeCheckpoint(const Bundle &bundle, llvm::raw_ostream &out) {
  out << "variables\n";
  for (const auto &[key, entry] : bundle.tensors()) {
    uint64_t bytes = entry.slices.empty() ? entry.size : countElements(entry.shape) * storedBytes(entry.dtype);
    std::string type = typeName(entry.dtype) + shapeText(entry.shape);
    std::string parts = entry.slices.empty() ? "" : " in " + std::to_string(entry.slices.size()) + " parts";
    out << llvm::formatv("    {0,-40}  {1,-20}{2} bytes{3}\n", printable(key), type, bytes, parts);
  }
}

void describeModel(const ModelFile &model, const ImportOptions &options, llvm::raw_ostream &out) {
  ProblemList ignored;
  google::protobuf::Arena arena;
  if (options.form == ImportOptions::Form::savedModel)
    if (const auto *saved = parseSavedModel(model.ref(), options.limits, arena, ignored))
      for (const tf::MetaGraphDef &graph : saved->meta_graphs())
        describeGraph(graph, options.limits, out);
  if (options.form == ImportOptions::Form::metaGraph)
    if (const auto *graph = parseMetaGraph(model.ref(), options.limits, arena, ignored))
      describeGraph(*graph, options.limits, out);
  if (options.checkpoint.empty())
    return;
  if (auto bundle = Bundle::open(options.checkpoint, options.limits, [](Code, const Twine &) {}))
    describeCheckpoint(*bundle, out);
}

} // namespace lathe
