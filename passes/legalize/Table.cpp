// SPDX-License-Identifier: Apache-2.0
// Joins the families of the import table, and lists what is refused for a reason.
#include "passes/legalize/Table.h"
#include "llvm/ADT/StringMap.h"

using namespace mlir;
using namespace lathe;
using namespace lathe::legalize;

static constexpr Family families[] = {
    {"elementwise", elementwiseRows, Counts::Kept},
    {"activations", activationRows, Counts::Kept},
    {"comparisons", comparisonRows, Counts::Kept},
    {"special functions", specialRows, Counts::Kept},
    {"bits", bitRows, Counts::Kept},
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
    {"gradients of pools", poolGradientRows},
    {"normalization", normalizationRows},
    {"resizing", resizeRows},
    {"transformed images", imageTransformRows},
    {"colors", colorRows},
    {"linear algebra", linalgRows},
    {"Fourier transforms", fourierRows},
    {"sound", audioRows},
    {"diagonals", diagonalRows},
    {"random numbers", randomRows},
    {"recurrent cells", recurrentRows},
    {"quantization", quantizationRows},
    {"steps of training", optimizerRows},
    {"lists", listRows},
    {"selections", selectionRows, Counts::Handled},
    {"detection", detectionRows},
    {"guards", guardRows, Counts::Handled},
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

Counts legalize::countsOf(const LegalizationRow &row) {
  if (row.counts != Counts::OfFamily)
    return row.counts;
  for (const Family &family : families)
    if (llvm::any_of(family.rows(), [&](const LegalizationRow &other) { return &other == &row; }))
      return family.counts;
  return Counts::Refused;
}

std::optional<Code> legalize::refusalOf(StringRef op) {
  // Prefixes, so that all versions of an operation are covered; a row of the table comes first.
  static constexpr std::pair<StringLiteral, Code> refusals[] = {
      {"CTCBeamSearchDecoder", Code::DataDependentShape},
      {"Case", Code::UnraisedControlFlow},
      {"DenseToDenseSetOperation", Code::DataDependentShape},
      {"Enter", Code::UnraisedControlFlow},
      {"Exit", Code::UnraisedControlFlow},
      {"GenerateBoundingBoxProposals", Code::DataDependentShape},
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
