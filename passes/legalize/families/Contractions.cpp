// SPDX-License-Identifier: Apache-2.0
// The import table: matrix products, sums of products by labels, and biases.
#include "passes/legalize/Rows.h"
#include "passes/legalize/Table.h"

using namespace mlir;
using namespace lathe;
using namespace lathe::core;
using namespace lathe::legalize;

static Value conjugated(CheckedBuilder &b, Value x, bool isConjugated) {
  if (!isConjugated || !isa<ComplexType>(b.elementOf(x)))
    return x;
  return b.complex(b.real(x), b.unary<NegOp>(b.imag(x)));
}

static Values matMul(Node &n) {
  if (n.rank(0) != 2 || n.rank(1) != 2)
    return n.mismatch("operands must be matrices, but have ranks " + Twine(n.rank(0)) + " and " + Twine(n.rank(1)));
  if (n.count(1) || (n.count(0) && n.flag("transpose_a")))
    return sizeUnknown(n, "a contracted dimension");
  if (Value count = n.count(0))
    n.resultCounts[0] = count;
  return {n.b.dotGeneral(n[0], n[1], {}, {}, {n.flag("transpose_a") ? 0 : 1}, {n.flag("transpose_b") ? 1 : 0})};
}

/// A product of dense matrices, of which the node says that they have many zeros.
static Values sparseMatMul(Node &n) {
  if (n.rank(0) != 2 || n.rank(1) != 2)
    return n.mismatch("operands must be matrices, but have ranks " + Twine(n.rank(0)) + " and " + Twine(n.rank(1)));
  return {n.b.dotGeneral(n.b.convert(n[0], n.f32()), n.b.convert(n[1], n.f32()), {}, {},
                         {n.flag("transpose_a") ? 0 : 1}, {n.flag("transpose_b") ? 1 : 0})};
}

static Values batchMatMul(Node &n) {
  int64_t xRank = n.rank(0), yRank = n.rank(1);
  if (xRank < 2 || yRank < 2)
    return n.mismatch("operands must be at least matrices, but have ranks " + Twine(xRank) + " and " + Twine(yRank));
  bool xAdjoint = n.flag("adj_x"), yAdjoint = n.flag("adj_y");
  Value x = conjugated(n.b, n[0], xAdjoint), y = conjugated(n.b, n[1], yAdjoint);
  // One matrix for all of the batch: the rows of the batch are the rows of one product.
  if (yRank == 2 && (!xAdjoint || xRank == 2))
    return {n.b.dotGeneral(x, y, {}, {}, {xAdjoint ? xRank - 2 : xRank - 1}, {yAdjoint ? 1 : 0})};
  std::optional<Ints> batch = broadcastShapes(n.shape(0).drop_back(2), n.shape(1).drop_back(2));
  if (!batch)
    return n.mismatch("the batches of the operands do not broadcast to one");
  auto widen = [&](Value matrices) {
    Ints shape(*batch);
    llvm::append_range(shape, n.b.shapeOf(matrices).take_back(2));
    return n.b.broadcastTo(matrices, shape);
  };
  int64_t rank = batch->size();
  return {n.b.dotGeneral(widen(x), widen(y), upTo(rank), upTo(rank), {xAdjoint ? rank : rank + 1},
                         {yAdjoint ? rank + 1 : rank})};
}

/// A bias shaped to be added to operand 0: along its channels.
static Values biasAdd(Node &n) {
  if (n.rank(1) != 1 || n.rank(0) < 2)
    return n.mismatch("the bias must be a vector and the operand have rank 2 or more, but ranks are " +
                      Twine(n.rank(1)) + " and " + Twine(n.rank(0)));
  int64_t channel = channelsFirst(n) ? 1 : n.rank(0) - 1;
  if (n.shape(0)[channel] != n.shape(1)[0])
    return n.mismatch("the bias must have " + Twine(n.shape(0)[channel]) + " elements, one a channel, but has " +
                      Twine(n.shape(1)[0]));
  return {n.b.add(n[0], n.b.broadcast(n[1], n.shape(0), {channel}))};
}

static Values biasAddGradient(Node &n) {
  Ints dimensions = upTo(n.rank(0));
  dimensions.erase(channelsFirst(n) ? dimensions.begin() + 1 : dimensions.end() - 1);
  return {sumOf(n(0), dimensions)};
}

namespace {
/// An operand of an einsum: a tensor whose dimensions have labels, each once.
struct Labeled {
  Value value;
  SmallVector<int> labels;
};
} // namespace

/// The dimension of each of `wanted` in `x`.
static Ints placesOf(const Labeled &x, ArrayRef<int> wanted) {
  Ints places;
  for (int label : wanted)
    places.push_back(llvm::find(x.labels, label) - x.labels.begin());
  return places;
}

/// The labels of one term of an equation; dimensions under an ellipsis have numbers from 256 on, counted from the
/// right.
static std::optional<SmallVector<int>> readLabels(Node &n, StringRef term, int64_t rank) {
  SmallVector<int> labels;
  int64_t hidden = rank - static_cast<int64_t>(term.size()) + (term.contains("...") ? 3 : 0);
  while (!term.empty()) {
    if (term.consume_front("...")) {
      for (int64_t i = hidden; i > 0; --i)
        labels.push_back(255 + i);
      continue;
    }
    if (llvm::is_contained(labels, term.front())) {
      n.unsupported("an equation in which one operand has a label twice");
      return std::nullopt;
    }
    labels.push_back(term.front());
    term = term.drop_front();
  }
  if (rank >= 0 && static_cast<int64_t>(labels.size()) != rank) {
    n.mismatch("the equation gives an operand " + Twine(labels.size()) + " dimensions, but it has " + Twine(rank));
    return std::nullopt;
  }
  return labels;
}

/// `x` without the dimensions that neither the result nor another operand has: they are summed.
static Labeled sumUnneeded(Node &n, Labeled x, ArrayRef<int> needed) {
  Ints summed;
  SmallVector<int> kept;
  for (auto [d, label] : llvm::enumerate(x.labels)) {
    if (llvm::is_contained(needed, label))
      kept.push_back(label);
    else
      summed.push_back(d);
  }
  return {summed.empty() ? x.value : sumOf({n.b, x.value}, summed).value, kept};
}

/// The product of two labelled operands, summed over the labels that `needed` lacks.
static Labeled multiply(Node &n, Labeled x, Labeled y, ArrayRef<int> needed) {
  SmallVector<int> batch, contracted, labels;
  for (auto [d, label] : llvm::enumerate(x.labels)) {
    auto *other = llvm::find(y.labels, label);
    if (other == y.labels.end())
      continue;
    int64_t xSize = n.b.shapeOf(x.value)[d], ySize = n.b.shapeOf(y.value)[other - y.labels.begin()];
    if (llvm::is_contained(needed, label) || xSize != ySize)
      batch.push_back(label);
    else
      contracted.push_back(label);
  }
  // Batch dimensions broadcast under an ellipsis.
  auto widen = [&](Labeled &operand, const Labeled &other) {
    Ints shape(n.b.shapeOf(operand.value));
    for (auto [d, label] : llvm::enumerate(operand.labels))
      if (shape[d] == 1 && llvm::is_contained(batch, label))
        shape[d] = n.b.shapeOf(other.value)[placesOf(other, {label})[0]];
    operand.value = n.b.broadcastTo(operand.value, shape);
  };
  Labeled narrowX = x;
  widen(x, y);
  widen(y, narrowX);
  labels = batch;
  for (const Labeled *operand : {&x, &y})
    for (int label : operand->labels)
      if (!llvm::is_contained(batch, label) && !llvm::is_contained(contracted, label))
        labels.push_back(label);
  return {n.b.dotGeneral(x.value, y.value, placesOf(x, batch), placesOf(y, batch), placesOf(x, contracted),
                         placesOf(y, contracted)),
          labels};
}

static Values einsum(Node &n) {
  std::string equation;
  llvm::copy_if(n.text("equation"), std::back_inserter(equation), [](char c) { return c != ' '; });
  auto [left, right] = StringRef(equation).split("->");
  SmallVector<StringRef> terms;
  left.split(terms, ',');
  if (terms.size() != n.size() || !StringRef(equation).contains("->"))
    return n.unsupported("equation '" + equation + "' for " + Twine(n.size()) + " operands");
  SmallVector<Labeled> operands;
  int64_t ellipsis = 0;
  for (auto [i, term] : llvm::enumerate(terms)) {
    std::optional<SmallVector<int>> labels = readLabels(n, term, n.rank(i));
    if (!labels)
      return {};
    ellipsis = std::max<int64_t>(ellipsis, llvm::count_if(*labels, [](int label) { return label > 255; }));
    operands.push_back({n[i], *labels});
  }
  std::optional<SmallVector<int>> wanted =
      readLabels(n, right, right.contains("...") ? static_cast<int64_t>(right.size()) - 3 + ellipsis : right.size());
  if (!wanted)
    return {};
  Labeled result = operands.front();
  for (size_t i = 0; i < operands.size(); ++i) {
    SmallVector<int> needed = *wanted;
    for (size_t later = i + 1; later < operands.size(); ++later)
      needed.append(operands[later].labels);
    if (i > 0) {
      Labeled next = sumUnneeded(n, operands[i], llvm::to_vector(llvm::concat<const int>(needed, result.labels)));
      result = multiply(n, result, next, needed);
    }
    if (!result.value)
      return {};
    result = sumUnneeded(n, result, i + 1 < operands.size() ? needed : *wanted);
  }
  for (int label : *wanted)
    if (!llvm::is_contained(result.labels, label))
      return n.mismatch("the result of equation '" + equation + "' has a label that no operand has");
  return {n.b.transpose(result.value, placesOf(result, *wanted))};
}

ArrayRef<LegalizationRow> legalize::contractionRows() {
  static constexpr LegalizationRow rows[] = {
      {"BatchMatMul", batchMatMul}, {"BatchMatMulV2", batchMatMul},      {"BatchMatMulV3", batchMatMul},
      {"BiasAdd", biasAdd},         {"BiasAddGrad", biasAddGradient},    {"BiasAddV1", biasAdd},
      {"Einsum", einsum},           {"MatMul", matMul, Counts::Handled}, {"SparseMatMul", sparseMatMul},
  };
  return rows;
}
