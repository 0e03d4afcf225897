// SPDX-License-Identifier: Apache-2.0
// The cost model of Winograd convolutions and the choice of how to cut them.
#include "backends/cpu/winograd/Winograd.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>

using llvm::divideCeil;

namespace lathe::cpu {
namespace {

/// Two streams of work that overlap, but not entirely.
double overlapped(double left, double right) {
  return std::max(left, right) + 0.1 * std::min(left, right);
}

/// A transform of one vector of channels: loads, arithmetic with sums that do not fit into registers, stores.
double vectorCycles(double steps, double loads, double stores, const Machine &machine) {
  const double spills = 2 * std::max(0.0, loads - double(machine.vectorRegisters) + 4);
  const double issue = (steps + loads + stores + spills) / double(machine.issueWidth);
  const double compute = std::max(
      {steps / double(machine.fmaPorts), (loads + spills / 2) / double(machine.loadPorts), stores + spills / 2, issue});
  return compute + (loads + stores) * double(machine.vectorBytes) / machine.l2Rate;
}

/// Cycles of both transforms of one tile, for all channels.
double transformCycles(const WinogradSpec &spec, const WinogradTransform &vertical, const WinogradTransform &horizontal,
                       const Machine &machine) {
  const auto steps = [](const FractionMatrix &matrix) { return double(planProduct(matrix).steps.size()); };
  const double pointsH = double(vertical.points()), pointsW = double(horizontal.points()), points = pointsH * pointsW;
  const double outputsH = double(vertical.outputs), outputsW = double(horizontal.outputs);
  const double inputSteps = pointsW * steps(vertical.input) + pointsH * steps(horizontal.input);
  const double outputSteps = pointsW * steps(vertical.output) + outputsH * steps(horizontal.output);
  const int64_t lanes = machine.lanes(sizeof(float));
  return double(divideCeil(spec.inputChannels, lanes)) * vectorCycles(inputSteps, points, points, machine) +
         double(divideCeil(spec.outputChannels, lanes)) *
             vectorCycles(outputSteps, points, outputsH * outputsW, machine);
}

/// Cycles of the products.
class ProductModel {
public:
  ProductModel(const WinogradSpec &spec, const WinogradTile &tile, const Machine &machine)
      : spec(spec), tile(tile), machine(machine), geometry(spec, tile),
        filterBytes(double(winogradFilterBytes(spec, tile))) {}

  double total() const {
    const int64_t lastBlock = geometry.tiles - (geometry.blocks - 1) * tile.block;
    if (geometry.blocks == 1)
      return blockCycles(lastBlock, machine.memoryRate);
    // Each run of a network reads its weights from memory; later blocks find them where the first one left them.
    const double rate = laterRate();
    return blockCycles(tile.block, machine.memoryRate) + double(geometry.blocks - 2) * blockCycles(tile.block, rate) +
           blockCycles(lastBlock, rate);
  }

private:
  /// Bytes per cycle at which filters arrive that an earlier block has read.
  double laterRate() const {
    if (filterBytes + double(geometry.slotBytes) <= 0.8 * double(machine.l2Bytes))
      return machine.l2Rate;
    return filterBytes <= 0.5 * double(machine.l3Bytes) ? machine.l3Rate : machine.memoryRate;
  }

  /// Products of a block: the first row tile waits for filters at `rate`, the others find them in a near cache.
  double blockCycles(int64_t tiles, double rate) const {
    const double compute =
        contractionCycles(winogradProduct(spec, tile, tiles, spec.outputChannels), tile.product, machine);
    const double first = compute * double(std::min(tile.product.rows, tiles)) / double(tiles);
    return overlapped(first, filterBytes / rate) + compute - first;
  }

  const WinogradSpec &spec;
  const WinogradTile &tile;
  const Machine &machine;
  WinogradGeometry geometry;
  double filterBytes;
};

/// Units enough for as many threads; each brings working memory of its own, so not more than needed.
constexpr int64_t wantedUnits = 16;

void chooseUnits(const WinogradSpec &spec, WinogradTile &tile) {
  tile.blocksPerUnit = tile.panelsPerUnit = 1;
  const WinogradGeometry single(spec, tile);
  tile.blocksPerUnit = divideCeil(single.blocks, wantedUnits);
  const int64_t panelGroups = std::clamp<int64_t>(wantedUnits / single.blocks, 1, single.panels);
  tile.panelsPerUnit = divideCeil(single.panels, panelGroups);
}

/// Errors grow with the transforms' factors (README): F(4, 3) in two dimensions has 63, F(4, 3) by F(6, 3) 200.
constexpr double mostAmplification = 210;

/// Tries all register tiles and blocks with one pair of transforms.
void improve(const WinogradSpec &spec, const WinogradTransform &vertical, const WinogradTransform &horizontal,
             const Machine &machine, std::optional<WinogradTile> &best) {
  const int64_t lanes = machine.lanes(sizeof(float));
  const double transforms = transformCycles(spec, vertical, horizontal, machine);
  for (int64_t vectors = 1; vectors <= 4 && (vectors - 1) * lanes < spec.outputChannels; ++vectors) {
    const int64_t mostRows = (machine.vectorRegisters - vectors - (machine.isX86() ? 1 : 4)) / vectors;
    for (int64_t rows = 2; rows <= mostRows; ++rows)
      for (int64_t multiple = 1; multiple <= 8; ++multiple) {
        WinogradTile tile;
        tile.outputsH = vertical.outputs;
        tile.outputsW = horizontal.outputs;
        tile.block = rows * multiple;
        tile.product = {.rows = rows, .vectors = vectors, .lanes = lanes, .tilesPerUnit = multiple};
        const WinogradGeometry geometry(spec, tile);
        if (multiple > 1 && (tile.block - rows >= geometry.tiles || geometry.slotBytes > machine.l2Bytes * 3 / 4))
          break;
        // Equal blocks: the last one should not be a stump.
        tile.block = divideCeil(geometry.tiles, geometry.blocks);
        tile.cycles = double(geometry.tiles) * transforms + ProductModel(spec, tile, machine).total();
        if (!best || tile.cycles < best->cycles)
          best = tile;
      }
  }
}

} // namespace

std::optional<WinogradTile> chooseWinogradTile(const WinogradSpec &spec, const Machine &machine) {
  std::optional<WinogradTile> best;
  const int64_t lanes = machine.lanes(sizeof(float));
  if (spec.outputChannels < lanes || spec.inputChannels < lanes || spec.kernelH * spec.kernelW == 1)
    return best;
  for (const int64_t outputsH : winogradOutputs(spec.kernelH))
    for (const int64_t outputsW : winogradOutputs(spec.kernelW)) {
      const WinogradTransform vertical = makeWinogradTransform(outputsH, spec.kernelH);
      const WinogradTransform horizontal = makeWinogradTransform(outputsW, spec.kernelW);
      if (vertical.amplification() * horizontal.amplification() <= mostAmplification)
        improve(spec, vertical, horizontal, machine, best);
    }
  if (!best)
    return best;
  best->product.prefetch = prefetchDistance(best->product, machine);
  chooseUnits(spec, *best);
  return best;
}

double directCycles(const WinogradSpec &spec, const ContractionSpec &direct, const ContractionTile &tile,
                    const Machine &machine) {
  double cycles = overlapped(tile.cycles, double(packedWeightBytes(direct, tile)) / machine.memoryRate);
  const int64_t inputH = spec.outputH + spec.kernelH - 1, inputW = spec.outputW + spec.kernelW - 1;
  if (inputH != spec.inputH || inputW != spec.inputW)
    cycles += 2.0 * double(spec.images * inputH * inputW * spec.inputChannels) * sizeof(float) / machine.l3Rate;
  return cycles;
}

} // namespace lathe::cpu
