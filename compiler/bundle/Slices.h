// SPDX-License-Identifier: Apache-2.0
// Parts of tensors: their text form, their keys, copies between a part and the whole.
#ifndef LATHE_COMPILER_BUNDLE_SLICES_H
#define LATHE_COMPILER_BUNDLE_SLICES_H

#include "compiler/bundle/Bundle.h"

namespace lathe {

/// Replaces lengths of -1 by what there is. False where a part is not within `shape`.
bool resolveSlice(llvm::ArrayRef<int64_t> shape, TensorSlice &slice);

/// Whether the parts, each within `shape`, hold every element once.
bool slicesTile(llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<TensorSlice> slices);

/// Reads `4 3 0,2:-`: the shape of the whole, then for each dimension `first,count` or `-`. False where it is
/// malformed.
bool parseSliceSpec(llvm::StringRef spec, llvm::SmallVectorImpl<int64_t> &shape, TensorSlice &slice);

/// Makes `tensor`, which was stored under `key`, the part of it that `spec` names (`4 3 0,2:-`; "": all), in memory of
/// its own. False after a report to `fail`.
bool takeSlice(llvm::StringRef key, llvm::StringRef spec, BundleTensor &tensor, Fail fail);

/// Copies a part: `whole` has `shape`, `part` the lengths of `slice`, both row-major with elements of `size` bytes.
/// From `part` to `whole` where `toWhole`, else the other way.
void copySlice(llvm::ArrayRef<int64_t> shape, const TensorSlice &slice, size_t size, char *whole, char *part,
               bool toWhole);

} // namespace lathe

#endif
