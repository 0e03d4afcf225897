// SPDX-License-Identifier: Apache-2.0
// The comment that begins a generated header.
#include "compiler/HeaderText.h"

#include <algorithm>

using namespace lathe;
using namespace lathe::header;

namespace {

std::string pad(std::string text, size_t width) {
  return text + std::string(width > text.size() ? width - text.size() : 0, ' ');
}

std::string tensorTable(const char *what, const std::vector<TensorInterface> &tensors) {
  size_t nameWidth = 0, typeWidth = 0;
  for (const TensorInterface &tensor : tensors) {
    nameWidth = std::max(nameWidth, escapeText(tensor.name).size());
    typeWidth = std::max(typeWidth, describeType(tensor).size());
  }
  std::string out;
  for (size_t i = 0; i < tensors.size(); ++i)
    out += std::string("  ") + what + " " + pad(std::to_string(i), std::to_string(tensors.size() - 1).size()) + "  " +
           pad(escapeText(tensors[i].name), nameWidth) + "  " + pad(describeType(tensors[i]), typeWidth) + "  " +
           std::to_string(tensors[i].bytes) + (tensors[i].perItem ? " bytes an item, aligned to " : " bytes, aligned to ") + std::to_string(tensors[i].alignment) +
           (tensors[i].countResult >= 0 ? ", rows counted by result " + std::to_string(tensors[i].countResult) : "") + "\n";
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
  for (const BodyInterface &body : entry.bodies)
    rows.push_back({std::string(entry.takesAnyBatch() ? "  for batches from " : "  for batches of ") + std::to_string(body.items), body.arenaBytes});
  const std::string each = entry.bodies.empty() ? "" : ", of one item";
  const uint64_t arena = entry.bodies.empty() ? entry.arenaBytes : entry.bodies.front().arenaBytes;
  rows.push_back({"arguments" + each, arguments});
  rows.push_back({"results" + each, results});
  rows.push_back({object.separateWeights ? "weights, in their file" : "weights, in the object", object.weightBytes});
  uint64_t variables = 0;
  for (const VariableInterface &variable : object.variables)
    variables += variable.tensor.bytes;
  if (!object.variables.empty())
    rows.push_back({"variables, in the store", variables});
  rows.push_back({"together" + each, arena + arguments + results + object.weightBytes + variables});
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
      data += expand("_Alignas(@ALIGN@) static @TYPE@ @ID@_data[@U@_@ID_UPPER@_COUNT@BATCH@];\n",
                     {{"ALIGN", names.macro + "_" + upperCase(tensor.identifier) + "_ALIGNMENT"},
                      {"TYPE", elementType(tensor)},
                      {"ID", tensor.identifier},
                      {"U", names.macro},
                      {"BATCH", tensor.perItem ? "(BATCH)" : ""},
                      {"ID_UPPER", upperCase(tensor.identifier)}});
      setters += "  " + names.prefix + "_set_" + tensor.identifier + "(&m, " + tensor.identifier + "_data);\n";
    }
  if (!entry.bodies.empty()) {
    data = "enum { BATCH = " + std::to_string(entry.bodies.back().items) + " }; /* " +
           (entry.takesAnyBatch() ? "any number of items" : "items: " + batchSizes(entry)) + " */\n" + data;
    setters = "  " + names.prefix + "_set_batch(&m, BATCH);\n" + setters;
  }
  std::string arena = "NULL, 0";
  if (entry.arenaBytes != 0) {
    data +=
        "_Alignas(" + names.macro + "_ARENA_ALIGNMENT) static unsigned char arena[" + names.macro + "_ARENA_SIZE];\n";
    arena = "arena, sizeof arena";
  }
  std::string weights, store;
  if (!entry.variables.empty())
    store = expand(
        R"(  lathe_store_t store; /* the variables, from run to run; see lathe_store_save and lathe_store_restore */
  @DECLARE@s = @NAME@_create_store(&store);
  if (!lathe_ok(s)) { fprintf(stderr, "%s\n", lathe_status_text(s)); return 1; }
  @P@_set_store(&m, &store);
)",
        {{"NAME", object.name}, {"P", names.prefix}, {"DECLARE", object.separateWeights ? "" : "lathe_status_t "}});
  if (object.separateWeights)
    weights = expand(R"(  lathe_weights_t w;
  lathe_status_t s = lathe_weights_map("@FILE@", lathe_@NAME@_query(LATHE_ABI_VERSION), &w);
  if (!lathe_ok(s)) { fprintf(stderr, "%s\n", lathe_status_text(s)); return 1; }
  @P@_set_weights(&m, &w);
)",
                     {{"FILE", escapeText(object.weightsFile)}, {"NAME", object.name}, {"P", names.prefix}});
  return expand(R"(#include "@HEADER@"
#include <stdio.h>

@DATA@
int main(void) {
  @P@_t m = @P@_init(@ARENA@);
@WEIGHTS@@STORE@@SETTERS@  @STATUS@s = @P@_run(&m);
  if (!lathe_ok(s)) { fprintf(stderr, "%s\n", lathe_status_text(s)); return 1; }
@DESTROY@  return 0;
}
)",
                {{"HEADER", header},
                 {"DATA", data},
                 {"P", names.prefix},
                 {"ARENA", arena},
                 {"WEIGHTS", weights},
                 {"STORE", store},
                 {"DESTROY", store.empty() ? "" : "  lathe_store_destroy(&store);\n"},
                 {"STATUS", object.separateWeights || !store.empty() ? "" : "lathe_status_t "},
                 {"SETTERS", setters}});
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

} // namespace

static std::string cppName(const Names &names) {
  return (names.cppNamespace.empty() ? "" : names.cppNamespace + "::") + names.cppClass;
}

std::string header::bannerText(const ObjectInterface &object, const std::vector<Names> &names) {
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
    for (const VariableUse &use : entry.variables)
      out += "  variable " + escapeText(use.variable.tensor.name) + "  " + describeType(use.variable.tensor) + "  " +
             (use.reads ? use.writes ? "read and written" : "read" : "written") +
             (use.variable.initial == LATHE_NO_VALUE ? ", no initial value" : "") + "\n";
    out += "  memory\n" + memoryTable(object, entry);
  }
  out += "\nUse:\n\n" + exampleText(object, object.entries.front(), names.front());
  out +=
      "\n  cc app.c " + object.name +
      ".o $(pkg-config --cflags --libs lathe) -o app\n"
      "\nIn C++17 the same functions, with sizes checked, are methods of " +
      cppName(names.front()) +
      ".\n"
      "One context serves one thread at a time; any number of contexts run at once, each with an arena of its own.\n";
  if (!object.entries.front().arguments.empty() || !object.entries.front().results.empty())
    out += "Arguments and results can also be set by position: " + names.front().prefix +
           "_set_argument(&m, 0, pointer).\n";
  return asComment(out);
}
