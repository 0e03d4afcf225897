// SPDX-License-Identifier: Apache-2.0
// The import table: activation functions of neural networks, and their gradients.
#include "passes/legalize/Rows.h"
#include "passes/legalize/Table.h"

using namespace mlir;
using namespace lathe;
using namespace lathe::core;
using namespace lathe::legalize;

// Of "Self-Normalizing Neural Networks".
static constexpr double seluScale = 1.0507009873554804934193349852946;
static constexpr double seluScaledAlpha = 1.7580993408473768599402175208123;

/// `positive` where operand `i` is above zero, else `negative`.
static Values bySign(Node &n, size_t i, Term positive, Term negative) {
  return {select(n(i) > 0, positive, negative)};
}

static Values softplus(Node &n) {
  return {log1p(exp(-abs(n(0)))) + max(n(0), 0)};
}

static Values softsignGradient(Node &n) {
  Term d = abs(n(1)) + 1;
  return {n(0) / (d * d)};
}

ArrayRef<LegalizationRow> legalize::activationRows() {
  static constexpr LegalizationRow rows[] = {
      {"Elu", [](Node &n) { return bySign(n, 0, n(0), expm1(n(0))); }},
      {"EluGrad", [](Node &n) { return bySign(n, 1, n(0), n(0) * (n(1) + 1)); }},
      {"InvGrad", [](Node &n) -> Values { return {-n(1) * n(0) * n(0)}; }},
      {"LeakyRelu", [](Node &n) { return bySign(n, 0, n(0), n(0) * n.number("alpha", 0.2)); }},
      {"LeakyReluGrad", [](Node &n) { return bySign(n, 1, n(0), n(0) * n.number("alpha", 0.2)); }},
      {"ReciprocalGrad", [](Node &n) -> Values { return {-n(1) * n(0) * n(0)}; }},
      {"Relu", [](Node &n) -> Values { return {max(n(0), 0)}; }},
      {"Relu6", [](Node &n) -> Values { return {min(max(n(0), 0), 6)}; }},
      {"Relu6Grad", [](Node &n) -> Values { return {select((n(1) > 0) & (n(1) < 6), n(0), 0)}; }},
      {"ReluGrad", [](Node &n) -> Values { return {select(n(1) > 0, n(0), 0)}; }},
      {"RsqrtGrad", [](Node &n) -> Values { return {n(1) * -0.5 * n(0) * n(0) * n(0)}; }},
      {"Selu", [](Node &n) { return bySign(n, 0, n(0) * seluScale, expm1(n(0)) * seluScaledAlpha); }},
      {"SeluGrad", [](Node &n) { return bySign(n, 1, n(0) * seluScale, n(0) * (n(1) + seluScaledAlpha)); }},
      {"Sigmoid", unary<LogisticOp>},
      {"SigmoidGrad", [](Node &n) -> Values { return {n(1) * n(0) * (1 - n(0))}; }},
      {"Softplus", softplus},
      {"SoftplusGrad", [](Node &n) -> Values { return {n(0) * logistic(n(1))}; }},
      {"Softsign", [](Node &n) -> Values { return {n(0) / (abs(n(0)) + 1)}; }},
      {"SoftsignGrad", softsignGradient},
      {"SqrtGrad", [](Node &n) -> Values { return {n(1) * 0.5 / n(0)}; }},
      {"Tanh", unary<TanhOp>},
      {"TanhGrad", [](Node &n) -> Values { return {n(1) * (1 - n(0) * n(0))}; }},
  };
  return rows;
}
