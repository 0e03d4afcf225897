// SPDX-License-Identifier: Apache-2.0
// How elements look outside of tensors: their storage types, and how lowered ops read them.
#ifndef LATHE_IR_CORE_ELEMENTS_H
#define LATHE_IR_CORE_ELEMENTS_H

#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/DialectImplementation.h"

// Reads declarations of the above.
#include "ir/core/Enums.h.inc"


namespace lathe::core {

/// The type in which a scalar of tensor element type `element` is computed and kept in memory: signless integers for
/// `uiN`, i1 as itself (one byte in memory), the type itself otherwise.
mlir::Type storageType(mlir::Type element);

/// Bytes that one element takes in memory; i1 takes one, complex<f32> eight.
int64_t elementBytes(mlir::Type element);

/// Bytes of a dense row-major tensor of static shape.
int64_t tensorBytes(mlir::RankedTensorType type);

/// The identity of `combiner` (0 for add, the smallest value for max, ...) among elements of type `element`: a FloatAttr or
/// IntegerAttr, or null for complex elements.
mlir::TypedAttr identityAttribute(Combiner combiner, mlir::Type element);

/// The element type in which sums and products of many elements of type `element` are made: f32 for the 16-bit floats, the type itself
/// otherwise.
mlir::Type sumType(mlir::Type element);

/// Emits the identity of `combiner` (0 for add, the smallest value for max, ...) as a scalar of `element`'s storage type.
mlir::Value emitIdentity(mlir::OpBuilder &builder, mlir::Location loc, Combiner combiner, mlir::Type element);

/// Emits `combiner(lhs, rhs)` on scalars or vectors whose tensor element type is `element`. With `reassociate` float sums and
/// products may be reordered, and maxima need not order NaN: what a vectorised reduction needs.
mlir::Value emitCombine(mlir::OpBuilder &builder, mlir::Location loc, Combiner combiner, mlir::Type element, mlir::Value lhs,
                        mlir::Value rhs, bool reassociate = false);

/// Emits `value` (a scalar or vector of tensor element type `from`) converted to tensor element type `to`, as
/// `core.convert` defines it.
mlir::Value emitConvert(mlir::OpBuilder &builder, mlir::Location loc, mlir::Type from, mlir::Type to, mlir::Value value);

/// What an op's element lowering reads its operands through.
class ElementReader {
public:
  ElementReader(mlir::OpBuilder &builder, mlir::Location loc) : builder(builder), loc(loc) {}
  virtual ~ElementReader() = default;

  /// The element of operand number `operand` at `indices` (index values, one a dimension, in range), as a scalar of its
  /// storage type.
  virtual mlir::Value read(unsigned operand, mlir::ValueRange indices) = 0;

  /// An index constant.
  virtual mlir::Value index(int64_t value);

  mlir::OpBuilder &builder;
  mlir::Location loc;
};

} // namespace lathe::core
#endif
