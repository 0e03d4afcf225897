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

/* The sum of x[i, p] * x[i, q] over rows i from `first` on, in double. */
static double SUFFIXED(dotBelow)(const REAL *x, int64_t first, int64_t rows, int64_t stride, int64_t p, int64_t q) {
  double sum = 0;
  for (int64_t i = first; i < rows; ++i)
    sum += (double)x[i * stride + p] * (double)x[i * stride + q];
  return sum;
}

/* Column j of x becomes H * column j for rows from k on, where H = 1 - tau v transpose(v), and v is 1 and then column
 * k. */
static void SUFFIXED(reflect)(REAL *x, int64_t k, int64_t rows, int64_t stride, int64_t j, double tau) {
  double sum = tau * ((double)x[k * stride + j] + SUFFIXED(dotBelow)(x, k + 1, rows, stride, k, j));
  x[k * stride + j] = (REAL)((double)x[k * stride + j] - sum);
  for (int64_t i = k + 1; i < rows; ++i)
    x[i * stride + j] = (REAL)((double)x[i * stride + j] - sum * (double)x[i * stride + k]);
}

/* tau of the reflection whose vector is below the diagonal of column k; that of a column of zeros does nothing. */
static double SUFFIXED(reflectionOf)(const REAL *x, int64_t k, int64_t rows, int64_t stride) {
  double rest = SUFFIXED(dotBelow)(x, k + 1, rows, stride, k, k);
  return rest > 0 ? 2 / (1 + rest) : 0;
}

void SUFFIXED(lathe_qr)(const REAL *a, REAL *q, REAL *r, int64_t m, int64_t n, int32_t full) {
  int64_t k = m < n ? m : n, columns = full ? m : k;
  /* Reflections are found where there is room for m x n: in R, or in Q. */
  int inR = columns == m;
  REAL *work = inR ? r : q;
  for (int64_t i = 0; i < m * n; ++i)
    work[i] = a[i];
  for (int64_t c = 0; c < k; ++c) {
    double rest = SUFFIXED(dotBelow)(work, c + 1, m, n, c, c), head = (double)work[c * n + c];
    if (!(rest > 0))
      continue;
    double length = -copysign(sqrt(head * head + rest), head);
    for (int64_t i = c + 1; i < m; ++i)
      work[i * n + c] = (REAL)((double)work[i * n + c] / (head - length));
    work[c * n + c] = (REAL)length;
    double tau = SUFFIXED(reflectionOf)(work, c, m, n);
    for (int64_t j = c + 1; j < n; ++j)
      SUFFIXED(reflect)(work, c, m, n, j, tau);
  }
  if (!inR)
    for (int64_t i = 0; i < n * n; ++i)
      r[i] = i / n <= i % n ? q[i] : 0;
  else
    for (int64_t i = 0; i < m; ++i)
      for (int64_t j = 0; j < columns; ++j) {
        q[i * columns + j] = j < k ? r[i * n + j] : 0;
        if (j < k && j < i)
          r[i * n + j] = 0;
      }
  /* The product of the reflections, from the last one on, each in the place of its vector. */
  for (int64_t c = columns; c-- > 0;) {
    double tau = c < k ? SUFFIXED(reflectionOf)(q, c, m, columns) : 0;
    q[c * columns + c] = 1;
    for (int64_t i = 0; i < c; ++i)
      q[i * columns + c] = 0;
    for (int64_t j = c + 1; j < columns && c < k; ++j)
      SUFFIXED(reflect)(q, c, m, columns, j, tau);
    for (int64_t i = c + 1; i < m; ++i)
      q[i * columns + c] = c < k ? (REAL)(-tau * (double)q[i * columns + c]) : 0;
    q[c * columns + c] = (REAL)(1 - tau);
  }
}
