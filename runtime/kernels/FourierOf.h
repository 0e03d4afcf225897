/* SPDX-License-Identifier: Apache-2.0
 * The transforms of Fourier.c for one type: included with REAL and SUFFIXED(name) defined. Complex numbers are pairs,
 * real part first. Decimation in time: a copy puts the elements in digit-reversed order, then butterflies work in
 * place, so that nothing but the output is written. */

/* Writes n = factors[0] * ... * factors[count - 1] elements, `stride` apart in the input, in digit-reversed order. */
static void SUFFIXED(reorder)(const REAL *in, REAL *out, int64_t n, int64_t stride, const int *factors, int count,
                              REAL scale) {
  int radix = factors[count - 1];
  int64_t part = n / radix;
  if (count == 1) {
    for (int q = 0; q < radix; ++q) {
      out[2 * q] = in[2 * q * stride] * scale;
      out[2 * q + 1] = in[2 * q * stride + 1] * scale;
    }
    return;
  }
  for (int q = 0; q < radix; ++q)
    SUFFIXED(reorder)(in + 2 * q * stride, out + 2 * q * part, part, stride * radix, factors, count - 1, scale);
}

/* The powers 1 to radix - 1 of exp(sign 2 pi i k / n) for the `width` numbers k from `first` on: real and imaginary
 * parts of power q of number j at [2 (q - 1)][j] and [2 (q - 1) + 1][j]. */
static void SUFFIXED(twiddle)(REAL (*powers)[tile], int radix, int64_t first, int64_t width, int64_t n, double sign) {
  enum { fresh = 16 };
  double step[2], root[2];
  rootOfUnity(1, n, step);
  for (int64_t j = 0; j < width; ++j) {
    if (j % fresh == 0) {
      rootOfUnity(first + j, n, root);
    } else {
      double real = root[0] * step[0] - root[1] * step[1];
      root[1] = root[0] * step[1] + root[1] * step[0];
      root[0] = real;
    }
    double power[2] = {1, 0};
    for (int q = 1; q < radix; ++q) {
      double real = power[0] * root[0] - power[1] * root[1];
      power[1] = power[0] * root[1] + power[1] * root[0];
      power[0] = real;
      powers[2 * (q - 1)][j] = (REAL)power[0];
      powers[2 * (q - 1) + 1][j] = (REAL)(sign * power[1]);
    }
  }
}

/* Element q of butterfly j, times its twiddle factor: declares REAL r##q, i##q. */
#define LOAD(Q)                                                                                                        \
  const REAL *at##Q = x + 2 * (j + Q * part);                                                                          \
  REAL r##Q = at##Q[0] * w[2 * Q - 2][j] - at##Q[1] * w[2 * Q - 1][j];                                                 \
  REAL i##Q = at##Q[0] * w[2 * Q - 1][j] + at##Q[1] * w[2 * Q - 2][j];
#define STORE(Q, REALPART, IMAGINARY)                                                                                  \
  x[2 * (j + (Q)*part)] = REALPART;                                                                                    \
  x[2 * (j + (Q)*part) + 1] = IMAGINARY;

static void SUFFIXED(butterflies2)(REAL *x, int64_t part, int64_t width, REAL (*w)[tile]) {
  for (int64_t j = 0; j < width; ++j) {
    REAL r0 = x[2 * j], i0 = x[2 * j + 1];
    LOAD(1)
    STORE(0, r0 + r1, i0 + i1)
    STORE(1, r0 - r1, i0 - i1)
  }
}

static void SUFFIXED(butterflies3)(REAL *x, int64_t part, int64_t width, REAL (*w)[tile], REAL sign) {
  const REAL sine = (REAL)0.86602540378443864676 * sign, half = (REAL)0.5;
  for (int64_t j = 0; j < width; ++j) {
    REAL r0 = x[2 * j], i0 = x[2 * j + 1];
    LOAD(1)
    LOAD(2)
    REAL sumR = r1 + r2, sumI = i1 + i2, turnR = -sine * (i1 - i2), turnI = sine * (r1 - r2);
    REAL restR = r0 - half * sumR, restI = i0 - half * sumI;
    STORE(0, r0 + sumR, i0 + sumI)
    STORE(1, restR + turnR, restI + turnI)
    STORE(2, restR - turnR, restI - turnI)
  }
}

static void SUFFIXED(butterflies4)(REAL *restrict x, int64_t part, int64_t width, REAL (*restrict w)[tile], REAL sign) {
  for (int64_t j = 0; j < width; ++j) {
    REAL r0 = x[2 * j], i0 = x[2 * j + 1];
    LOAD(1)
    LOAD(2)
    LOAD(3)
    REAL evenR = r0 + r2, evenI = i0 + i2, evenDifferenceR = r0 - r2, evenDifferenceI = i0 - i2;
    REAL oddR = r1 + r3, oddI = i1 + i3, turnR = -sign * (i1 - i3), turnI = sign * (r1 - r3);
    STORE(0, evenR + oddR, evenI + oddI)
    STORE(1, evenDifferenceR + turnR, evenDifferenceI + turnI)
    STORE(2, evenR - oddR, evenI - oddI)
    STORE(3, evenDifferenceR - turnR, evenDifferenceI - turnI)
  }
}
#undef LOAD
#undef STORE

/* For any radix: `roots` has its roots of unity. */
static void SUFFIXED(butterflies)(REAL *x, int64_t part, int64_t width, REAL (*w)[tile], int radix,
                                  const REAL (*roots)[2]) {
  for (int64_t j = 0; j < width; ++j) {
    REAL in[mostRadix][2];
    for (int q = 0; q < radix; ++q) {
      const REAL *at = x + 2 * (j + q * part);
      REAL real = q ? w[2 * q - 2][j] : 1, imaginary = q ? w[2 * q - 1][j] : 0;
      in[q][0] = at[0] * real - at[1] * imaginary;
      in[q][1] = at[0] * imaginary + at[1] * real;
    }
    for (int p = 0; p < radix; ++p) {
      REAL real = 0, imaginary = 0;
      for (int q = 0, turn = 0; q < radix; ++q) {
        real += in[q][0] * roots[turn][0] - in[q][1] * roots[turn][1];
        imaginary += in[q][0] * roots[turn][1] + in[q][1] * roots[turn][0];
        turn = turn + p < radix ? turn + p : turn + p - radix;
      }
      x[2 * (j + p * part)] = real;
      x[2 * (j + p * part) + 1] = imaginary;
    }
  }
}

/* The transforms of four neighbours each, which need no factors. */
static void SUFFIXED(transformFours)(REAL *x, int64_t total, REAL sign) {
  for (REAL *end = x + 2 * total; x < end; x += 8) {
    REAL evenR = x[0] + x[4], evenI = x[1] + x[5], evenDifferenceR = x[0] - x[4], evenDifferenceI = x[1] - x[5];
    REAL oddR = x[2] + x[6], oddI = x[3] + x[7], turnR = -sign * (x[3] - x[7]), turnI = sign * (x[2] - x[6]);
    x[0] = evenR + oddR;
    x[1] = evenI + oddI;
    x[2] = evenDifferenceR + turnR;
    x[3] = evenDifferenceI + turnI;
    x[4] = evenR - oddR;
    x[5] = evenI - oddI;
    x[6] = evenDifferenceR - turnR;
    x[7] = evenDifferenceI - turnI;
  }
}

/* Joins, in all rows, `radix` neighbouring transforms of `part` elements each to one. */
static void SUFFIXED(joinTransforms)(REAL *x, int64_t total, int64_t part, int radix, double sign) {
  REAL powers[2 * mostRadix][tile], roots[mostRadix][2];
  if (part == 1 && radix == 4) {
    SUFFIXED(transformFours)(x, total, (REAL)sign);
    return;
  }
  for (int q = 0; q < radix; ++q) {
    double root[2];
    rootOfUnity(q, radix, root);
    roots[q][0] = (REAL)root[0];
    roots[q][1] = (REAL)(sign * root[1]);
  }
  for (int64_t first = 0; first < part; first += tile) {
    int64_t width = part - first < tile ? part - first : tile;
    SUFFIXED(twiddle)(powers, radix, first, width, part * radix, sign);
    for (int64_t block = first; block < total; block += part * radix) {
      if (radix == 4)
        SUFFIXED(butterflies4)(x + 2 * block, part, width, powers, (REAL)sign);
      else if (radix == 3)
        SUFFIXED(butterflies3)(x + 2 * block, part, width, powers, (REAL)sign);
      else if (radix == 2)
        SUFFIXED(butterflies2)(x + 2 * block, part, width, powers);
      else
        SUFFIXED(butterflies)(x + 2 * block, part, width, powers, radix, (const REAL(*)[2])roots);
    }
  }
}

/* A row by the definition, for lengths with a large prime factor. */
static void SUFFIXED(transformPlainly)(const REAL *in, REAL *out, int64_t n, double sign, double scale) {
  for (int64_t k = 0; k < n; ++k) {
    double real = 0, imaginary = 0, root[2];
    for (int64_t j = 0, turn = 0; j < n; ++j) {
      rootOfUnity(turn, n, root);
      real += (double)in[2 * j] * root[0] - sign * (double)in[2 * j + 1] * root[1];
      imaginary += sign * (double)in[2 * j] * root[1] + (double)in[2 * j + 1] * root[0];
      turn = turn + k < n ? turn + k : turn + k - n;
    }
    out[2 * k] = (REAL)(real * scale);
    out[2 * k + 1] = (REAL)(imaginary * scale);
  }
}

void SUFFIXED(lathe_fft)(const REAL *in, REAL *out, int64_t n, int64_t rows, int32_t inverse) {
  int factors[mostFactors], count = factorize(n, factors);
  double sign = inverse ? 1 : -1, scale = inverse ? 1 / (double)n : 1;
  /* So many rows share the twiddle factors as stay in a small cache together. */
  int64_t most = 1 + 16384 / n;
  for (int64_t row = 0; row < rows; row += most) {
    int64_t some = rows - row < most ? rows - row : most;
    for (int64_t i = row; i < row + some; ++i)
      if (count)
        SUFFIXED(reorder)(in + 2 * i * n, out + 2 * i * n, n, 1, factors, count, (REAL)scale);
      else
        SUFFIXED(transformPlainly)(in + 2 * i * n, out + 2 * i * n, n, sign, scale);
    int64_t part = 1;
    for (int stage = 0; stage < count; part *= factors[stage++])
      SUFFIXED(joinTransforms)(out + 2 * row * n, some * n, part, factors[stage], sign);
  }
}
