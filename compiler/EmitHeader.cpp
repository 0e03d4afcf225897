// SPDX-License-Identifier: Apache-2.0
// The C and C++ header that goes with an object: a banner with its use, constants, and inline functions.
#include "compiler/EmitHeader.h"

#include <algorithm>
#include <cassert>
#include <initializer_list>
#include <set>
#include <utility>

using namespace lathe;

namespace {

using Values = std::initializer_list<std::pair<std::string_view, std::string>>;

/// Replaces every @KEY@ by its value.
std::string expand(std::string_view text, Values values) {
  std::string out;
  while (true) {
    size_t begin = text.find('@');
    out += text.substr(0, begin);
    if (begin == text.npos)
      return out;
    size_t end = text.find('@', begin + 1);
    std::string_view key = text.substr(begin + 1, end - begin - 1);
    auto found = std::find_if(values.begin(), values.end(), [&](const auto &value) { return value.first == key; });
    assert(found != values.end() && "a template names a value that it is not given");
    out += found->second;
    text.remove_prefix(end + 1);
  }
}

std::string upperCase(std::string text) {
  for (char &c : text)
    c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return text;
}

std::string camelCase(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i)
    if (text[i] != '_')
      out += i == 0 || text[i - 1] == '_' ? upperCase({text[i]}) : std::string{text[i]};
  return out;
}

/// An element as C sees it: half-precision floats as their bits, types without a C equivalent as bytes.
const char *elementType(const TensorInterface &tensor) {
  static const struct {
    lathe_dtype_t dtype;
    const char *type;
  } types[] = {{{0, 8, 1}, "int8_t"},
               {{0, 16, 1}, "int16_t"},
               {{0, 32, 1}, "int32_t"},
               {{0, 64, 1}, "int64_t"},
               {{1, 8, 1}, "uint8_t"},
               {{1, 16, 1}, "uint16_t"},
               {{1, 32, 1}, "uint32_t"},
               {{1, 64, 1}, "uint64_t"},
               {{2, 16, 1}, "uint16_t"},
               {{2, 32, 1}, "float"},
               {{2, 64, 1}, "double"},
               {{4, 16, 1}, "uint16_t"},
               {{6, 8, 1}, "bool"},
               {{5, 64, 1}, "lathe_complex64_t"},
               {{5, 128, 1}, "lathe_complex128_t"}};
  for (const auto &row : types)
    if (row.dtype.code == tensor.dtype.code && row.dtype.bits == tensor.dtype.bits && tensor.dtype.lanes == 1)
      return row.type;
  return "unsigned char";
}

uint64_t elementCount(const TensorInterface &tensor) {
  if (elementType(tensor) == std::string_view("unsigned char"))
    return tensor.bytes;
  uint64_t count = 1;
  for (int64_t size : tensor.shape)
    count *= static_cast<uint64_t>(size);
  return count;
}

std::string joinShape(const TensorInterface &tensor) {
  std::string out;
  for (int64_t size : tensor.shape)
    out += (out.empty() ? "" : ", ") + std::to_string(size);
  return out;
}

std::string pad(std::string text, size_t width) {
  return text + std::string(width > text.size() ? width - text.size() : 0, ' ');
}

/// How the parts of one entry are named.
struct Names {
  std::string prefix, macro, cppNamespace, cppClass;
};

Names nameEntry(const ObjectInterface &object, const std::string &identifier) {
  const bool isOnly = object.entries.size() == 1;
  Names names;
  names.prefix = isOnly ? object.name : object.name + "_" + identifier;
  names.macro = upperCase(names.prefix);
  const std::string own = isOnly ? "" : camelCase(identifier);
  if (object.cppClass.empty()) {
    names.cppNamespace = object.name;
    names.cppClass = isOnly ? "Model" : own;
    return names;
  }
  size_t colons = object.cppClass.rfind("::");
  names.cppNamespace = colons == std::string::npos ? "" : object.cppClass.substr(0, colons);
  names.cppClass = (colons == std::string::npos ? object.cppClass : object.cppClass.substr(colons + 2)) + own;
  return names;
}

std::vector<Names> nameEntries(const ObjectInterface &object) {
  std::vector<Names> names;
  std::set<std::string> taken;
  for (const EntryInterface &entry : object.entries) {
    const std::string base = moduleIdentifier(entry.name);
    std::string identifier = base;
    for (int number = 2; !taken.insert(identifier).second; ++number)
      identifier = base + "_" + std::to_string(number);
    names.push_back(nameEntry(object, identifier));
  }
  return names;
}

//===--- Banner
//-----------------------------------------------------------------------------------------------------===//

std::string tensorTable(const char *what, const std::vector<TensorInterface> &tensors) {
  size_t nameWidth = 0, typeWidth = 0;
  for (const TensorInterface &tensor : tensors) {
    nameWidth = std::max(nameWidth, escapeText(tensor.name).size());
    typeWidth = std::max(typeWidth, describeType(tensor).size());
  }
  std::string out;
  for (size_t i = 0; i < tensors.size(); ++i)
    out += std::string("  ") + what + " " + std::to_string(i) + "  " + pad(escapeText(tensors[i].name), nameWidth) +
           "  " + pad(describeType(tensors[i]), typeWidth) + "  " + std::to_string(tensors[i].bytes) +
           " bytes, aligned to " + std::to_string(tensors[i].alignment) + "\n";
  return out;
}

std::string memoryTable(const ObjectInterface &object, const EntryInterface &entry) {
  auto sum = [](const std::vector<TensorInterface> &tensors) {
    uint64_t bytes = 0;
    for (const TensorInterface &tensor : tensors)
      bytes += tensor.bytes;
    return bytes;
  };
  const uint64_t arguments = sum(entry.arguments), results = sum(entry.results);
  std::vector<MemoryPart> rows{{"arena", entry.arenaBytes}};
  for (const MemoryPart &part : entry.arenaParts)
    rows.push_back({"  of it " + escapeText(part.what), part.bytes});
  rows.push_back({"arguments", arguments});
  rows.push_back({"results", results});
  rows.push_back({object.separateWeights ? "weights, in their file" : "weights, in the object", object.weightBytes});
  rows.push_back({"together", entry.arenaBytes + arguments + results + object.weightBytes});
  size_t width = 0, digits = 0;
  for (const MemoryPart &row : rows) {
    width = std::max(width, row.what.size());
    digits = std::max(digits, std::to_string(row.bytes).size());
  }
  std::string out;
  for (const MemoryPart &row : rows) {
    const std::string bytes = std::to_string(row.bytes);
    out += "    " + pad(row.what, width + 2 + digits - bytes.size()) + bytes + " bytes\n";
  }
  return out;
}

std::string exampleText(const ObjectInterface &object, const EntryInterface &entry, const Names &names) {
  const std::string header = object.headerFile.empty() ? object.name + ".h" : escapeText(object.headerFile);
  std::string data, setters;
  for (const auto *tensors : {&entry.arguments, &entry.results})
    for (const TensorInterface &tensor : *tensors) {
      if (elementCount(tensor) == 0)
        continue;
      data += expand("_Alignas(@ALIGN@) static @TYPE@ @ID@_data[@U@_@ID_UPPER@_COUNT];\n",
                     {{"ALIGN", names.macro + "_" + upperCase(tensor.identifier) + "_ALIGNMENT"},
                      {"TYPE", elementType(tensor)},
                      {"ID", tensor.identifier},
                      {"U", names.macro},
                      {"ID_UPPER", upperCase(tensor.identifier)}});
      setters += "  " + names.prefix + "_set_" + tensor.identifier + "(&m, " + tensor.identifier + "_data);\n";
    }
  std::string arena = "NULL, 0";
  if (entry.arenaBytes != 0) {
    data +=
        "_Alignas(" + names.macro + "_ARENA_ALIGNMENT) static unsigned char arena[" + names.macro + "_ARENA_SIZE];\n";
    arena = "arena, sizeof arena";
  }
  std::string weights;
  if (object.separateWeights)
    weights = expand(R"(  lathe_weights_t w;
  s = lathe_weights_map("@FILE@", lathe_@NAME@_query(LATHE_ABI_VERSION), &w);
  if (!lathe_ok(s)) { fprintf(stderr, "%s\n", lathe_status_text(s)); return 1; }
  @P@_set_weights(&m, &w);
)",
                     {{"FILE", escapeText(object.weightsFile)}, {"NAME", object.name}, {"P", names.prefix}});
  return expand(R"(#include "@HEADER@"
#include <stdio.h>

@DATA@
int main(void) {
  lathe_status_t s;
  @P@_t m = @P@_init(@ARENA@);
@WEIGHTS@@SETTERS@  s = @P@_run(&m);
  if (!lathe_ok(s)) { fprintf(stderr, "%s\n", lathe_status_text(s)); return 1; }
  return 0;
}
)",
                {{"HEADER", header},
                 {"DATA", data},
                 {"P", names.prefix},
                 {"ARENA", arena},
                 {"WEIGHTS", weights},
                 {"SETTERS", setters}});
}

std::string bannerText(const ObjectInterface &object, const std::vector<Names> &names) {
  std::string out = object.name;
  if (!object.graph.empty())
    out += ", compiled from " + escapeText(object.graph);
  if (!object.targetCpu.empty())
    out += " for " + escapeText(object.targetCpu);
  out += ". Written by Lathe; do not edit.\n";
  for (size_t i = 0; i < object.entries.size(); ++i) {
    const EntryInterface &entry = object.entries[i];
    out += "\nEntry " + std::to_string(i) + ", " + escapeText(entry.name) + ": " + names[i].prefix + "_t\n";
    out += tensorTable("argument", entry.arguments) + tensorTable("result  ", entry.results);
    out += "  memory\n" + memoryTable(object, entry);
  }
  out += "\nUse:\n\n" + exampleText(object, object.entries.front(), names.front());
  out +=
      "\n  cc app.c " + object.name +
      ".o $(pkg-config --cflags --libs lathe) -o app\n"
      "\nOne context serves one thread at a time; any number of contexts run at once, each with an arena of its own.\n";
  if (!object.entries.front().arguments.empty() || !object.entries.front().results.empty())
    out += "Arguments and results can also be set by position: " + names.front().prefix +
           "_set_argument(&m, 0, pointer).\n";
  return out;
}

std::string asComment(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    out += line.empty() ? "//\n" : "// " + std::string(line) + "\n";
    text.remove_prefix(end + 1);
  }
  return out;
}

//===--- C
//----------------------------------------------------------------------------------------------------------===//

std::string forTensors(const EntryInterface &entry, const Names &names, std::string_view argumentText,
                       std::string_view resultText) {
  std::string out;
  auto add = [&](const std::vector<TensorInterface> &tensors, std::string_view text) {
    for (size_t i = 0; i < tensors.size(); ++i) {
      const TensorInterface &tensor = tensors[i];
      out += expand(text, {{"P", names.prefix},
                           {"U", names.macro},
                           {"ID", tensor.identifier},
                           {"ID_UPPER", upperCase(tensor.identifier)},
                           {"INDEX", std::to_string(i)},
                           {"NAME", escapeText(tensor.name)},
                           {"TYPE", elementType(tensor)},
                           {"DESCRIPTION", describeType(tensor)},
                           {"COUNT", std::to_string(elementCount(tensor))},
                           {"BYTES", std::to_string(tensor.bytes)},
                           {"ALIGNMENT", std::to_string(tensor.alignment)},
                           {"RANK", std::to_string(tensor.shape.size())}});
    }
  };
  add(entry.arguments, argumentText);
  add(entry.results, resultText);
  return out;
}

std::string constantsText(const EntryInterface &entry, const Names &names) {
  std::string out = expand(R"(
#define @U@_ARENA_SIZE @ARENA@
#define @U@_ARENA_ALIGNMENT @ALIGNMENT@
#define @U@_ARGUMENT_COUNT @ARGUMENTS@
#define @U@_RESULT_COUNT @RESULTS@
)",
                           {{"U", names.macro},
                            {"ARENA", std::to_string(entry.arenaBytes)},
                            {"ALIGNMENT", std::to_string(entry.arenaAlignment)},
                            {"ARGUMENTS", std::to_string(entry.arguments.size())},
                            {"RESULTS", std::to_string(entry.results.size())}});
  for (const auto *tensors : {&entry.arguments, &entry.results})
    for (const TensorInterface &tensor : *tensors) {
      const std::string macro = names.macro + "_" + upperCase(tensor.identifier);
      out += "\n#define " + macro + "_COUNT " + std::to_string(elementCount(tensor)) + "\n";
      out += "#define " + macro + "_BYTES " + std::to_string(tensor.bytes) + "\n";
      out += "#define " + macro + "_ALIGNMENT " + std::to_string(tensor.alignment) + "\n";
      out += "#define " + macro + "_RANK " + std::to_string(tensor.shape.size()) + "\n";
      if (!tensor.shape.empty())
        out += "#define " + macro + "_SHAPE {" + joinShape(tensor) + "}\n";
    }
  return out;
}

std::string functionsText(const ObjectInterface &object, size_t index, const Names &names) {
  const EntryInterface &entry = object.entries[index];
  std::string out = expand(R"(
// One caller's use of the model. It may be copied; its fields are not for the application.
typedef struct @P@_t {
  lathe_context_t context;
  const void *arguments[@ARGUMENT_SLOTS@];
  void *results[@RESULT_SLOTS@];
} @P@_t;

// `arena`: @U@_ARENA_SIZE bytes, aligned to @U@_ARENA_ALIGNMENT. A failure is what every run returns.
static inline @P@_t @P@_init(void *arena, size_t arena_size) {
  @P@_t m;
  size_t i;
  lathe_context_init(&m.context, lathe_@NAME@_query(LATHE_ABI_VERSION), @INDEX@, UINT64_C(@SIGNATURE@), arena, arena_size);
  for (i = 0; i < @ARGUMENT_SLOTS@; ++i)
    m.arguments[i] = NULL;
  for (i = 0; i < @RESULT_SLOTS@; ++i)
    m.results[i] = NULL;
  return m;
}

// What the initialisation returned.
static inline lathe_status_t @P@_status(const @P@_t *m) { return lathe_context_status(&m->context); }

// Runs on the threads that the executor lends; null, as at the beginning: on the calling thread. It is copied.
static inline lathe_status_t @P@_set_executor(@P@_t *m, const lathe_executor_t *executor) {
  return lathe_context_set_executor(&m->context, executor);
}

// By position.
static inline lathe_status_t @P@_set_argument(@P@_t *m, size_t index, const void *data) {
  lathe_status_t status = lathe_context_check_index(&m->context, "argument", index, @U@_ARGUMENT_COUNT);
  if (lathe_ok(status))
    m->arguments[index] = data;
  return status;
}

static inline lathe_status_t @P@_set_result(@P@_t *m, size_t index, void *data) {
  lathe_status_t status = lathe_context_check_index(&m->context, "result", index, @U@_RESULT_COUNT);
  if (lathe_ok(status))
    m->results[index] = data;
  return status;
}
)",
                           {{"P", names.prefix},
                            {"U", names.macro},
                            {"NAME", object.name},
                            {"INDEX", std::to_string(index)},
                            {"SIGNATURE", std::to_string(entrySignature(entry))},
                            {"ARGUMENT_SLOTS", std::to_string(std::max<size_t>(1, entry.arguments.size()))},
                            {"RESULT_SLOTS", std::to_string(std::max<size_t>(1, entry.results.size()))}});
  if (object.separateWeights)
    out += expand(R"(
// The weights file, which must stay mapped. Without it no run starts.
static inline lathe_status_t @P@_set_weights(@P@_t *m, const lathe_weights_t *weights) {
  return lathe_context_set_weights(&m->context, weights);
}
)",
                  {{"P", names.prefix}});
  out += forTensors(entry, names,
                    "\n// Argument @INDEX@, '@NAME@': @DESCRIPTION@.\n"
                    "static inline void @P@_set_@ID@(@P@_t *m, const @TYPE@ *data) { m->arguments[@INDEX@] = data; }\n",
                    "\n// Result @INDEX@, '@NAME@': @DESCRIPTION@.\n"
                    "static inline void @P@_set_@ID@(@P@_t *m, @TYPE@ *data) { m->results[@INDEX@] = data; }\n");
  out += expand(R"(
// Reads the arguments, writes the results. Allocates nothing.
static inline lathe_status_t @P@_run(@P@_t *m) { return lathe_context_run(&m->context, m->arguments, m->results); }
)",
                {{"P", names.prefix}});
  return out;
}

//===--- C++
//--------------------------------------------------------------------------------------------------------===//

std::string classText(const ObjectInterface &object, const EntryInterface &entry, const Names &names) {
  std::string constants, open, close;
  for (const auto *tensors : {&entry.arguments, &entry.results})
    for (const TensorInterface &tensor : *tensors) {
      const std::string macro = names.macro + "_" + upperCase(tensor.identifier);
      constants += "  static constexpr std::size_t " + tensor.identifier + "_count = " + macro + "_COUNT;\n";
      if (!tensor.shape.empty())
        constants += "  static constexpr std::int64_t " + tensor.identifier + "_shape[] = " + macro + "_SHAPE;\n";
    }
  if (!names.cppNamespace.empty()) {
    open = "\nnamespace " + names.cppNamespace + " {";
    close = "} // namespace " + names.cppNamespace + "\n";
  }
  const std::string setter = R"(
  /// @KIND@ @INDEX@, '@NAME@': @DESCRIPTION@. A wrong number of elements unsets it.
  lathe_status_t set_@ID@(::lathe::View<@CONST@@TYPE@> data) noexcept {
    lathe_status_t status = lathe_context_check_count(&model.context, "@ID@", data.size(), @ID@_count);
    @P@_set_@ID@(&model, lathe_ok(status) ? data.data() : nullptr);
    return status;
  }
)";
  auto specialize = [&](const char *kind, const char *constness) {
    std::string text = setter;
    for (const auto &[key, value] : {std::pair{"@KIND@", kind}, {"@CONST@", constness}})
      text.replace(text.find(key), std::string_view(key).size(), value);
    return text;
  };
  const std::string weights = object.separateWeights
                                  ? "  lathe_status_t set_weights(const lathe_weights_t &weights) noexcept { return " +
                                        names.prefix + "_set_weights(&model, &weights); }\n"
                                  : "";
  return expand(R"(@OPEN@
/// The same in C++. Texts of statuses lie in the object.
class @CLASS@ {
public:
  static constexpr std::size_t arena_size = @U@_ARENA_SIZE;
  static constexpr std::size_t arena_alignment = @U@_ARENA_ALIGNMENT;
@CONSTANTS@
  @CLASS@(void *arena, std::size_t size) noexcept : model(@P@_init(arena, size)) {}
  lathe_status_t status() const noexcept { return @P@_status(&model); }
  lathe_status_t set_executor(const lathe_executor_t *executor) noexcept { return @P@_set_executor(&model, executor); }
@WEIGHTS@  lathe_status_t set_argument(std::size_t index, const void *data) noexcept { return @P@_set_argument(&model, index, data); }
  lathe_status_t set_result(std::size_t index, void *data) noexcept { return @P@_set_result(&model, index, data); }
@SETTERS@
  lathe_status_t run() noexcept { return @P@_run(&model); }

private:
  @P@_t model;
};
@CLOSE@)",
                {{"OPEN", open},
                 {"CLOSE", close},
                 {"CLASS", names.cppClass},
                 {"U", names.macro},
                 {"P", names.prefix},
                 {"CONSTANTS", constants},
                 {"WEIGHTS", weights},
                 {"SETTERS", forTensors(entry, names, specialize("Argument", "const "), specialize("Result", ""))}});
}

} // namespace

std::string lathe::emitHeader(const ObjectInterface &interface) {
  assert(!interface.entries.empty() && "an object has at least one entry");
  ObjectInterface object = interface;
  assignIdentifiers(object);
  const std::vector<Names> names = nameEntries(object);

  std::string constants, functions, classes;
  for (size_t i = 0; i < object.entries.size(); ++i) {
    constants += constantsText(object.entries[i], names[i]);
    functions += functionsText(object, i, names[i]);
    classes += classText(object, object.entries[i], names[i]);
  }
  return expand(R"(@BANNER@#ifndef LATHE_MODEL_@U@_H
#define LATHE_MODEL_@U@_H

#include <lathe/runtime.h>
#ifdef __cplusplus
#include <cstddef>
#include <cstdint>
#endif

#define @U@_WEIGHT_BYTES @WEIGHT_BYTES@
@CONSTANTS@
#ifdef __cplusplus
extern "C" {
#endif

// The model's description, for the functions of <lathe/runtime.h>; null where it cannot speak this ABI version.
const lathe_module_t *lathe_@NAME@_query(uint32_t max_abi);
@FUNCTIONS@
#ifdef __cplusplus
} // extern "C"
@CLASSES@#endif
#endif // LATHE_MODEL_@U@_H
)",
                {{"BANNER", asComment(bannerText(object, names))},
                 {"NAME", object.name},
                 {"U", upperCase(object.name)},
                 {"WEIGHT_BYTES", std::to_string(object.weightBytes)},
                 {"CONSTANTS", constants},
                 {"FUNCTIONS", functions},
                 {"CLASSES", classes}});
}
