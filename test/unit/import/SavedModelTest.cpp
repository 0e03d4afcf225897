// SPDX-License-Identifier: Apache-2.0
// SavedModels: which graph and signature are taken, how variables find their values.
#include "compiler/bundle/BundleWriter.h"
#include "compiler/import/proto/meta_graph.pb.h"
#include "test/unit/import/Graphs.h"
#include "llvm/Support/FileSystem.h"
#include <ctime>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

using namespace lathe;
using namespace lathe::test;

namespace {

std::string savedModel(const std::string &text) {
  tf::SavedModel model;
  if (!google::protobuf::TextFormat::ParseFromString("saved_model_schema_version: 1 " + text, &model))
    abort();
  return model.SerializeAsString();
}

/// A graph of a SavedModel.
std::string metaGraph(const std::string &tags, const std::string &graph, const std::string &more = "") {
  return "meta_graphs { meta_info_def { " + tags + " } graph_def { " + graph + " } " + more + " } ";
}

std::string signature(const std::string &name, const std::string &inputs, const std::string &outputs) {
  return "signature_def { key: '" + name + "' value { " + inputs + outputs + " } } ";
}

std::string info(const std::string &kind, const std::string &key, const std::string &tensor) {
  return kind + " { key: '" + key + "' value { name: '" + tensor + "' dtype: DT_FLOAT } } ";
}

ImportOptions options(std::vector<std::string> tags = {}, std::string signature = "") {
  ImportOptions result;
  result.form = ImportOptions::Form::savedModel;
  result.tags = std::move(tags);
  result.signature = std::move(signature);
  return result;
}

std::vector<std::string> strings(mlir::ArrayAttr attr) {
  std::vector<std::string> result;
  for (auto item : attr.getAsValueRange<mlir::StringAttr>())
    result.push_back(item.str());
  return result;
}

const std::string graph =
    placeholder("x", {2}) + placeholder("other", {3}) + op("y", "Neg", {"x"}) + op("z", "Exp", {"x"});
const std::string two = signature("first", info("inputs", "b", "x:0"), info("outputs", "q", "y:0")) +
                        signature("serving_default", info("inputs", "b", "x:0") + info("inputs", "a", "other:0"),
                                  info("outputs", "q", "y:0") + info("outputs", "p", "z:0"));

/// A checkpoint of 4 x 3 numbers under `key`, in a folder that goes away with the test.
struct Checkpoint {
  llvm::SmallString<128> folder;
  std::string prefix;
  explicit Checkpoint(std::vector<std::string> keys) {
    EXPECT_FALSE(llvm::sys::fs::createUniqueDirectory("savedmodel", folder));
    prefix = (folder + "/model").str();
    BundleWriter writer(prefix);
    float first = 0;
    for (const std::string &key : keys) {
      std::vector<float> values(12);
      for (float &value : values)
        value = first++;
      EXPECT_FALSE(writer.add(key, tf::DT_FLOAT, {4, 3}, {reinterpret_cast<const char *>(values.data()), 48}));
    }
    EXPECT_FALSE(writer.finish());
  }
  ~Checkpoint() { llvm::sys::fs::remove_directories(folder); }
};

std::string handle(const std::string &name, const std::string &shared, const std::string &shape) {
  return node(name, "VarHandleOp", {},
              {"dtype=type: DT_FLOAT", "shape=shape { " + shape + " }", "shared_name=s: '" + shared + "'"});
}
const std::string shape43 = "dim { size: 4 } dim { size: 3 }";

std::string read(const std::string &name, const std::string &variable) {
  return node(name, "ReadVariableOp", {variable}, {"dtype=type: DT_FLOAT"});
}

/// The first of a variable's values, or -1 where it has none.
float firstValue(Imported &model, const std::string &variable) {
  auto value = model.node(variable).attr<mlir::DenseElementsAttr>("value");
  return value ? *value.getValues<float>().begin() : -1;
}

std::string strings(const std::string &name, const std::string &values, int count) {
  return constant(name, "DT_STRING",
                  "tensor_shape { dim { size: " + std::to_string(count) + " } } string_val: [" + values + "]");
}

} // namespace

TEST(SavedModel, TagsAndSignatures) {
  std::string model =
      savedModel(metaGraph("tags: 'serve'", graph, two) +
                 metaGraph("tags: 'gpu' tags: 'train'", graph, signature("only", "", info("outputs", "r", "z:0"))));
  Imported chosen(model, options());
  ASSERT_TRUE(chosen.module) << chosen.text();
  EXPECT_EQ(strings(chosen.graph().getArgNames()), (std::vector<std::string>{"other:0", "x:0"}));
  EXPECT_EQ(strings(*chosen.graph().getArgAliases()), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(strings(*chosen.graph().getResultAliases()), (std::vector<std::string>{"p", "q"}));
  Imported first(model, options({}, "first"));
  ASSERT_TRUE(first.module) << first.text();
  EXPECT_EQ(strings(*first.graph().getResultAliases()), std::vector<std::string>{"q"});
  Imported training(model, options({"train", "gpu"}));
  EXPECT_EQ(training.problems.problems()[0].code, Code::NotFed) << training.text();
  Imported wrong(model, options({"serve", "gpu"}));
  ASSERT_EQ(wrong.problems.size(), 1u);
  EXPECT_EQ(wrong.problems.problems()[0].code, Code::NoSuchTag);
  Imported named(model, options({}, "frist"));
  ASSERT_EQ(named.problems.size(), 1u);
  EXPECT_EQ(named.problems.problems()[0].message,
            "no signature is named 'frist'; did you mean 'first'?; there are 'first', 'serving_default'");
}

TEST(SavedModel, KeysNameFeedsAndFetches) {
  ImportOptions some = options();
  some.feeds = {"b"};
  some.fetches = {"q", "z"};
  some.shapes = {{"b", {2}}};
  Imported model(savedModel(metaGraph("tags: 'serve'", graph, two)), some);
  ASSERT_TRUE(model.module) << model.text();
  EXPECT_EQ(strings(model.graph().getResultNames()), (std::vector<std::string>{"y:0", "z:0"}));
  EXPECT_EQ(strings(*model.graph().getResultAliases()), (std::vector<std::string>{"q", ""}));
  // Without feeds, only those inputs of the signature that the fetches need.
  some.feeds.clear();
  Imported fetched(savedModel(metaGraph("tags: 'serve'", graph, two)), some);
  ASSERT_TRUE(fetched.module) << fetched.text();
  EXPECT_EQ(strings(fetched.graph().getArgNames()), std::vector<std::string>{"x:0"});
}

TEST(SavedModel, RestoreOperationsSayKeys) {
  // In the graph as TensorFlow 1 writes it: a reference, whose part is rows 1 and 2 of the tensor 'whole'.
  std::string references =
      node("v", "VariableV2", {}, {"dtype=type: DT_FLOAT", "shape=shape { dim { size: 2 } dim { size: 3 } }"}) +
      strings("names", "'other', 'whole'", 2) + strings("slices", "'', '4 3 1,2:0,3'", 2) +
      constant("prefix", "DT_STRING", "string_val: 'p'") +
      node("restored", "RestoreV2", {"prefix", "names", "slices"}, {"dtypes=list { type: [DT_FLOAT, DT_FLOAT] }"}) +
      node("assign", "Assign", {"v", "restored:1"}, {"T=type: DT_FLOAT"}) + node("all", "NoOp", {"^assign"});
  Checkpoint checkpoint({"other", "whole", "v"});
  ImportOptions request = options();
  request.checkpoint = checkpoint.prefix;
  request.fetches = {"y"};
  request.feeds = {};
  std::string saver = "saver_def { restore_op_name: 'all' }";
  Imported one(savedModel(metaGraph("tags: 'serve'", references + op("y", "Neg", {"v"}), saver)), request);
  ASSERT_TRUE(one.module) << one.text();
  EXPECT_EQ(firstValue(one, "v"), 12 + 3);

  // Through a function that takes the handle, as TensorFlow 2 writes it.
  std::string library =
      "library { function { signature { name: 'restore' input_arg { name: 'file' type: DT_STRING } input_arg { name: "
      "'h' type: DT_RESOURCE } } " +
      std::string("node_def { name: 'n' op: 'Const' attr { key: 'value' value { tensor { dtype: DT_STRING tensor_shape "
                  "{ dim { size: 1 } } "
                  "string_val: 'whole' } } } } "
                  "node_def { name: 's' op: 'Const' attr { key: 'value' value { tensor { dtype: DT_STRING tensor_shape "
                  "{ dim { size: 1 } } "
                  "string_val: '' } } } } "
                  "node_def { name: 'r' op: 'RestoreV2' input: ['file', 'n:output:0', 's:output:0'] } "
                  "node_def { name: 'i' op: 'Identity' input: 'r:tensors:0' } "
                  "node_def { name: 'a' op: 'AssignVariableOp' input: ['h', 'i:output:0'] } } }");
  std::string handles =
      handle("w", "v", shape43) + constant("prefix", "DT_STRING", "string_val: 'p'") +
      node("call", "StatefulPartitionedCall", {"prefix", "w"},
           {"f=func { name: 'restore' }", "Tin=list { type: [DT_STRING, DT_RESOURCE] }", "Tout=list { }"}) +
      read("y", "w") + library;
  Imported two(savedModel(metaGraph("tags: 'serve'", handles, "saver_def { restore_op_name: 'call' }")), request);
  ASSERT_TRUE(two.module) << two.text();
  EXPECT_EQ(firstValue(two, "w"), 12);
}

TEST(SavedModel, RestoreOperationsAreFollowedInBoundedTime) {
  // Each function calls the next one twice: 2^40 calls.
  std::string library;
  for (int i = 0; i < 40; ++i) {
    std::string call = "op: 'f" + std::to_string(i + 1) + "'";
    library += "function { signature { name: 'f" + std::to_string(i) + "' } node_def { name: 'a' " + call +
               " } node_def { name: 'b' " + call + " } } ";
  }
  Checkpoint checkpoint({"v"});
  ImportOptions request = options();
  request.checkpoint = checkpoint.prefix;
  request.fetches = {"y"};
  std::string text = handle("v", "", shape43) + read("y", "v") + node("restore", "f0") + "library { " + library +
                     "function { signature { name: 'f40' } } }";
  std::clock_t start = std::clock();
  Imported model(savedModel(metaGraph("tags: 'serve'", text, "saver_def { restore_op_name: 'restore' }")), request);
  ASSERT_TRUE(model.module) << model.text();
  EXPECT_EQ(firstValue(model, "v"), 0);
  EXPECT_LT(std::clock() - start, 3 * CLOCKS_PER_SEC);
}

TEST(SavedModel, VariablesFindValuesByName) {
  Checkpoint checkpoint({"shared", "named", "k/.ATTRIBUTES/VARIABLE_VALUE"});
  ImportOptions request = options();
  request.checkpoint = checkpoint.prefix;
  request.fetches = {"a", "b", "c"};
  std::string variables = handle("one", "shared", shape43) + handle("named", "", "unknown_rank: true") +
                          handle("lost", "shard", shape43) + read("a", "one") + read("b", "named") + read("c", "lost");
  Imported model(savedModel(metaGraph("tags: 'serve'", variables)), request);
  ASSERT_TRUE(model.module) << model.text();
  EXPECT_EQ(firstValue(model, "one"), 0);
  EXPECT_EQ(firstValue(model, "named"), 12);
  EXPECT_EQ(firstValue(model, "lost"), -1);
  EXPECT_EQ(model.node("lost").attr<mlir::StringAttr>("_missing_value").getValue(),
            "the checkpoint has no tensor 'shard'; did you mean 'shared'?");
}

TEST(SavedModel, ObjectGraphSaysKeys) {
  Checkpoint folder({"unused"});
  tf::TrackableObjectGraph objects;
  auto *attribute = objects.add_nodes()->add_attributes();
  attribute->set_full_name("dense/kernel");
  attribute->set_checkpoint_key("layer/kernel/.ATTRIBUTES/VARIABLE_VALUE");
  BundleWriter writer(folder.prefix);
  std::vector<float> values{5, 6, 7};
  llvm::cantFail(
      writer.add(attribute->checkpoint_key(), tf::DT_FLOAT, {3}, {reinterpret_cast<const char *>(values.data()), 12}));
  llvm::cantFail(writer.addStrings("_CHECKPOINTABLE_OBJECT_GRAPH", {}, {objects.SerializeAsString()}));
  llvm::cantFail(writer.finish());
  ImportOptions request = options();
  request.checkpoint = folder.prefix;
  request.fetches = {"a"};
  Imported model(
      savedModel(metaGraph("tags: 'serve'", handle("h", "dense/kernel", "dim { size: 3 }") + read("a", "h"))), request);
  ASSERT_TRUE(model.module) << model.text();
  EXPECT_EQ(firstValue(model, "h"), 5);
}

TEST(SavedModel, VariablesMustFit) {
  Checkpoint checkpoint({"v"});
  ImportOptions request = options();
  request.checkpoint = checkpoint.prefix;
  request.fetches = {"y"};
  auto code = [&](const std::string &variable) {
    Imported model(savedModel(metaGraph("tags: 'serve'", variable)), request);
    return model.problems.empty() ? std::optional<Code>() : model.problems.problems()[0].code;
  };
  EXPECT_EQ(code(handle("v", "", shape43) + read("y", "v")), std::nullopt);
  EXPECT_EQ(code(handle("v", "", "dim { size: 4 } dim { size: -1 }") + read("y", "v")), std::nullopt);
  EXPECT_EQ(code(handle("v", "", "dim { size: 3 } dim { size: 4 }") + read("y", "v")), Code::VariableMismatch);
  EXPECT_EQ(code(handle("v", "", "dim { size: 12 }") + read("y", "v")), Code::VariableMismatch);
  EXPECT_EQ(code(node("v", "VarHandleOp", {}, {"dtype=type: DT_INT32", "shape=shape { " + shape43 + " }"}) +
                 node("y", "ReadVariableOp", {"v"}, {"dtype=type: DT_INT32"})),
            Code::VariableMismatch);
}
