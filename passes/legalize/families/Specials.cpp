// SPDX-License-Identifier: Apache-2.0
// The import table: special functions of mathematics.
#include "passes/legalize/Rows.h"
#include "passes/legalize/Table.h"

using namespace mlir;
using namespace lathe;
using namespace lathe::core;
using namespace lathe::legalize;

template <Special function> static Values special(Node &n) {
  return {n.b.special(function, n.operands())};
}

ArrayRef<LegalizationRow> legalize::specialRows() {
  static constexpr LegalizationRow rows[] = {
      {"Betainc", special<Special::Betainc>},
      {"Digamma", special<Special::Digamma>},
      {"Erf", unary<ErfOp>},
      {"Erfc", special<Special::Erfc>},
      {"Erfinv", special<Special::Erfinv>},
      {"Igamma", special<Special::Igamma>},
      {"Igammac", special<Special::Igammac>},
      {"Lgamma", special<Special::Lgamma>},
      {"Ndtri", special<Special::Ndtri>},
      {"Polygamma", special<Special::Polygamma>},
      {"Zeta", special<Special::Zeta>},
  };
  return rows;
}
