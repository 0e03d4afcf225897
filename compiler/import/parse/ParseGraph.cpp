// SPDX-License-Identifier: Apache-2.0
// Parses the files of graphs and Config, having first made sure that the result stays within the limits.
#include "compiler/import/parse/ParseGraph.h"
#include "compiler/import/parse/WireScan.h"
#include "llvm/ADT/MapVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/Twine.h"
#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/text_format.h>
#include <map>

using llvm::StringRef;
using llvm::Twine;

namespace lathe {

static void limitExceeded(ProblemList &problems, const Twine &what, uint64_t limit, uint64_t actual) {
  problems.add(Code::LimitExceeded, (what + " must be at most " + Twine(limit) + ", but got " + Twine(actual)).str());
}

//===----------------------------------------------------------------------===//
// Text form
//===----------------------------------------------------------------------===//

namespace {

/// Turns what protobuf's text parser says into problems. It only warns about fields that it does not know; a field
/// that is ignored could change what the graph means, so that they are errors here, unless TensorFlow itself says that
/// the field does not matter.
class TextErrors : public google::protobuf::io::ErrorCollector {
public:
  TextErrors(ProblemList &problems, const Twine &what) : problems(problems), what(what.str()) {}

  void AddError(int line, int column, const std::string &message) override { report(line, column, message); }
  void AddWarning(int line, int column, const std::string &message) override {
    if (!isWithoutEffect(message))
      report(line, column, message);
  }

  /// Adds what was found to the problems; false when there was nothing.
  bool finish() {
    for (const auto &[text, place] : places) {
      std::string message =
          (Twine(what) + "line " + Twine(place.line + 1) + ", column " + Twine(place.column + 1) + ": " + text).str();
      if (place.more != 0)
        message += " (and in " + std::to_string(place.more) + (place.more == 1 ? " other place)" : " other places)");
      problems.add(Code::TextSyntax, message);
    }
    return !places.empty();
  }

private:
  /// What says nothing about the values that a graph computes: how Python's objects are restored, notes, compatibility.
  static bool isWithoutEffect(StringRef message) {
    constexpr StringRef names[] = {"experimental_", "object_graph_def\"", "any_info\"", "deprecation\""};
    return llvm::any_of(names,
                        [&](StringRef name) { return message.contains(("has no field named \"" + name).str()); });
  }

  /// Where something was said first, and how often after that: a file with one mistake tends to have it everywhere.
  struct Place {
    int line, column;
    unsigned more;
  };

  void report(int line, int column, StringRef message) {
    message.consume_back(".");
    std::string text = message.str();
    // 'Message type "lathe.tf.X" has no field named "y"' becomes 'message X has no field named "y"'.
    if (message.consume_front("Message type \"lathe.tf.")) {
      auto [type, rest] = message.split('"');
      text = ("message " + type + rest).str();
    }
    text[0] = llvm::toLower(text[0]);
    auto [it, inserted] = places.insert({text, Place{line, column, 0}});
    it->second.more += !inserted;
  }

  ProblemList &problems;
  std::string what;
  llvm::MapVector<std::string, Place, std::map<std::string, unsigned>> places;
};

} // namespace

static bool parseText(StringRef text, const Twine &what, const ImportLimits &limits, google::protobuf::Message &message,
                      ProblemList &problems) {
  if (text.size() > limits.textBytes) {
    limitExceeded(problems, what + "size of the text in bytes", limits.textBytes, text.size());
    return false;
  }
  // Every message has a brace and every value a colon or a comma; what the bytes of tensors contain only adds to it.
  uint64_t estimate = 0;
  for (char c : text)
    estimate += c == '{' || c == '<' ? 320 : c == ':' || c == ',' ? 40 : 0;
  if (estimate > limits.parsedBytes) {
    limitExceeded(problems, what + "memory for the parsed file in bytes", limits.parsedBytes, estimate);
    return false;
  }
  TextErrors errors(problems, what);
  google::protobuf::TextFormat::Parser parser;
  parser.RecordErrorsTo(&errors);
  parser.AllowUnknownField(true);
  parser.SetRecursionLimit(limits.depth);
  google::protobuf::io::ArrayInputStream stream(text.data(), text.size());
  bool parsed = parser.Parse(&stream, &message);
  bool said = errors.finish();
  if (!parsed && !said)
    problems.add(Code::TextSyntax, (what + "the text cannot be parsed").str());
  return parsed && !said;
}

bool parseConfig(StringRef text, const ImportLimits &limits, tf::Config &config, ProblemList &problems) {
  return parseText(text, "config: ", limits, config, problems);
}

//===----------------------------------------------------------------------===//
// Binary form
//===----------------------------------------------------------------------===//

/// A GraphDef in wire form has a control character (the tag of an operation's name) near its start; text has none.
static bool looksLikeText(StringRef bytes) {
  return llvm::all_of(bytes.take_front(4096),
                      [](unsigned char c) { return c >= 0x20 || c == '\n' || c == '\r' || c == '\t' || c == '\f'; });
}

/// Parses `file`, binary or text, as the message `what`.
template <typename Message>
static const Message *parseFile(llvm::MemoryBufferRef file, WireRoot root, const char *what, const ImportLimits &limits,
                                google::protobuf::Arena &arena, ProblemList &problems) {
  StringRef bytes = file.getBuffer();
  auto *message = google::protobuf::Arena::CreateMessage<Message>(&arena);
  if (bytes.trim().empty()) {
    problems.add(Code::UnreadableGraph, "the file is empty");
    return nullptr;
  }
  if (bytes.size() > limits.bytes) {
    limitExceeded(problems, "size of the file in bytes", limits.bytes, bytes.size());
    return nullptr;
  }
  if (looksLikeText(bytes))
    return parseText(bytes, "", limits, *message, problems) ? message : nullptr;

  // Protobuf would write about names that are not UTF-8 to stderr.
  google::protobuf::LogSilencer silencer;
  WireScan scan = scanWire(bytes, root, limits.depth);
  if (scan.status == WireScan::Status::tooDeep) {
    limitExceeded(problems, "depth of messages", limits.depth, limits.depth + 1);
    return nullptr;
  }
  // A SavedModel starts with its version, which is 1.
  if (root == WireRoot::graph && bytes.starts_with("\x08\x01\x12")) {
    problems.add(Code::UnreadableGraph, "the file is a SavedModel, not a GraphDef", "give the SavedModel's folder");
    return nullptr;
  }
  if (scan.status == WireScan::Status::malformed) {
    problems.add(Code::UnreadableGraph, (Twine("not a ") + what + ": byte " + Twine(scan.offset) + " of " +
                                         Twine(bytes.size()) + " cannot be read")
                                            .str());
    return nullptr;
  }
  if (scan.nodes > limits.nodes)
    limitExceeded(problems, "number of nodes", limits.nodes, scan.nodes);
  else if (scan.functions > limits.functions)
    limitExceeded(problems, "number of functions", limits.functions, scan.functions);
  else if (scan.parsedBytes > limits.parsedBytes)
    limitExceeded(problems, "memory for the parsed file in bytes", limits.parsedBytes, scan.parsedBytes);
  else if (message->ParseFromArray(bytes.data(), bytes.size()))
    return message;
  else
    problems.add(Code::UnreadableGraph,
                 (Twine("not a ") + what + ": a field has the wrong type, or a name is not UTF-8").str());
  return nullptr;
}

const tf::GraphDef *parseGraph(llvm::MemoryBufferRef file, const ImportLimits &limits, google::protobuf::Arena &arena,
                               ProblemList &problems) {
  return parseFile<tf::GraphDef>(file, WireRoot::graph, "GraphDef", limits, arena, problems);
}

const tf::MetaGraphDef *parseMetaGraph(llvm::MemoryBufferRef file, const ImportLimits &limits,
                                       google::protobuf::Arena &arena, ProblemList &problems) {
  return parseFile<tf::MetaGraphDef>(file, WireRoot::metaGraph, "MetaGraphDef", limits, arena, problems);
}

const tf::SavedModel *parseSavedModel(llvm::MemoryBufferRef file, const ImportLimits &limits,
                                      google::protobuf::Arena &arena, ProblemList &problems) {
  return parseFile<tf::SavedModel>(file, WireRoot::savedModel, "SavedModel", limits, arena, problems);
}

} // namespace lathe
