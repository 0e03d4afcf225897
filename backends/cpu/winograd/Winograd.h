// SPDX-License-Identifier: Apache-2.0
// Convolutions by Winograd's algorithm as plain data: what is computed, how it is cut, how filters lie, what it costs.
#ifndef LATHE_BACKENDS_CPU_WINOGRAD_H
#define LATHE_BACKENDS_CPU_WINOGRAD_H

#include "backends/cpu/contraction/Contraction.h"
#include "backends/cpu/winograd/WinogradTransform.h"

#include <optional>

namespace lathe::cpu {

/// A float32 convolution with strides, dilations and groups of 1 on dense NHWC operands. Unlike a ContractionSpec's,
/// the input is without its padding: what lies outside of it reads as zero.
struct WinogradSpec {
  int64_t images = 1, inputH = 1, inputW = 1, inputChannels = 1;
  int64_t outputH = 1, outputW = 1, outputChannels = 1;
  int64_t kernelH = 1, kernelW = 1;
  int64_t padTop = 0,
          padLeft = 0; ///< rows and columns before the input's first; below and to the right, as many as needed

  double multiplyAdds() const {
    return double(images * outputH * outputW) * double(kernelH * kernelW) * double(inputChannels * outputChannels);
  }
};

/// How such a convolution is cut. A tile is outputsH x outputsW results of one image for all channels; tiles count
/// along rows, columns and images. A block of tiles is transformed into a matrix [block, inputChannels] for each point,
/// multiplied by the filter's matrix for the point, panel by panel, and the products of a panel are transformed back.
/// A unit of parallel work is one block for some panels, or some blocks for all.
struct WinogradTile {
  int64_t outputsH = 1, outputsW = 1;
  int64_t block = 1;       ///< tiles; the last block may have fewer
  ContractionTile product; ///< the register tile of the products; its `cycles` and order are not used
  int64_t blocksPerUnit = 1, panelsPerUnit = 1;
  double cycles = 0; ///< predicted for one core, whole convolution
};

/// The counts that follow from both.
struct WinogradGeometry {
  WinogradGeometry(const WinogradSpec &spec, const WinogradTile &tile);

  int64_t pointsH, pointsW;
  int64_t tilesH, tilesW, tiles; ///< of an image, of an image, of all images
  int64_t blocks, panels;
  int64_t blockGroups, panelGroups; ///< units are blockGroups x panelGroups, panels innermost
  /// Elements from one point's matrix to the next: of the transformed inputs, of the products of one panel.
  int64_t inputPlane, productPlane;
  /// Working memory of one range of units; a range that begins at unit u uses the slot number u.
  int64_t slotBytes;

  int64_t points() const { return pointsH * pointsW; }
  int64_t units() const { return blockGroups * panelGroups; }
  int64_t scratchBytes() const { return units() * slotBytes; }
};

/// The best way to cut `spec` by the cost model (README), always the same for the same arguments; none where no
/// transform fits the kernel's size or its error would be too large.
std::optional<WinogradTile> chooseWinogradTile(const WinogradSpec &spec, const Machine &machine);

/// Predicted cycles of the direct sums cut by `tile`, with what Winograd's algorithm saves besides: writing the padded
/// input. Weights come from memory, as chooseWinogradTile assumes too.
double directCycles(const WinogradSpec &spec, const ContractionSpec &direct, const ContractionTile &tile,
                    const Machine &machine);

/// The products of one block of `tiles` tiles with `columns` output channels: a batch with one member a point.
ContractionSpec winogradProduct(const WinogradSpec &spec, const WinogradTile &tile, int64_t tiles, int64_t columns);

/// Filters lie as [panel][point][inputChannels][panel width], zeros beyond outputChannels.
int64_t winogradFilterBytes(const WinogradSpec &spec, const WinogradTile &tile);
/// Transforms dense HWIO filters in double precision and writes them in that layout.
void packWinogradFilters(const WinogradSpec &spec, const WinogradTile &tile, const float *source, float *packed);

} // namespace lathe::cpu

#endif // LATHE_BACKENDS_CPU_WINOGRAD_H
