// SPDX-License-Identifier: Apache-2.0
// Toom and Cook's construction over chosen points, and the sharing of sums in products with its matrices.
#include "backends/cpu/winograd/WinogradTransform.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <map>
#include <numeric>

namespace lathe::cpu {

Fraction::Fraction(int64_t numerator, int64_t denominator) {
  const int64_t divisor = std::gcd(numerator, denominator) * (denominator < 0 ? -1 : 1);
  this->numerator = numerator / divisor;
  this->denominator = denominator / divisor;
}

Fraction Fraction::operator+(Fraction other) const {
  const int64_t common = std::lcm(denominator, other.denominator);
  return {numerator * (common / denominator) + other.numerator * (common / other.denominator), common};
}

Fraction Fraction::operator*(Fraction other) const {
  const Fraction left(numerator, other.denominator), right(other.numerator, denominator);
  return {left.numerator * right.numerator, left.denominator * right.denominator};
}

Fraction Fraction::operator/(Fraction other) const {
  return *this * Fraction(other.denominator, other.numerator);
}

namespace {
using Polynomial = std::vector<Fraction>; ///< coefficients, lowest first

/// The finite points of F(outputs, taps), outputs + taps - 2 of them; infinity is the last one of each. Pairs of p and
/// -p share sums. Of the choices with short binary fractions these had the smallest errors, summed over 256 channels of
/// random data (README).
const std::map<std::pair<int64_t, int64_t>, std::vector<Fraction>> &pointSets() {
  static const std::map<std::pair<int64_t, int64_t>, std::vector<Fraction>> sets = [] {
    const Fraction zero, one(1), half(1, 2);
    const std::vector<Fraction> three{zero, one, -one};
    const std::vector<Fraction> five{zero, {5, 8}, {-5, 8}, {3, 2}, {-3, 2}};
    const std::vector<Fraction> seven{zero, half, -half, one, -one, {7, 4}, {-7, 4}};
    const std::vector<Fraction> eight{{1, 4}, {-1, 4}, {3, 4}, {-3, 4}, {5, 4}, {-5, 4}, 2, -2};
    return std::map<std::pair<int64_t, int64_t>, std::vector<Fraction>>{
        {{1, 1}, {}},   {{2, 3}, three}, {{4, 3}, five},  {{6, 3}, seven},
        {{2, 5}, five}, {{4, 5}, seven}, {{2, 7}, seven}, {{3, 7}, eight}};
  }();
  return sets;
}

/// The product of (x - root) over all roots but number `without`.
Polynomial fromRoots(const std::vector<Fraction> &roots, size_t without) {
  Polynomial result{1};
  for (size_t i = 0; i < roots.size(); ++i) {
    if (i == without)
      continue;
    result.insert(result.begin(), Fraction());
    for (size_t j = 0; j + 1 < result.size(); ++j)
      result[j] = result[j] + -roots[i] * result[j + 1];
  }
  return result;
}

std::vector<Fraction> powers(Fraction base, int64_t count) {
  std::vector<Fraction> result{1};
  while (int64_t(result.size()) < count)
    result.push_back(result.back() * base);
  return result;
}
} // namespace

llvm::ArrayRef<int64_t> winogradOutputs(int64_t taps) {
  static const std::map<int64_t, std::vector<int64_t>> known = [] {
    std::map<int64_t, std::vector<int64_t>> outputs;
    for (const auto &[sizes, points] : pointSets())
      outputs[sizes.second].push_back(sizes.first);
    return outputs;
  }();
  const auto found = known.find(taps);
  return found == known.end() ? llvm::ArrayRef<int64_t>() : llvm::ArrayRef<int64_t>(found->second);
}

WinogradTransform makeWinogradTransform(int64_t outputs, int64_t taps) {
  const std::vector<Fraction> &points = pointSets().at({outputs, taps});
  WinogradTransform transform;
  transform.outputs = outputs;
  transform.taps = taps;
  transform.output.resize(size_t(outputs));
  for (size_t i = 0; i < points.size(); ++i) {
    Polynomial others = fromRoots(points, i);
    Fraction norm(1);
    for (size_t j = 0; j < points.size(); ++j)
      if (j != i)
        norm = norm * (points[i] + -points[j]);
    others.push_back(0);
    transform.input.push_back(std::move(others));
    transform.filter.push_back(powers(points[i], taps));
    for (Fraction &entry : transform.filter.back())
      entry = entry / norm;
    const std::vector<Fraction> column = powers(points[i], outputs);
    for (int64_t o = 0; o < outputs; ++o)
      transform.output[size_t(o)].push_back(column[size_t(o)]);
  }
  // The point at infinity sees the highest coefficients alone.
  transform.input.push_back(fromRoots(points, points.size()));
  transform.filter.emplace_back(size_t(taps)).back() = 1;
  for (int64_t o = 0; o < outputs; ++o)
    transform.output[size_t(o)].push_back(o + 1 == outputs ? 1 : 0);
  return transform;
}

double WinogradTransform::amplification() const {
  const auto sumOf = [](const std::vector<Fraction> &row) {
    return std::accumulate(row.begin(), row.end(), 0.0,
                           [](double sum, Fraction entry) { return sum + std::abs(entry.value()); });
  };
  double largest = 0;
  for (const std::vector<Fraction> &row : output) {
    double sum = 0;
    for (size_t j = 0; j < row.size(); ++j)
      sum += std::abs(row[j].value()) * sumOf(filter[j]) * sumOf(input[j]);
    largest = std::max(largest, sum);
  }
  return largest / double(taps);
}

namespace {
/// Collects the steps of a product.
class Planner {
public:
  explicit Planner(const FractionMatrix &matrix) : rows(matrix.size()), next(int(matrix.front().size())) {
    for (size_t j = 0; j < matrix.front().size(); ++j) {
      columns.push_back({int(j), {}});
      for (const std::vector<Fraction> &row : matrix)
        columns.back().entries.push_back(row[j].value());
    }
  }

  LinearPlan run() {
    pairColumns();
    plan.results.assign(rows, -1);
    for (size_t i = 0; i < rows; ++i)
      for (size_t k = i + 1; k < rows && plan.results[i] < 0; ++k)
        if (plan.results[k] < 0)
          pairRows(i, k);
    for (size_t i = 0; i < rows; ++i)
      if (plan.results[i] < 0)
        plan.results[i] = sum(termsOf(i));
    return std::move(plan);
  }

private:
  struct Column {
    int value;
    std::vector<double> entries;
  };
  struct Term {
    double coefficient;
    int value;
  };

  int step(LinearStep::Kind kind, int left, int right, double coefficient) {
    plan.steps.push_back({kind, left, right, coefficient});
    return next++;
  }

  /// Columns that are equal in even rows and opposite in odd ones: the sum of their values serves the former, the
  /// difference the latter.
  void pairColumns() {
    for (size_t j = 0; j < columns.size(); ++j)
      for (size_t k = j + 1; k < columns.size(); ++k) {
        bool fits = rows > 1;
        for (size_t i = 0; i < rows; ++i)
          fits &= columns[j].entries[i] != 0 && columns[k].entries[i] == columns[j].entries[i] * (i % 2 ? -1 : 1);
        if (!fits)
          continue;
        const int left = columns[j].value, right = columns[k].value;
        columns[j].value = step(LinearStep::Add, left, right, 0);
        columns[k].value = step(LinearStep::Subtract, left, right, 0);
        columns[k].entries = columns[j].entries;
        for (size_t i = 0; i < rows; ++i)
          columns[i % 2 ? j : k].entries[i] = 0;
        break;
      }
  }

  std::vector<Term> termsOf(size_t row) const {
    std::vector<Term> terms;
    for (const Column &column : columns)
      if (column.entries[row] != 0)
        terms.push_back({column.entries[row], column.value});
    return terms;
  }

  /// Rows that are equal in some columns and opposite in the others: a + c * b and a - c * b.
  void pairRows(size_t i, size_t k) {
    std::vector<Term> same, opposite;
    for (const Column &column : columns) {
      const double entry = column.entries[i];
      if (std::abs(entry) != std::abs(column.entries[k]))
        return;
      if (entry != 0)
        (entry == column.entries[k] ? same : opposite).push_back({entry, column.value});
    }
    if (same.empty() || opposite.empty())
      return;
    // Divided by its last coefficient the second sum needs no multiplication of its own, where all stay exact.
    const double scale = opposite.back().coefficient;
    const bool exact = std::all_of(opposite.begin(), opposite.end(), [&](const Term &term) {
      const double quotient = term.coefficient / scale;
      return double(float(quotient)) == quotient && quotient * scale == term.coefficient;
    });
    if (exact)
      for (Term &term : opposite)
        term.coefficient /= scale;
    const int a = sum(same), b = sum(opposite);
    if (exact && std::abs(scale) != 1) {
      plan.results[i] = step(LinearStep::MultiplyAdd, b, a, scale);
      plan.results[k] = step(LinearStep::MultiplyAdd, b, a, -scale);
    } else {
      const bool negative = exact && scale < 0;
      plan.results[negative ? k : i] = step(LinearStep::Add, a, b, 0);
      plan.results[negative ? i : k] = step(LinearStep::Subtract, a, b, 0);
    }
  }

  int sum(std::vector<Term> terms) {
    assert(!terms.empty() && "a row of zeros has no value");
    // What needs no multiplication comes first.
    std::stable_partition(terms.begin(), terms.end(), [](const Term &term) { return term.coefficient == 1; });
    int result = terms.front().value;
    if (terms.front().coefficient != 1)
      result = step(LinearStep::Multiply, result, result, terms.front().coefficient);
    for (size_t i = 1; i < terms.size(); ++i) {
      const auto [coefficient, value] = terms[i];
      if (coefficient == 1)
        result = step(LinearStep::Add, result, value, 0);
      else if (coefficient == -1)
        result = step(LinearStep::Subtract, result, value, 0);
      else
        result = step(LinearStep::MultiplyAdd, value, result, coefficient);
    }
    return result;
  }

  size_t rows;
  int next; ///< number of the next value
  std::vector<Column> columns;
  LinearPlan plan;
};
} // namespace

LinearPlan planProduct(const FractionMatrix &matrix) {
  return Planner(matrix).run();
}

} // namespace lathe::cpu
