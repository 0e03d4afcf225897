// SPDX-License-Identifier: Apache-2.0
// Joins the families of the import table, and lists what is refused for a reason.
#include "passes/legalize/Table.h"
#include "llvm/ADT/StringMap.h"

using namespace mlir;
using namespace lathe;
using namespace lathe::legalize;

static constexpr Family families[] = {
    {"elementwise", elementwiseRows},
    {"activations", activationRows},
    {"comparisons", comparisonRows},
    {"special functions", specialRows},
    {"bits", bitRows},
    {"reductions", reductionRows},
    {"orders", orderRows},
    {"positions", positionRows},
    {"shapes", shapeRows},
    {"creation", creationRows},
    {"slicing", slicingRows},
    {"layout", layoutRows},
    {"scatter", scatterRows},
    {"segments", segmentRows},
    {"contractions", contractionRows},
    {"convolutions", convolutionRows},
    {"pooling", poolingRows},
    {"normalization", normalizationRows},
    {"resizing", resizeRows},
    {"colors", colorRows},
    {"linear algebra", linalgRows},
    {"diagonals", diagonalRows},
    {"random numbers", randomRows},
    {"recurrent cells", recurrentRows},
    {"quantization", quantizationRows},
    {"lists", listRows},
    {"guards", guardRows},
};

const LegalizationRow *legalize::findRow(StringRef op) {
  static const llvm::StringMap<const LegalizationRow *> table = [] {
    llvm::StringMap<const LegalizationRow *> rows;
    for (const Family &family : families)
      for (const LegalizationRow &row : family.rows()) {
        bool isNew = rows.try_emplace(row.op, &row).second;
        assert(isNew && "an operation has one row");
        (void)isNew;
      }
    return rows;
  }();
  return table.lookup(op);
}

std::optional<Code> legalize::refusalOf(StringRef op) {
  // Prefixes, so that all versions of an operation are covered; a row of the table comes first.
  static constexpr std::pair<StringLiteral, Code> refusals[] = {
      {"BooleanMask", Code::DataDependentShape},
      {"DynamicPartition", Code::DataDependentShape},
      {"ListDiff", Code::DataDependentShape},
      {"NonMaxSuppression", Code::DataDependentShape},
      {"CombinedNonMaxSuppression", Code::DataDependentShape},
      {"SetDiff1d", Code::DataDependentShape},
      {"Unique", Code::DataDependentShape},
      {"Where", Code::DataDependentShape},
      {"Case", Code::UnraisedControlFlow},
      {"Enter", Code::UnraisedControlFlow},
      {"Exit", Code::UnraisedControlFlow},
      {"If", Code::UnraisedControlFlow},
      {"LoopCond", Code::UnraisedControlFlow},
      {"Merge", Code::UnraisedControlFlow},
      {"NextIteration", Code::UnraisedControlFlow},
      {"PartitionedCall", Code::UnraisedControlFlow},
      {"RngReadAndSkip", Code::RandomState},
      {"RngSkip", Code::RandomState},
      {"StatefulPartitionedCall", Code::UnraisedControlFlow},
      {"StatefulRandom", Code::RandomState},
      {"StatefulStandardNormal", Code::RandomState},
      {"StatefulTruncatedNormal", Code::RandomState},
      {"StatefulUniform", Code::RandomState},
      {"Stack", Code::UnraisedControlFlow},
      {"StatelessCase", Code::UnraisedControlFlow},
      {"StatelessIf", Code::UnraisedControlFlow},
      {"StatelessWhile", Code::UnraisedControlFlow},
      {"Switch", Code::UnraisedControlFlow},
      {"TensorArray", Code::UnraisedControlFlow},
      {"TensorList", Code::UnraisedControlFlow},
      {"While", Code::UnraisedControlFlow},
  };
  // The longest prefix says most.
  const std::pair<StringLiteral, Code> *best = nullptr;
  for (const auto &refusal : refusals)
    if (op.starts_with(refusal.first) && (!best || refusal.first.size() > best->first.size()))
      best = &refusal;
  return best ? std::optional<Code>(best->second) : std::nullopt;
}

void legalize::forEachSupportedOp(llvm::function_ref<void(StringRef family, StringRef op)> visit) {
  for (const Family &family : families)
    for (const LegalizationRow &row : family.rows())
      visit(family.name, row.op);
}
