// SPDX-License-Identifier: Apache-2.0
// What the code generator makes of the inner loops: all multiply-adds there, no spilled register.
#include "test/unit/cpu/KernelHarness.h"

#include "llvm/ADT/StringExtras.h"
#include "gtest/gtest.h"

namespace lathe::cpu {
namespace {

struct InnerLoops {
  int64_t count = 0, spills = 0;
  std::string spilling; ///< text of the blocks with spills
};

/// Looks at every basic block that holds a whole step of the reduction: `least` fused multiply-adds or more.
InnerLoops findInnerLoops(const std::string &assembly, const Machine &machine, int64_t least) {
  const llvm::StringRef fused = machine.isX86() ? "vfmadd" : "fmla", stack = machine.isX86() ? "(%rsp" : "[sp";
  InnerLoops result;
  int64_t multiplyAdds = 0, spills = 0;
  std::string block;
  const auto finishBlock = [&] {
    if (multiplyAdds >= least) {
      ++result.count;
      result.spills += spills;
      if (spills)
        result.spilling += block;
    }
    multiplyAdds = spills = 0;
    block.clear();
  };
  llvm::SmallVector<llvm::StringRef> lines;
  llvm::StringRef(assembly).split(lines, '\n');
  for (const llvm::StringRef line : lines) {
    if (line.starts_with(".L") || line.starts_with("kernel")) {
      finishBlock();
      continue;
    }
    block += line.str() + "\n";
    multiplyAdds += line.contains(fused);
    const bool isVector = machine.isX86() ? line.contains("%xmm") || line.contains("%ymm") || line.contains("%zmm")
                                          : line.contains("\tq");
    spills += line.contains(stack) && isVector;
  }
  finishBlock();
  return result;
}

void checkInnerLoops(const std::string &assembly, const Machine &machine, int64_t least) {
  const InnerLoops loops = findInnerLoops(assembly, machine, least);
  EXPECT_GT(loops.count, 0) << assembly;
  EXPECT_EQ(loops.spills, 0) << loops.spilling;
}

struct Shape {
  const char *name;
  ContractionSpec spec;
};

std::vector<Shape> shapes() {
  const auto conv = [](int64_t size, int64_t in, int64_t out, int64_t kernel, int64_t stride = 1) {
    const int64_t input = (size - 1) * stride + kernel;
    return flattenRows(makeConvolution({.inputH = input,
                                        .inputW = input,
                                        .inputChannels = in,
                                        .outputChannels = out,
                                        .kernelH = kernel,
                                        .kernelW = kernel,
                                        .strideH = stride,
                                        .strideW = stride}));
  };
  return {{"7x7/2", conv(112, 3, 64, 7, 2)},
          {"3x3 56", conv(56, 64, 64, 3)},
          {"3x3 14", conv(14, 256, 256, 3)},
          {"3x3/2 28", conv(28, 128, 128, 3, 2)},
          {"1x1 56", conv(56, 64, 256, 1)},
          {"1x1 14", conv(14, 1024, 256, 1)},
          {"1x1 tails", conv(13, 40, 75, 1)},
          {"bert", makeProduct(1, 128, 768, 3072, RhsLayout::Packed)},
          {"attention", makeProduct(12, 128, 64, 128, RhsLayout::RowMajor)},
          {"dense", makeProduct(1, 1, 1000, 2048, RhsLayout::Packed)}};
}

class InnerLoopTest : public testing::TestWithParam<const char *> {};

TEST_P(InnerLoopTest, HasNoSpills) {
  const Machine machine = *lookupMachine(GetParam());
  for (const Shape &shape : shapes()) {
    SCOPED_TRACE(shape.name);
    const ContractionTile tile = chooseTile(shape.spec, machine);
    std::string assembly;
    buildContraction(shape.spec, tile, machine, {.bias = true, .relu = true}, &assembly);
    checkInnerLoops(assembly, machine, tile.rows * tile.vectors);
  }
}

TEST_P(InnerLoopTest, DepthwiseHasNoSpills) {
  const Machine machine = *lookupMachine(GetParam());
  for (const int64_t stride : {1, 2}) {
    const DepthwiseSpec spec = makeDepthwise({.inputH = 57,
                                              .inputW = 57,
                                              .inputChannels = 96,
                                              .kernelH = 3,
                                              .kernelW = 3,
                                              .strideH = stride,
                                              .strideW = stride});
    const DepthwiseTile tile = chooseDepthwiseTile(spec, machine);
    std::string assembly;
    buildDepthwise(spec, tile, machine, {.bias = true, .relu = true}, &assembly);
    checkInnerLoops(assembly, machine, tile.pixels * 3);
  }
}

TEST(SpillCheckTest, SeesTooManySums) {
  const Machine machine = *lookupMachine("znver5");
  const ContractionSpec spec = makeProduct(1, 64, 64, 64, RhsLayout::Packed);
  std::string assembly;
  buildContraction(spec, {.rows = 8, .vectors = 4, .lanes = 16, .tilesPerUnit = 1}, machine, {}, &assembly);
  EXPECT_GT(findInnerLoops(assembly, machine, 32).spills, 0);
}

INSTANTIATE_TEST_SUITE_P(Machines, InnerLoopTest,
                         testing::Values("x86-64-v3", "haswell", "x86-64-v4", "skylake-avx512", "icelake-server",
                                         "sapphirerapids", "znver4", "znver5", "neoverse-n1", "neoverse-v1",
                                         "cortex-a76"),
                         [](const auto &info) {
                           std::string name = info.param;
                           llvm::erase(name, '-');
                           return name;
                         });

} // namespace
} // namespace lathe::cpu
