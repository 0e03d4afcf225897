// SPDX-License-Identifier: Apache-2.0
// Reads elements of any value in a kernel's body: computes on the way what has no buffer.
#ifndef LATHE_BACKENDS_CPU_KERNELELEMENTS_H
#define LATHE_BACKENDS_CPU_KERNELELEMENTS_H

#include "ir/core/Elements.h"
#include "ir/rt/Ops.h"
#include "llvm/ADT/DenseMap.h"

namespace lathe::cpu {

/// The element type of buffers that hold tensor elements of type `element`: i8 for i1, the storage type otherwise.
mlir::Type bufferElement(mlir::Type element);

/// Emits, at the builder's insertion point, the code that gives single elements of values in a kernel. An element that was
/// emitted for the same place in the same or an enclosing block is used again.
class KernelElements {
public:
  KernelElements(mlir::OpBuilder &builder, mlir::Location loc) : builder(builder), loc(loc) {}

  /// From now on elements of `value` are read from `buffer`, a memref of value's shape.
  void setBuffer(mlir::Value value, mlir::Value buffer) { buffers[value] = buffer; }
  mlir::Value getBuffer(mlir::Value value) const { return buffers.lookup(value); }
  /// From now on all elements of `value` are `scalar`, until cleared: inside of one row.
  void setScalar(mlir::Value value, mlir::Value scalar) { scalars[value] = scalar; }
  mlir::Value getScalar(mlir::Value value) const { return scalars.lookup(value); }
  void clearScalars() { scalars.clear(); }

  /// The element of `value` at `indices`, as a scalar of its storage type.
  mlir::Value element(mlir::Value value, mlir::ValueRange indices);

  /// Stores a scalar of the storage type of tensor element type `type`.
  void store(mlir::Value scalar, mlir::Type type, mlir::Value buffer, mlir::ValueRange indices);

  /// `linear` taken apart into indices of `shape`, row-major.
  llvm::SmallVector<mlir::Value> delinearize(mlir::Value linear, llvm::ArrayRef<int64_t> shape);

  /// The row-major number of `indices` in `shape`.
  mlir::Value linearize(mlir::ValueRange indices, llvm::ArrayRef<int64_t> shape);

  /// Index constants, made once at the start of the function.
  mlir::Value index(int64_t value);

  mlir::OpBuilder &builder;
  mlir::Location loc;

private:
  mlir::Value compute(mlir::Value value, mlir::ValueRange indices);

  struct Known {
    llvm::SmallVector<mlir::Value> indices;
    mlir::Value element;
  };
  llvm::DenseMap<mlir::Value, mlir::Value> buffers, scalars;
  llvm::DenseMap<mlir::Value, llvm::SmallVector<Known>> known;
  llvm::DenseMap<int64_t, mlir::Value> constants;
};

} // namespace lathe::cpu
#endif
