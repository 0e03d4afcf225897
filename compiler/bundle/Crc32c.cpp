// SPDX-License-Identifier: Apache-2.0
// CRC32C by ISA-L, which picks the processor's instructions.
#include "compiler/bundle/Crc32c.h"
#include <isa-l/crc.h>

namespace lathe {

uint32_t extendCrc32c(uint32_t crc, llvm::StringRef bytes) {
  // The library takes sizes as int, and leaves the inversion at both ends to the caller.
  constexpr size_t most = size_t{1} << 30;
  crc = ~crc;
  for (; !bytes.empty(); bytes = bytes.drop_front(std::min(bytes.size(), most)))
    crc = crc32_iscsi(reinterpret_cast<unsigned char *>(const_cast<char *>(bytes.data())),
                      static_cast<int>(std::min(bytes.size(), most)), crc);
  return ~crc;
}

} // namespace lathe
