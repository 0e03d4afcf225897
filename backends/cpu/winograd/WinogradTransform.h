// SPDX-License-Identifier: Apache-2.0
// The three matrices of Winograd's short convolutions, exactly, and the few operations that multiply by them.
#ifndef LATHE_BACKENDS_CPU_WINOGRADTRANSFORM_H
#define LATHE_BACKENDS_CPU_WINOGRADTRANSFORM_H

#include "llvm/ADT/ArrayRef.h"

#include <cstdint>
#include <vector>

namespace lathe::cpu {

/// A rational number in lowest terms; the denominator is positive.
struct Fraction {
  int64_t numerator = 0, denominator = 1;

  Fraction(int64_t numerator = 0, int64_t denominator = 1);
  Fraction operator+(Fraction other) const;
  Fraction operator*(Fraction other) const;
  Fraction operator/(Fraction other) const;
  Fraction operator-() const { return {-numerator, denominator}; }
  bool operator==(const Fraction &other) const = default;
  double value() const { return double(numerator) / double(denominator); }
};

using FractionMatrix = std::vector<std::vector<Fraction>>; ///< rows of equal length

/// F(outputs, taps): y[i] = sum over k of d[i + k] * g[k], for i below `outputs`, is
/// output * ((filter * g) . (input * d)), with `.` element by element: points() multiplications instead of
/// outputs * taps. In two dimensions the matrices of each axis are applied along it.
struct WinogradTransform {
  int64_t outputs = 1, taps = 1;
  FractionMatrix filter; ///< points x taps
  FractionMatrix input;  ///< points x points; entries are exact in float32
  FractionMatrix output; ///< outputs x points; entries are exact in float32

  int64_t points() const { return outputs + taps - 1; }
  /// How much larger than the direct sum's the bound on the rounding error is: the largest sum, over the points, of
  /// |output| |filter| |input| for an output, with filter and input rows summed up, divided by `taps`.
  double amplification() const;
};

/// The transform for `outputs` out of winogradOutputs(taps).
WinogradTransform makeWinogradTransform(int64_t outputs, int64_t taps);
/// The numbers of outputs for which points of small error are known, ascending; empty for other `taps`.
llvm::ArrayRef<int64_t> winogradOutputs(int64_t taps);

/// One operation on numbered values: the inputs come first, then the result of each step.
struct LinearStep {
  enum Kind { Add, Subtract, Multiply, MultiplyAdd } kind; ///< l + r, l - r, c * l, c * l + r
  int left, right;
  double coefficient;
};

/// A product of a fixed matrix with a vector: pairs of rows and columns that differ in signs alone share their sums.
struct LinearPlan {
  std::vector<LinearStep> steps;
  std::vector<int> results; ///< the value of each row
};
LinearPlan planProduct(const FractionMatrix &matrix);

} // namespace lathe::cpu

#endif // LATHE_BACKENDS_CPU_WINOGRADTRANSFORM_H
