// SPDX-License-Identifier: Apache-2.0
// Tensors of the reference interpreter: a type and dense row-major bytes.
#ifndef LATHE_IR_EVALUATE_TENSOR_H
#define LATHE_IR_EVALUATE_TENSOR_H

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include <memory>

namespace lathe::evaluate {

/// A dense tensor of static shape. Elements lie in row-major order, each in its storage form: i1 as one byte 0 or 1,
/// complex as real then imaginary part, others as in memory of a little-endian machine. Copies share the bytes.
class Tensor {
public:
  Tensor() = default;

  /// A tensor of zeros.
  static Tensor zeros(mlir::RankedTensorType type);

  /// The value of a constant, read without a copy where its bytes already have the form above; `value` must outlive the
  /// result. Understands dense, splat and dense_resource attributes. Null where the attribute has no bytes.
  static Tensor fromAttribute(mlir::ElementsAttr value);

  /// A tensor over bytes that the caller keeps alive and unchanged; `bytes.size()` is that of the type.
  static Tensor overBytes(mlir::RankedTensorType type, llvm::ArrayRef<char> bytes);

  /// The same bytes, shared, as elements of another type and shape that takes as many.
  Tensor withType(mlir::RankedTensorType other) const;

  /// The value as a constant: a splat where all elements are equal bits, dense up to 1 KiB, a dense_resource that owns
  /// its bytes above.
  mlir::ElementsAttr toAttribute() const;

  explicit operator bool() const { return static_cast<bool>(type); }
  mlir::RankedTensorType getType() const { return type; }
  mlir::Type getElementType() const { return type.getElementType(); }
  llvm::ArrayRef<int64_t> getShape() const { return type.getShape(); }
  int64_t getNumElements() const { return type.getNumElements(); }
  llvm::ArrayRef<char> bytes() const { return {data, size}; }

  /// Bytes to write to; only for tensors that `zeros` made.
  llvm::MutableArrayRef<char> mutableBytes() { return {owned.get(), size}; }

  /// Elements as C++ values of the storage form.
  template <typename T> llvm::ArrayRef<T> values() const {
    return llvm::ArrayRef<T>(reinterpret_cast<const T *>(data), size / sizeof(T));
  }
  template <typename T> llvm::MutableArrayRef<T> mutableValues() {
    return llvm::MutableArrayRef<T>(reinterpret_cast<T *>(owned.get()), size / sizeof(T));
  }

private:
  mlir::RankedTensorType type;
  std::shared_ptr<char[]> owned;
  const char *data = nullptr;
  size_t size = 0;
};

} // namespace lathe::evaluate
#endif
