// SPDX-License-Identifier: Apache-2.0
// Winograd's transforms in exact arithmetic, and their plans against plain products.
#include "backends/cpu/winograd/WinogradTransform.h"

#include "gtest/gtest.h"

#include <random>

namespace lathe::cpu {
namespace {

constexpr int64_t kernelSizes[] = {1, 2, 3, 4, 5, 6, 7, 8, 9};

template <typename F> void forTransforms(F check) {
  for (const int64_t taps : kernelSizes)
    for (const int64_t outputs : winogradOutputs(taps)) {
      SCOPED_TRACE("F(" + std::to_string(outputs) + ", " + std::to_string(taps) + ")");
      check(makeWinogradTransform(outputs, taps));
    }
}

TEST(WinogradTransformTest, IsTheConvolutionExactly) {
  int64_t transforms = 0;
  forTransforms([&](const WinogradTransform &transform) {
    ++transforms;
    // Bilinear: it is the convolution where it is one for each element of d with each of g.
    for (int64_t i = 0; i < transform.outputs; ++i)
      for (int64_t k = 0; k < transform.taps; ++k)
        for (int64_t l = 0; l < transform.points(); ++l) {
          Fraction sum;
          for (int64_t j = 0; j < transform.points(); ++j)
            sum = sum + transform.output[i][j] * (transform.filter[j][k] * transform.input[j][l]);
          EXPECT_EQ(sum, Fraction(l == i + k ? 1 : 0)) << "output " << i << " tap " << k << " input " << l;
        }
  });
  EXPECT_EQ(transforms, 8);
}

TEST(WinogradTransformTest, InputAndOutputNeedNoRounding) {
  forTransforms([](const WinogradTransform &transform) {
    for (const FractionMatrix *matrix : {&transform.input, &transform.output})
      for (const auto &row : *matrix)
        for (const Fraction entry : row)
          EXPECT_EQ(double(float(entry.value())), entry.value());
  });
}

TEST(WinogradTransformTest, PlansComputeTheProduct) {
  std::mt19937 random(1);
  std::uniform_int_distribution<int64_t> uniform(-1000, 1000);
  forTransforms([&](const WinogradTransform &transform) {
    for (const FractionMatrix *matrix : {&transform.input, &transform.output}) {
      const LinearPlan plan = planProduct(*matrix);
      // Short binary fractions times small integers: doubles are exact here.
      std::vector<double> values(matrix->front().size());
      for (double &value : values)
        value = double(uniform(random));
      const std::vector<double> inputs = values;
      for (const LinearStep &step : plan.steps) {
        EXPECT_EQ(double(float(step.coefficient)), step.coefficient);
        const double left = values[step.left], right = values[step.right];
        values.push_back(step.kind == LinearStep::Add        ? left + right
                         : step.kind == LinearStep::Subtract ? left - right
                         : step.kind == LinearStep::Multiply ? left * step.coefficient
                                                             : left * step.coefficient + right);
      }
      ASSERT_EQ(plan.results.size(), matrix->size());
      for (size_t i = 0; i < matrix->size(); ++i) {
        double sum = 0;
        for (size_t j = 0; j < inputs.size(); ++j)
          sum += (*matrix)[i][j].value() * inputs[j];
        EXPECT_EQ(values[plan.results[i]], sum) << "row " << i;
      }
    }
  });
}

TEST(WinogradTransformTest, PairsShareTheirSums) {
  const WinogradTransform transform = makeWinogradTransform(4, 3);
  EXPECT_LE(planProduct(transform.input).steps.size(), 12u);
  EXPECT_LE(planProduct(transform.output).steps.size(), 12u);
}

TEST(WinogradTransformTest, KnowsNoTransformOfOtherKernels) {
  EXPECT_TRUE(winogradOutputs(4).empty());
  EXPECT_TRUE(winogradOutputs(9).empty());
}

} // namespace
} // namespace lathe::cpu
