// SPDX-License-Identifier: Apache-2.0
// The gdef dialect: a TensorFlow graph as it was imported.
#ifndef LATHE_IR_GDEF_DIALECT
#define LATHE_IR_GDEF_DIALECT

include "mlir/IR/OpBase.td"

def Gdef_Dialect : Dialect {
  let name = "gdef";
  let cppNamespace = "::lathe::gdef";
  let summary = "A TensorFlow graph as it was imported";
  let description = [{
    Holds any TensorFlow operation by name, with its attributes, its data edges as tensor values and its control edges
    as values of type `!gdef.control`. Nothing here knows what an operation computes: that is said where the graph is
    legalised to the core dialect.

    The location of a node is `loc("node name"("OpType"))`; every message about a node takes its names from there.
  }];
  let useDefaultTypePrinterParser = 1;
  let useDefaultAttributePrinterParser = 1;
}

#endif
