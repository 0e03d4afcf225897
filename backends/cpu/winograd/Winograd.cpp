// SPDX-License-Identifier: Apache-2.0
// Counts of Winograd convolutions, and their filters.
#include "backends/cpu/winograd/Winograd.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>

using llvm::alignTo;
using llvm::divideCeil;

namespace lathe::cpu {

WinogradGeometry::WinogradGeometry(const WinogradSpec &spec, const WinogradTile &tile) {
  pointsH = tile.outputsH + spec.kernelH - 1;
  pointsW = tile.outputsW + spec.kernelW - 1;
  tilesH = divideCeil(spec.outputH, tile.outputsH);
  tilesW = divideCeil(spec.outputW, tile.outputsW);
  tiles = spec.images * tilesH * tilesW;
  blocks = divideCeil(tiles, tile.block);
  panels = divideCeil(spec.outputChannels, tile.product.panelWidth());
  blockGroups = divideCeil(blocks, tile.blocksPerUnit);
  panelGroups = divideCeil(panels, tile.panelsPerUnit);
  // A cache line more than needed: planes a multiple of 4 KiB apart would fall into the same sets of L1.
  constexpr int64_t line = 16;
  inputPlane = tile.block * spec.inputChannels + line;
  productPlane = tile.block * tile.product.panelWidth() + line;
  slotBytes = int64_t(alignTo(uint64_t(points() * (inputPlane + productPlane)) * sizeof(float), 64));
}

ContractionSpec winogradProduct(const WinogradSpec &spec, const WinogradTile &tile, int64_t tiles, int64_t columns) {
  const WinogradGeometry geometry(spec, tile);
  ContractionSpec product = makeProduct(geometry.points(), tiles, columns, spec.inputChannels, RhsLayout::Packed);
  product.lhs.batch = geometry.inputPlane;
  product.rhs.batch = spec.inputChannels * tile.product.panelWidth();
  product.output.batch = geometry.productPlane;
  product.output.pixel = tile.product.panelWidth();
  return product;
}

int64_t winogradFilterBytes(const WinogradSpec &spec, const WinogradTile &tile) {
  const WinogradGeometry geometry(spec, tile);
  return geometry.panels * geometry.points() * spec.inputChannels * tile.product.panelWidth() * int64_t(sizeof(float));
}

namespace {
using Matrix = std::vector<std::vector<double>>;

Matrix rounded(const FractionMatrix &matrix) {
  Matrix result;
  for (const std::vector<Fraction> &row : matrix) {
    result.emplace_back();
    for (Fraction entry : row)
      result.back().push_back(entry.value());
  }
  return result;
}
} // namespace

void packWinogradFilters(const WinogradSpec &spec, const WinogradTile &tile, const float *source, float *packed) {
  const WinogradGeometry geometry(spec, tile);
  const Matrix vertical = rounded(makeWinogradTransform(tile.outputsH, spec.kernelH).filter);
  const Matrix horizontal = rounded(makeWinogradTransform(tile.outputsW, spec.kernelW).filter);
  const int64_t width = tile.product.panelWidth(), depth = spec.inputChannels;
  const int64_t tap = spec.inputChannels * spec.outputChannels;
  // Output channels innermost: all loops below run over contiguous memory.
  std::vector<double> rows(size_t(spec.kernelW * width)), sums(static_cast<size_t>(width));
  for (int64_t panel = 0; panel < geometry.panels; ++panel) {
    const int64_t columns = std::min(width, spec.outputChannels - panel * width);
    for (int64_t k = 0; k < depth; ++k) {
      const float *filter = source + k * spec.outputChannels + panel * width;
      for (int64_t i = 0; i < geometry.pointsH; ++i) {
        std::fill(rows.begin(), rows.end(), 0);
        for (int64_t kh = 0; kh < spec.kernelH; ++kh)
          for (int64_t kw = 0; kw < spec.kernelW; ++kw)
            for (int64_t n = 0; n < columns; ++n)
              rows[size_t(kw * width + n)] +=
                  vertical[size_t(i)][size_t(kh)] * double(filter[(kh * spec.kernelW + kw) * tap + n]);
        for (int64_t j = 0; j < geometry.pointsW; ++j) {
          std::fill(sums.begin(), sums.end(), 0);
          for (int64_t kw = 0; kw < spec.kernelW; ++kw)
            for (int64_t n = 0; n < columns; ++n)
              sums[size_t(n)] += horizontal[size_t(j)][size_t(kw)] * rows[size_t(kw * width + n)];
          float *target = packed + ((panel * geometry.points() + i * geometry.pointsW + j) * depth + k) * width;
          for (int64_t n = 0; n < width; ++n)
            target[n] = float(sums[size_t(n)]);
        }
      }
    }
  }
}

} // namespace lathe::cpu
