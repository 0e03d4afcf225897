// SPDX-License-Identifier: Apache-2.0
// The import table: steps of training. Raising has made values of the variables, and a result of what each of them
// becomes.
#include "passes/legalize/Rows.h"
#include "passes/legalize/Table.h"

using namespace mlir;
using namespace lathe;
using namespace lathe::core;
using namespace lathe::legalize;

namespace {
/// The operands of a step by their names; those of variables are what they become.
class Step {
public:
  explicit Step(Node &n) : n(n) {}

  void add(StringRef name, Term term) { terms.push_back({name, term}); }
  Term &operator[](StringRef name) {
    return llvm::find_if(terms, [&](auto &entry) { return entry.first == name; })->second;
  }
  bool has(StringRef name) const {
    return llvm::any_of(terms, [&](auto &entry) { return entry.first == name; });
  }

  Node &n;
  SmallVector<std::pair<StringRef, Term>> terms;
};

struct Rule {
  StringLiteral op; ///< without Apply, or SparseApply, before it
  StringLiteral
      operands; ///< their names in order, the variables before a bar; of a sparse step the indices follow `grad`
  void (*formula)(Step &);
};
} // namespace

/// Gives `old` a share of what it lacks from `fresh`.
static void approach(Term &old, Term fresh, Term rate) {
  old = old + (fresh - old) * (1.0 - rate);
}

/// `x` moved toward zero by `by`, not beyond.
static Term shrunk(Term x, Term by) {
  return sign(x) * max(abs(x) - by, 0);
}

static void gradientDescent(Step &s) {
  s["var"] = s["var"] - s["grad"] * s["lr"];
}

static void proximalGradientDescent(Step &s) {
  Term rate = s["lr"];
  s["var"] = shrunk(s["var"] - s["grad"] * rate, rate * s["l1"]) / (s["l2"] * rate + 1);
}

static void adadelta(Step &s) {
  Term rest = 1.0 - s["rho"], grad = s["grad"];
  s["accum"] = s["accum"] * s["rho"] + grad * grad * rest;
  Term update = sqrt(s["update"] + s["epsilon"]) * rsqrt(s["accum"] + s["epsilon"]) * grad;
  s["var"] = s["var"] - update * s["lr"];
  s["update"] = s["update"] * s["rho"] + update * update * rest;
}

static void adagrad(Step &s) {
  auto updates = s.n.attribute<BoolAttr>("update_slots");
  if (!updates || updates.getValue())
    s["accum"] = s["accum"] + s["grad"] * s["grad"];
  Term root = s.has("epsilon") ? 1.0 / (sqrt(s["accum"]) + s["epsilon"]) : rsqrt(s["accum"]);
  s["var"] = s["var"] - s["grad"] * s["lr"] * root;
}

static void proximalAdagrad(Step &s) {
  s["accum"] = s["accum"] + s["grad"] * s["grad"];
  Term rate = s["lr"] * rsqrt(s["accum"]);
  s["var"] = shrunk(s["var"] - s["grad"] * rate, rate * s["l1"]) / (s["l2"] * rate + 1);
}

static void dualAveraging(Step &s) {
  s["sum"] = s["sum"] + s["grad"];
  s["squares"] = s["squares"] + s["grad"] * s["grad"];
  Term step = convert(s["step"], s.n.b.elementOf(s["lr"]));
  s["var"] = -(s["lr"] * shrunk(s["sum"], s["l1"] * step)) / (s["l2"] * step * s["lr"] + sqrt(s["squares"]));
}

static void followTheLeader(Step &s) {
  Term grad = s["grad"], fresh = s["accum"] + grad * grad, rate = s["lr"], l1 = s["l1"], l2 = s["l2"],
       power = s["power"];
  ElementsAttr known = CheckedBuilder::constantOf(power);
  bool isRoot = known && known.getNumElements() == 1 && (*known.value_begin<APFloat>()).convertToDouble() == -0.5;
  auto raised = [&](Term x) { return isRoot ? sqrt(x) : pow(x, -power); };
  if (s.has("shrinkage"))
    grad = grad + s["shrinkage"] * s["var"] * 2;
  bool multiplies = s.n.flag("multiply_linear_by_lr");
  Term change = (raised(fresh) - raised(s["accum"])) * s["var"];
  s["linear"] = multiplies ? s["linear"] + grad * rate - change : s["linear"] + grad - change / rate;
  if (multiplies) {
    l1 = l1 * rate;
    l2 = l2 * rate;
  }
  Term slope = (multiplies ? raised(fresh) : raised(fresh) / rate) + l2 * 2;
  s["var"] = select(abs(s["linear"]) > l1, (l1 * sign(s["linear"]) - s["linear"]) / slope, 0);
  s["accum"] = fresh;
}

static void momentum(Step &s) {
  s["accum"] = s["accum"] * s["momentum"] + s["grad"];
  Term way = s.n.flag("use_nesterov") ? s["grad"] + s["accum"] * s["momentum"] : s["accum"];
  s["var"] = s["var"] - way * s["lr"];
}

static void kerasMomentum(Step &s) {
  Term way = s["grad"] * s["lr"];
  s["accum"] = s["accum"] * s["momentum"] - way;
  s["var"] = s["var"] + (s.n.flag("use_nesterov") ? s["accum"] * s["momentum"] - way : s["accum"]);
}

static void adam(Step &s) {
  Term grad = s["grad"], rate = s["lr"] * sqrt(1.0 - s["power2"]) / (1.0 - s["power1"]);
  approach(s["m"], grad, s["beta1"]);
  approach(s["v"], grad * grad, s["beta2"]);
  Term size = s["v"];
  if (s.has("vhat"))
    size = s["vhat"] = max(s["vhat"], s["v"]);
  Term way = s.n.flag("use_nesterov") ? grad * (1.0 - s["beta1"]) + s["m"] * s["beta1"] : s["m"];
  s["var"] = s["var"] - way * rate / (sqrt(size) + s["epsilon"]);
}

static void adaMax(Step &s) {
  approach(s["m"], s["grad"], s["beta1"]);
  s["v"] = max(s["beta2"] * s["v"], abs(s["grad"]));
  s["var"] = s["var"] - s["lr"] / (1.0 - s["power1"]) * (s["m"] / (s["v"] + s["epsilon"]));
}

static void rootMeanSquare(Step &s) {
  Term grad = s["grad"];
  approach(s["ms"], grad * grad, s["rho"]);
  Term size = s["ms"];
  if (s.has("mg")) {
    approach(s["mg"], grad, s["rho"]);
    size = size - s["mg"] * s["mg"];
  }
  s["mom"] = s["mom"] * s["momentum"] + s["lr"] * grad * rsqrt(size + s["epsilon"]);
  s["var"] = s["var"] - s["mom"];
}

/// Steps that are longer where the gradient has the sign that it mostly had.
static void signedStep(Step &s) {
  s["m"] = s["m"] * s["beta"] + s["grad"] * (1.0 - s["beta"]);
  Term agreement = s["decay"] * (sign(s["grad"]) * sign(s["m"]));
  Term scale = s.has("alpha") ? s["alpha"] + agreement : exp(s["logbase"] * agreement);
  s["var"] = s["var"] - s["lr"] * scale * s["grad"];
}

static constexpr Rule rules[] = {
    {"AdaMax", "var m v | power1 lr beta1 beta2 epsilon grad", adaMax},
    {"Adadelta", "var accum update | lr rho epsilon grad", adadelta},
    {"Adagrad", "var accum | lr grad", adagrad},
    {"AdagradDA", "var sum squares | grad lr l1 l2 step", dualAveraging},
    {"AdagradV2", "var accum | lr epsilon grad", adagrad},
    {"Adam", "var m v | power1 power2 lr beta1 beta2 epsilon grad", adam},
    {"AdamWithAmsgrad", "var m v vhat | power1 power2 lr beta1 beta2 epsilon grad", adam},
    {"AddSign", "var m | lr alpha decay beta grad", signedStep},
    {"CenteredRMSProp", "var mg ms mom | lr rho momentum epsilon grad", rootMeanSquare},
    {"Ftrl", "var accum linear | grad lr l1 l2 power", followTheLeader},
    {"FtrlV2", "var accum linear | grad lr l1 l2 shrinkage power", followTheLeader},
    {"GradientDescent", "var | lr grad", gradientDescent},
    {"KerasMomentum", "var accum | lr grad momentum", kerasMomentum},
    {"Momentum", "var accum | lr grad momentum", momentum},
    {"PowerSign", "var m | lr logbase decay beta grad", signedStep},
    {"ProximalAdagrad", "var accum | lr l1 l2 grad", proximalAdagrad},
    {"ProximalGradientDescent", "var | lr l1 l2 grad", proximalGradientDescent},
    {"RMSProp", "var ms mom | lr rho momentum epsilon grad", rootMeanSquare},
};

/// A step as its rule says; a sparse one of the rows that indices name, which are different.
static Values step(Node &n) {
  StringRef name = n.op();
  bool isSparse = name.consume_front("Sparse");
  name.consume_front("Apply");
  const Rule &rule = *llvm::find_if(rules, [&](const Rule &rule) { return rule.op == name; });
  auto [variables, others] = StringRef(rule.operands).split(" | ");
  SmallVector<StringRef> names;
  variables.split(names, ' ');
  size_t count = names.size();
  others.split(names, ' ');
  if (isSparse)
    names.insert(llvm::find(names, "grad") + 1, "indices");
  if (names.size() != n.size())
    return n.mismatch("the step takes " + Twine(names.size()) + " operands, but got " + Twine(n.size()));
  Value indices = isSparse ? n[llvm::find(names, "indices") - names.begin()] : Value();
  if (isSparse && n.b.typeOf(indices).getRank() != 1)
    return n.mismatch("indices must be a vector, but have rank " + Twine(n.b.typeOf(indices).getRank()));
  Step s(n);
  for (auto [i, name] : llvm::enumerate(names))
    if (name != "indices")
      s.add(name, isSparse && i < count ? Term(n.b, n.b.gather(n[i], indices, 0)) : n(i));
  Value grad = s["grad"], before = s["var"];
  if (!before || n.b.shapeOf(grad) != n.b.shapeOf(before))
    return n.mismatch("the gradient must have the variable's shape");
  rule.formula(s);
  Values results;
  for (size_t i = 0; i < count; ++i)
    results.push_back(isSparse ? n.b.scatter(Combiner::Set, n[i], indices, s.terms[i].second)
                               : s.terms[i].second.value);
  return results;
}

ArrayRef<LegalizationRow> legalize::optimizerRows() {
  static constexpr LegalizationRow rows[] = {
      {"ApplyAdaMax", step},
      {"ApplyAdadelta", step},
      {"ApplyAdagrad", step},
      {"ApplyAdagradDA", step},
      {"ApplyAdagradV2", step},
      {"ApplyAdam", step},
      {"ApplyAdamWithAmsgrad", step},
      {"ApplyAddSign", step},
      {"ApplyCenteredRMSProp", step},
      {"ApplyFtrl", step},
      {"ApplyFtrlV2", step},
      {"ApplyGradientDescent", step},
      {"ApplyKerasMomentum", step},
      {"ApplyMomentum", step},
      {"ApplyPowerSign", step},
      {"ApplyProximalAdagrad", step},
      {"ApplyProximalGradientDescent", step},
      {"ApplyRMSProp", step},
      {"SparseApplyAdadelta", step},
      {"SparseApplyAdagrad", step},
      {"SparseApplyAdagradDA", step},
      {"SparseApplyAdagradV2", step},
      {"SparseApplyCenteredRMSProp", step},
      {"SparseApplyFtrl", step},
      {"SparseApplyFtrlV2", step},
      {"SparseApplyKerasMomentum", step},
      {"SparseApplyMomentum", step},
      {"SparseApplyProximalAdagrad", step},
      {"SparseApplyProximalGradientDescent", step},
      {"SparseApplyRMSProp", step},
  };
  return rows;
}
