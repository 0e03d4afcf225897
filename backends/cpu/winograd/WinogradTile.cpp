// SPDX-License-Identifier: Apache-2.0
// The cost model of Winograd convolutions and the choice of how to cut them.
#include "backends/cpu/winograd/Winograd.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <limits>

using llvm::divideCeil;

namespace lathe::cpu {
namespace {

/// Two streams of work that overlap, but not entirely.
double overlapped(double left, double right) {
  return std::max(left, right) + 0.1 * std::min(left, right);
}

class WinogradModel {
public:
  WinogradModel(const WinogradSpec &spec, const WinogradTile &tile, const Machine &machine)
      : spec(spec), tile(tile), machine(machine), geometry(spec, tile) {}

  double total() const {
    const int64_t lastBlock = geometry.tiles - (geometry.blocks - 1) * tile.block;
    const double again = laterFilterRate();
    double cycles = transformCycles();
    for (int64_t block : {int64_t(0), geometry.blocks - 1}) {
      // All blocks but the first and the last are alike.
      const double count = block == 0 ? 1 : double(geometry.blocks - 1);
      if (block == 0 && geometry.blocks == 1)
        return cycles + productCycles(lastBlock, machine.memoryRate);
      if (block == 0)
        cycles += productCycles(tile.block, machine.memoryRate);
      else
        cycles += (count - 1) * productCycles(tile.block, again) + productCycles(lastBlock, again);
    }
    return cycles;
  }

private:
  /// Bytes per cycle at which filters arrive that an earlier block has read.
  double laterFilterRate() const {
    const double bytes = double(winogradFilterBytes(spec, tile));
    if (bytes + double(geometry.slotBytes) <= 0.8 * double(machine.l2Bytes))
      return machine.l2Rate;
    return bytes <= 0.5 * double(machine.l3Bytes) ? machine.l3Rate : machine.memoryRate;
  }

  /// Products of a block: the first row tile waits for filters at `rate`, the others find them in a near cache.
  double productCycles(int64_t tiles, double rate) const {
    const ContractionSpec product = winogradProduct(spec, tile, tiles, spec.outputChannels);
    const double compute = contractionCycles(product, tile.product, machine);
    const double first = compute * double(std::min(tile.product.rows, tiles)) / double(tiles);
    return overlapped(first, double(winogradFilterBytes(spec, tile)) / rate) + compute - first;
  }

  /// Cycles of a plan's steps for one vector, by arithmetic alone.
  static double stepsOf(const FractionMatrix &matrix) { return double(planProduct(matrix).steps.size()); }

  double transformCycles() const {
    const WinogradTransform vertical = makeWinogradTransform(tile.outputsH, spec.kernelH);
    const WinogradTransform horizontal = makeWinogradTransform(tile.outputsW, spec.kernelW);
    const double pointsH = double(geometry.pointsH), pointsW = double(geometry.pointsW), points = pointsH * pointsW;
    const double inputSteps = pointsW * stepsOf(vertical.input) + pointsH * stepsOf(horizontal.input);
    const double outputSteps = pointsW * stepsOf(vertical.output) + double(tile.outputsH) * stepsOf(horizontal.output);
    const double results = double(tile.outputsH * tile.outputsW);
    const double lanes = double(machine.lanes(sizeof(float)));
    const double inputVectors = double(divideCeil(spec.inputChannels, machine.lanes(sizeof(float))));
    const double outputVectors = double(divideCeil(spec.outputChannels, machine.lanes(sizeof(float))));
    return double(geometry.tiles) * (inputVectors * vectorCycles(inputSteps, points, points, lanes) +
                                     outputVectors * vectorCycles(outputSteps, points, results, lanes));
  }

  /// A transform of one vector of channels: loads, arithmetic with sums that do not fit into registers, stores.
  double vectorCycles(double steps, double loads, double stores, double lanes) const {
    const double spills = 2 * std::max(0.0, loads - double(machine.vectorRegisters) + 4);
    const double issue = (steps + loads + stores + spills) / double(machine.issueWidth);
    const double compute = std::max({steps / double(machine.fmaPorts), (loads + spills / 2) / double(machine.loadPorts),
                                     stores + spills / 2, issue});
    const double traffic = (loads + stores) * lanes * sizeof(float) / machine.l2Rate;
    return compute + traffic;
  }

  const WinogradSpec &spec;
  const WinogradTile &tile;
  const Machine &machine;
  WinogradGeometry geometry;
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

/// Errors grow with the transforms' factors: F(4, 3) in two dimensions and F(3, 7) in one are within the published
/// bound of 2e-5 of a network's largest result by a factor of five (README), F(4, 5) in two is not.
constexpr double mostAmplification = 400;

} // namespace

std::optional<WinogradTile> chooseWinogradTile(const WinogradSpec &spec, const Machine &machine) {
  std::optional<WinogradTile> best;
  const int64_t lanes = machine.lanes(sizeof(float));
  if (spec.outputChannels < lanes || spec.inputChannels < lanes || spec.kernelH * spec.kernelW == 1)
    return best;
  for (const int64_t outputsH : winogradOutputs(spec.kernelH))
    for (const int64_t outputsW : winogradOutputs(spec.kernelW)) {
      const double amplification = makeWinogradTransform(outputsH, spec.kernelH).amplification() *
                                   makeWinogradTransform(outputsW, spec.kernelW).amplification();
      if (amplification > mostAmplification)
        continue;
      for (int64_t vectors = 1; vectors <= 4; ++vectors) {
        if (vectors > 1 && (vectors - 1) * lanes >= spec.outputChannels)
          break;
        const int64_t mostRows = (machine.vectorRegisters - vectors - (machine.isX86() ? 1 : 4)) / vectors;
        for (int64_t rows = 2; rows <= mostRows; ++rows)
          for (int64_t multiple = 1; multiple <= 8; ++multiple) {
            WinogradTile tile{.outputsH = outputsH, .outputsW = outputsW, .block = rows * multiple};
            tile.product = {.rows = rows, .vectors = vectors, .lanes = lanes, .tilesPerUnit = multiple};
            const WinogradGeometry geometry(spec, tile);
            if (multiple > 1 && (tile.block - rows >= geometry.tiles || geometry.slotBytes > machine.l2Bytes * 3 / 4))
              break;
            // Equal blocks: the last one should not be a stump.
            tile.block = divideCeil(geometry.tiles, geometry.blocks);
            tile.cycles = WinogradModel(spec, tile, machine).total();
            if (!best || tile.cycles < best->cycles)
              best = tile;
          }
      }
    }
  if (best)
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
