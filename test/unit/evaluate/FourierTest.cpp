// SPDX-License-Identifier: Apache-2.0
// The runtime's Fourier transforms against the definition, for lengths of every kind, and there and back.
#include <cmath>
#include <complex>
#include <gtest/gtest.h>
#include <lathe/kernels.h>
#include <random>

namespace {
template <typename T> class Fourier : public ::testing::Test {
protected:
  using Number = std::complex<T>;
  static constexpr double tolerance = sizeof(T) == 4 ? 1e-6 : 4e-15;

  static std::vector<Number> randomNumbers(int64_t count) {
    std::mt19937 random(static_cast<unsigned>(count));
    std::normal_distribution<T> normal;
    std::vector<Number> numbers(count);
    for (Number &x : numbers)
      x = {normal(random), normal(random)};
    return numbers;
  }

  static std::vector<Number> transform(const std::vector<Number> &x, int64_t n, bool inverse) {
    std::vector<Number> result(x.size(), Number(7, 7));
    if constexpr (sizeof(T) == 4)
      lathe_fft_c64(reinterpret_cast<const T *>(x.data()), reinterpret_cast<T *>(result.data()), n,
                    static_cast<int64_t>(x.size()) / n, inverse);
    else
      lathe_fft_c128(reinterpret_cast<const T *>(x.data()), reinterpret_cast<T *>(result.data()), n,
                     static_cast<int64_t>(x.size()) / n, inverse);
    return result;
  }

  static std::vector<std::complex<double>> byDefinition(const Number *x, int64_t n, bool inverse) {
    std::vector<std::complex<double>> result(n);
    for (int64_t k = 0; k < n; ++k)
      for (int64_t j = 0; j < n; ++j)
        result[k] += std::complex<double>(x[j]) *
                     std::polar(inverse ? 1.0 / static_cast<double>(n) : 1.0,
                                (inverse ? 2 : -2) * M_PI * static_cast<double>(j * k % n) / static_cast<double>(n));
    return result;
  }
};
using Types = ::testing::Types<float, double>;
TYPED_TEST_SUITE(Fourier, Types);

TYPED_TEST(Fourier, IsTheSumOfItsDefinition) {
  // Powers of each radix, mixtures, a prime with butterflies and ones without.
  for (int64_t n :
       {1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 16, 25, 30, 49, 61, 64, 67, 71, 81, 120, 128, 134, 210, 256, 257, 1000})
    for (bool inverse : {false, true}) {
      constexpr int64_t rows = 3;
      auto x = this->randomNumbers(rows * n), y = this->transform(x, n, inverse);
      for (int64_t row = 0; row < rows; ++row) {
        auto expected = this->byDefinition(x.data() + row * n, n, inverse);
        double largest = 0;
        for (auto z : expected)
          largest = std::max(largest, std::abs(z));
        for (int64_t k = 0; k < n; ++k)
          ASSERT_LE(std::abs(std::complex<double>(y[row * n + k]) - expected[k]), this->tolerance * largest)
              << n << " at " << row << ", " << k;
      }
    }
}

TYPED_TEST(Fourier, GoesThereAndBack) {
  // More rows than share their factors, and a row that fills more than a cache.
  for (auto [n, rows] : {std::pair<int64_t, int64_t>{8, 5000}, {1 << 16, 2}, {30000, 1}}) {
    auto x = this->randomNumbers(n * rows), y = this->transform(this->transform(x, n, false), n, true);
    for (size_t i = 0; i < x.size(); ++i)
      ASSERT_LE(std::abs(x[i] - y[i]), 8 * this->tolerance) << n << " at " << i;
  }
}
} // namespace
