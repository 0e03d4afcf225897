// SPDX-License-Identifier: Apache-2.0
// Random graphs are valid, are evaluated to what they promise, and reach every op and element type.
#include "test/unit/RandomGraph.h"
#include "ir/core/Ops.h"
#include "ir/evaluate/Evaluate.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/Verifier.h"
#include <gtest/gtest.h>
#include <set>

using namespace mlir;
using namespace lathe;

namespace {
constexpr unsigned graphs = 300;

class RandomGraphTest : public ::testing::Test {
protected:
  RandomGraphTest() { context.loadDialect<core::CoreDialect, func::FuncDialect>(); }
  static std::string text(const RandomGraph &graph) {
    std::string result;
    llvm::raw_string_ostream(result) << **graph.module;
    return result;
  }
  MLIRContext context{MLIRContext::Threading::DISABLED};
};

TEST_F(RandomGraphTest, AreValidAndGiveTheirResults) {
  for (unsigned seed = 0; seed < graphs; ++seed) {
    RandomGraph graph = makeRandomGraph(context, seed);
    SCOPED_TRACE("seed " + std::to_string(seed) + "\n" + text(graph));
    ASSERT_TRUE(succeeded(verify(*graph.module)));
    auto main = graph.module->lookupSymbol<func::FuncOp>("main");
    auto results = evaluate::evaluateBlock(main.getBody().front(), graph.arguments);
    ASSERT_TRUE(succeeded(results));
    ASSERT_FALSE(results->empty());
    ASSERT_EQ(results->size(), graph.results.size());
    ASSERT_EQ(graph.tolerances.size(), graph.results.size());
    for (auto [found, expected] : llvm::zip_equal(*results, graph.results)) {
      ASSERT_EQ(found.getType(), expected.getType());
      ASSERT_EQ(found.bytes(), expected.bytes());
    }
  }
}

TEST_F(RandomGraphTest, BelongToTheirSeed) {
  for (unsigned seed : {3, 77}) {
    EXPECT_EQ(text(makeRandomGraph(context, seed)), text(makeRandomGraph(context, seed)));
    EXPECT_NE(text(makeRandomGraph(context, seed)), text(makeRandomGraph(context, seed + 1)));
  }
}

TEST_F(RandomGraphTest, ReachAllOpsAndTypes) {
  std::set<std::string> ops, elements;
  std::set<int64_t> sizes, ranks;
  size_t longest = 0, count = 0, exact = 0, rounded = 0;
  for (unsigned seed = 0; seed < graphs; ++seed) {
    RandomGraph graph = makeRandomGraph(context, seed);
    Block &body = graph.module->lookupSymbol<func::FuncOp>("main").getBody().front();
    size_t length = std::distance(body.begin(), body.end());
    longest = std::max(longest, length);
    count += length;
    for (double tolerance : graph.tolerances)
      ++(tolerance == 0 ? exact : rounded);
    for (Operation &op : body.without_terminator()) {
      ops.insert(op.getName().getStringRef().str());
      for (Type type : op.getResultTypes()) {
        auto tensor = cast<RankedTensorType>(type);
        std::string element;
        llvm::raw_string_ostream(element) << tensor.getElementType();
        elements.insert(element);
        ranks.insert(tensor.getRank());
        sizes.insert(tensor.getShape().begin(), tensor.getShape().end());
      }
    }
  }
  // Branches and loops come from the generator of control flow in test/unit/raise; a check makes no value.
  ops.insert({"core.check", "core.if", "core.while", "core.yield"});
  for (RegisteredOperationName op : context.getRegisteredOperationsByDialect("core"))
    EXPECT_TRUE(ops.count(op.getStringRef().str())) << op.getStringRef().str();
  EXPECT_EQ(elements.size(), 15u);
  EXPECT_TRUE(sizes.count(0) && sizes.count(1) && sizes.count(5));
  EXPECT_TRUE(ranks.count(0) && ranks.count(5));
  EXPECT_LE(longest, 41u);
  EXPECT_GE(count, 10 * graphs);
  EXPECT_GE(exact, graphs);
  EXPECT_GE(rounded, graphs);
}
} // namespace
