// SPDX-License-Identifier: Apache-2.0
// Contraction kernels, compiled and run, against plain loops in double precision.
#include "test/unit/cpu/KernelHarness.h"

#include "backends/cpu/contraction/EmitSupport.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "gtest/gtest.h"

#include <cmath>
#include <cstring>
#include <random>

namespace lathe::cpu {
namespace {

/// Sums and the sum of magnitudes, which bounds the rounding error.
struct Expected {
  double value, magnitude;
};

Expected expectedAt(const ContractionSpec &spec, const std::vector<float> &lhs, const std::vector<float> &rhs,
                    const WeightStrides &strides, int64_t b, int64_t g, int64_t image, int64_t y, int64_t x,
                    int64_t n) {
  Expected sum = {0, 0};
  for (int64_t kh = 0; kh < spec.kernelH; ++kh)
    for (int64_t kw = 0; kw < spec.kernelW; ++kw)
      for (int64_t k = 0; k < spec.inputChannels; ++k) {
        const int64_t at = spec.lhs.offset + b * spec.lhs.batch + image * spec.lhs.image +
                           (y * spec.strideH + kh * spec.dilationH) * spec.lhs.row +
                           (x * spec.strideW + kw * spec.dilationW) * spec.lhs.pixel +
                           (g * spec.inputChannels + k) * spec.lhs.channel;
        const int64_t weight = b * strides.batch + g * strides.group + kh * strides.kernelH + kw * strides.kernelW +
                               k * strides.input + n * strides.output;
        const double product = double(lhs[at]) * double(rhs[weight]);
        sum.value += product;
        sum.magnitude += std::abs(product);
      }
  return sum;
}

/// Builds, runs whole and in pieces, compares. Returns false after the first failure of a spec.
void checkSpec(const ContractionSpec &spec, const ContractionTile &tile, const Machine &machine,
               const TestEpilogue &epilogue, const WeightStrides &strides, uint32_t seed) {
  ASSERT_EQ(checkContraction(spec), "");
  const std::vector<float> lhs = distinctValues(lhsCount(spec), seed);
  const int64_t matrices = spec.rhs.batch ? spec.batch : 1;
  const std::vector<float> rhs = distinctValues(matrices * spec.groups * spec.depth() * spec.outputChannels, seed + 1);
  std::vector<float> packed = rhs;
  if (spec.rhsLayout == RhsLayout::Packed) {
    packed.assign(packedWeightBytes(spec, tile) / 4, NAN);
    packWeights(spec, tile, strides, reinterpret_cast<const char *>(rhs.data()),
                reinterpret_cast<char *>(packed.data()), 1 + int(seed % 2));
  }
  const std::vector<float> bias = distinctValues(spec.groups * spec.outputChannels, seed + 2);
  const std::vector<float> residual = distinctValues(outputCount(spec), seed + 3);
  const float untouched = 12345;
  std::vector<float> whole(outputCount(spec), untouched), pieces = whole;

  const LoadedKernel kernel(buildContraction(spec, tile, machine, epilogue));
  const auto call = [&](std::vector<float> &output, int64_t begin, int64_t end) {
    std::vector<void *> buffers = {const_cast<float *>(lhs.data()), packed.data(), output.data()};
    if (epilogue.bias)
      buffers.push_back(const_cast<float *>(bias.data()));
    if (epilogue.residual)
      buffers.push_back(const_cast<float *>(residual.data()));
    kernel(buffers, begin, end);
  };
  const int64_t units = contractionUnits(spec, tile);
  call(whole, 0, units);
  const int64_t parts = 2 + seed % 5;
  for (int64_t part = parts - 1; part >= 0; --part)
    call(pieces, part * units / parts, (part + 1) * units / parts);
  EXPECT_EQ(std::memcmp(whole.data(), pieces.data(), whole.size() * 4), 0) << "results depend on the partition";

  std::vector<bool> written(whole.size());
  for (int64_t b = 0; b < spec.batch; ++b)
    for (int64_t image = 0; image < spec.images; ++image)
      for (int64_t y = 0; y < spec.outputH; ++y)
        for (int64_t x = 0; x < spec.outputW; ++x)
          for (int64_t g = 0; g < spec.groups; ++g)
            for (int64_t n = 0; n < spec.outputChannels; ++n) {
              const int64_t column = g * spec.outputChannels + n;
              const int64_t at = spec.output.offset + b * spec.output.batch + image * spec.output.image +
                                 y * spec.output.row + x * spec.output.pixel + column;
              Expected expected = expectedAt(spec, lhs, rhs, strides, b, g, image, y, x, n);
              if (epilogue.bias)
                expected.value += bias[column];
              if (epilogue.residual)
                expected.value += residual[at];
              if (epilogue.relu)
                expected.value = std::max(expected.value, 0.0);
              written[at] = true;
              // Each of depth roundings is at most 2^-24 of the partial sum; the epilogue adds three of values below 4.
              ASSERT_NEAR(whole[at], expected.value,
                          std::ldexp(expected.magnitude * double(spec.depth()), -24) + std::ldexp(4.0, -22))
                  << "batch " << b << " image " << image << " y " << y << " x " << x << " column " << column;
            }
  for (size_t i = 0; i < whole.size(); ++i)
    if (!written[i])
      ASSERT_EQ(whole[i], untouched) << "element " << i << " is not the kernel's";
}

std::string describe(const ContractionSpec &s, const ContractionTile &t, const char *machine) {
  std::string text = machine;
  for (auto [name, value] :
       std::initializer_list<std::pair<const char *, int64_t>>{{"batch", s.batch},
                                                               {"groups", s.groups},
                                                               {"images", s.images},
                                                               {"OH", s.outputH},
                                                               {"OW", s.outputW},
                                                               {"IC", s.inputChannels},
                                                               {"OC", s.outputChannels},
                                                               {"KH", s.kernelH},
                                                               {"KW", s.kernelW},
                                                               {"SH", s.strideH},
                                                               {"SW", s.strideW},
                                                               {"DH", s.dilationH},
                                                               {"DW", s.dilationW},
                                                               {"layout", int64_t(s.rhsLayout)},
                                                               {"rows", t.rows},
                                                               {"vectors", t.vectors},
                                                               {"lanes", t.lanes},
                                                               {"tilesPerUnit", t.tilesPerUnit},
                                                               {"panelsOutermost", t.panelsOutermost}})
    text += std::string(" ") + name + "=" + std::to_string(value);
  return text;
}

class Fuzz {
public:
  explicit Fuzz(uint32_t seed) : random(seed) {}
  int64_t in(int64_t low, int64_t high) { return std::uniform_int_distribution<int64_t>(low, high)(random); }
  bool oneIn(int n) { return in(1, n) == 1; }

  ContractionSpec spec() {
    if (oneIn(2)) {
      const RhsLayout layout = RhsLayout(in(0, 2));
      ContractionSpec spec = makeProduct(oneIn(3) ? in(2, 4) : 1, in(1, 40), in(1, 150), in(1, 70), layout);
      if (layout == RhsLayout::Packed && spec.batch > 1 && oneIn(2))
        spec.rhs.batch = 1;
      if (oneIn(4)) { // lhs as a K x M matrix
        spec.lhs.pixel = 1;
        spec.lhs.channel = spec.outputW;
      }
      return spec;
    }
    ConvolutionSizes sizes;
    sizes.groups = oneIn(4) ? in(2, 3) : 1;
    sizes.kernelH = oneIn(2) ? 1 : in(1, 4);
    sizes.kernelW = sizes.kernelH == 1 && oneIn(2) ? 1 : in(1, 4);
    sizes.strideH = oneIn(3) ? 2 : 1;
    sizes.strideW = oneIn(3) ? in(2, 3) : 1;
    sizes.dilationH = oneIn(4) ? 2 : 1;
    sizes.dilationW = oneIn(4) ? in(2, 3) : 1;
    sizes.images = in(1, 2);
    sizes.inputH = in(1, 6) + (sizes.kernelH - 1) * sizes.dilationH;
    sizes.inputW = in(1, 23) + (sizes.kernelW - 1) * sizes.dilationW;
    sizes.inputChannels = in(1, 20) * sizes.groups;
    sizes.outputChannels = in(1, 70) * sizes.groups;
    ContractionSpec spec = makeConvolution(sizes);
    if (oneIn(3)) { // part of a wider tensor, as in a concatenation
      spec.output.offset = in(0, 9);
      const int64_t pixel = sizes.outputChannels + spec.output.offset + in(0, 5);
      spec.output = {.offset = spec.output.offset,
                     .image = spec.outputH * spec.outputW * pixel,
                     .row = spec.outputW * pixel,
                     .pixel = pixel};
    }
    return oneIn(2) ? flattenRows(spec) : spec;
  }

  ContractionTile tile(const ContractionSpec &spec, const Machine &machine) {
    ContractionTile tile = chooseTile(spec, machine);
    if (oneIn(3)) {
      tile.vectors = in(1, 4);
      tile.rows = in(1, std::max<int64_t>(1, (machine.vectorRegisters - 1 - tile.vectors) / tile.vectors));
      tile.tilesPerUnit = in(1, 5);
      tile.panelsOutermost = oneIn(2);
    }
    return tile;
  }

private:
  std::mt19937 random;
};

void fuzz(const char *machineName, uint32_t firstSeed, int count) {
  const std::optional<Machine> machine = lookupMachine(machineName);
  if (!machine)
    GTEST_SKIP() << "this machine is not " << machineName;
  for (uint32_t seed = firstSeed; seed < firstSeed + uint32_t(count); ++seed) {
    Fuzz fuzz(seed);
    const ContractionSpec spec = fuzz.spec();
    const ContractionTile tile = fuzz.tile(spec, *machine);
    const TestEpilogue epilogue = {fuzz.oneIn(2), fuzz.oneIn(2), fuzz.oneIn(2)};
    SCOPED_TRACE(describe(spec, tile, machineName) + " seed=" + std::to_string(seed));
    const bool transposed = spec.rhsLayout == RhsLayout::Transposed ||
                            (spec.rhsLayout == RhsLayout::Packed && spec.depth() == spec.inputChannels &&
                             spec.groups == 1 && fuzz.oneIn(2));
    WeightStrides strides = transposed ? transposedStrides(spec) : hwioStrides(spec);
    if (!spec.rhs.batch)
      strides.batch = 0;
    checkSpec(spec, tile, *machine, epilogue, strides, seed);
    if (testing::Test::HasFailure())
      return;
  }
}

/// Small integers, exact in every type: sums must agree to the bit.
int64_t smallInteger(int64_t index, uint32_t seed) {
  return int64_t((uint32_t(index) * 2654435761u + seed) >> 28) - 7;
}

void store(std::vector<char> &bytes, int64_t index, Element element, int64_t value) {
  const auto put = [&](auto typed) { memcpy(&bytes[index * sizeof(typed)], &typed, sizeof(typed)); };
  const float single = float(value);
  uint32_t bits;
  memcpy(&bits, &single, 4);
  switch (element) {
  case Element::F32:
    return put(single);
  case Element::F64:
    return put(double(value));
  case Element::BF16:
    return put(uint16_t(bits >> 16));
  case Element::F16: // sign, exponent moved from bias 127 to 15, mantissa
    return put(
        uint16_t(value == 0 ? 0 : (bits >> 16 & 0x8000) | ((bits >> 23 & 255) - 112) << 10 | (bits >> 13 & 1023)));
  case Element::I8:
    return put(int8_t(value));
  case Element::I16:
    return put(int16_t(value));
  case Element::I32:
    return put(int32_t(value));
  }
}

TEST(ContractionTest, EveryElementTypeIsExactOnIntegers) {
  for (const char *machineName : {"host", "x86-64-v3"})
    for (const Element element :
         {Element::F32, Element::F64, Element::F16, Element::BF16, Element::I8, Element::I16, Element::I32})
      for (const RhsLayout layout : {RhsLayout::Packed, RhsLayout::RowMajor, RhsLayout::Transposed}) {
        SCOPED_TRACE(std::string(machineName) + " element " + std::to_string(int(element)) + " layout " +
                     std::to_string(int(layout)));
        const Machine machine = *lookupMachine(machineName);
        const int64_t m = 19, n = 37, k = 23;
        const ContractionSpec spec = makeProduct(1, m, n, k, layout, element);
        ASSERT_EQ(checkContraction(spec), "");
        const ContractionTile tile = chooseTile(spec, machine);
        std::vector<char> lhs(m * k * bytesOf(element)), rhs(k * n * bytesOf(element));
        for (int64_t i = 0; i < m * k; ++i)
          store(lhs, i, element, smallInteger(i, 1));
        for (int64_t i = 0; i < k * n; ++i)
          store(rhs, layout == RhsLayout::Transposed ? i % n * k + i / n : i, element, smallInteger(i, 2));
        std::vector<char> packed = rhs;
        if (layout == RhsLayout::Packed) {
          packed.assign(packedWeightBytes(spec, tile), 1);
          packWeights(spec, tile, hwioStrides(spec), rhs.data(), packed.data());
        }
        std::vector<char> output(m * n * bytesOf(spec.sumType)), expected = output;
        for (int64_t i = 0; i < m; ++i)
          for (int64_t j = 0; j < n; ++j) {
            int64_t sum = 0;
            for (int64_t at = 0; at < k; ++at)
              sum += smallInteger(i * k + at, 1) * smallInteger(at * n + j, 2);
            store(expected, i * n + j, spec.sumType, sum);
          }
        LoadedKernel{buildContraction(spec, tile, machine, {})}({lhs.data(), packed.data(), output.data()}, 0,
                                                                contractionUnits(spec, tile));
        EXPECT_EQ(output, expected);
      }
}

TEST(ContractionTest, RowsKnownAtRunTime) {
  const Machine machine = *lookupMachine("host");
  const int64_t n = 45, k = 19, most = 70;
  const ContractionSpec spec = makeProduct(1, most, n, k, RhsLayout::RowMajor);
  const ContractionTile tile = chooseRowsOutermostTile(spec, machine);
  const LoadedKernel kernel(buildKernel(
      {{most * k, Element::F32}, {k * n, Element::F32}, {most * n, Element::F32}, {1, Element::I32}}, machine,
      {.optimizeIR = false},
      [&](mlir::OpBuilder &builder, mlir::Location loc, llvm::ArrayRef<mlir::Value> operands, mlir::Value begin,
          mlir::Value end) {
        Emitter emit(builder, loc);
        const mlir::Value rows = mlir::arith::IndexCastOp::create(builder, loc, builder.getIndexType(),
                                                                  emit.loadScalar(operands[3], emit.index(0)));
        const auto asTheyAre = [](mlir::OpBuilder &, mlir::Location, const EpiloguePoint &point) { return point.sums; };
        emitContraction(builder, loc, spec, tile, operands[0], operands[1], operands[2], begin, end, asTheyAre, rows);
      }));
  std::vector<float> lhs = distinctValues(most * k, 5), rhs = distinctValues(k * n, 6);
  for (int32_t rows = 1; rows <= most; ++rows) {
    std::vector<float> output(most * n, 12345.0f);
    kernel({lhs.data(), rhs.data(), output.data(), &rows}, 0, dynamicRowUnits(spec, tile, rows));
    for (int64_t i = 0; i < most; ++i)
      for (int64_t j = 0; j < n; ++j) {
        double sum = 0;
        for (int64_t at = 0; at < k; ++at)
          sum += double(lhs[i * k + at]) * double(rhs[at * n + j]);
        ASSERT_NEAR(output[i * n + j], i < rows ? sum : 12345.0, 1e-5) << rows << " rows: " << i << ", " << j;
      }
  }
}

// A batch that is larger than the one in the spec: only the range of units says how large.
TEST(ContractionTest, BatchKnownAtRunTime) {
  const Machine machine = *lookupMachine("host");
  const ContractionSpec one = makeProduct(1, 9, 20, 11, RhsLayout::Packed);
  const ContractionTile tile = chooseTile(one, machine);
  ContractionSpec five = one;
  five.batch = 5;
  const std::vector<float> rhs = distinctValues(11 * 20, 1);
  std::vector<float> packed(packedWeightBytes(one, tile) / 4), lhs = distinctValues(lhsCount(five), 2);
  packWeights(one, tile, hwioStrides(one), reinterpret_cast<const char *>(rhs.data()),
              reinterpret_cast<char *>(packed.data()));
  std::vector<float> expected(outputCount(five)), output = expected;
  LoadedKernel{buildContraction(five, tile, machine, {})}({lhs.data(), packed.data(), expected.data()}, 0,
                                                          contractionUnits(five, tile));
  LoadedKernel{buildContraction(one, tile, machine, {})}({lhs.data(), packed.data(), output.data()}, 0,
                                                         5 * contractionUnits(one, tile));
  EXPECT_EQ(output, expected);
}

TEST(ContractionTest, MatchesPlainLoopsOnHost) {
  fuzz("host", 1, 120);
}
TEST(ContractionTest, MatchesPlainLoopsOnV3) {
  fuzz("x86-64-v3", 1001, 100);
}

} // namespace
} // namespace lathe::cpu
