// SPDX-License-Identifier: Apache-2.0
// Formulas over core values, written as formulas.
#ifndef LATHE_PASSES_LEGALIZE_TERM_H
#define LATHE_PASSES_LEGALIZE_TERM_H

#include "ir/core/CheckedBuilder.h"

namespace lathe::legalize {

using mlir::Type;
using mlir::Value;

/// A value in a formula. Operators emit element-wise ops that broadcast as numpy does; a number beside a term is a
/// constant of the term's type. A term without a value, which stands for an error already reported, gives such terms
/// only.
struct Term {
  Term(core::CheckedBuilder &b, Value value) : b(&b), value(value) {}
  operator Value() const { return value; }

  core::CheckedBuilder *b;
  Value value;
};

inline Term like(Term x, double value) {
  return {*x.b, x.b->splatLike(x, value)};
}
template <typename Op> Term apply(Term x) {
  return {*x.b, x.b->unary<Op>(x)};
}
template <typename Op> Term apply(Term x, Term y) {
  return {*x.b, x.b->binary<Op>(x, y)};
}

#define LATHE_BINARY_TERM(name, op)                                                                                    \
  inline Term name(Term x, Term y) {                                                                                   \
    return apply<core::op>(x, y);                                                                                      \
  }                                                                                                                    \
  inline Term name(Term x, double y) {                                                                                 \
    return name(x, like(x, y));                                                                                        \
  }                                                                                                                    \
  inline Term name(double x, Term y) {                                                                                 \
    return name(like(y, x), y);                                                                                        \
  }
LATHE_BINARY_TERM(operator+, AddOp)
LATHE_BINARY_TERM(operator-, SubOp)
LATHE_BINARY_TERM(operator*, MulOp)
LATHE_BINARY_TERM(operator/, DivOp)
LATHE_BINARY_TERM(min, MinOp)
LATHE_BINARY_TERM(max, MaxOp)
LATHE_BINARY_TERM(pow, PowOp)
LATHE_BINARY_TERM(rem, RemOp)
LATHE_BINARY_TERM(atan2, Atan2Op)
#undef LATHE_BINARY_TERM

inline Term operator&(Term x, Term y) {
  return apply<core::AndOp>(x, y);
}
inline Term operator|(Term x, Term y) {
  return apply<core::OrOp>(x, y);
}
inline Term operator^(Term x, Term y) {
  return apply<core::XorOp>(x, y);
}
inline Term operator!(Term x) {
  return apply<core::NotOp>(x);
}
inline Term operator-(Term x) {
  return apply<core::NegOp>(x);
}

#define LATHE_COMPARISON_TERM(name, direction)                                                                         \
  inline Term name(Term x, Term y) {                                                                                   \
    return {*x.b, x.b->compare(core::Comparison::direction, x, y)};                                                    \
  }                                                                                                                    \
  inline Term name(Term x, double y) {                                                                                 \
    return name(x, like(x, y));                                                                                        \
  }
LATHE_COMPARISON_TERM(equal, EQ)
LATHE_COMPARISON_TERM(notEqual, NE)
LATHE_COMPARISON_TERM(operator<, LT)
LATHE_COMPARISON_TERM(operator<=, LE)
LATHE_COMPARISON_TERM(operator>, GT)
LATHE_COMPARISON_TERM(operator>=, GE)
#undef LATHE_COMPARISON_TERM

inline Term select(Term predicate, Term x, Term y) {
  return {*x.b, x.b->select(predicate, x, y)};
}
inline Term select(Term predicate, Term x, double y) {
  return select(predicate, x, like(x, y));
}
inline Term select(Term predicate, double x, Term y) {
  return select(predicate, like(y, x), y);
}
inline Term convert(Term x, Type element) {
  return {*x.b, x.b->convert(x, element)};
}
inline Term reshape(Term x, llvm::ArrayRef<int64_t> shape) {
  return {*x.b, x.b->reshape(x, shape)};
}

#define LATHE_UNARY_TERM(name, op)                                                                                     \
  inline Term name(Term x) {                                                                                           \
    return apply<core::op>(x);                                                                                         \
  }
LATHE_UNARY_TERM(abs, AbsOp)
LATHE_UNARY_TERM(ceil, CeilOp)
LATHE_UNARY_TERM(erf, ErfOp)
LATHE_UNARY_TERM(exp, ExpOp)
LATHE_UNARY_TERM(expm1, Expm1Op)
LATHE_UNARY_TERM(floor, FloorOp)
LATHE_UNARY_TERM(log, LogOp)
LATHE_UNARY_TERM(log1p, Log1pOp)
LATHE_UNARY_TERM(logistic, LogisticOp)
LATHE_UNARY_TERM(roundEven, RoundEvenOp)
LATHE_UNARY_TERM(rsqrt, RsqrtOp)
LATHE_UNARY_TERM(sign, SignOp)
LATHE_UNARY_TERM(sqrt, SqrtOp)
LATHE_UNARY_TERM(tanh, TanhOp)
#undef LATHE_UNARY_TERM

} // namespace lathe::legalize
#endif
