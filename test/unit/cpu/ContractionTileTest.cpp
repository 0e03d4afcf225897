// SPDX-License-Identifier: Apache-2.0
// The rules behind the choice of tiles, and the packed layout of weights.
#include "backends/cpu/contraction/Depthwise.h"

#include "gtest/gtest.h"

#include <numeric>

namespace lathe::cpu {
namespace {

ContractionSpec conv(int64_t size, int64_t in, int64_t out, int64_t kernel) {
  return flattenRows(makeConvolution({.inputH = size + kernel - 1,
                                      .inputW = size + kernel - 1,
                                      .inputChannels = in,
                                      .outputChannels = out,
                                      .kernelH = kernel,
                                      .kernelW = kernel}));
}

std::vector<ContractionSpec> someSpecs() {
  return {conv(56, 64, 64, 3),
          conv(14, 1024, 256, 1),
          conv(7, 512, 512, 3),
          conv(112, 3, 5, 7),
          makeProduct(1, 1, 1000, 2048, RhsLayout::Packed),
          makeProduct(12, 128, 64, 128, RhsLayout::RowMajor),
          makeProduct(1, 128, 3072, 768, RhsLayout::Packed, Element::BF16),
          makeProduct(1, 33, 17, 9, RhsLayout::Packed, Element::F64)};
}

// A tile's registers:       vectors
//                         w0  w1  w2  w3     <- one row of the panel
//             rows  x0    s00 s01 s02 s03
//                   x1    s10 s11 s12 s13    all live through the inner loop
//                   ...
TEST(ContractionTileTest, FitsTheRegisterFile) {
  for (const llvm::StringRef name : machineNames()) {
    const Machine machine = *lookupMachine(name);
    for (const ContractionSpec &spec : someSpecs()) {
      const ContractionTile tile = chooseTile(spec, machine);
      EXPECT_LE(tile.rows * tile.vectors + tile.vectors + 1, machine.vectorRegisters) << name.str();
      EXPECT_LE(tile.rows, spec.outputW);
      EXPECT_GE(contractionUnits(spec, tile), 1);
      EXPECT_GT(tile.cycles, 0);
    }
  }
}

TEST(ContractionTileTest, FillsThePortsOfEveryMachine) {
  for (const llvm::StringRef name : machineNames()) {
    const Machine machine = *lookupMachine(name);
    const ContractionSpec spec = conv(28, 128, 128, 3);
    const ContractionTile tile = chooseTile(spec, machine);
    EXPECT_GE(tile.rows * tile.vectors, machine.fmaPorts * machine.fmaLatency) << name.str();
    const double floor = spec.multiplyAdds() / double(tile.lanes * machine.fmaPorts);
    EXPECT_LT(tile.cycles, 1.2 * floor) << name.str() << " " << tile.rows << "x" << tile.vectors;
  }
}

// Rows that are a multiple of 4 KiB apart share one set of L1:
//   set 0: row 0, row 1, row 2, ...   (8 or 12 ways)
//   set 1: ...
TEST(ContractionTileTest, RowsThatShareSetsAreFew) {
  const Machine zen4 = *lookupMachine("znver4"), zen5 = *lookupMachine("znver5");
  EXPECT_EQ(rowsWithoutConflict(4096, zen4), 6);
  EXPECT_EQ(rowsWithoutConflict(3 * 4096, zen4), 6);
  EXPECT_EQ(rowsWithoutConflict(4096, zen5), 10);
  EXPECT_EQ(rowsWithoutConflict(2048, zen4), 12);
  EXPECT_GE(rowsWithoutConflict(4000, zen4), 32);
  const ContractionSpec wide = makeProduct(1, 128, 768, 3072, RhsLayout::Packed);
  EXPECT_LE(chooseTile(wide, zen4).rows, 6);
  EXPECT_LE(chooseTile(wide, zen5).rows, 10);
}

TEST(ContractionTileTest, NarrowOutputsUseNarrowVectors) {
  const ContractionSpec spec = makeProduct(1, 64, 6, 100, RhsLayout::Packed);
  EXPECT_EQ(chooseTile(spec, *lookupMachine("znver5")).lanes, 8);
  EXPECT_EQ(chooseTile(spec, *lookupMachine("neoverse-n1")).lanes, 4);
}

TEST(ContractionTileTest, LargeWorkCanBeShared) {
  for (const llvm::StringRef name : machineNames())
    for (const ContractionSpec &spec : {conv(56, 64, 64, 3), conv(28, 128, 128, 3), conv(14, 256, 256, 3)})
      EXPECT_GE(contractionUnits(spec, chooseTile(spec, *lookupMachine(name))), 16) << name.str();
}

TEST(ContractionTileTest, SameArgumentsGiveTheSameTile) {
  for (const ContractionSpec &spec : someSpecs()) {
    const ContractionTile first = chooseTile(spec, *lookupMachine("haswell"));
    const ContractionTile second = chooseTile(spec, *lookupMachine("haswell"));
    EXPECT_EQ(std::tie(first.rows, first.vectors, first.lanes, first.tilesPerUnit, first.panelsOutermost),
              std::tie(second.rows, second.vectors, second.lanes, second.tilesPerUnit, second.panelsOutermost));
  }
}

TEST(ContractionTileTest, RowsFlattenOnlyWhereDense) {
  EXPECT_EQ(conv(14, 8, 8, 1).outputW, 196);
  EXPECT_EQ(conv(14, 8, 8, 3).outputW, 14);
  ContractionSpec slice = makeConvolution({.inputH = 14, .inputW = 14, .inputChannels = 8, .outputChannels = 8});
  slice.output.row += 8; // a halo column
  EXPECT_EQ(flattenRows(slice).outputW, 14);
  EXPECT_EQ(flattenRows(makeConvolution({.inputH = 15, .inputW = 15, .strideH = 2, .strideW = 2})).outputW, 8);
}

TEST(ContractionTileTest, BadSpecsAreNamed) {
  ContractionSpec spec = makeProduct(1, 2, 3, 4, RhsLayout::RowMajor);
  EXPECT_EQ(checkContraction(spec), "");
  spec.kernelH = 3;
  EXPECT_EQ(checkContraction(spec),
            "a rhs that is not packed must belong to a plain product, but the spec has a kernel or groups");
  EXPECT_EQ(checkContraction(makeProduct(1, 2, 3, 1025, RhsLayout::Transposed)),
            "rows of a transposed rhs must have at most 1024 elements, but got 1025");
  spec.kernelH = 0;
  EXPECT_EQ(checkContraction(spec), "kernel height must be at least 1, but got 0");
}

// K x N = 2 x 5 in panels of 4:      a b c d e        a b c d   e 0 0 0
//                                    f g h i j   ->   f g h i   j 0 0 0
TEST(PackWeightsTest, PanelsAreZeroPadded) {
  const ContractionSpec spec = makeProduct(1, 1, 5, 2, RhsLayout::Packed);
  const ContractionTile tile = {.rows = 1, .vectors = 1, .lanes = 4};
  std::vector<float> source(10), packed(packedWeightBytes(spec, tile) / 4, -1.0f);
  std::iota(source.begin(), source.end(), 1.0f);
  packWeights(spec, tile, hwioStrides(spec), reinterpret_cast<const char *>(source.data()),
              reinterpret_cast<char *>(packed.data()));
  EXPECT_EQ(packed, (std::vector<float>{1, 2, 3, 4, 6, 7, 8, 9, 5, 0, 0, 0, 10, 0, 0, 0}));
  // The same matrix stored N x K.
  const std::vector<float> transposed = {1, 6, 2, 7, 3, 8, 4, 9, 5, 10};
  std::vector<float> again(packed.size(), -1.0f);
  packWeights(spec, tile, transposedStrides(spec), reinterpret_cast<const char *>(transposed.data()),
              reinterpret_cast<char *>(again.data()));
  EXPECT_EQ(again, packed);
}

TEST(PackWeightsTest, EveryWidthAndThreadCountAgrees) {
  for (const Element element : {Element::I8, Element::BF16, Element::F32, Element::F64}) {
    ContractionSpec spec = makeConvolution(
        {.inputH = 3, .inputW = 3, .inputChannels = 140, .outputChannels = 38, .kernelH = 3, .kernelW = 2, .groups = 2},
        element);
    const ContractionTile tile = {.rows = 1, .vectors = 2, .lanes = 8};
    const int64_t bytes = bytesOf(element), width = tile.panelWidth();
    std::vector<char> source(spec.groups * spec.depth() * spec.outputChannels * bytes);
    for (size_t i = 0; i < source.size(); ++i)
      source[i] = char(i * 37 + i / 256);
    std::vector<char> packed(packedWeightBytes(spec, tile), 1), threaded = packed;
    packWeights(spec, tile, hwioStrides(spec), source.data(), packed.data());
    packWeights(spec, tile, hwioStrides(spec), source.data(), threaded.data(), 3);
    EXPECT_EQ(packed, threaded);
    for (int64_t g = 0; g < 2; ++g)
      for (int64_t tap = 0; tap < 6; ++tap)
        for (int64_t k = 0; k < spec.inputChannels; ++k)
          for (int64_t n = 0; n < 32; ++n) {
            const int64_t panel = n / width;
            const char *at =
                &packed[(((g * 2 + panel) * 6 + tap) * spec.inputChannels + k) * width * bytes + n % width * bytes];
            const std::string expected =
                n < spec.outputChannels
                    ? std::string(&source[((tap * spec.inputChannels + k) * 38 + g * 19 + n) * bytes], size_t(bytes))
                    : std::string(size_t(bytes), '\0');
            ASSERT_EQ(std::string(at, size_t(bytes)), expected) << g << " " << tap << " " << k << " " << n;
          }
  }
}

TEST(DepthwiseTileTest, FitsTheRegisterFile) {
  for (const llvm::StringRef name : machineNames()) {
    const Machine machine = *lookupMachine(name);
    for (const int64_t size : {7, 14, 28, 112}) {
      const DepthwiseSpec spec =
          makeDepthwise({.inputH = size + 2, .inputW = size + 2, .inputChannels = 96, .kernelH = 3, .kernelW = 3});
      const DepthwiseTile tile = chooseDepthwiseTile(spec, machine);
      EXPECT_LE(tile.pixels + 3 + 2, machine.vectorRegisters) << name.str();
      EXPECT_GE(tile.pixels, 4) << name.str();
    }
  }
}

} // namespace
} // namespace lathe::cpu
