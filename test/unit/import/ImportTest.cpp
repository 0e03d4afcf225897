// SPDX-License-Identifier: Apache-2.0
// What a graph becomes in the gdef dialect: nodes, order, pruning, feeds, constants, functions.
#include "mlir/IR/AsmState.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "test/unit/import/Graphs.h"
#include "llvm/Support/raw_ostream.h"
#include <gtest/gtest.h>

using namespace lathe;
using namespace lathe::test;

static std::string print(Imported &result) {
  std::string text;
  llvm::raw_string_ostream out(text);
  mlir::OpPrintingFlags flags;
  result.module->print(out, flags.enableDebugInfo());
  return text;
}

static std::vector<std::string> nodeNamesOf(Imported &result) {
  std::vector<std::string> names;
  for (auto node : result.graph().getBody().getOps<gdef::NodeOp>())
    names.push_back(nodeNames(node.getLoc()).node.str());
  return names;
}

using Names = std::vector<std::string>;

TEST(Import, TextAndBinaryAreTheSame) {
  std::string text = placeholder("x", {2, 3}) +
                     constant("c", "DT_FLOAT", "tensor_shape { dim { size: 3 } } float_val: [1, 2, 3]") +
                     op("y", "AddV2", {"x", "c"});
  Imported one(text), two(binary(text));
  ASSERT_TRUE(one.module) << one.text();
  ASSERT_TRUE(two.module) << two.text();
  EXPECT_EQ(print(one), print(two));
  EXPECT_EQ(nodeNames(one.node("y").getLoc()).op, "AddV2");
  EXPECT_EQ(one.graph().getArgNames()[0], mlir::StringAttr::get(one.context.get(), "x:0"));
}

TEST(Import, DefaultsAreFilledIn) {
  std::string graph =
      placeholder("x", {1, 4, 4, 1}) + placeholder("w", {2, 2, 1, 1}) +
      node("y", "Conv2D", {"x", "w"}, {"T=type: DT_FLOAT", "strides=list { i: [1,1,1,1] }", "padding=s: 'SAME'"});
  Imported result(graph);
  ASSERT_TRUE(result.module) << result.text();
  auto conv = result.node("y");
  EXPECT_EQ(conv.attr<mlir::StringAttr>("data_format").getValue(), "NHWC");
  EXPECT_EQ(conv.attr<mlir::ArrayAttr>("dilations").size(), 4u);
  EXPECT_TRUE(conv.attr<mlir::BoolAttr>("use_cudnn_on_gpu").getValue());
  EXPECT_EQ(conv.attr<mlir::ArrayAttr>("explicit_paddings").size(), 0u);
}

//   x -> a -> y      dead <- a       b comes first in the file, though it needs a
TEST(Import, KeepsWhatIsNeededInTheOrderOfTheFile) {
  std::string graph = op("b", "Neg", {"a"}) + placeholder("x", {2}) + op("dead", "Neg", {"a"}) + op("a", "Neg", {"x"}) +
                      op("y", "Add", {"b", "a"});
  ImportOptions options;
  options.fetches = {"y"};
  Imported result(graph, options);
  ASSERT_TRUE(result.module) << result.text();
  EXPECT_EQ(nodeNamesOf(result), (Names{"a", "b", "y"}));
}

TEST(Import, FeedsCutTheGraph) {
  std::string graph =
      node("file", "ReadFile", {"nowhere"}) + node("image", "NotAnOperation", {"file"}) + op("y", "Neg", {"image:1"});
  ImportOptions options;
  options.feeds = {"image:1"};
  options.shapes = {{"image:1", {2, 5}}};
  Imported result(graph, options);
  ASSERT_TRUE(result.module) << result.text();
  EXPECT_EQ(nodeNamesOf(result), Names{"y"});
  // The type is that of who reads it: of the node that yields it nothing is known.
  EXPECT_EQ(result.graph().getBody().getArgument(0).getType(),
            mlir::RankedTensorType::get({2, 5}, mlir::Float32Type::get(result.context.get())));
}

TEST(Import, ControlEdgesStayWhereTheyCanBeNoticed) {
  std::string predicate = node("p", "Placeholder", {}, {"dtype=type: DT_BOOL", "shape=shape {}"});
  std::string graph = placeholder("x", {2}) + predicate + op("pure", "Neg", {"x"}) + node("group", "NoOp", {"^pure"}) +
                      node("check", "Assert", {"p", "x"}, {"T=list { type: DT_FLOAT }"}) +
                      node("guard", "NoOp", {"^check"}) + op("a", "Neg", {"x", "^group", "^x"}) +
                      op("b", "Neg", {"x", "^guard"}) + node("s", "Switch", {"p", "p"}, {"T=type: DT_BOOL"}) +
                      node("pivot", "Identity", {"s:1"}, {"T=type: DT_BOOL"}) + op("c", "Neg", {"x", "^pivot"}) +
                      "versions { producer: 27 }";
  ImportOptions options;
  options.fetches = {"a", "b", "c", "^guard"};
  Imported result(graph, options);
  ASSERT_TRUE(result.module) << result.text();
  EXPECT_EQ(nodeNamesOf(result), (Names{"check", "guard", "a", "b", "s", "pivot", "c"}));
  EXPECT_EQ(result.node("a").getControls().size(), 0u);
  EXPECT_EQ(result.node("b").getControls()[0], result.node("guard").getControl());
  EXPECT_EQ(result.node("c").getControls()[0], result.node("pivot").getControl());
  EXPECT_EQ(result.graph().getFetch().getControls()[0], result.node("guard").getControl());
}

TEST(Import, LoopsOfVersionOneStayCircles) {
  std::string graph = placeholder("x", {2}) + node("enter", "Enter", {"x"}, {"T=type: DT_FLOAT", "frame_name=s: 'f'"}) +
                      node("merge", "Merge", {"enter", "next"}, {"T=type: DT_FLOAT", "N=i: 2"}) +
                      op("next", "NextIteration", {"body"}) + op("body", "Neg", {"merge"});
  ImportOptions options;
  options.fetches = {"merge"};
  Imported result(graph, options);
  ASSERT_TRUE(result.module) << result.text();
  EXPECT_EQ(result.node("merge").getInputs()[1], result.node("next").getOutputs()[0]);
  EXPECT_EQ(result.node("merge").getInputs()[0], result.node("enter").getOutputs()[0]);
}

TEST(Import, EndsInsideOfLoopsAreNotFetched) {
  std::string graph = placeholder("x", {2});
  for (std::string i : {"1", "2"}) {
    std::string value = i == "1" ? "x" : "body1";
    graph += node("enter" + i, "Enter", {value}, {"T=type: DT_FLOAT", "frame_name=s: 'f" + i + "'"}) +
             node("merge" + i, "Merge", {"enter" + i, "next" + i}, {"T=type: DT_FLOAT", "N=i: 2"}) +
             op("body" + i, "Neg", {"merge" + i}) + op("next" + i, "NextIteration", {"body" + i}) +
             op("end" + i, "Exp", {"merge" + i}) + op("exit" + i, "Exit", {"body" + i});
  }
  // exit2 leads out of the inner loop only.
  Imported result(graph + op("y", "Exp", {"exit1"}) + op("inner", "Exp", {"exit2"}));
  ASSERT_TRUE(result.module) << result.text();
  mlir::Builder builder(result.context.get());
  EXPECT_EQ(result.graph().getResultNames(), builder.getStrArrayAttr({"y:0"}));
}

TEST(Import, PlaceholdersAreFedInTheOrderOfTheFile) {
  std::string graph =
      placeholder("b", {2}) + placeholder("unused", {}) + placeholder("a", {2}) + op("y", "Add", {"a", "b"});
  ImportOptions options;
  options.fetches = {"y"};
  Imported result(graph, options);
  ASSERT_TRUE(result.module) << result.text();
  EXPECT_EQ(result.graph().getArgNames(), mlir::Builder(result.context.get()).getStrArrayAttr({"b:0", "a:0"}));
}

TEST(Import, ShapesOfFeeds) {
  std::string graph = placeholder("x", {-1, 3}) + op("y", "Neg", {"x"});
  ImportOptions options;
  options.shapes = {{"x:0", {7, -1}}};
  Imported given(graph, options);
  ASSERT_TRUE(given.module) << given.text();
  EXPECT_EQ(llvm::cast<mlir::RankedTensorType>(given.graph().getBody().getArgument(0).getType()).getShape(),
            (llvm::ArrayRef<int64_t>{7, 3}));
  options = {};
  options.staticFeeds = false;
  Imported open(graph, options);
  ASSERT_TRUE(open.module) << open.text();
  EXPECT_EQ(llvm::cast<mlir::RankedTensorType>(open.graph().getBody().getArgument(0).getType()).getShape()[0],
            mlir::ShapedType::kDynamic);
  // Rank 0 says nothing in old files; in new ones it is a scalar.
  std::string scalar = placeholder("x", {}) + op("y", "Neg", {"x"});
  EXPECT_FALSE(Imported(scalar).module);
  EXPECT_TRUE(Imported(scalar + "versions { producer: 27 }").module);
}

TEST(Import, Config) {
  std::string graph = placeholder("x", {-1}) + op("a", "Neg", {"x"}) + op("y", "Abs", {"a"});
  ImportOptions options;
  options.config = "# tfcompile's\nfeed { id { node_name: 'a' } shape { dim { size: 4 } } name: 'inner' }\n"
                   "fetch { id { node_name: 'y' output_index: 0 } name: 'outer' }";
  Imported result(graph, options);
  ASSERT_TRUE(result.module) << result.text();
  EXPECT_EQ(nodeNamesOf(result), Names{"y"});
  mlir::Builder builder(result.context.get());
  EXPECT_EQ(result.graph().getArgNames(), builder.getStrArrayAttr({"a:0"}));
  EXPECT_EQ(*result.graph().getArgAliases(), builder.getStrArrayAttr({"inner"}));
  EXPECT_EQ(*result.graph().getResultAliases(), builder.getStrArrayAttr({"outer"}));
}

//===----------------------------------------------------------------------===//
// Constants
//===----------------------------------------------------------------------===//

/// The value of a constant as MLIR prints it.
static std::string constantText(llvm::StringRef dtype, llvm::StringRef tensor) {
  Imported result(constant("c", dtype, tensor) + node("y", "Identity", {"c"}, {("T=type: " + dtype).str()}));
  if (!result.module)
    return result.text();
  std::string text;
  llvm::raw_string_ostream out(text);
  result.node("c").getAttrs().get("value").print(out);
  return text;
}

TEST(Import, ConstantsInAllForms) {
  auto vector = [](int size) { return "tensor_shape { dim { size: " + std::to_string(size) + " } } "; };
  EXPECT_EQ(constantText("DT_INT32", vector(2) + "tensor_content: '\\001\\000\\000\\000\\002\\001\\000\\000'"),
            "dense<[1, 258]> : tensor<2xi32>");
  EXPECT_EQ(constantText("DT_FLOAT", "float_val: 2.5"), "dense<2.500000e+00> : tensor<f32>");
  EXPECT_EQ(constantText("DT_DOUBLE", vector(2) + "double_val: [1, 2]"),
            "dense<[1.000000e+00, 2.000000e+00]> : tensor<2xf64>");
  EXPECT_EQ(constantText("DT_INT8", vector(2) + "int_val: [-1, 2]"), "dense<[-1, 2]> : tensor<2xi8>");
  EXPECT_EQ(constantText("DT_UINT8", vector(2) + "int_val: [255, 2]"), "dense<[255, 2]> : tensor<2xui8>");
  EXPECT_EQ(constantText("DT_INT16", vector(2) + "int_val: [-300, 2]"), "dense<[-300, 2]> : tensor<2xi16>");
  EXPECT_EQ(constantText("DT_INT64", vector(2) + "int64_val: [5000000000, 2]"),
            "dense<[5000000000, 2]> : tensor<2xi64>");
  EXPECT_EQ(constantText("DT_UINT32", vector(2) + "uint32_val: [4000000000, 2]"),
            "dense<[4000000000, 2]> : tensor<2xui32>");
  EXPECT_EQ(constantText("DT_UINT64", vector(1) + "uint64_val: 18446744073709551615"),
            "dense<18446744073709551615> : tensor<1xui64>");
  EXPECT_EQ(constantText("DT_BOOL", vector(3) + "bool_val: [true, false]"),
            "dense<[true, false, false]> : tensor<3xi1>");
  EXPECT_EQ(constantText("DT_BOOL", vector(2) + "tensor_content: '\\000\\001'"), "dense<[false, true]> : tensor<2xi1>");
  EXPECT_EQ(constantText("DT_HALF", vector(2) + "half_val: [15360, 16384]"),
            "dense<[1.000000e+00, 2.000000e+00]> : tensor<2xf16>");
  EXPECT_EQ(constantText("DT_BFLOAT16", vector(2) + "half_val: [16256, 16384]"),
            "dense<[1.000000e+00, 2.000000e+00]> : tensor<2xbf16>");
  EXPECT_EQ(constantText("DT_COMPLEX64", vector(2) + "scomplex_val: [1, 2, 3, 4]"),
            "dense<[(1.000000e+00,2.000000e+00), (3.000000e+00,4.000000e+00)]> : tensor<2xcomplex<f32>>");
  EXPECT_EQ(constantText("DT_STRING", vector(3) + "string_val: ['a', 'b']"),
            "dense<[\"a\", \"b\", \"b\"]> : tensor<3x!gdef.string>");
  EXPECT_EQ(constantText("DT_QUINT8", vector(2) + "int_val: [200, 1]"), "dense<[200, 1]> : tensor<2xui8>");
}

TEST(Import, ConstantsThatAreLeftOut) {
  EXPECT_EQ(constantText("DT_FLOAT", "tensor_shape { dim { size: 4 } } float_val: [1, 2]"),
            "dense<[1.000000e+00, 2.000000e+00, 2.000000e+00, 2.000000e+00]> : tensor<4xf32>");
  EXPECT_EQ(constantText("DT_FLOAT", "tensor_shape { dim { size: 4 } }"), "dense<0.000000e+00> : tensor<4xf32>");
  EXPECT_EQ(constantText("DT_FLOAT", "tensor_shape { dim { size: 0 } }"), "dense<> : tensor<0xf32>");
  EXPECT_EQ(constantText("DT_BOOL", "tensor_shape { dim { size: 0 } }"), "dense<> : tensor<0xi1>");
  EXPECT_EQ(constantText("DT_STRING", "tensor_shape { dim { size: 0 } }"), "dense<> : tensor<0x!gdef.string>");
  // 4 TiB that are one number.
  EXPECT_EQ(constantText("DT_FLOAT", "tensor_shape { dim { size: 0x10000000000 } } float_val: [3, 3]"),
            "dense<3.000000e+00> : tensor<1099511627776xf32>");
  EXPECT_EQ(constantText("DT_STRING", "tensor_shape { dim { size: 0x10000000000 } } string_val: 'x'"),
            "dense<\"x\"> : tensor<1099511627776x!gdef.string>");
}

TEST(Import, LargeConstantsAreBlobs) {
  std::string content;
  for (int i = 0; i < 300; ++i)
    content += "\\" + std::string(1, '0' + i % 4) + "00\\000\\000\\" + std::string(i % 2 ? "100" : "101");
  std::string values = "float_val: [0";
  for (int i = 1; i < 300; ++i)
    values += ", " + std::to_string(i);
  for (bool typed : {false, true}) {
    Imported result(
        constant("c", "DT_FLOAT",
                 "tensor_shape { dim { size: 300 } } " + (typed ? values + "]" : "tensor_content: '" + content + "'")) +
        op("y", "Neg", {"c"}));
    ASSERT_TRUE(result.module) << result.text();
    auto value = result.node("c").attr<mlir::DenseResourceElementsAttr>("value");
    ASSERT_TRUE(value);
    mlir::AsmResourceBlob *blob = value.getRawHandle().getBlob();
    ASSERT_EQ(blob->getData().size(), 1200u);
    if (typed)
      EXPECT_EQ(blob->getDataAs<float>()[299], 299.0f);
    else
      EXPECT_EQ(blob->getDataAs<uint32_t>()[5], 0x40000040u);
  }
}

//===----------------------------------------------------------------------===//
// Functions
//===----------------------------------------------------------------------===//

static std::string library() {
  return "library { function { signature { name: 'f' input_arg { name: 'a' type: DT_FLOAT } "
         "output_arg { name: 'o' type: DT_FLOAT } output_arg { name: 'q' type: DT_FLOAT } } "
         "node_def { name: 'n' op: 'Neg' input: 'a' attr { key: 'T' value { type: DT_FLOAT } } } "
         "node_def { name: 's' op: 'Unpack' input: 'n:y:0' attr { key: 'T' value { type: DT_FLOAT } } attr { key: "
         "'num' "
         "value { i: 3 } } } ret { key: 'o' value: 's:output:2' } ret { key: 'q' value: 'a' } } }";
}

TEST(Import, Functions) {
  Imported result(
      placeholder("x", {3}) +
      node("y", "PartitionedCall", {"x"},
           {"Tin=list { type: DT_FLOAT }", "Tout=list { type: [DT_FLOAT, DT_FLOAT] }", "f=func { name: 'f' }"}) +
      library());
  ASSERT_TRUE(result.module) << result.text();
  auto callee = result.node("y").attr<gdef::FuncAttr>("f").getCallee();
  auto function = result.graph(callee.getValue());
  ASSERT_TRUE(function);
  EXPECT_TRUE(function.isPrivate());
  EXPECT_EQ(function.getFetch().getValues()[0], result.node("f/s", "f").getOutputs()[2]);
  EXPECT_EQ(function.getFetch().getValues()[1], function.getBody().getArgument(0));
}

TEST(Import, OperationsThatAreFunctions) {
  Imported result(placeholder("x", {3}) + node("y", "f", {"x"}) + library());
  ASSERT_TRUE(result.module) << result.text();
  EXPECT_EQ(result.node("y").getOpType(), "PartitionedCall");
  EXPECT_EQ(nodeNames(result.node("y").getLoc()).op, "f");
  EXPECT_TRUE(result.graph("f"));
}
