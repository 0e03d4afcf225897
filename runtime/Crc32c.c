/* SPDX-License-Identifier: Apache-2.0
 * CRC-32C, eight bytes a step. */
#include "Store.h"

void latheCrcInit(LatheCrc *crc) {
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t sum = byte;
    for (int bit = 0; bit < 8; ++bit)
      sum = sum >> 1 ^ (sum & 1 ? UINT32_C(0x82f63b78) : 0);
    crc->tables[0][byte] = sum;
  }
  for (int k = 1; k < 8; ++k)
    for (int byte = 0; byte < 256; ++byte)
      crc->tables[k][byte] = crc->tables[k - 1][byte] >> 8 ^ crc->tables[0][crc->tables[k - 1][byte] & 255];
}

uint32_t latheCrcExtend(const LatheCrc *crc, uint32_t sum, const void *data, size_t bytes) {
  const unsigned char *next = data;
  sum = ~sum;
  for (; bytes >= 8; bytes -= 8, next += 8) {
    uint64_t word;
    memcpy(&word, next, 8);
    word ^= sum;
    sum = 0;
    for (int k = 0; k < 8; ++k)
      sum ^= crc->tables[7 - k][word >> 8 * k & 255];
  }
  for (; bytes != 0; --bytes, ++next)
    sum = sum >> 8 ^ crc->tables[0][(sum ^ *next) & 255];
  return ~sum;
}
