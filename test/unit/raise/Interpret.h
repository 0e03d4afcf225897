// SPDX-License-Identifier: Apache-2.0
// Runs graphs of the gdef dialect: as TensorFlow's executor runs loops and branches of its version 1, and as gdef.if
// and gdef.while say. The two judge raising.
#ifndef LATHE_TEST_UNIT_RAISE_INTERPRET_H
#define LATHE_TEST_UNIT_RAISE_INTERPRET_H

#include "ir/evaluate/Tensor.h"
#include "ir/gdef/Ops.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace lathe::test {

/// What flows along an edge: a tensor, a list that is a value, or the handle of a TensorArray.
struct Flow {
  evaluate::Tensor tensor;
  std::shared_ptr<const std::vector<evaluate::Tensor>> list;
  std::shared_ptr<std::vector<evaluate::Tensor>> array;
};

using Flows = std::vector<Flow>;

/// What a run gives: the fetched tensors, and how often each node named in it had its effect.
struct Outcome {
  Flows results;
  std::map<std::string, int> effects;
  bool refused = false; ///< the condition of an Assert did not hold
  std::string error;    ///< empty unless the run failed
};

/// Computes one ordinary node by the import table.
class NodeRunner {
public:
  explicit NodeRunner(mlir::MLIRContext &context);

  /// The outputs of `node`; none, with `error` set, where the table has no row or makes no constant.
  std::optional<Flows> run(gdef::NodeOp node, const Flows &inputs);
  std::string error;

private:
  mlir::OwningOpRef<mlir::ModuleOp> scratch;
};

/// Runs a graph with Switch, Merge and frames, token by token: a node with a dead input is dead, a Merge fires on the
/// first live one, each iteration of a frame has values of its own.
Outcome runDeadTensors(gdef::GraphOp graph, const Flows &arguments);

/// Runs a graph with gdef.if, gdef.while and TensorFlow's lists.
Outcome runStructured(gdef::GraphOp graph, const Flows &arguments);

/// Whether a condition holds: a scalar that is not zero.
bool holds(const evaluate::Tensor &tensor);

} // namespace lathe::test
#endif
