/* SPDX-License-Identifier: Apache-2.0
 * Discrete Fourier transforms of rows of complex numbers, in single and double precision. */
#include <lathe/kernels.h>
#include <math.h>

static const double twoPi = 6.28318530717958647693;

/* The largest prime of whose size a butterfly is made; the longest list of factors of a 63-bit number. */
enum { mostRadix = 64, mostFactors = 64, tile = 64 };

/* The factors of n, fours first; 0 where one is larger than a butterfly. */
static int factorize(int64_t n, int *factors) {
  int count = 0;
  for (; n % 4 == 0; n /= 4)
    factors[count++] = 4;
  for (int p = 2; p < mostRadix && n > 1; ++p)
    for (; n % p == 0; n /= p)
      factors[count++] = p;
  return n == 1 ? count : 0;
}

/* cos and sin of 2 pi k / n, for 0 <= k < n. */
static void rootOfUnity(int64_t k, int64_t n, double *root) {
  double angle = twoPi * (double)k / (double)n;
  root[0] = cos(angle);
  root[1] = sin(angle);
}

#define REAL float
#define SUFFIXED(NAME) NAME##_c64
#include "FourierOf.h"
#undef REAL
#undef SUFFIXED

#define REAL double
#define SUFFIXED(NAME) NAME##_c128
#include "FourierOf.h"
