// SPDX-License-Identifier: Apache-2.0
// Short spellings for index arithmetic and flat memory accesses that the emitters share.
#ifndef LATHE_BACKENDS_CPU_EMITSUPPORT_H
#define LATHE_BACKENDS_CPU_EMITSUPPORT_H

#include "backends/cpu/contraction/Contraction.h"

#include "mlir/IR/Builders.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace lathe::cpu {

/// An OpBuilder with a fixed location. Constants fold as they are built: multiplying by 1 or adding 0 emits nothing.
class Emitter {
public:
  Emitter(mlir::OpBuilder &builder, mlir::Location loc) : builder(builder), loc(loc) {}

  mlir::Value index(int64_t value);
  mlir::Value add(mlir::Value left, mlir::Value right);
  mlir::Value add(mlir::Value left, int64_t right);
  mlir::Value mul(mlir::Value left, int64_t right);
  mlir::Value div(mlir::Value left, int64_t right); ///< of non-negative values
  mlir::Value rem(mlir::Value left, int64_t right); ///< of non-negative values
  mlir::Value min(mlir::Value left, int64_t right);
  mlir::Value min(mlir::Value left, mlir::Value right);
  mlir::Value equals(mlir::Value left, int64_t right);
  mlir::Value atMost(mlir::Value left, mlir::Value right);

  /// A loop over [lower, upper); `body` gets the induction variable and the carried values and returns the next ones.
  /// A loop of one step is emitted without a loop.
  llvm::SmallVector<mlir::Value>
  loop(mlir::Value lower, mlir::Value upper, int64_t step, mlir::ValueRange carried,
       llvm::function_ref<llvm::SmallVector<mlir::Value>(mlir::Value, mlir::ValueRange)> body);
  llvm::SmallVector<mlir::Value>
  loop(int64_t upper, mlir::ValueRange carried,
       llvm::function_ref<llvm::SmallVector<mlir::Value>(mlir::Value, mlir::ValueRange)> body);
  /// Either branch may be null.
  void branch(mlir::Value condition, llvm::function_ref<void()> then, llvm::function_ref<void()> otherwise);

  /// The same memory as a vector of elements: identity-layout memrefs of any rank to rank 1.
  mlir::Value flatten(mlir::Value memref);
  mlir::Type type(Element element);
  mlir::VectorType vectorType(Element element, int64_t lanes);
  mlir::Value zeros(Element element, int64_t lanes);
  /// A constant mask whose first `count` lanes are set; null where all are.
  mlir::Value mask(int64_t count, int64_t lanes);
  /// Loads `lanes` elements at `position` of a rank-1 memref, the first `count` of them (zeros elsewhere).
  mlir::Value loadVector(mlir::Value memref, mlir::Value position, int64_t lanes, mlir::Value mask);
  void storeVector(mlir::Value vector, mlir::Value memref, mlir::Value position, mlir::Value mask);
  mlir::Value loadScalar(mlir::Value memref, mlir::Value position);
  /// Asks for the cache line of `position`, which may lie behind the end of the memref, in all caches.
  void prefetch(mlir::Value memref, mlir::Value position);
  mlir::Value splat(mlir::Value scalar, int64_t lanes);
  /// The transpose of a square matrix of as many vectors as each has elements, a power of two.
  llvm::SmallVector<mlir::Value> transpose(llvm::SmallVector<mlir::Value> rows);
  /// A buffer on the stack, aligned for vectors; emitted where the builder stands.
  mlir::Value stackBuffer(int64_t count, Element element);
  /// Widens a scalar or vector to `to`: floats exactly, integers with their sign.
  mlir::Value widen(mlir::Value value, Element to);
  /// left * right + sum, fused for floats.
  mlir::Value multiplyAdd(mlir::Value left, mlir::Value right, mlir::Value sum);

  mlir::OpBuilder &builder;
  mlir::Location loc;
};

} // namespace lathe::cpu

#endif // LATHE_BACKENDS_CPU_EMITSUPPORT_H
