// SPDX-License-Identifier: Apache-2.0
// The runtime's sorts and matrix functions against plain algorithms.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <gtest/gtest.h>
#include <lathe/kernels.h>
#include <numeric>
#include <random>
#include <vector>

namespace {
/// Sorts `input` by the library, for its first `count` elements, and by std::stable_sort, with `key` giving the numbers
/// that decide, and compares.
template <typename T, typename F, typename K>
void checkFirst(F sort, const std::vector<T> &input, int64_t count, int64_t stride, K key) {
  int64_t n = input.size();
  std::vector<T> spread(n * stride, T(1)), values(n * stride, T(2));
  for (int64_t i = 0; i < n; ++i)
    spread[i * stride] = input[i];
  for (bool descending : {false, true})
    for (bool wide : {false, true}) {
      std::vector<int64_t> expected(n);
      std::iota(expected.begin(), expected.end(), 0);
      std::stable_sort(expected.begin(), expected.end(), [&](int64_t i, int64_t j) {
        auto x = key(input[descending ? j : i]), y = key(input[descending ? i : j]);
        return x < y || (x == x && y != y);
      });
      std::vector<int32_t> narrowPlaces(n * stride, -7);
      std::vector<int64_t> widePlaces(n * stride, -7);
      sort(spread.data(), values.data(), wide ? nullptr : narrowPlaces.data(), wide ? widePlaces.data() : nullptr, n,
           count, stride, descending);
      for (int64_t i = 0; i < n * stride; ++i) {
        int64_t place = wide ? widePlaces[i] : narrowPlaces[i];
        if (i % stride || i / stride >= count) {
          ASSERT_EQ(place, -7) << "wrote between elements, or behind them";
          continue;
        }
        ASSERT_EQ(place, expected[i / stride])
            << "element " << i / stride << " of " << n << (descending ? " descending" : " ascending");
        ASSERT_EQ(std::memcmp(&values[i], &input[place], sizeof(T)), 0);
      }
    }
}

template <typename T, typename F, typename K>
void checkSort(F sort, const std::vector<T> &input, int64_t stride, K key) {
  int64_t n = input.size();
  for (int64_t count : {n, n - 1, n / 2, int64_t(5), int64_t(0)})
    if (count >= 0 && count <= n)
      checkFirst(sort, input, count, stride, key);
}

/// Sizes around the algorithm's thresholds; few and many equal elements; sorted, reversed, and shaped against
/// quicksort.
template <typename T, typename F, typename K> void checkSorts(F sort, K key, std::vector<T> extremes) {
  std::mt19937 random(17);
  for (int64_t n : {0, 1, 2, 3, 15, 16, 17, 100, 1000})
    for (int64_t range : {3, 1000}) {
      std::vector<T> input(n);
      for (T &x : input)
        x = static_cast<T>(random() % range);
      for (size_t i = 0; i < extremes.size() && i < input.size(); ++i)
        input[random() % n] = extremes[i];
      checkSort(sort, input, 1 + n % 3, key);
      std::stable_sort(input.begin(), input.end(), [&](T x, T y) { return key(x) < key(y); });
      checkSort(sort, input, 1, key);
      std::reverse(input.begin(), input.end());
      checkSort(sort, input, 2, key);
    }
}

auto same = [](auto x) { return x; };

TEST(Sort, Integers) {
  checkSorts<int8_t>(lathe_sort_i8, same, {-128, 127, -1});
  checkSorts<int16_t>(lathe_sort_i16, same, {-32768, 32767});
  checkSorts<int32_t>(lathe_sort_i32, same, {INT32_MIN, INT32_MAX, -5});
  checkSorts<int64_t>(lathe_sort_i64, same, {INT64_MIN, INT64_MAX, -5});
  checkSorts<uint8_t>(lathe_sort_u8, same, {255, 128});
  checkSorts<uint16_t>(lathe_sort_u16, same, {65535, 32768});
  checkSorts<uint32_t>(lathe_sort_u32, same, {UINT32_MAX, 1u << 31});
  checkSorts<uint64_t>(lathe_sort_u64, same, {UINT64_MAX, uint64_t(1) << 63});
}

TEST(Sort, FloatsWithNaN) {
  checkSorts<float>(lathe_sort_f32, same, {NAN, -INFINITY, INFINITY, -0.0f, 0.0f, NAN, -2.5f});
  checkSorts<double>(lathe_sort_f64, same, {NAN, -INFINITY, INFINITY, -0.0, 0.0, NAN, -2.5});
}

TEST(Sort, SmallFloats) {
  auto half = [](uint16_t bits) -> double {
    int exponent = bits >> 10 & 31, mantissa = bits & 1023;
    double value = exponent == 31 ? (mantissa ? NAN : INFINITY)
                   : exponent     ? std::ldexp(1024 + mantissa, exponent - 25)
                                  : std::ldexp(mantissa, -24);
    return bits & 0x8000 ? -value : value;
  };
  auto bfloat = [](uint16_t bits) -> double {
    uint32_t wide = static_cast<uint32_t>(bits) << 16;
    float value;
    std::memcpy(&value, &wide, 4);
    return value;
  };
  std::vector<uint16_t> extremes{0x7e00, 0x7fc0, 0xffc1, 0xfc00, 0x7c00, 0x7f80,
                                 0xff80, 0x8000, 0,      0xbc00, 0x3c00, 0xc100};
  checkSorts<uint16_t>(lathe_sort_f16, half, extremes);
  checkSorts<uint16_t>(lathe_sort_bf16, bfloat, extremes);
}

TEST(Sort, StaysFastOnInputsAgainstQuicksort) {
  // A median-of-three killer: each pivot is nearly the smallest.
  int64_t n = 200000;
  std::vector<int32_t> input(n), values(n), places(n);
  for (int64_t i = 0; i < n / 2; ++i) {
    input[i] = static_cast<int32_t>(i % 2 ? n / 2 + i - 1 + n % 2 : i + 1);
    input[n / 2 + i] = static_cast<int32_t>((i + 1) * 2);
  }
  lathe_sort_i32(input.data(), values.data(), places.data(), nullptr, n, n, 1, 0);
  EXPECT_TRUE(std::is_sorted(values.begin(), values.end()));
}

template <typename T> std::vector<T> randomMatrix(int64_t n, int64_t k, unsigned seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<T> uniform(-1, 1);
  std::vector<T> matrix(n * k);
  for (T &x : matrix)
    x = uniform(random);
  return matrix;
}

template <typename T> class Matrices : public ::testing::Test {
protected:
  static constexpr T tolerance = sizeof(T) == 4 ? 2e-4 : 1e-11;
};
using Precisions = ::testing::Types<float, double>;
TYPED_TEST_SUITE(Matrices, Precisions);

void cholesky(const float *a, float *l, int64_t n) {
  lathe_cholesky_f32(a, l, n);
}
void cholesky(const double *a, double *l, int64_t n) {
  lathe_cholesky_f64(a, l, n);
}
void lu(const float *a, float *f, int32_t *p, float *s, int64_t n) {
  lathe_lu_f32(a, f, p, s, n);
}
void lu(const double *a, double *f, int32_t *p, double *s, int64_t n) {
  lathe_lu_f64(a, f, p, s, n);
}
void solve(const float *a, const float *b, float *x, int64_t n, int64_t k, int lower, int transpose, int unit) {
  lathe_triangular_solve_f32(a, b, x, n, k, lower, transpose, unit);
}
void solve(const double *a, const double *b, double *x, int64_t n, int64_t k, int lower, int transpose, int unit) {
  lathe_triangular_solve_f64(a, b, x, n, k, lower, transpose, unit);
}

TYPED_TEST(Matrices, CholeskyTimesItsTransposeIsTheMatrix) {
  using T = TypeParam;
  for (int64_t n : {0, 1, 2, 7, 33}) {
    std::vector<T> root = randomMatrix<T>(n, n, 3), a(n * n), l(n * n, T(5));
    for (int64_t i = 0; i < n; ++i)
      for (int64_t j = 0; j < n; ++j) {
        for (int64_t k = 0; k < n; ++k)
          a[i * n + j] += root[i * n + k] * root[j * n + k];
        a[i * n + j] += i == j ? 1 : 0;
      }
    cholesky(a.data(), l.data(), n);
    for (int64_t i = 0; i < n; ++i)
      for (int64_t j = 0; j < n; ++j) {
        T product = 0;
        for (int64_t k = 0; k < n; ++k)
          product += l[i * n + k] * l[j * n + k];
        ASSERT_NEAR(product, a[i * n + j], this->tolerance);
        ASSERT_TRUE(j <= i || l[i * n + j] == 0);
      }
  }
  T indefinite[] = {1, 2, 2, 1}, l[4];
  cholesky(indefinite, l, 2);
  EXPECT_TRUE(std::isnan(l[0]) && std::isnan(l[1]) && std::isnan(l[2]) && std::isnan(l[3]));
}

TYPED_TEST(Matrices, FactorsMultiplyToThePermutedMatrix) {
  using T = TypeParam;
  for (int64_t n : {0, 1, 2, 7, 33}) {
    std::vector<T> a = randomMatrix<T>(n, n, 5), factors(n * n);
    std::vector<int32_t> permutation(n);
    T sign = 0;
    lu(a.data(), factors.data(), permutation.data(), &sign, n);
    int inversions = 0;
    for (int64_t i = 0; i < n; ++i)
      for (int64_t j = 0; j < n; ++j) {
        inversions += i < j && permutation[i] > permutation[j];
        T product = i <= j ? factors[i * n + j] : 0;
        for (int64_t k = 0; k < std::min(i, j + 1); ++k)
          product += factors[i * n + k] * factors[k * n + j];
        ASSERT_NEAR(product, a[permutation[i] * n + j], this->tolerance);
        ASSERT_TRUE(j >= i || std::abs(factors[i * n + j]) <= 1);
      }
    EXPECT_EQ(sign, inversions % 2 ? -1 : 1);
  }
}

TYPED_TEST(Matrices, SolvesEachTriangle) {
  using T = TypeParam;
  for (int64_t n : {1, 2, 9})
    for (int64_t k : {1, 5})
      for (int flags = 0; flags < 8; ++flags) {
        int lower = flags & 1, transpose = flags >> 1 & 1, unit = flags >> 2 & 1;
        std::vector<T> a = randomMatrix<T>(n, n, 11), x = randomMatrix<T>(n, k, 13), b(n * k), found(n * k);
        for (int64_t i = 0; i < n; ++i)
          a[i * n + i] += 3;
        for (int64_t i = 0; i < n; ++i)
          for (int64_t j = 0; j < n; ++j) {
            int64_t row = transpose ? j : i, column = transpose ? i : j;
            T factor = row == column ? (unit ? 1 : a[i * n + i]) : (row > column) == lower ? a[row * n + column] : 0;
            for (int64_t c = 0; c < k; ++c)
              b[i * k + c] += factor * x[j * k + c];
          }
        // What must not be read is NaN.
        for (int64_t i = 0; i < n; ++i)
          for (int64_t j = 0; j < n; ++j)
            if (i == j ? unit : (i > j) != lower)
              a[i * n + j] = NAN;
        solve(a.data(), b.data(), found.data(), n, k, lower, transpose, unit);
        for (int64_t i = 0; i < n * k; ++i)
          ASSERT_NEAR(found[i], x[i], this->tolerance) << n << " x " << k << " flags " << flags;
      }
}
} // namespace
