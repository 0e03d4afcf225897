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

namespace {
/// What a step of an LSTM cell has computed, and the gradients by its results.
struct LSTMStep {
  Term before, i, cs, f, o, ci, co, byState, byH;
};

/// The gradients by the gates' inputs, the cell state before the step, and the peepholes.
struct LSTMGradient {
  Term i, ci, f, o, byState, byPeepI, byPeepF, byPeepO;
};
} // namespace

static LSTMGradient gradientOf(const LSTMCell &cell, const LSTMStep &s) {
  Term o = s.o * (1 - s.o) * s.byH * s.co, state = (1 - s.co * s.co) * s.byH * s.o + s.byState;
  if (cell.usesPeepholes)
    state = state + o * cell.peepO;
  Term ci = (1 - s.ci * s.ci) * state * s.i, f = s.f * (1 - s.f) * state * s.before, i = s.i * (1 - s.i) * state * s.ci;
  Term byState = state * s.f;
  auto byPeep = [&](Term gate, Term seen) {
    Term sum = sumOf(gate * seen, {0});
    return cell.usesPeepholes ? sum : like(sum, 0);
  };
  if (cell.usesPeepholes)
    byState = byState + i * cell.peepI + f * cell.peepF;
  return {i, ci, f, o, byState, byPeep(i, s.before), byPeep(f, s.before), byPeep(o, s.cs)};
}

/// The gates' gradients side by side, as the weights have them.
static Term gateGradients(const LSTMCell &cell, const LSTMGradient &g) {
  CheckedBuilder &b = *g.i.b;
  bool cellFirst = cell.cellGate == 1;
  return {b, b.concat({g.i, cellFirst ? g.ci : g.f, cellFirst ? g.f : g.ci, g.o}, 1)};
}

static Values lstmCellGradient(Node &n) {
  std::optional<LSTMCell> cell = readCell(n, 3, false);
  if (!cell)
    return {};
  LSTMGradient g = gradientOf(*cell, {n(1), n(8), n(9), n(10), n(11), n(12), n(13), n(14), n(15)});
  return {g.byState, gateGradients(*cell, g), g.byPeepI, g.byPeepF, g.byPeepO};
}

/// The gradients of a layer by x, the state and h before it, the weights, the peepholes and the bias: back through
/// time.
template <bool isSecondVersion> static Values lstmLayerGradient(Node &n) {
  std::optional<LSTMCell> cell = readCell(n, 4, isSecondVersion);
  if (!cell)
    return {};
  if (n.rank(1) != 3)
    return n.mismatch("x must have rank 3, but has " + Twine(n.rank(1)));
  int64_t steps = n.shape(1)[0], inputs = n.shape(1)[2];
  Term byState = like(n(2), 0), byH = like(n(3), 0), byWeights = like(n(4), 0), byBias = like(n(8), 0);
  Term byPeepI = like(n(5), 0), byPeepF = byPeepI, byPeepO = byPeepI;
  Values byX;
  for (int64_t t = steps; t-- > 0;) {
    auto at = [&](size_t operand, int64_t time) {
      return reshape({n.b, sliceAlong(n.b, n[operand], 0, time, 1)}, n.shape(operand).drop_front());
    };
    Term before = t ? at(10, t - 1) : n(2), hBefore = t ? at(15, t - 1) : n(3), isMeant = n(0) > static_cast<double>(t);
    LSTMGradient g = gradientOf(*cell, {before, at(9, t), at(10, t), at(11, t), at(12, t), at(13, t), at(14, t),
                                        at(16, t) + byState, at(17, t) + byH});
    Term gates = gateGradients(*cell, g);
    Term both{n.b, n.b.dotGeneral(gates, n[4], {}, {}, {1}, {1})}, seen{n.b, n.b.concat({at(1, t), hBefore}, 1)};
    if (!both.value || !seen.value)
      return {};
    Term x{n.b, sliceAlong(n.b, both, 1, 0, inputs)};
    byX.insert(byX.begin(), n.b.reshape(select(isMeant, x, 0), {1, n.shape(1)[1], inputs}));
    byH = select(isMeant, Term(n.b, sliceAlong(n.b, both, 1, inputs, cell->units)), byH);
    byState = select(isMeant, g.byState, byState);
    auto add = [&](Term &sum, Term part) { sum = sum + select(isMeant, part, 0); };
    add(byWeights, {n.b, n.b.dotGeneral(seen, gates, {}, {}, {0}, {0})});
    add(byBias, sumOf(gates, {0}));
    add(byPeepI, g.byPeepI);
    add(byPeepF, g.byPeepF);
    add(byPeepO, g.byPeepO);
  }
  Value allX = byX.empty() ? n.b.splat(n.shape(1), n.element(1), 0) : n.b.concat(byX, 0);
  return {allX, byState, byH, byWeights, byPeepI, byPeepF, byPeepO, byBias};
}

/// The gradients of a GRU cell (operands: x, h, weights and biases, r, u, c, and that by its result) by x, h, and the
/// gates' inputs.
static Values gruCellGradient(Node &n) {
  if (n.rank(0) != 2 || n.rank(1) != 2)
    return n.mismatch("x and h must be matrices, but have ranks " + Twine(n.rank(0)) + " and " + Twine(n.rank(1)));
  int64_t inputs = n.shape(0)[1], units = n.shape(1)[1];
  Term h = n(1), r = n(6), u = n(7), c = n(8), gradient = n(9);
  auto back = [&](Term gates, size_t weights) {
    Value both = n.b.dotGeneral(gates, n[weights], {}, {}, {1}, {1});
    return std::pair(Term(n.b, sliceAlong(n.b, both, 1, 0, inputs)),
                     Term(n.b, sliceAlong(n.b, both, 1, inputs, units)));
  };
  Term byC = gradient * (1 - u) * (1 - c * c), byU = gradient * (h - c) * u * (1 - u);
  auto [xOfC, reset] = back(byC, 3);
  Term byR = reset * h * r * (1 - r), gates{n.b, n.b.concat({byR, byU}, 1)};
  auto [xOfGates, hOfGates] = back(gates, 2);
  return {xOfC + xOfGates, hOfGates + reset * r + gradient * u, byC, gates};
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
      {"BlockLSTMGrad", lstmLayerGradient<false>},
      {"BlockLSTMGradV2", lstmLayerGradient<true>},
      {"BlockLSTMV2", lstmLayer<true>},
      {"GRUBlockCell", gruCell},
      {"GRUBlockCellGrad", gruCellGradient},
      {"LSTMBlockCell", lstmCell},
      {"LSTMBlockCellGrad", lstmCellGradient},
  };
  return rows;
}
