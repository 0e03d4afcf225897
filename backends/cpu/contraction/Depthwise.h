// SPDX-License-Identifier: Apache-2.0
// Depthwise convolutions as plain data, and how they are cut into register tiles.
#ifndef LATHE_BACKENDS_CPU_DEPTHWISE_H
#define LATHE_BACKENDS_CPU_DEPTHWISE_H

#include "backends/cpu/contraction/Contraction.h"

namespace lathe::cpu {

/// output[i, y, x, c * multiplier + m] = sum over kh, kw of
///   lhs[i, y * strideH + kh * dilationH, x * strideW + kw * dilationW, c] * weights[kh, kw, c * multiplier + m].
/// NHWC. The input may lack a part of what is read, the padding, which counts as zeros: then positions are such that they
/// would fit if it was there, and a kernel row is at most 7 wide and not dilated downwards. The weights are dense [kernelH][kernelW][channels][multiplier], as TensorFlow
/// has them. Of the views, `batch` is not used and `channel` must be 1.
struct DepthwiseSpec {
  Element lhsType = Element::F32, rhsType = Element::F32, sumType = Element::F32;
  int64_t images = 1, outputH = 1, outputW = 1, channels = 1, multiplier = 1;
  int64_t kernelH = 1, kernelW = 1, strideH = 1, strideW = 1, dilationH = 1, dilationW = 1;
  View lhs, output;
  /// Padding above and left of the input, and the input's own sizes; 0: all that is read is there.
  int64_t padTop = 0, padLeft = 0, inputH = 0, inputW = 0;

  bool isPadded() const { return inputH != 0; }
  int64_t outputChannels() const { return channels * multiplier; }
  double multiplyAdds() const {
    return double(images * outputH * outputW) * double(outputChannels() * kernelH * kernelW);
  }
};

/// Where an input of `inputH` x `inputW` lies in the larger one that a convolution reads.
struct Inset {
  int64_t top = 0, left = 0, inputH = 0, inputW = 0;
};
/// `spec` on the inset alone.
DepthwiseSpec withoutPadding(DepthwiseSpec spec, const Inset &inset);

/// A dense depthwise convolution; `sizes.groups` and `sizes.outputChannels` are not used.
DepthwiseSpec makeDepthwise(const ConvolutionSizes &sizes, int64_t multiplier = 1, Element element = Element::F32);

/// A register tile is `pixels` neighbours of an output row by one vector of channels, a column. A unit of parallel work
/// is `rowsPerUnit` output rows by `columnsPerUnit` columns; with a multiplier, a column is one input channel.
struct DepthwiseTile {
  int64_t pixels = 1, lanes = 1, columnsPerUnit = 1, rowsPerUnit = 1;
  double cycles = 0; ///< predicted for one core
};

DepthwiseTile chooseDepthwiseTile(const DepthwiseSpec &spec, const Machine &machine);
/// Columns in all.
int64_t depthwiseColumns(const DepthwiseSpec &spec, const DepthwiseTile &tile);
/// Extent of the parallel dimension. Consecutive units are the next rows of the same columns.
int64_t depthwiseUnits(const DepthwiseSpec &spec, const DepthwiseTile &tile);

} // namespace lathe::cpu

#endif // LATHE_BACKENDS_CPU_DEPTHWISE_H
