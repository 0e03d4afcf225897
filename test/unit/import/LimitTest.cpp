// SPDX-License-Identifier: Apache-2.0
// No file makes the importer crash, recurse without bound, or take memory and time out of proportion.
#include "test/unit/import/Graphs.h"
#include <ctime>
#include <gtest/gtest.h>
#include <sys/resource.h>

using namespace lathe;
using namespace lathe::test;

/// Peak resident bytes of the process so far.
static uint64_t peakBytes() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<uint64_t>(usage.ru_maxrss) * 1024;
}

/// Expects a refusal with `code` first, within a second and a GiB.
static void expectRefused(const std::string &bytes, Code code, const ImportOptions &options = {}) {
  std::clock_t start = std::clock(); // of the processor: other work on the machine must not fail the test
  Imported result(bytes, options);
  double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  EXPECT_FALSE(result.module);
  ASSERT_FALSE(result.problems.empty());
  EXPECT_EQ(result.problems.problems()[0].code, code) << result.text().substr(0, 1000);
  EXPECT_LT(seconds, 1.0);
  EXPECT_LT(peakBytes(), uint64_t{1} << 30);
}

static std::string varint(uint64_t value) {
  std::string bytes;
  for (; value >= 0x80; value >>= 7)
    bytes += static_cast<char>(value | 0x80);
  return bytes + static_cast<char>(value);
}

/// A field of a message in wire form.
static std::string field(unsigned number, const std::string &content) {
  return varint(number << 3 | 2) + varint(content.size()) + content;
}

static std::string repeat(const std::string &text, size_t count) {
  std::string result;
  result.reserve(text.size() * count);
  for (size_t i = 0; i < count; ++i)
    result += text;
  return result;
}

/// A graph of one node `n` with attribute `a`.
static std::string withAttribute(const std::string &value) {
  return field(1, field(1, "n") + field(2, "Neg") + field(5, field(1, "a") + field(2, value)));
}

TEST(ImportLimit, EmptyMessages) {
  expectRefused(repeat(field(1, ""), 10'000'000), Code::LimitExceeded);                           // nodes
  expectRefused(withAttribute(field(1, repeat(field(8, ""), 8'000'000))), Code::LimitExceeded);   // tensors
  expectRefused(withAttribute(field(7, repeat(field(2, ""), 14'000'000))), Code::LimitExceeded);  // dimensions
  expectRefused(field(1, field(1, "n") + repeat(field(3, ""), 16'000'000)), Code::LimitExceeded); // inputs
  expectRefused(field(2, repeat(field(1, ""), 4'000'000)), Code::LimitExceeded);                  // functions
}

TEST(ImportLimit, EmptyMessagesInText) {
  expectRefused(repeat("node{}", 5'000'000), Code::LimitExceeded);
  expectRefused("node { name: 'n' attr { key: 'a' value { list { shape { " + repeat("dim{}", 6'000'000) + "} } } } }",
                Code::LimitExceeded);
  expectRefused("node { input: [''" + repeat(",''", 30'000'000) + "] }", Code::LimitExceeded);
}

TEST(ImportLimit, EmptyMessagesInSavedModels) {
  ImportOptions options;
  options.form = ImportOptions::Form::savedModel;
  auto refuse = [&](const std::string &graph) { expectRefused(field(2, graph), Code::LimitExceeded, options); };
  expectRefused(repeat(field(2, ""), 4'000'000), Code::LimitExceeded, options); // graphs
  refuse(field(1, repeat(field(4, ""), 20'000'000)));                           // tags
  refuse(field(1, field(2, repeat(field(1, ""), 8'000'000))));                  // definitions of operations
  refuse(field(2, repeat(field(1, ""), 10'000'000)));                           // nodes
  refuse(field(4, field(1, "k") + field(2, field(3, field(1, std::string(120'000'000, 1)))))); // numbers of a collection
  refuse(repeat(field(4, ""), 8'000'000));
  refuse(repeat(field(5, ""), 8'000'000)); // signatures
  refuse(field(5, field(1, "k") + field(2, repeat(field(1, ""), 8'000'000))));
  refuse(repeat(field(6, ""), 8'000'000)); // assets
  std::string info;
  for (int i = 0; i < 5000; ++i)
    info = field(5, field(2, info));
  refuse(field(6, field(1, info)));
}

TEST(ImportLimit, Depth) {
  // A function attribute inside a function attribute, and so on.
  std::string value;
  for (int i = 0; i < 5000; ++i)
    value = field(10, field(2, field(1, "a") + field(2, value)));
  expectRefused(withAttribute(value), Code::LimitExceeded);
  std::string text = "node { name: 'n' op: 'Neg' ";
  std::string close = "}";
  for (int i = 0; i < 5000; ++i) {
    text += i == 0 ? "attr { key: 'a' value { " : "func { attr { key: 'a' value { ";
    close += i == 0 ? "} }" : "} } }";
  }
  expectRefused(text + close, Code::TextSyntax);
}

TEST(ImportLimit, Counts) {
  ImportOptions options;
  std::string graph = placeholder("x", {2}) + op("y", "Neg", {"x"});
  options.limits.nodes = 1;
  expectRefused(graph, Code::LimitExceeded, options);
  expectRefused(binary(graph), Code::LimitExceeded, options);
  options = {};
  options.limits.bytes = 10;
  expectRefused(graph, Code::LimitExceeded, options);
  options = {};
  options.limits.textBytes = 10;
  expectRefused(graph, Code::LimitExceeded, options);
  options = {};
  options.limits.edges = 0;
  expectRefused(graph, Code::LimitExceeded, options);
  options = {};
  options.limits.nameBytes = 4;
  expectRefused(placeholder("x", {2}) + op("longer", "Neg", {"x"}), Code::LimitExceeded, options);
  options = {};
  options.limits.attributeBytes = 100;
  expectRefused(graph +
                    node("z", "Placeholder", {},
                         {"_note=s: '" + std::string(200, 'x') + "'", "dtype=type: DT_FLOAT",
                          "shape=shape { dim { size: 1 } }"}) +
                    node("w", "Identity", {"z"}, {"T=type: DT_FLOAT", "_note=s: '" + std::string(200, 'x') + "'"}),
                Code::LimitExceeded, options);
}

TEST(ImportLimit, OutputsThatAttributesAskFor) {
  std::string axis = constant("axis", "DT_INT32", "int_val: 0");
  expectRefused(placeholder("x", {2}) + axis +
                    node("y", "Split", {"axis", "x"}, {"T=type: DT_FLOAT", "num_split=i: 1099511627776"}) +
                    op("z", "Neg", {"y"}),
                Code::LimitExceeded);
  expectRefused(node("y", "AddN", {}, {"T=type: DT_FLOAT", "N=i: 9223372036854775807"}), Code::LimitExceeded);
}

TEST(ImportLimit, CallDepth) {
  std::string call =
      "attr { key: 'Tin' value { list {} } } attr { key: 'Tout' value { list {} } } attr { key: 'f' value "
      "{ func { name: 'f";
  std::string graph = "node { name: 'y' op: 'StatefulPartitionedCall' " + call + "0' } } } } library { ";
  for (int i = 0; i < 300; ++i) {
    std::string name = "f" + std::to_string(i);
    graph += "function { signature { name: '" + name + "' } ";
    if (i < 299)
      graph += "node_def { name: 'c' op: 'StatefulPartitionedCall' " + call + std::to_string(i + 1) + "' } } } } ";
    graph += "}";
  }
  ImportOptions options;
  options.fetches = {"^y"};
  expectRefused(graph + "}", Code::LimitExceeded, options);
}

/// A chain of nodes is not an excuse to recurse.
TEST(ImportLimit, LongChain) {
  std::string graph = placeholder("n0", {2});
  for (int i = 1; i <= 100'000; ++i)
    graph += op("n" + std::to_string(i), "Neg", {"n" + std::to_string(i - 1)});
  Imported result(binary(graph));
  EXPECT_TRUE(result.module) << result.text();
  EXPECT_TRUE(result.node("n100000"));
}

/// A thousand wrong names in a large graph: suggestions must not make it slow.
TEST(ImportLimit, ManyMissingInputs) {
  std::string graph, long_(200, 'x');
  ImportOptions options;
  for (int i = 0; i < 3000; ++i) {
    graph += op(long_ + std::to_string(i), "Neg", {long_ + "y" + std::to_string(i)});
    options.fetches.push_back(long_ + std::to_string(i));
  }
  expectRefused(binary(graph), Code::MissingInput, options);
}
