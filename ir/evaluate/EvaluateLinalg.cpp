// SPDX-License-Identifier: Apache-2.0
// Values of the core ops on matrices, each by the plainest algorithm; what is found by iteration by the runtime's functions.
#include "ir/core/Ops.h"
#include "ir/evaluate/Scalars.h"
#include "ir/evaluate/Tensor.h"
#include <cmath>
#include <lathe/kernels.h>

using namespace mlir;
using namespace lathe;
using namespace lathe::core;
using namespace lathe::evaluate;

/// Calls `visit` with a value of float or double.
template <typename F> static void visitPrecision(Type element, F &&visit) {
  element.isF32() ? visit(float()) : visit(double());
}

LogicalResult CholeskyOp::evaluate(ArrayRef<Tensor> operands, SmallVectorImpl<Tensor> &results) {
  Tensor result = Tensor::zeros(getType());
  int64_t n = getType().getShape().back();
  visitPrecision(getType().getElementType(), [&](auto zero) {
    using T = decltype(zero);
    for (int64_t base = 0; base < getType().getNumElements(); base += n * n) {
      const T *a = operands[0].values<T>().data() + base;
      T *l = result.mutableValues<T>().data() + base;
      bool definite = true;
      for (int64_t i = 0; i < n; ++i)
        for (int64_t j = 0; j <= i; ++j) {
          T rest = a[i * n + j];
          for (int64_t k = 0; k < j; ++k)
            rest -= l[i * n + k] * l[j * n + k];
          definite &= i != j || rest > 0;
          l[i * n + j] = i == j ? std::sqrt(rest) : rest / l[j * n + j];
        }
      if (!definite)
        std::fill_n(l, n * n, std::numeric_limits<T>::quiet_NaN());
    }
  });
  results.push_back(std::move(result));
  return success();
}

LogicalResult LUOp::evaluate(ArrayRef<Tensor> operands, SmallVectorImpl<Tensor> &results) {
  Tensor factors = Tensor::zeros(cast<RankedTensorType>(getFactors().getType()));
  Tensor permutation = Tensor::zeros(cast<RankedTensorType>(getPermutation().getType()));
  Tensor sign = Tensor::zeros(cast<RankedTensorType>(getSign().getType()));
  int64_t n = factors.getShape().back();
  visitPrecision(factors.getElementType(), [&](auto zero) {
    using T = decltype(zero);
    llvm::copy(operands[0].bytes(), factors.mutableBytes().begin());
    for (int64_t matrix = 0; matrix < sign.getNumElements(); ++matrix) {
      T *a = factors.mutableValues<T>().data() + matrix * n * n;
      int32_t *p = permutation.mutableValues<int32_t>().data() + matrix * n;
      T &parity = sign.mutableValues<T>()[matrix];
      parity = 1;
      for (int64_t i = 0; i < n; ++i)
        p[i] = static_cast<int32_t>(i);
      for (int64_t k = 0; k < n; ++k) {
        int64_t pivot = k;
        for (int64_t i = k + 1; i < n; ++i)
          if (std::abs(a[i * n + k]) > std::abs(a[pivot * n + k]))
            pivot = i;
        if (pivot != k) {
          std::swap_ranges(a + k * n, a + k * n + n, a + pivot * n);
          std::swap(p[k], p[pivot]);
          parity = -parity;
        }
        if (a[k * n + k] == 0)
          continue;
        for (int64_t i = k + 1; i < n; ++i) {
          T factor = a[i * n + k] /= a[k * n + k];
          for (int64_t j = k + 1; j < n; ++j)
            a[i * n + j] -= factor * a[k * n + j];
        }
      }
    }
  });
  results.push_back(std::move(factors));
  results.push_back(std::move(permutation));
  results.push_back(std::move(sign));
  return success();
}

LogicalResult TriangularSolveOp::evaluate(ArrayRef<Tensor> operands, SmallVectorImpl<Tensor> &results) {
  Tensor result = Tensor::zeros(cast<RankedTensorType>(getRhs().getType()));
  int64_t n = operands[0].getShape().back(), columns = operands[1].getShape().back();
  bool transposed = getTranspose(), unit = getUnitDiagonal(), forward = getLower() != transposed;
  visitPrecision(result.getElementType(), [&](auto zero) {
    using T = decltype(zero);
    llvm::copy(operands[1].bytes(), result.mutableBytes().begin());
    int64_t matrices = n ? operands[0].getNumElements() / (n * n) : 0;
    for (int64_t matrix = 0; matrix < matrices; ++matrix) {
      const T *a = operands[0].values<T>().data() + matrix * n * n;
      T *x = result.mutableValues<T>().data() + matrix * n * columns;
      auto at = [&](int64_t i, int64_t j) { return transposed ? a[j * n + i] : a[i * n + j]; };
      for (int64_t step = 0; step < n; ++step) {
        int64_t i = forward ? step : n - 1 - step;
        for (int64_t known = 0; known < step; ++known) {
          int64_t j = forward ? known : n - 1 - known;
          for (int64_t c = 0; c < columns; ++c)
            x[i * columns + c] -= at(i, j) * x[j * columns + c];
        }
        if (!unit)
          for (int64_t c = 0; c < columns; ++c)
            x[i * columns + c] /= at(i, i);
      }
    }
  });
  results.push_back(std::move(result));
  return success();
}

LogicalResult SVDOp::evaluate(ArrayRef<Tensor> operands, SmallVectorImpl<Tensor> &results) {
  Tensor parts[3];
  for (auto [part, value] : llvm::zip_equal(parts, getResults()))
    part = Tensor::zeros(cast<RankedTensorType>(value.getType()));
  ArrayRef<int64_t> shape = operands[0].getShape();
  int64_t m = shape[shape.size() - 2], n = shape.back(), left = parts[1].getShape().back(), right = parts[2].getShape().back();
  int64_t matrices = llvm::product_of(shape.drop_back(2), int64_t(1));
  for (int64_t i = 0; i < matrices; ++i)
    visitPrecision(operands[0].getElementType(), [&](auto zero) {
      using T = decltype(zero);
      const T *a = operands[0].values<T>().data() + i * m * n;
      T *values = parts[0].mutableValues<T>().data() + i * std::min(m, n);
      T *u = parts[1].mutableValues<T>().data() + i * m * left, *v = parts[2].mutableValues<T>().data() + i * n * right;
      if constexpr (std::is_same_v<T, float>)
        lathe_svd_f32(a, values, u, v, m, n, getFull());
      else
        lathe_svd_f64(a, values, u, v, m, n, getFull());
    });
  results.append(std::begin(parts), std::end(parts));
  return success();
}

LogicalResult QROp::evaluate(ArrayRef<Tensor> operands, SmallVectorImpl<Tensor> &results) {
  Tensor q = Tensor::zeros(cast<RankedTensorType>(getQ().getType())), r = Tensor::zeros(cast<RankedTensorType>(getR().getType()));
  ArrayRef<int64_t> shape = operands[0].getShape();
  int64_t m = shape[shape.size() - 2], n = shape.back(), k = q.getShape().back();
  int64_t matrices = llvm::product_of(shape.drop_back(2), int64_t(1));
  for (int64_t i = 0; i < matrices; ++i)
    visitPrecision(q.getElementType(), [&](auto zero) {
      using T = decltype(zero);
      const T *a = operands[0].values<T>().data() + i * m * n;
      T *qTo = q.mutableValues<T>().data() + i * m * k, *rTo = r.mutableValues<T>().data() + i * k * n;
      if constexpr (std::is_same_v<T, float>)
        lathe_qr_f32(a, qTo, rTo, m, n, getFull());
      else
        lathe_qr_f64(a, qTo, rTo, m, n, getFull());
    });
  results.push_back(std::move(q));
  results.push_back(std::move(r));
  return success();
}

LogicalResult EighOp::evaluate(ArrayRef<Tensor> operands, SmallVectorImpl<Tensor> &results) {
  Tensor values = Tensor::zeros(cast<RankedTensorType>(getValues().getType()));
  Tensor vectors = Tensor::zeros(cast<RankedTensorType>(getVectors().getType()));
  ArrayRef<int64_t> shape = operands[0].getShape();
  int64_t n = shape.back(), matrices = llvm::product_of(shape.drop_back(2), int64_t(1));
  for (int64_t i = 0; i < matrices; ++i)
    visitPrecision(values.getElementType(), [&](auto zero) {
      using T = decltype(zero);
      const T *a = operands[0].values<T>().data() + i * n * n;
      T *w = values.mutableValues<T>().data() + i * n, *v = vectors.mutableValues<T>().data() + i * n * n;
      if constexpr (std::is_same_v<T, float>)
        lathe_eigh_f32(a, w, v, n);
      else
        lathe_eigh_f64(a, w, v, n);
    });
  results.push_back(std::move(values));
  results.push_back(std::move(vectors));
  return success();
}
