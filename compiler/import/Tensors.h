// SPDX-License-Identifier: Apache-2.0
// Constants of a graph as MLIR attributes.
#ifndef LATHE_COMPILER_IMPORT_TENSORS_H
#define LATHE_COMPILER_IMPORT_TENSORS_H

#include "compiler/import/Context.h"
#include "mlir/IR/BuiltinAttributes.h"

namespace lathe {

/// Converts `tensor`; null when it is not valid, having said why to `fail`. `name` names the blob of a large one.
/// - Fewer values than elements: the last value repeats. Equal values become a splat, which is never expanded.
/// - From 1 KiB the result is DenseResourceElementsAttr; its blob is the file's own bytes where they have the right
///   form (row-major, little-endian; bool: one byte, 0 or 1).
/// - Quantised element types are stored as their storage type: tensor<4xui8> for tensor<4x!gdef.quantized<ui8>>.
mlir::ElementsAttr convertTensor(const tf::TensorProto &tensor, llvm::StringRef name, ImportContext &context,
                                 Fail fail);

/// The elements `bytes` (row-major, little-endian; bool: one byte, 0 or 1; aligned for their element; as many as `dims`
/// says) as an attribute in the same form. `dtype` has an element type and is not string; `owner` keeps the bytes
/// alive.
mlir::ElementsAttr convertBytes(tf::DataType dtype, llvm::ArrayRef<int64_t> dims, llvm::ArrayRef<char> bytes,
                                std::shared_ptr<const void> owner, llvm::StringRef name, ImportContext &context);

} // namespace lathe

#endif
