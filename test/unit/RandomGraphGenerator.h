// SPDX-License-Identifier: Apache-2.0
// Grows a random function op by op: proposes one, evaluates it, and keeps it where its value is finite and well
// conditioned.
#ifndef LATHE_TEST_UNIT_RANDOMGRAPHGENERATOR_H
#define LATHE_TEST_UNIT_RANDOMGRAPHGENERATOR_H

#include "ir/core/CheckedBuilder.h"
#include "ir/evaluate/Scalars.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "test/unit/RandomGraph.h"
#include <cmath>
#include <random>

namespace lathe::random {
using namespace mlir;
using namespace lathe::core;
using namespace lathe::evaluate;

constexpr int64_t mostElements = 64, mostDimensions = 5;
constexpr double largestFloat = 1000;
constexpr unsigned mostArguments = 20;

using Sizes = SmallVector<int64_t>;

inline Kinds kindOf(Type element) {
  return isa<ComplexType>(element) ? Complex : isa<FloatType>(element) ? Float : element.isInteger(1) ? Bool : Int;
}
inline bool hasFloats(Type element) {
  return kindOf(element) & (Float | Complex);
}

inline double epsilonOf(Type element) {
  if (auto complex = dyn_cast<ComplexType>(element))
    element = complex.getElementType();
  return std::ldexp(1.0, 1 - static_cast<int>(cast<FloatType>(element).getFPMantissaWidth()));
}

/// The real numbers in a tensor of floats or complex numbers, changed in place by `change`.
template <typename F> void forEachFloat(Tensor &tensor, F change) {
  visitElement<Float | Complex>(tensor.getElementType(), [&](auto zero) {
    using T = decltype(zero);
    for (T &value : tensor.mutableValues<T>())
      if constexpr (isComplex<T>)
        value = T(change(value.real()), change(value.imag()));
      else
        value = T(change(static_cast<Wide<T>>(value)));
  });
}

inline Tensor copyOf(const Tensor &tensor) {
  Tensor copy = Tensor::zeros(tensor.getType());
  llvm::copy(tensor.bytes(), copy.mutableBytes().begin());
  return copy;
}

inline SmallVector<double> floatsOf(const Tensor &tensor) {
  SmallVector<double> result;
  Tensor copy = copyOf(tensor);
  forEachFloat(copy, [&](double x) { return result.push_back(x), x; });
  return result;
}

/// The largest magnitude among a tensor's floats; infinite where one is not finite.
inline double largest(const Tensor &tensor) {
  double result = 0;
  if (hasFloats(tensor.getElementType()))
    for (double x : floatsOf(tensor))
      result = std::isfinite(x) ? std::max(result, std::abs(x)) : INFINITY;
  return result;
}

/// Whether code may round differently from the interpreter in one execution of `op` on floats.
inline bool rounds(Operation *op) {
  if (isa<DivOp>(op) && isa<ComplexType>(getElementTypeOrSelf(op->getResult(0))))
    return true;
  return !isa<AbsOp, AddOp, BroadcastOp, CeilOp, ComplexOp, ConcatOp, ConstantOp, ConvertOp, DivOp, DynamicSliceOp,
              FloorOp, GatherOp, ImagOp, IotaOp, MaxOp, MinOp, NegOp, PadOp, RealOp, RemOp, ReshapeOp, ReverseOp,
              RoundEvenOp, SelectOp, SignOp, SliceOp, SortOp, SqrtOp, SubOp, TransposeOp>(op);
}

class Generator {
public:
  Generator(MLIRContext &context, unsigned seed)
      : random(seed), builder(&context), loc(builder.getUnknownLoc()), core(builder, loc, /*foldBudget=*/-1),
        module(ModuleOp::create(loc)) {
    builder.setInsertionPointToEnd(module->getBody());
    function = func::FuncOp::create(builder, loc, "main", builder.getFunctionType({}, {}));
    builder.setInsertionPointToEnd(function.addEntryBlock());
  }

  RandomGraph grow() {
    for (unsigned i = 0, n = 2 + below(3); i < n; ++i) {
      Sizes shape = someShape();
      argument(shape, someElement(Any));
    }
    unsigned wanted = 5 + below(36), kept = 0;
    for (unsigned attempt = 0; kept < wanted && attempt < 40 * wanted; ++attempt)
      kept += keep(propose());
    return finish();
  }

private:
  /// What is known of a value: the interpreter's tensor, and the largest error that code may make in it.
  struct Known {
    Tensor tensor;
    double error = 0;
  };

  unsigned below(unsigned n) { return random() % n; }
  bool coin() { return below(2); }
  template <typename T> T oneOf(std::initializer_list<T> values) { return values.begin()[below(values.size())]; }

  Type someElement(unsigned kinds) {
    SmallVector<Type> all{builder.getI1Type(), builder.getF16Type(), builder.getBF16Type(), builder.getF32Type(),
                          builder.getF64Type()};
    for (unsigned width : {8, 16, 32, 64}) {
      all.push_back(builder.getIntegerType(width));
      all.push_back(builder.getIntegerType(width, /*isSigned=*/false));
    }
    all.push_back(ComplexType::get(builder.getF32Type()));
    all.push_back(ComplexType::get(builder.getF64Type()));
    llvm::erase_if(all, [&](Type type) { return !(kindOf(type) & kinds); });
    return all[below(all.size())];
  }

  Sizes someShape() {
    Sizes shape;
    for (unsigned d = 0, rank = below(5); d < rank; ++d) {
      int64_t size = below(40) == 0 ? 0 : 1 + below(5);
      shape.push_back(llvm::product_of(shape) * size > mostElements ? 1 : size);
    }
    return shape;
  }

  /// A new argument. Floats are odd multiples of 1/16 of both signs, so that none is 0 and all types hold them.
  Value argument(ArrayRef<int64_t> shape, Type element) {
    Tensor tensor = Tensor::zeros(RankedTensorType::get(shape, element));
    int64_t step = 5 + 2 * below(4);
    visitElement<Any>(element, [&](auto zero) {
      using T = decltype(zero);
      for (auto [i, to] : llvm::enumerate(tensor.mutableValues<T>())) {
        // The step is odd and the modulus a power of two: 64 elements go to 64 places.
        int64_t place = static_cast<int64_t>(i * step + 3) % 64 - 32;
        float real = static_cast<float>(2 * place + 1) / 16;
        if constexpr (std::is_same_v<T, bool>)
          to = coin();
        else if constexpr (isComplex<T>)
          to = T(real, static_cast<float>(i + 1) / 8);
        else if constexpr (std::is_integral_v<T>)
          to = static_cast<T>(std::is_signed_v<T> ? place : place + 32);
        else
          to = T(real);
      }
    });
    return argument(std::move(tensor));
  }

  Value argument(Tensor tensor) {
    Value value = function.getBody().addArgument(tensor.getType(), loc);
    arguments.push_back(tensor);
    known[value] = {std::move(tensor), 0};
    values.push_back(value);
    return value;
  }

  /// Symmetric matrices with a dominant diagonal, at least 1 by 1.
  Value matrix(Type element) {
    int64_t n = 1 + below(4), i = 0;
    Sizes shape{n, n};
    if (coin())
      shape.insert(shape.begin(), 1 + below(3));
    Tensor tensor = Tensor::zeros(RankedTensorType::get(shape, element));
    forEachFloat(tensor, [&](double) {
      int64_t row = i / n % n, column = i % n, batch = i / (n * n);
      ++i;
      return row == column ? 8.0 + row + batch : (row + column + 1 + batch) / 8.0;
    });
    return argument(std::move(tensor));
  }

  /// A value of one of these kinds that `fits`, perhaps a new argument; null where there is none.
  Value some(
      unsigned kinds, llvm::function_ref<bool(RankedTensorType)> fits = [](RankedTensorType) { return true; }) {
    SmallVector<Value> found;
    for (Value value : values)
      if (auto type = CheckedBuilder::typeOf(value); (kindOf(type.getElementType()) & kinds) && fits(type))
        found.push_back(value);
    bool canAdd = arguments.size() < mostArguments;
    if (!found.empty() && !(canAdd && below(8) == 0)) {
      // Later values make longer chains. Empty tensors stay empty: most of the graph should not come from them.
      unsigned first = below(found.size()), second = below(found.size());
      Value chosen = found[std::max(first, second)];
      return CheckedBuilder::typeOf(chosen).getNumElements() == 0 && below(4) ? found[below(found.size())] : chosen;
    }
    for (unsigned attempt = 0; canAdd && attempt < 20; ++attempt) {
      Sizes shape = someShape();
      auto type = RankedTensorType::get(shape, someElement(kinds));
      if (fits(type))
        return argument(shape, type.getElementType());
    }
    return {};
  }

  /// A value of x's type, seldom x itself; null where x is.
  Value similar(Value x) {
    SmallVector<Value> found;
    if (x)
      llvm::copy_if(values, std::back_inserter(found), [&](Value y) { return y != x && y.getType() == x.getType(); });
    if (!found.empty() && below(8))
      return found[below(found.size())];
    return x && arguments.size() < mostArguments ? argument(CheckedBuilder::shapeOf(x), CheckedBuilder::elementOf(x))
                                                 : x;
  }

  Combiner someCombiner(Value x);
  Value propose();
  Value proposeElementwise();
  Value proposeMovement();
  Value proposeReduction();
  Value proposeContraction();

  /// Evaluates `op`, and those before it that came with its proposal. Fails where a value must not be kept.
  bool learn(Operation *op) {
    SmallVector<Tensor> operands, perturbed, results, others;
    bool exact = true;
    double factor = 1;
    int64_t terms = 1;
    for (Value operand : op->getOperands()) {
      if (!known.count(operand) && !learn(operand.getDefiningOp()))
        return false;
      const Known &source = known[operand];
      operands.push_back(source.tensor);
      perturbed.push_back(source.error == 0 ? source.tensor : shaken(source));
      exact &= source.error == 0;
      factor *= std::max(1.0, largest(source.tensor));
      terms = std::max(terms, source.tensor.getNumElements());
    }
    auto evaluator = cast<EvaluateOpInterface>(op);
    if (failed(evaluator.evaluate(operands, results)) || failed(evaluator.evaluate(perturbed, others)))
      return false;
    SmallVector<double> errors;
    for (auto [result, other] : llvm::zip_equal(results, others)) {
      Type element = result.getElementType();
      if (result.getNumElements() > mostElements || result.getType().getRank() > mostDimensions)
        return false;
      errors.push_back(0);
      if (!hasFloats(element)) {
        if (result.bytes() != other.bytes())
          return false;
        continue;
      }
      double size = largest(result), epsilon = epsilonOf(element), &error = errors.back();
      bool isSmall = epsilon > 1e-4;
      if (size > largestFloat)
        return false;
      for (auto [x, y] : llvm::zip_equal(floatsOf(result), floatsOf(other)))
        error = std::max(error, std::isfinite(y) ? 2 * std::abs(x - y) : INFINITY);
      // One rounding for the 16-bit floats, which are computed in f32; some units for functions of the others.
      if (rounds(op) || !exact)
        error += (isSmall ? 2 : 8) * epsilon * std::max(size, 1.0);
      // Sums are made in any order, those of the 16-bit floats in f32.
      if (isa<ReduceOp, ReduceWindowOp, CumulativeOp, DotGeneralOp, ConvOp, ScatterOp, CholeskyOp, LUOp,
              TriangularSolveOp, SVDOp, EighOp, QROp, FFTOp>(op))
        error += std::min(epsilon, 0x1p-23) * factor * terms;
      if (error > (isSmall ? 0.25 : 1e-3) * std::max(size, 1.0))
        return false;
    }
    for (auto [value, tensor, error] : llvm::zip_equal(op->getResults(), results, errors))
      known[value] = {tensor, error};
    return true;
  }

  /// The tensor with each float off by its error, in a random direction.
  Tensor shaken(const Known &source) {
    Tensor tensor = copyOf(source.tensor);
    forEachFloat(tensor, [&](double x) { return x + (coin() ? source.error : -source.error); });
    return tensor;
  }

  bool keep(Value value) {
    if (!value || known.count(value))
      return false;
    Operation *op = value.getDefiningOp();
    if (!learn(op)) {
      op->erase();
      return false;
    }
    llvm::append_range(values, op->getResults());
    return true;
  }

  RandomGraph finish() {
    RandomGraph graph;
    SmallVector<Value> returned;
    for (Value value : values)
      if (value.use_empty() && value.getDefiningOp()) {
        returned.push_back(value);
        graph.results.push_back(known[value].tensor);
        graph.tolerances.push_back(known[value].error);
      }
    // What rejected proposals left behind.
    for (Operation &op : llvm::make_early_inc_range(llvm::reverse(function.getBody().front())))
      if (op.use_empty() && !llvm::is_contained(values, op.getResult(0)))
        op.erase();
    func::ReturnOp::create(builder, loc, returned);
    function.setFunctionType(
        builder.getFunctionType(function.getBody().getArgumentTypes(), ValueRange(returned).getTypes()));
    graph.module = std::move(module);
    graph.arguments = std::move(arguments);
    return graph;
  }

  std::mt19937 random;
  OpBuilder builder;
  Location loc;
  CheckedBuilder core;
  OwningOpRef<ModuleOp> module;
  func::FuncOp function;
  SmallVector<Tensor> arguments;
  SmallVector<Value> values;
  llvm::DenseMap<Value, Known> known;
};

} // namespace lathe::random
#endif
