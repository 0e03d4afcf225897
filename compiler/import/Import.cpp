// SPDX-License-Identifier: Apache-2.0
// Imports a graph: parse, select, check, build.
#include "compiler/import/Import.h"
#include "compiler/import/BuildGraph.h"
#include "compiler/import/Functions.h"
#include "compiler/import/parse/ParseGraph.h"
#include "compiler/saved/Choose.h"
#include "compiler/saved/Variables.h"
#include "mlir/IR/Verifier.h"

using namespace mlir;

namespace lathe {
namespace {

/// A graph, and where it comes from a SavedModel or MetaGraphDef what belongs to it.
struct GraphSource {
  const tf::GraphDef *graph = nullptr;
  const tf::MetaGraphDef *meta = nullptr;
};

} // namespace

/// The graph that `file` holds, or the one chosen of a SavedModel.
static GraphSource readGraph(llvm::MemoryBufferRef file, const ImportOptions &options, ImportContext &context) {
  using Form = ImportOptions::Form;
  ProblemList &problems = context.problems;
  if (options.form == Form::graph)
    return {parseGraph(file, options.limits, *context.arena, problems), nullptr};
  GraphSource source;
  if (options.form == Form::metaGraph)
    source.meta = parseMetaGraph(file, options.limits, *context.arena, problems);
  else if (const auto *model = parseSavedModel(file, options.limits, *context.arena, problems))
    source.meta = chooseGraph(*model, options, problems);
  if (source.meta)
    source.graph = &source.meta->graph_def();
  return source;
}

/// Makes the library's functions known, and checks how much there is.
static void readLibrary(const tf::GraphDef &graph, ImportContext &context) {
  const ImportLimits &limits = context.limits;
  uint64_t nodes = graph.node_size(), functions = graph.library().function_size();
  for (const tf::FunctionDef &function : graph.library().function()) {
    nodes += function.node_def_size();
    context.functions.try_emplace(function.signature().name(), &function);
  }
  auto check = [&](const char *what, uint64_t count, uint64_t limit) {
    if (count > limit)
      context.problems.add(
          Code::LimitExceeded,
          (Twine("number of ") + what + " must be at most " + Twine(limit) + ", but got " + Twine(count)).str());
  };
  check("nodes", nodes, limits.nodes);
  check("functions", functions, limits.functions);
}

/// The types of the arguments, in the order of the feeds.
static std::vector<Argument> makeArguments(const NodeTable &table, const Request &request, const ImportOptions &options,
                                           bool hasVersion, ImportContext &context) {
  std::vector<Argument> arguments;
  for (auto [number, feed] : llvm::enumerate(request.feeds)) {
    if (request.onlyUsedFeeds && !feed.used)
      continue;
    if (Type type = feedType(table, feed, options.staticFeeds, hasVersion, context))
      arguments.push_back({static_cast<unsigned>(number), type, feed.name});
  }
  return arguments;
}

/// What is asked of one entry, as if it was all that is asked for.
static ImportOptions optionsOf(const ImportOptions &options, const EntryOptions &entry, const tf::MetaGraphDef *meta) {
  ImportOptions own = options;
  own.feeds = entry.feeds;
  own.fetches = entry.fetches;
  own.shapes.insert(own.shapes.end(), entry.shapes.begin(), entry.shapes.end());
  bool isWhole = entry.feeds.empty() && entry.fetches.empty();
  if (meta && (isWhole || meta->signature_def().contains(entry.name)))
    own.signature = entry.name;
  return own;
}

static void checkEntries(const ImportOptions &options, ImportContext &context) {
  for (const EntryOptions &entry : options.entries)
    if (entry.name.empty())
      context.problems.add(Code::UnknownName, "an entry has no name", "name it: --entry NAME:FEEDS:FETCHES");
    else if (!context.entryNames.insert(entry.name).second)
      context.problems.add(Code::UnknownName, "entry '" + entry.name + "': given twice", "give each a name of its own");
  if (options.entries.empty())
    context.entryNames.insert("main");
}

/// Writes one entry. Says which of the shapes that the entries share it has a feed for.
static void importEntry(ModuleOp module, StringRef name, const NodeTable &table, const GraphSource &source,
                        const ImportOptions &options, size_t sharedShapes, std::vector<bool> &usedShapes,
                        ImportContext &context) {
  size_t known = context.problems.size();
  context.signature = nullptr;
  if (source.meta)
    context.signature = chooseSignature(*source.meta, options, context.signatureName, context.problems);
  if (context.problems.size() != known)
    return;
  Request request;
  resolveRequest(table, options, context, request, sharedShapes);
  for (size_t i = 0; i < sharedShapes; ++i)
    usedShapes[i] = usedShapes[i] || request.usedShapes[i];
  Selection selection;
  selectNodes(table, request, context, selection);
  orderNodes(table, selection, context);
  // In version 24 of the format the shape of a placeholder got its meaning.
  bool hasVersion = source.graph->versions().producer() >= 24;
  std::vector<Argument> arguments = makeArguments(table, request, options, hasVersion, context);
  if (context.problems.empty())
    buildGraph(module, name, table, request, selection, arguments, context);
}

FailureOr<OwningOpRef<ModuleOp>> importGraph(MLIRContext &mlirContext, llvm::MemoryBufferRef file,
                                             const ImportOptions &options, ProblemList &problems) {
  mlirContext.loadDialect<gdef::GdefDialect>();
  ImportContext context(mlirContext, options.limits, problems);
  checkEntries(options, context);
  GraphSource source = readGraph(file, options, context);
  if (!source.graph)
    return failure();
  readLibrary(*source.graph, context);
  if (!problems.empty())
    return failure();
  std::string restoreOp = source.meta ? source.meta->saver_def().restore_op_name() : "";
  if (!options.checkpoint.empty() &&
      !(context.variables = Variables::open(options.checkpoint, *source.graph, restoreOp, context)))
    return failure();

  NodeTable table(context);
  for (const tf::NodeDef &node : source.graph->node())
    table.add(node);
  OwningOpRef<ModuleOp> module(ModuleOp::create(UnknownLoc::get(&mlirContext)));
  std::vector<bool> usedShapes(options.shapes.size());
  if (options.entries.empty())
    importEntry(*module, "main", table, source, options, 0, usedShapes, context);
  for (const EntryOptions &entry : options.entries)
    importEntry(*module, entry.name, table, source, optionsOf(options, entry, source.meta), usedShapes.size(),
                usedShapes, context);
  for (size_t i = 0; i < usedShapes.size(); ++i)
    if (!options.entries.empty() && !usedShapes[i])
      problems.add(Code::UnknownName, "shape of '" + options.shapes[i].first + "': no entry has such a feed");
  if (problems.empty())
    importFunctions(*module, context);
  if (!problems.empty())
    return failure();
  ProblemCollector collector(&mlirContext, problems);
  if (failed(verify(*module)))
    return failure();
  return module;
}

} // namespace lathe
