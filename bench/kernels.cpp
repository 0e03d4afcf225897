// SPDX-License-Identifier: Apache-2.0
// Times contraction kernels of known networks and prints GFLOP/s beside the multiply-add peak measured in the same run.
// Usage: lathe_kernels_bench [--machine=NAME] [--filter=TEXT] [--rows=R --vectors=V [--order=rows|panels]] [--block=B]
// [--prefetch=N]
// [--json]
#include "test/unit/cpu/KernelHarness.h"

#include "backends/cpu/contraction/EmitSupport.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace lathe::cpu {
namespace {

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

template <typename F> double fastest(double seconds, F call) {
  double best = 1e9;
  const double stop = now() + seconds;
  for (int i = 0; i < 5 || now() < stop; ++i) {
    const double start = now();
    call();
    best = std::min(best, now() - start);
  }
  return best;
}

/// Multiply-adds on registers alone: 24 chains with 32 vector registers, 12 with 16.
double measurePeak(const Machine &machine) {
  const int64_t lanes = machine.lanes(4), chains = machine.vectorRegisters >= 32 ? 24 : 12, steps = 1 << 20;
  CodegenOptions options;
  options.optimizeIR = false;
  const LoadedKernel kernel(
      buildKernel({{chains * lanes, Element::F32}}, machine, options,
                  [&](mlir::OpBuilder &builder, mlir::Location loc, llvm::ArrayRef<mlir::Value> operands,
                      mlir::Value begin, mlir::Value end) {
                    Emitter emit(builder, loc);
                    llvm::SmallVector<mlir::Value> sums;
                    for (int64_t i = 0; i < chains; ++i)
                      sums.push_back(emit.loadVector(operands[0], emit.index(i * lanes), lanes, nullptr));
                    const mlir::Value factor = sums[0];
                    sums = emit.loop(begin, end, 1, sums, [&](mlir::Value, mlir::ValueRange carried) {
                      llvm::SmallVector<mlir::Value> next;
                      for (const mlir::Value sum : carried)
                        next.push_back(emit.multiplyAdd(factor, factor, sum));
                      return next;
                    });
                    for (int64_t i = 0; i < chains; ++i)
                      emit.storeVector(sums[i], operands[0], emit.index(i * lanes), nullptr);
                  }));
  std::vector<float> data(chains * lanes, 0.0f);
  return 2.0 * double(steps * chains * lanes) / fastest(0.3, [&] { kernel({data.data()}, 0, steps); });
}

struct Shape {
  const char *name;
  ContractionSpec spec;
};

ContractionSpec conv(int64_t size, int64_t in, int64_t out, int64_t kh, int64_t kw, int64_t stride = 1) {
  return flattenRows(makeConvolution({.inputH = (size - 1) * stride + kh,
                                      .inputW = (size - 1) * stride + kw,
                                      .inputChannels = in,
                                      .outputChannels = out,
                                      .kernelH = kh,
                                      .kernelW = kw,
                                      .strideH = stride,
                                      .strideW = stride}));
}

ContractionSpec product(int64_t m, int64_t n, int64_t k, RhsLayout layout = RhsLayout::Packed, int64_t batch = 1) {
  return makeProduct(batch, m, n, k, layout);
}

std::vector<Shape> shapes() {
  return {{"resnet 224/2 7x7 3->64", conv(112, 3, 64, 7, 7, 2)},
          {"resnet 56 1x1 64->64", conv(56, 64, 64, 1, 1)},
          {"resnet 56 3x3 64->64", conv(56, 64, 64, 3, 3)},
          {"resnet 56 1x1 64->256", conv(56, 64, 256, 1, 1)},
          {"resnet 56 1x1 256->64", conv(56, 256, 64, 1, 1)},
          {"resnet 28 3x3 128->128", conv(28, 128, 128, 3, 3)},
          {"resnet 28 3x3/2 128->128", conv(28, 128, 128, 3, 3, 2)},
          {"resnet 28 1x1 512->128", conv(28, 512, 128, 1, 1)},
          {"resnet 28 1x1/2 256->512", conv(28, 256, 512, 1, 1, 2)},
          {"resnet 14 3x3 256->256", conv(14, 256, 256, 3, 3)},
          {"resnet 14 1x1 1024->256", conv(14, 1024, 256, 1, 1)},
          {"resnet 14 1x1 256->1024", conv(14, 256, 1024, 1, 1)},
          {"resnet 7 3x3 512->512", conv(7, 512, 512, 3, 3)},
          {"resnet 7 1x1 2048->512", conv(7, 2048, 512, 1, 1)},
          {"resnet dense 2048->1000", product(1, 1000, 2048)},
          {"inception 35 3x3 96->96", conv(35, 96, 96, 3, 3)},
          {"inception 17 1x7 192->192", conv(17, 192, 192, 1, 7)},
          {"inception 8 1x1 2048->320", conv(8, 2048, 320, 1, 1)},
          {"mobilenet 112 1x1 32->16", conv(112, 32, 16, 1, 1)},
          {"mobilenet 56 1x1 24->144", conv(56, 24, 144, 1, 1)},
          {"mobilenet 28 1x1 192->32", conv(28, 192, 32, 1, 1)},
          {"mobilenet 14 1x1 64->384", conv(14, 64, 384, 1, 1)},
          {"mobilenet 7 1x1 320->1280", conv(7, 320, 1280, 1, 1)},
          {"bert 128x768x768", product(128, 768, 768)},
          {"bert 128x3072x768", product(128, 3072, 768)},
          {"bert 128x768x3072", product(128, 768, 3072)},
          {"bert scores.v 12x128x64x128", product(128, 64, 128, RhsLayout::RowMajor, 12)},
          {"bert q.k 12x128x128x64", product(128, 128, 64, RhsLayout::Transposed, 12)},
          {"attention 12x512x512x64", product(512, 512, 64, RhsLayout::Transposed, 12)},
          {"product 512x512x512", product(512, 512, 512)},
          {"product 1024x1024x1024", product(1024, 1024, 1024)},
          {"product 1024x1024x1024 row", product(1024, 1024, 1024, RhsLayout::RowMajor)},
          {"lstm 1x2048x512", product(1, 2048, 512)},
          {"dense 4x2048x1024", product(4, 2048, 1024)}};
}

struct DepthwiseShape {
  const char *name;
  DepthwiseSpec spec;
};

std::vector<DepthwiseShape> depthwiseShapes() {
  const auto shape = [](int64_t size, int64_t channels, int64_t stride, int64_t kernel = 3) {
    const int64_t input = (size - 1) * stride + kernel;
    return makeDepthwise({.inputH = input,
                          .inputW = input,
                          .inputChannels = channels,
                          .kernelH = kernel,
                          .kernelW = kernel,
                          .strideH = stride,
                          .strideW = stride});
  };
  return {{"depthwise 112 3x3 32", shape(112, 32, 1)}, {"depthwise 56 3x3/2 96", shape(56, 96, 2)},
          {"depthwise 56 3x3 144", shape(56, 144, 1)}, {"depthwise 28 3x3/2 144", shape(28, 144, 2)},
          {"depthwise 28 3x3 192", shape(28, 192, 1)}, {"depthwise 14 3x3 384", shape(14, 384, 1)},
          {"depthwise 14 3x3 576", shape(14, 576, 1)}, {"depthwise 7 3x3/2 576", shape(7, 576, 2)},
          {"depthwise 7 3x3 960", shape(7, 960, 1)},   {"depthwise 28 5x5 120", shape(28, 120, 1, 5)}};
}

struct WinogradShape {
  const char *name;
  WinogradSpec spec;
};

std::vector<WinogradShape> winogradShapes() {
  const auto same = [](int64_t size, int64_t in, int64_t out, int64_t kh = 3, int64_t kw = 3, int64_t images = 1) {
    return WinogradSpec{.images = images,
                        .inputH = size,
                        .inputW = size,
                        .inputChannels = in,
                        .outputH = size,
                        .outputW = size,
                        .outputChannels = out,
                        .kernelH = kh,
                        .kernelW = kw,
                        .padTop = kh / 2,
                        .padLeft = kw / 2};
  };
  return {{"winograd 147 3x3 32->64", same(147, 32, 64)},
          {"winograd 56 3x3 64->64", same(56, 64, 64)},
          {"winograd 35 3x3 64->96", same(35, 64, 96)},
          {"winograd 35 3x3 96->96", same(35, 96, 96)},
          {"winograd 28 3x3 128->128", same(28, 128, 128)},
          {"winograd 14 3x3 256->256", same(14, 256, 256)},
          {"winograd 7 3x3 512->512", same(7, 512, 512)},
          {"winograd 8 3x3 448->384", same(8, 448, 384)},
          {"winograd 35 5x5 48->64", same(35, 48, 64, 5, 5)},
          {"winograd 17 1x7 192->192", same(17, 192, 192, 1, 7)},
          {"winograd 17 7x1 128->128", same(17, 128, 128, 7, 1)},
          {"winograd 8 1x3 384->384", same(8, 384, 384, 1, 3)},
          {"winograd 32 3x3 64->64 x128", same(32, 64, 64, 3, 3, 128)}};
}

/// Zeroed memory on cache lines, as the arena's is, with varied values.
std::unique_ptr<float, decltype(&std::free)> allocate(int64_t bytes) {
  bytes = (bytes + 63) / 64 * 64 + 64;
  auto *data = static_cast<float *>(std::aligned_alloc(64, size_t(bytes)));
  for (int64_t i = 0; i < bytes / 4; ++i)
    data[i] = float(i % 251) / 251 - 0.5f;
  return {data, &std::free};
}

struct Timing {
  const char *name;
  double multiplyAdds, seconds, predicted, peak;
  std::string tile;

  void print(bool json) const {
    const double rate = 2 * multiplyAdds / seconds;
    printf(
        json ? "{\"shape\":\"%s\",\"gflops\":%.1f,\"percent\":%.1f,\"ms\":%.4f,\"predicted_ms\":%.4f,\"tile\":\"%s\"}\n"
             : "%-30s %8.1f %7.1f %6.3f %9.3f  %s\n",
        name, rate / 1e9, 100 * rate / peak, seconds * 1e3, predicted * 1e3, tile.c_str());
  }
};

Timing time(const DepthwiseShape &shape, const Machine &machine, double peak) {
  const DepthwiseSpec &spec = shape.spec;
  const DepthwiseTile tile = chooseDepthwiseTile(spec, machine);
  const LoadedKernel kernel(buildDepthwise(spec, tile, machine, {.bias = true, .relu = true}));
  const auto lhs = allocate(lhsCount(spec) * 4), output = allocate(outputCount(spec) * 4),
             rhs = allocate(spec.kernelH * spec.kernelW * spec.channels * 4), bias = allocate(spec.channels * 4);
  const int64_t units = depthwiseUnits(spec, tile);
  const double seconds = fastest(0.15, [&] { kernel({lhs.get(), rhs.get(), output.get(), bias.get()}, 0, units); });
  return {shape.name,
          spec.multiplyAdds(),
          seconds,
          tile.cycles / (machine.clockGhz * 1e9),
          peak,
          std::to_string(tile.pixels) + "x" + std::to_string(tile.lanes) + ", " + std::to_string(units) + " units of " +
              std::to_string(tile.columnsPerUnit)};
}

Timing time(const Shape &shape, const ContractionTile &tile, const Machine &machine, double peak) {
  const ContractionSpec &spec = shape.spec;
  const LoadedKernel kernel(buildContraction(spec, tile, machine, {.bias = true, .relu = true}));
  const int64_t rhsBytes = spec.rhsLayout == RhsLayout::Packed ? packedWeightBytes(spec, tile)
                                                               : spec.batch * spec.depth() * spec.outputChannels * 4;
  const auto lhs = allocate(lhsCount(spec) * 4), rhs = allocate(rhsBytes), output = allocate(outputCount(spec) * 4),
             bias = allocate(spec.outputChannels * 4);
  const int64_t units = contractionUnits(spec, tile);
  const double seconds = fastest(0.15, [&] { kernel({lhs.get(), rhs.get(), output.get(), bias.get()}, 0, units); });
  return {shape.name,
          spec.multiplyAdds(),
          seconds,
          tile.cycles / (machine.clockGhz * 1e9),
          peak,
          std::to_string(tile.rows) + "x" + std::to_string(tile.panelWidth()) +
              (tile.panelsOutermost ? " panels first, " : " rows first, ") + std::to_string(units) + " units of " +
              std::to_string(tile.tilesPerUnit)};
}

Timing time(const WinogradShape &shape, const WinogradTile &tile, const Machine &machine, double peak) {
  const WinogradSpec &spec = shape.spec;
  const WinogradGeometry geometry(spec, tile);
  const LoadedKernel kernel(buildWinograd(spec, tile, machine, {.bias = true, .relu = true}));
  const auto lhs = allocate(spec.images * spec.inputH * spec.inputW * spec.inputChannels * 4),
             rhs = allocate(winogradFilterBytes(spec, tile)),
             output = allocate(spec.images * spec.outputH * spec.outputW * spec.outputChannels * 4),
             bias = allocate(spec.outputChannels * 4), scratch = allocate(geometry.scratchBytes());
  const double seconds = fastest(0.15, [&] {
    kernel({lhs.get(), rhs.get(), output.get(), bias.get(), scratch.get()}, 0, geometry.units());
  });
  return {shape.name,
          spec.multiplyAdds(),
          seconds,
          tile.cycles / (machine.clockGhz * 1e9),
          peak,
          std::to_string(tile.outputsH) + "x" + std::to_string(tile.outputsW) + " of " + std::to_string(tile.block) +
              " tiles, " + std::to_string(tile.product.rows) + "x" + std::to_string(tile.product.panelWidth()) + ", " +
              std::to_string(geometry.units()) + " units, scratch " + std::to_string(geometry.scratchBytes())};
}

int run(int argc, char **argv) {
  std::string machineName = "host", filter, order;
  int64_t rows = 0, vectors = 0, block = 0, prefetch = -1;
  bool json = false;
  for (int i = 1; i < argc; ++i) {
    const llvm::StringRef argument = argv[i];
    const llvm::StringRef value = argument.split('=').second;
    if (argument.starts_with("--machine="))
      machineName = value.str();
    else if (argument.starts_with("--filter="))
      filter = value.str();
    else if (argument.starts_with("--rows="))
      value.getAsInteger(10, rows);
    else if (argument.starts_with("--vectors="))
      value.getAsInteger(10, vectors);
    else if (argument.starts_with("--prefetch="))
      value.getAsInteger(10, prefetch);
    else if (argument.starts_with("--block="))
      value.getAsInteger(10, block);
    else if (argument.starts_with("--order="))
      order = value.str();
    else if (argument == "--json")
      json = true;
    else
      return fprintf(stderr, "unknown argument '%s'\n", argv[i]), 1;
  }
  const std::optional<Machine> machine = lookupMachine(machineName);
  if (!machine)
    return fprintf(stderr, "unknown machine '%s'\n", machineName.c_str()), 1;
  const double peak = measurePeak(*machine);
  if (!json)
    printf("%s: peak %.1f GFLOP/s\n%-30s %8s %7s %6s %9s  tile\n", machine->name.c_str(), peak / 1e9, "shape",
           "GFLOP/s", "% peak", "ms", "predicted");
  for (const Shape &shape : shapes()) {
    if (!llvm::StringRef(shape.name).contains(filter))
      continue;
    ContractionTile tile = chooseTile(shape.spec, *machine);
    if (rows && vectors) {
      tile.rows = rows;
      tile.vectors = vectors;
    }
    if (prefetch >= 0)
      tile.prefetch = prefetch;
    if (!order.empty())
      tile.panelsOutermost = order == "panels";
    tile.cycles = contractionCycles(shape.spec, tile, *machine);
    time(shape, tile, *machine, peak).print(json);
  }
  for (const DepthwiseShape &shape : depthwiseShapes())
    if (llvm::StringRef(shape.name).contains(filter))
      time(shape, *machine, peak).print(json);
  for (const WinogradShape &shape : winogradShapes()) {
    if (!llvm::StringRef(shape.name).contains(filter))
      continue;
    if (std::optional<WinogradTile> tile = chooseWinogradTile(shape.spec, *machine)) {
      if (rows && vectors) {
        tile->product.rows = rows;
        tile->product.vectors = vectors;
      }
      if (prefetch >= 0)
        tile->product.prefetch = prefetch;
      if (block)
        tile->block = block;
      time(shape, *tile, *machine, peak).print(json);
    }
  }
  return 0;
}

} // namespace
} // namespace lathe::cpu

int main(int argc, char **argv) {
  return lathe::cpu::run(argc, argv);
}
