// SPDX-License-Identifier: Apache-2.0
// Imports graphs and says what is wrong with them; prints the IR of one on request. Exit status 0: all were imported.
#include "compiler/import/Import.h"
#include "compiler/saved/OpenModel.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/Timer.h"
#include "llvm/Support/raw_ostream.h"

using namespace llvm;

static cl::list<std::string> files(cl::Positional, cl::desc("GRAPH..."));
static cl::list<std::string> feeds("feed", cl::desc("Tensor to feed"));
static cl::list<std::string> fetches("fetch", cl::desc("Tensor to fetch"));
static cl::list<std::string> shapes("shape", cl::desc("NAME:1x2x3: the shape of a feed"));
static cl::opt<std::string> config("config", cl::desc("tfcompile's Config in text form"));
static cl::opt<std::string> cases("cases",
                                  cl::desc("Lines of JSON with name, inputs, outputs; GRAPH is where they are"));
static cl::opt<bool> dump("dump", cl::desc("Print the IR"));
static cl::opt<bool> debugInfo("debuginfo", cl::desc("... with the names of nodes"));
static cl::opt<bool> asJSON("json", cl::desc("Print problems as JSON"));
static cl::opt<bool> dynamic("dynamic", cl::desc("Allow dimensions that are not known"));
static cl::opt<bool> timing("time", cl::desc("Print seconds for each file"));

/// Imports one file; false when it was refused.
static bool check(StringRef path, lathe::ImportOptions options) {
  lathe::ProblemList problems;
  auto file = lathe::openModel(path, options, problems);
  if (!file) {
    problems.print(outs(), path);
    return false;
  }
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  double start = TimeRecord::getCurrentTime().getWallTime();
  auto module = lathe::importGraph(context, file->ref(), options, problems);
  if (timing)
    outs() << path << ": " << format("%.3f s\n", TimeRecord::getCurrentTime(false).getWallTime() - start);
  if (failed(module)) {
    if (asJSON)
      problems.printJSON(outs(), path);
    else
      problems.print(outs(), path);
    return false;
  }
  if (dump) {
    mlir::OpPrintingFlags flags;
    flags.enableDebugInfo(debugInfo).elideLargeResourceString(64);
    (*module)->print(outs(), flags);
    outs() << "\n";
  }
  return true;
}

static std::vector<int64_t> dimensions(StringRef text) {
  std::vector<int64_t> dims;
  SmallVector<StringRef> parts;
  text.split(parts, 'x', -1, /*KeepEmpty=*/false);
  for (StringRef part : parts) {
    int64_t dim = -1;
    if (part != "?" && part.getAsInteger(10, dim)) {
      errs() << "shape must be like 1x2x3, but got '" << text << "'\n";
      exit(1);
    }
    dims.push_back(dim);
  }
  return dims;
}

/// Imports each case of a list as it says; false when one was refused.
static bool checkCases(const lathe::ImportOptions &common) {
  auto buffer = MemoryBuffer::getFile(cases);
  if (!buffer || files.size() != 1) {
    errs() << "--cases needs a file and one folder\n";
    return false;
  }
  unsigned passed = 0, total = 0;
  StringRef text = (*buffer)->getBuffer();
  while (!text.empty()) {
    auto [line, rest] = text.split('\n');
    text = rest;
    Expected<json::Value> value = json::parse(line);
    if (!value || !value->getAsObject()) {
      errs() << cases << ": line " << total + 1 << " is not JSON: " << toString(value.takeError()) << "\n";
      return false;
    }
    const json::Object &item = *value->getAsObject();
    lathe::ImportOptions options = common;
    for (const json::Value &input : *item.getArray("inputs")) {
      StringRef tensor = *input.getAsObject()->getString("tensor");
      options.feeds.push_back(tensor.str());
      std::vector<int64_t> dims;
      for (const json::Value &dim : *input.getAsObject()->getArray("shape"))
        dims.push_back(*dim.getAsInteger());
      options.shapes.push_back({tensor.str(), dims});
    }
    for (const json::Value &output : *item.getArray("outputs"))
      options.fetches.push_back(output.getAsObject()->getString("tensor")->str());
    ++total;
    passed += check(files[0] + "/" + item.getString("name")->str() + "/frozen_model.pb", options);
  }
  outs() << passed << " of " << total << " imported\n";
  return passed == total;
}

int main(int argc, char **argv) {
  InitLLVM init(argc, argv);
  cl::ParseCommandLineOptions(argc, argv, "checks that graphs can be imported\n");
  lathe::ImportOptions options;
  options.staticFeeds = !dynamic;
  options.feeds.assign(feeds.begin(), feeds.end());
  options.fetches.assign(fetches.begin(), fetches.end());
  for (StringRef shape : shapes) {
    auto [name, dims] = shape.rsplit(':');
    options.shapes.push_back({name.str(), dimensions(dims)});
  }
  if (!config.empty()) {
    auto buffer = MemoryBuffer::getFile(config);
    if (!buffer) {
      errs() << config << ": " << buffer.getError().message() << "\n";
      return 1;
    }
    options.config = (*buffer)->getBuffer().str();
  }
  if (!cases.empty())
    return checkCases(options) ? 0 : 1;
  bool passed = true;
  for (const std::string &file : files)
    passed &= check(file, options);
  return passed ? 0 : 1;
}
