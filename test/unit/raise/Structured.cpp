// SPDX-License-Identifier: Apache-2.0
// What gdef.if, gdef.while and lists compute.
#include "ir/Problems.h"
#include "ir/evaluate/Evaluate.h"
#include "passes/raise/Arrays.h"
#include "test/unit/raise/Interpret.h"

using namespace mlir;
using namespace lathe;
using namespace lathe::test;

namespace {

class Interpreter {
public:
  explicit Interpreter(MLIRContext *context) : runner(*context) {}

  Outcome run(gdef::GraphOp graph, const Flows &arguments) {
    outcome.results = runBlock(graph.getBody().front(), arguments);
    return std::move(outcome);
  }

private:
  Flows runBlock(Block &block, const Flows &arguments) {
    for (auto [argument, value] : llvm::zip_equal(block.getArguments(), arguments))
      values[argument] = value;
    auto order = orders.find(&block);
    if (order == orders.end())
      order = orders.try_emplace(&block, raise::orderOf(block)).first;
    for (Operation *op : SmallVector<Operation *>(order->second)) {
      if (!outcome.error.empty())
        return Flows(block.getTerminator()->getNumOperands());
      Flows results = runOp(op);
      for (auto [result, value] : llvm::zip(op->getResults().drop_back(), results))
        values[result] = value;
    }
    return yielded(block);
  }

  Flows yielded(Block &block) {
    Flows result;
    for (Value value : block.getTerminator()->getOperands())
      if (!isa<gdef::ControlType>(value.getType()))
        result.push_back(values[value]);
    return result;
  }

  Flows runOp(Operation *op) {
    if (auto branch = dyn_cast<gdef::IfOp>(op))
      return runBlock(
          (holds(values[branch.getCondition()].tensor) ? branch.getThenRegion() : branch.getElseRegion()).front(), {});
    if (auto loop = dyn_cast<gdef::WhileOp>(op)) {
      Flows carried;
      for (Value init : loop.getInits())
        carried.push_back(values[init]);
      for (int rounds = 0; outcome.error.empty() && holds(runBlock(loop.getCond().front(), carried)[0].tensor);
           ++rounds) {
        carried = runBlock(loop.getBody().front(), carried);
        if (rounds > 10'000)
          outcome.error = "too many rounds";
      }
      return carried;
    }
    auto node = cast<gdef::NodeOp>(op);
    Flows in;
    for (Value input : node.getInputs())
      in.push_back(values[input]);
    StringRef type = node.getOpType();
    if (type == "Assert")
      ++outcome.effects[nodeNames(node.getLoc()).node.str()];
    if (type == "Assert" || type == "NoOp")
      return {};
    if (type == "Identity")
      return in;
    std::optional<Flows> out = type.starts_with("TensorList") ? runList(node, in) : runner.run(node, in);
    if (!out)
      outcome.error = runner.error;
    return out ? *out : Flows(node.getOutputs().size());
  }

  std::optional<Flows> runList(gdef::NodeOp node, const Flows &in) {
    using List = std::vector<evaluate::Tensor>;
    StringRef op = node.getOpType();
    auto at = [&] { return evaluate::readIntegers(in[1].tensor).front(); };
    if (op == "TensorListReserve")
      return Flows{{{}, std::make_shared<List>(at()), {}}};
    if (!in[0].list) {
      runner.error = "operand 0 of " + op.str() + " is not a list";
      return std::nullopt;
    }
    if (op == "TensorListSetItem") {
      auto list = std::make_shared<List>(*in[0].list);
      list->at(at()) = in[2].tensor;
      return Flows{{{}, list, {}}};
    }
    if (op == "TensorListGetItem")
      return Flows{{in[0].list->at(at()), {}, {}}};
    runner.error = "no " + op.str();
    return std::nullopt;
  }

  NodeRunner runner;
  Outcome outcome;
  llvm::DenseMap<Value, Flow> values;
  llvm::DenseMap<Block *, SmallVector<Operation *>> orders;
};

} // namespace

Outcome test::runStructured(gdef::GraphOp graph, const Flows &arguments) {
  return Interpreter(graph.getContext()).run(graph, arguments);
}
