/* SPDX-License-Identifier: Apache-2.0
 * The matrix functions of Linalg.c for one type: included with REAL, its functions ROOT and
 * MAGNITUDE, and SUFFIXED(name) defined. */

/* The sum of x[i] * y[i], in eight lanes that vectorise and whose order does not depend on the machine. */
static REAL SUFFIXED(dot)(const REAL *x, const REAL *y, int64_t n) {
  REAL lanes[8] = {0};
  int64_t i = 0;
  for (; i + 8 <= n; i += 8)
    for (int lane = 0; lane < 8; ++lane)
      lanes[lane] += x[i + lane] * y[i + lane];
  for (int lane = 0; i < n; ++i, ++lane)
    lanes[lane] += x[i] * y[i];
  return ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + ((lanes[4] + lanes[5]) + (lanes[6] + lanes[7]));
}

/* to[i] -= factor * from[i]. */
static void SUFFIXED(subtract)(REAL *restrict to, REAL factor, const REAL *restrict from, int64_t n) {
  for (int64_t i = 0; i < n; ++i)
    to[i] -= factor * from[i];
}

void SUFFIXED(lathe_cholesky)(const REAL *a, REAL *l, int64_t n) {
  for (int64_t i = 0; i < n; ++i) {
    REAL *row = l + i * n;
    for (int64_t j = 0; j < i; ++j)
      row[j] = (a[i * n + j] - SUFFIXED(dot)(row, l + j * n, j)) / l[j * n + j];
    REAL rest = a[i * n + i] - SUFFIXED(dot)(row, row, i);
    if (!(rest > 0)) {
      for (int64_t k = 0; k < n * n; ++k)
        l[k] = (REAL)NAN;
      return;
    }
    row[i] = ROOT(rest);
    for (int64_t j = i + 1; j < n; ++j)
      row[j] = 0;
  }
}

void SUFFIXED(lathe_lu)(const REAL *a, REAL *factors, int32_t *permutation, REAL *sign, int64_t n) {
  for (int64_t i = 0; i < n * n; ++i)
    factors[i] = a[i];
  for (int64_t i = 0; i < n; ++i)
    permutation[i] = (int32_t)i;
  *sign = 1;
  for (int64_t k = 0; k < n; ++k) {
    REAL *pivotRow = factors + k * n;
    int64_t pivot = k;
    for (int64_t i = k + 1; i < n; ++i)
      if (MAGNITUDE(factors[i * n + k]) > MAGNITUDE(factors[pivot * n + k]))
        pivot = i;
    if (pivot != k) {
      for (int64_t j = 0; j < n; ++j) {
        REAL kept = pivotRow[j];
        pivotRow[j] = factors[pivot * n + j];
        factors[pivot * n + j] = kept;
      }
      int32_t kept = permutation[k];
      permutation[k] = permutation[pivot];
      permutation[pivot] = kept;
      *sign = -*sign;
    }
    /* A column of zeros below and on the diagonal leaves U singular; L has nothing to eliminate. */
    if (pivotRow[k] == 0)
      continue;
    for (int64_t i = k + 1; i < n; ++i) {
      REAL *row = factors + i * n;
      row[k] /= pivotRow[k];
      SUFFIXED(subtract)(row + k + 1, row[k], pivotRow + k + 1, n - k - 1);
    }
  }
}

void SUFFIXED(lathe_triangular_solve)(const REAL *a, const REAL *b, REAL *x, int64_t n, int64_t k, int32_t lower,
                                      int32_t transpose, int32_t unit) {
  int forward = (lower != 0) != (transpose != 0);
  for (int64_t i = 0; i < n * k; ++i)
    x[i] = b[i];
  for (int64_t step = 0; step < n; ++step) {
    int64_t i = forward ? step : n - 1 - step;
    REAL *row = x + i * k;
    for (int64_t known = 0; known < step; ++known) {
      int64_t j = forward ? known : n - 1 - known;
      SUFFIXED(subtract)(row, transpose ? a[j * n + i] : a[i * n + j], x + j * k, k);
    }
    if (!unit)
      for (int64_t c = 0; c < k; ++c)
        row[c] /= a[i * n + i];
  }
}
