/* SPDX-License-Identifier: Apache-2.0
 * Special functions: series near zero, recurrences to where an asymptotic expansion holds, continued fractions beyond.
 */
#include <float.h>
#include <lathe/kernels.h>
#include <math.h>
#include <stdbool.h>

static const double pi = 3.14159265358979323846, halfLogTwoPi = 0.91893853320467274178;

/* The value at x of the polynomial with these coefficients, that of x^0 first. */
static double polynomial(const double *coefficients, int count, double x) {
  double value = 0;
  while (count-- > 0)
    value = value * x + coefficients[count];
  return value;
}
#define POLYNOMIAL(TABLE, X) polynomial(TABLE, sizeof(TABLE) / sizeof(TABLE[0]), X)

static bool isInteger(double x) {
  return floor(x) == x;
}

/* sin(pi x) and cos(pi x) of the distance to the nearest integer: exact arguments even for large x. */
static double sineOfPi(double x) {
  return sin(pi * (x - round(x)));
}
static double tangentOfPi(double x) {
  return tan(pi * (x - round(x)));
}

/* Stirling's correction: lgamma(x) less (x - 1/2) ln x - x + ln(2 pi) / 2. */
static double stirlingTail(double x) {
  /* B_2k / (2k (2k - 1)). */
  static const double terms[] = {0.083333333333333333333,   -0.0027777777777777777778, 0.00079365079365079365079,
                                 -0.0005952380952380952381, 0.00084175084175084175084, -0.0019175269175269175269,
                                 0.0064102564102564102564,  -0.02955065359477124183,   0.17964437236883057316};
  return POLYNOMIAL(terms, 1 / (x * x)) / x;
}

/* lgamma(2 + z) for |z| <= 1/2, exact near its zero at z = 0. */
static double lgammaAtTwo(double z) {
  /* (zeta(k) - 1) / k from k = 2 on; signs alternate. */
  static const double terms[] = {
      0.32246703342411321824,     0.067352301053198095133,   0.020580808427784547879,    0.0073855510286739852663,
      0.0028905103307415232858,   0.0011927539117032609771,  0.00050966952474304242234,  0.00022315475845357937976,
      0.000099457512781808533715, 0.0000449262367381331417,  0.000020507212775670691553, 9.439488275268395904e-6,
      4.3748667899074878042e-6,   2.0392157538013662368e-6,  9.5514121304074198329e-7,   4.4924691987645660433e-7,
      2.1207184805554665869e-7,   1.0043224823968099609e-7,  4.7698101693639805658e-8,   2.271109460894316491e-8,
      1.0838659214896954091e-8,   5.1834750419700466551e-9,  2.4836745438024783172e-9,   1.1921401405860912074e-9,
      5.7313672416788620133e-10,  2.7595228851242331452e-10, 1.3304764374244489481e-10,  6.4229645638381000221e-11};
  const double oneLessEuler = 0.42278433509846713939;
  return z * (oneLessEuler + z * POLYNOMIAL(terms, -z));
}

/* lgamma(1 + z) for 0 <= z <= 1. */
static double lgammaOfOnePlus(double z) {
  return z < 0.5 ? lgammaAtTwo(z) - log1p(z) : lgammaAtTwo(z - 1);
}

static double lgammaOfPositive(double x) {
  if (x < 0.5)
    return lgammaOfOnePlus(x) - log(x);
  if (x < 1.5)
    return lgammaAtTwo(x - 1) - log1p(x - 1);
  if (x < 10) {
    double product = 1;
    while (x > 2.5) {
      x -= 1;
      product *= x;
    }
    return log(product) + lgammaAtTwo(x - 2);
  }
  if (x > 1e17)
    return x * (log(x) - 1);
  return (x - 0.5) * log(x) - x + halfLogTwoPi + stirlingTail(x);
}

double lathe_special_lgamma(double x) {
  if (isnan(x))
    return x;
  if (isinf(x) || (x <= 0 && isInteger(x)))
    return INFINITY;
  if (x > 0)
    return lgammaOfPositive(x);
  /* gamma(x) gamma(-x) = -pi / (x sin(pi x)). */
  return log(pi / fabs(x * sineOfPi(x))) - lgammaOfPositive(-x);
}

double lathe_special_digamma(double x) {
  /* B_2k / 2k. */
  static const double terms[] = {0.083333333333333333333,   -0.0083333333333333333333, 0.003968253968253968254,
                                 -0.0041666666666666666667, 0.0075757575757575757576,  -0.021092796092796092796,
                                 0.083333333333333333333,   -0.44325980392156862745};
  if (x <= 0) {
    if (isInteger(x))
      return NAN;
    return lathe_special_digamma(1 - x) - pi / tangentOfPi(x);
  }
  double shift = 0;
  for (; x < 12; x += 1)
    shift += 1 / x;
  double inverse = 1 / (x * x);
  return log(x) - 0.5 / x - inverse * POLYNOMIAL(terms, inverse) - shift;
}

double lathe_special_erfc(double x) {
  return erfc(x);
}

/* y >= 0 with erf(y) = x and erfc(y) = c, where x + c = 1; the smaller of the two is exact. */
static double inverseErf(double x, double c) {
  /* Winitzki's approximation, good to 0.4 %, then Halley's iteration, which triples the digits. */
  const double a = 0.147;
  double logarithm = x < c ? log1p(-x * x) : log(c) + log1p(x), middle = 2 / (pi * a) + logarithm / 2;
  double y = sqrt(sqrt(middle * middle - logarithm / a) - middle);
  if (x < 1e-3)
    y = x * sqrt(pi) / 2;
  for (int i = 0; i < 6; ++i) {
    double error = x < c ? erf(y) - x : c - erfc(y), slope = 2 / sqrt(pi) * exp(-y * y);
    double newton = error / slope, step = newton / (1 + y * newton);
    y -= step;
    if (fabs(step) <= 1e-10 * y)
      break;
  }
  return y;
}

double lathe_special_erfinv(double x) {
  if (!(fabs(x) <= 1))
    return NAN;
  if (x == 0)
    return x;
  if (fabs(x) == 1)
    return x * INFINITY;
  return copysign(inverseErf(fabs(x), 1 - fabs(x)), x);
}

double lathe_special_ndtri(double x) {
  if (!(x >= 0 && x <= 1))
    return NAN;
  if (x == 0 || x == 1)
    return x == 0 ? -INFINITY : INFINITY;
  if (x < 0.25)
    return -sqrt(2) * inverseErf(1 - 2 * x, 2 * x);
  if (x > 0.75)
    return sqrt(2) * inverseErf(1 - 2 * (1 - x), 2 * (1 - x));
  return sqrt(2) * lathe_special_erfinv(2 * (x - 0.5));
}

/* m - ln(1 + m), exact near 0, where onePlus is 1 + m. */
static double logDeficit(double m, double onePlus) {
  if (fabs(m) > 0.1)
    return m - log(onePlus);
  double sum = 0, power = m * m;
  for (int k = 2; k < 18; ++k, power *= -m)
    sum += power / k;
  return sum;
}

/* What lgamma(x) differs by from (x - 1/2) ln x - x + ln(2 pi) / 2, for any x > 0. */
static double lgammaTail(double x) {
  if (x >= 10)
    return stirlingTail(x);
  return lgammaOfPositive(x) - ((x - 0.5) * log(x) - x + halfLogTwoPi);
}

/* x^a e^-x / gamma(a), without the cancellation that large a and x would suffer in logarithms. */
static double gammaDensity(double a, double x) {
  if (a < 1)
    return a * exp(a * log(x) - x - lgammaOfOnePlus(a));
  return sqrt(a / (2 * pi)) * exp(-a * logDeficit((x - a) / a, x / a) - lgammaTail(a));
}

/* P(a, x) by its power series, for x up to about a + 1. */
static double igammaSeries(double a, double x) {
  double sum = 1, term = 1;
  for (double k = a + 1; term > sum * 1e-17; k += 1) {
    term *= x / k;
    sum += term;
  }
  return gammaDensity(a, x) / a * sum;
}

/* Q(a, x) by its continued fraction, for x from about a + 1 on (Lentz's method). */
static double igammacFraction(double a, double x) {
  const double tiny = 1e-300;
  double b = x + 1 - a, c = 1 / tiny, d = 1 / b, value = d;
  for (int i = 1; i < 100000; ++i) {
    double factor = i * (a - i);
    b += 2;
    d = factor * d + b;
    c = b + factor / c;
    d = 1 / (fabs(d) < tiny ? tiny : d);
    c = fabs(c) < tiny ? tiny : c;
    value *= c * d;
    if (fabs(c * d - 1) < 1e-16)
      break;
  }
  return gammaDensity(a, x) * value;
}

/* Q(a, x) for small a and x, where 1 - P would cancel. */
static double igammacSmall(double a, double x) {
  double logPower = a * log(x) - lgammaOfOnePlus(a);
  double sum = 0, term = 1;
  for (int k = 1; fabs(term) > 1e-18; ++k) {
    term *= -x / k;
    sum += term / (a + k);
  }
  return -expm1(logPower) - exp(logPower) * a * sum;
}

/* P or Q for large a and x near it, by Temme's uniform expansion to 1 / a. */
static double igammaUniform(double a, double x, bool upper) {
  static const double first[] = {-0.3333333333333333,   0.08333333333333333,     -0.014814814814814815,
                                 0.0011574074074074073, 0.0003527336860670194,   -0.0001787551440329218,
                                 3.919263178522438e-05, -2.185448510679992e-06,  -1.85406221071516e-06,
                                 8.296711340953087e-07, -1.7665952736826078e-07, 6.707853543401498e-09,
                                 1.0261809784240309e-08};
  static const double second[] = {-0.001851851851851852,   -0.003472222222222222,  0.0026455026455026454,
                                  -0.0009902263374485596,  0.00020576131687242798, -4.018775720164609e-07,
                                  -1.8098550334489977e-05, 7.64916091608111e-06,   -1.6120900894563446e-06};
  double m = (x - a) / a, deficit = logDeficit(m, x / a), eta = copysign(sqrt(2 * deficit), m),
         scaled = eta * sqrt(a / 2);
  double correction = exp(-a * deficit) / sqrt(2 * pi * a) * (POLYNOMIAL(first, eta) + POLYNOMIAL(second, eta) / a);
  return upper ? erfc(scaled) / 2 + correction : erfc(-scaled) / 2 - correction;
}

static double incompleteGamma(double a, double x, bool upper) {
  if (a > 1e5 && fabs(x - a) < 0.15 * a)
    return igammaUniform(a, x, upper);
  if (upper && a < 1 && x < 1.1)
    return igammacSmall(a, x);
  if (x < a + 1) {
    double lower = igammaSeries(a, x);
    return upper ? 1 - lower : lower;
  }
  double rest = igammacFraction(a, x);
  return upper ? rest : 1 - rest;
}

double lathe_special_igamma(double a, double x) {
  if (isnan(a) || !(x >= 0) || a < 0 || (a == 0 && x > 0))
    return NAN;
  if (x == 0 || isinf(a))
    return 0;
  return isinf(x) ? 1 : incompleteGamma(a, x, false);
}

double lathe_special_igammac(double a, double x) {
  if (isnan(a) || !(x >= 0) || a <= 0)
    return NAN;
  if (isinf(x))
    return 0;
  return x == 0 || isinf(a) ? 1 : incompleteGamma(a, x, true);
}

/* The Hurwitz zeta function for x > 1, q > 0: terms up to where the Euler-Maclaurin expansion of the rest converges. */
static double zetaOfPositive(double x, double q) {
  /* B_2k / (2k)!. */
  static const double terms[] = {0.083333333333333333333,   -0.0013888888888888888889,  0.000033068783068783068783,
                                 -8.2671957671957671958e-7, 2.0876756987868098979e-8,   -5.2841901386874931848e-10,
                                 1.3382536530684678833e-11, -3.3896802963225828668e-13, 8.5860620562778445641e-15,
                                 -2.174868698558061873e-16, 5.5090028283602295152e-18,  -1.3954464685812523341e-19};
  double sum = 0;
  for (; q < 12 || q < x + 10; q += 1) {
    double term = pow(q, -x);
    sum += term;
    if (term <= sum * 1e-19)
      return sum;
  }
  double power = pow(q, -x), rest = power / 2 + power * q / (x - 1), factor = power * x / q;
  for (int k = 0; k < (int)(sizeof(terms) / sizeof(terms[0])); ++k) {
    double term = terms[k] * factor;
    rest += term;
    if (fabs(term) <= fabs(rest) * 1e-18)
      break;
    factor *= (x + 2 * k + 1) * (x + 2 * k + 2) / (q * q);
  }
  return sum + rest;
}

double lathe_special_zeta(double x, double q) {
  if (x == 1)
    return INFINITY;
  if (!(x > 1) || isnan(q))
    return NAN;
  if (q > 0)
    return isinf(q) ? 0 : zetaOfPositive(x, q);
  bool even = fmod(x, 2) == 0;
  if (isInteger(q))
    return even ? INFINITY : NAN;
  if (!isInteger(x))
    return NAN;
  /* The terms with q + k < 0 are, with the sign of (-1)^x, those of a sum that runs from 1 - fraction to -q. */
  double fraction = q - floor(q), below = zetaOfPositive(x, 1 - fraction) - zetaOfPositive(x, 1 - q);
  return zetaOfPositive(x, fraction) + (even ? below : -below);
}

double lathe_special_polygamma(double n, double x) {
  if (!(n >= 0) || !isInteger(n) || isnan(x))
    return NAN;
  if (n == 0)
    return lathe_special_digamma(x);
  double zeta = lathe_special_zeta(n + 1, x), sign = fmod(n, 2) == 0 ? -1 : 1;
  if (n <= 170)
    return sign * tgamma(n + 1) * zeta;
  return copysign(exp(lathe_special_lgamma(n + 1) + log(fabs(zeta))), sign * zeta);
}

/* The continued fraction of the incomplete beta function, for x below about a / (a + b) (Lentz's method). */
static double betaFraction(double a, double b, double x) {
  const double tiny = 1e-300;
  double c = 1, d = 1 - (a + b) * x / (a + 1);
  d = 1 / (fabs(d) < tiny ? tiny : d);
  double value = d;
  for (int m = 1; m < 100000; ++m) {
    double factors[2] = {m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
                         -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))};
    double change = 1;
    for (int i = 0; i < 2; ++i) {
      d = 1 + factors[i] * d;
      c = 1 + factors[i] / c;
      d = 1 / (fabs(d) < tiny ? tiny : d);
      c = fabs(c) < tiny ? tiny : c;
      change *= c * d;
    }
    value *= change;
    if (fabs(change - 1) < 1e-16)
      break;
  }
  return value;
}

double lathe_special_betainc(double a, double b, double x) {
  if (!(a > 0) || !(b > 0) || isinf(a) || isinf(b) || !(x >= 0 && x <= 1))
    return NAN;
  if (x == 0 || x == 1)
    return x;
  /* x^a (1 - x)^b gamma(a + b) / (gamma(a) gamma(b)), as distances to the mean so that large a and b do not cancel. */
  double y = 1 - x, s = a + b, excess = x * b - y * a;
  double exponent = -a * logDeficit(excess / a, x * s / a) - b * logDeficit(-excess / b, y * s / b);
  exponent += lgammaTail(s) - lgammaTail(a) - lgammaTail(b);
  double density = sqrt(a / s) * sqrt(b / (2 * pi)) * exp(exponent);
  if (x < (a + 1) / (s + 2))
    return density * betaFraction(a, b, x) / a;
  return 1 - density * betaFraction(b, a, y) / b;
}
