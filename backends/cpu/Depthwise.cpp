// SPDX-License-Identifier: Apache-2.0
// Depthwise convolutions: geometry and the choice of a tile.
#include "backends/cpu/Depthwise.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>

using llvm::divideCeil;

namespace lathe::cpu {

DepthwiseSpec makeDepthwise(const ConvolutionSizes &sizes, int64_t multiplier, Element element) {
  ConvolutionSizes grouped = sizes;
  grouped.groups = sizes.inputChannels;
  grouped.outputChannels = sizes.inputChannels * multiplier;
  const ContractionSpec same = makeConvolution(grouped, element);
  DepthwiseSpec spec;
  spec.lhsType = same.lhsType;
  spec.rhsType = same.rhsType;
  spec.sumType = same.sumType;
  spec.images = same.images;
  spec.outputH = same.outputH;
  spec.outputW = same.outputW;
  spec.channels = sizes.inputChannels;
  spec.multiplier = multiplier;
  spec.kernelH = same.kernelH;
  spec.kernelW = same.kernelW;
  spec.strideH = same.strideH;
  spec.strideW = same.strideW;
  spec.dilationH = same.dilationH;
  spec.dilationW = same.dilationW;
  spec.lhs = same.lhs;
  spec.output = same.output;
  return spec;
}

/// Cycles of one register tile: multiply-adds, or loads of inputs (each once per kernel row) and weights.
static double tileCycles(const DepthwiseSpec &spec, const DepthwiseTile &tile, int64_t pixels, const Machine &machine) {
  const double taps = double(spec.kernelH * spec.kernelW);
  const double inputs =
      double(spec.kernelH *
             std::min((pixels - 1) * spec.strideW + (spec.kernelW - 1) * spec.dilationW + 1, pixels * spec.kernelW));
  const double multiplyAdds = taps * double(pixels) / double(machine.fmaPorts);
  const double loads = (inputs + (tile.keepWeights ? 0 : taps)) / double(machine.loadPorts);
  const double issue = (taps * double(pixels) + inputs + 2 * double(pixels)) / double(machine.issueWidth);
  return std::max({multiplyAdds, loads, issue}) + double(pixels) + 6;
}

DepthwiseTile chooseDepthwiseTile(const DepthwiseSpec &spec, const Machine &machine) {
  int64_t lanes = machine.lanes(bytesOf(spec.sumType));
  const int64_t contiguous = spec.multiplier == 1 ? spec.channels : spec.multiplier;
  while (lanes * bytesOf(spec.sumType) > 16 && contiguous <= lanes / 2)
    lanes /= 2;
  const int64_t taps = spec.kernelH * spec.kernelW;
  DepthwiseTile best;
  for (int64_t pixels = 1; pixels <= std::min<int64_t>(spec.outputW, machine.vectorRegisters / 2); ++pixels) {
    DepthwiseTile tile{.pixels = pixels, .lanes = lanes};
    // Two registers for inputs on their way.
    tile.keepWeights = spec.multiplier == 1 && taps + pixels + 2 <= machine.vectorRegisters;
    if (!tile.keepWeights && pixels + spec.kernelW + 2 > machine.vectorRegisters && pixels > 1)
      continue;
    const int64_t tiles = divideCeil(spec.outputW, pixels), last = spec.outputW - (tiles - 1) * pixels;
    const double row = double(tiles - 1) * tileCycles(spec, tile, pixels, machine) +
                       tileCycles(spec, tile, last, machine) + (tile.keepWeights ? double(taps) : 0) + 10;
    const int64_t columns = depthwiseColumns(spec, tile);
    tile.cycles = row * double(columns * spec.images * spec.outputH);
    // Units of some thousand cycles: long enough to hide their own cost, short enough to share out.
    tile.columnsPerUnit = divideCeil(columns, divideCeil(columns, std::max<int64_t>(1, int64_t(4000 / row))));
    if (best.cycles == 0 || tile.cycles < best.cycles)
      best = tile;
  }
  return best;
}

int64_t depthwiseColumns(const DepthwiseSpec &spec, const DepthwiseTile &tile) {
  return spec.multiplier == 1 ? int64_t(divideCeil(spec.channels, tile.lanes)) : spec.channels;
}

int64_t depthwiseUnits(const DepthwiseSpec &spec, const DepthwiseTile &tile) {
  return spec.images * spec.outputH * int64_t(divideCeil(depthwiseColumns(spec, tile), tile.columnsPerUnit));
}

} // namespace lathe::cpu
