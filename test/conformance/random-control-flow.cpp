// SPDX-License-Identifier: Apache-2.0
// Compares compiled code, bit by bit, with TensorFlow's executor (test/unit/raise) on random graphs of loops and
// branches. Only the sign of a zero is free: which of 0 and -0 is the larger is not said. With --count=1 the graph is
// printed. Every other graph keeps its Asserts, which must then end a run where one of them does not hold, and only
// there.
#include "compiler/Pipelines.h"
#include "ir/evaluate/Evaluate.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "test/conformance/Seeds.h"
#include "test/unit/raise/Interpret.h"
#include "test/unit/raise/RandomControlFlow.h"
#include "llvm/Support/FormatVariadic.h"

using namespace lathe;
using evaluate::Tensor;

namespace {
Tensor makeTensor(mlir::RankedTensorType type, const void *bytes) {
  Tensor tensor = Tensor::zeros(type);
  std::memcpy(tensor.mutableBytes().data(), bytes, tensor.bytes().size());
  return tensor;
}

/// Arguments of run number `run`: two vectors of floats and two integers.
std::vector<Tensor> makeArguments(mlir::MLIRContext &context, int run) {
  auto vector = mlir::RankedTensorType::get({2}, mlir::Float32Type::get(&context));
  auto scalar = mlir::RankedTensorType::get({}, mlir::IntegerType::get(&context, 32));
  float x[] = {0.5f + run, -3.25f}, y[] = {7.0f, 1.75f * run};
  int32_t m = run * 3 - 2, n = 4 - run * 2;
  return {makeTensor(vector, x), makeTensor(vector, y), makeTensor(scalar, &m), makeTensor(scalar, &n)};
}

/// Whether the bits are equal, signs of zeros aside.
bool agree(const Tensor &x, const Tensor &y) {
  if (x.bytes() == y.bytes() || !x.getElementType().isF32())
    return x.bytes() == y.bytes();
  return llvm::equal(x.values<float>(), y.values<float>(),
                     [](float a, float b) { return a == b || std::memcmp(&a, &b, sizeof a) == 0; });
}

std::string text(const Tensor &tensor) {
  std::string result;
  llvm::raw_string_ostream(result) << tensor.toAttribute();
  return result;
}

std::string check(unsigned seed, const SeedOptions &options) {
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  loadDialects(context);
  mlir::OwningOpRef<mlir::ModuleOp> module = test::makeRandomControlFlow(context, seed, 20 + seed * 37 % 280);
  if (options.count == 1)
    llvm::outs() << *module << "\n";
  mlir::OwningOpRef<mlir::ModuleOp> compiled = module->clone();
  CompileOptions compileOptions;
  compileOptions.stopAfter = "legalize";
  compileOptions.keepChecks = seed % 2;
  ProblemList problems;
  {
    ProblemCollector collector(&context, problems);
    if (failed(runStages(*compiled, compileOptions)) || !problems.empty())
      return textOf(problems, "graph");
  }
  auto function = compiled->lookupSymbol<mlir::func::FuncOp>("main");
  std::vector<std::vector<Tensor>> expected; // empty for a run that fails
  for (int run = 0; run < 3; ++run) {
    std::vector<Tensor> arguments = makeArguments(context, run);
    test::Flows flows;
    for (const Tensor &argument : arguments)
      flows.push_back({argument, {}, {}});
    test::Outcome outcome = test::runDeadTensors(module->lookupSymbol<gdef::GraphOp>("main"), flows);
    if (!outcome.error.empty())
      return outcome.error;
    mlir::ScopedDiagnosticHandler quiet(&context, [](mlir::Diagnostic &) { return mlir::success(); });
    auto interpreted = evaluate::evaluateBlock(function.front(), arguments);
    bool fails = outcome.refused && compileOptions.keepChecks;
    if (failed(interpreted) != fails)
      return llvm::formatv("run {0}: the interpreter {1}", run, fails ? "did not fail" : "failed");
    if (fails) {
      expected.emplace_back();
      continue;
    }
    for (auto [i, flow] : llvm::enumerate(outcome.results))
      if (!agree(flow.tensor, (*interpreted)[i]))
        return llvm::formatv("run {0}: result {1} differs after legalising: {2} for {3}", run, i,
                             text((*interpreted)[i]), text(flow.tensor));
    expected.emplace_back();
    for (const test::Flow &flow : outcome.results)
      expected.back().push_back(flow.tensor);
  }
  std::string error;
  std::optional<LoadedFunctions> functions = loadFunctions(*compiled, options.threads, error);
  if (!functions)
    return error;
  tool::LoadedModel &loaded = *functions->loaded;
  for (int run = 0; run < 3; ++run) {
    for (auto [i, argument] : llvm::enumerate(makeArguments(context, run)))
      llvm::copy(argument.bytes(), loaded.argument(i).begin());
    llvm::Error error = loaded.run();
    if (error && !expected[run].empty())
      return llvm::toString(std::move(error));
    if (!error && expected[run].empty())
      return llvm::formatv("run {0} did not fail", run);
    llvm::consumeError(std::move(error));
    for (auto [i, result] : llvm::enumerate(expected[run]))
      if (Tensor found = makeTensor(result.getType(), loaded.result(i).data()); !agree(found, result))
        return llvm::formatv("run {0}: result {1} differs: {2} for {3}", run, i, text(found), text(result));
  }
  return "";
}
} // namespace

int main(int argc, char **argv) {
  return runSeeds(argc, argv, check);
}
