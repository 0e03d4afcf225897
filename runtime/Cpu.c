/* SPDX-License-Identifier: Apache-2.0
 * Which of the instruction sets that objects can need this machine has. */
#include <lathe/runtime.h>

#if defined(__x86_64__)
#include <cpuid.h>

/* Whether the operating system saves the registers: bits of XCR0. */
static uint64_t savedState(void) {
  uint32_t low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (uint64_t)high << 32 | low;
}

static bool has(uint64_t value, uint64_t bits) {
  return (value & bits) == bits;
}

uint64_t lathe_cpu_features(void) {
  const uint32_t sse3 = 1u << 0, ssse3 = 1u << 9, fma = 1u << 12, cx16 = 1u << 13, sse41 = 1u << 19, sse42 = 1u << 20,
                 movbe = 1u << 22, popcnt = 1u << 23, osxsave = 1u << 27, avx = 1u << 28, f16c = 1u << 29;
  const uint32_t bmi1 = 1u << 3, avx2 = 1u << 5, bmi2 = 1u << 8, avx512f = 1u << 16, avx512dq = 1u << 17,
                 avx512cd = 1u << 28, avx512bw = 1u << 30, avx512vl = 1u << 31;
  const uint32_t avx512Vnni = 1u << 11, avxVnni = 1u << 4, avx512Bf16 = 1u << 5, lzcnt = 1u << 5, lahf = 1u << 0;
  const uint64_t ymmState = 0x6, zmmState = 0xe6;

  uint32_t a, b, c, d, basic, extended, leaf7b, leaf7c, leaf7sub1 = 0;
  if (!__get_cpuid(1, &a, &b, &basic, &d) || !has(basic, osxsave))
    return 0;
  if (!__get_cpuid_count(7, 0, &a, &leaf7b, &leaf7c, &d))
    return 0;
  if (a >= 1 && __get_cpuid_count(7, 1, &a, &b, &c, &d))
    leaf7sub1 = a;
  if (!__get_cpuid(0x80000001u, &a, &b, &extended, &d))
    return 0;

  uint64_t saved = savedState(), features = 0;
  if (!has(saved, ymmState) || !has(basic, sse3 | ssse3 | fma | cx16 | sse41 | sse42 | movbe | popcnt | avx | f16c) ||
      !has(leaf7b, bmi1 | avx2 | bmi2) || !has(extended, lzcnt | lahf))
    return 0;
  features |= LATHE_CPU_X86_64_V3;
  if (has(leaf7sub1, avxVnni))
    features |= LATHE_CPU_AVX_VNNI;
  if (!has(saved, zmmState) || !has(leaf7b, avx512f | avx512dq | avx512cd | avx512bw | avx512vl))
    return features;
  features |= LATHE_CPU_X86_64_V4;
  if (has(leaf7c, avx512Vnni))
    features |= LATHE_CPU_AVX512_VNNI;
  if (has(leaf7sub1, avx512Bf16))
    features |= LATHE_CPU_AVX512_BF16;
  return features;
}

#else
uint64_t lathe_cpu_features(void) {
  return 0;
}
#endif
