// SPDX-License-Identifier: Apache-2.0
// How windows lie over space: what convolutions, pools and patches share.
#ifndef LATHE_PASSES_LEGALIZE_WINDOWS_H
#define LATHE_PASSES_LEGALIZE_WINDOWS_H

#include "passes/legalize/Node.h"

namespace lathe::legalize {

/// A window over the spatial dimensions of a tensor whose channels are last; one entry a spatial dimension in each
/// list.
struct Windows {
  Ints sizes, strides, dilations, low, high;

  int64_t rank() const { return sizes.size(); }
  /// The size that dimension `d` of a tensor of `size` has under the window.
  int64_t outputSize(int64_t d, int64_t size) const {
    int64_t span = low[d] + size + high[d] - (sizes[d] - 1) * dilations[d];
    return span > 0 ? (span - 1) / strides[d] + 1 : 0;
  }
  /// The places inside of a window, in row-major order.
  llvm::SmallVector<Ints> places() const;
};

/// The spatial entries of a list of one number a dimension of a tensor in the node's data format; ones where it is
/// empty. None, after a report, where the list has another length or steps over batch or channels.
std::optional<Ints> spatialEntries(Node &n, llvm::StringRef what, llvm::ArrayRef<int64_t> list, int64_t spatial);

/// The windows that the node's attributes `strides`, `dilations`, `padding` (and `explicit_paddings`) describe, of
/// `sizes` over a tensor of spatial sizes `space`.
std::optional<Windows> readWindows(Node &n, llvm::ArrayRef<int64_t> sizes, llvm::ArrayRef<int64_t> space,
                                   llvm::ArrayRef<int64_t> strides, llvm::ArrayRef<int64_t> dilations);

// Tensors below have channels last.

/// The windows of a pool over a tensor of shape `input`; none after a report.
std::optional<Windows> readPool(Node &n, llvm::ArrayRef<int64_t> input, llvm::ArrayRef<int64_t> sizes,
                                llvm::ArrayRef<int64_t> strides);

/// `combiner` under the windows, over space only.
Value reduceSpace(Node &n, core::Combiner combiner, Value input, const Windows &w);

/// `input` with as much of `value` around it as the windows reach out.
Value padSpace(Node &n, Value input, const Windows &w, double value);

/// The elements at one place of every window: `padded` is what padSpace makes of a tensor of shape `input`.
Value windowPlace(Node &n, Value padded, llvm::ArrayRef<int64_t> input, const Windows &w,
                  llvm::ArrayRef<int64_t> place);

/// Not above any element of type `element`.
double lowestOf(Type element);

} // namespace lathe::legalize
#endif
