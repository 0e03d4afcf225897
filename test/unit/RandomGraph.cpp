// SPDX-License-Identifier: Apache-2.0
// What a random function may consist of: proposals for every op of the dialect, always valid, on values that are there.
#include "test/unit/RandomGraphGenerator.h"

using namespace mlir;
using namespace lathe;
using namespace lathe::core;
using namespace lathe::random;

static bool hasRank(RankedTensorType type) {
  return type.getRank() > 0;
}

Combiner Generator::someCombiner(Value x) {
  switch (kindOf(CheckedBuilder::elementOf(x))) {
  case evaluate::Bool:
    return oneOf({Combiner::And, Combiner::Or});
  case evaluate::Int:
    return oneOf({Combiner::Add, Combiner::Mul, Combiner::Min, Combiner::Max, Combiner::And, Combiner::Or});
  case evaluate::Complex:
    return oneOf({Combiner::Add, Combiner::Mul});
  default:
    return oneOf({Combiner::Add, Combiner::Mul, Combiner::Min, Combiner::Max});
  }
}

Value Generator::proposeElementwise() {
  using namespace evaluate;
  auto make = [&](StringRef name, ValueRange operands) {
    return operands.back() ? core.create(("core." + name).str(), operands, {}, operands.front().getType()) : Value();
  };
  switch (below(10)) {
  case 0:
  case 1: {
    Value x = some(Float);
    return make(oneOf<StringRef>({"ceil", "cos", "erf", "exp", "expm1", "floor", "log", "log1p", "logistic",
                                  "round_even", "rsqrt", "sin", "sqrt", "tan", "tanh"}),
                {x});
  }
  case 2: {
    bool neg = coin();
    Value x = some(neg ? Number : Real);
    return make(neg ? "neg" : oneOf<StringRef>({"abs", "sign"}), {x});
  }
  case 3: {
    Value x = some(Number), y = similar(x);
    return make(oneOf<StringRef>({"add", "sub", "mul", "div"}), {x, y});
  }
  case 4: {
    bool angle = below(4) == 0;
    Value x = some(angle ? Float : Real), y = similar(x);
    return make(angle ? "atan2" : oneOf<StringRef>({"max", "min", "pow", "rem"}), {x, y});
  }
  case 5: {
    bool shift = coin();
    Value x = some(shift ? Int : Bits);
    if (below(5) == 0)
      return make("not", {x});
    Value y = similar(x);
    return make(shift ? oneOf<StringRef>({"shift_left", "shift_right"}) : oneOf<StringRef>({"and", "or", "xor"}),
                {x, y});
  }
  case 6: {
    if (coin())
      return core.isFinite(some(Float));
    Value x = some(Any), y = similar(x);
    if (!y)
      return {};
    if (kindOf(CheckedBuilder::elementOf(x)) == Complex)
      return core.compare(oneOf({Comparison::EQ, Comparison::NE}), x, y);
    return core.compare(
        oneOf({Comparison::EQ, Comparison::NE, Comparison::LT, Comparison::LE, Comparison::GT, Comparison::GE}), x, y);
  }
  case 7: {
    Value p = some(Bool);
    Value x =
        p ? some(Any, [&](RankedTensorType type) { return type.getShape() == CheckedBuilder::shapeOf(p); }) : Value();
    return x ? core.select(p, x, similar(x)) : Value();
  }
  case 8:
    switch (below(3)) {
    case 0: {
      Value z = some(Complex);
      return coin() ? core.real(z) : core.imag(z);
    }
    case 1: {
      Value x = some(Float, [](RankedTensorType type) { return type.getElementTypeBitWidth() >= 32; });
      return x ? core.complex(x, similar(x)) : Value();
    }
    default: {
      Value x = some(Any);
      return x ? core.convert(x, someElement(Any)) : Value();
    }
    }
  default: {
    Value x = some(Float);
    if (!x)
      return {};
    if (coin())
      return core.special(
          oneOf({Special::Lgamma, Special::Digamma, Special::Erfc, Special::Erfinv, Special::Ndtri, Special::BesselI0, Special::BesselI1,
                 Special::BesselI0e, Special::BesselI1e, Special::BesselJ0, Special::BesselJ1, Special::BesselY0, Special::BesselY1,
                 Special::BesselK0, Special::BesselK1, Special::BesselK0e, Special::BesselK1e, Special::Dawsn, Special::Expint,
                 Special::FresnelCos, Special::FresnelSin, Special::Spence}),
          {x});
    Value y = similar(x), z = similar(x);
    if (below(4) == 0)
      return core.special(Special::Betainc, {x, y, z});
    return core.special(oneOf({Special::Igamma, Special::Igammac, Special::IgammaGradA, Special::Zeta, Special::Polygamma}), {x, y});
  }
  }
}

Value Generator::proposeMovement() {
  using namespace evaluate;
  unsigned choice = below(13);
  if (choice == 0) {
    Sizes shape = someShape();
    if (shape.empty())
      return core.splat(shape, someElement(Any), 1);
    // The checked builder would fold it.
    int64_t dimension = below(shape.size());
    return IotaOp::create(builder, loc, RankedTensorType::get(shape, someElement(Number)), dimension);
  }
  Value x = some(Any, hasRank);
  if (!x)
    return {};
  ArrayRef<int64_t> shape = CheckedBuilder::shapeOf(x);
  Type element = CheckedBuilder::elementOf(x);
  unsigned rank = shape.size(), dimension = below(rank);
  bool canAdd = arguments.size() + 2 <= mostArguments;
  auto index = [&](ArrayRef<int64_t> sizes) { return canAdd ? argument(sizes, someElement(Int)) : Value(); };
  switch (choice) {
  case 1: {
    Sizes sizes(shape);
    if (rank > 1 && coin()) {
      sizes[0] *= sizes[1];
      sizes.erase(sizes.begin() + 1);
    } else {
      sizes.insert(sizes.begin() + below(rank + 1), 1);
    }
    return core.reshape(x, sizes);
  }
  case 2: {
    Type to = someElement(Int);
    int64_t width = elementBytes(element), toWidth = elementBytes(to);
    Sizes sizes(shape);
    if (width > toWidth)
      sizes.push_back(width / toWidth);
    else if (width < toWidth && sizes.pop_back_val() != toWidth / width)
      return {};
    return kindOf(element) & (Bool | Complex) ? Value() : core.bitcast(x, RankedTensorType::get(sizes, to));
  }
  case 3: {
    Sizes permutation = llvm::to_vector(llvm::seq<int64_t>(0, rank));
    for (unsigned d = rank; d-- > 1;)
      std::swap(permutation[d], permutation[below(d + 1)]);
    return core.transpose(x, permutation);
  }
  case 4: {
    Sizes sizes, dimensions;
    for (int64_t size : shape) {
      if (below(3) == 0)
        sizes.push_back(1 + below(3));
      dimensions.push_back(sizes.size());
      sizes.push_back(size == 1 ? 1 + below(4) : size);
    }
    return core.broadcast(x, sizes, dimensions);
  }
  case 5: {
    Sizes starts, sizes, strides;
    for (int64_t size : shape) {
      starts.push_back(below(size + 1));
      strides.push_back(1 + below(3));
      sizes.push_back(below(llvm::divideCeil(size - starts.back(), strides.back()) + 1));
    }
    return core.slice(x, starts, sizes, strides);
  }
  case 6: {
    Sizes sizes;
    for (int64_t size : shape)
      sizes.push_back(below(size + 1));
    return core.dynamicSlice(x, index({rank}), sizes);
  }
  case 7:
    return core.concat({x, similar(x), x}, dimension);
  case 8: {
    if (!canAdd)
      return {};
    Sizes low, high, interior;
    for (int64_t size : shape) {
      interior.push_back(below(2));
      low.push_back(static_cast<int64_t>(below(4)) - 1);
      high.push_back(static_cast<int64_t>(below(4)) - 1);
      if (low.back() + high.back() + size + std::max<int64_t>(size - 1, 0) * interior.back() < 0)
        low.back() = high.back() = 1;
    }
    return core.pad(x, argument(ArrayRef<int64_t>(), element), low, high, interior);
  }
  case 9: {
    Sizes dimensions;
    for (unsigned d = 0; d < rank; ++d)
      if (coin())
        dimensions.push_back(d);
    return core.reverse(x, dimensions);
  }
  case 10: {
    unsigned batch = below(dimension + 1);
    Sizes sizes(shape.take_front(batch));
    if (coin())
      sizes.push_back(1 + below(4));
    return shape[dimension] == 0 ? Value() : core.gather(x, index(sizes), dimension, batch);
  }
  default: {
    if (!canAdd)
      return {};
    Sizes updates(shape);
    updates[0] = below(5);
    Combiner combiner = coin() ? Combiner::Set : someCombiner(x);
    Value places = index({updates[0]});
    return core.scatter(combiner, x, places, argument(updates, element));
  }
  }
}

Value Generator::proposeReduction() {
  using namespace evaluate;
  unsigned choice = below(6);
  Value x = some(choice < 3 ? Any : choice < 4 ? Number : Real, hasRank);
  if (!x)
    return {};
  ArrayRef<int64_t> shape = CheckedBuilder::shapeOf(x);
  unsigned rank = shape.size(), dimension = below(rank);
  Type index = coin() ? builder.getI32Type() : builder.getI64Type();
  switch (choice) {
  case 0:
  case 1: {
    Sizes dimensions;
    for (unsigned d = 0; d < rank; ++d)
      if (coin())
        dimensions.push_back(d);
    return core.reduce(someCombiner(x), x, dimensions);
  }
  case 2: {
    Sizes window, strides, dilations, low, high;
    for (unsigned d = 0; d < rank; ++d) {
      window.push_back(1 + below(3));
      strides.push_back(1 + below(2));
      dilations.push_back(1 + below(2));
      low.push_back(below(2));
      high.push_back(below(3));
    }
    return core.reduceWindow(someCombiner(x), x, window, strides, dilations, low, high);
  }
  case 3: {
    Combiner combiner = oneOf({Combiner::Add, Combiner::Mul, Combiner::Min, Combiner::Max});
    if (kindOf(CheckedBuilder::elementOf(x)) == Complex)
      combiner = oneOf({Combiner::Add, Combiner::Mul});
    bool exclusive = coin();
    return core.cumulative(combiner, x, dimension, exclusive, coin());
  }
  case 4:
    return shape[dimension] == 0 ? Value() : core.argReduce(oneOf({Combiner::Min, Combiner::Max}), x, dimension, index);
  default: {
    std::optional<int64_t> count = coin() ? std::optional<int64_t>(below(shape[dimension] + 1)) : std::nullopt;
    return core.sort(x, dimension, coin(), index, count).first;
  }
  }
}

Value Generator::proposeContraction() {
  using namespace evaluate;
  if (arguments.size() + 2 > mostArguments)
    return {};
  switch (below(5)) {
  case 4: {
    Value x = some(Complex, [](RankedTensorType type) { return type.getRank() > 0 && type.getShape().back() > 0; });
    return x ? core.fft(x, coin()) : Value();
  }
  case 0:
  case 1: {
    Value x = some(Number, hasRank);
    if (!x || arguments.size() == mostArguments)
      return {};
    ArrayRef<int64_t> shape = CheckedBuilder::shapeOf(x);
    int64_t contracted = below(shape.size()), batch = below(shape.size());
    Sizes lhsBatch, rhsBatch, other;
    if (batch != contracted && coin()) {
      lhsBatch.push_back(batch);
      rhsBatch.push_back(0);
      other.push_back(shape[batch]);
    }
    other.push_back(1 + below(4));
    other.push_back(shape[contracted]);
    Value y = argument(other, CheckedBuilder::elementOf(x));
    return core.dotGeneral(x, y, lhsBatch, rhsBatch, {contracted}, {static_cast<int64_t>(other.size()) - 1});
  }
  case 2: {
    Type element = someElement(Number);
    unsigned spatial = 1 + below(2);
    int64_t groups = 1 + below(2), channels = 1 + below(2), perGroup = 1 + below(2);
    Sizes input, filter, strides, low, high, inputDilation, filterDilation;
    input.push_back(1 + below(2));
    for (unsigned d = 0; d < spatial; ++d) {
      input.push_back(1 + below(4));
      filter.push_back(1 + below(3));
      strides.push_back(1 + below(2));
      low.push_back(static_cast<int64_t>(below(4)) - 1);
      high.push_back(below(3));
      inputDilation.push_back(1 + below(2));
      filterDilation.push_back(1 + below(2));
    }
    input.push_back(channels * groups);
    filter.push_back(channels);
    filter.push_back(groups * perGroup);
    Value x = argument(input, element), y = argument(filter, element);
    return core.conv(x, y, strides, low, high, inputDilation, filterDilation, groups);
  }
  default: {
    Type real = coin() ? builder.getF32Type() : builder.getF64Type();
    if (below(3) == 0) {
      auto number = [&](unsigned width) { return builder.getIntegerType(width, /*isSigned=*/false); };
      Value key = argument(ArrayRef<int64_t>(), number(64)), counter = argument({2}, number(64));
      return coin() ? core.rngBits(key, counter, someShape(), number(coin() ? 32 : 64))
                    : core.rngSample(oneOf({Distribution::Normal, Distribution::TruncatedNormal}), key, counter, {}, someShape(), real);
    }
    Value a = matrix(real);
    switch (below(6)) {
    case 5:
      return core.qr(a, coin()).front();
    case 0:
      return core.cholesky(a);
    case 1:
      return core.lu(a).front();
    case 2:
      return core.svd(a, coin()).front();
    case 3:
      return core.eigh(a).front();
    default:
      break;
    }
    Sizes sizes(CheckedBuilder::shapeOf(a));
    sizes.back() = 1 + below(3);
    Value rhs = argument(sizes, CheckedBuilder::elementOf(a));
    bool lower = coin(), transpose = coin();
    return core.triangularSolve(a, rhs, lower, transpose, below(4) == 0);
  }
  }
}

Value Generator::propose() {
  unsigned choice = below(10);
  if (choice < 4)
    return proposeElementwise();
  if (choice < 7)
    return proposeMovement();
  return choice < 9 ? proposeReduction() : proposeContraction();
}

RandomGraph lathe::makeRandomGraph(MLIRContext &context, unsigned seed) {
  return Generator(context, seed).grow();
}
