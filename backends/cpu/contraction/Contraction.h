// SPDX-License-Identifier: Apache-2.0
// Matrix products and convolutions as plain data: what is computed, how it is cut into register tiles, how weights lie.
#ifndef LATHE_BACKENDS_CPU_CONTRACTION_H
#define LATHE_BACKENDS_CPU_CONTRACTION_H

#include "backends/cpu/Machine.h"

#include <string>

namespace lathe::cpu {

enum class Element : uint8_t { F32, F64, F16, BF16, I8, I16, I32 };
int64_t bytesOf(Element element);

/// Where the elements of an operand lie in its dense buffer, in elements. Zero strides of outer dimensions mean "the
/// same for all".
struct View {
  int64_t offset = 0;
  int64_t batch = 0;   ///< between the products of a batch
  int64_t image = 0;   ///< between images (convolution)
  int64_t row = 0;     ///< between rows of an image
  int64_t pixel = 0;   ///< between pixels, or between rows of a matrix
  int64_t channel = 1; ///< between channels, or between columns of a matrix; only the lhs may have one other than 1
};

/// Packed: [batch if rhs.batch][groups][ceil(outputChannels/NR)][kernelH][kernelW][inputChannels][NR], zeros beyond
/// outputChannels, written by packWeights. The other two are for products (no kernel, no groups) of two activations.
/// RowMajor: a K x N matrix whose rows are `rhs.pixel` elements apart. Transposed: an N x K matrix, rows `rhs.pixel`
/// apart, K at most maxTransposedDepth: each unit of work packs its panel on the stack first.
enum class RhsLayout : uint8_t { Packed, RowMajor, Transposed };

/// Bounds the stack of a kernel to 64 KiB.
constexpr int64_t maxTransposedDepth = 1024;

/// output[b, m, g, n] = sum over kh, kw, k of lhs[b, pixel(m, kh, kw), g, k] * rhs[b, g, kh, kw, k, n].
/// A matrix product has images = outputH = 1, outputW = M, inputChannels = K, outputChannels = N. A convolution is
/// NHWC; its input includes the padding. Channels count per group; groups lie side by side in a pixel.
struct ContractionSpec {
  Element lhsType = Element::F32, rhsType = Element::F32;
  Element sumType = Element::F32; ///< of products and sums; F32, F64 or I32
  RhsLayout rhsLayout = RhsLayout::Packed;
  int64_t batch = 1, groups = 1;
  int64_t images = 1, outputH = 1, outputW = 1;
  int64_t inputChannels = 1, outputChannels = 1;
  int64_t kernelH = 1, kernelW = 1, strideH = 1, strideW = 1, dilationH = 1, dilationW = 1;
  View lhs, rhs, output;

  int64_t rows() const { return images * outputH * outputW; }
  int64_t depth() const { return kernelH * kernelW * inputChannels; }
  double multiplyAdds() const {
    return double(batch) * double(groups) * double(rows()) * double(depth()) * double(outputChannels);
  }
};

/// A batch of products, lhs [batch, m, k] x rhs [batch, k, n] -> [batch, m, n], all dense; a Packed rhs is shared by
/// the batch.
ContractionSpec makeProduct(int64_t batch, int64_t m, int64_t n, int64_t k, RhsLayout layout,
                            Element element = Element::F32);

/// Sizes of a convolution for makeConvolution. Input sizes include the padding; channels are totals over the groups.
struct ConvolutionSizes {
  int64_t images = 1, inputH = 1, inputW = 1, inputChannels = 1, outputChannels = 1;
  int64_t kernelH = 1, kernelW = 1, strideH = 1, strideW = 1, dilationH = 1, dilationW = 1, groups = 1;
};
/// A dense NHWC convolution with packed weights; output sizes follow from the padded input.
ContractionSpec makeConvolution(const ConvolutionSizes &sizes, Element element = Element::F32);

/// Merges image rows and images into one long row where the geometry allows it (1x1, stride 1, dense): no tile then
/// ends at the border of an image row. Row numbers given to the epilogue do not change.
ContractionSpec flattenRows(const ContractionSpec &spec);

/// What is wrong with `spec`, or an empty string.
std::string checkContraction(const ContractionSpec &spec);

/// How a contraction is cut. A register tile is `rows` output pixels by `vectors` vectors of output channels; a panel
/// is one column of such tiles; a unit of parallel work is one panel for a block of `tilesPerUnit` row tiles.
struct ContractionTile {
  int64_t rows = 1;
  int64_t vectors = 1;
  int64_t lanes = 1; ///< elements of sumType in a vector
  int64_t tilesPerUnit = 1;
  int64_t prefetch =
      0; ///< elements of packed weights between what a step uses and what it asks for in advance; 0: nothing
  bool panelsOutermost = false; ///< consecutive units share a panel of weights, else a block of rows
  double cycles = 0;            ///< predicted for one core, whole contraction

  int64_t panelWidth() const { return vectors * lanes; }
};

/// The best tile by the cost model (README), always the same for the same arguments. Requires a valid spec.
ContractionTile chooseTile(const ContractionSpec &spec, const Machine &machine);
/// The same among tiles with rows outermost, as a number of rows known only at run time needs them.
ContractionTile chooseRowsOutermostTile(const ContractionSpec &spec, const Machine &machine);
/// How far ahead a step of `tile` asks for packed weights so that they come from memory in time; 0: not at all.
int64_t prefetchDistance(const ContractionTile &tile, const Machine &machine);
/// Predicted cycles of `spec` cut as `tile` says, on one core with data in the nearest cache that holds it.
double contractionCycles(const ContractionSpec &spec, const ContractionTile &tile, const Machine &machine);
/// Most rows of lhs that a tile can read at once before they evict each other from L1: strides near a multiple of 4 KiB
/// fall into few sets.
int64_t rowsWithoutConflict(int64_t strideBytes, const Machine &machine);

/// Number of row tiles, of panels, of units: the extent of the parallel dimension is units(), ordered so that a
/// contiguous range reuses caches. Results do not depend on how [0, units) is cut.
int64_t contractionRowTiles(const ContractionSpec &spec, const ContractionTile &tile);
int64_t contractionPanels(const ContractionSpec &spec, const ContractionTile &tile);
int64_t contractionUnits(const ContractionSpec &spec, const ContractionTile &tile);

/// Units where the number of rows is known only at run time: panels x ceil(rows / (tile.rows x tile.tilesPerUnit)).
int64_t dynamicRowUnits(const ContractionSpec &spec, const ContractionTile &tile, int64_t rows);

/// Bytes of the packed rhs; a multiple of the element's size.
int64_t packedWeightBytes(const ContractionSpec &spec, const ContractionTile &tile);

/// Strides, in elements, of constant weights as they come: dense HWIO is the default of packWeights.
struct WeightStrides {
  int64_t batch, group, kernelH, kernelW, input, output;
};
/// HWIO with `outputChannels * groups` innermost: TensorFlow's convolution filters, and K x N matrices.
WeightStrides hwioStrides(const ContractionSpec &spec);
/// N x K matrices (MatMul with transpose_b).
WeightStrides transposedStrides(const ContractionSpec &spec);

/// Copies weights from `source` into the Packed layout. Moves bytes only: any type of 1, 2, 4 or 8 bytes. `threads`
/// cuts the work; the bytes are the same.
void packWeights(const ContractionSpec &spec, const ContractionTile &tile, const WeightStrides &strides,
                 const char *source, char *packed, int threads = 1);

} // namespace lathe::cpu

#endif // LATHE_BACKENDS_CPU_CONTRACTION_H
