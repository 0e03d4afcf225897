// SPDX-License-Identifier: Apache-2.0
// The pass that turns TensorArrays and stacks into lists that are values.
#include "ir/Problems.h"
#include "mlir/IR/BuiltinOps.h"
#include "passes/Passes.h"
#include "passes/raise/Arrays.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;
using namespace lathe;
using namespace lathe::raise;

namespace lathe {
#define GEN_PASS_DEF_RAISETENSORARRAYSPASS
#include "passes/Passes.h.inc"
} // namespace lathe

namespace {

/// The lists that the arrays are at one place of the program.
using Lists = llvm::MapVector<Array *, Value>;

class ArrayRaiser {
public:
  explicit ArrayRaiser(Arrays &arrays) : arrays(arrays) {}

  /// Replaces the operations on arrays in `block`; `lists` is what they are before it, then behind it.
  void raiseBlock(Block &block, Lists &lists) {
    for (Operation *op : orderOf(block)) {
      // The gradient of an array lives as long as the array, even where it is first asked for inside of a loop.
      for (auto [array, use] : arrays.usesIn(op))
        if (array->gradientOf && !lists.count(array) && lists.count(array->gradientOf))
          lists[array] = reserveGradient(*array, lists[array->gradientOf], op);
      if (auto branch = dyn_cast<gdef::IfOp>(op))
        raiseIf(branch, lists);
      else if (auto loop = dyn_cast<gdef::WhileOp>(op))
        raiseWhile(loop, lists);
      else if (auto node = dyn_cast<gdef::NodeOp>(op))
        if (Array *array = arrays.arrayOf(node))
          raiseNode(node, *array, lists);
    }
  }

  /// Nodes that nothing needs any more; to be erased once all regions are done.
  SmallVector<gdef::NodeOp> done;

private:
  //===--- lists ------------------------------------------------------------------------------------------------===//

  NodeMaker maker(Operation *before) { return NodeMaker(before); }

  Value reserveGradient(Array &array, Value list, Operation *before) {
    NodeMaker make(before, array.creator);
    Value size = make("TensorListLength", list, {}, make.scalar(make.i32()));
    return make.reserve(array, size);
  }

  void raiseNode(gdef::NodeOp node, Array &array, Lists &lists) {
    NodeMaker make(node, node);
    StringRef op = kindOf(node);
    ValueRange in = node.getInputs();
    Value flow = op.starts_with("TensorArray") && !in.empty() && op != "TensorArray" ? in.back() : Value();
    Value &list = lists[&array];
    Type variant = make.list();
    NamedAttribute element = make.attr("element_dtype", TypeAttr::get(array.element));
    NamedAttribute shapes = make.attr("shape_type", TypeAttr::get(make.i32()));
    NamedAttribute itemShape = make.attr("Tshape", TypeAttr::get(make.i32()));
    SmallVector<Value> results;
    if (op == "TensorArray") {
      list = make.reserve(array, in[0]);
      results = {Value(), Value()};
      if (node.getOutputs().size() > 1 && !node.getOutputs()[1].use_empty())
        results[1] = make.constant(DenseElementsAttr::get(make.scalar(make.f32()), 0.0f));
      results.resize(node.getOutputs().size());
    } else if (op == "TensorArrayGrad") {
      results = {Value(), flow};
    } else if (op == "TensorArrayWrite") {
      Value item = in[2];
      // A gradient is the sum of what is written.
      if (array.gradientOf) {
        Value sum = make("TensorListGetItem", {list, in[1], make.elementShape(array)}, {element, itemShape},
                         make.any(array.element));
        item = make("AddV2", {sum, item}, make.attr("T", TypeAttr::get(array.element)), make.any(array.element));
      }
      list = make("TensorListSetItem", {list, in[1], item},
                  {element, make.attr("resize_if_index_out_of_bounds", BoolAttr::get(node.getContext(), array.grows))},
                  variant);
      results = {flow};
    } else if (op == "TensorArrayRead") {
      results = {make("TensorListGetItem", {list, in[1], make.elementShape(array)}, {element, itemShape},
                      make.any(array.element))};
    } else if (op == "TensorArrayGather") {
      results = {make("TensorListGather", {list, in[1], make.elementShape(array)}, element, make.any(array.element))};
    } else if (op == "TensorArrayScatter") {
      list = make("TensorListScatterIntoExistingList", {list, in[2], in[1]}, element, variant);
      results = {flow};
    } else if (op == "TensorArraySplit") {
      list = make("TensorListSplit", {in[1], make.elementShape(array), in[2]}, {element, shapes}, variant);
      results = {flow};
    } else if (op == "TensorArrayConcat") {
      Value none =
          make.constant(DenseIntElementsAttr::get(RankedTensorType::get({0}, make.i64()), ArrayRef<int64_t>()));
      Value tensor = make("TensorListConcatV2", {list, make.elementShape(array), none}, {element, shapes},
                          {make.any(array.element), make.any(make.i64())});
      results = {tensor, tensor.getDefiningOp()->getResult(1)};
    } else if (op == "TensorArraySize") {
      results = {make("TensorListLength", list, {}, make.scalar(make.i32()))};
    } else if (op == "Stack") {
      Value most = in.empty() ? make.constant(DenseIntElementsAttr::get(make.scalar(make.i32()), -1)) : in[0];
      list = make("EmptyTensorList", {make.elementShape(array), most}, {element, shapes}, variant);
      results = {Value()};
    } else if (op == "StackPush") {
      list = make("TensorListPushBack", {list, in[1]}, element, variant);
      results = {in[1]};
    } else if (op == "StackPop") {
      list = make("TensorListPopBack", {list, make.elementShape(array)}, element, {variant, make.any(array.element)});
      results = {list.getDefiningOp()->getResult(1)};
    } else {
      results.resize(node.getOutputs().size());
    }
    for (auto [output, result] : llvm::zip_equal(node.getOutputs(), results))
      if (result)
        output.replaceAllUsesWith(result);
    node.getControl().replaceAllUsesWith(make.finish(node.getControls()));
    done.push_back(node);
  }

  //===--- loops and branches -----------------------------------------------------------------------------------===//

  /// The arrays from around `op` that it changes.
  SmallVector<Array *> changedIn(Operation *op, const Lists &lists) {
    SmallVector<Array *> changed;
    for (auto [array, use] : arrays.usesIn(op))
      if (use == Use::Changes && lists.count(array))
        changed.push_back(array);
    return changed;
  }

  static void yieldMore(Block &block, const Lists &lists, ArrayRef<Array *> changed) {
    for (Array *array : changed)
      cast<gdef::YieldOp>(block.getTerminator()).getValuesMutable().append(lists.lookup(array));
  }

  void raiseIf(gdef::IfOp op, Lists &lists) {
    SmallVector<Array *> changed = changedIn(op, lists);
    for (Region *region : {&op.getThenRegion(), &op.getElseRegion()}) {
      Lists inside = lists;
      raiseBlock(region->front(), inside);
      yieldMore(region->front(), inside, changed);
    }
    if (changed.empty())
      return;
    SmallVector<Type> types(op.getOutputs().getTypes());
    types.append(changed.size(), NodeMaker(op).list());
    types.push_back(op.getControl().getType());
    OpBuilder builder(op);
    auto wider = gdef::IfOp::create(builder, op.getLoc(), types, op.getCondition(), op.getControls());
    wider.getThenRegion().takeBody(op.getThenRegion());
    wider.getElseRegion().takeBody(op.getElseRegion());
    takePlace(op, wider, changed, lists);
  }

  void raiseWhile(gdef::WhileOp op, Lists &lists) {
    SmallVector<Array *> changed = changedIn(op, lists);
    SmallVector<Value> inits(op.getInits());
    SmallVector<Type> types(op.getOutputs().getTypes());
    for (Array *array : changed) {
      inits.push_back(lists[array]);
      types.push_back(NodeMaker(op).list());
    }
    for (Region *region : {&op.getCond(), &op.getBody()}) {
      Lists inside = lists;
      for (Array *array : changed)
        inside[array] = region->front().addArgument(NodeMaker(op).list(), array->creator.getLoc());
      Lists before = inside;
      raiseBlock(region->front(), inside);
      if (region == &op.getBody())
        yieldMore(region->front(), inside, changed);
      else if (llvm::any_of(changed, [&](Array *array) { return before[array] != inside[array]; }))
        arrays.report(op, Code::Irreducible, "the condition of a loop must not change a TensorArray or stack");
    }
    if (changed.empty())
      return;
    types.push_back(op.getControl().getType());
    OpBuilder builder(op);
    auto wider = gdef::WhileOp::create(builder, op.getLoc(), types, inits, op.getControls());
    wider.getCond().takeBody(op.getCond());
    wider.getBody().takeBody(op.getBody());
    takePlace(op, wider, changed, lists);
  }

  static void takePlace(Operation *op, Operation *wider, ArrayRef<Array *> changed, Lists &lists) {
    unsigned outputs = op->getNumResults() - 1;
    for (unsigned i = 0; i < outputs; ++i)
      op->getResult(i).replaceAllUsesWith(wider->getResult(i));
    op->getResults().back().replaceAllUsesWith(wider->getResults().back());
    for (auto [i, array] : llvm::enumerate(changed))
      lists[array] = wider->getResult(outputs + i);
    op->erase();
  }

  Arrays &arrays;
};

struct RaiseTensorArrays : lathe::impl::RaiseTensorArraysPassBase<RaiseTensorArrays> {
  void runOnOperation() override {
    bool ok = true;
    for (auto graph : getOperation().getOps<gdef::GraphOp>())
      ok = succeeded(raise(graph)) && ok;
    if (!ok)
      signalPassFailure();
  }

  static LogicalResult raise(gdef::GraphOp graph) {
    Arrays arrays(graph);
    if (!arrays.ok)
      return failure();
    if (arrays.empty())
      return success();
    ArrayRaiser raiser(arrays);
    Lists lists;
    raiser.raiseBlock(graph.getBody().front(), lists);
    if (!arrays.ok)
      return failure();
    dropUnchanged(graph);
    return eraseDone(raiser.done);
  }

  /// Erases readers of handles before what makes them. A handle that is still read is one that is passed on.
  static LogicalResult eraseDone(ArrayRef<gdef::NodeOp> nodes) {
    bool ok = true;
    for (gdef::NodeOp node : llvm::reverse(nodes)) {
      eraseIdentities(node);
      if (node->use_empty()) {
        node.erase();
        continue;
      }
      emitProblem(node->user_begin()->getLoc(), Code::VaryingHandle,
                  "the handle of '" + nodeNames(node.getLoc()).node + "' must not be passed out of a loop or branch");
      ok = false;
    }
    return success(ok);
  }
};

} // namespace
