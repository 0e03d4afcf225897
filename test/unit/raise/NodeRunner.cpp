// SPDX-License-Identifier: Apache-2.0
// One node on known tensors.
#include "ir/core/CheckedBuilder.h"
#include "ir/evaluate/Evaluate.h"
#include "passes/legalize/Table.h"
#include "test/unit/raise/Interpret.h"

using namespace mlir;
using namespace lathe;
using namespace lathe::test;

bool test::holds(const evaluate::Tensor &tensor) {
  return llvm::any_of(tensor.bytes(), [](char byte) { return byte != 0; });
}

NodeRunner::NodeRunner(MLIRContext &context) : scratch(ModuleOp::create(UnknownLoc::get(&context))) {}

std::optional<Flows> NodeRunner::run(gdef::NodeOp node, const Flows &inputs) {
  const legalize::LegalizationRow *row = legalize::findRow(node.getOpType());
  if (!row) {
    error = "no row for " + node.getOpType().str();
    return std::nullopt;
  }
  constexpr int64_t budget = 1 << 20;
  OpBuilder builder = OpBuilder::atBlockEnd(scratch->getBody());
  core::CheckedBuilder checked(builder, node.getLoc(), budget);
  legalize::Operands operands;
  for (const Flow &input : inputs) {
    operands.values.push_back(checked.constant(input.tensor.toAttribute()));
    operands.counts.push_back({});
  }
  legalize::Node view(node, operands, checked);
  Flows outputs;
  for (Value result : row->legalize(view)) {
    evaluate::Tensor tensor = result ? evaluate::constantValue(result, budget) : evaluate::Tensor();
    // The bytes must outlive the scratch op, which attributes do.
    outputs.push_back({tensor ? evaluate::Tensor::fromAttribute(tensor.toAttribute()) : tensor, {}, {}});
    if (!tensor)
      error = node.getOpType().str() + " gives no constant";
  }
  while (!scratch->getBody()->empty())
    scratch->getBody()->back().erase();
  if (!error.empty())
    return std::nullopt;
  return outputs;
}
