// SPDX-License-Identifier: Apache-2.0
// The runtime's singular values and eigenvalues: products give the matrix back, vectors are orthogonal, values in
// order.
#include <cmath>
#include <gtest/gtest.h>
#include <lathe/kernels.h>
#include <random>

namespace {
template <typename T> class Spectral : public ::testing::Test {
protected:
  static constexpr double tolerance = sizeof(T) == 4 ? 1e-5 : 1e-13;

  static std::vector<T> randomMatrix(int64_t rows, int64_t columns, double scale = 1) {
    std::mt19937 random(static_cast<unsigned>(7 * rows + columns));
    std::uniform_real_distribution<T> uniform(-1, 1);
    std::vector<T> matrix(rows * columns);
    for (T &x : matrix)
      x = static_cast<T>(scale) * uniform(random);
    return matrix;
  }

  static void expectOrthogonal(const std::vector<T> &x, int64_t rows, int64_t columns) {
    for (int64_t p = 0; p < columns; ++p)
      for (int64_t q = 0; q < columns; ++q) {
        double sum = 0;
        for (int64_t i = 0; i < rows; ++i)
          sum += static_cast<double>(x[i * columns + p]) * x[i * columns + q];
        ASSERT_NEAR(sum, p == q, tolerance) << "columns " << p << " and " << q << " of " << rows << "x" << columns;
      }
  }

  static void svd(const float *a, float *s, float *u, float *v, int64_t m, int64_t n, int full) {
    lathe_svd_f32(a, s, u, v, m, n, full);
  }
  static void svd(const double *a, double *s, double *u, double *v, int64_t m, int64_t n, int full) {
    lathe_svd_f64(a, s, u, v, m, n, full);
  }
  static void eigh(const float *a, float *w, float *v, int64_t n) { lathe_eigh_f32(a, w, v, n); }
  static void eigh(const double *a, double *w, double *v, int64_t n) { lathe_eigh_f64(a, w, v, n); }

  /// Checks the decomposition of `a` and gives its values.
  static std::vector<T> checkSvd(const std::vector<T> &a, int64_t m, int64_t n, bool full) {
    int64_t k = std::min(m, n), left = full ? m : k, right = full ? n : k;
    std::vector<T> s(k, T(9)), u(m * left, T(9)), v(n * right, T(9));
    svd(a.data(), s.data(), u.data(), v.data(), m, n, full);
    expectOrthogonal(u, m, left);
    expectOrthogonal(v, n, right);
    for (int64_t j = 1; j < k; ++j)
      EXPECT_GE(s[j - 1], s[j]);
    double largest = k ? s[0] : 0;
    for (int64_t i = 0; i < m; ++i)
      for (int64_t j = 0; j < n; ++j) {
        double sum = 0;
        for (int64_t l = 0; l < k; ++l)
          sum += static_cast<double>(u[i * left + l]) * s[l] * v[j * right + l];
        EXPECT_NEAR(sum, a[i * n + j], tolerance * largest) << m << "x" << n;
      }
    return s;
  }

  /// The same for eigenvalues of the symmetric matrix whose lower triangle `a` has.
  static std::vector<T> checkEigh(std::vector<T> a, int64_t n) {
    std::vector<T> w(n, T(9)), v(n * n, T(9));
    eigh(a.data(), w.data(), v.data(), n);
    expectOrthogonal(v, n, n);
    for (int64_t j = 1; j < n; ++j)
      EXPECT_LE(w[j - 1], w[j]);
    double largest = 0;
    for (T value : w)
      largest = std::max(largest, std::abs(static_cast<double>(value)));
    for (int64_t i = 0; i < n; ++i)
      for (int64_t j = 0; j < n; ++j) {
        double sum = 0;
        for (int64_t l = 0; l < n; ++l)
          sum += static_cast<double>(v[i * n + l]) * w[l] * v[j * n + l];
        EXPECT_NEAR(sum, i >= j ? a[i * n + j] : a[j * n + i], 2 * tolerance * largest) << n;
      }
    return w;
  }
};
using Precisions = ::testing::Types<float, double>;
TYPED_TEST_SUITE(Spectral, Precisions);

TYPED_TEST(Spectral, FactorsMultiplyToTheMatrix) {
  for (int64_t m : {0, 1, 2, 5, 17})
    for (int64_t n : {0, 1, 3, 5, 12})
      for (bool full : {false, true})
        this->checkSvd(this->randomMatrix(m, n), m, n, full);
}

TYPED_TEST(Spectral, VectorsAreOrthogonalWhereRowsOrColumnsAreMissing) {
  using T = TypeParam;
  std::vector<T> zero(12), ones(12, T(1)), diagonal{3, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0};
  for (bool full : {false, true})
    for (auto [m, n] : {std::pair<int64_t, int64_t>{4, 3}, {3, 4}}) {
      EXPECT_EQ(this->checkSvd(zero, m, n, full)[0], 0);
      EXPECT_NEAR(this->checkSvd(ones, m, n, full)[0], std::sqrt(12), 1e-5);
      this->checkSvd(diagonal, m, n, full);
    }
}

TYPED_TEST(Spectral, ReflectionsMultiplyToTheMatrix) {
  using T = TypeParam;
  for (int64_t m : {0, 1, 2, 5, 17})
    for (int64_t n : {0, 1, 3, 5, 12})
      for (bool full : {false, true}) {
        std::vector<T> a = this->randomMatrix(m, n);
        if (m > 2 && n > 2) // A column that is a multiple of another: R has a zero on its diagonal, or nearly so.
          for (int64_t i = 0; i < m; ++i)
            a[i * n + 1] = 2 * a[i * n];
        int64_t k = full ? m : std::min(m, n);
        std::vector<T> q(m * k, T(9)), r(k * n, T(9));
        if constexpr (sizeof(T) == 4)
          lathe_qr_f32(a.data(), q.data(), r.data(), m, n, full);
        else
          lathe_qr_f64(a.data(), q.data(), r.data(), m, n, full);
        this->expectOrthogonal(q, m, k);
        for (int64_t i = 0; i < k; ++i)
          for (int64_t j = 0; j < std::min(i, n); ++j)
            ASSERT_EQ(r[i * n + j], 0) << m << "x" << n;
        for (int64_t i = 0; i < m; ++i)
          for (int64_t j = 0; j < n; ++j) {
            double sum = 0;
            for (int64_t l = 0; l < k; ++l)
              sum += static_cast<double>(q[i * k + l]) * r[l * n + j];
            ASSERT_NEAR(sum, a[i * n + j], 4 * this->tolerance) << m << "x" << n;
          }
      }
}

TYPED_TEST(Spectral, KeepsVeryLargeAndSmallMatrices) {
  using T = TypeParam;
  double large = std::numeric_limits<T>::max() / 100, small = std::numeric_limits<T>::min() * 100;
  this->checkSvd(this->randomMatrix(4, 3, large), 4, 3, true);
  std::vector<T> a = this->randomMatrix(4, 3, small);
  EXPECT_GT(this->checkSvd(a, 4, 3, false)[0], T(small / 2));
  std::vector<T> w = this->checkEigh({T(large), 0, T(large / 3), T(-large)}, 2);
  EXPECT_GT(w[1], T(large));
}

TYPED_TEST(Spectral, EigenvaluesAreThoseOfTheLowerTriangle) {
  using T = TypeParam;
  // The upper triangle is not read: its 7 would change everything.
  std::vector<T> w = this->checkEigh({2, 7, 1, 2}, 2);
  EXPECT_NEAR(w[0], 1, 1e-6);
  EXPECT_NEAR(w[1], 3, 1e-6);
  // Values of both signs and one size, which singular values would not tell apart.
  w = this->checkEigh({0, 0, 0, 1, 0, 0, 0, 0, -1}, 3);
  EXPECT_NEAR(w[0], -1, 1e-6);
  EXPECT_NEAR(w[1], -1, 1e-6);
  EXPECT_NEAR(w[2], 1, 1e-6);
  this->checkEigh(std::vector<T>(16), 4);
  for (int64_t n : {0, 1, 2, 6, 21})
    this->checkEigh(this->randomMatrix(n, n), n);
}

TYPED_TEST(Spectral, EndsOnNaN) {
  using T = TypeParam;
  T a[4] = {T(NAN), 1, 2, 3}, values[2], left[4], right[4];
  this->svd(a, values, left, right, 2, 2, 0);
  EXPECT_TRUE(std::isnan(values[0]) || std::isnan(values[1]));
  this->eigh(a, values, left, 2);
  EXPECT_TRUE(std::isnan(values[0]) || std::isnan(values[1]));
}
} // namespace
