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

/// The graph that `file` holds, or the one chosen of a SavedModel; with its signature and what restores its variables.
static const tf::GraphDef *readGraph(llvm::MemoryBufferRef file, const ImportOptions &options, std::string &restoreOp,
                                     ImportContext &context) {
  using Form = ImportOptions::Form;
  ProblemList &problems = context.problems;
  if (options.form == Form::graph)
    return parseGraph(file, options.limits, *context.arena, problems);
  const tf::MetaGraphDef *graph = nullptr;
  if (options.form == Form::metaGraph)
    graph = parseMetaGraph(file, options.limits, *context.arena, problems);
  else if (const auto *model = parseSavedModel(file, options.limits, *context.arena, problems))
    graph = chooseGraph(*model, options, problems);
  if (!graph)
    return nullptr;
  restoreOp = graph->saver_def().restore_op_name();
  context.signature = chooseSignature(*graph, options, context.signatureName, problems);
  return &graph->graph_def();
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

FailureOr<OwningOpRef<ModuleOp>> importGraph(MLIRContext &mlirContext, llvm::MemoryBufferRef file,
                                             const ImportOptions &options, ProblemList &problems) {
  mlirContext.loadDialect<gdef::GdefDialect>();
  ImportContext context(mlirContext, options.limits, problems);
  std::string restoreOp;
  const tf::GraphDef *graph = readGraph(file, options, restoreOp, context);
  if (!graph)
    return failure();
  readLibrary(*graph, context);
  if (!problems.empty())
    return failure();
  if (!options.checkpoint.empty() &&
      !(context.variables = Variables::open(options.checkpoint, *graph, restoreOp, context)))
    return failure();

  NodeTable table(context);
  for (const tf::NodeDef &node : graph->node())
    table.add(node);
  Request request;
  resolveRequest(table, options, context, request);
  Selection selection;
  selectNodes(table, request, context, selection);
  orderNodes(table, selection, context);
  // In version 24 of the format the shape of a placeholder got its meaning.
  bool hasVersion = graph->versions().producer() >= 24;
  std::vector<Argument> arguments = makeArguments(table, request, options, hasVersion, context);
  if (!problems.empty())
    return failure();

  OwningOpRef<ModuleOp> module(ModuleOp::create(UnknownLoc::get(&mlirContext)));
  if (buildGraph(*module, "main", table, request, selection, arguments, context))
    importFunctions(*module, context);
  if (!problems.empty())
    return failure();
  ProblemCollector collector(&mlirContext, problems);
  if (failed(verify(*module)))
    return failure();
  return module;
}

} // namespace lathe
