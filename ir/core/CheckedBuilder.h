// SPDX-License-Identifier: Apache-2.0
// Builds core ops from values that came from a user's graph: checked, and folded at once where operands are constant.
#ifndef LATHE_IR_CORE_CHECKED_BUILDER_H
#define LATHE_IR_CORE_CHECKED_BUILDER_H

#include "ir/core/Ops.h"

namespace lathe::core {

/// Every method emits ops at the insertion point. Where shapes or types do not fit, it emits an error diagnostic at `loc`
/// and returns a null value; a null operand gives a null result without another error, so that calls can be nested and
/// checked once. Ops on constants fold at once, within `foldBudget` elements, so that shapes and axes which a graph computes
/// are constants for whoever asks next.
class CheckedBuilder {
public:
  CheckedBuilder(mlir::OpBuilder &builder, mlir::Location loc, int64_t foldBudget = int64_t(1) << 26)
      : builder(builder), loc(loc), foldBudget(foldBudget) {}

  // Constants.
  mlir::Value constant(mlir::ElementsAttr value);
  mlir::Value scalar(mlir::Type element, double value);
  /// `value` in every element of a tensor of `shape`.
  mlir::Value splat(llvm::ArrayRef<int64_t> shape, mlir::Type element, double value);
  mlir::Value splatLike(mlir::Value like, double value);
  /// A vector of integers of type `element` (i32 or i64).
  mlir::Value integers(llvm::ArrayRef<int64_t> values, mlir::Type element);
  mlir::Value iota(llvm::ArrayRef<int64_t> shape, mlir::Type element, int64_t dimension);

  // Element-wise ops. `binary`, `compare`, `select` broadcast their operands to one shape as numpy does.
  template <typename Op> mlir::Value unary(mlir::Value x) { return create(Op::getOperationName(), {x}, {}, typeOrNull(x)); }
  template <typename Op> mlir::Value binary(mlir::Value x, mlir::Value y) {
    return broadcastTogether({&x, &y}) ? create(Op::getOperationName(), {x, y}, {}, typeOrNull(x)) : mlir::Value();
  }
  mlir::Value add(mlir::Value x, mlir::Value y) { return binary<AddOp>(x, y); }
  mlir::Value sub(mlir::Value x, mlir::Value y) { return binary<SubOp>(x, y); }
  mlir::Value mul(mlir::Value x, mlir::Value y) { return binary<MulOp>(x, y); }
  mlir::Value div(mlir::Value x, mlir::Value y) { return binary<DivOp>(x, y); }
  mlir::Value compare(Comparison direction, mlir::Value x, mlir::Value y);
  mlir::Value select(mlir::Value predicate, mlir::Value onTrue, mlir::Value onFalse);
  mlir::Value convert(mlir::Value x, mlir::Type element);
  mlir::Value complex(mlir::Value real, mlir::Value imaginary);
  mlir::Value real(mlir::Value x) { return create(RealOp::getOperationName(), {x}); }
  mlir::Value imag(mlir::Value x) { return create(ImagOp::getOperationName(), {x}); }
  mlir::Value isFinite(mlir::Value x) { return create(IsFiniteOp::getOperationName(), {x}); }
  mlir::Value special(Special function, mlir::ValueRange inputs);

  // Movement.
  mlir::Value reshape(mlir::Value x, llvm::ArrayRef<int64_t> shape);
  mlir::Value bitcast(mlir::Value x, mlir::RankedTensorType type);
  mlir::Value transpose(mlir::Value x, llvm::ArrayRef<int64_t> permutation);
  mlir::Value broadcast(mlir::Value x, llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<int64_t> dimensions);
  /// Broadcasts as numpy does: trailing dimensions are aligned.
  mlir::Value broadcastTo(mlir::Value x, llvm::ArrayRef<int64_t> shape);
  mlir::Value slice(mlir::Value x, llvm::ArrayRef<int64_t> starts, llvm::ArrayRef<int64_t> sizes, llvm::ArrayRef<int64_t> strides = {});
  mlir::Value dynamicSlice(mlir::Value x, mlir::Value starts, llvm::ArrayRef<int64_t> sizes);
  mlir::Value concat(mlir::ValueRange inputs, int64_t dimension);
  mlir::Value pad(mlir::Value x, mlir::Value value, llvm::ArrayRef<int64_t> low, llvm::ArrayRef<int64_t> high,
                  llvm::ArrayRef<int64_t> interior = {});
  mlir::Value reverse(mlir::Value x, llvm::ArrayRef<int64_t> dimensions);
  mlir::Value gather(mlir::Value x, mlir::Value indices, int64_t axis, int64_t batch = 0);
  mlir::Value scatter(Combiner combiner, mlir::Value x, mlir::Value indices, mlir::Value updates);

  // Computing.
  mlir::Value reduce(Combiner combiner, mlir::Value x, llvm::ArrayRef<int64_t> dimensions, bool keepDimensions = false);
  mlir::Value argReduce(Combiner combiner, mlir::Value x, int64_t dimension, mlir::Type indexType);
  mlir::Value reduceWindow(Combiner combiner, mlir::Value x, llvm::ArrayRef<int64_t> window, llvm::ArrayRef<int64_t> strides,
                           llvm::ArrayRef<int64_t> dilations, llvm::ArrayRef<int64_t> low, llvm::ArrayRef<int64_t> high);
  mlir::Value cumulative(Combiner combiner, mlir::Value x, int64_t dimension, bool exclusive, bool reverse);
  mlir::Value dotGeneral(mlir::Value x, mlir::Value y, llvm::ArrayRef<int64_t> lhsBatch, llvm::ArrayRef<int64_t> rhsBatch,
                         llvm::ArrayRef<int64_t> lhsContracting, llvm::ArrayRef<int64_t> rhsContracting);
  mlir::Value conv(mlir::Value input, mlir::Value filter, llvm::ArrayRef<int64_t> strides, llvm::ArrayRef<int64_t> low,
                   llvm::ArrayRef<int64_t> high, llvm::ArrayRef<int64_t> inputDilation, llvm::ArrayRef<int64_t> filterDilation,
                   int64_t groups);
  /// Values and places; both null on error.
  std::pair<mlir::Value, mlir::Value> sort(mlir::Value x, int64_t dimension, bool descending, mlir::Type indexType,
                                           std::optional<int64_t> count = std::nullopt);
  mlir::Value fft(mlir::Value x, bool inverse);
  mlir::Value cholesky(mlir::Value x) { return create(CholeskyOp::getOperationName(), {x}, {}, typeOrNull(x)); }
  /// Factors, permutation and sign; empty on error.
  llvm::SmallVector<mlir::Value> lu(mlir::Value x);
  /// The orthogonal and the triangular factor; empty on error.
  llvm::SmallVector<mlir::Value> qr(mlir::Value x, bool full);
  /// Values, left and right vectors; empty on error.
  llvm::SmallVector<mlir::Value> svd(mlir::Value x, bool full);
  /// Values and vectors; empty on error.
  llvm::SmallVector<mlir::Value> eigh(mlir::Value x);
  mlir::Value rngBits(mlir::Value key, mlir::Value counter, llvm::ArrayRef<int64_t> shape, mlir::Type element);
  mlir::Value rngSample(Distribution distribution, mlir::Value key, mlir::Value counter, mlir::ValueRange parameters,
                        llvm::ArrayRef<int64_t> shape, mlir::Type element);
  mlir::Value triangularSolve(mlir::Value matrix, mlir::Value rhs, bool lower, bool transpose, bool unitDiagonal);

  /// The value of `x` where it is constant: known when compiling. Null otherwise.
  static mlir::ElementsAttr constantOf(mlir::Value x);
  /// The elements of an integer or i1 constant in row-major order, widened. None where `x` is not constant or not integer.
  static std::optional<llvm::SmallVector<int64_t>> integersOf(mlir::Value x);

  static mlir::RankedTensorType typeOf(mlir::Value x) { return mlir::cast<mlir::RankedTensorType>(x.getType()); }
  static llvm::ArrayRef<int64_t> shapeOf(mlir::Value x) { return typeOf(x).getShape(); }
  static mlir::Type elementOf(mlir::Value x) { return typeOf(x).getElementType(); }

  /// Makes the op `name` with one result; `result` is null where its type is inferred.
  mlir::Value create(llvm::StringRef name, mlir::ValueRange operands, llvm::ArrayRef<mlir::NamedAttribute> attributes = {},
                     mlir::Type result = {});
  /// Makes the op `name` with all its results inferred. Empty on error.
  llvm::SmallVector<mlir::Value> createMany(llvm::StringRef name, mlir::ValueRange operands,
                                            llvm::ArrayRef<mlir::NamedAttribute> attributes, mlir::TypeRange results);

  mlir::OpBuilder &builder;
  mlir::Location loc;

private:
  static mlir::Type typeOrNull(mlir::Value x) { return x ? x.getType() : mlir::Type(); }
  bool broadcastTogether(llvm::ArrayRef<mlir::Value *> values);
  mlir::NamedAttribute attribute(llvm::StringRef name, mlir::Attribute value);
  mlir::NamedAttribute sizes(llvm::StringRef name, llvm::ArrayRef<int64_t> values);
  mlir::NamedAttribute number(llvm::StringRef name, int64_t value);
  mlir::NamedAttribute combinerAttribute(Combiner combiner);

  int64_t foldBudget;
};

/// The shape that both broadcast to as numpy does, or none where they do not fit.
std::optional<llvm::SmallVector<int64_t>> broadcastShapes(llvm::ArrayRef<int64_t> x, llvm::ArrayRef<int64_t> y);

} // namespace lathe::core
#endif
