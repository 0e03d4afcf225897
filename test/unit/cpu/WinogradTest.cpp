// SPDX-License-Identifier: Apache-2.0
// Winograd kernels, compiled and run, against plain loops in double precision.
#include "test/unit/cpu/KernelHarness.h"

#include "gtest/gtest.h"

#include <cmath>
#include <cstring>
#include <random>

namespace lathe::cpu {
namespace {

/// The sum of products at one place, and the sum of their sizes.
std::pair<double, double> directSum(const WinogradSpec &spec, const std::vector<float> &input,
                                    const std::vector<float> &filter, int64_t image, int64_t y, int64_t x, int64_t n) {
  double sum = 0, sizes = 0;
  for (int64_t kh = 0; kh < spec.kernelH; ++kh)
    for (int64_t kw = 0; kw < spec.kernelW; ++kw) {
      const int64_t row = y + kh - spec.padTop, column = x + kw - spec.padLeft;
      if (row < 0 || row >= spec.inputH || column < 0 || column >= spec.inputW)
        continue;
      for (int64_t k = 0; k < spec.inputChannels; ++k) {
        const double product =
            double(input[((image * spec.inputH + row) * spec.inputW + column) * spec.inputChannels + k]) *
            double(filter[((kh * spec.kernelW + kw) * spec.inputChannels + k) * spec.outputChannels + n]);
        sum += product;
        sizes += std::abs(product);
      }
    }
  return {sum, sizes};
}

void checkSpec(const WinogradSpec &spec, const WinogradTile &tile, const Machine &machine, const TestEpilogue &epilogue,
               uint32_t seed) {
  const int64_t outputs = spec.images * spec.outputH * spec.outputW * spec.outputChannels;
  const WinogradGeometry geometry(spec, tile);
  std::vector<float> input = distinctValues(spec.images * spec.inputH * spec.inputW * spec.inputChannels, seed);
  std::vector<float> filter =
      distinctValues(spec.kernelH * spec.kernelW * spec.inputChannels * spec.outputChannels, seed + 1);
  std::vector<float> packed(winogradFilterBytes(spec, tile) / 4);
  packWinogradFilters(spec, tile, filter.data(), packed.data());
  std::vector<float> bias = distinctValues(spec.outputChannels, seed + 2), residual = distinctValues(outputs, seed + 3);
  // What a slot holds before must not matter.
  std::vector<float> scratch(geometry.scratchBytes() / 4, std::nanf(""));
  std::vector<float> whole(outputs, 12345.0f), pieces = whole;
  const LoadedKernel kernel(buildWinograd(spec, tile, machine, epilogue));
  const auto call = [&](std::vector<float> &output, int64_t begin, int64_t end) {
    std::vector<void *> buffers = {input.data(), packed.data(), output.data()};
    if (epilogue.bias)
      buffers.push_back(bias.data());
    if (epilogue.residual)
      buffers.push_back(residual.data());
    buffers.push_back(scratch.data());
    kernel(buffers, begin, end);
  };
  const int64_t units = geometry.units(), parts = 2 + seed % 3;
  call(whole, 0, units);
  std::fill(scratch.begin(), scratch.end(), std::nanf(""));
  for (int64_t part = 0; part < parts; ++part)
    call(pieces, part * units / parts, (part + 1) * units / parts);
  EXPECT_EQ(std::memcmp(whole.data(), pieces.data(), whole.size() * 4), 0) << "results depend on the partition";

  // Each of the products that make up a result grows at most by the amplification on the way, and each step rounds
  // once: the sum over channels, the transforms' steps (fewer than 50), the filter, bias and residual.
  const double roundings = double(spec.inputChannels) + 50;
  const double factor = makeWinogradTransform(tile.outputsH, spec.kernelH).amplification() *
                        makeWinogradTransform(tile.outputsW, spec.kernelW).amplification();
  const double largest = double(spec.kernelH * spec.kernelW * spec.inputChannels);
  double worst = 0, sizes = 0;
  for (int64_t image = 0; image < spec.images; ++image)
    for (int64_t y = 0; y < spec.outputH; ++y)
      for (int64_t x = 0; x < spec.outputW; ++x)
        for (int64_t n = 0; n < spec.outputChannels; ++n) {
          auto [expected, size] = directSum(spec, input, filter, image, y, x, n);
          sizes = std::max(sizes, size);
          const int64_t at = ((image * spec.outputH + y) * spec.outputW + x) * spec.outputChannels + n;
          if (epilogue.bias)
            expected += bias[n];
          if (epilogue.residual)
            expected += residual[at];
          if (epilogue.relu)
            expected = std::max(expected, 0.0);
          worst = std::max(worst, std::abs(double(whole[at]) - expected));
          ASSERT_NEAR(whole[at], expected, std::ldexp(factor * largest * roundings + 4, -24))
              << "image " << image << " y " << y << " x " << x << " channel " << n;
        }
  // The bound is a worst case; what is seen stays far below, at a few roundings of the largest sum.
  EXPECT_LE(worst, std::ldexp(64 * (sizes + 2), -24));
}

/// Any way to cut `spec`, good or bad.
WinogradTile randomTile(const WinogradSpec &spec, const Machine &machine, std::mt19937 &random) {
  const auto in = [&](int64_t low, int64_t high) { return std::uniform_int_distribution<int64_t>(low, high)(random); };
  const auto outputs = [&](int64_t taps) {
    const llvm::ArrayRef<int64_t> all = winogradOutputs(taps);
    return all[size_t(in(0, int64_t(all.size()) - 1))];
  };
  WinogradTile tile;
  tile.outputsH = outputs(spec.kernelH);
  tile.outputsW = outputs(spec.kernelW);
  tile.block = in(1, 9);
  tile.product = {.rows = in(1, 5), .vectors = in(1, 2), .lanes = machine.lanes(4)};
  if (in(0, 1))
    tile.blocksPerUnit = in(1, 3), tile.panelsPerUnit = WinogradGeometry(spec, tile).panels;
  else
    tile.panelsPerUnit = in(1, 2);
  return tile;
}

void fuzz(const char *machineName, uint32_t firstSeed, int count) {
  const std::optional<Machine> machine = lookupMachine(machineName);
  for (uint32_t seed = firstSeed; seed < firstSeed + uint32_t(count); ++seed) {
    std::mt19937 random(seed);
    const auto in = [&](int64_t low, int64_t high) {
      return std::uniform_int_distribution<int64_t>(low, high)(random);
    };
    constexpr int64_t kernels[][2] = {{3, 3}, {3, 3}, {3, 3}, {1, 7}, {7, 1}, {1, 3}, {3, 1}, {5, 5}, {1, 5}, {3, 5}};
    WinogradSpec spec;
    const auto &kernel = kernels[in(0, 9)];
    spec.kernelH = kernel[0];
    spec.kernelW = kernel[1];
    spec.images = in(1, 3);
    spec.inputChannels = in(1, 40);
    spec.outputChannels = in(1, 70);
    spec.inputH = in(1, 11);
    spec.inputW = in(1, 11);
    spec.padTop = in(0, spec.kernelH - 1);
    spec.padLeft = in(0, spec.kernelW - 1);
    spec.outputH = std::max<int64_t>(1, spec.inputH + spec.padTop + in(0, spec.kernelH - 1) - spec.kernelH + 1);
    spec.outputW = std::max<int64_t>(1, spec.inputW + spec.padLeft + in(0, spec.kernelW - 1) - spec.kernelW + 1);
    const WinogradTile tile = randomTile(spec, *machine, random);
    const TestEpilogue epilogue = {in(0, 1) == 1, in(0, 1) == 1, in(0, 1) == 1};
    SCOPED_TRACE(std::string(machineName) + " seed " + std::to_string(seed));
    checkSpec(spec, tile, *machine, epilogue, seed);
    if (testing::Test::HasFailure())
      return;
  }
}

TEST(WinogradTest, MatchesPlainLoopsOnHost) {
  fuzz("host", 1, 80);
}
TEST(WinogradTest, MatchesPlainLoopsOnV3) {
  fuzz("x86-64-v3", 501, 40);
}

/// 3x3 with as much padding as keeps the size.
WinogradSpec same(int64_t size, int64_t in, int64_t out, int64_t images = 1) {
  return {.images = images,
          .inputH = size,
          .inputW = size,
          .inputChannels = in,
          .outputH = size,
          .outputW = size,
          .outputChannels = out,
          .kernelH = 3,
          .kernelW = 3,
          .padTop = 1,
          .padLeft = 1};
}

TEST(WinogradTest, ChosenTilesMatchPlainLoops) {
  for (const char *name : {"host", "x86-64-v3"}) {
    const std::optional<Machine> machine = lookupMachine(name);
    uint32_t seed = 1;
    for (const WinogradSpec &spec : {same(14, 64, 64), same(7, 96, 80), same(9, 33, 47, 3), same(28, 32, 64)}) {
      SCOPED_TRACE(std::string(name) + " size " + std::to_string(spec.outputH));
      const std::optional<WinogradTile> tile = chooseWinogradTile(spec, *machine);
      ASSERT_TRUE(tile);
      checkSpec(spec, *tile, *machine, {.bias = true, .residual = true, .relu = true}, seed++);
    }
  }
}

TEST(WinogradTest, ChoosesAlikeAndWithinTheMachine) {
  for (const llvm::StringRef name : machineNames()) {
    const std::optional<Machine> machine = lookupMachine(name);
    if (!machine)
      continue;
    for (const WinogradSpec &spec : {same(56, 64, 64), same(14, 256, 256), same(7, 512, 512), same(28, 32, 48, 128)}) {
      const std::optional<WinogradTile> tile = chooseWinogradTile(spec, *machine);
      ASSERT_TRUE(tile) << name.str();
      const WinogradGeometry geometry(spec, *tile);
      EXPECT_LE(tile->product.rows * tile->product.vectors + tile->product.vectors, machine->vectorRegisters);
      EXPECT_LE(geometry.units(), 64);
      EXPECT_TRUE(tile->blocksPerUnit == 1 || tile->panelsPerUnit == geometry.panels);
      EXPECT_EQ(chooseWinogradTile(spec, *machine)->cycles, tile->cycles);
    }
  }
}

TEST(WinogradTest, RefusesWhatGainsNothing) {
  const std::optional<Machine> machine = lookupMachine("host");
  WinogradSpec spec = same(56, 64, 64);
  spec.inputChannels = 3;
  EXPECT_FALSE(chooseWinogradTile(spec, *machine));
  spec = same(56, 64, 64);
  spec.kernelH = spec.kernelW = 1;
  EXPECT_FALSE(chooseWinogradTile(spec, *machine));
  spec.kernelH = spec.kernelW = 4;
  EXPECT_FALSE(chooseWinogradTile(spec, *machine));
}

} // namespace
} // namespace lathe::cpu
