// SPDX-License-Identifier: Apache-2.0
// The import table: nodes that watch others. Printing leaves nothing in the program.
#include "passes/legalize/Rows.h"
#include "passes/legalize/Table.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;
using namespace lathe;
using namespace lathe::core;
using namespace lathe::legalize;

static Values nothing(Node &) {
  return {};
}

/// The strings among what an Assert would print, where they are constants.
static std::string messageOf(Node &n) {
  SmallVector<StringRef> parts;
  for (size_t i = 1; i < n.size(); ++i) {
    gdef::NodeOp source = n.producer(i);
    auto text = source ? source.attr<DenseStringElementsAttr>("value") : DenseStringElementsAttr();
    if (text && source.getOpType() == "Const")
      llvm::append_range(parts, text.getRawStringData());
  }
  return parts.empty() ? "the condition does not hold" : llvm::join(parts, " ");
}

static Values assertion(Node &n) {
  n.demand(n[0], messageOf(n));
  return {};
}

static Values checkNumerics(Node &n) {
  StringRef message = n.text("message");
  if (n.makesDemands())
    n.demand(n.whereMeant(0, {n.b, n.b.isFinite(n[0])}),
             "the tensor has NaN or infinity" + (message.empty() ? Twine() : ": " + message));
  return firstOperand(n);
}

bool legalize::isDemand(StringRef op) {
  return op == "Assert" || op == "CheckNumerics" || op == "CheckNumericsV2";
}

llvm::ArrayRef<LegalizationRow> legalize::guardRows() {
  static constexpr LegalizationRow rows[] = {
      {"Assert", assertion},
      {"CheckNumerics", checkNumerics, Counts::Kept},
      {"CheckNumericsV2", checkNumerics, Counts::Kept},
      {"ControlTrigger", nothing},
      {"NoOp", nothing},
      {"PrintV2", nothing},
  };
  return rows;
}
