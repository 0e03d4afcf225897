// SPDX-License-Identifier: Apache-2.0
// Programs on variables do what they say, whatever the order of their nodes: as functions of values, by the
// interpreter, and compiled, in a store.
#include "compiler/Compile.h"
#include "compiler/Pipelines.h"
#include "ir/evaluate/Evaluate.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "passes/Lifetimes.h"
#include "passes/Passes.h"
#include "test/unit/state/RandomPrograms.h"
#include "tools/lathe/Execute.h"

#include <gtest/gtest.h>
#include <iostream>

using namespace mlir;
using namespace lathe;
using namespace lathe::test;

namespace {

constexpr uint64_t interpreted = 1000, compiled = 25;
constexpr int runs = 5;

OwningOpRef<ModuleOp> legalized(MLIRContext &context, const std::string &text) {
  loadDialects(context);
  auto module = parseSourceString<ModuleOp>(text, &context);
  if (!module)
    return module;
  PassManager pipeline(&context);
  pipeline.addPass(createThreadVariablesPass({{"all"}})); // some are only read
  pipeline.addPass(createFreezeVariablesPass());
  pipeline.addPass(createLegalizeGraphPass());
  return succeeded(pipeline.run(*module)) ? std::move(module) : OwningOpRef<ModuleOp>();
}

std::array<Pair, argumentCount> argumentsOf(uint64_t seed, int run) {
  const auto s = static_cast<int32_t>(seed % 97);
  return {Pair{s - 40 - 13 * run, 2 * run + 3}, Pair{run * 29 - s, 100 + s}};
}

std::array<Pair, variableCount> initialValues() {
  return {Pair{1, 2}, Pair{30, 40}, Pair{500, 600}, Pair{7, 80}};
}

/// Which variable `name` is.
int variableOf(StringRef name) {
  return name.back() - '0';
}

evaluate::Tensor tensorOf(MLIRContext &context, const Pair &pair) {
  auto tensor = evaluate::Tensor::zeros(RankedTensorType::get({2}, IntegerType::get(&context, 32)));
  llvm::copy(pair, tensor.mutableValues<int32_t>().begin());
  return tensor;
}

Pair pairOf(const evaluate::Tensor &tensor) {
  return {tensor.values<int32_t>()[0], tensor.values<int32_t>()[1]};
}

void interpret(uint64_t seed) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  const Program program = makeProgram(seed);
  MLIRContext context(MLIRContext::Threading::DISABLED);
  OwningOpRef<ModuleOp> module = legalized(context, textOf(program, seed));
  ASSERT_TRUE(module) << textOf(program, seed);
  std::array<Pair, variableCount> expectedState = initialValues(), state = initialValues();
  for (int run = 0; run < runs; ++run) {
    const int entry = static_cast<int>(seed / 2 + run) % entryCount;
    auto function = module->lookupSymbol<func::FuncOp>("e" + std::to_string(entry));
    std::vector<evaluate::Tensor> arguments;
    for (const Pair &argument : argumentsOf(seed, run))
      arguments.push_back(tensorOf(context, argument));
    std::vector<int> variables;
    for (unsigned i = argumentCount; i < function.getNumArguments(); ++i) {
      variables.push_back(variableOf(function.getArgAttrOfType<FlatSymbolRefAttr>(i, variableAttribute).getValue()));
      arguments.push_back(tensorOf(context, state[variables.back()]));
    }
    auto results = evaluate::evaluateBlock(function.getBody().front(), arguments);
    ASSERT_TRUE(succeeded(results));
    const std::vector<Pair> expected = runPlainly(program, entry, argumentsOf(seed, run), expectedState);
    ASSERT_EQ(results->size(), expected.size() + variables.size());
    for (size_t i = 0; i < expected.size(); ++i)
      ASSERT_EQ(pairOf((*results)[i]), expected[i]) << "run " << run << " result " << i << "\n"
                                                    << textOf(program, seed);
    for (size_t i = 0; i < variables.size(); ++i)
      state[variables[i]] = pairOf((*results)[expected.size() + i]);
    ASSERT_EQ(state, expectedState) << "run " << run << "\n" << textOf(program, seed);
  }
}

void compileAndRun(uint64_t seed) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  const Program program = makeProgram(seed);
  MLIRContext context(MLIRContext::Threading::DISABLED);
  OwningOpRef<ModuleOp> module = legalized(context, textOf(program, seed));
  ASSERT_TRUE(module);
  ProblemList problems;
  std::optional<CompiledModel> model = compileFunctions(*module, "program.mlir", {}, problems);
  ASSERT_TRUE(model);
  auto loaded = tool::LoadedModel::load(*model, 1);
  ASSERT_TRUE(static_cast<bool>(loaded)) << llvm::toString(loaded.takeError());
  std::array<Pair, variableCount> state = initialValues();
  const int64_t shape[] = {2};
  lathe_store_t &store = (*loaded)->getStore();
  for (const VariableInterface &variable : model->interface.variables) {
    Pair &value = state[variableOf(variable.tensor.name)];
    const lathe_tensor_t tensor{value.data(), 1, 0, 1, {0, 32, 1}, shape, nullptr, 0};
    ASSERT_TRUE(lathe_ok(lathe_store_write(&store, variable.tensor.name.c_str(), &tensor)));
  }
  for (int run = 0; run < runs; ++run) {
    const int entry = static_cast<int>(seed / 2 + run) % entryCount;
    ASSERT_FALSE(static_cast<bool>((*loaded)->select(entry)));
    for (auto [i, argument] : llvm::enumerate(argumentsOf(seed, run)))
      std::memcpy((*loaded)->argument(i).data(), argument.data(), sizeof argument);
    ASSERT_FALSE(static_cast<bool>((*loaded)->run()));
    const std::vector<Pair> expected = runPlainly(program, entry, argumentsOf(seed, run), state);
    for (auto [i, value] : llvm::enumerate(expected))
      ASSERT_EQ(std::memcmp((*loaded)->result(i).data(), value.data(), sizeof value), 0)
          << "run " << run << " result " << i;
    for (const VariableInterface &variable : model->interface.variables) {
      lathe_tensor_t view;
      ASSERT_TRUE(lathe_ok(lathe_store_view(&store, variable.tensor.name.c_str(), &view)));
      ASSERT_EQ(std::memcmp(view.data, state[variableOf(variable.tensor.name)].data(), sizeof(Pair)), 0)
          << "run " << run << " variable " << variable.tensor.name;
    }
  }
}

uint64_t firstSeed = 1, lastSeed = 0;

TEST(State, FollowsTheOrderOfTheGraph) {
  for (uint64_t seed = firstSeed; seed <= (lastSeed ? lastSeed : interpreted) && !HasFatalFailure(); ++seed)
    interpret(seed);
}

TEST(State, IsKeptInTheStore) {
  for (uint64_t seed = firstSeed; seed <= (lastSeed ? lastSeed : compiled) && !HasFatalFailure(); ++seed)
    compileAndRun(seed);
}

} // namespace

int main(int argc, char **argv) {
  testing::InitGoogleTest(&argc, argv);
  if (argc == 3) {
    firstSeed = std::stoull(argv[1]);
    lastSeed = std::stoull(argv[2]);
  }
  return RUN_ALL_TESTS();
}
