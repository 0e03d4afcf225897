// SPDX-License-Identifier: Apache-2.0
// The import table: cells of recurrent networks, and layers of them unrolled in time.
#include "passes/legalize/Rows.h"
#include "passes/legalize/Table.h"

using namespace mlir;
using namespace lathe;
using namespace lathe::core;
using namespace lathe::legalize;

static Term matrixProduct(Term x, Term y) {
  return {*x.b, x.b->dotGeneral(x, y, {}, {}, {1}, {0})};
}

/// Columns `i * size` to `(i + 1) * size` of a matrix.
static Term columns(Term x, int64_t i, int64_t size) {
  return {*x.b, sliceAlong(*x.b, x, 1, i * size, size)};
}

namespace {
/// An LSTM cell: its weights, and how its gates lie side by side in them.
struct LSTMCell {
  Term weights, peepI, peepF, peepO, bias;
  int64_t units;
  int64_t cellGate, forgetGate; // the input gate is first, the output gate last
  double forgetBias, clip;
  bool usesPeepholes;

  /// i, cs, f, o, ci, co, h of one step, as TensorFlow orders them.
  Values step(Term x, Term state, Term h) const {
    CheckedBuilder &b = *x.b;
    Term gates = matrixProduct({b, b.concat({x, h}, 1)}, weights) + bias;
    if (!gates.value)
      return Values(7);
    auto gate = [&](int64_t i) { return columns(gates, i, units); };
    auto peeped = [&](Term value, Term seen, Term peep) { return usesPeepholes ? value + seen * peep : value; };
    Term i = logistic(peeped(gate(0), state, peepI)), f = logistic(peeped(gate(forgetGate) + forgetBias, state, peepF));
    Term ci = tanh(gate(cellGate)), cs = ci * i + state * f;
    if (clip > 0)
      cs = min(max(cs, -clip), clip);
    Term o = logistic(peeped(gate(3), cs, peepO)), co = tanh(cs);
    return {i, cs, f, o, ci, co, o * co};
  }
};
} // namespace

/// The cell whose weights start at operand `first`; null, after a report, where their shapes do not fit.
static std::optional<LSTMCell> readCell(Node &n, size_t first, bool isSecondVersion) {
  if (n.rank(first) != 2 || n.rank(first - 1) != 2 || n.shape(first)[1] != 4 * n.shape(first - 1)[1]) {
    n.mismatch("weights must be a matrix with 4 columns a unit, but have rank " + Twine(n.rank(first)));
    return std::nullopt;
  }
  return LSTMCell{n(first),
                  n(first + 1),
                  n(first + 2),
                  n(first + 3),
                  n(first + 4),
                  n.shape(first)[1] / 4,
                  isSecondVersion ? 2 : 1,
                  isSecondVersion ? 1 : 2,
                  isSecondVersion ? 0 : n.number("forget_bias", 1),
                  n.number("cell_clip", isSecondVersion ? 0 : 3),
                  n.flag("use_peephole")};
}

static Values lstmCell(Node &n) {
  std::optional<LSTMCell> cell = readCell(n, 3, false);
  return cell ? cell->step(n(0), n(1), n(2)) : Values();
}

/// A layer over time (operands: length, x [time, batch, inputs], cell state, h, weights); steps from the length on are
/// zero.
template <bool isSecondVersion> static Values lstmLayer(Node &n) {
  std::optional<LSTMCell> cell = readCell(n, 4, isSecondVersion);
  if (!cell)
    return {};
  if (n.rank(1) != 3)
    return n.mismatch("x must have rank 3, but has " + Twine(n.rank(1)));
  int64_t steps = n.shape(1)[0], batch = n.shape(1)[1];
  std::optional<int64_t> length;
  if (std::optional<Ints> known = n.b.integersOf(n[0]); known && known->size() == 1)
    length = known->front();
  Term state = n(2), h = n(3);
  SmallVector<Values> results(7);
  for (int64_t t = 0; t < steps; ++t) {
    Values step;
    if (!length || t < *length) {
      step = cell->step(reshape({n.b, sliceAlong(n.b, n[1], 0, t, 1)}, n.shape(1).drop_front()), state, h);
      if (!step.front())
        return {};
      state = {n.b, step[1]};
      h = {n.b, step[6]};
    }
    for (size_t i = 0; i < results.size(); ++i) {
      Value zeros = n.b.splat({1, batch, cell->units}, n.element(1), 0);
      Term value = step.empty() ? Term(n.b, zeros) : reshape({n.b, step[i]}, {1, batch, cell->units});
      if (!length)
        value = select(n(0) > static_cast<double>(t), value, 0);
      results[i].push_back(value);
    }
  }
  Values joined;
  for (const Values &parts : results)
    joined.push_back(n.b.concat(parts, 0));
  return joined;
}

/// r, u, c, h of a GRU cell.
static Values gruCell(Node &n) {
  if (n.rank(1) != 2)
    return n.mismatch("h must be a matrix, but has rank " + Twine(n.rank(1)));
  Term x = n(0), h = n(1);
  int64_t units = n.shape(1)[1];
  auto beside = [&](Term y) -> Term { return {n.b, n.b.concat({x, y}, 1)}; };
  Term gates = logistic(matrixProduct(beside(h), n(2)) + n(4));
  Term r = columns(gates, 0, units), u = columns(gates, 1, units);
  Term c = tanh(matrixProduct(beside(h * r), n(3)) + n(5));
  return {r, u, c, (1 - u) * c + u * h};
}

ArrayRef<LegalizationRow> legalize::recurrentRows() {
  static constexpr LegalizationRow rows[] = {
      {"BlockLSTM", lstmLayer<false>},
      {"BlockLSTMV2", lstmLayer<true>},
      {"GRUBlockCell", gruCell},
      {"LSTMBlockCell", lstmCell},
  };
  return rows;
}
