/* SPDX-License-Identifier: Apache-2.0
 * The matrix functions of Spectral.c for one type: included with REAL, REAL_EPSILON, REAL_TINY and SUFFIXED(name)
 * defined. Sums are made in double. A column j of a matrix x is x[0 * stride + j], x[1 * stride + j], ... */

/* The sum of x[i, p] * x[i, q]. */
static double SUFFIXED(dotOfColumns)(const REAL *x, int64_t rows, int64_t stride, int64_t p, int64_t q) {
  double sum = 0;
  for (int64_t i = 0; i < rows; ++i)
    sum += (double)x[i * stride + p] * (double)x[i * stride + q];
  return sum;
}

/* Columns p and q become cosine * p - sine * q and sine * p + cosine * q. */
static void SUFFIXED(rotateColumns)(REAL *x, int64_t rows, int64_t stride, int64_t p, int64_t q, double cosine,
                                    double sine) {
  for (int64_t i = 0; i < rows; ++i) {
    double left = (double)x[i * stride + p], right = (double)x[i * stride + q];
    x[i * stride + p] = (REAL)(cosine * left - sine * right);
    x[i * stride + q] = (REAL)(sine * left + cosine * right);
  }
}

static void SUFFIXED(swapColumns)(REAL *x, int64_t rows, int64_t stride, int64_t p, int64_t q) {
  for (int64_t i = 0; i < rows; ++i) {
    REAL kept = x[i * stride + p];
    x[i * stride + p] = x[i * stride + q];
    x[i * stride + q] = kept;
  }
}

/* Rotates columns [0, columns) of w until they are orthogonal, and those of v, where it is not null, with them. */
static void SUFFIXED(orthogonalize)(REAL *w, int64_t rows, int64_t stride, int64_t columns, REAL *v, int64_t vRows,
                                    int64_t vStride) {
  const double tolerance = (double)REAL_EPSILON * sqrt((double)rows);
  enum { mostSweeps = 60 };
  int rotated = 1;
  for (int sweep = 0; rotated && sweep < mostSweeps; ++sweep) {
    rotated = 0;
    for (int64_t p = 0; p + 1 < columns; ++p)
      for (int64_t q = p + 1; q < columns; ++q) {
        double pp = SUFFIXED(dotOfColumns)(w, rows, stride, p, p), qq = SUFFIXED(dotOfColumns)(w, rows, stride, q, q);
        double pq = SUFFIXED(dotOfColumns)(w, rows, stride, p, q);
        if (!(fabs(pq) > tolerance * sqrt(pp) * sqrt(qq)) || !isfinite(pq))
          continue;
        rotated = 1;
        double zeta = (qq - pp) / (2 * pq), tangent = copysign(1 / (fabs(zeta) + hypot(1, zeta)), zeta);
        double cosine = 1 / hypot(1, tangent), sine = cosine * tangent;
        SUFFIXED(rotateColumns)(w, rows, stride, p, q, cosine, sine);
        if (v)
          SUFFIXED(rotateColumns)(v, vRows, vStride, p, q, cosine, sine);
      }
  }
}

/* Makes column j of x one of length 1 that is orthogonal to the columns before it, which are orthogonal already. */
static void SUFFIXED(completeColumn)(REAL *x, int64_t rows, int64_t stride, int64_t j) {
  int64_t best = 0;
  double least = HUGE_VAL;
  for (int64_t i = 0; i < rows; ++i) {
    double inside = 0;
    for (int64_t k = 0; k < j; ++k)
      inside += (double)x[i * stride + k] * (double)x[i * stride + k];
    if (inside < least) {
      least = inside;
      best = i;
    }
  }
  for (int64_t i = 0; i < rows; ++i)
    x[i * stride + j] = i == best;
  /* Once more, so that what the first round leaves by rounding goes as well. */
  for (int round = 0; round < 2; ++round) {
    for (int64_t k = 0; k < j; ++k) {
      double part = SUFFIXED(dotOfColumns)(x, rows, stride, k, j);
      for (int64_t i = 0; i < rows; ++i)
        x[i * stride + j] -= (REAL)(part * (double)x[i * stride + k]);
    }
    double length = sqrt(SUFFIXED(dotOfColumns)(x, rows, stride, j, j));
    for (int64_t i = 0; i < rows; ++i)
      x[i * stride + j] = (REAL)((double)x[i * stride + j] / length);
  }
}

/* Divides column j of x by its length, which it returns; a column of zeros becomes one that fits those before it. */
static double SUFFIXED(normalizeColumn)(REAL *x, int64_t rows, int64_t stride, int64_t j) {
  double length = sqrt(SUFFIXED(dotOfColumns)(x, rows, stride, j, j));
  if (length < (double)REAL_TINY / (double)REAL_EPSILON) {
    SUFFIXED(completeColumn)(x, rows, stride, j);
    return 0;
  }
  for (int64_t i = 0; i < rows; ++i)
    x[i * stride + j] = (REAL)((double)x[i * stride + j] / length);
  return length;
}

/* The power of two by which the elements of x have to be multiplied so that the largest lies near 1. */
static double SUFFIXED(scaleOf)(const REAL *x, int64_t n) {
  double largest = 0;
  for (int64_t i = 0; i < n; ++i)
    largest = fmax(largest, fabs((double)x[i]));
  int exponent = 0;
  if (largest > 0 && isfinite(largest))
    frexp(largest, &exponent);
  return ldexp(1, exponent < -1000 ? 1000 : -exponent);
}

/* The first of the longest of columns [begin, end). */
static int64_t SUFFIXED(longestColumn)(const REAL *w, int64_t rows, int64_t stride, int64_t begin, int64_t end) {
  int64_t longest = begin;
  double most = SUFFIXED(dotOfColumns)(w, rows, stride, begin, begin);
  for (int64_t k = begin + 1; k < end; ++k) {
    double length = SUFFIXED(dotOfColumns)(w, rows, stride, k, k);
    if (length > most) {
      most = length;
      longest = k;
    }
  }
  return longest;
}

/* For a matrix of at least as many rows as columns in the first columns of w: values and left vectors w, right ones v.
 */
static void SUFFIXED(decompose)(REAL *values, REAL *w, int64_t rows, int64_t stride, int64_t columns, REAL *v,
                                int64_t vStride) {
  for (int64_t i = 0; i < columns; ++i)
    for (int64_t j = 0; j < columns; ++j)
      v[i * vStride + j] = i == j;
  SUFFIXED(orthogonalize)(w, rows, stride, columns, v, columns, vStride);
  for (int64_t j = 0; j < columns; ++j) {
    int64_t longest = SUFFIXED(longestColumn)(w, rows, stride, j, columns);
    SUFFIXED(swapColumns)(w, rows, stride, j, longest);
    SUFFIXED(swapColumns)(v, columns, vStride, j, longest);
    values[j] = (REAL)SUFFIXED(normalizeColumn)(w, rows, stride, j);
  }
  for (int64_t j = columns; j < stride; ++j)
    SUFFIXED(completeColumn)(w, rows, stride, j);
}

void SUFFIXED(lathe_svd)(const REAL *a, REAL *values, REAL *left, REAL *right, int64_t m, int64_t n, int32_t full) {
  int64_t fewer = m < n ? m : n, leftStride = full ? m : fewer, rightStride = full ? n : fewer;
  double scale = SUFFIXED(scaleOf)(a, m * n);
  for (int64_t i = 0; i < m; ++i)
    for (int64_t j = 0; j < n; ++j)
      *(m >= n ? left + i * leftStride + j : right + j * rightStride + i) = (REAL)((double)a[i * n + j] * scale);
  if (m >= n)
    SUFFIXED(decompose)(values, left, m, leftStride, n, right, rightStride);
  else
    SUFFIXED(decompose)(values, right, n, rightStride, m, left, leftStride);
  for (int64_t i = 0; i < fewer; ++i)
    values[i] = (REAL)((double)values[i] / scale);
}

void SUFFIXED(lathe_eigh)(const REAL *a, REAL *values, REAL *vectors, int64_t n) {
  double scale = SUFFIXED(scaleOf)(a, n * n), shift = 0;
#define AT(I, J) ((double)a[(I) >= (J) ? (I)*n + (J) : (J)*n + (I)] * scale)
  for (int64_t i = 0; i < n; ++i) {
    double sum = 0;
    for (int64_t j = 0; j < n; ++j)
      sum += fabs(AT(i, j));
    shift = fmax(shift, sum);
  }
  /* Shifted by a bound of its eigenvalues the matrix has none below 0, and its columns, made orthogonal, are
   * eigenvectors. */
  for (int64_t i = 0; i < n; ++i)
    for (int64_t j = 0; j < n; ++j)
      vectors[i * n + j] = (REAL)(AT(i, j) + (i == j ? shift : 0));
  SUFFIXED(orthogonalize)(vectors, n, n, n, 0, 0, 0);
  /* Columns of zeros last: what completes them has to see all others. */
  for (int64_t j = 0; j < n; ++j) {
    int64_t longest = SUFFIXED(longestColumn)(vectors, n, n, j, n);
    SUFFIXED(swapColumns)(vectors, n, n, j, longest);
    SUFFIXED(normalizeColumn)(vectors, n, n, j);
  }
  for (int64_t j = 0; j < n; ++j) {
    double quotient = 0;
    for (int64_t i = 0; i < n; ++i) {
      double row = 0;
      for (int64_t k = 0; k < n; ++k)
        row += AT(i, k) * (double)vectors[k * n + j];
      quotient += row * (double)vectors[i * n + j];
    }
    /* Increasing: each value moves down to its place, and its vector with it. */
    values[j] = (REAL)(quotient / scale);
    for (int64_t k = j; k > 0 && values[k] < values[k - 1]; --k) {
      REAL kept = values[k];
      values[k] = values[k - 1];
      values[k - 1] = kept;
      SUFFIXED(swapColumns)(vectors, n, n, k, k - 1);
    }
  }
#undef AT
}
