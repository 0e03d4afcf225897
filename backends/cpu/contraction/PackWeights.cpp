// SPDX-License-Identifier: Apache-2.0
// Constant weights into the order in which contraction kernels read them.
#include "backends/cpu/contraction/Contraction.h"

#include "llvm/Support/MathExtras.h"

#include <algorithm>
#include <cstring>
#include <thread>
#include <vector>

namespace lathe::cpu {
namespace {

/// Copies `depth` x `width` elements to rows of `panelWidth`, zeros beyond `width`.
template <typename T>
void packRows(const T *source, int64_t inputStride, int64_t outputStride, int64_t depth, int64_t width,
              int64_t panelWidth, T *packed) {
  if (outputStride == 1) {
    for (int64_t k = 0; k < depth; ++k, source += inputStride, packed += panelWidth) {
      std::memcpy(packed, source, size_t(width) * sizeof(T));
      std::fill(packed + width, packed + panelWidth, T(0));
    }
    return;
  }
  // Blocks of a cache line of the source, so that each line is read once.
  const int64_t block = 64 / int64_t(sizeof(T));
  for (int64_t first = 0; first < depth; first += block) {
    const int64_t last = std::min(first + block, depth);
    for (int64_t k = first; k < last; ++k)
      std::fill(packed + k * panelWidth + width, packed + (k + 1) * panelWidth, T(0));
    for (int64_t n = 0; n < width; ++n)
      for (int64_t k = first; k < last; ++k)
        packed[k * panelWidth + n] = source[n * outputStride + k * inputStride];
  }
}

template <typename T>
void packTyped(const ContractionSpec &spec, const ContractionTile &tile, const WeightStrides &strides, const T *source,
               T *packed, int threads) {
  const int64_t width = tile.panelWidth(), panels = contractionPanels(spec, tile);
  const int64_t panelElements = spec.depth() * width, taps = spec.kernelH * spec.kernelW;
  const int64_t matrices = (spec.rhs.batch ? spec.batch : 1) * spec.groups;
  // Input channels in blocks, panels inside: the source's rows stay in the cache and in the TLB over all panels.
  const int64_t blockDepth = 64, blocks = int64_t(llvm::divideCeil(spec.inputChannels, blockDepth));
  const int64_t pieces = matrices * taps * blocks;
  const auto work = [&](int64_t piece) {
    const int64_t first = piece % blocks * blockDepth, tap = piece / blocks % taps, matrix = piece / blocks / taps;
    const int64_t depth = std::min(blockDepth, spec.inputChannels - first);
    const T *from = source + matrix / spec.groups * strides.batch + matrix % spec.groups * strides.group +
                    tap / spec.kernelW * strides.kernelH + tap % spec.kernelW * strides.kernelW + first * strides.input;
    for (int64_t panel = 0; panel < panels; ++panel)
      packRows(from + panel * width * strides.output, strides.input, strides.output, depth,
               std::min(width, spec.outputChannels - panel * width), width,
               packed + (matrix * panels + panel) * panelElements + (tap * spec.inputChannels + first) * width);
  };
  const auto part = [&](int64_t index, int64_t count) {
    for (int64_t piece = index * pieces / count; piece < (index + 1) * pieces / count; ++piece)
      work(piece);
  };
  std::vector<std::thread> helpers;
  for (int i = 1; i < threads; ++i)
    helpers.emplace_back(part, i, threads);
  part(0, std::max(threads, 1));
  for (std::thread &helper : helpers)
    helper.join();
}

} // namespace

int64_t packedWeightBytes(const ContractionSpec &spec, const ContractionTile &tile) {
  return (spec.rhs.batch ? spec.batch : 1) * spec.groups * contractionPanels(spec, tile) * spec.depth() *
         tile.panelWidth() * bytesOf(spec.rhsType);
}

WeightStrides hwioStrides(const ContractionSpec &spec) {
  const int64_t row = spec.outputChannels * spec.groups, tap = row * spec.inputChannels;
  return {.batch = tap * spec.kernelH * spec.kernelW,
          .group = spec.outputChannels,
          .kernelH = tap * spec.kernelW,
          .kernelW = tap,
          .input = row,
          .output = 1};
}

WeightStrides transposedStrides(const ContractionSpec &spec) {
  return {.batch = spec.inputChannels * spec.outputChannels,
          .group = 0,
          .kernelH = 0,
          .kernelW = 0,
          .input = 1,
          .output = spec.inputChannels};
}

void packWeights(const ContractionSpec &spec, const ContractionTile &tile, const WeightStrides &strides,
                 const char *source, char *packed, int threads) {
  const auto pack = [&]<typename T>(T) {
    packTyped(spec, tile, strides, reinterpret_cast<const T *>(source), reinterpret_cast<T *>(packed), threads);
  };
  switch (bytesOf(spec.rhsType)) {
  case 1:
    return pack(uint8_t());
  case 2:
    return pack(uint16_t());
  case 4:
    return pack(uint32_t());
  default:
    return pack(uint64_t());
  }
}

} // namespace lathe::cpu
