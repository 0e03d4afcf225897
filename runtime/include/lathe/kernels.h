/* SPDX-License-Identifier: Apache-2.0
 * Functions that compiled kernels call where a loop nest of their own would be slow or long: special functions,
 * matrices, Fourier transforms, random numbers, sorts. */
#ifndef LATHE_KERNELS_H
#define LATHE_KERNELS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Special functions, in double; relative error about 1e-12 away from zeros of the function. Outside of the domain and
 * at poles they give what TensorFlow gives: NaN or an infinity, as said for each. None sets errno or keeps state. */

/** ln |gamma(x)|; infinite for 0 and negative integers. */
double lathe_special_lgamma(double x);
/** The derivative of lgamma; NaN for 0 and negative integers. */
double lathe_special_digamma(double x);
/** 1 - erf(x), exact for large x. */
double lathe_special_erfc(double x);
/** y with erf(y) = x; infinite for -1 and 1, NaN outside of [-1, 1]. */
double lathe_special_erfinv(double x);
/** y with normal distribution function x; infinite for 0 and 1, NaN outside of [0, 1]. */
double lathe_special_ndtri(double x);
/** The regularised lower incomplete gamma function P(a, x); NaN for a <= 0 or x < 0. */
double lathe_special_igamma(double a, double x);
/** The regularised upper incomplete gamma function Q(a, x) = 1 - P(a, x); NaN for a <= 0 or x < 0. */
double lathe_special_igammac(double a, double x);
/** The Hurwitz zeta function, the sum of (q + k)^-x over k >= 0; infinite for x = 1, NaN for x < 1. For q <= 0:
 * infinite for an integer q and even x, NaN otherwise unless x is an integer. */
double lathe_special_zeta(double x, double q);
/** The derivative number n of digamma at x; NaN unless n is an integer >= 0. */
double lathe_special_polygamma(double n, double x);
/** The regularised incomplete beta function I_x(a, b); NaN for a, b <= 0 or x outside of [0, 1]. */
double lathe_special_betainc(double a, double b, double x);
/** The derivative of P(a, x) by a; NaN for a <= 0 or x < 0. */
double lathe_special_igamma_grad_a(double a, double x);
/** Bessel functions of the first kind, J. */
double lathe_special_bessel_j0(double x);
double lathe_special_bessel_j1(double x);
/** Bessel functions of the second kind, Y; -infinity for 0, NaN below. */
double lathe_special_bessel_y0(double x);
double lathe_special_bessel_y1(double x);
/** Modified Bessel functions of the first kind, I, and those times exp(-|x|). */
double lathe_special_bessel_i0(double x);
double lathe_special_bessel_i1(double x);
double lathe_special_bessel_i0e(double x);
double lathe_special_bessel_i1e(double x);
/** Modified Bessel functions of the second kind, K, and those times exp(x); infinite for 0, NaN below. */
double lathe_special_bessel_k0(double x);
double lathe_special_bessel_k1(double x);
double lathe_special_bessel_k0e(double x);
double lathe_special_bessel_k1e(double x);
/** Dawson's integral: exp(-x^2) times the integral of exp(t^2) from 0 to x. */
double lathe_special_dawsn(double x);
/** The exponential integral Ei; -infinity for 0, NaN below. */
double lathe_special_expint(double x);
/** Integrals of cos(pi t^2 / 2) and of sin(pi t^2 / 2) from 0 to x. */
double lathe_special_fresnel_cos(double x);
double lathe_special_fresnel_sin(double x);
/** The dilogarithm of 1 - x; NaN for x < 0. */
double lathe_special_spence(double x);

/* Matrices are dense, row-major, n x n unless said otherwise; inputs and outputs do not overlap. */

/** The lower triangular l with l * transpose(l) = a, zeros above. Reads a's lower triangle. All NaN where a is not
 * positive definite. */
void lathe_cholesky_f32(const float *a, float *l, int64_t n);
void lathe_cholesky_f64(const double *a, double *l, int64_t n);

/** a[permutation[i]][j] = (L * U)[i][j]; `factors` holds U and, strictly below the diagonal, L, whose diagonal is ones.
 * `sign` is the permutation's. The pivot is the first largest magnitude of its column. */
void lathe_lu_f32(const float *a, float *factors, int32_t *permutation, float *sign, int64_t n);
void lathe_lu_f64(const double *a, double *factors, int32_t *permutation, double *sign, int64_t n);

/** The n x k matrix x with a * x = b, or transpose(a) * x = b, reading only the lower or upper triangle of a, and not
 * its diagonal where `unit` takes that as ones. Flags are 0 or 1. */
void lathe_triangular_solve_f32(const float *a, const float *b, float *x, int64_t n, int64_t k, int32_t lower,
                                int32_t transpose, int32_t unit);
void lathe_triangular_solve_f64(const double *a, const double *b, double *x, int64_t n, int64_t k, int32_t lower,
                                int32_t transpose, int32_t unit);

/** a = left * diagonal(values) * transpose(right) for an m x n matrix a; values decrease. With k the smaller of m and
 * n, left is m x k and right n x k; where `full` is not 0, m x m and n x n. Columns of length 1, orthogonal to each
 * other. */
void lathe_svd_f32(const float *a, float *values, float *left, float *right, int64_t m, int64_t n, int32_t full);
void lathe_svd_f64(const double *a, double *values, double *left, double *right, int64_t m, int64_t n, int32_t full);

/** Eigenvalues, increasing, and in columns the eigenvectors, orthogonal and of length 1, of the symmetric matrix whose
 * lower triangle a has. */
void lathe_eigh_f32(const float *a, float *values, float *vectors, int64_t n);
void lathe_eigh_f64(const double *a, double *values, double *vectors, int64_t n);

/** a = q * r for an m x n matrix a, as products of reflections make it: q has orthogonal columns of length 1, r is zero
 * below its diagonal. With k the smaller of m and n, q is m x k and r k x n; where `full` is not 0, m x m and m x n. */
void lathe_qr_f32(const float *a, float *q, float *r, int64_t m, int64_t n, int32_t full);
void lathe_qr_f64(const double *a, double *q, double *r, int64_t m, int64_t n, int32_t full);

/** Of each of `rows` rows of n complex numbers, as pairs: out[k] = sum of in[j] exp(-2 pi i j k / n) over j; where `inverse`
 * is not 0, with exp(2 pi i j k / n) / n. O(n log n) where n has no prime factor above 61, else O(n^2). `in` and `out` do
 * not overlap. */
void lathe_fft_c64(const float *in, float *out, int64_t n, int64_t rows, int32_t inverse);
void lathe_fft_c128(const double *in, double *out, int64_t n, int64_t rows, int32_t inverse);

/* Random numbers by Philox4x32-10: `key` is one number, `counter` two, of which the first is the low one. Each writes
 * the units [begin, end) of a result of `count` elements, to their places in it. Normal: units are groups of four
 * elements (f64: two), the last one perhaps shorter. Others: an element; unit u is sample u % n of parameter u / n,
 * where n = count / parameters, and the element n' * parameters + u / n of the result for sample n'. */

void lathe_random_normal_f32(const uint64_t *key, const uint64_t *counter, float *out, int64_t count, int64_t begin,
                             int64_t end);
void lathe_random_normal_f64(const uint64_t *key, const uint64_t *counter, double *out, int64_t count, int64_t begin,
                             int64_t end);
/** Without those that are two or more standard deviations from the mean. */
void lathe_random_truncated_normal_f32(const uint64_t *key, const uint64_t *counter, float *out, int64_t count,
                                       int64_t begin, int64_t end);
void lathe_random_truncated_normal_f64(const uint64_t *key, const uint64_t *counter, double *out, int64_t count,
                                       int64_t begin, int64_t end);
/** Of the gamma distribution of shape alpha and scale 1; NaN unless alpha >= 0. */
void lathe_random_gamma_f64(const uint64_t *key, const uint64_t *counter, const double *alpha, int64_t parameters,
                            double *out, int64_t count, int64_t begin, int64_t end);
/** Of the Poisson distribution of this rate; NaN unless 0 <= rate < infinity. */
void lathe_random_poisson_f64(const uint64_t *key, const uint64_t *counter, const double *rate, int64_t parameters,
                              double *out, int64_t count, int64_t begin, int64_t end);

/* Stable sorts of n elements at input[0], input[stride], ...: writes the first `count` of the sorted values and the
 * places they came from (0 to n - 1), `stride` elements apart too. Exactly one of places32 and places64 is not null. NaN is larger than every
 * number. Neither output overlaps the input. O(n log count), no allocation. f16 and bf16 are passed as their bits. */
#define LATHE_DECLARE_SORT(NAME, TYPE)                                                                                 \
  void lathe_sort_##NAME(const TYPE *input, TYPE *values, int32_t *places32, int64_t *places64, int64_t n,             \
                         int64_t count, int64_t stride, int32_t descending);
LATHE_DECLARE_SORT(i8, int8_t)
LATHE_DECLARE_SORT(i16, int16_t)
LATHE_DECLARE_SORT(i32, int32_t)
LATHE_DECLARE_SORT(i64, int64_t)
LATHE_DECLARE_SORT(u8, uint8_t)
LATHE_DECLARE_SORT(u16, uint16_t)
LATHE_DECLARE_SORT(u32, uint32_t)
LATHE_DECLARE_SORT(u64, uint64_t)
LATHE_DECLARE_SORT(f16, uint16_t)
LATHE_DECLARE_SORT(bf16, uint16_t)
LATHE_DECLARE_SORT(f32, float)
LATHE_DECLARE_SORT(f64, double)
#undef LATHE_DECLARE_SORT

#ifdef __cplusplus
}
#endif
#endif
