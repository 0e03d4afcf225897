// SPDX-License-Identifier: Apache-2.0
// Every problem that a graph can have at import is reported with its node, a reason and a remedy, all at once.
#include "test/unit/import/Graphs.h"
#include "llvm/Support/raw_ostream.h"
#include <gtest/gtest.h>

using namespace lathe;
using namespace lathe::test;

/// Expects exactly one problem.
static void expectProblem(llvm::StringRef graph, Code code, llvm::StringRef node, llvm::StringRef message,
                          const ImportOptions &options = {}) {
  Imported result(graph, options);
  EXPECT_FALSE(result.module);
  ASSERT_EQ(result.problems.size(), 1u) << result.text();
  const Problem &problem = result.problems.problems()[0];
  EXPECT_EQ(problem.code, code) << result.text();
  EXPECT_EQ(problem.node, node.str());
  EXPECT_EQ(problem.message, message.str());
  EXPECT_FALSE(problem.remedy.empty());
}

static ImportOptions fetch(std::vector<std::string> fetches) {
  ImportOptions options;
  options.fetches = std::move(fetches);
  return options;
}

static ImportOptions feed(std::vector<std::string> feeds, std::vector<std::string> fetches) {
  ImportOptions options = fetch(std::move(fetches));
  options.feeds = std::move(feeds);
  return options;
}

TEST(ImportProblem, AllAtOnceAsInTheManual) {
  std::string graph =
      node("Decode", "DecodeFoo", {}) + op("num_detections", "Neg", {"Decode"}) + op("other", "Neg", {"nothing"});
  Imported result(graph, fetch({"num_detection", "num_detections", "other"}));
  EXPECT_EQ(result.text(), "graph: cannot compile: 3 problems\n"
                           "  error LTH0101: fetch 'num_detection': no such node; did you mean 'num_detections'?\n"
                           "      use a name that `lathe inspect` lists\n"
                           "  error LTH0106: node 'other' (Neg): input 'nothing': no such node\n"
                           "      feed the missing value, or export the graph again with the node in it\n"
                           "  error LTH0107: node 'Decode' (DecodeFoo): operation not known\n"
                           "      feed its result instead: --feed Decode:0\n");
}

TEST(ImportProblem, JSON) {
  Imported result(op("y", "Neg", {"x\\\"y"}));
  std::string text;
  llvm::raw_string_ostream out(text);
  result.problems.printJSON(out, "m.pb");
  EXPECT_NE(text.find("\"code\": \"LTH0106\""), std::string::npos) << text;
  EXPECT_NE(text.find("\"node\": \"y\""), std::string::npos) << text;
  EXPECT_NE(text.find("input 'x\\\"y': no such node"), std::string::npos) << text;
}

TEST(ImportProblem, Names) {
  std::string graph = placeholder("input", {2}) + op("y", "Neg", {"input"});
  expectProblem(graph, Code::UnknownName, "", "feed 'inpt': no such node; did you mean 'input'?",
                feed({"inpt", "input"}, {"y"}));
  expectProblem(graph, Code::UnknownName, "", "feed 'input:0': given twice", feed({"input", "input:0"}, {"y"}));
  expectProblem(graph, Code::NoSuchOutput, "y", "fetch 'y:1': number of outputs is 1", fetch({"y:1"}));
  expectProblem(graph + placeholder("z", {2}) + op("w", "Neg", {"z"}), Code::NotFed, "z",
                "the placeholder is needed, but not fed", feed({"input"}, {"w"}));
  ImportOptions options;
  options.shapes = {{"imput", {2}}};
  expectProblem(graph, Code::UnknownName, "", "shape of 'imput': no such feed; did you mean 'input'?", options);
  expectProblem(graph + op("y", "Abs", {"input"}), Code::DuplicateNode, "y",
                "name is used twice, by nodes number 1 and 2");
}

TEST(ImportProblem, Structure) {
  std::string x = placeholder("x", {2});
  expectProblem(x + op("y", "Neg", {"x", "x"}), Code::InputCount, "y", "number of inputs must be 1, but got 2");
  expectProblem(x + op("a", "Abs", {"x"}) + op("y", "Neg", {"a:1"}), Code::NoSuchOutput, "y",
                "input 'a:1': number of outputs of 'a' is 1");
}

TEST(ImportProblem, Cycle) {
  std::string graph = placeholder("x", {2}) + op("a", "Add", {"x", "c"}) + op("b", "Neg", {"a"}) +
                      op("c", "Neg", {"b"}) + op("y", "Neg", {"a"});
  Imported result(graph);
  ASSERT_EQ(result.problems.size(), 1u) << result.text();
  EXPECT_EQ(result.problems.problems()[0].code, Code::Cycle);
  for (const char *name : {"'a'", "'b'", "'c'"})
    EXPECT_NE(result.problems.problems()[0].message.find(name), std::string::npos) << result.text();
}

TEST(ImportProblem, Attributes) {
  std::string x = placeholder("x", {2});
  expectProblem(x + node("y", "Neg", {"x"}), Code::BadAttribute, "y", "attribute 'T' (type) is missing");
  expectProblem(x + node("y", "Neg", {"x"}, {"T=i: 1"}), Code::BadAttribute, "y",
                "attribute 'T' must be type, but got int");
  expectProblem(x + node("y", "Neg", {"x"}, {"T=type: DT_FLOAT", "U=i: 1"}), Code::BadAttribute, "y",
                "attribute 'U' is not one that the operation has");
  expectProblem(x + node("y", "LeakyRelu", {"x"}, {"T=type: DT_INT32"}), Code::BadAttribute, "y",
                "attribute 'T' must be one of float16, bfloat16, float32, float64, but got int32");
  expectProblem(x + node("y", "AddN", {}, {"T=type: DT_FLOAT", "N=i: 0"}), Code::BadAttribute, "y",
                "attribute 'N' must be at least 1, but got 0");
  expectProblem(
      x + node("y", "MaxPool", {"x"},
               {"T=type: DT_FLOAT", "padding=s: 'SAME'", "ksize=list { i: 1 }", "strides=list { i: [1,2,2,1] }"}),
      Code::BadAttribute, "y", "attribute 'ksize' must have at least 4 items, but got 1");
  expectProblem(x + node("y", "Squeeze", {"x"}, {"T=type: DT_FLOAT", "squeeze_dims=list { i: 1 s: 'a' }"}),
                Code::BadAttribute, "y", "attribute 'squeeze_dims' must be list(int), but got list(string and int)");
}

TEST(ImportProblem, Types) {
  expectProblem(placeholder("x", {2}) + node("y", "Neg", {"x"}, {"T=type: DT_INT32"}), Code::TypeMismatch, "y",
                "input 0 must be int32, but 'x' is float32");
  expectProblem(node("y", "Empty", {"s"}, {"dtype=type: DT_INT4"}) +
                    constant("s", "DT_INT32", "tensor_shape { dim { size: 1 } }"),
                Code::UnsupportedType, "y", "element type int4 is not supported");
}

TEST(ImportProblem, Constants) {
  auto bad = [](llvm::StringRef dtype, llvm::StringRef tensor, Code code, llvm::StringRef message) {
    expectProblem(constant("c", dtype, tensor) + node("y", "Identity", {"c"}, {("T=type: " + dtype).str()}), code, "c",
                  message);
  };
  std::string shape23 = "tensor_shape { dim { size: 2 } dim { size: 3 } } ";
  bad("DT_FLOAT", shape23 + "tensor_content: 'abcd'", Code::BadConstant,
      "attribute 'value': tensor_content must have 24 bytes for float32[2,3], but got 4");
  bad("DT_INT32", "tensor_shape { dim { size: 2 } } int_val: [1, 2, 3]", Code::BadConstant,
      "attribute 'value': number of values must be at most 2 for int32[2], but got 3");
  bad("DT_BOOL", "tensor_shape { dim { size: 1 } } tensor_content: '\\002'", Code::BadConstant,
      "attribute 'value': values of a bool constant must be 0 or 1");
  bad("DT_FLOAT", "tensor_shape { unknown_rank: true }", Code::BadConstant,
      "attribute 'value': the shape of a constant must be known, but got no rank");
  bad("DT_FLOAT", "tensor_shape { dim { size: -2 } }", Code::BadShape,
      "attribute 'value': dimension must be at least -1, but got -2");
  bad("DT_FLOAT", "tensor_shape { dim { size: 0x7fffffffffffffff } dim { size: 4 } }", Code::BadShape,
      "attribute 'value': number of elements must be at most 281474976710655, but the shape is "
      "[9223372036854775807,4]");
  bad("DT_FLOAT", "tensor_shape { dim { size: 0 } dim { size: 0x1000000000 } dim { size: 0x1000000000 } }",
      Code::BadShape,
      "attribute 'value': number of elements must be at most 281474976710655, but the shape is "
      "[0,68719476736,68719476736] (leaving 0 aside)");
  // Two values cannot be a splat: they would have to be expanded.
  bad("DT_FLOAT", "tensor_shape { dim { size: 0x10000000000 } } float_val: [1, 2]", Code::LimitExceeded,
      "attribute 'value': memory for expanded constants must be at most 268435456 bytes, but the shape is "
      "[1099511627776]");
  expectProblem(node("c", "Const", {}, {"dtype=type: DT_INT32", "value=tensor { dtype: DT_FLOAT float_val: 1 }"}) +
                    node("y", "Identity", {"c"}, {"T=type: DT_INT32"}),
                Code::BadConstant, "c", "attribute 'value' must be int32, but got float32");
}

TEST(ImportProblem, FeedShapes) {
  Imported result(placeholder("x", {-1, 3, -1}) + op("y", "Neg", {"x"}));
  ASSERT_EQ(result.problems.size(), 1u) << result.text();
  EXPECT_EQ(result.problems.problems()[0].code, Code::UnknownFeedShape);
  EXPECT_EQ(result.problems.problems()[0].message, "shape of the feed is only known as [?,3,?]");
  EXPECT_EQ(result.problems.problems()[0].remedy, "give the shape: --shape x:Nx3x1");
  // The first dimension may be that of a batch.
  std::string graph = placeholder("x", {-1, 3}) + op("y", "Neg", {"x"});
  EXPECT_TRUE(Imported(graph).problems.empty());
  ImportOptions options;
  options.shapes = {{"x", {5, 4}}};
  expectProblem(graph, Code::BadShape, "x", "shape given must fit the graph's [?,3], but got [5,4]", options);
  options.shapes = {{"x", {-7, 3}}};
  Imported negative(graph, options);
  EXPECT_EQ(negative.problems.problems()[0].code, Code::BadShape) << negative.text();
}

TEST(ImportProblem, Files) {
  expectProblem("", Code::UnreadableGraph, "", "the file is empty");
  expectProblem("node {\n  nam: 'x'\n}", Code::TextSyntax, "",
                "line 2, column 6: message NodeDef has no field named \"nam\"");
  std::string bytes = binary(placeholder("x", {2}) + op("y", "Neg", {"x"}));
  bytes.resize(bytes.size() - 3);
  Imported cut(bytes);
  EXPECT_EQ(cut.problems.problems()[0].code, Code::UnreadableGraph) << cut.text();
  expectProblem(
      constant("c", "DT_INT32", "int_val: 1"), Code::NothingToCompile, "",
      "nothing to fetch: constants, placeholders and what runs in loops aside, every value is read by another node");
  ImportOptions options;
  options.config = "feed { idd { } }";
  expectProblem(placeholder("x", {2}) + op("y", "Neg", {"x"}), Code::TextSyntax, "",
                "config: line 1, column 12: message Feed has no field named \"idd\"", options);
}

TEST(ImportProblem, Functions) {
  std::string call =
      node("y", "PartitionedCall", {}, {"Tin=list {}", "Tout=list { type: DT_FLOAT }", "f=func { name: 'f' }"});
  expectProblem(call, Code::BadFunction, "y", "attribute 'f': function 'f' is not in the graph's library");
  std::string signature = "signature { name: 'f' output_arg { name: 'o' type: DT_FLOAT } } ";
  std::string inner =
      "node_def { name: 'c' op: 'PartitionedCall' attr { key: 'Tin' value { list {} } } attr { key: 'Tout' "
      "value { list { type: DT_FLOAT } } } attr { key: 'f' value { func { name: 'f' } } } } ";
  expectProblem(call + "library { function { " + signature + inner + "ret { key: 'o' value: 'c:output:0' } } }",
                Code::BadFunction, "", "functions call themselves, directly or through others: 'f'");
  expectProblem(call + "library { function { " + signature + inner + "ret { key: 'o' value: 'c:output:1' } } }",
                Code::NoSuchOutput, "", "function 'f': result 'o': 'c' has no output 'output' number 1");
}
