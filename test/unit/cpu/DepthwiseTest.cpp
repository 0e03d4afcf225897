// SPDX-License-Identifier: Apache-2.0
// Depthwise kernels, compiled and run, against plain loops in double precision.
#include "test/unit/cpu/KernelHarness.h"

#include "gtest/gtest.h"

#include <cmath>
#include <cstring>
#include <random>

namespace lathe::cpu {
namespace {

/// Whether there is input at a place of what is read.
bool isThere(const DepthwiseSpec &spec, int64_t row, int64_t column) {
  row -= spec.padTop;
  column -= spec.padLeft;
  return !spec.isPadded() || (row >= 0 && row < spec.inputH && column >= 0 && column < spec.inputW);
}

void checkSpec(const DepthwiseSpec &spec, const Machine &machine, const TestEpilogue &epilogue, uint32_t seed) {
  const DepthwiseTile tile = chooseDepthwiseTile(spec, machine);
  std::vector<float> lhs = distinctValues(lhsCount(spec), seed);
  std::vector<float> weights = distinctValues(spec.kernelH * spec.kernelW * spec.outputChannels(), seed + 1);
  std::vector<float> bias = distinctValues(spec.outputChannels(), seed + 2);
  std::vector<float> residual = distinctValues(outputCount(spec), seed + 3);
  std::vector<float> whole(outputCount(spec), 12345.0f), pieces = whole;
  const LoadedKernel kernel(buildDepthwise(spec, tile, machine, epilogue));
  const auto call = [&](std::vector<float> &output, int64_t begin, int64_t end) {
    std::vector<void *> buffers = {lhs.data(), weights.data(), output.data()};
    if (epilogue.bias)
      buffers.push_back(bias.data());
    if (epilogue.residual)
      buffers.push_back(residual.data());
    kernel(buffers, begin, end);
  };
  const int64_t units = depthwiseUnits(spec, tile), parts = 2 + seed % 3;
  call(whole, 0, units);
  for (int64_t part = 0; part < parts; ++part)
    call(pieces, part * units / parts, (part + 1) * units / parts);
  EXPECT_EQ(std::memcmp(whole.data(), pieces.data(), whole.size() * 4), 0) << "results depend on the partition";

  for (int64_t image = 0; image < spec.images; ++image)
    for (int64_t y = 0; y < spec.outputH; ++y)
      for (int64_t x = 0; x < spec.outputW; ++x)
        for (int64_t n = 0; n < spec.outputChannels(); ++n) {
          double expected = 0;
          for (int64_t kh = 0; kh < spec.kernelH; ++kh)
            for (int64_t kw = 0; kw < spec.kernelW; ++kw)
              if (isThere(spec, y * spec.strideH + kh * spec.dilationH, x * spec.strideW + kw * spec.dilationW))
                expected +=
                    double(lhs[spec.lhs.offset + image * spec.lhs.image +
                               (y * spec.strideH + kh * spec.dilationH) * spec.lhs.row +
                               (x * spec.strideW + kw * spec.dilationW) * spec.lhs.pixel + n / spec.multiplier]) *
                    double(weights[(kh * spec.kernelW + kw) * spec.outputChannels() + n]);
          const int64_t at =
              spec.output.offset + image * spec.output.image + y * spec.output.row + x * spec.output.pixel + n;
          if (epilogue.bias)
            expected += bias[n];
          if (epilogue.residual)
            expected += residual[at];
          if (epilogue.relu)
            expected = std::max(expected, 0.0);
          // At most 49 products of values below 1: sums below 49, each rounded 51 times.
          ASSERT_NEAR(whole[at], expected, 51 * std::ldexp(16.0, -24))
              << "image " << image << " y " << y << " x " << x << " channel " << n;
        }
}

void fuzz(const char *machineName, uint32_t firstSeed, int count) {
  const std::optional<Machine> machine = lookupMachine(machineName);
  for (uint32_t seed = firstSeed; seed < firstSeed + uint32_t(count); ++seed) {
    std::mt19937 random(seed);
    const auto in = [&](int64_t low, int64_t high) {
      return std::uniform_int_distribution<int64_t>(low, high)(random);
    };
    ConvolutionSizes sizes;
    sizes.images = in(1, 2);
    sizes.kernelH = in(1, 5);
    sizes.kernelW = in(1, 5);
    if (in(1, 6) == 1)
      sizes.kernelH = sizes.kernelW = 7;
    sizes.strideH = in(1, 2);
    sizes.strideW = in(1, 3);
    sizes.dilationH = in(1, 2);
    sizes.dilationW = in(1, 2);
    sizes.inputH = in(1, 6) + (sizes.kernelH - 1) * sizes.dilationH;
    sizes.inputW = in(1, 40) + (sizes.kernelW - 1) * sizes.dilationW;
    sizes.inputChannels = in(1, 70);
    DepthwiseSpec spec = makeDepthwise(sizes, in(1, 3) == 1 ? in(2, 20) : 1);
    // Padding of up to all that is read but one element, on any side.
    if (spec.dilationH == 1 && in(0, 3) != 0) {
      const int64_t inputH = in(1, sizes.inputH), inputW = in(1, sizes.inputW);
      spec = withoutPadding(spec, {.top = in(0, sizes.inputH - inputH),
                                   .left = in(0, sizes.inputW - inputW),
                                   .inputH = inputH,
                                   .inputW = inputW});
    }
    const TestEpilogue epilogue = {in(0, 1) == 1, in(0, 1) == 1, in(0, 1) == 1};
    SCOPED_TRACE(std::string(machineName) + " seed " + std::to_string(seed));
    checkSpec(spec, *machine, epilogue, seed);
    if (testing::Test::HasFailure())
      return;
  }
}

TEST(DepthwiseTest, MatchesPlainLoopsOnHost) {
  fuzz("host", 1, 60);
}
TEST(DepthwiseTest, MatchesPlainLoopsOnV3) {
  fuzz("x86-64-v3", 501, 40);
}

} // namespace
} // namespace lathe::cpu
