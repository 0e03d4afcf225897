/* SPDX-License-Identifier: Apache-2.0
 * The Poisson distribution of Random.c for one type: included with REAL, MATH(name) for its functions, UNIFORMS and NEXT
 * for its uniform numbers, and SUFFIXED(name) defined. */

/* Multiplies uniform numbers (Knuth): takes about `rate` of them. */
static REAL SUFFIXED(countedPoisson)(generator_t generator, REAL rate) {
  UNIFORMS uniforms = {{0}, 0};
  REAL limit = MATH(exp)(-rate), product = 1, number = 0;
  while ((product = product * NEXT(&generator, &uniforms)) > limit)
    number += 1;
  return number;
}

/* Hoermann, "The transformed rejection method for generating Poisson random variables" (1993), for a rate of 10 or more. */
static REAL SUFFIXED(rejectedPoisson)(generator_t generator, REAL rate) {
  UNIFORMS uniforms = {{0}, 0};
  REAL b = (REAL)0.931 + (REAL)2.53 * MATH(sqrt)(rate), a = (REAL)-0.059 + (REAL)0.02483 * b;
  REAL inverseAlpha = (REAL)1.1239 + (REAL)1.1328 / (b - (REAL)3.4), logRate = MATH(log)(rate);
  for (;;) {
    REAL u = NEXT(&generator, &uniforms) - (REAL)0.5, v = NEXT(&generator, &uniforms);
    REAL shifted = (REAL)0.5 - MATH(fabs)(u);
    REAL number = MATH(floor)((2 * a / shifted + b) * u + rate + (REAL)0.43);
    if (shifted >= (REAL)0.07 && v <= (REAL)0.9277 - (REAL)3.6224 / (b - 2))
      return number;
    if (number < 0 || (shifted < (REAL)0.013 && v > shifted))
      continue;
    REAL s = MATH(log)(v * inverseAlpha / (a / (shifted * shifted) + b));
    if (s <= -rate + number * logRate - (REAL)lathe_special_lgamma(number + 1))
      return number;
  }
}

void SUFFIXED(lathe_random_poisson)(const uint64_t *key, const uint64_t *counter, const REAL *rate, int64_t parameters,
                                    REAL *out, int64_t count, int64_t begin, int64_t end) {
  int64_t samples = count / parameters;
  for (int64_t unit = begin; unit < end; ++unit) {
    generator_t generator = generatorAt(key, counter, (uint64_t)unit * blocksOfSample);
    REAL mean = rate[unit / samples];
    REAL *place = out + (unit % samples * parameters + unit / samples);
    if (!(mean >= 0) || isinf(mean))
      *place = NAN;
    else
      *place = mean < 10 ? SUFFIXED(countedPoisson)(generator, mean) : SUFFIXED(rejectedPoisson)(generator, mean);
  }
}
