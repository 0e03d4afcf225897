// SPDX-License-Identifier: Apache-2.0
// The import table: sound as spectra over time, and their coefficients on the scale of hearing.
#include "passes/legalize/Rows.h"
#include "passes/legalize/Table.h"
#include <cmath>

using namespace mlir;
using namespace lathe;
using namespace lathe::core;
using namespace lathe::legalize;

static Value constantOf(CheckedBuilder &b, ArrayRef<int64_t> shape, ArrayRef<double> values) {
  return b.constant(DenseElementsAttr::get(RankedTensorType::get(shape, b.builder.getF64Type()), values));
}

/// Magnitudes of the transforms of windows of samples [time, channels], which a cosine tapers: [channels, windows,
/// frequencies].
static Values spectrogram(Node &n) {
  int64_t window = n.integer("window_size"), stride = n.integer("stride");
  if (n.rank(0) != 2 || window < 2 || stride < 1)
    return n.mismatch("samples must be a matrix, window_size at least 2 and stride at least 1, but they are of rank " +
                      Twine(n.rank(0)) + ", " + Twine(window) + " and " + Twine(stride));
  int64_t samples = n.shape(0)[0], channels = n.shape(0)[1],
          count = samples < window ? 0 : (samples - window) / stride + 1;
  int64_t length = llvm::PowerOf2Ceil(window);
  if (count == 0 || channels == 0)
    return {n.b.splat({channels, count, length / 2 + 1}, n.f32(), 0)};
  SmallVector<double> taper;
  for (int64_t i = 0; i < window; ++i)
    taper.push_back(0.5 - 0.5 * std::cos(2 * M_PI * static_cast<double>(i) / static_cast<double>(window)));
  Term step{n.b, n.b.iota({count, window}, n.i32(), 0)}, place{n.b, n.b.iota({count, window}, n.i32(), 1)};
  // Logarithms will be taken of the result, so that small frequencies count: in double, as TensorFlow does.
  Value sound = n.b.convert(moveDimension(n.b, n[0], 0, 1), n.b.builder.getF64Type());
  Term windows = Term(n.b, n.b.gather(sound, step * static_cast<double>(stride) + place, 1)) *
                 Term(n.b, constantOf(n.b, {window}, taper));
  Value filled = n.b.pad(windows, n.b.scalar(n.b.builder.getF64Type(), 0), {0, 0, 0}, {0, 0, length - window});
  Term spectrum = transformReal(n.b, filled);
  if (!spectrum.value)
    return {};
  Term re{n.b, n.b.real(spectrum)}, im{n.b, n.b.imag(spectrum)}, power = convert(re * re + im * im, n.f32());
  return {n.flag("magnitude_squared") ? power : sqrt(power)};
}

/// The place of a frequency on the scale of hearing.
static double toMel(double frequency) {
  return 1127 * std::log1p(frequency / 700);
}

/// Triangles that overlap by half, evenly spaced on the scale of hearing: the weight of each of `bins` in each of
/// `channels`.
static SmallVector<double> melTriangles(int64_t bins, int64_t channels, double rate, double lowest, double highest) {
  SmallVector<double> weights(bins * channels, 0), centers;
  double low = toMel(lowest), spacing = (toMel(highest) - low) / static_cast<double>(channels + 1);
  for (int64_t i = 0; i <= channels; ++i)
    centers.push_back(low + spacing * static_cast<double>(i + 1));
  double width = 0.5 * rate / static_cast<double>(bins - 1);
  int64_t first = static_cast<int64_t>(1.5 + lowest / width),
          last = std::min(static_cast<int64_t>(highest / width), bins - 1);
  for (int64_t i = std::max<int64_t>(first, 0), channel = 0; i <= last; ++i) {
    double mel = toMel(static_cast<double>(i) * width);
    while (channel < channels && centers[channel] < mel)
      ++channel;
    double left = channel ? centers[channel - 1] : low, share = (centers[channel] - mel) / (centers[channel] - left);
    if (channel > 0)
      weights[i * channels + channel - 1] += share;
    if (channel < channels)
      weights[i * channels + channel] += 1 - share;
  }
  return weights;
}

/// The cosine transform of logarithms of magnitudes under the triangles.
static Values cepstrum(Node &n) {
  std::optional<int64_t> rate = n.constantInt(1);
  if (!rate)
    return {};
  int64_t channels = n.integer("filterbank_channel_count", 40), count = n.integer("dct_coefficient_count", 13);
  double lowest = n.number("lower_frequency_limit", 20), highest = n.number("upper_frequency_limit", 4000);
  if (n.rank(0) != 3 || n.shape(0)[2] < 2 || channels < 1 || count < 1 || count > channels || *rate < 1 || lowest < 0 ||
      highest <= lowest)
    return n.mismatch(
        "the spectrogram must have rank 3 and two frequencies or more, and counts, rate and limits must fit it");
  int64_t bins = n.shape(0)[2];
  constexpr int64_t mostWeights = int64_t(1) << 24;
  if (channels > mostWeights / std::max(bins, channels))
    return n.unsupported("more than " + Twine(mostWeights) + " weights of a filter bank");
  SmallVector<double> cosines;
  double norm = std::sqrt(2.0 / static_cast<double>(channels)), angle = M_PI / static_cast<double>(channels);
  for (int64_t i = 0; i < channels; ++i)
    for (int64_t k = 0; k < count; ++k)
      cosines.push_back(norm * std::cos(static_cast<double>(k) * angle * (static_cast<double>(i) + 0.5)));
  Value weights =
      constantOf(n.b, {bins, channels}, melTriangles(bins, channels, static_cast<double>(*rate), lowest, highest));
  Term magnitudes = sqrt(convert(n(0), n.b.builder.getF64Type()));
  Term bands{n.b, n.b.dotGeneral(magnitudes, weights, {}, {}, {2}, {0})};
  Value result = n.b.dotGeneral(log(max(bands, 1e-12)), constantOf(n.b, {channels, count}, cosines), {}, {}, {2}, {0});
  return {n.b.convert(result, n.f32())};
}

ArrayRef<LegalizationRow> legalize::audioRows() {
  static constexpr LegalizationRow rows[] = {
      {"AudioSpectrogram", spectrogram},
      {"Mfcc", cepstrum},
  };
  return rows;
}
