// SPDX-License-Identifier: Apache-2.0
// The runtime's random numbers: TensorFlow's for the same seeds, whatever the parts in which they are drawn.
#include <cmath>
#include <functional>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <lathe/kernels.h>

namespace {
// RandomStandardNormal and others of TensorFlow 2.21 with seed = 5, seed2 = 9. Within two units in the last place, as C
// libraries round some functions differently.
const uint64_t key = 5, counter[2] = {0, 9};

template <typename T>
void expectNear(const std::vector<T> &values, const std::vector<double> &expected, double epsilon) {
  ASSERT_EQ(values.size(), expected.size());
  for (size_t i = 0; i < values.size(); ++i)
    EXPECT_NEAR(values[i], expected[i], 2 * epsilon * std::abs(expected[i])) << i;
}

TEST(Random, NormalsAreTensorFlows) {
  std::vector<float> floats(6);
  lathe_random_normal_f32(&key, counter, floats.data(), 6, 0, 2);
  expectNear(floats,
             {0.5352789759635925, 0.13203659653663635, -1.879108190536499, 0.10361495614051819, -0.026852285489439964,
              0.8468818664550781},
             0x1p-23);
  std::vector<double> doubles(3);
  lathe_random_normal_f64(&key, counter, doubles.data(), 3, 0, 2);
  expectNear(doubles, {0.4001297752992255, -0.3372024138800406, 0.5384131589843909}, 0x1p-52);
}

TEST(Random, TruncatedNormalsAreTensorFlows) {
  std::vector<float> floats(6);
  lathe_random_truncated_normal_f32(&key, counter, floats.data(), 6, 0, 2);
  expectNear(floats,
             {0.5352789759635925, 0.13203659653663635, -1.879108190536499, 0.10361495614051819, 0.2581433355808258,
              0.34821030497550964},
             0x1p-23);
  std::vector<double> doubles(3);
  lathe_random_truncated_normal_f64(&key, counter, doubles.data(), 3, 0, 2);
  expectNear(doubles, {0.4001297752992255, -0.3372024138800406, 0.789702050261416}, 0x1p-52);
}

TEST(Random, GammasAndPoissonsAreTensorFlows) {
  const double alpha[] = {0.3, 1, 2.5}, rate[] = {0.4, 3.7, 55.5};
  std::vector<double> gammas(9), poissons(12);
  lathe_random_gamma_f64(&key, counter, alpha, 3, gammas.data(), 9, 0, 9);
  expectNear(gammas,
             {0.11385924812135165, 0.6357687933510775, 0.06548812051778588, 0.010177661063262572, 0.3056015833178165,
              2.043313185266342, 0.8525542163844594, 0.016828707697059794, 1.013749838275329},
             0x1p-51);
  lathe_random_poisson_f64(&key, counter, rate, 3, poissons.data(), 12, 0, 12);
  EXPECT_THAT(poissons, ::testing::ElementsAre(0, 4, 55, 0, 0, 65, 0, 1, 50, 0, 2, 48));
}

TEST(Random, ParametersWithoutADistributionGiveNaN) {
  const double alpha[] = {-1, -INFINITY, NAN}, rate[] = {-1, INFINITY, NAN};
  std::vector<double> values(3, 1);
  lathe_random_gamma_f64(&key, counter, alpha, 3, values.data(), 3, 0, 3);
  EXPECT_TRUE(std::isnan(values[0]) && std::isnan(values[1]) && std::isnan(values[2]));
  values.assign(3, 1);
  lathe_random_poisson_f64(&key, counter, rate, 3, values.data(), 3, 0, 3);
  EXPECT_TRUE(std::isnan(values[0]) && std::isnan(values[1]) && std::isnan(values[2]));
}

/// Draws `count` elements of `units` units in one part, and in parts that are drawn from the last to the first.
template <typename T>
void expectSameInParts(int64_t count, int64_t units, const std::function<void(T *, int64_t, int64_t)> &draw) {
  std::vector<T> whole(count + 1, T(77)), parts = whole;
  draw(whole.data(), 0, units);
  for (int64_t end = units; end > 0; end -= 3)
    draw(parts.data(), std::max<int64_t>(0, end - 3), end);
  EXPECT_EQ(whole, parts);
  EXPECT_EQ(whole.back(), 77) << "written behind the end";
  EXPECT_EQ(std::count(whole.begin(), whole.end(), T(77)), 1) << "not all written";
}

TEST(Random, PartsDoNotChangeNumbers) {
  // The low half of the counter runs over in the middle.
  const uint64_t last[2] = {UINT64_MAX - 9, 3};
  const double alpha[] = {0.3, 2}, rate[] = {4, 12};
  for (int64_t count : {1, 2, 3, 4, 83}) {
    int64_t fours = (count + 3) / 4, twos = (count + 1) / 2;
    expectSameInParts<float>(
        count, fours, [&](float *out, int64_t b, int64_t e) { lathe_random_normal_f32(&key, last, out, count, b, e); });
    expectSameInParts<double>(
        count, twos, [&](double *out, int64_t b, int64_t e) { lathe_random_normal_f64(&key, last, out, count, b, e); });
    expectSameInParts<float>(count, fours, [&](float *out, int64_t b, int64_t e) {
      lathe_random_truncated_normal_f32(&key, last, out, count, b, e);
    });
    expectSameInParts<double>(count, twos, [&](double *out, int64_t b, int64_t e) {
      lathe_random_truncated_normal_f64(&key, last, out, count, b, e);
    });
  }
  expectSameInParts<double>(
      22, 22, [&](double *out, int64_t b, int64_t e) { lathe_random_gamma_f64(&key, last, alpha, 2, out, 22, b, e); });
  expectSameInParts<double>(
      22, 22, [&](double *out, int64_t b, int64_t e) { lathe_random_poisson_f64(&key, last, rate, 2, out, 22, b, e); });
}
} // namespace
