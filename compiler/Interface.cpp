// SPDX-License-Identifier: Apache-2.0
// Names that are valid in C and C++, and the signature that ties a header to its object.
#include "compiler/Interface.h"

#include <algorithm>
#include <iterator>
#include <set>

using namespace lathe;

namespace {

/// C11 and C++20 keywords, and names that are taken at file scope of every program.
constexpr std::string_view keywords[] = {"alignas",     "alignof",   "and",          "and_eq",
                                         "asm",         "auto",      "bitand",       "bitor",
                                         "bool",        "break",     "case",         "catch",
                                         "char",        "char16_t",  "char32_t",     "char8_t",
                                         "class",       "co_await",  "co_return",    "co_yield",
                                         "compl",       "complex",   "concept",      "const",
                                         "const_cast",  "consteval", "constexpr",    "constinit",
                                         "continue",    "decltype",  "default",      "delete",
                                         "do",          "double",    "dynamic_cast", "else",
                                         "enum",        "errno",     "explicit",     "export",
                                         "extern",      "false",     "float",        "for",
                                         "friend",      "goto",      "if",           "imaginary",
                                         "inline",      "int",       "long",         "main",
                                         "mutable",     "namespace", "new",          "noexcept",
                                         "noreturn",    "not",       "not_eq",       "nullptr",
                                         "operator",    "or",        "or_eq",        "private",
                                         "protected",   "public",    "register",     "reinterpret_cast",
                                         "requires",    "restrict",  "return",       "short",
                                         "signed",      "sizeof",    "static",       "static_assert",
                                         "static_cast", "std",       "struct",       "switch",
                                         "template",    "this",      "thread_local", "throw",
                                         "true",        "try",       "typedef",      "typeid",
                                         "typename",    "typeof",    "union",        "unsigned",
                                         "using",       "virtual",   "void",         "volatile",
                                         "wchar_t",     "while",     "xor",          "xor_eq"};

/// X where X_t is a type of the C library or of POSIX.
constexpr std::string_view libraryTypes[] = {
    "blkcnt",     "blksize", "char16",  "char32",    "char8",     "clock",   "clockid",   "constraint_handler",
    "dev",        "div",     "errno",   "fenv",      "fexcept",   "fpos",    "gid",       "id",
    "imaxdiv",    "ino",     "int16",   "int32",     "int64",     "int8",    "intmax",    "intptr",
    "key",        "ldiv",    "lldiv",   "locale",    "max_align", "mbstate", "mode",      "mtx",
    "nlink",      "nullptr", "off",     "once_flag", "pid",       "pthread", "ptrdiff",   "rsize",
    "sig_atomic", "sigset",  "size",    "socklen",   "ssize",     "stack",   "suseconds", "thrd",
    "time",       "timer",   "tss",     "uid",       "uint16",    "uint32",  "uint64",    "uint8",
    "uintmax",    "uintptr", "va_list", "wchar",     "wctrans",   "wctype",  "wint"};

/// Words that the header itself uses after set_ or before _COUNT, _BYTES and the like.
constexpr std::string_view headerWords[] = {"arena",   "argument",  "entry",  "executor", "result",
                                            "results", "arguments", "store",    "weight", "weights"};

template <size_t N> bool contains(const std::string_view (&words)[N], std::string_view word) {
  return std::find(std::begin(words), std::end(words), word) != std::end(words);
}

bool isLower(char c) {
  return c >= 'a' && c <= 'z';
}
bool isUpper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool isDigit(char c) {
  return c >= '0' && c <= '9';
}

/// Lower-case words with single underscores between them: "MatMul" gives "mat_mul". Empty where nothing is usable. C
/// reserves double underscores to the implementation, so none is ever made.
std::string snakeCase(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (!isLower(c) && !isUpper(c) && !isDigit(c)) {
      if (!out.empty() && out.back() != '_')
        out += '_';
      continue;
    }
    bool startsWord = isUpper(c) && i > 0 &&
                      (isLower(text[i - 1]) || (isUpper(text[i - 1]) && i + 1 < text.size() && isLower(text[i + 1])));
    if (startsWord && out.back() != '_')
      out += '_';
    out += isUpper(c) ? static_cast<char>(c - 'A' + 'a') : c;
  }
  while (!out.empty() && out.back() == '_')
    out.pop_back();
  return out;
}

std::string tensorIdentifier(std::string_view name, std::string_view kind) {
  if (name.size() > 2 && name.substr(name.size() - 2) == ":0")
    name.remove_suffix(2);
  if (!name.empty() && name.front() == '^')
    name.remove_prefix(1);
  std::string identifier = snakeCase(name);
  if (identifier.empty())
    return "unnamed";
  // The C++ class has set_<a> for one tensor and <b>_count for another; no b begins with "set_", so they differ.
  if (isDigit(identifier.front()) || identifier.rfind("set_", 0) == 0)
    identifier = std::string(kind) + "_" + identifier;
  if (contains(keywords, identifier) || contains(headerWords, identifier))
    identifier += "_value";
  return identifier;
}

} // namespace

std::string lathe::moduleIdentifier(std::string_view text) {
  std::string identifier = snakeCase(text);
  if (identifier.empty())
    return "model";
  bool isTaken = contains(keywords, identifier) || contains(libraryTypes, identifier);
  if (isTaken || isDigit(identifier.front()) || identifier == "lathe" || identifier.rfind("lathe_", 0) == 0 ||
      identifier.rfind("pthread_", 0) == 0)
    return "model_" + identifier;
  return identifier;
}

void lathe::assignIdentifiers(ObjectInterface &object) {
  for (EntryInterface &entry : object.entries) {
    std::set<std::string> taken;
    for (const auto *tensors : {&entry.arguments, &entry.results})
      for (const TensorInterface &tensor : *tensors)
        taken.insert(tensor.identifier);
    auto assign = [&](std::vector<TensorInterface> &tensors, const char *kind, const char *suffix) {
      for (TensorInterface &tensor : tensors) {
        if (!tensor.identifier.empty())
          continue;
        const std::string base = tensorIdentifier(tensor.name, kind);
        std::string identifier = base;
        if (taken.count(identifier))
          identifier += suffix;
        for (int number = 2; taken.count(identifier); ++number)
          identifier = base + "_" + std::to_string(number);
        taken.insert(identifier);
        tensor.identifier = identifier;
      }
    };
    // A graph that gives back an argument has one name twice: "x" and "x_result".
    assign(entry.arguments, "argument", "");
    assign(entry.results, "result", "_result");
  }
}

std::string lathe::escapeText(std::string_view text) {
  static const char digits[] = "0123456789abcdef";
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    char before = i > 0 ? text[i - 1] : ' ';
    bool endsComment = (c == '/' && before == '*') || (c == '*' && before == '/');
    bool isTrigraph = c == '?' && before == '?';
    if (c >= ' ' && c <= '~' && c != '\\' && !endsComment && !isTrigraph) {
      out += c;
      continue;
    }
    auto byte = static_cast<unsigned char>(c);
    out += {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
  }
  return out;
}

bool lathe::isCppClassName(std::string_view text) {
  while (true) {
    size_t end = text.find("::");
    std::string_view part = text.substr(0, end);
    bool isWord = !part.empty() && !isDigit(part.front()) && part.find("__") == part.npos && !contains(keywords, part);
    for (char c : part)
      isWord = isWord && (isLower(c) || isUpper(c) || isDigit(c) || c == '_');
    if (!isWord || end == text.npos)
      return isWord;
    text.remove_prefix(end + 2);
  }
}

/// "N" stands for the number of items in a batch.
static std::string firstSize(const TensorInterface &tensor) {
  std::string size = std::to_string(tensor.shape.front());
  if (tensor.perItem)
    return tensor.shape.front() == 1 ? "N" : size + "N";
  return (tensor.countResult >= 0 ? "<=" : "") + size;
}

std::string lathe::describeType(const TensorInterface &tensor) {
  static const char *const families[] = {"int", "uint", "float", "", "bfloat", "complex", "bool"};
  const lathe_dtype_t dtype = tensor.dtype;
  std::string out = dtype.code < std::size(families) ? families[dtype.code] : "type";
  if (out != "bool")
    out += std::to_string(dtype.bits);
  out += '[';
  for (size_t i = 0; i < tensor.shape.size(); ++i)
    out += i ? "," + std::to_string(tensor.shape[i]) : firstSize(tensor);
  return out + ']';
}

uint32_t lathe::useFlags(const VariableUse &use) {
  return (use.reads ? LATHE_READS : 0) | (use.writes ? LATHE_WRITES : 0);
}

uint32_t lathe::tensorFlags(const TensorInterface &tensor) { return tensor.perItem ? LATHE_PER_ITEM : 0; }
uint32_t lathe::entryFlags(const EntryInterface &entry) { return entry.takesAnyBatch() ? LATHE_ANY_BATCH : 0; }

uint64_t lathe::entrySignature(const EntryInterface &entry) {
  auto describeTensor = [](const TensorInterface &tensor) -> lathe_tensor_info_t {
    return {sizeof(lathe_tensor_info_t), static_cast<uint32_t>(tensor.shape.size()), tensor.name.c_str(),
            tensor.shape.data(), tensor.dtype, tensor.alignment, tensor.bytes, static_cast<uint32_t>(tensor.countResult + 1), tensorFlags(tensor)};
  };
  auto describe = [&](const std::vector<TensorInterface> &tensors) {
    std::vector<lathe_tensor_info_t> infos;
    for (const TensorInterface &tensor : tensors)
      infos.push_back(describeTensor(tensor));
    return infos;
  };
  const size_t uses = entry.variables.size();
  std::vector<lathe_tensor_info_t> variableTensors(uses);
  std::vector<lathe_variable_info_t> variables(uses);
  std::vector<lathe_variable_use_t> variableUses(uses);
  for (size_t i = 0; i < uses; ++i) {
    const VariableUse &use = entry.variables[i];
    variableTensors[i] = describeTensor(use.variable.tensor);
    variables[i] = {sizeof(lathe_variable_info_t), 0, use.variable.container.c_str(), &variableTensors[i],
                    use.variable.initial};
    variableUses[i] = {&variables[i], use.index, useFlags(use)};
  }
  const std::vector<lathe_tensor_info_t> arguments = describe(entry.arguments), results = describe(entry.results);
  lathe_entry_t table{};
  table.struct_size = sizeof table;
  table.argument_count = static_cast<uint32_t>(arguments.size());
  table.result_count = static_cast<uint32_t>(results.size());
  table.name = entry.name.c_str();
  table.arguments = arguments.data();
  table.results = results.data();
  table.variables = variableUses.data();
  table.variable_count = static_cast<uint32_t>(uses);
  table.arena_bytes = entry.arenaBytes;
  table.arena_alignment = entry.arenaAlignment;
  std::vector<lathe_body_t> bodies;
  for (const BodyInterface &body : entry.bodies)
    bodies.push_back({body.items, body.arenaBytes, nullptr});
  table.bodies = bodies.data();
  table.body_count = bodies.size();
  table.flags = entryFlags(entry);
  return lathe_entry_signature(&table);
}

lathe_weights_header_t lathe::weightsHeader(const void *data, uint64_t bytes) {
  lathe_weights_header_t header{};
  std::copy_n(LATHE_WEIGHTS_MAGIC, sizeof header.magic, header.magic);
  header.version = LATHE_WEIGHTS_VERSION;
  header.header_size = sizeof header;
  header.bytes = bytes;
  header.hash = lathe_weight_hash(data, bytes);
  return header;
}
