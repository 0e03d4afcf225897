// SPDX-License-Identifier: Apache-2.0
// The import table: batch and local normalisation, softmax and cross entropies.
#include "passes/legalize/Rows.h"
#include "passes/legalize/Table.h"

using namespace mlir;
using namespace lathe;
using namespace lathe::core;
using namespace lathe::legalize;

/// x less the largest along the last dimension: its exponentials do not overflow.
static Term shifted(Term x) {
  if (!x.value)
    return x;
  return x - Term(*x.b, x.b->reduce(Combiner::Max, x, {x.b->typeOf(x).getRank() - 1}, /*keepDimensions=*/true));
}

static Term sumOfLast(Term x) {
  return x.value ? sumOf(x, {x.b->typeOf(x).getRank() - 1}, /*keepDimensions=*/true) : x;
}

Term legalize::softmax(Term x) {
  Term exponentials = exp(shifted(x));
  return exponentials / sumOfLast(exponentials);
}

Term legalize::logSoftmax(Term x) {
  Term logits = shifted(x);
  return logits - log(sumOfLast(exp(logits)));
}

static Values softmaxRow(Node &n) {
  return n.rank(0) ? Values{softmax(n(0))} : n.mismatch("logits must be at least a vector, but are a scalar");
}
static Values logSoftmaxRow(Node &n) {
  return n.rank(0) ? Values{logSoftmax(n(0))} : n.mismatch("logits must be at least a vector, but are a scalar");
}

/// The loss -sum(labels * log softmax) of each row, and its gradient by the logits.
static Values crossEntropy(Node &n, Term labels) {
  std::optional<Ints> shape = broadcastShapes(n.shape(0), n.b.shapeOf(labels));
  if (!shape || shape->size() != 2)
    return n.mismatch("logits and labels must broadcast to a matrix");
  Term logits{n.b, n.b.broadcastTo(n[0], *shape)};
  labels = {n.b, n.b.broadcastTo(labels, *shape)};
  // Where a label is zero its logarithm must not count, be it infinite.
  Term losses = select(equal(labels, 0), 0, labels * logSoftmax(logits));
  return {-sumOf(losses, {1}), softmax(logits) - labels};
}

static Values softmaxCrossEntropy(Node &n) {
  return crossEntropy(n, n(1));
}

static Values sparseSoftmaxCrossEntropy(Node &n) {
  if (n.rank(0) != 2 || n.rank(1) != 1)
    return n.mismatch("logits must be a matrix and labels a vector, but have ranks " + Twine(n.rank(0)) + " and " +
                      Twine(n.rank(1)));
  n.demandIndices(1, n.shape(0)[1], "labels");
  Term column{n.b, n.b.iota(n.shape(0), n.element(1), 1)};
  Term isLabel = equal(column, reshape(n(1), {n.shape(1)[0], 1}));
  return crossEntropy(n, convert(isLabel, n.element(0)));
}

/// x normalised over all dimensions but the channels. Results: y, the statistics of the batch and those kept for
/// gradients.
static Values fusedBatchNorm(Node &n) {
  bool first = channelsFirst(n);
  int64_t rank = n.rank(0), channel = first ? 1 : rank - 1;
  if (rank < 4)
    return n.mismatch("the operand must have rank 4 or 5, but has " + Twine(rank));
  double epsilon = n.number("epsilon", 1e-4);
  Type element = n.element(0), wide = n.element(1);
  Term x = convert(n(0), wide), scale = n(1), offset = n(2);
  auto overChannels = [&](Term vector) -> Term { return {n.b, n.b.broadcast(vector, n.shape(0), {channel})}; };
  if (!n.flag("is_training")) {
    Term mean = n(3), variance = n(4), factor = scale * rsqrt(variance + epsilon);
    Term y = x * overChannels(factor) + overChannels(offset - mean * factor);
    return {convert(y, element), mean, variance, mean, variance, Term(n.b, n.b.splat({0}, wide, 0))};
  }
  Ints others = upTo(rank);
  others.erase(others.begin() + channel);
  Term mean = meanOf(x, others), centered = x - overChannels(mean), variance = meanOf(centered * centered, others);
  Term y = centered * overChannels(scale * rsqrt(variance + epsilon)) + overChannels(offset);
  double count = static_cast<double>(product(n.shape(0)) / std::max<int64_t>(1, n.shape(0)[channel]));
  // What is kept for inference is the unbiased variance, mixed into the running one by the factor.
  Term batchMean = mean, batchVariance = variance * (count / std::max(count - 1, 1.0));
  double factor = n.number("exponential_avg_factor", 1);
  if (factor != 1) {
    batchMean = n(3) * (1 - factor) + batchMean * factor;
    batchVariance = n(4) * (1 - factor) + batchVariance * factor;
  }
  return {convert(y, element), batchMean, batchVariance, mean, variance, Term(n.b, n.b.splat({0}, wide, 0))};
}

/// The gradients by x, scale and offset (operands: that by y, x, scale, mean and variance). In training mean and
/// variance depend on x.
static Values fusedBatchNormGradient(Node &n) {
  bool first = channelsFirst(n);
  int64_t rank = n.rank(0), channel = first ? 1 : rank - 1;
  if (rank < 4 || n.shape(0) != n.shape(1))
    return n.mismatch("operand and gradient must have one shape of rank 4 or 5");
  Type wide = n.element(2);
  Ints others = upTo(rank);
  others.erase(others.begin() + channel);
  auto overChannels = [&](Term vector) -> Term { return {n.b, n.b.broadcast(vector, n.shape(0), {channel})}; };
  Term gradient = convert(n(0), wide), root = rsqrt(n(4) + n.number("epsilon", 1e-4));
  Term normal = (convert(n(1), wide) - overChannels(n(3))) * overChannels(root);
  Term byOffset = sumOf(gradient, others), byScale = sumOf(gradient * normal, others), inner = gradient;
  if (auto isTraining = n.attribute<BoolAttr>("is_training"); !isTraining || isTraining.getValue()) {
    double count = static_cast<double>(product(n.shape(0)) / std::max<int64_t>(1, n.shape(0)[channel]));
    inner = gradient - overChannels(byOffset / count) - normal * overChannels(byScale / count);
  }
  Term none{n.b, n.b.scalar(wide, 0)};
  return {convert(inner * overChannels(n(2) * root), n.element(0)), byScale, byOffset, none, none};
}

/// The gradients by t, m, v, beta and gamma.
static Values batchNormWithGlobalGradient(Node &n) {
  if (n.rank(0) != 4 || n.shape(0) != n.shape(4))
    return n.mismatch("operand and gradient must have one shape of rank 4");
  Term root = rsqrt(n(2) + n.number("variance_epsilon")), gradient = n(4), centered = n(0) - n(1);
  bool scales = n.flag("scale_after_normalization");
  Ints others = upTo(n.rank(0) - 1);
  Term factor = scales ? root * n(3) : root, byT = gradient * factor, sum = sumOf(gradient, others),
       product = sumOf(gradient * centered, others);
  Term byV = product * factor * root * root * -0.5;
  return {byT, -sum * factor, byV, sum, scales ? product * root : like(sum, 0)};
}

static Values batchNormWithGlobal(Node &n) {
  Term factor = rsqrt(n(2) + n.number("variance_epsilon"));
  if (n.flag("scale_after_normalization"))
    factor = factor * n(4);
  return {n(0) * factor + (n(3) - n(1) * factor)};
}

/// Each element by a power of the sum of squares of its neighbours in the channels.
static Values localResponse(Node &n) {
  int64_t rank = n.rank(0), radius = n.integer("depth_radius", 5);
  if (rank != 4)
    return n.mismatch("the operand must have rank 4, but has " + Twine(rank));
  Ints ones(rank, 1), window = ones, border(rank, 0);
  window.back() = 2 * radius + 1;
  border.back() = radius;
  Term squares{n.b, n.b.reduceWindow(Combiner::Add, n(0) * n(0), window, ones, ones, border, border)};
  Term base = squares * n.number("alpha", 1) + n.number("bias", 1);
  return {n(0) * pow(base, -n.number("beta", 0.5))};
}

/// The gradient by the operand (operands: that by the result, the operand, the result).
static Values localResponseGradient(Node &n) {
  int64_t rank = n.rank(0), radius = n.integer("depth_radius", 5);
  if (rank != 4 || n.shape(0) != n.shape(1))
    return n.mismatch("the operands must have one shape of rank 4");
  Ints ones(rank, 1), window = ones, border(rank, 0);
  window.back() = 2 * radius + 1;
  border.back() = radius;
  auto around = [&](Term x) -> Term {
    return {n.b, n.b.reduceWindow(Combiner::Add, x, window, ones, ones, border, border)};
  };
  double alpha = n.number("alpha", 1), beta = n.number("beta", 0.5);
  Term base = around(n(1) * n(1)) * alpha + n.number("bias", 1);
  return {n(0) * pow(base, -beta) - around(n(0) * n(2) / base) * n(1) * (2 * alpha * beta)};
}

ArrayRef<LegalizationRow> legalize::normalizationRows() {
  static constexpr LegalizationRow rows[] = {
      {"BatchNormWithGlobalNormalization", batchNormWithGlobal},
      {"BatchNormWithGlobalNormalizationGrad", batchNormWithGlobalGradient},
      {"FusedBatchNorm", fusedBatchNorm},
      {"FusedBatchNormGrad", fusedBatchNormGradient},
      {"FusedBatchNormGradV2", fusedBatchNormGradient},
      {"FusedBatchNormGradV3", fusedBatchNormGradient},
      {"FusedBatchNormV2", fusedBatchNorm},
      {"FusedBatchNormV3", fusedBatchNorm},
      {"LRN", localResponse},
      {"LRNGrad", localResponseGradient},
      {"LogSoftmax", logSoftmaxRow},
      {"Softmax", softmaxRow},
      {"SoftmaxCrossEntropyWithLogits", softmaxCrossEntropy},
      {"SparseSoftmaxCrossEntropyWithLogits", sparseSoftmaxCrossEntropy},
  };
  return rows;
}
