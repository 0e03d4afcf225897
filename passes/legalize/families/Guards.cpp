// SPDX-License-Identifier: Apache-2.0
// The import table: nodes without results, which only watch others. They leave nothing in the program.
#include "passes/legalize/Table.h"

using namespace lathe::legalize;

using namespace lathe;

static Values nothing(Node &) {
  return {};
}

llvm::ArrayRef<LegalizationRow> legalize::guardRows() {
  static constexpr LegalizationRow rows[] = {
      {"Assert", nothing},
      {"NoOp", nothing},
      {"PrintV2", nothing},
  };
  return rows;
}
