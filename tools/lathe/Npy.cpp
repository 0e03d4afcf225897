// SPDX-License-Identifier: Apache-2.0
// NumPy's .npy files: a magic, a header that is a Python dictionary in text, the elements.
#include "tools/lathe/Npy.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

using namespace lathe::tool;

namespace {
enum Code : uint8_t { Int = 0, UInt = 1, Float = 2, BFloat = 4, Complex = 5, Bool = 6 };
constexpr std::pair<char, uint8_t> kinds[] = {{'i', Int}, {'u', UInt}, {'f', Float}, {'c', Complex}, {'b', Bool}};

llvm::Error malformed(const std::string &path, const char *what) { return llvm::createStringError("%s: %s", path.c_str(), what); }

/// What follows `'key':` in the header.
llvm::StringRef valueOf(llvm::StringRef header, llvm::StringRef key) {
  size_t place = header.find(key);
  return place == llvm::StringRef::npos ? "" : header.drop_front(place + key.size()).ltrim("': ");
}
} // namespace

std::string lathe::tool::dtypeName(lathe_dtype_t dtype) {
  constexpr const char *names[] = {"int", "uint", "float", "", "bfloat", "complex", "bool"};
  return dtype.code == Bool ? "bool" : names[dtype.code] + std::to_string(dtype.bits);
}

llvm::Expected<Array> lathe::tool::readNpy(const std::string &path) {
  auto file = llvm::MemoryBuffer::getFile(path);
  if (!file)
    return malformed(path, file.getError().message().c_str());
  llvm::StringRef content = (*file)->getBuffer();
  if (!content.starts_with("\x93NUMPY") || content.size() < 12)
    return malformed(path, "not a .npy file");
  bool wide = content[6] != 1;
  size_t length = wide ? llvm::support::endian::read32le(content.data() + 8) : llvm::support::endian::read16le(content.data() + 8);
  size_t begin = wide ? 12 : 10;
  if (length > content.size() - begin)
    return malformed(path, "the header is cut off");
  llvm::StringRef header = content.substr(begin, length), type = valueOf(header, "'descr'");
  Array array;
  uint64_t size = 0;
  type = type.take_until([](char c) { return c == '\''; });
  bool known = type.size() >= 3 && type[0] != '>' && !type.drop_front(2).getAsInteger(10, size);
  const auto *kind = known ? llvm::find_if(kinds, [&](auto &entry) { return entry.first == type[1]; }) : std::end(kinds);
  if (kind == std::end(kinds) || size > 16)
    return malformed(path, ("element type '" + type.str() + "' is not supported").c_str());
  if (valueOf(header, "'fortran_order'").starts_with("True"))
    return malformed(path, "column-major order is not supported");
  array.dtype = {kind->second, static_cast<uint8_t>(8 * size), 1};
  llvm::StringRef sizes = valueOf(header, "'shape'").ltrim('(').take_until([](char c) { return c == ')'; });
  uint64_t bytes = size;
  while (!sizes.trim(", ").empty()) {
    auto [word, rest] = sizes.split(',');
    int64_t dimension;
    if (word.trim().getAsInteger(10, dimension) || dimension < 0)
      return malformed(path, "the shape is malformed");
    array.shape.push_back(dimension);
    bytes *= dimension;
    sizes = rest;
  }
  llvm::StringRef data = content.drop_front(begin + length);
  if (data.size() < bytes)
    return malformed(path, "the elements are cut off");
  array.bytes.assign(data.begin(), data.begin() + bytes);
  return array;
}

llvm::Error lathe::tool::writeNpy(const std::string &path, lathe_dtype_t dtype, llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<char> bytes) {
  const auto *kind = llvm::find_if(kinds, [&](auto &entry) { return entry.second == (dtype.code == BFloat ? UInt : dtype.code); });
  std::string sizes;
  for (int64_t size : shape)
    sizes += std::to_string(size) + ", ";
  std::string descriptor = std::string(dtype.bits == 8 ? "|" : "<") + kind->first + std::to_string(dtype.bits / 8);
  std::string header = "{'descr': '" + descriptor + "', 'fortran_order': False, 'shape': (" + sizes + "), }";
  constexpr size_t prefix = 10, alignment = 64;
  header.append(alignment - (prefix + header.size() + 1) % alignment, ' ');
  header += '\n';
  std::error_code error;
  llvm::raw_fd_ostream out(path, error);
  if (error)
    return malformed(path, error.message().c_str());
  uint16_t length = header.size();
  out << llvm::StringRef("\x93NUMPY\x01\x00", 8) << static_cast<char>(length & 0xff) << static_cast<char>(length >> 8) << header;
  out.write(bytes.data(), bytes.size());
  return llvm::Error::success();
}
