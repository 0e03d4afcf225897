// SPDX-License-Identifier: Apache-2.0
// The import table: every TensorFlow operation that becomes core ops, and the operations refused for a reason.
#ifndef LATHE_PASSES_LEGALIZE_TABLE_H
#define LATHE_PASSES_LEGALIZE_TABLE_H

#include "passes/legalize/Node.h"
#include "llvm/ADT/STLFunctionalExtras.h"

namespace lathe::legalize {

/// A table of one family of operations.
struct Family {
  llvm::StringLiteral name;
  llvm::ArrayRef<LegalizationRow> (*rows)();
  Counts counts = Counts::Refused; ///< of rows that do not say it themselves
};

// One a file, in the order of the documentation.
llvm::ArrayRef<LegalizationRow> elementwiseRows();
llvm::ArrayRef<LegalizationRow> activationRows();
llvm::ArrayRef<LegalizationRow> comparisonRows();
llvm::ArrayRef<LegalizationRow> specialRows();
llvm::ArrayRef<LegalizationRow> bitRows();
llvm::ArrayRef<LegalizationRow> reductionRows();
llvm::ArrayRef<LegalizationRow> orderRows();
llvm::ArrayRef<LegalizationRow> shapeRows();
llvm::ArrayRef<LegalizationRow> creationRows();
llvm::ArrayRef<LegalizationRow> slicingRows();
llvm::ArrayRef<LegalizationRow> layoutRows();
llvm::ArrayRef<LegalizationRow> scatterRows();
llvm::ArrayRef<LegalizationRow> segmentRows();
llvm::ArrayRef<LegalizationRow> contractionRows();
llvm::ArrayRef<LegalizationRow> convolutionRows();
llvm::ArrayRef<LegalizationRow> poolingRows();
llvm::ArrayRef<LegalizationRow> poolGradientRows();
llvm::ArrayRef<LegalizationRow> normalizationRows();
llvm::ArrayRef<LegalizationRow> resizeRows();
llvm::ArrayRef<LegalizationRow> imageTransformRows();
llvm::ArrayRef<LegalizationRow> colorRows();
llvm::ArrayRef<LegalizationRow> linalgRows();
llvm::ArrayRef<LegalizationRow> fourierRows();
llvm::ArrayRef<LegalizationRow> audioRows();
llvm::ArrayRef<LegalizationRow> diagonalRows();
llvm::ArrayRef<LegalizationRow> positionRows();
llvm::ArrayRef<LegalizationRow> randomRows();
llvm::ArrayRef<LegalizationRow> recurrentRows();
llvm::ArrayRef<LegalizationRow> quantizationRows();
llvm::ArrayRef<LegalizationRow> listRows();
llvm::ArrayRef<LegalizationRow> optimizerRows();
llvm::ArrayRef<LegalizationRow> selectionRows();
llvm::ArrayRef<LegalizationRow> detectionRows();
llvm::ArrayRef<LegalizationRow> guardRows();

/// The row of a TensorFlow operation, or null.
const LegalizationRow *findRow(llvm::StringRef op);

/// What the operation of `row` makes of counted operands: never OfFamily.
Counts countsOf(const LegalizationRow &row);

/// Whether nodes of operation `op` demand something of values, so that they run though nobody reads their results.
bool isDemand(llvm::StringRef op);

/// Why a known TensorFlow operation cannot become core ops, or none where no reason is noted.
std::optional<Code> refusalOf(llvm::StringRef op);

/// Calls `visit` with the family and name of each supported operation, families in the order of the documentation and
/// operations by name: what the support table is made from.
void forEachSupportedOp(llvm::function_ref<void(llvm::StringRef family, llvm::StringRef op)> visit);

} // namespace lathe::legalize
#endif
