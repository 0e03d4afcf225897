// SPDX-License-Identifier: Apache-2.0
// The import table: random numbers, drawn as TensorFlow's kernels for processors draw them.
#include "ir/evaluate/Philox.h"
#include "passes/legalize/Rows.h"
#include "passes/legalize/Table.h"
#include "llvm/Support/xxhash.h"

using namespace mlir;
using namespace lathe;
using namespace lathe::core;
using namespace lathe::legalize;

namespace {
/// Where in the generator's stream a node begins. Without a key after a failure, which has been reported.
struct Stream {
  Value key, counter;
};
} // namespace

static Type unsignedType(Node &n, unsigned width) {
  return IntegerType::get(n.b.builder.getContext(), width, IntegerType::Unsigned);
}

/// Numbers that a double could not hold.
static Value longs(Node &n, ArrayRef<uint64_t> values, ArrayRef<int64_t> shape) {
  return n.b.constant(DenseElementsAttr::get(RankedTensorType::get(shape, unsignedType(n, 64)), values));
}

/// The attributes `seed` and `seed2` of a node with a generator of its own. Where both are 0, TensorFlow takes some at
/// random; here a hash of the node's name stands for them, so that nodes differ and programs do not.
static std::pair<uint64_t, uint64_t> seedsOf(Node &n) {
  uint64_t seed = n.integer("seed"), second = n.integer("seed2");
  if (seed == 0 && second == 0)
    seed = llvm::xxh3_64bits(nodeNames(n.b.loc).node);
  return {seed, second};
}

/// Reports a node with a generator of its own in a loop: each round would have to go on where the last one ended.
static bool keepsState(Node &n) {
  if (n.isInLoop())
    n.fail(Code::RandomState, "the node draws other numbers in each round of a loop");
  return n.isInLoop();
}

static Stream statefulStream(Node &n) {
  if (keepsState(n))
    return {};
  auto [seed, second] = seedsOf(n);
  return {longs(n, {seed}, {}), longs(n, {0, second}, {2})};
}

/// Operand `i`, two integers, mixed by the generator itself.
static Stream mixedSeed(Node &n, size_t i) {
  if (n.shape(i) != ArrayRef<int64_t>{2}) {
    n.mismatch("the seed must be two integers");
    return {};
  }
  Value counter = n.b.bitcast(n.b.convert(n[i], n.i64()), RankedTensorType::get({2}, unsignedType(n, 64)));
  constexpr uint64_t mixingKey = 0x02461e293ec8f720;
  Value mixed = n.b.rngBits(longs(n, {mixingKey}, {}), counter, {2}, unsignedType(n, 64));
  if (!mixed)
    return {};
  Value zero = longs(n, {0}, {1});
  return {n.b.reshape(sliceAlong(n.b, mixed, 0, 0, 1), {}), n.b.concat({zero, sliceAlong(n.b, mixed, 0, 1, 1)}, 0)};
}

/// Key, counter and algorithm as operands 1 to 3.
static Stream givenStream(Node &n) {
  constexpr int64_t philox = 1, automatic = 3;
  std::optional<int64_t> algorithm = n.constantInt(3);
  if (!algorithm)
    return {};
  if (*algorithm != philox && *algorithm != automatic) {
    n.unsupported("random numbers by algorithm " + Twine(*algorithm) + ", which is not Philox");
    return {};
  }
  if (product(n.shape(1)) != 1 || n.rank(2) != 1 || n.shape(2)[0] < 2) {
    n.mismatch("the key must be one number and the counter two");
    return {};
  }
  return {n.b.reshape(n[1], {}), sliceAlong(n.b, n[2], 0, 0, 2)};
}

/// How a node says where its stream begins.
enum class Seeding { Attributes, Operand, Given };

template <Seeding seeding> static Stream streamOf(Node &n) {
  switch (seeding) {
  case Seeding::Attributes:
    return statefulStream(n);
  case Seeding::Operand:
    return mixedSeed(n, 1);
  case Seeding::Given:
    return givenStream(n);
  }
}

static Term bits(Node &n, const Stream &stream, ArrayRef<int64_t> shape, unsigned width) {
  return {n.b, n.b.rngBits(stream.key, stream.counter, shape, unsignedType(n, width))};
}

/// `x`, as signed or unsigned numbers of the same width.
static Term as(Term x, Type element) {
  return {*x.b, x.value ? x.b->bitcast(x, RankedTensorType::get(x.b->shapeOf(x), element)) : Value()};
}

/// In [0, 1): the fraction's bits behind the exponent of 1, less 1.
static Term uniform(Node &n, const Stream &stream, ArrayRef<int64_t> shape, Type element) {
  auto type = cast<FloatType>(element);
  unsigned fraction = type.getFPMantissaWidth() - 1, width = type.getWidth();
  double fractionBits = static_cast<double>((uint64_t(1) << fraction) - 1);
  double one = static_cast<double>(((uint64_t(1) << (width - 1 - fraction - 1)) - 1) << fraction);
  Term x = bits(n, stream, shape, std::max(width, 32u));
  if (!x.value)
    return x;
  if (width == 64) {
    // TensorFlow takes the first word for the upper half.
    constexpr double highBits = (1 << 20) - 1;
    Term word = like(x, 32);
    x = apply<ShiftLeftOp>(x & like(x, highBits), word) | apply<ShiftRightOp>(x, word) | like(x, one);
  } else {
    x = convert((x & like(x, fractionBits)) | like(x, one), unsignedType(n, width));
  }
  return as(x, element) - 1;
}

template <Seeding seeding> static Values randomUniform(Node &n) {
  std::optional<Ints> shape = n.constantInts(0);
  Stream stream = shape ? streamOf<seeding>(n) : Stream();
  Type element = n.type("dtype");
  return stream.key ? Values{uniform(n, stream, *shape, element ? element : n.f32())} : Values();
}

/// Samples of f16 and bf16 are made in f32.
template <Seeding seeding, Distribution distribution> static Values randomNormal(Node &n) {
  std::optional<Ints> shape = n.constantInts(0);
  Stream stream = shape ? streamOf<seeding>(n) : Stream();
  if (!stream.key)
    return {};
  Type element = n.type("dtype") ? n.type("dtype") : n.f32(), drawn = element.isF64() ? element : n.f32();
  return {n.b.convert(n.b.rngSample(distribution, stream.key, stream.counter, {}, *shape, drawn), element)};
}

/// From operand `first` on up to the operand behind it.
template <Seeding seeding, size_t first> static Values randomInteger(Node &n) {
  std::optional<Ints> shape = n.constantInts(0);
  Stream stream = shape ? streamOf<seeding>(n) : Stream();
  if (!stream.key)
    return {};
  n.demand(n(first) < n(first + 1), "minval must be less than maxval");
  Type element = n.element(first), drawn = unsignedType(n, element.getIntOrFloatBitWidth());
  Term low = as(n(first), drawn), range = as(n(first + 1), drawn) - low;
  return {as(low + rem(bits(n, stream, *shape, drawn.getIntOrFloatBitWidth()), range), element)};
}

template <Seeding seeding> static Values randomFullInteger(Node &n) {
  std::optional<Ints> shape = n.constantInts(0);
  Stream stream = shape ? streamOf<seeding>(n) : Stream();
  Type element = n.type("dtype") ? n.type("dtype") : n.i64();
  return stream.key ? Values{as(bits(n, stream, *shape, element.getIntOrFloatBitWidth()), element)} : Values();
}

/// `x` in the type that the node's result has; what comes from f64 goes through f32 to narrower floats.
static Value narrowed(Node &n, Value x, Type element) {
  return n.b.convert(element.isF16() || element.isBF16() ? n.b.convert(x, n.f32()) : x, element);
}

static Values gammaOf(Node &n, const Stream &stream, size_t alpha, ArrayRef<int64_t> shape) {
  Value wide = n.b.convert(n[alpha], n.b.builder.getF64Type());
  if (!stream.key || !wide)
    return {};
  Value drawn = n.b.rngSample(Distribution::Gamma, stream.key, stream.counter, wide, shape, n.b.elementOf(wide));
  return {narrowed(n, drawn, n.element(alpha))};
}

/// The shape in operand 0, and behind it that of operand `i`.
static std::optional<Ints> shapeBefore(Node &n, size_t i) {
  std::optional<Ints> shape = n.constantInts(0);
  if (shape)
    llvm::append_range(*shape, n.shape(i));
  return shape;
}

static Values randomGamma(Node &n) {
  std::optional<Ints> shape = shapeBefore(n, 1);
  return shape ? gammaOf(n, statefulStream(n), 1, *shape) : Values();
}

template <Seeding seeding, size_t alpha> static Values statelessGamma(Node &n) {
  std::optional<Ints> shape = n.constantInts(0);
  return shape ? gammaOf(n, streamOf<seeding>(n), alpha, *shape) : Values();
}

static Values poissonOf(Node &n, const Stream &stream, size_t rate, ArrayRef<int64_t> shape) {
  Type result = n.type("dtype");
  Value wide = n.b.convert(n[rate], n.b.builder.getF64Type());
  if (!stream.key || !wide)
    return {};
  Value drawn = n.b.rngSample(Distribution::Poisson, stream.key, stream.counter, wide, shape, n.b.elementOf(wide));
  return {narrowed(n, drawn, result ? result : n.i64())};
}

static Values randomPoisson(Node &n) {
  std::optional<Ints> shape = shapeBefore(n, 1);
  return shape ? poissonOf(n, statefulStream(n), 1, *shape) : Values();
}

static Values statelessPoisson(Node &n) {
  std::optional<Ints> shape = n.constantInts(0);
  return shape ? poissonOf(n, mixedSeed(n, 1), 2, *shape) : Values();
}

/// Rows in an order by Fisher and Yates, which is known when compiling.
static Values randomShuffle(Node &n) {
  if (n.rank(0) == 0 || n.shape(0)[0] <= 1)
    return firstOperand(n);
  if (keepsState(n))
    return {};
  auto [seed, second] = seedsOf(n);
  int64_t count = n.shape(0)[0];
  Ints order = upTo(count);
  for (int64_t i = 0; i + 1 < count; ++i)
    std::swap(order[i],
              order[i + evaluate::philoxBlock(seed, 0, second, i / 4)[i % 4] % static_cast<uint32_t>(count - i)]);
  return {n.b.gather(n[0], n.b.integers(order, n.i32()), 0)};
}

/// For each sample, how many of the running sums of a row's weights do not exceed it.
static Values multinomialOf(Node &n, const Stream &stream) {
  std::optional<int64_t> samples = n.constantInt(1);
  if (!stream.key || !samples)
    return {};
  if (n.rank(0) != 2 || n.shape(0)[1] == 0)
    return n.mismatch("the logits must be a matrix with at least one column");
  int64_t rows = n.shape(0)[0], classes = n.shape(0)[1];
  Type f64 = n.b.builder.getF64Type();
  Term logits = convert(n(0), f64), finite{n.b, n.b.isFinite(logits)};
  if (!finite.value)
    return {};
  Term lowest{n.b, n.b.reduce(Combiner::Max, select(finite, logits, std::numeric_limits<double>::lowest()), {1}, true)};
  Term weights = select(finite, exp(logits - lowest), 0);
  Term sums = reshape({n.b, n.b.cumulative(Combiner::Add, weights, 1, false, false)}, {rows, 1, classes});
  if (!sums.value)
    return {};
  Term total{n.b, sliceAlong(n.b, sums, 2, classes - 1, 1)};
  Term wanted = reshape(uniform(n, stream, {rows, *samples}, f64), {rows, *samples, 1}) * total;
  Type result = n.type("output_dtype");
  return {sumOf(convert(sums <= wanted, result ? result : n.i64()), {2})};
}

static Values multinomial(Node &n) {
  return multinomialOf(n, statefulStream(n));
}
static Values statelessMultinomial(Node &n) {
  return multinomialOf(n, mixedSeed(n, 2));
}

static Values algorithm(Node &n) {
  return {n.b.scalar(n.i32(), 1)};
}

static Values keyAndCounter(Node &n) {
  Stream stream = mixedSeed(n, 0);
  return stream.key ? Values{n.b.reshape(stream.key, {1}), stream.counter} : Values();
}

static Values keyCounterAlgorithm(Node &n) {
  Values results = keyAndCounter(n);
  if (!results.empty())
    results.append(algorithm(n));
  return results;
}

ArrayRef<LegalizationRow> legalize::randomRows() {
  using enum Seeding;
  static constexpr LegalizationRow rows[] = {
      {"Multinomial", multinomial},
      {"RandomGamma", randomGamma},
      {"RandomPoisson", randomPoisson},
      {"RandomPoissonV2", randomPoisson},
      {"RandomShuffle", randomShuffle},
      {"RandomStandardNormal", randomNormal<Attributes, Distribution::Normal>},
      {"RandomUniform", randomUniform<Attributes>},
      {"RandomUniformInt", randomInteger<Attributes, 1>},
      {"StatelessMultinomial", statelessMultinomial},
      {"StatelessRandomGammaV2", statelessGamma<Operand, 2>},
      {"StatelessRandomGammaV3", statelessGamma<Given, 4>},
      {"StatelessRandomGetAlg", algorithm},
      {"StatelessRandomGetKeyCounter", keyAndCounter},
      {"StatelessRandomGetKeyCounterAlg", keyCounterAlgorithm},
      {"StatelessRandomNormal", randomNormal<Operand, Distribution::Normal>},
      {"StatelessRandomNormalV2", randomNormal<Given, Distribution::Normal>},
      {"StatelessRandomPoisson", statelessPoisson},
      {"StatelessRandomUniform", randomUniform<Operand>},
      {"StatelessRandomUniformFullInt", randomFullInteger<Operand>},
      {"StatelessRandomUniformFullIntV2", randomFullInteger<Given>},
      {"StatelessRandomUniformInt", randomInteger<Operand, 2>},
      {"StatelessRandomUniformIntV2", randomInteger<Given, 4>},
      {"StatelessRandomUniformV2", randomUniform<Given>},
      {"StatelessTruncatedNormal", randomNormal<Operand, Distribution::TruncatedNormal>},
      {"StatelessTruncatedNormalV2", randomNormal<Given, Distribution::TruncatedNormal>},
      {"TruncatedNormal", randomNormal<Attributes, Distribution::TruncatedNormal>},
  };
  return rows;
}
