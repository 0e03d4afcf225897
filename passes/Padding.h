// SPDX-License-Identifier: Apache-2.0
// Which convolutions keep their padding, as their kernels read it as zeros.
#ifndef LATHE_PASSES_PADDING_H
#define LATHE_PASSES_PADDING_H

#include "ir/core/Ops.h"

namespace lathe {

/// Whether the kernel of `conv`, a two-dimensional convolution, reads padding as zeros that are nowhere in memory: those with
/// working memory, whose algorithm a backend chose, and those of one channel a group (depthwise), whose rows are few enough to be
/// written out.
inline bool readsPadding(core::ConvOp conv) {
  if (conv.getScratch())
    return true;
  constexpr int64_t widest = 7;
  auto filter = llvm::cast<mlir::RankedTensorType>(conv.getFilter().getType());
  auto input = llvm::cast<mlir::RankedTensorType>(conv.getInput().getType());
  bool isDepthwise = conv.getStrides().size() == 2 && conv.getGroups() > 1 && static_cast<int64_t>(conv.getGroups()) == input.getShape().back();
  auto isOne = [](int64_t size) { return size == 1; };
  auto adds = [](int64_t size) { return size >= 0; };
  return isDepthwise && filter.getDimSize(1) <= widest && conv.getFilterDilation()[0] == 1 && llvm::all_of(conv.getInputDilation(), isOne) &&
         llvm::all_of(conv.getLow(), adds) && llvm::all_of(conv.getHigh(), adds);
}

} // namespace lathe
#endif
