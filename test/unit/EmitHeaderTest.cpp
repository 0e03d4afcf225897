// SPDX-License-Identifier: Apache-2.0
// Names, escapes and signatures in generated headers. That the headers compile and run is tested in test/runtime.
#include "compiler/EmitHeader.h"

#include <gtest/gtest.h>

using namespace lathe;

namespace {

std::vector<std::string> identifiers(std::vector<std::string> arguments, std::vector<std::string> results) {
  ObjectInterface object;
  object.entries.resize(1);
  EntryInterface &entry = object.entries[0];
  for (const std::string &name : arguments)
    entry.arguments.emplace_back().name = name;
  for (const std::string &name : results)
    entry.results.emplace_back().name = name;
  assignIdentifiers(object);
  std::vector<std::string> out;
  for (const auto *tensors : {&entry.arguments, &entry.results})
    for (const TensorInterface &tensor : *tensors)
      out.push_back(tensor.identifier);
  return out;
}

using Strings = std::vector<std::string>;

TEST(Identifiers, AreReadable) {
  EXPECT_EQ(identifiers({"input", "input_1:0", "block/Conv2D:0", "split:2"}, {"Identity:0", "MatMul", "HTTPServer"}),
            (Strings{"input", "input_1", "block_conv2d", "split_2", "identity", "mat_mul", "http_server"}));
}

TEST(Identifiers, AreUnique) {
  EXPECT_EQ(identifiers({"a/b", "a_b", "A_B", "a__b"}, {}), (Strings{"a_b", "a_b_2", "a_b_3", "a_b_4"}));
  EXPECT_EQ(identifiers({"a_b_2", "a/b", "a.b"}, {}), (Strings{"a_b_2", "a_b", "a_b_3"}));
  EXPECT_EQ(identifiers({"x:0"}, {"x:0", "X"}), (Strings{"x", "x_result", "x_2"}));
  EXPECT_EQ(identifiers({"", "///", "\xe5\x85\xa5"}, {"*"}),
            (Strings{"unnamed", "unnamed_2", "unnamed_3", "unnamed_result"}));
}

TEST(Identifiers, LeaveChosenOnesAlone) {
  ObjectInterface object;
  object.entries.resize(1);
  object.entries[0].arguments = {{"image", "", {}, {}, 0, 1}, {"other", "image", {}, {}, 0, 1}};
  assignIdentifiers(object);
  EXPECT_EQ(object.entries[0].arguments[0].identifier, "image_2");
  EXPECT_EQ(object.entries[0].arguments[1].identifier, "image");
}

TEST(Identifiers, AvoidWhatIsTaken) {
  EXPECT_EQ(identifiers({"int", "class", "7", "__x__", "set_y"}, {"weights", "restrict", "0:0"}),
            (Strings{"int_value", "class_value", "argument_7", "x", "argument_set_y", "weights_value", "restrict_value",
                     "result_0"}));
}

TEST(ModuleIdentifier, AvoidsWhatIsTaken) {
  const std::pair<const char *, const char *> cases[] = {{"mobilenet", "mobilenet"},
                                                         {"MobileNet-v2.pb", "mobile_net_v2_pb"},
                                                         {"size", "model_size"},
                                                         {"float", "model_float"},
                                                         {"pthread", "model_pthread"},
                                                         {"pthread_mutex", "model_pthread_mutex"},
                                                         {"lathe", "model_lathe"},
                                                         {"lathe_status", "model_lathe_status"},
                                                         {"lathes", "lathes"},
                                                         {"2nd", "model_2nd"},
                                                         {"", "model"},
                                                         {"--", "model"},
                                                         {"std", "model_std"},
                                                         {"../../x y", "x_y"}};
  for (auto [text, expected] : cases)
    EXPECT_EQ(moduleIdentifier(text), expected);
}

TEST(CppClassName, IsQualifiedIdentifier) {
  for (const char *good : {"Model", "a::B", "a::b::C_1"})
    EXPECT_TRUE(isCppClassName(good)) << good;
  for (const char *bad : {"", "::A", "A::", "a:b", "a::class", "1a", "a b", "a__b", "a;::b", "a:::b"})
    EXPECT_FALSE(isCppClassName(bad)) << bad;
}

TEST(EscapeText, KeepsCommentsClosed) {
  EXPECT_EQ(escapeText("a/b:0"), "a/b:0");
  EXPECT_EQ(escapeText("*/"), "*\\x2f");
  EXPECT_EQ(escapeText("/*"), "/\\x2a");
  EXPECT_EQ(escapeText("a\nb\\"), "a\\x0ab\\x5c");
  EXPECT_EQ(escapeText("?\?/"), "?\\x3f/");
  EXPECT_EQ(escapeText("\xe2\x80\xae"), "\\xe2\\x80\\xae");
}

EntryInterface smallEntry() {
  EntryInterface entry;
  entry.name = "main";
  entry.arguments = {{"x:0", "", {2, 32, 1}, {2, 3}, 24, 4}};
  entry.results = {{"y:0", "", {0, 64, 1}, {}, 8, 8}};
  entry.arenaBytes = 128;
  return entry;
}

TEST(Signature, SeesEveryPart) {
  const uint64_t before = entrySignature(smallEntry());
  EXPECT_EQ(before, entrySignature(smallEntry()));
  void (*const changes[])(EntryInterface &) = {
      [](EntryInterface &entry) { entry.name = "other"; },
      [](EntryInterface &entry) { entry.arenaBytes = 64; },
      [](EntryInterface &entry) { entry.arenaAlignment = 32; },
      [](EntryInterface &entry) { entry.arguments[0].name = "z:0"; },
      [](EntryInterface &entry) {
        entry.arguments[0].shape = {3, 2};
      },
      [](EntryInterface &entry) { entry.arguments[0].shape = {6}; },
      [](EntryInterface &entry) { entry.arguments[0].alignment = 64; },
      [](EntryInterface &entry) { entry.results[0].dtype.code = 1; },
      [](EntryInterface &entry) { entry.results[0].bytes = 4; },
      [](EntryInterface &entry) { std::swap(entry.arguments, entry.results); },
      [](EntryInterface &entry) { entry.arguments.push_back(entry.results[0]), entry.results.clear(); }};
  for (size_t i = 0; i < std::size(changes); ++i) {
    EntryInterface entry = smallEntry();
    changes[i](entry);
    EXPECT_NE(entrySignature(entry), before) << i;
  }
}

TEST(EmitHeader, DescribesTensorsAndMemory) {
  ObjectInterface object;
  object.name = "net";
  object.graph = "net.pb";
  object.targetCpu = "znver5";
  object.entries = {smallEntry()};
  object.entries[0].arenaParts = {{"activations", 96}, {"scratch", 32}};
  object.weightBytes = 1000;
  const std::string header = emitHeader(object);
  EXPECT_EQ(header, emitHeader(object));
  for (const char *text :
       {"// net, compiled from net.pb for znver5.", "//   argument 0  x:0  float32[2,3]  24 bytes, aligned to 4\n",
        "//   result   0  y:0  int64[]  8 bytes, aligned to 8\n", "//     arena                    128 bytes\n",
        "//       of it activations       96 bytes\n", "//     weights, in the object  1000 bytes\n",
        "//     together                1160 bytes\n", "#define NET_X_COUNT 6\n", "#define NET_X_SHAPE {2, 3}\n",
        "#define NET_Y_COUNT 1\n", "#define NET_ARENA_SIZE 128\n", "namespace net {\n"})
    EXPECT_NE(header.find(text), std::string::npos) << text << "in\n" << header;
  EXPECT_EQ(header.find("NET_Y_SHAPE"), std::string::npos);
  EXPECT_EQ(header.find("set_weights"), std::string::npos);
}

TEST(EmitHeader, NamesEntriesApart) {
  ObjectInterface object;
  object.name = "lm";
  object.entries = {smallEntry(), smallEntry(), smallEntry()};
  object.entries[0].name = "prefill";
  object.entries[1].name = "decode_one";
  object.entries[2].name = "DecodeOne";
  object.cppClass = "ai::Lm";
  const std::string header = emitHeader(object);
  for (const char *text : {"lm_prefill_t lm_prefill_init(", "lm_decode_one_run(", "lm_decode_one_2_run(",
                           "class LmPrefill {", "class LmDecodeOne2 {", "#define LM_DECODE_ONE_X_COUNT 6\n"})
    EXPECT_NE(header.find(text), std::string::npos) << text;
}

} // namespace
