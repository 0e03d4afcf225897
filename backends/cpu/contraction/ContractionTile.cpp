// SPDX-License-Identifier: Apache-2.0
// The cost model of contractions and the choice of a tile.
#include "backends/cpu/contraction/Contraction.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <numeric>

using llvm::divideCeil;

namespace lathe::cpu {
namespace {

/// What a register tile costs, apart from where its operands come from.
class TileModel {
public:
  TileModel(const ContractionSpec &spec, const ContractionTile &tile, const Machine &machine)
      : spec(spec), tile(tile), machine(machine) {
    tilesPerRow = divideCeil(spec.outputW, tile.rows);
    panels = contractionPanels(spec, tile);
    tiles = contractionRowTiles(spec, tile);
    panelBytes = double(spec.depth() * tile.panelWidth() * bytesOf(spec.rhsType));
    rhsBytes = panelBytes * double(panels);
    lhsBytes = double(spec.rows() * spec.strideH * spec.strideW * spec.inputChannels * bytesOf(spec.lhsType));
  }

  double total() const {
    const int64_t lastRows = spec.outputW - (tilesPerRow - 1) * tile.rows;
    const int64_t lastWidth = spec.outputChannels - (panels - 1) * tile.panelWidth();
    const int64_t lastVectors = divideCeil(lastWidth, tile.lanes);
    const double imageRows = double(spec.images * spec.outputH);
    double cycles = 0;
    for (const bool ragged : {false, true}) {
      const int64_t vectors = ragged ? lastVectors : tile.vectors;
      const double columns = ragged ? 1 : double(panels - 1);
      cycles += columns * imageRows *
                (double(tilesPerRow - 1) * tileCycles(tile.rows, vectors) + tileCycles(lastRows, vectors));
    }
    // Shuffles that transpose a panel, for each block of rows.
    if (spec.rhsLayout == RhsLayout::Transposed)
      cycles += 0.5 * double(panels * spec.depth() * tile.panelWidth()) * double(divideCeil(tiles, tile.tilesPerUnit));
    return cycles * double(spec.batch * spec.groups);
  }

private:
  /// Bytes per cycle at which data arrive that are read again after `bytes` of others; infinite from L1.
  double rate(double bytes) const {
    if (bytes <= 0.6 * double(machine.l1Bytes))
      return 1e9;
    const double l2Share = bytes / double(machine.l2Bytes);
    if (l2Share <= 0.5)
      return machine.l2Rate;
    if (l2Share < 1) // the part that no longer fits beside the other operands comes from L3
      return 1 / ((2 - 2 * l2Share) / machine.l2Rate + (2 * l2Share - 1) / machine.l3Rate);
    return bytes <= 0.5 * double(machine.l3Bytes) ? machine.l3Rate : machine.memoryRate;
  }

  /// Cycles of one step of the reduction: the slowest of the multiply-adds, their chains, the loads and the front end.
  double stepCycles(int64_t rows, int64_t vectors) const {
    const int64_t sums = rows * vectors;
    const bool widens = spec.lhsType != spec.sumType || spec.rhsType != spec.sumType;
    // Exactly ports x latency chains do not fill the ports: a late load stalls one (measured: 8 chains 77 %, 12 91 %).
    const double fma = std::max(double(sums) / double(machine.fmaPorts), double(machine.fmaLatency) + 1);
    const double loads = double(rows + vectors) / double(machine.loadPorts);
    // With one vector a row's broadcast is an operand of the multiply-add, where the machine has 512-bit registers.
    const int64_t broadcasts = vectors == 1 && machine.vectorBytes == 64 && !widens ? 0 : rows;
    const int64_t conversions = widens ? 2 * (rows + vectors) : 0;
    const double issue = double(sums + vectors + broadcasts + conversions + 2) / double(machine.issueWidth);
    double cycles = std::max({fma, loads, issue});
    const int64_t limit = rowsWithoutConflict(spec.strideW * spec.lhs.pixel * bytesOf(spec.lhsType), machine);
    if (rows > limit)
      cycles *= 1.4 + 0.04 * double(rows - limit);
    return cycles;
  }

  double tileCycles(int64_t rows, int64_t vectors) const {
    const double steps = double(spec.depth());
    // Leaving the inner loop costs a wrong guess of the branch predictor; filling the chains, a few latencies.
    const double exits = double(spec.kernelH * (spec.dilationW == 1 && spec.groups == 1 ? 1 : spec.kernelW));
    const double overhead = 20 + 10 * exits + 1.5 * double(rows * vectors);
    const double compute = steps * stepCycles(rows, vectors) + overhead;
    const double traffic = trafficCycles(rows, vectors);
    return std::max(compute, traffic) + 0.1 * std::min(compute, traffic);
  }

  double trafficCycles(int64_t rows, int64_t vectors) const {
    const double inputColumns = double((rows - 1) * spec.strideW + (spec.kernelW - 1) * spec.dilationW + 1);
    const double lhsTile = double(spec.kernelH) * std::min(inputColumns, double(rows * spec.kernelW)) *
                           double(spec.inputChannels * bytesOf(spec.lhsType));
    const double rhsTile = panelBytes * double(vectors) / double(tile.vectors);
    const double perUnit = double(std::min(tile.tilesPerUnit, tiles));
    const double block = lhsTile * perUnit;
    // A panel is read for the first time once a unit, or once in all, and again from where it fits beside a tile.
    const double firstReads = tile.panelsOutermost ? 1 / double(tiles) : 1 / perUnit;
    const double rhsCycles = rhsTile * (firstReads / rate(rhsBytes) + (1 - firstReads) / rate(panelBytes + lhsTile));
    const double lhsFirst = 1 / double(panels);
    const double lhsAgain = tile.panelsOutermost ? lhsBytes + panelBytes : block + panelBytes;
    const double lhsCycles = lhsTile * (lhsFirst / rate(lhsBytes) + (1 - lhsFirst) / rate(lhsAgain));
    return rhsCycles + lhsCycles;
  }

  const ContractionSpec &spec;
  const ContractionTile &tile;
  const Machine &machine;
  int64_t tilesPerRow, panels, tiles;
  double panelBytes, rhsBytes, lhsBytes;
};

/// Row tiles in a unit: enough work to hide the unit's own cost and, with rows outermost, to use a panel many times,
/// while the rows still fit in half of L2.
int64_t chooseTilesPerUnit(const ContractionSpec &spec, const ContractionTile &tile, const Machine &machine) {
  const int64_t tiles = contractionRowTiles(spec, tile);
  const double tileWork = double(spec.depth() * tile.rows * tile.vectors) / double(machine.fmaPorts);
  int64_t least = std::max<int64_t>(1, int64_t(8000 / tileWork));
  if (spec.rhsLayout == RhsLayout::Transposed) // each unit packs its panel again
    least = std::max<int64_t>(least, divideCeil(128, tile.rows));
  if (tile.panelsOutermost)
    return std::min(least, tiles);
  const double lhsTile = double(tile.rows * spec.strideH * spec.strideW * spec.inputChannels * bytesOf(spec.lhsType));
  const int64_t fitting = int64_t(0.4 * double(machine.l2Bytes) / lhsTile);
  // Eight uses of a panel already hide its first reading; larger units would leave threads idle at the end.
  const int64_t wanted = std::clamp<int64_t>(fitting, least, std::max<int64_t>(least, 8));
  // Equal blocks: the last one should not be a stump.
  const int64_t blocks = divideCeil(tiles, std::min(wanted, tiles));
  return divideCeil(tiles, blocks);
}

} // namespace

int64_t rowsWithoutConflict(int64_t strideBytes, const Machine &machine) {
  const int64_t line = 64, period = machine.l1Bytes / machine.l1Ways;
  const int64_t step = std::gcd(strideBytes, period);
  if (step < line)
    return period / line * machine.l1Ways;
  // Each set that the rows fall into keeps all but two ways for them: the weights stream through the others.
  return period / step * (machine.l1Ways > 4 ? machine.l1Ways - 2 : machine.l1Ways - 1);
}

int64_t prefetchDistance(const ContractionTile &tile, const Machine &machine) {
  // Cycles within which memory answers even when it is busy; what is asked for somewhat too early does no harm.
  constexpr double latency = 1500;
  const double arithmetic = double(tile.rows * tile.vectors) / double(machine.fmaPorts);
  const double memory = double(tile.vectors * machine.vectorBytes) / machine.memoryRate;
  // Where steps do little but wait for weights, the hardware fetches them ahead by itself.
  if (4 * arithmetic < memory)
    return 0;
  const double step = std::max(arithmetic, memory);
  return tile.panelWidth() * int64_t(latency / step);
}

double contractionCycles(const ContractionSpec &spec, const ContractionTile &tile, const Machine &machine) {
  return TileModel(spec, tile, machine).total();
}

static ContractionTile chooseAmong(const ContractionSpec &spec, const Machine &machine,
                                   std::initializer_list<bool> orders) {
  int64_t lanes = machine.lanes(bytesOf(spec.sumType));
  while (lanes * bytesOf(spec.sumType) > 16 && spec.outputChannels <= lanes / 2)
    lanes /= 2;
  ContractionTile best;
  for (int64_t vectors = 1; vectors <= 8; ++vectors) {
    if (vectors > 1 && (vectors - 1) * lanes >= spec.outputChannels)
      break;
    if (vectors > 1 && spec.rhsLayout == RhsLayout::Transposed &&
        vectors * lanes * spec.inputChannels * bytesOf(spec.rhsType) > 64 * maxTransposedDepth)
      break;
    // Sums, a vector of weights for each column, and broadcast elements live in registers at once: one of these on
    // x86, a few where loads are instructions of their own and the scheduler moves them up.
    const int64_t broadcasts = machine.isX86() ? 1 : 4;
    const int64_t mostRows = (machine.vectorRegisters - vectors - broadcasts) / vectors;
    for (int64_t rows = 1; rows <= std::min(mostRows, spec.outputW); ++rows)
      for (const bool panelsOutermost : orders) {
        ContractionTile tile{.rows = rows, .vectors = vectors, .lanes = lanes, .panelsOutermost = panelsOutermost};
        tile.tilesPerUnit = chooseTilesPerUnit(spec, tile, machine);
        tile.cycles = contractionCycles(spec, tile, machine);
        if (best.cycles == 0 || tile.cycles < best.cycles)
          best = tile;
      }
  }
  if (spec.rhsLayout == RhsLayout::Packed)
    best.prefetch = prefetchDistance(best, machine);
  return best;
}

ContractionTile chooseTile(const ContractionSpec &spec, const Machine &machine) {
  return chooseAmong(spec, machine, {false, true});
}

ContractionTile chooseRowsOutermostTile(const ContractionSpec &spec, const Machine &machine) {
  return chooseAmong(spec, machine, {false});
}

} // namespace lathe::cpu
