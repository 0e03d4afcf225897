// SPDX-License-Identifier: Apache-2.0
// Runs graphs by the reference interpreter: import, legalisation and evaluation, a line of JSON in and out for each.
#include "compiler/import/Import.h"
#include "ir/core/Ops.h"
#include "ir/evaluate/Evaluate.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/PassManager.h"
#include "passes/Passes.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MemoryBuffer.h"
#include <iostream>

using namespace mlir;
using namespace lathe;

static std::string textOf(Type type) {
  std::string text;
  llvm::raw_string_ostream(text) << type;
  return text;
}

/// `request` has the file `graph`, lists `fetches` and `feeds` (of `tensor`, `file` with raw elements, and `shape`),
/// the prefix `out` of the files that results are written to, and optionally `legalizeOnly`.
static llvm::json::Object answer(const llvm::json::Object &request) {
  DialectRegistry registry;
  registry.insert<func::FuncDialect, core::CoreDialect>();
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  ProblemList problems;
  auto failed = [&](StringRef stage) {
    llvm::json::Array list;
    for (const Problem &problem : problems.problems())
      list.push_back(codeName(problem.code) + " " + problem.node + " (" + problem.op + "): " + problem.message);
    return llvm::json::Object{{"failed", stage}, {"problems", std::move(list)}};
  };
  auto file = llvm::MemoryBuffer::getFile(*request.getString("graph"));
  if (!file)
    return failed("read");
  ImportOptions options;
  for (const llvm::json::Value &fetch : *request.getArray("fetches"))
    options.fetches.push_back(fetch.getAsString()->str());
  std::vector<std::unique_ptr<llvm::MemoryBuffer>> arguments;
  for (const llvm::json::Value &item : *request.getArray("feeds")) {
    const llvm::json::Object &feed = *item.getAsObject();
    std::string name = feed.getString("tensor")->str();
    options.feeds.push_back(name);
    std::vector<int64_t> shape;
    for (const llvm::json::Value &size : *feed.getArray("shape"))
      shape.push_back(*size.getAsInteger());
    options.shapes.push_back({name, shape});
    auto buffer = llvm::MemoryBuffer::getFile(*feed.getString("file"), false, false);
    if (!buffer)
      return failed("read");
    arguments.push_back(std::move(*buffer));
  }
  FailureOr<OwningOpRef<ModuleOp>> module = importGraph(context, **file, options, problems);
  if (mlir::failed(module))
    return failed("import");
  {
    ProblemCollector collector(&context, problems);
    PassManager passes(&context);
    passes.addPass(createThreadVariablesPass());
    passes.addPass(createLegalizeGraphPass());
    if (mlir::failed(passes.run(**module)))
      return failed("legalize");
  }
  if (request.getBoolean("legalizeOnly").value_or(false))
    return llvm::json::Object{{"legalized", true}};
  ProblemCollector collector(&context, problems);
  auto function = (*module)->lookupSymbol<func::FuncOp>("main");
  std::vector<evaluate::Tensor> inputs;
  for (auto [type, buffer] : llvm::zip_equal(function.getArgumentTypes(), arguments)) {
    auto tensor = cast<RankedTensorType>(type);
    if (core::tensorBytes(tensor) != static_cast<int64_t>(buffer->getBufferSize()))
      return failed("feed");
    inputs.push_back(evaluate::Tensor::overBytes(tensor, ArrayRef(buffer->getBufferStart(), buffer->getBufferSize())));
  }
  FailureOr<SmallVector<evaluate::Tensor>> results = evaluate::evaluateBlock(function.getBody().front(), inputs);
  if (mlir::failed(results))
    return failed("evaluate");
  llvm::json::Array types;
  for (auto [i, result] : llvm::enumerate(*results)) {
    types.push_back(textOf(result.getType()));
    std::error_code error;
    llvm::raw_fd_ostream out((*request.getString("out") + "." + Twine(i)).str(), error);
    if (error)
      return failed("write");
    out << StringRef(result.bytes().data(), result.bytes().size());
  }
  return llvm::json::Object{{"types", std::move(types)}};
}

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    llvm::Expected<llvm::json::Value> request = llvm::json::parse(line);
    if (!request || !request->getAsObject()) {
      llvm::errs() << "expected an object in JSON, but got " << line << "\n";
      llvm::consumeError(request.takeError());
      return 1;
    }
    llvm::outs() << llvm::json::Value(answer(*request->getAsObject())) << "\n";
    llvm::outs().flush();
  }
}
