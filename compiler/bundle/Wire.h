// SPDX-License-Identifier: Apache-2.0
// Numbers as the files of a bundle hold them: varints and little-endian words.
#ifndef LATHE_COMPILER_BUNDLE_WIRE_H
#define LATHE_COMPILER_BUNDLE_WIRE_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Endian.h"
#include <string>

namespace lathe {

/// Takes a varint off the front of `bytes`; false where there is none, where it is beyond 64 bits, or where it has more
/// bytes than it needs: every number has one form, so that no change of a byte goes unnoticed.
inline bool takeVarint(llvm::StringRef &bytes, uint64_t &value) {
  value = 0;
  for (unsigned i = 0; i < 10 && i < bytes.size(); ++i) {
    uint8_t byte = bytes[i];
    if (i == 9 && byte > 1)
      return false;
    value |= uint64_t{byte & 0x7fu} << (7 * i);
    if (byte >= 0x80)
      continue;
    bytes = bytes.drop_front(i + 1);
    return i == 0 || byte != 0;
  }
  return false;
}

inline void putVarint(std::string &bytes, uint64_t value) {
  for (; value >= 0x80; value >>= 7)
    bytes += static_cast<char>(value | 0x80);
  bytes += static_cast<char>(value);
}

inline uint32_t readWord(const char *bytes) {
  return llvm::support::endian::read32le(bytes);
}

inline void putWord(std::string &bytes, uint32_t value) {
  char word[4];
  llvm::support::endian::write32le(word, value);
  bytes.append(word, 4);
}

} // namespace lathe

#endif
