// SPDX-License-Identifier: Apache-2.0
// Values of core.fft: a transform is made of those of every p-th element, p the smallest prime factor of its length.
#include "ir/core/Ops.h"
#include "ir/evaluate/Scalars.h"
#include "ir/evaluate/Tensor.h"
#include <numbers>

using namespace mlir;
using namespace lathe;
using namespace lathe::core;
using namespace lathe::evaluate;

using Point = std::complex<double>;

/// The transform of x[0], x[stride], ..., n elements.
static std::vector<Point> transform(const Point *x, int64_t n, int64_t stride, double sign) {
  int64_t p = 2;
  while (n % p && p * p <= n)
    ++p;
  p = n % p ? n : p;
  int64_t part = n / p;
  std::vector<std::vector<Point>> parts;
  for (int64_t q = 0; q < p; ++q)
    parts.push_back(part == 1 ? std::vector<Point>{x[q * stride]} : transform(x + q * stride, part, p * stride, sign));
  std::vector<Point> roots, result(n);
  for (int64_t k = 0; k < n; ++k)
    roots.push_back(std::polar(1.0, sign * 2 * std::numbers::pi * static_cast<double>(k) / static_cast<double>(n)));
  for (int64_t k = 0; k < n; ++k)
    for (int64_t q = 0; q < p; ++q)
      result[k] += roots[q * k % n] * parts[q][k % part];
  return result;
}

LogicalResult FFTOp::evaluate(ArrayRef<Tensor> operands, SmallVectorImpl<Tensor> &results) {
  Tensor result = Tensor::zeros(getType());
  int64_t n = getType().getShape().back();
  visitElement<Complex>(getType().getElementType(), [&](auto zero) {
    using T = decltype(zero);
    ArrayRef<T> from = operands[0].values<T>();
    for (int64_t row = 0; row < getType().getNumElements(); row += n) {
      std::vector<Point> x(from.begin() + row, from.begin() + row + n);
      for (auto [k, value] : llvm::enumerate(transform(x.data(), n, 1, getInverse() ? 1 : -1)))
        result.mutableValues<T>()[row + k] = T(getInverse() ? value / static_cast<double>(n) : value);
    }
  });
  results.push_back(std::move(result));
  return success();
}
