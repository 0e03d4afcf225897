// SPDX-License-Identifier: Apache-2.0
// Depthwise convolutions: geometry and the choice of a tile.
#include "backends/cpu/contraction/Depthwise.h"

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

DepthwiseSpec withoutPadding(DepthwiseSpec spec, const Inset &inset) {
  spec.padTop = inset.top;
  spec.padLeft = inset.left;
  spec.inputH = inset.inputH;
  spec.inputW = inset.inputW;
  spec.lhs.row = inset.inputW * spec.lhs.pixel;
  spec.lhs.image = inset.inputH * spec.lhs.row;
  spec.lhs.offset = -(inset.top * spec.lhs.row + inset.left * spec.lhs.pixel);
  return spec;
}

/// Cycles of one register tile: multiply-adds, or loads of inputs (each once per kernel row) and weights.
static double tileCycles(const DepthwiseSpec &spec, const DepthwiseTile &tile, int64_t pixels, const Machine &machine) {
  const double taps = double(spec.kernelH * spec.kernelW);
  const double inputs =
      double(spec.kernelH *
             std::min((pixels - 1) * spec.strideW + (spec.kernelW - 1) * spec.dilationW + 1, pixels * spec.kernelW));
  const double multiplyAdds = taps * double(pixels) / double(machine.fmaPorts);
  const double loads = (inputs + taps) / double(machine.loadPorts);
  const double issue = (taps * double(pixels) + inputs + 2 * double(pixels)) / double(machine.issueWidth);
  return std::max({multiplyAdds, loads, issue}) + double(pixels) + 6;
}

/// Columns and rows of a unit: as many columns as leave the input rows that neighbouring output rows share in half of
/// L1, then rows for some thousand cycles of work.
static void chooseUnit(const DepthwiseSpec &spec, DepthwiseTile &tile, double rowCycles, const Machine &machine) {
  const int64_t inputRows = (spec.kernelH - 1) * spec.dilationH + 1 + spec.strideH;
  const int64_t inputColumns = (spec.outputW - 1) * spec.strideW + (spec.kernelW - 1) * spec.dilationW + 1;
  const int64_t columnBytes =
      inputRows * inputColumns * (spec.multiplier == 1 ? tile.lanes * bytesOf(spec.lhsType) : 64);
  const int64_t columns = depthwiseColumns(spec, tile);
  // Two cache lines at least: a column can be half a line.
  const int64_t least = std::min<int64_t>(columns, divideCeil(128, tile.lanes * bytesOf(spec.lhsType)));
  const int64_t fitting = std::clamp<int64_t>(machine.l1Bytes / 2 / columnBytes, least, columns);
  tile.columnsPerUnit = divideCeil(columns, divideCeil(columns, fitting));
  const int64_t rows = std::clamp<int64_t>(int64_t(3000 / (rowCycles * double(tile.columnsPerUnit))), 1, spec.outputH);
  tile.rowsPerUnit = divideCeil(spec.outputH, divideCeil(spec.outputH, rows));
}

DepthwiseTile chooseDepthwiseTile(const DepthwiseSpec &spec, const Machine &machine) {
  int64_t lanes = machine.lanes(bytesOf(spec.sumType));
  const int64_t contiguous = spec.multiplier == 1 ? spec.channels : spec.multiplier;
  while (lanes * bytesOf(spec.sumType) > 16 && contiguous <= lanes / 2)
    lanes /= 2;
  DepthwiseTile best;
  for (int64_t pixels = 1; pixels <= std::min<int64_t>(spec.outputW, machine.vectorRegisters / 2); ++pixels) {
    DepthwiseTile tile{.pixels = pixels, .lanes = lanes};
    // Sums, a kernel row of weights, and inputs on their way.
    const int64_t inputs = machine.isX86() ? 2 : 4;
    if (pixels + std::min<int64_t>(spec.kernelW, 7) + inputs > machine.vectorRegisters && pixels > 1)
      continue;
    const int64_t tiles = divideCeil(spec.outputW, pixels), last = spec.outputW - (tiles - 1) * pixels;
    const double row =
        double(tiles - 1) * tileCycles(spec, tile, pixels, machine) + tileCycles(spec, tile, last, machine) + 10;
    tile.cycles = row * double(depthwiseColumns(spec, tile) * spec.images * spec.outputH);
    chooseUnit(spec, tile, row, machine);
    if (best.cycles == 0 || tile.cycles < best.cycles)
      best = tile;
  }
  return best;
}

int64_t depthwiseColumns(const DepthwiseSpec &spec, const DepthwiseTile &tile) {
  return spec.multiplier == 1 ? int64_t(divideCeil(spec.channels, tile.lanes)) : spec.channels;
}

int64_t depthwiseUnits(const DepthwiseSpec &spec, const DepthwiseTile &tile) {
  return spec.images * int64_t(divideCeil(spec.outputH, tile.rowsPerUnit)) *
         int64_t(divideCeil(depthwiseColumns(spec, tile), tile.columnsPerUnit));
}

} // namespace lathe::cpu
