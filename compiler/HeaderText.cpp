// SPDX-License-Identifier: Apache-2.0
// Text templates, names and element types of the generated header.
#include "compiler/HeaderText.h"

#include <algorithm>
#include <cassert>
#include <set>

using namespace lathe;
using namespace lathe::header;

namespace {

std::string camelCase(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i)
    if (text[i] != '_')
      out += i == 0 || text[i - 1] == '_' ? upperCase({text[i]}) : std::string{text[i]};
  return out;
}

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

} // namespace

std::string header::expand(std::string_view text, Values values) {
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

std::string header::upperCase(std::string text) {
  for (char &c : text)
    c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return text;
}

const char *header::elementType(const TensorInterface &tensor) {
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

uint64_t header::elementCount(const TensorInterface &tensor) {
  if (elementType(tensor) == std::string_view("unsigned char"))
    return tensor.bytes;
  uint64_t count = 1;
  for (int64_t size : tensor.shape)
    count *= static_cast<uint64_t>(size);
  return count;
}

std::string header::batchSizes(const EntryInterface &entry) {
  std::string text;
  for (size_t i = 0; i < entry.bodies.size(); ++i)
    text += (i == 0 ? "" : i + 1 == entry.bodies.size() ? " or " : ", ") + std::to_string(entry.bodies[i].items);
  return text;
}

std::vector<Names> header::nameEntries(const ObjectInterface &object) {
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
