// SPDX-License-Identifier: Apache-2.0
// Finds TensorArrays and stacks and follows their handles.
#include "passes/raise/Arrays.h"
#include "mlir/Transforms/RegionUtils.h"
#include "llvm/ADT/SetVector.h"
#include <queue>

using namespace mlir;
using namespace lathe;
using namespace lathe::raise;

StringRef raise::kindOf(gdef::NodeOp node) {
  StringRef op = node.getOpType();
  if (!op.consume_back("V3"))
    op.consume_back("V2");
  return op;
}

static std::optional<Use> useOf(StringRef kind) {
  for (StringRef name : {"TensorArrayWrite", "TensorArrayScatter", "TensorArraySplit", "StackPush", "StackPop"})
    if (kind == name)
      return Use::Changes;
  for (StringRef name : {"TensorArrayRead", "TensorArrayGather", "TensorArrayConcat", "TensorArraySize",
                         "TensorArrayClose", "StackClose", "TensorArrayGrad"})
    if (kind == name)
      return Use::Reads;
  return std::nullopt;
}

Arrays::Arrays(gdef::GraphOp graph) {
  SmallVector<gdef::NodeOp> nodes;
  graph.walk([&](gdef::NodeOp node) {
    StringRef kind = kindOf(node);
    if (kind == "TensorArray" || kind == "Stack")
      create(node);
    else if (useOf(kind))
      nodes.push_back(node);
  });
  // Gradients first: their handles are handles of arrays.
  for (gdef::NodeOp node : nodes)
    if (kindOf(node) == "TensorArrayGrad")
      (void)resolve(node.getOutputs()[0]);
  for (gdef::NodeOp node : nodes)
    findUse(node, graph);
}

void Arrays::create(gdef::NodeOp node) {
  bool isStack = kindOf(node) == "Stack";
  auto element = node.attr<TypeAttr>(isStack ? "elem_type" : "dtype");
  if (!element)
    return report(node, Code::BadAttribute, "the element type must be an attribute of the node");
  if (!isStack && node.getInputs().empty())
    return report(node, Code::InputCount, "number of inputs must be 1, but got 0");
  auto array = std::make_unique<Array>();
  array->creator = node;
  array->element = element.getValue();
  if (!isStack)
    array->shape = node.attr<gdef::ShapeAttr>("element_shape");
  if (auto grows = node.attr<BoolAttr>("dynamic_size"))
    array->grows = grows.getValue();
  byNode[node] = array.get();
  arrays.push_back(std::move(array));
}

/// The array whose handle `handle` is; null after a report.
Array *Arrays::resolve(Value handle) {
  llvm::SetVector<Value> open;
  Array *result = nullptr;
  open.insert(handle);
  for (size_t i = 0; i < open.size(); ++i) {
    Value value = open[i];
    if (auto argument = dyn_cast<BlockArgument>(value)) {
      auto loop = dyn_cast<gdef::WhileOp>(argument.getOwner()->getParentOp());
      if (!loop)
        return nullptr;
      open.insert(loop.getInits()[argument.getArgNumber()]);
      open.insert(loop.getBody().front().getTerminator()->getOperand(argument.getArgNumber()));
      continue;
    }
    Operation *op = value.getDefiningOp();
    unsigned number = cast<OpResult>(value).getResultNumber();
    if (auto loop = dyn_cast<gdef::WhileOp>(op)) {
      open.insert(loop.getBody().front().getArgument(number));
      continue;
    }
    if (auto branch = dyn_cast<gdef::IfOp>(op)) {
      for (Region &region : branch->getRegions())
        open.insert(region.front().getTerminator()->getOperand(number));
      continue;
    }
    auto node = cast<gdef::NodeOp>(op);
    if (node.getOpType() == "Identity" || node.getOpType() == "RefIdentity") {
      open.insert(node.getInputs()[0]);
      continue;
    }
    Array *array = byNode.lookup(node);
    if (!array && kindOf(node) == "TensorArrayGrad") {
      Array *source = resolve(node.getInputs()[0]);
      auto name = node.attr<StringAttr>("source");
      if (!source)
        return nullptr;
      Array *&gradient = gradients[{source, name ? name.str() : ""}];
      if (!gradient) {
        arrays.push_back(std::make_unique<Array>(*source));
        gradient = arrays.back().get();
        gradient->gradientOf = source;
      }
      array = byNode[node] = gradient;
    }
    if (!array || (result && result != array))
      return nullptr;
    result = array;
  }
  return result;
}

void Arrays::findUse(gdef::NodeOp node, Operation *graph) {
  StringRef kind = kindOf(node);
  Array *array = kind == "TensorArrayGrad"  ? byNode.lookup(node)
                 : node.getInputs().empty() ? nullptr
                                            : resolve(node.getInputs()[0]);
  if (!array)
    return report(node, Code::VaryingHandle,
                  "the handle must always be of one TensorArray or stack that the graph makes, but "
                  "it is not");
  if (kind == "TensorArrayWrite" || kind == "StackPush")
    if (Type written = getElementTypeOrSelf(node.getInputs()[kind == "StackPush" ? 1 : 2].getType());
        written != array->element) {
      std::string text;
      llvm::raw_string_ostream(text) << "element type must be " << array->element << ", but got " << written;
      return report(node, Code::ListElement, text);
    }
  byNode[node] = array;
  Use use = *useOf(kind);
  for (Operation *op = node; op != graph; op = op->getParentOp()) {
    Use &noted = uses[op].insert({array, use}).first->second;
    if (use == Use::Changes)
      noted = use;
    // The source of a gradient is needed where the gradient begins.
    if (array->gradientOf)
      uses[op].insert({array->gradientOf, Use::Reads});
  }
}

const llvm::MapVector<Array *, Use> &Arrays::usesIn(Operation *op) const {
  static const llvm::MapVector<Array *, Use> none;
  auto found = uses.find(op);
  return found == uses.end() ? none : found->second;
}

//===----------------------------------------------------------------------===//
// Making nodes
//===----------------------------------------------------------------------===//

NodeMaker::NodeMaker(Operation *before, Operation *named)
    : builder(before), location((named ? named : before)->getLoc()) {}

Value NodeMaker::operator()(StringRef op, ValueRange inputs, ArrayRef<NamedAttribute> attrs, TypeRange outputs) {
  SmallVector<Type> types(outputs);
  types.push_back(gdef::ControlType::get(builder.getContext()));
  auto node = gdef::NodeOp::create(builder, nodeLocation(builder.getContext(), nodeNames(location).node, op), types,
                                   builder.getStringAttr(op), inputs, ValueRange(), builder.getDictionaryAttr(attrs));
  made.push_back(node);
  return node->getResult(0);
}

Value NodeMaker::constant(ElementsAttr value) {
  return (*this)("Const", {}, {attr("dtype", TypeAttr::get(value.getElementType())), attr("value", value)},
                 value.getType());
}

Value NodeMaker::elementShape(const Array &array) {
  // A scalar -1 is a shape of which nothing is known.
  if (!array.shape || !array.shape.getRanked())
    return constant(DenseIntElementsAttr::get(scalar(i32()), -1));
  SmallVector<int32_t> dims;
  for (int64_t dim : array.shape.getDims())
    dims.push_back(ShapedType::isDynamic(dim) ? -1 : static_cast<int32_t>(dim));
  auto type = RankedTensorType::get({static_cast<int64_t>(dims.size())}, i32());
  return constant(DenseIntElementsAttr::get(type, ArrayRef<int32_t>(dims)));
}

Value NodeMaker::reserve(const Array &array, Value size) {
  return (*this)("TensorListReserve", {elementShape(array), size},
                 {attr("element_dtype", TypeAttr::get(array.element)), attr("shape_type", TypeAttr::get(i32()))},
                 list());
}

Value NodeMaker::finish(ValueRange controls) {
  if (made.empty())
    (*this)("NoOp", {}, {}, {});
  if (!controls.empty())
    for (gdef::NodeOp node : made)
      node.getControlsMutable().assign(controls);
  return made.back().getControl();
}

//===----------------------------------------------------------------------===//
// Order, and what is left over
//===----------------------------------------------------------------------===//

SmallVector<Operation *> raise::orderOf(Block &block) {
  SmallVector<Operation *> ops, order;
  llvm::DenseMap<Operation *, unsigned> numbers;
  for (Operation &op : block.without_terminator()) {
    numbers[&op] = ops.size();
    ops.push_back(&op);
  }
  std::vector<SmallVector<unsigned, 4>> readers(ops.size());
  std::vector<unsigned> waiting(ops.size());
  for (auto [i, op] : llvm::enumerate(ops)) {
    llvm::SetVector<Value> read(op->operand_begin(), op->operand_end());
    getUsedValuesDefinedAbove(op->getRegions(), read);
    for (Value value : read)
      if (auto source = numbers.find(value.getDefiningOp()); source != numbers.end()) {
        readers[source->second].push_back(i);
        ++waiting[i];
      }
  }
  std::priority_queue<unsigned, std::vector<unsigned>, std::greater<unsigned>> ready;
  for (unsigned i = 0; i < ops.size(); ++i)
    if (waiting[i] == 0)
      ready.push(i);
  while (!ready.empty()) {
    unsigned next = ready.top();
    ready.pop();
    order.push_back(ops[next]);
    for (unsigned reader : readers[next])
      if (--waiting[reader] == 0)
        ready.push(reader);
  }
  return order;
}

static Value throughIdentity(Value value) {
  constexpr int mostSteps = 64;
  for (int step = 0; step < mostSteps; ++step) {
    auto node = value.getDefiningOp<gdef::NodeOp>();
    if (!node || node.getOpType() != "Identity")
      break;
    value = node.getInputs()[0];
  }
  return value;
}

static void dropUnchanged(gdef::WhileOp op) {
  auto yield = cast<gdef::YieldOp>(op.getBody().front().getTerminator());
  llvm::BitVector dropped(op.getInits().size());
  for (auto [i, value] : llvm::enumerate(yield.getValues()))
    if (throughIdentity(value) == op.getBody().getArgument(i)) {
      dropped.set(i);
      for (Region *region : {&op.getCond(), &op.getBody()})
        region->front().getArgument(i).replaceAllUsesWith(op.getInits()[i]);
      op.getOutputs()[i].replaceAllUsesWith(op.getInits()[i]);
    }
  if (dropped.none())
    return;
  SmallVector<Value> inits, values;
  SmallVector<Type> types;
  for (unsigned i = 0; i < dropped.size(); ++i)
    if (!dropped[i]) {
      inits.push_back(op.getInits()[i]);
      values.push_back(yield.getValues()[i]);
      types.push_back(op.getOutputs()[i].getType());
    }
  yield.getValuesMutable().assign(values);
  for (Region *region : {&op.getCond(), &op.getBody()})
    region->front().eraseArguments(dropped);
  types.push_back(op.getControl().getType());
  OpBuilder builder(op);
  auto narrow = gdef::WhileOp::create(builder, op.getLoc(), types, inits, op.getControls());
  narrow.getCond().takeBody(op.getCond());
  narrow.getBody().takeBody(op.getBody());
  unsigned next = 0;
  for (unsigned i = 0; i < dropped.size(); ++i)
    if (!dropped[i])
      op.getOutputs()[i].replaceAllUsesWith(narrow.getOutputs()[next++]);
  op.getControl().replaceAllUsesWith(narrow.getControl());
  op.erase();
}

static void dropUnchanged(gdef::IfOp op) {
  auto onTrue = cast<gdef::YieldOp>(op.getThenRegion().front().getTerminator());
  auto onFalse = cast<gdef::YieldOp>(op.getElseRegion().front().getTerminator());
  SmallVector<Value> values[2];
  SmallVector<Type> types;
  SmallVector<Value> kept;
  for (auto [output, x, y] : llvm::zip_equal(op.getOutputs(), onTrue.getValues(), onFalse.getValues())) {
    Value same = throughIdentity(x);
    if (same == throughIdentity(y) && !op->isAncestor(same.getParentRegion()->getParentOp())) {
      output.replaceAllUsesWith(same);
      continue;
    }
    kept.push_back(output);
    values[0].push_back(x);
    values[1].push_back(y);
    types.push_back(output.getType());
  }
  if (types.size() == op.getOutputs().size())
    return;
  onTrue.getValuesMutable().assign(values[0]);
  onFalse.getValuesMutable().assign(values[1]);
  types.push_back(op.getControl().getType());
  OpBuilder builder(op);
  auto narrow = gdef::IfOp::create(builder, op.getLoc(), types, op.getCondition(), op.getControls());
  narrow.getThenRegion().takeBody(op.getThenRegion());
  narrow.getElseRegion().takeBody(op.getElseRegion());
  for (auto [old, output] : llvm::zip_equal(kept, narrow.getOutputs()))
    old.replaceAllUsesWith(output);
  op.getControl().replaceAllUsesWith(narrow.getControl());
  op.erase();
}

void raise::dropUnchanged(gdef::GraphOp graph) {
  graph.walk<WalkOrder::PostOrder>([](Operation *op) {
    if (auto loop = dyn_cast<gdef::WhileOp>(op))
      ::dropUnchanged(loop);
    else if (auto branch = dyn_cast<gdef::IfOp>(op))
      ::dropUnchanged(branch);
  });
}

void raise::eraseIdentities(gdef::NodeOp node) {
  for (Operation *user : llvm::make_early_inc_range(node->getUsers()))
    if (auto next = dyn_cast<gdef::NodeOp>(user);
        next && (next.getOpType() == "Identity" || next.getOpType() == "RefIdentity")) {
      eraseIdentities(next);
      if (next->use_empty())
        next.erase();
    }
}
