// SPDX-License-Identifier: Apache-2.0
// Damaged files: 10,000 mutations of five graphs, the same in every run. Each is imported or refused; none crashes.
#include "test/unit/import/Graphs.h"
#include <gtest/gtest.h>
#include <random>
#include <sys/resource.h>

using namespace lathe;
using namespace lathe::test;

static std::vector<std::string> seeds() {
  std::string x = placeholder("x", {2, 3});
  std::string loop = node("enter", "Enter", {"x"}, {"T=type: DT_FLOAT", "frame_name=s: 'f'"}) +
                     node("merge", "Merge", {"enter", "next"}, {"T=type: DT_FLOAT", "N=i: 2"}) +
                     op("next", "NextIteration", {"body"}) + op("body", "Neg", {"merge"}) + op("y", "Exit", {"merge"});
  std::string constants =
      constant("a", "DT_FLOAT", "tensor_shape { dim { size: 2 } dim { size: 3 } } float_val: [1, 2, 3]") +
      constant("b", "DT_INT64", "tensor_shape { dim { size: 2 } } tensor_content: '" + std::string(16, 'q') + "'") +
      constant("c", "DT_STRING", "tensor_shape { dim { size: 5 } } string_val: ['s', 'tt']") +
      node("r", "Reshape", {"a", "b"}, {"T=type: DT_FLOAT", "Tshape=type: DT_INT64"}) +
      node("i", "Identity", {"c"}, {"T=type: DT_STRING"});
  std::string call =
      node("y", "PartitionedCall", {"x"},
           {"Tin=list { type: DT_FLOAT }", "Tout=list { type: DT_FLOAT }", "f=func { name: 'f' }"}) +
      "library { function { signature { name: 'f' input_arg { name: 'a' type: DT_FLOAT } output_arg { name: 'o' type: "
      "DT_FLOAT } } node_def { name: 'n' op: 'Neg' input: 'a' attr { key: 'T' value { type: DT_FLOAT } } } ret { key: "
      "'o' "
      "value: 'n:y:0' } } }";
  std::string text = x + op("y", "Neg", {"x"});
  return {binary(x + loop), binary(constants), binary(x + call), text,
          binary(x + node("s", "Split", {"k", "x"}, {"T=type: DT_FLOAT", "num_split=i: 3"}) +
                 constant("k", "DT_INT32", "int_val: 1") + op("y", "Add", {"s:1", "s:2", "^s"}))};
}

TEST(ImportFuzz, DamagedFiles) {
  std::vector<std::string> graphs = seeds();
  for (const std::string &graph : graphs) {
    Imported whole(graph);
    ASSERT_TRUE(whole.module) << whole.text();
  }
  std::mt19937 random(1);
  unsigned imported = 0;
  for (int round = 0; round < 10'000; ++round) {
    std::string bytes = graphs[round % graphs.size()];
    switch (random() % 4) {
    case 0:
      bytes.resize(random() % bytes.size());
      break;
    case 1: { // a piece twice
      size_t at = random() % bytes.size();
      bytes.insert(random() % bytes.size(), bytes.substr(at, random() % 64));
      break;
    }
    default:
      for (unsigned flips = 1 + random() % 3; flips != 0; --flips)
        bytes[random() % bytes.size()] ^= 1 << random() % 8;
    }
    Imported result(bytes);
    ASSERT_EQ(static_cast<bool>(result.module), result.problems.empty()) << "round " << round;
    ASSERT_FALSE(result.problems.hasInternalError()) << "round " << round << result.text();
    imported += static_cast<bool>(result.module);
  }
  // Neither all nor none: the mutations do damage, and not beyond recognition.
  EXPECT_GT(imported, 100u);
  EXPECT_LT(imported, 9000u);
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  EXPECT_LT(usage.ru_maxrss, 1 << 20); // KiB: 1 GiB
}
