// SPDX-License-Identifier: Apache-2.0
// The generator Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011).
#ifndef LATHE_IR_EVALUATE_PHILOX_H
#define LATHE_IR_EVALUATE_PHILOX_H

#include <array>
#include <cstdint>

namespace lathe::evaluate {

/// The four words of block `block` behind the counter `low` + 2^64 `high`.
inline std::array<uint32_t, 4> philoxBlock(uint64_t key, uint64_t low, uint64_t high, uint64_t block) {
  uint64_t sum = low + block;
  high += sum < low;
  std::array<uint32_t, 4> words{static_cast<uint32_t>(sum), static_cast<uint32_t>(sum >> 32),
                                static_cast<uint32_t>(high), static_cast<uint32_t>(high >> 32)};
  uint32_t keyLow = static_cast<uint32_t>(key), keyHigh = static_cast<uint32_t>(key >> 32);
  for (int round = 0; round < 10; ++round) {
    uint64_t first = uint64_t(0xD2511F53) * words[0], second = uint64_t(0xCD9E8D57) * words[2];
    words = {static_cast<uint32_t>(second >> 32) ^ words[1] ^ keyLow, static_cast<uint32_t>(second),
             static_cast<uint32_t>(first >> 32) ^ words[3] ^ keyHigh, static_cast<uint32_t>(first)};
    keyLow += 0x9E3779B9;
    keyHigh += 0xBB67AE85;
  }
  return words;
}

} // namespace lathe::evaluate
#endif
