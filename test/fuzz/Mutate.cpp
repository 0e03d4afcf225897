// SPDX-License-Identifier: Apache-2.0
// Mutations of bytes, and of fields by protobuf's reflection.
#include "test/fuzz/Mutate.h"

#include <algorithm>
#include <fstream>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/text_format.h>
#include <iostream>
#include <limits>
#include <numeric>
#include <random>
#include <sstream>

using namespace lathe;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::Reflection;

namespace {
/// The same bytes for the same graph: maps are sorted.
std::string serialize(const tf::GraphDef &graph) {
  std::string bytes;
  google::protobuf::io::StringOutputStream stream(&bytes);
  { // Its end flushes it.
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);
    graph.SerializeToCodedStream(&coded);
  }
  return bytes;
}

class Mutator {
public:
  Mutator(const SourceGraph &source, const std::vector<std::string> &ops, unsigned seed)
      : source(source), ops(ops), random(seed) {}

  Mutant run() {
    switch (below(12)) {
    case 0:
      return cut(source.binary, "binary");
    case 1:
      return flip(source.binary, "binary");
    case 2:
      return copyPiece(source.binary, "binary");
    case 3:
      return coin() ? flip(source.text, "text") : copyPiece(source.text, "text");
    default:
      return changeFields();
    }
  }

private:
  struct Field {
    Message *message = nullptr;
    const FieldDescriptor *descriptor = nullptr;
  };

  size_t below(size_t n) { return random() % n; }
  bool coin() { return below(2); }

  Mutant cut(std::string bytes, const std::string &form) {
    size_t size = below(bytes.size());
    bytes.resize(size);
    return {form + " cut to " + std::to_string(size) + " bytes", std::move(bytes)};
  }

  Mutant flip(std::string bytes, const std::string &form) {
    std::string what = form + ", bits flipped:";
    for (size_t flips = 1 + below(3); flips != 0; --flips) {
      size_t at = below(bytes.size()), bit = below(8);
      bytes[at] = static_cast<char>(bytes[at] ^ 1 << bit);
      what += " " + std::to_string(at) + "." + std::to_string(bit);
    }
    return {what, std::move(bytes)};
  }

  Mutant copyPiece(std::string bytes, const std::string &form) {
    size_t from = below(bytes.size()), size = 1 + below(64), to = below(bytes.size());
    bytes.insert(to, bytes.substr(from, size));
    return {form + ", " + std::to_string(size) + " bytes from " + std::to_string(from) + " put in at " +
                std::to_string(to),
            std::move(bytes)};
  }

  Mutant changeFields() {
    tf::GraphDef graph = source.graph;
    std::string what;
    for (size_t changes = 1 + below(3); changes != 0; --changes) {
      Field chosen;
      size_t seen = 0;
      choose(graph, chosen, seen);
      if (chosen.message)
        what += (what.empty() ? "" : "; ") + change(chosen);
    }
    return {what, serialize(graph)};
  }

  /// The elements of an array; those of a map by their keys, as their own order differs from run to run.
  static std::vector<int> elements(const Message &message, const FieldDescriptor &field) {
    const Reflection &reflection = *message.GetReflection();
    std::vector<int> indices(reflection.FieldSize(message, &field));
    std::iota(indices.begin(), indices.end(), 0);
    auto key = [&](int index) {
      std::string text;
      google::protobuf::TextFormat::PrintFieldValueToString(reflection.GetRepeatedMessage(message, &field, index),
                                                            field.message_type()->map_key(), -1, &text);
      return text;
    };
    if (field.is_map())
      std::sort(indices.begin(), indices.end(), [&](int x, int y) { return key(x) < key(y); });
    return indices;
  }

  /// Whether a change of the field hardly ever leaves a graph that gets past the importer.
  static bool isFatal(const FieldDescriptor &field) {
    return field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE || field.name() == "key" || field.name() == "name";
  }

  /// Each field that is set is as likely as any other, but the fatal ones; an array counts as one.
  void choose(Message &message, Field &chosen, size_t &seen) {
    const Reflection &reflection = *message.GetReflection();
    std::vector<const FieldDescriptor *> fields;
    reflection.ListFields(message, &fields);
    for (const FieldDescriptor *field : fields) {
      if (below(isFatal(*field) ? 20 : 1) == 0 && below(++seen) == 0)
        chosen = {&message, field};
      if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE)
        continue;
      if (!field->is_repeated())
        choose(*reflection.MutableMessage(&message, field), chosen, seen);
      else
        for (int i : elements(message, *field))
          choose(*reflection.MutableRepeatedMessage(&message, field, i), chosen, seen);
    }
  }

  std::string change(Field field) {
    const Reflection &reflection = *field.message->GetReflection();
    std::string name(field.descriptor->full_name());
    bool isMessage = field.descriptor->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
    if (!field.descriptor->is_repeated()) {
      if (isMessage) {
        reflection.ClearField(field.message, field.descriptor);
        return name + " cleared";
      }
      return name + " " + changeScalar(field, -1);
    }
    std::vector<int> indices = elements(*field.message, *field.descriptor);
    int size = static_cast<int>(indices.size());
    if (size == 0)
      return name + " left empty";
    int index = indices[below(size)];
    std::string place = name + "[" + std::to_string(index) + "]";
    switch (field.descriptor->is_map() ? 0 : isMessage ? below(3) : below(6)) {
    case 0:
      reflection.SwapElements(field.message, field.descriptor, index, size - 1);
      reflection.RemoveLast(field.message, field.descriptor);
      return place + " removed";
    case 1:
      if (isMessage) {
        reflection.AddMessage(field.message, field.descriptor)
            ->CopyFrom(reflection.GetRepeatedMessage(*field.message, field.descriptor, index));
        return place + " doubled";
      }
      [[fallthrough]];
    case 2: {
      int other = static_cast<int>(below(size));
      reflection.SwapElements(field.message, field.descriptor, index, other);
      return place + " swapped with [" + std::to_string(other) + "]";
    }
    default:
      return place + " " + changeScalar(field, index);
    }
  }

  int64_t integer(int64_t old) {
    constexpr int64_t extremes[] = {0,
                                    1,
                                    -1,
                                    2,
                                    3,
                                    7,
                                    100,
                                    65536,
                                    int64_t(1) << 31,
                                    int64_t(1) << 40,
                                    int64_t(1) << 62,
                                    std::numeric_limits<int64_t>::max(),
                                    std::numeric_limits<int64_t>::min()};
    // Arithmetic without a sign: the old value may be an extreme of an earlier change.
    switch (below(4)) {
    case 0:
      return static_cast<int64_t>(static_cast<uint64_t>(old) + 1);
    case 1:
      return static_cast<int64_t>(static_cast<uint64_t>(old) - 1);
    default:
      return extremes[below(std::size(extremes))];
    }
  }

  double real(double old) {
    const double extremes[] = {
        0, -1, 1e30, -1e300, std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()};
    return coin() ? -old : extremes[below(std::size(extremes))];
  }

  std::string text(const FieldDescriptor &field, std::string old) {
    if (field.name() == "op" && below(8))
      return coin() ? ops[below(ops.size())] : source.graph.node(below(source.graph.node_size())).op();
    if (field.name() == "input" && below(8)) {
      std::string name = source.graph.node(below(source.graph.node_size())).name();
      size_t form = below(8);
      return form == 0 ? "^" + name : form == 1 ? name + ":1" : name;
    }
    if (old.empty())
      return std::string(1 + below(9), 'x');
    if (below(4) == 0)
      return old.substr(0, below(old.size()));
    if (field.type() == FieldDescriptor::TYPE_BYTES && old.size() >= 8 && coin()) { // tensor_content: a whole integer
      int64_t value = integer(1);
      size_t size = coin() ? 4 : 8;
      old.replace(below(old.size() / size) * size, size, reinterpret_cast<const char *>(&value), size);
      return old;
    }
    // The importer never sees a name that is not UTF-8 by this way: protobuf says so on stderr, thousands of times.
    size_t at = below(old.size());
    old[at] = static_cast<char>(old[at] ^ 1 << below(field.type() == FieldDescriptor::TYPE_STRING ? 7 : 8));
    return old;
  }

  /// Gives the field, or with index >= 0 an element of it, another value.
  std::string changeScalar(Field field, int index) {
    const Reflection &r = *field.message->GetReflection();
    Message *m = field.message;
    const FieldDescriptor *d = field.descriptor;
    auto became = [](auto value) { return "became " + std::to_string(value); };
#define LATHE_CHANGE(TYPE, VALUE)                                                                                      \
  {                                                                                                                    \
    auto old = index < 0 ? r.Get##TYPE(*m, d) : r.GetRepeated##TYPE(*m, d, index);                                     \
    decltype(old) value = static_cast<decltype(old)>(VALUE);                                                           \
    index < 0 ? r.Set##TYPE(m, d, value) : r.SetRepeated##TYPE(m, d, index, value);                                    \
    return became(value);                                                                                              \
  }
    switch (d->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      LATHE_CHANGE(Int32, integer(old))
    case FieldDescriptor::CPPTYPE_INT64:
      LATHE_CHANGE(Int64, integer(old))
    case FieldDescriptor::CPPTYPE_UINT32:
      LATHE_CHANGE(UInt32, integer(old))
    case FieldDescriptor::CPPTYPE_UINT64:
      LATHE_CHANGE(UInt64, integer(static_cast<int64_t>(old)))
    case FieldDescriptor::CPPTYPE_DOUBLE:
      LATHE_CHANGE(Double, real(old))
    case FieldDescriptor::CPPTYPE_FLOAT:
      LATHE_CHANGE(Float, real(old))
    case FieldDescriptor::CPPTYPE_BOOL:
      LATHE_CHANGE(Bool, !old)
    case FieldDescriptor::CPPTYPE_ENUM:
      LATHE_CHANGE(EnumValue,
                   d->enum_type()->value(static_cast<int>(below(d->enum_type()->value_count())))->number() + 0 * old)
#undef LATHE_CHANGE
    case FieldDescriptor::CPPTYPE_STRING: {
      std::string value = text(*d, index < 0 ? r.GetString(*m, d) : r.GetRepeatedString(*m, d, index));
      index < 0 ? r.SetString(m, d, value) : r.SetRepeatedString(m, d, index, value);
      return d->name() == "op" || d->name() == "input" ? "became " + value : "changed";
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      break;
    }
    return "left";
  }

  const SourceGraph &source;
  const std::vector<std::string> &ops;
  std::mt19937 random;
};
} // namespace

SourceGraph lathe::readSourceGraph(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream content;
  content << file.rdbuf();
  SourceGraph source;
  source.name = path;
  bool isText = path.ends_with(".pbtxt");
  bool parsed = file && (isText ? google::protobuf::TextFormat::ParseFromString(content.str(), &source.graph)
                                : source.graph.ParseFromString(content.str()));
  if (!parsed || source.graph.node_size() == 0) {
    std::cerr << path << " is not a graph\n";
    exit(2);
  }
  source.binary = serialize(source.graph);
  google::protobuf::TextFormat::PrintToString(source.graph, &source.text);
  return source;
}

Mutant lathe::mutate(const SourceGraph &source, const std::vector<std::string> &ops, unsigned seed) {
  return Mutator(source, ops, seed).run();
}
