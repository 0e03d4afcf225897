// SPDX-License-Identifier: Apache-2.0
// The C and C++ header that goes with an object: a banner with its use, constants, and inline functions.
#include "compiler/EmitHeader.h"
#include "compiler/HeaderText.h"

#include <algorithm>
#include <cassert>

using namespace lathe;
using namespace lathe::header;

namespace {

/// The sizes, the first of a batch with as many items as the macro's parameter says.
std::string joinShape(const TensorInterface &tensor) {
  std::string out;
  for (int64_t size : tensor.shape)
    out += (out.empty() ? tensor.perItem ? "(batch) * " : "" : ", ") + std::to_string(size);
  return out;
}

/// A constant of `tensor`: a number, or a macro of the batch's size.
std::string tensorConstant(const std::string &macro, const TensorInterface &tensor, const char *what, uint64_t value) {
  std::string text = std::to_string(value);
  return "#define " + macro + what + (tensor.perItem ? "(batch) ((size_t)(batch) * " + text + ")" : " " + text) + "\n";
}

/// The arena's size by that of the batch, as lathe_entry_arena_bytes() has it.
std::string arenaFor(const EntryInterface &entry) {
  std::string text = "0";
  uint64_t most = 0;
  for (const BodyInterface &body : entry.bodies) {
    most = entry.takesAnyBatch() ? std::max(most, body.arenaBytes) : body.arenaBytes;
    text = "(batch) " + std::string(entry.takesAnyBatch() ? ">= " : "== ") + std::to_string(body.items) + " ? " +
           std::to_string(most) + " : " + text;
  }
  return "(" + text + ")";
}

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
                           {"AFTER", tensor.perItem ? " Comes behind set_batch()." : ""},
                           {"COUNT", std::to_string(elementCount(tensor))},
                           {"BYTES", std::to_string(tensor.bytes)},
                           {"ALIGNMENT", std::to_string(tensor.alignment)},
                           {"EXPECTED", tensor.perItem ? tensor.identifier + "_item_count * model.context.batch"
                                                       : tensor.identifier + "_count"},
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
  if (!entry.bodies.empty())
    out += "\n// The part of the arena that a batch takes. With less, but that of 1, batches are run in smaller parts.\n#define " +
           names.macro + "_ARENA_SIZE_FOR(batch) " + arenaFor(entry) + "\n";
  for (const auto *tensors : {&entry.arguments, &entry.results})
    for (const TensorInterface &tensor : *tensors) {
      const std::string macro = names.macro + "_" + upperCase(tensor.identifier);
      out += "\n" + tensorConstant(macro, tensor, "_COUNT", elementCount(tensor)) + tensorConstant(macro, tensor, "_BYTES", tensor.bytes);
      out += "#define " + macro + "_ALIGNMENT " + std::to_string(tensor.alignment) + "\n";
      out += "#define " + macro + "_RANK " + std::to_string(tensor.shape.size()) + "\n";
      if (!tensor.shape.empty())
        out += "#define " + macro + "_SHAPE" + (tensor.perItem ? "(batch)" : "") + " {" + joinShape(tensor) + "}\n";
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
  if (!entry.bodies.empty())
    out += expand(R"(
// How many items the arguments and results of the next runs have@SIZES@. Without it no run starts.
static inline lathe_status_t @P@_set_batch(@P@_t *m, uint64_t batch) {
  return lathe_context_set_batch(&m->context, batch);
}
)",
                  {{"P", names.prefix}, {"SIZES", entry.takesAnyBatch() ? ", at least one" : ": " + batchSizes(entry)}});
  if (object.separateWeights)
    out += expand(R"(
// The weights file, which must stay mapped. Without it no run starts.
static inline lathe_status_t @P@_set_weights(@P@_t *m, const lathe_weights_t *weights) {
  return lathe_context_set_weights(&m->context, weights);
}
)",
                  {{"P", names.prefix}});
  if (!entry.variables.empty())
    out += expand(R"(
// The variables. Without them no run starts. The store must stay; see lathe_store_create in <lathe/runtime.h>.
static inline lathe_status_t @P@_set_store(@P@_t *m, const lathe_store_t *store) {
  return lathe_context_set_store(&m->context, store);
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

std::string classText(const ObjectInterface &object, const EntryInterface &entry, const Names &names) {
  std::string constants, open, close;
  for (const auto *tensors : {&entry.arguments, &entry.results})
    for (const TensorInterface &tensor : *tensors) {
      const std::string macro = names.macro + "_" + upperCase(tensor.identifier);
      const std::string name = tensor.identifier + (tensor.perItem ? "_item" : ""), one = tensor.perItem ? "(1)" : "";
      constants += "  static constexpr std::size_t " + name + "_count = " + macro + "_COUNT" + one + ";\n";
      if (!tensor.shape.empty())
        constants += "  static constexpr std::int64_t " + name + "_shape[] = " + macro + "_SHAPE" + one + ";\n";
    }
  if (!names.cppNamespace.empty()) {
    open = "\nnamespace " + names.cppNamespace + " {";
    close = "} // namespace " + names.cppNamespace + "\n";
  }
  const std::string setter = R"(
  /// @KIND@ @INDEX@, '@NAME@': @DESCRIPTION@. A wrong number of elements unsets it.@AFTER@
  lathe_status_t set_@ID@(::lathe::View<@CONST@@TYPE@> data) noexcept {
    lathe_status_t status = lathe_context_check_count(&model.context, "@ID@", data.size(), @EXPECTED@);
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
  const std::string batch = entry.bodies.empty()
                                ? ""
                                : "  lathe_status_t set_batch(std::uint64_t batch) noexcept { return " + names.prefix +
                                      "_set_batch(&model, batch); }\n";
  const std::string store = entry.variables.empty()
                                ? ""
                                : "  lathe_status_t set_store(const lathe_store_t &store) noexcept { return " +
                                      names.prefix + "_set_store(&model, &store); }\n";
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
@BATCH@@WEIGHTS@@STORE@  lathe_status_t set_argument(std::size_t index, const void *data) noexcept { return @P@_set_argument(&model, index, data); }
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
                 {"BATCH", batch},
                 {"STORE", store},
                 {"SETTERS", forTensors(entry, names, specialize("Argument", "const "), specialize("Result", ""))}});
}

} // namespace

std::string lathe::emitHeader(const ObjectInterface &interface) {
  assert(!interface.entries.empty() && "an object has at least one entry");
  ObjectInterface object = interface;
  assignIdentifiers(object);
  const std::vector<Names> names = nameEntries(object);

  std::string constants, functions, classes, store;
  if (!object.variables.empty())
    store = expand(R"(
// Makes a store for the model's variables, at their initial values; allocates, until lathe_store_destroy. To have it in
// memory of your own, or to share it with other models: lathe_store_init.
static inline lathe_status_t @NAME@_create_store(lathe_store_t *store) {
  const lathe_module_t *module = lathe_@NAME@_query(LATHE_ABI_VERSION);
  return lathe_store_create(store, &module, 1);
}
)",
                   {{"NAME", object.name}});
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
@STORE@@FUNCTIONS@
#ifdef __cplusplus
} // extern "C"
@CLASSES@#endif
#endif // LATHE_MODEL_@U@_H
)",
                {{"BANNER", bannerText(object, names)},
                 {"NAME", object.name},
                 {"U", upperCase(object.name)},
                 {"WEIGHT_BYTES", std::to_string(object.weightBytes)},
                 {"CONSTANTS", constants},
                 {"STORE", store},
                 {"FUNCTIONS", functions},
                 {"CLASSES", classes}});
}
