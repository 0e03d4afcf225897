/* SPDX-License-Identifier: Apache-2.0
 * Random numbers that are made in pairs or by rejection, drawn from the counter-based generator Philox4x32-10 (Salmon
 * et al., 2011) in the order and with the arithmetic of TensorFlow. */
#include <lathe/kernels.h>
#include <math.h>
#include <string.h>

/* With products rounded on their own, a number does not depend on the machine's instructions. */
#pragma STDC FP_CONTRACT OFF

/* The counter is low + 2^64 high. */
typedef struct {
  uint64_t key, low, high;
} generator_t;

static generator_t generatorAt(const uint64_t *key, const uint64_t *counter, uint64_t blocks) {
  generator_t generator = {*key, counter[0] + blocks, counter[1]};
  generator.high += generator.low < blocks;
  return generator;
}

static void nextWords(generator_t *generator, uint32_t words[4]) {
  uint32_t a = (uint32_t)generator->low, b = (uint32_t)(generator->low >> 32);
  uint32_t c = (uint32_t)generator->high, d = (uint32_t)(generator->high >> 32);
  uint32_t keyLow = (uint32_t)generator->key, keyHigh = (uint32_t)(generator->key >> 32);
  for (int round = 0; round < 10; ++round) {
    uint64_t first = (uint64_t)0xD2511F53 * a, second = (uint64_t)0xCD9E8D57 * c;
    a = (uint32_t)(second >> 32) ^ b ^ keyLow;
    b = (uint32_t)second;
    c = (uint32_t)(first >> 32) ^ d ^ keyHigh;
    d = (uint32_t)first;
    keyLow += 0x9E3779B9;
    keyHigh += 0xBB67AE85;
  }
  words[0] = a;
  words[1] = b;
  words[2] = c;
  words[3] = d;
  generator->high += ++generator->low == 0;
}

/* In [0, 1), of the low 23 bits. */
static float unitFloat(uint32_t word) {
  uint32_t bits = 0x3f800000 | (word & 0x7fffff);
  float value;
  memcpy(&value, &bits, sizeof(value));
  return value - 1;
}

/* In [0, 1), of the low 20 bits of `high` and the bits of `low`. */
static double unitDouble(uint32_t high, uint32_t low) {
  uint64_t bits = (uint64_t)1023 << 52 | (uint64_t)(high & 0xfffff) << 32 | low;
  double value;
  memcpy(&value, &bits, sizeof(value));
  return value - 1;
}

static const double twoPi = 6.28318530717958647692;

/* Two normal numbers of two words, by Box and Muller. */
static void normalFloats(const uint32_t *words, float *pair) {
  float radius = sqrtf(-2 * logf(fmaxf(unitFloat(words[0]), 1e-7f))), angle = (float)(twoPi * unitFloat(words[1]));
  pair[0] = sinf(angle) * radius;
  pair[1] = cosf(angle) * radius;
}

/* Two normal numbers of four words. */
static void normalDoubles(const uint32_t *words, double *pair) {
  double radius = sqrt(-2 * log(fmax(unitDouble(words[0], words[1]), 1e-7)));
  double angle = twoPi * unitDouble(words[2], words[3]);
  pair[0] = sin(angle) * radius;
  pair[1] = cos(angle) * radius;
}

/* The two numbers of a block, of which the second is handed out first. */
typedef struct {
  double numbers[2];
  int left;
} doubles_t;

static double nextDouble(generator_t *generator, doubles_t *doubles) {
  if (doubles->left == 0) {
    uint32_t words[4];
    nextWords(generator, words);
    doubles->numbers[0] = unitDouble(words[0], words[1]);
    doubles->numbers[1] = unitDouble(words[2], words[3]);
    doubles->left = 2;
  }
  return doubles->numbers[--doubles->left];
}

static double nextNormal(generator_t *generator, doubles_t *doubles) {
  if (doubles->left == 0) {
    uint32_t words[4];
    nextWords(generator, words);
    normalDoubles(words, doubles->numbers);
    doubles->left = 2;
  }
  return doubles->numbers[--doubles->left];
}

static int64_t smaller(int64_t x, int64_t y) {
  return x < y ? x : y;
}

void lathe_random_normal_f32(const uint64_t *key, const uint64_t *counter, float *out, int64_t count, int64_t begin,
                             int64_t end) {
  generator_t generator = generatorAt(key, counter, (uint64_t)begin);
  for (int64_t group = begin; group < end; ++group) {
    uint32_t words[4];
    float numbers[4];
    nextWords(&generator, words);
    normalFloats(words, numbers);
    normalFloats(words + 2, numbers + 2);
    memcpy(out + 4 * group, numbers, (size_t)smaller(4, count - 4 * group) * sizeof(float));
  }
}

void lathe_random_normal_f64(const uint64_t *key, const uint64_t *counter, double *out, int64_t count, int64_t begin,
                             int64_t end) {
  generator_t generator = generatorAt(key, counter, (uint64_t)begin);
  for (int64_t group = begin; group < end; ++group) {
    uint32_t words[4];
    double numbers[2];
    nextWords(&generator, words);
    normalDoubles(words, numbers);
    memcpy(out + 2 * group, numbers, (size_t)smaller(2, count - 2 * group) * sizeof(double));
  }
}

/* How many blocks of the generator belong to each element whose number is not known before. */
enum { blocksOfTruncated = 64, blocksOfSample = 256 };

void lathe_random_truncated_normal_f32(const uint64_t *key, const uint64_t *counter, float *out, int64_t count,
                                       int64_t begin, int64_t end) {
  for (int64_t group = begin; group < end; ++group) {
    generator_t generator = generatorAt(key, counter, (uint64_t)group * 4 * blocksOfTruncated);
    int64_t place = 4 * group, stop = smaller(place + 4, count);
    while (place < stop) {
      uint32_t words[4];
      float numbers[4];
      nextWords(&generator, words);
      normalFloats(words, numbers);
      normalFloats(words + 2, numbers + 2);
      for (int i = 0; i < 4 && place < stop; ++i)
        if (fabsf(numbers[i]) < 2)
          out[place++] = numbers[i];
    }
  }
}

void lathe_random_truncated_normal_f64(const uint64_t *key, const uint64_t *counter, double *out, int64_t count,
                                       int64_t begin, int64_t end) {
  for (int64_t group = begin; group < end; ++group) {
    generator_t generator = generatorAt(key, counter, (uint64_t)group * 2 * blocksOfTruncated);
    int64_t place = 2 * group, stop = smaller(place + 2, count);
    while (place < stop) {
      uint32_t words[4];
      double numbers[2];
      nextWords(&generator, words);
      normalDoubles(words, numbers);
      for (int i = 0; i < 2 && place < stop; ++i)
        if (fabs(numbers[i]) < 2)
          out[place++] = numbers[i];
    }
  }
}

/* Marsaglia and Tsang, "A simple method for generating gamma variables" (2000). */
static double gammaSample(generator_t generator, double alpha) {
  if (!(alpha >= 0) || isinf(alpha))
    return alpha > 0 ? alpha : NAN;
  doubles_t uniforms = {{0}, 0}, normals = {{0}, 0};
  if (alpha == 1)
    return -log1p(-nextDouble(&generator, &uniforms));
  double d = alpha + (alpha < 1 ? 2.0 / 3 : -1.0 / 3), c = 1.0 / 3 / sqrt(d);
  for (;;) {
    double x = nextNormal(&generator, &normals), v = 1 + c * x;
    if (v <= 0)
      continue;
    v = v * v * v;
    double u = nextDouble(&generator, &uniforms);
    if (u < 1 - 0.0331 * (x * x) * (x * x) || log(u) < 0.5 * x * x + d * (1 - v + log(v)))
      return alpha < 1 ? d * v * pow(nextDouble(&generator, &uniforms), 1 / alpha) : d * v;
  }
}

void lathe_random_gamma_f64(const uint64_t *key, const uint64_t *counter, const double *alpha, int64_t parameters,
                            double *out, int64_t count, int64_t begin, int64_t end) {
  int64_t samples = count / parameters;
  for (int64_t unit = begin; unit < end; ++unit)
    out[unit % samples * parameters + unit / samples] =
        gammaSample(generatorAt(key, counter, (uint64_t)unit * blocksOfSample), alpha[unit / samples]);
}

/* Multiplies uniform numbers (Knuth): takes about `rate` of them. */
static double countedPoisson(generator_t generator, double rate) {
  doubles_t uniforms = {{0}, 0};
  double limit = exp(-rate), product = 1, number = 0;
  while ((product = product * nextDouble(&generator, &uniforms)) > limit)
    number += 1;
  return number;
}

/* Hoermann, "The transformed rejection method for generating Poisson random variables" (1993), for a rate of 10 or
 * more. */
static double rejectedPoisson(generator_t generator, double rate) {
  doubles_t uniforms = {{0}, 0};
  double b = 0.931 + 2.53 * sqrt(rate), a = -0.059 + 0.02483 * b, inverseAlpha = 1.1239 + 1.1328 / (b - 3.4);
  double logRate = log(rate);
  for (;;) {
    double u = nextDouble(&generator, &uniforms) - 0.5, v = nextDouble(&generator, &uniforms);
    double shifted = 0.5 - fabs(u), number = floor((2 * a / shifted + b) * u + rate + 0.43);
    if (shifted >= 0.07 && v <= 0.9277 - 3.6224 / (b - 2))
      return number;
    if (number < 0 || (shifted < 0.013 && v > shifted))
      continue;
    if (log(v * inverseAlpha / (a / (shifted * shifted) + b)) <=
        -rate + number * logRate - lathe_special_lgamma(number + 1))
      return number;
  }
}

void lathe_random_poisson_f64(const uint64_t *key, const uint64_t *counter, const double *rate, int64_t parameters,
                              double *out, int64_t count, int64_t begin, int64_t end) {
  int64_t samples = count / parameters;
  for (int64_t unit = begin; unit < end; ++unit) {
    generator_t generator = generatorAt(key, counter, (uint64_t)unit * blocksOfSample);
    double mean = rate[unit / samples];
    double *place = out + (unit % samples * parameters + unit / samples);
    if (!(mean >= 0) || isinf(mean))
      *place = NAN;
    else
      *place = mean < 10 ? countedPoisson(generator, mean) : rejectedPoisson(generator, mean);
  }
}
