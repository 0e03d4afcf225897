/* SPDX-License-Identifier: Apache-2.0
 * Special functions that are integrals: of Dawson, Fresnel, Spence, the exponential integral, and the derivative of the
 * incomplete gamma function. */
#include <lathe/kernels.h>
#include <math.h>

static const double pi = 3.14159265358979323846, euler = 0.57721566490153286061;

double lathe_special_dawsn(double x) {
  double size = fabs(x);
  if (isnan(x))
    return x;
  if (size < 1) {
    double term = x, sum = x;
    for (int k = 1; k < 40; ++k) {
      term *= -2 * x * x / (2 * k + 1);
      sum += term;
    }
    return sum;
  }
  if (size > 50) {
    double inverse = 1 / (x * x);
    return (1 + inverse * 0.5 * (1 + inverse * 1.5 * (1 + inverse * 2.5 * (1 + inverse * 3.5)))) / (2 * x);
  }
  /* Rybicki's sum of Gaussians at odd multiples of a step, exact to exp(-(pi / 2 step)^2). */
  const double step = 0.25;
  const int reach = 13;
  int nearest = 2 * (int)lround(size / (2 * step));
  double sum = 0;
  for (int k = -reach; k <= reach; ++k) {
    int n = nearest + 2 * k + 1;
    double distance = size - n * step;
    sum += exp(-distance * distance) / n;
  }
  return copysign(sum / sqrt(pi), x);
}

double lathe_special_expint(double x) {
  if (!(x >= 0))
    return NAN;
  if (x == 0)
    return -INFINITY;
  if (isinf(x))
    return x;
  if (x < 40) {
    double power = 1, sum = 0;
    for (int k = 1;; ++k) {
      power *= x / k;
      sum += power / k;
      if (power < sum * 1e-18)
        return euler + log(x) + sum;
    }
  }
  double term = 1, sum = 1;
  for (int k = 1; k < x && term > 1e-18; ++k) {
    term *= k / x;
    sum += term;
  }
  return exp(x) / x * sum;
}

/* Fresnel's integrals of cos and sin of pi t^2 / 2 from 0 to x >= 0. */
static void fresnel(double x, double *cosine, double *sine) {
  double z = pi * x * x / 2;
  if (z < 1e-7) {
    *cosine = x;
    *sine = pi * x * x * x / 6;
  } else if (z < 40) {
    /* Sums of Bessel functions of half-integer order, down from where they are as good as 0; 1 is the sum of
     * (2 n + 1) j_n^2. */
    double above = 0, here = 1e-150, even = 0, odd = 0, total = 0;
    for (int n = (int)z + 42;; --n) {
      *(n % 2 ? &odd : &even) += here;
      total += (2 * n + 1) * here * here;
      if (n == 0)
        break;
      double below = (2 * n + 1) / z * here - above;
      above = here;
      here = below;
      if (fabs(here) > 1e60) {
        const double down = 1e-120;
        here *= down;
        above *= down;
        even *= down;
        odd *= down;
        total *= down * down;
      }
    }
    double scale = sqrt(2 * z / pi / total) * (here * sin(z) < 0 ? -1 : 1);
    *cosine = scale * even;
    *sine = scale * odd;
  } else if (isinf(x)) {
    *cosine = *sine = 0.5;
  } else {
    double f = 0, g = 0, term = 1, inverse = 1 / (2 * z);
    for (int k = 0; k < 40 && fabs(term) > 1e-18; ++k) {
      double sign = k / 2 % 2 ? -1 : 1;
      *(k % 2 ? &g : &f) += sign * term;
      term *= (2 * k + 1) * inverse;
    }
    double angle = pi / 2 * fmod(x * x, 4), scale = 1 / (pi * x);
    *cosine = 0.5 + scale * (f * sin(angle) - g * cos(angle));
    *sine = 0.5 - scale * (f * cos(angle) + g * sin(angle));
  }
}

double lathe_special_fresnel_cos(double x) {
  double cosine, sine;
  if (isnan(x))
    return x;
  fresnel(fabs(x), &cosine, &sine);
  return copysign(cosine, x);
}

double lathe_special_fresnel_sin(double x) {
  double cosine, sine;
  if (isnan(x))
    return x;
  fresnel(fabs(x), &cosine, &sine);
  return copysign(sine, x);
}

/* The dilogarithm of 1 - x for 1/2 <= x <= 2: a series in ln x. */
static double dilogarithm(double x) {
  /* B_2k / (2k + 1)!. */
  static const double terms[] = {0.027777777777777777778,   -0.00027777777777777777778, 4.7241118669690098262e-6,
                                 -9.1857730746619635509e-8, 1.8978869988970999072e-9,   -4.0647616451442255268e-11,
                                 8.9216910204564525552e-13, -1.9939295860721075687e-14, 4.5189800296199181917e-16,
                                 -1.0356517612181247014e-17};
  double u = -log(x), square = u * u, sum = 0;
  for (int k = sizeof(terms) / sizeof(terms[0]); k-- > 0;)
    sum = sum * square + terms[k];
  return u - square / 4 + u * square * sum;
}

double lathe_special_spence(double x) {
  if (!(x >= 0))
    return NAN;
  if (x == 0)
    return pi * pi / 6;
  if (isinf(x))
    return -x;
  if (x < 0.5)
    return pi * pi / 6 - log(x) * log1p(-x) - dilogarithm(1 - x);
  if (x > 2)
    return -lathe_special_spence(1 / x) - log(x) * log(x) / 2;
  return dilogarithm(x);
}

/* x^a exp(-x) / gamma(a + 1), and that times the sum of x^k / ((a + 1) ... (a + k)), differentiated by a. */
static double lowerDerivative(double a, double x, double logScale) {
  double term = 1, termSlope = 0, sum = 1, sumSlope = 0;
  for (double k = a + 1;; k += 1) {
    termSlope = (termSlope - term / k) * (x / k);
    term *= x / k;
    sum += term;
    sumSlope += termSlope;
    if (fabs(termSlope) <= fabs(sumSlope) * 1e-17 && term <= sum * 1e-17)
      break;
  }
  return exp(logScale - log(a)) * (sum * (log(x) - lathe_special_digamma(a + 1)) + sumSlope);
}

/* -dQ / da by the continued fraction of Q, each step with its derivative (Lentz's method). */
static double upperDerivative(double a, double x, double logScale) {
  double b = x + 1 - a, d = 1 / b, dSlope = d * d, c = 1e300, cSlope = 0, value = d, slope = dSlope;
  for (int i = 1; i < 100000; ++i) {
    double factor = i * (a - i), factorSlope = i, bSlope = -1;
    b += 2;
    double denominator = factor * d + b, denominatorSlope = factorSlope * d + factor * dSlope + bSlope;
    d = 1 / denominator;
    dSlope = -denominatorSlope * d * d;
    cSlope = bSlope + factorSlope / c - factor * cSlope / (c * c);
    c = b + factor / c;
    double ratio = c * d, ratioSlope = cSlope * d + c * dSlope;
    slope = slope * ratio + value * ratioSlope;
    value *= ratio;
    if (fabs(ratio - 1) < 1e-16 && fabs(value * ratioSlope) <= fabs(slope) * 1e-16)
      break;
  }
  return -exp(logScale) * (value * (log(x) - lathe_special_digamma(a)) + slope);
}

double lathe_special_igamma_grad_a(double a, double x) {
  if (isnan(a) || !(x >= 0) || a <= 0)
    return NAN;
  if (x == 0 || isinf(x) || isinf(a))
    return 0;
  double logScale = a * log(x) - x - lathe_special_lgamma(a);
  return x > 1 && x > a ? upperDerivative(a, x, logScale) : lowerDerivative(a, x, logScale);
}
