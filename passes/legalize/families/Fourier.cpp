// SPDX-License-Identifier: Apache-2.0
// The import table: Fourier transforms of complex and of real numbers, along one or several dimensions.
#include "passes/legalize/Rows.h"
#include "passes/legalize/Table.h"
#include <cmath>

using namespace mlir;
using namespace lathe;
using namespace lathe::core;
using namespace lathe::legalize;

static Term conjugate(Term z) {
  CheckedBuilder &b = *z.b;
  return z.value ? Term(b, b.complex(b.real(z), -Term(b, b.imag(z)))) : z;
}

/// i * z.
static Term turned(Term z) {
  CheckedBuilder &b = *z.b;
  return z.value ? Term(b, b.complex(-Term(b, b.imag(z)), b.real(z))) : z;
}

/// The numbers exp(sign * pi * i * angle[k]) as a constant vector, of parts of type `part`.
template <typename F> static Term unitNumbers(CheckedBuilder &b, int64_t count, Type part, double sign, F angle) {
  SmallVector<double> real, imaginary;
  for (int64_t k = 0; k < count; ++k) {
    double radians = sign * M_PI * angle(k);
    real.push_back(std::cos(radians));
    imaginary.push_back(std::sin(radians));
  }
  auto vector = [&](ArrayRef<double> values) {
    return b.convert(b.constant(DenseElementsAttr::get(RankedTensorType::get({count}, b.builder.getF64Type()), values)),
                     part);
  };
  return {b, b.complex(vector(real), vector(imaginary))};
}

static Type partOf(Value z) {
  return cast<ComplexType>(CheckedBuilder::elementOf(z)).getElementType();
}

/// `x` with the last dimension cut or filled up with zeros to `size`.
static Value fitLast(CheckedBuilder &b, Value x, int64_t size) {
  int64_t last = b.typeOf(x).getRank() - 1;
  Ints none(last + 1, 0), high = none;
  high[last] = size - b.shapeOf(x)[last];
  return high[last] ? b.pad(x, b.scalar(b.elementOf(x), 0), none, high) : x;
}

/// Bluestein's transform along the last dimension, as a convolution with a chirp: its own transforms have a length that
/// is a power of two.
static Term chirpTransform(CheckedBuilder &b, Value x, bool inverse) {
  int64_t n = b.shapeOf(x).back(), length = llvm::PowerOf2Ceil(2 * n - 1);
  double sign = inverse ? 1 : -1;
  // k^2 / n, reduced while it is exact.
  auto angle = [&](int64_t k) { return static_cast<double>(k * k % (2 * n)) / static_cast<double>(n); };
  Term chirp = unitNumbers(b, n, partOf(x), sign, angle),
       exact = unitNumbers(b, n, b.builder.getF64Type(), -sign, angle);
  Value zeros = b.splat({length - 2 * n + 1}, b.elementOf(exact), 0);
  Value back = n > 1 ? b.reverse(sliceAlong(b, exact, 0, 1, n - 1), {0}) : Value();
  Value filter =
      b.fft(b.concat(back ? ValueRange({exact, zeros, back}) : ValueRange({exact, zeros}), 0), /*inverse=*/false);
  Term spectrum{b, b.complex(b.convert(b.real(filter), partOf(x)), b.convert(b.imag(filter), partOf(x)))};
  Term padded{b, fitLast(b, Term(b, x) * chirp, length)};
  Term result{b, b.fft(Term(b, b.fft(padded, /*inverse=*/false)) * spectrum, /*inverse=*/true)};
  result = Term(b, fitLast(b, result, n)) * chirp;
  return inverse ? result / static_cast<double>(n) : result;
}

/// The transform along the last dimension.
static Term transformLast(CheckedBuilder &b, Value x, bool inverse) {
  if (!x)
    return {b, {}};
  // Larger primes than this have no butterflies.
  constexpr int64_t mostRadix = 61;
  int64_t rest = b.shapeOf(x).back();
  for (int64_t p = 2; p <= mostRadix && rest > 1; ++p)
    while (rest % p == 0)
      rest /= p;
  return rest > 1 ? chirpTransform(b, x, inverse) : Term(b, b.fft(x, inverse));
}

/// `transform` applied along `dimension`.
template <typename F> static Value along(CheckedBuilder &b, Value x, int64_t dimension, F transform) {
  int64_t last = b.typeOf(x).getRank() - 1;
  Value result = transform(moveDimension(b, x, dimension, last));
  return result ? moveDimension(b, result, last, dimension) : Value();
}

/// For an even n, even and odd elements are the parts of n / 2 complex numbers, whose transform has both of theirs.
Term legalize::transformReal(CheckedBuilder &b, Value x) {
  Ints shape(b.shapeOf(x)), starts(shape.size(), 0), strides(shape.size(), 1);
  int64_t last = shape.size() - 1, n = shape[last], half = n / 2;
  if (n % 2) {
    Term z = transformLast(b, b.complex(x, b.splatLike(x, 0)), /*inverse=*/false);
    return {b, z.value ? fitLast(b, z, half + 1) : Value()};
  }
  shape[last] = half;
  strides[last] = 2;
  Value even = b.slice(x, starts, shape, strides);
  starts[last] = 1;
  Term z = transformLast(b, b.complex(even, b.slice(x, starts, shape, strides)), /*inverse=*/false);
  if (!z.value)
    return z;
  Term ring{b, b.concat({z, sliceAlong(b, z, last, 0, 1)}, last)};
  Term mirrored = conjugate({b, b.reverse(ring, {last})});
  Term roots = unitNumbers(b, half + 1, partOf(z), -1,
                           [&](int64_t k) { return static_cast<double>(k) / static_cast<double>(half); });
  return (ring + mirrored) * 0.5 - turned((ring - mirrored) * 0.5) * roots;
}

/// n real numbers along the last dimension from the first n / 2 + 1 of their transform.
static Term restoreReal(CheckedBuilder &b, Value x, int64_t n) {
  x = fitLast(b, x, n / 2 + 1);
  int64_t last = b.typeOf(x).getRank() - 1, half = n / 2;
  // Real numbers have a real first number, and a real one in the middle if there is one.
  SmallVector<double> mask(half + 1, 1);
  mask[0] = 0;
  if (n % 2 == 0)
    mask[half] = 0;
  Value maskValue = b.convert(
      b.constant(DenseElementsAttr::get(RankedTensorType::get({half + 1}, b.builder.getF64Type()), ArrayRef(mask))),
      partOf(x));
  Term z{b, b.complex(b.real(x), Term(b, b.imag(x)) * Term(b, maskValue))};
  if (n % 2) {
    Value back = half ? b.reverse(conjugate({b, sliceAlong(b, z, last, 1, half)}), {last}) : Value();
    Term whole = transformLast(b, back ? b.concat({z, back}, last) : z, /*inverse=*/true);
    return {b, whole.value ? b.real(whole) : Value()};
  }
  Term mirrored = conjugate({b, b.reverse(z, {last})});
  Term roots = unitNumbers(b, half + 1, partOf(z), 1,
                           [&](int64_t k) { return static_cast<double>(k) / static_cast<double>(half); });
  Term both = (z + mirrored) * 0.5 + turned((z - mirrored) * 0.5 * roots);
  Term pairs = transformLast(b, fitLast(b, both, half), /*inverse=*/true);
  if (!pairs.value)
    return pairs;
  Ints shape(b.shapeOf(pairs)), single(shape);
  single.push_back(1);
  shape[last] = n;
  Value joined = b.concat({b.reshape(b.real(pairs), single), b.reshape(b.imag(pairs), single)}, last + 1);
  return {b, b.reshape(joined, shape)};
}

namespace {
enum class Kind { Complex, FromReal, ToReal };
} // namespace

/// The transform along `axes`; `lengths` has the wanted size along each, or is empty where the operand's are meant.
static Values transformAlong(Node &n, Kind kind, bool inverse, ArrayRef<int64_t> axes, ArrayRef<int64_t> lengths) {
  CheckedBuilder &b = n.b;
  if (llvm::any_of(lengths, [](int64_t length) { return length < 1; }))
    return n.unsupported("transforms of a length below 1");
  Value x = n[0];
  if (!isa<ComplexType>(n.element(0)) && !n.element(0).isF32() && !n.element(0).isF64())
    return n.unsupported("transforms of numbers that are not of float32 or float64");
  auto lengthOf = [&](size_t i) { return lengths.empty() ? n.shape(0)[axes[i]] : lengths[i]; };
  if (product(n.shape(0)) == 0)
    return n.unsupported("transforms of empty tensors");
  if (kind != Kind::Complex && axes.empty())
    return n.mismatch("a transform of real numbers needs an axis");
  // Of real numbers the last axis comes first, and last on the way back.
  auto transform = [&](size_t i) {
    bool isReal = kind != Kind::Complex && i + 1 == axes.size();
    x = x ? along(b, x, axes[i],
                  [&](Value rows) -> Value {
                    if (isReal && kind == Kind::ToReal)
                      return restoreReal(b, rows, lengthOf(i));
                    rows = fitLast(b, rows, lengthOf(i));
                    return isReal ? transformReal(b, rows) : transformLast(b, rows, inverse);
                  })
          : x;
  };
  if (kind == Kind::ToReal)
    for (size_t i = 0; i < axes.size(); ++i)
      transform(i);
  else
    for (size_t i = axes.size(); i-- > 0;)
      transform(i);
  return {x};
}

/// Over the last `count` dimensions; of real numbers operand 1 has the sizes.
template <Kind kind, bool inverse, int64_t count> static Values transformInner(Node &n) {
  if (n.rank(0) < count)
    return n.mismatch("the operand must have at least rank " + Twine(count) + ", but has " + Twine(n.rank(0)));
  Ints axes = llvm::to_vector(llvm::seq<int64_t>(n.rank(0) - count, n.rank(0)));
  if (kind == Kind::Complex)
    return transformAlong(n, kind, inverse, axes, {});
  std::optional<Ints> lengths = n.constantInts(1);
  if (!lengths)
    return {};
  if (static_cast<int64_t>(lengths->size()) != count)
    return n.mismatch("fft_length must have " + Twine(count) + " entries, but got " + Twine(lengths->size()));
  return transformAlong(n, kind, inverse, axes, *lengths);
}

/// Over the axes of operand 2, of the sizes of operand 1.
template <Kind kind, bool inverse> static Values transformAxes(Node &n) {
  std::optional<Ints> lengths = n.constantInts(1), axes = n.constantAxes(2, n.rank(0));
  if (!lengths || !axes)
    return {};
  if (lengths->size() != axes->size())
    return n.mismatch("fft_length and axes must have one length, but have " + Twine(lengths->size()) + " and " +
                      Twine(axes->size()));
  return transformAlong(n, kind, inverse, *axes, *lengths);
}

ArrayRef<LegalizationRow> legalize::fourierRows() {
  static constexpr LegalizationRow rows[] = {
      {"BatchFFT", transformInner<Kind::Complex, false, 1>},   {"BatchFFT2D", transformInner<Kind::Complex, false, 2>},
      {"BatchFFT3D", transformInner<Kind::Complex, false, 3>}, {"BatchIFFT", transformInner<Kind::Complex, true, 1>},
      {"BatchIFFT2D", transformInner<Kind::Complex, true, 2>}, {"BatchIFFT3D", transformInner<Kind::Complex, true, 3>},
      {"FFT", transformInner<Kind::Complex, false, 1>},        {"FFT2D", transformInner<Kind::Complex, false, 2>},
      {"FFT3D", transformInner<Kind::Complex, false, 3>},      {"FFTND", transformAxes<Kind::Complex, false>},
      {"IFFT", transformInner<Kind::Complex, true, 1>},        {"IFFT2D", transformInner<Kind::Complex, true, 2>},
      {"IFFT3D", transformInner<Kind::Complex, true, 3>},      {"IFFTND", transformAxes<Kind::Complex, true>},
      {"IRFFT", transformInner<Kind::ToReal, true, 1>},        {"IRFFT2D", transformInner<Kind::ToReal, true, 2>},
      {"IRFFT3D", transformInner<Kind::ToReal, true, 3>},      {"IRFFTND", transformAxes<Kind::ToReal, true>},
      {"RFFT", transformInner<Kind::FromReal, false, 1>},      {"RFFT2D", transformInner<Kind::FromReal, false, 2>},
      {"RFFT3D", transformInner<Kind::FromReal, false, 3>},    {"RFFTND", transformAxes<Kind::FromReal, false>},
  };
  return rows;
}
