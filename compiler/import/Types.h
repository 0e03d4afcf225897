// SPDX-License-Identifier: Apache-2.0
// TensorFlow's element types and shapes as MLIR types, in checked arithmetic.
#ifndef LATHE_COMPILER_IMPORT_TYPES_H
#define LATHE_COMPILER_IMPORT_TYPES_H

#include "compiler/import/Context.h"
#include "mlir/IR/BuiltinTypes.h"

namespace lathe {

/// `dtype` without the mark of a reference.
tf::DataType baseType(tf::DataType dtype);

/// The element type that stands for `dtype` (or what it refers to), or null when Lathe has none for it.
mlir::Type elementType(mlir::MLIRContext *context, tf::DataType dtype);

/// `float32`, as in NumPy.
std::string typeName(tf::DataType dtype);

/// `[1,?,3]`.
std::string shapeText(llvm::ArrayRef<int64_t> dims);

/// Whether `dims` (kDynamic: unknown) is within the limits on rank and number of elements, and none is negative;
/// unknown dimensions count as 1.
bool checkShape(llvm::ArrayRef<int64_t> dims, const ImportLimits &limits, Fail fail);

/// The product of static `dims`, which checkShape() has passed.
uint64_t countElements(llvm::ArrayRef<int64_t> dims);

/// Reads `shape` into `dims`; `ranked` is false when not even the rank is known.
bool readShape(const tf::TensorShapeProto &shape, const ImportLimits &limits, llvm::SmallVectorImpl<int64_t> &dims,
               bool &ranked, Fail fail);

} // namespace lathe

#endif
