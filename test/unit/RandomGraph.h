// SPDX-License-Identifier: Apache-2.0
// Random valid functions of core ops, with arguments, the values that they must give, and how far off those may be.
#ifndef LATHE_TEST_UNIT_RANDOMGRAPH_H
#define LATHE_TEST_UNIT_RANDOMGRAPH_H

#include "ir/evaluate/Tensor.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace lathe {

struct RandomGraph {
  /// A module with the function @main, which returns every value that has no other reader.
  mlir::OwningOpRef<mlir::ModuleOp> module;
  /// One for each argument of @main; the elements of one all differ as far as its type can tell them apart.
  llvm::SmallVector<evaluate::Tensor> arguments;
  /// What the reference interpreter gives.
  llvm::SmallVector<evaluate::Tensor> results;
  /// For each result the largest absolute error that correct code may make, in any element: 0 for results that allow of
  /// one value only. Found by perturbing the operands of each op by their own errors.
  llvm::SmallVector<double> tolerances;
};

/// The graph that belongs to `seed`: 5 to 40 ops drawn from all of the dialect, on tensors of all element types, of
/// rank 0 to 5, with up to 64 elements, sizes 0 and 1 among them. Floats are finite and at most 1000. `context` has the
/// core and func dialects loaded. The same seed gives the same graph everywhere, up to the machine's mathematical
/// library.
RandomGraph makeRandomGraph(mlir::MLIRContext &context, unsigned seed);

} // namespace lathe
#endif
