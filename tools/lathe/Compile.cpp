// SPDX-License-Identifier: Apache-2.0
// lathe compile, check, inspect, explain, targets: everything that does not run the model.
#include "backends/Backend.h"
#include "compiler/saved/Describe.h"
#include "passes/legalize/Table.h"
#include "tools/lathe/Commands.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Process.h"
#include "llvm/Support/raw_ostream.h"

using namespace lathe;
using namespace lathe::tool;

namespace {
std::string withCommas(uint64_t value) {
  std::string digits = std::to_string(value);
  for (size_t i = digits.size(); i > 3; i -= 3)
    digits.insert(i - 3, ",");
  return digits;
}

std::string byteText(uint64_t bytes) {
  if (bytes < 10'000)
    return withCommas(bytes) + " bytes";
  if (bytes < 1'000'000)
    return llvm::formatv("{0} KB", (bytes + 500) / 1000);
  return llvm::formatv("{0:f1} MB", bytes / 1e6);
}

/// Writes `content` to `path` by way of a file beside it, so that nobody sees half of it.
bool writeFile(const std::string &path, llvm::function_ref<void(llvm::raw_ostream &)> content) {
  std::string temporary = path + ".tmp";
  std::error_code error;
  {
    llvm::raw_fd_ostream out(temporary, error);
    if (!error) {
      content(out);
      out.close();
      error = out.error();
      out.clear_error();
    }
  }
  if (!error)
    error = llvm::sys::fs::rename(temporary, path);
  if (error) {
    llvm::errs() << "lathe: cannot write " << path << ": " << error.message() << "\n";
    llvm::sys::fs::remove(temporary);
  }
  return !error;
}

/// "1,053 (Const 527, FusedBatchNormV3 52, ...)", the most frequent ones.
std::string nodesText(const CompileReport &report) {
  constexpr size_t shown = 5;
  std::vector<std::string> parts;
  for (auto &[op, count] : llvm::ArrayRef(report.ops).take_front(shown))
    parts.push_back(op + " " + withCommas(count));
  if (report.ops.size() > shown)
    parts.push_back("...");
  return withCommas(report.nodes) + (parts.empty() ? "" : " (" + llvm::join(parts, ", ") + ")");
}

void printTensors(llvm::StringRef title, const std::vector<TensorInterface> &tensors) {
  for (const TensorInterface &tensor : tensors) {
    llvm::outs() << llvm::formatv("{0,-10}{1,-24}{2}\n", title, tensor.name, describeType(tensor));
    title = "";
  }
}
std::string graphPath(const Arguments &arguments) {
  return arguments.has("graph") ? arguments.get("graph") : arguments.positional.empty() ? "" : arguments.positional.front();
}

/// Says what is in a SavedModel or checkpoint, of which the rest of the compilation takes one signature.
void describeInput(const Arguments &arguments, ImportOptions options) {
  ProblemList problems; // compiling reports them
  if (std::optional<ModelFile> file = openModel(graphPath(arguments), options, problems))
    describeModel(*file, options, llvm::outs());
  llvm::outs().flush();
}
} // namespace

std::optional<CompiledModel> tool::compile(const Arguments &arguments, CompileOptions options, int &status, CompileReport *report) {
  std::string path = graphPath(arguments);
  if (path.empty()) {
    llvm::errs() << "lathe: which graph? name a file; see lathe help\n";
    status = 1;
    return std::nullopt;
  }
  ProblemList problems;
  std::optional<CompiledModel> model;
  std::optional<ModelFile> file = openModel(path, options.import, problems);
  if (file)
    model = compileGraph(file->ref(), options, problems, report);
  llvm::StringRef shownName = llvm::sys::path::filename(llvm::StringRef(path).rtrim('/'));
  status = problems.empty() ? 0 : problems.hasInternalError() ? 2 : 1;
  if (arguments.has("json") && (!problems.empty() || !options.stopAfter.empty()))
    problems.printJSON(llvm::outs(), shownName);
  else if (!problems.empty())
    problems.print(llvm::errs(), shownName);
  if (status == 0)
    return model;
  return std::nullopt;
}

int tool::compileCommand(const Arguments &arguments) {
  std::optional<CompileOptions> options = compileOptions(arguments);
  if (!options)
    return 1;
  std::string output = arguments.get("output", "model.o");
  llvm::SmallString<128> header(output);
  llvm::sys::path::replace_extension(header, "h");
  std::string headerPath = arguments.get("header", header.str().str());
  if (options->name.empty())
    options->name = llvm::sys::path::stem(output).str();
  int status;
  std::optional<CompiledModel> model = compile(arguments, *options, status);
  if (!model)
    return status;
  if (!writeFile(output, [&](llvm::raw_ostream &out) { model->object.write(out); }) ||
      !writeFile(headerPath, [&](llvm::raw_ostream &out) { out << model->header; }))
    return 1;
  if (arguments.has("quiet"))
    return 0;
  const CompileReport &report = model->report;
  if (llvm::sys::Process::StandardErrIsDisplayed())
    llvm::errs() << llvm::formatv("  import {0:f2} s   optimize {1:f2} s   kernels {2} of {3} distinct, {4:f1} s   weights {5} packed\n",
                                  report.importSeconds, report.optimizeSeconds, report.kernels, report.launches, report.kernelSeconds,
                                  byteText(model->weights.bytes));
  bool isHost = !arguments.has("target-cpu") || arguments.get("target-cpu") == "host";
  const std::vector<EntryInterface> &entries = model->interface.entries;
  std::string shape = llvm::formatv("arena {0} bytes", withCommas(entries.front().arenaBytes));
  if (entries.size() > 1)
    shape = llvm::formatv("{0} entries over one set of weights ({1})", entries.size(), byteText(model->weights.bytes));
  llvm::outs() << llvm::formatv("wrote {0} ({1}), {2}      {3}   for {4}{5}\n", output, byteText(model->object.size()), headerPath, shape,
                                model->interface.targetCpu, isHost ? " (this machine; --target-cpu= for others)" : "");
  return 0;
}

int tool::checkCommand(const Arguments &arguments) {
  std::optional<CompileOptions> options = compileOptions(arguments);
  if (!options)
    return 1;
  options->stopAfter = "plan";
  int status;
  CompileReport report;
  compile(arguments, *options, status, &report);
  if (status == 0 && !arguments.has("json") && !arguments.has("quiet"))
    llvm::outs() << "no problems: this graph compiles\nnodes     " << nodesText(report) << "\n";
  return status;
}

int tool::inspectCommand(const Arguments &arguments) {
  std::optional<CompileOptions> options = compileOptions(arguments);
  if (!options)
    return 1;
  describeInput(arguments, options->import);
  int status = 1;
  std::optional<CompiledModel> model = compile(arguments, *options, status);
  if (!model)
    return status;
  uint64_t arena = 0;
  for (const EntryInterface &entry : model->interface.entries) {
    if (model->interface.entries.size() > 1)
      llvm::outs() << llvm::formatv("entry     {0}\n", entry.name);
    printTensors("inputs", entry.arguments);
    printTensors("outputs", entry.results);
    arena = std::max(arena, entry.arenaBytes);
  }
  std::vector<TensorInterface> variables;
  for (const VariableInterface &variable : model->interface.variables)
    variables.push_back(variable.tensor);
  printTensors("variables", variables);
  llvm::outs() << llvm::formatv("nodes     {0}\nweights   {1} values, {2}\nwork      {3} GFLOP\narena     {4}\n"
                                "kernels   {5} distinct, {6} launches\n",
                                nodesText(model->report), withCommas(model->report.weightValues), byteText(model->weights.bytes),
                                llvm::format("%.3g", model->report.flops * 1e-9), byteText(arena), model->report.kernels,
                                model->report.launches);
  if (!arguments.has("plan"))
    return 0;
  double total = 0;
  for (const auto &launch : model->report.plan)
    total += launch.seconds;
  llvm::outs() << llvm::formatv("{0,4}  {1,-24}{2,-20}{3,9}{4,7}  {5}\n", "#", "kernel", "choice", "ms", "%", "node");
  for (auto [i, launch] : llvm::enumerate(model->report.plan))
    llvm::outs() << llvm::formatv("{0,4}  {1,-24}{2,-20}{3,9:f3}{4,7:f1}  {5}\n", i + 1, launch.kernel, launch.choice, launch.seconds * 1e3,
                                  100 * launch.seconds / std::max(total, 1e-12), launch.nodes);
  return 0;
}

int tool::explainCommand(const Arguments &arguments) {
  for (const std::string &name : arguments.positional) {
    std::optional<Code> code = parseCode(name);
    if (!code) {
      llvm::errs() << "lathe: no problem has the code '" << name << "'\n";
      return 1;
    }
    const CodeInfo &info = codeInfo(*code);
    llvm::outs() << codeName(*code) << ": " << info.title << "\n\n" << info.explanation << "\nWhat to do: " << info.remedy << ".\n";
  }
  if (arguments.positional.empty())
    for (const CodeInfo &info : allCodes())
      llvm::outs() << codeName(info.code) << "  " << info.title << "\n";
  return 0;
}

int tool::targetsCommand(const Arguments &) {
  llvm::outs() << llvm::join(backendTargets(), "\n") << "\n";
  return 0;
}

int tool::opsCommand(const Arguments &) {
  std::string current;
  llvm::outs() << "| family | TensorFlow operations |\n|---|---|";
  legalize::forEachSupportedOp([&](llvm::StringRef family, llvm::StringRef op) {
    if (current != family)
      llvm::outs() << "\n| " << family << " | ";
    else
      llvm::outs() << ", ";
    llvm::outs() << op;
    current = family.str();
  });
  llvm::outs() << "\n";
  return 0;
}
