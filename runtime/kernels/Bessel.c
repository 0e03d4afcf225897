/* SPDX-License-Identifier: Apache-2.0
 * Bessel functions of order 0 and 1: power series, Miller's recurrence and integrals for small arguments, Hankel's
 * expansions for large ones. */
#include <lathe/kernels.h>
#include <math.h>

static const double pi = 3.14159265358979323846, euler = 0.57721566490153286061;

/* From here on the expansions in 1 / x are exact: their smallest term is about exp(-2 x). */
static const double farOut = 25;

/* Hankel's expansions of order `order`: the sums of sign^k a_k(order) / x^k over even and over odd k. Where `turn` is
 * -1 the terms of each change sign in turn. */
static void expand(int order, double x, double turn, double *even, double *odd) {
  double term = 1;
  *even = 1;
  *odd = 0;
  for (int k = 1; k < 60; ++k) {
    double next = term * (4.0 * order * order - (2.0 * k - 1) * (2.0 * k - 1)) / (8 * k * x);
    if (fabs(next) >= fabs(term))
      return;
    term = next;
    double sign = k / 2 % 2 ? turn : 1;
    *(k % 2 ? odd : even) += sign * term;
    if (fabs(term) < 1e-18)
      return;
  }
}

/* Bessel functions of the first and second kind, at x > 0. */
typedef struct {
  double j0, j1, y0, y1;
} Ordinary;

static Ordinary ordinary(double x) {
  Ordinary result;
  if (x < 1e-8) {
    double logarithm = log(x / 2) + euler;
    result.j0 = 1;
    result.j1 = x / 2;
    result.y0 = 2 / pi * logarithm;
    result.y1 = -2 / (pi * x);
    return result;
  }
  if (x >= farOut) {
    double even, odd, sine = sin(x), cosine = cos(x), scale = 1 / sqrt(pi * x);
    expand(0, x, -1, &even, &odd);
    result.j0 = scale * (even * (cosine + sine) - odd * (sine - cosine));
    result.y0 = scale * (even * (sine - cosine) + odd * (cosine + sine));
    expand(1, x, -1, &even, &odd);
    result.j1 = scale * (even * (sine - cosine) + odd * (sine + cosine));
    result.y1 = scale * (-even * (sine + cosine) + odd * (sine - cosine));
    return result;
  }
  /* J_k for k down from where it is as good as 0; 1 = J_0 + 2 (J_2 + J_4 + ...) says by how much all are too large. */
  int k = 2 * (int)(x / 2) + 42;
  double above = 0, here = 1e-250, total = 0, sumY0 = 0, sumY1 = 0, j1 = 0;
  for (; k > 0; --k) {
    if (k % 2 == 0) {
      total += 2 * here;
      sumY0 += (k / 2 % 2 ? -1 : 1) * here / (k / 2);
    } else if (k >= 3) {
      int half = (k - 1) / 2;
      sumY1 += (half % 2 ? -1 : 1) * here * k / ((double)half * (half + 1));
    } else {
      j1 = here;
    }
    double below = 2 * k / x * here - above;
    above = here;
    here = below;
    if (fabs(here) > 1e100) {
      const double down = 1e-150;
      here *= down;
      above *= down;
      total *= down;
      sumY0 *= down;
      sumY1 *= down;
      j1 *= down;
    }
  }
  total += here;
  result.j0 = here / total;
  result.j1 = j1 / total;
  double logarithm = log(x / 2) + euler;
  result.y0 = 2 / pi * (logarithm * result.j0 - 2 * sumY0 / total);
  result.y1 = 2 / pi * ((logarithm - 1) * result.j1 - result.j0 / x - sumY1 / total);
  return result;
}

double lathe_special_bessel_j0(double x) {
  if (isinf(x))
    return 0;
  return x == 0 ? 1 : isnan(x) ? x : ordinary(fabs(x)).j0;
}

double lathe_special_bessel_j1(double x) {
  if (isinf(x))
    return 0;
  return x == 0 || isnan(x) ? x : copysign(1, x) * ordinary(fabs(x)).j1;
}

double lathe_special_bessel_y0(double x) {
  if (!(x >= 0))
    return NAN;
  return x == 0 ? -INFINITY : isinf(x) ? 0 : ordinary(x).y0;
}

double lathe_special_bessel_y1(double x) {
  if (!(x >= 0))
    return NAN;
  return x == 0 ? -INFINITY : isinf(x) ? 0 : ordinary(x).y1;
}

/* The power series of I_0 or I_1 less its factor (x / 2)^order: all terms are positive. */
static double modifiedSeries(int order, double x) {
  double square = x * x / 4, term = 1, sum = 1;
  for (int k = 1; term > sum * 1e-18; ++k) {
    term *= square / ((double)k * (k + order));
    sum += term;
  }
  return sum;
}

/* exp(-x) I_order(x) for x >= 0. */
static double modifiedScaled(int order, double x) {
  if (x < farOut)
    return exp(-x) * (order ? x / 2 : 1) * modifiedSeries(order, x);
  double even, odd;
  expand(order, x, 1, &even, &odd);
  return (even - odd) / sqrt(2 * pi * x);
}

double lathe_special_bessel_i0e(double x) {
  return isnan(x) ? x : isinf(x) ? 0 : modifiedScaled(0, fabs(x));
}
double lathe_special_bessel_i1e(double x) {
  return isnan(x) ? x : isinf(x) ? 0 : copysign(modifiedScaled(1, fabs(x)), x);
}
double lathe_special_bessel_i0(double x) {
  return isinf(x) ? INFINITY : exp(fabs(x)) * lathe_special_bessel_i0e(x);
}
double lathe_special_bessel_i1(double x) {
  return isinf(x) ? x : exp(fabs(x)) * lathe_special_bessel_i1e(x);
}

/* K_0 or K_1 for 0 < x <= 2, by its series. */
static double secondSeries(int order, double x) {
  double square = x * x / 4, term = 1, harmonic = 0, sum = 0, logarithm = log(x / 2) + euler;
  if (order == 0) {
    for (int k = 1; k < 30; ++k) {
      term *= square / ((double)k * k);
      harmonic += 1.0 / k;
      sum += term * harmonic;
    }
    return sum - logarithm * modifiedSeries(0, x);
  }
  for (int k = 0; k < 30; ++k) {
    sum += term * (2 * harmonic + 1.0 / (k + 1));
    harmonic += 1.0 / (k + 1);
    term *= square / ((double)(k + 1) * (k + 2));
  }
  return 1 / x + x / 2 * (logarithm * modifiedSeries(1, x) - sum / 2);
}

/* exp(x) K_order(x) for x > 0. */
static double secondScaled(int order, double x) {
  if (x <= 2)
    return exp(x) * secondSeries(order, x);
  double even, odd;
  if (x >= farOut) {
    expand(order, x, 1, &even, &odd);
    return sqrt(pi / (2 * x)) * (even + odd);
  }
  /* The integral of exp(x - x cosh t) cosh(order t), whose trapezoidal sum converges faster than any power of the step.
   */
  const double step = 0.125;
  double sum = 0.5;
  for (int i = 1;; ++i) {
    double t = i * step, half = sinh(t / 2), value = exp(-2 * x * half * half) * (order ? cosh(t) : 1);
    sum += value;
    if (value < sum * 1e-18)
      return sum * step;
  }
}

/* What the functions of the second kind have at and beyond the ends of their domain; 1 for what is inside. */
static int isOutside(double x, double *result) {
  if (x > 0 && !isinf(x))
    return 0;
  *result = x == 0 ? INFINITY : x > 0 ? 0 : NAN;
  return 1;
}

double lathe_special_bessel_k0e(double x) {
  double result;
  return isOutside(x, &result) ? result : secondScaled(0, x);
}
double lathe_special_bessel_k1e(double x) {
  double result;
  return isOutside(x, &result) ? result : secondScaled(1, x);
}
double lathe_special_bessel_k0(double x) {
  double result;
  return isOutside(x, &result) ? result : exp(-x) * secondScaled(0, x);
}
double lathe_special_bessel_k1(double x) {
  double result;
  return isOutside(x, &result) ? result : exp(-x) * secondScaled(1, x);
}
