// SPDX-License-Identifier: Apache-2.0
// CRC32C as TensorFlow's files use it, by ISA-L.
#ifndef LATHE_COMPILER_BUNDLE_CRC32C_H
#define LATHE_COMPILER_BUNDLE_CRC32C_H

#include "llvm/ADT/StringRef.h"
#include <cstdint>

namespace lathe {

/// The checksum of bytes of which some have the checksum `crc` (0: none) and `bytes` follow.
uint32_t extendCrc32c(uint32_t crc, llvm::StringRef bytes);

/// The form in which a checksum is stored beside the bytes that it covers.
inline uint32_t maskCrc32c(uint32_t crc) {
  return ((crc >> 15) | (crc << 17)) + 0xa282ead8u;
}

} // namespace lathe

#endif
