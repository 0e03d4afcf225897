// SPDX-License-Identifier: Apache-2.0
// Geometry of contractions: making specs, checking them, counting tiles and units.
#include "backends/cpu/contraction/Contraction.h"

#include "llvm/ADT/Twine.h"
#include "llvm/Support/MathExtras.h"

using llvm::divideCeil;

namespace lathe::cpu {

int64_t bytesOf(Element element) {
  switch (element) {
  case Element::I8:
    return 1;
  case Element::F16:
  case Element::BF16:
  case Element::I16:
    return 2;
  case Element::F32:
  case Element::I32:
    return 4;
  case Element::F64:
    return 8;
  }
  return 0;
}

static Element sumTypeOf(Element element) {
  switch (element) {
  case Element::F64:
    return Element::F64;
  case Element::I8:
  case Element::I16:
  case Element::I32:
    return Element::I32;
  default:
    return Element::F32;
  }
}

ContractionSpec makeProduct(int64_t batch, int64_t m, int64_t n, int64_t k, RhsLayout layout, Element element) {
  ContractionSpec spec;
  spec.lhsType = spec.rhsType = element;
  spec.sumType = sumTypeOf(element);
  spec.rhsLayout = layout;
  spec.batch = batch;
  spec.outputW = m;
  spec.inputChannels = k;
  spec.outputChannels = n;
  spec.lhs = {.batch = m * k, .image = m * k, .row = m * k, .pixel = k};
  spec.output = {.batch = m * n, .image = m * n, .row = m * n, .pixel = n};
  if (layout == RhsLayout::RowMajor)
    spec.rhs = {.batch = k * n, .pixel = n};
  if (layout == RhsLayout::Transposed)
    spec.rhs = {.batch = k * n, .pixel = k};
  return spec;
}

ContractionSpec makeConvolution(const ConvolutionSizes &sizes, Element element) {
  ContractionSpec spec;
  spec.lhsType = spec.rhsType = element;
  spec.sumType = sumTypeOf(element);
  spec.groups = sizes.groups;
  spec.images = sizes.images;
  spec.outputH = (sizes.inputH - (sizes.kernelH - 1) * sizes.dilationH - 1) / sizes.strideH + 1;
  spec.outputW = (sizes.inputW - (sizes.kernelW - 1) * sizes.dilationW - 1) / sizes.strideW + 1;
  spec.inputChannels = sizes.inputChannels / sizes.groups;
  spec.outputChannels = sizes.outputChannels / sizes.groups;
  spec.kernelH = sizes.kernelH;
  spec.kernelW = sizes.kernelW;
  spec.strideH = sizes.strideH;
  spec.strideW = sizes.strideW;
  spec.dilationH = sizes.dilationH;
  spec.dilationW = sizes.dilationW;
  spec.lhs = {.image = sizes.inputH * sizes.inputW * sizes.inputChannels,
              .row = sizes.inputW * sizes.inputChannels,
              .pixel = sizes.inputChannels};
  spec.output = {.image = spec.outputH * spec.outputW * sizes.outputChannels,
                 .row = spec.outputW * sizes.outputChannels,
                 .pixel = sizes.outputChannels};
  return spec;
}

ContractionSpec flattenRows(const ContractionSpec &spec) {
  ContractionSpec flat = spec;
  if (spec.kernelH != 1 || spec.kernelW != 1 || spec.strideH != 1 || spec.strideW != 1)
    return flat;
  const auto isDense = [&](const View &view) {
    return (spec.outputH == 1 || view.row == spec.outputW * view.pixel) &&
           (spec.images == 1 || view.image == spec.outputH * spec.outputW * view.pixel);
  };
  if (!isDense(spec.lhs) || !isDense(spec.output))
    return flat;
  flat.outputW = spec.rows();
  flat.outputH = flat.images = 1;
  return flat;
}

std::string checkContraction(const ContractionSpec &spec) {
  for (auto [name, value] :
       std::initializer_list<std::pair<const char *, int64_t>>{{"batch", spec.batch},
                                                               {"groups", spec.groups},
                                                               {"images", spec.images},
                                                               {"output height", spec.outputH},
                                                               {"output width", spec.outputW},
                                                               {"input channels", spec.inputChannels},
                                                               {"output channels", spec.outputChannels},
                                                               {"kernel height", spec.kernelH},
                                                               {"kernel width", spec.kernelW},
                                                               {"vertical stride", spec.strideH},
                                                               {"horizontal stride", spec.strideW},
                                                               {"vertical dilation", spec.dilationH},
                                                               {"horizontal dilation", spec.dilationW}})
    if (value < 1)
      return (llvm::Twine(name) + " must be at least 1, but got " + llvm::Twine(value)).str();
  if (spec.rhs.channel != 1 || spec.output.channel != 1)
    return "columns of the rhs and of the output must be 1 element apart";
  if (spec.rhsLayout != RhsLayout::Packed && (spec.kernelH != 1 || spec.kernelW != 1 || spec.groups != 1))
    return "a rhs that is not packed must belong to a plain product, but the spec has a kernel or groups";
  if (spec.rhsLayout == RhsLayout::Transposed && spec.inputChannels > maxTransposedDepth)
    return (llvm::Twine("rows of a transposed rhs must have at most ") + llvm::Twine(maxTransposedDepth) +
            " elements, but got " + llvm::Twine(spec.inputChannels))
        .str();
  if (spec.sumType != Element::F32 && spec.sumType != Element::F64 && spec.sumType != Element::I32)
    return "sums must be f32, f64 or i32";
  if (bytesOf(spec.sumType) < bytesOf(spec.lhsType) || bytesOf(spec.sumType) < bytesOf(spec.rhsType))
    return "sums must be as wide as the operands";
  const auto isInteger = [](Element element) {
    return element == Element::I8 || element == Element::I16 || element == Element::I32;
  };
  if (isInteger(spec.sumType) != isInteger(spec.lhsType) || isInteger(spec.sumType) != isInteger(spec.rhsType))
    return "operands and sums must be all integers or all floats";
  return "";
}

int64_t contractionRowTiles(const ContractionSpec &spec, const ContractionTile &tile) {
  return spec.images * spec.outputH * int64_t(divideCeil(spec.outputW, tile.rows));
}

int64_t contractionPanels(const ContractionSpec &spec, const ContractionTile &tile) {
  return divideCeil(spec.outputChannels, tile.panelWidth());
}

int64_t contractionUnits(const ContractionSpec &spec, const ContractionTile &tile) {
  return spec.batch * spec.groups * contractionPanels(spec, tile) *
         int64_t(divideCeil(contractionRowTiles(spec, tile), tile.tilesPerUnit));
}

int64_t dynamicRowUnits(const ContractionSpec &spec, const ContractionTile &tile, int64_t rows) {
  return contractionPanels(spec, tile) * int64_t(divideCeil(rows, tile.rows * tile.tilesPerUnit));
}

} // namespace lathe::cpu
