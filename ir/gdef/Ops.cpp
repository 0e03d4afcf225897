// SPDX-License-Identifier: Apache-2.0
// Parsing, printing and checking of the operations of the gdef dialect.
#include "ir/gdef/Ops.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;
using namespace lathe::gdef;

//===----------------------------------------------------------------------===//
// gdef.graph
//===----------------------------------------------------------------------===//

void GraphOp::build(OpBuilder &builder, OperationState &state, StringRef name, TypeRange argTypes,
                    ArrayRef<Location> argLocs, ArrayRef<StringRef> argNames, ArrayRef<StringRef> resultNames) {
  state.addAttribute(getSymNameAttrName(state.name), builder.getStringAttr(name));
  state.addAttribute(getArgNamesAttrName(state.name), builder.getStrArrayAttr(argNames));
  state.addAttribute(getResultNamesAttrName(state.name), builder.getStrArrayAttr(resultNames));
  Region *body = state.addRegion();
  body->emplaceBlock().addArguments(argTypes, argLocs);
}

FetchOp GraphOp::getFetch() {
  return cast<FetchOp>(getBody().front().getTerminator());
}

ParseResult GraphOp::parse(OpAsmParser &parser, OperationState &state) {
  Builder &builder = parser.getBuilder();
  StringRef visibility;
  if (succeeded(parser.parseOptionalKeyword(&visibility, {"public", "private", "nested"})))
    state.addAttribute(getSymVisibilityAttrName(state.name), builder.getStringAttr(visibility));
  StringAttr name;
  if (parser.parseSymbolName(name, getSymNameAttrName(state.name), state.attributes))
    return failure();

  auto parseName = [&](SmallVectorImpl<Attribute> &names) -> ParseResult {
    std::string text;
    if (parser.parseString(&text))
      return failure();
    names.push_back(builder.getStringAttr(text));
    return success();
  };
  SmallVector<OpAsmParser::Argument> arguments;
  SmallVector<Attribute> argNames, resultNames;
  auto parseArgument = [&]() -> ParseResult {
    return failure(parser.parseArgument(arguments.emplace_back(), /*allowType=*/true) || parseName(argNames) ||
                   parser.parseOptionalLocationSpecifier(arguments.back().sourceLoc));
  };
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::Paren, parseArgument) || parser.parseArrow() ||
      parser.parseCommaSeparatedList(AsmParser::Delimiter::Paren, [&] { return parseName(resultNames); }) ||
      parser.parseOptionalAttrDictWithKeyword(state.attributes))
    return failure();
  state.addAttribute(getArgNamesAttrName(state.name), builder.getArrayAttr(argNames));
  state.addAttribute(getResultNamesAttrName(state.name), builder.getArrayAttr(resultNames));
  return parser.parseRegion(*state.addRegion(), arguments);
}

void GraphOp::print(OpAsmPrinter &printer) {
  printer << ' ';
  if (auto visibility = getSymVisibility())
    printer << *visibility << ' ';
  printer.printSymbolName(getSymName());
  printer << '(';
  // Names can be fewer than arguments while an invalid operation is printed for its error message.
  auto printNames = [&](ArrayAttr names, size_t index) {
    if (index < names.size())
      printer << names[index];
  };
  llvm::interleaveComma(llvm::enumerate(getBody().getArguments()), printer, [&](auto item) {
    printer.printOperand(item.value());
    printer << ": " << item.value().getType() << ' ';
    printNames(getArgNames(), item.index());
    printer.printOptionalLocationSpecifier(item.value().getLoc());
  });
  printer << ") -> (";
  llvm::interleaveComma(getResultNames(), printer);
  printer << ") ";
  printer.printOptionalAttrDictWithKeyword((*this)->getAttrs(), {getSymNameAttrName(), getSymVisibilityAttrName(),
                                                                 getArgNamesAttrName(), getResultNamesAttrName()});
  printer.printRegion(getBody(), /*printEntryBlockArgs=*/false);
}

LogicalResult GraphOp::verifyRegions() {
  Block &block = getBody().front();
  if (block.empty() || !isa<FetchOp>(block.back()))
    return emitOpError("body must end in gdef.fetch"); // C3
  if (getArgNames().size() != block.getNumArguments())
    return emitOpError("number of argument names must be ") // C1
           << block.getNumArguments() << ", but got " << getArgNames().size();
  if (size_t results = getFetch().getValues().size(); getResultNames().size() != results)
    return emitOpError("number of result names must be ") << results << ", but got " << getResultNames().size(); // C1
  if (getArgAliases() && getArgAliases()->size() != block.getNumArguments())
    return emitOpError("number of argument aliases must be ") // C1
           << block.getNumArguments() << ", but got " << getArgAliases()->size();
  if (getResultAliases() && getResultAliases()->size() != getResultNames().size())
    return emitOpError("number of result aliases must be ") // C1
           << getResultNames().size() << ", but got " << getResultAliases()->size();
  if (getVariableCount() > std::min<size_t>(block.getNumArguments(), getResultNames().size())) // C4
    return emitOpError("number of arguments and results must be at least that of variables, ") << getVariableCount();
  for (BlockArgument argument : block.getArguments())
    if (!isValueType(argument.getType()))
      return emitOpError("argument ") << argument.getArgNumber() << " must be a tensor of a TensorFlow element type, "
                                      << "but got " << argument.getType(); // C2
  return success();
}

//===----------------------------------------------------------------------===//
// gdef.node
//===----------------------------------------------------------------------===//

/// Whether `attr` is of a kind that a TensorFlow attribute is imported as; `nested` inside a list.
static bool isNodeAttribute(Attribute attr, bool nested = false) {
  if (auto list = dyn_cast<ArrayAttr>(attr))
    return !nested && llvm::all_of(list, [](Attribute item) { return isNodeAttribute(item, true); });
  if (auto integer = dyn_cast<IntegerAttr>(attr))
    return integer.getType().isSignlessInteger(64) || isa<BoolAttr>(attr);
  if (auto number = dyn_cast<FloatAttr>(attr))
    return number.getType().isF32();
  if (auto type = dyn_cast<TypeAttr>(attr))
    return isElementType(type.getValue());
  return isa<StringAttr, ShapeAttr, FuncAttr, ElementsAttr>(attr);
}

void NodeOp::getAsmResultNames(OpAsmSetValueNameFn setName) {
  if (!getOutputs().empty())
    setName(getOutputs().front(), getOpType());
  setName(getControl(), "control");
}

LogicalResult NodeOp::verify() {
  if (getOpType().empty())
    return emitOpError("name of the operation must not be empty"); // C1
  for (NamedAttribute item : getAttrs())
    if (!isNodeAttribute(item.getValue()))
      return emitOpError("attribute '") << item.getName().getValue()
                                        << "' must be of a kind that a graph can hold, but got "
                                        << item.getValue(); // C3
  return success();
}

//===----------------------------------------------------------------------===//
// gdef.if and gdef.while
//===----------------------------------------------------------------------===//

/// Checks that `region` ends in gdef.yield of one value for each of `types`, of its element type.
static LogicalResult verifyYield(Operation *op, StringRef name, Region &region, TypeRange types) {
  auto yield = region.front().empty() ? YieldOp() : dyn_cast<YieldOp>(region.front().back());
  if (!yield)
    return op->emitOpError() << name << " must end in gdef.yield";
  if (yield.getValues().size() != types.size())
    return op->emitOpError() << "number of values that " << name << " yields must be " << types.size() << ", but got "
                             << yield.getValues().size();
  for (auto [value, type] : llvm::zip_equal(yield.getValues(), types))
    if (getElementTypeOrSelf(value.getType()) != getElementTypeOrSelf(type))
      return op->emitOpError() << "element type of what " << name << " yields must be " << getElementTypeOrSelf(type)
                               << ", but got " << getElementTypeOrSelf(value.getType());
  return success();
}

LogicalResult IfOp::verifyRegions() {
  return success(succeeded(verifyYield(*this, "then", getThenRegion(), getOutputs().getTypes())) && // C1
                 succeeded(verifyYield(*this, "else", getElseRegion(), getOutputs().getTypes())));
}

LogicalResult WhileOp::verifyRegions() {
  for (Region *region : {&getCond(), &getBody()}) {
    if (region->getNumArguments() != getInits().size())
      return emitOpError("number of region arguments must be ") // C1
             << getInits().size() << ", but got " << region->getNumArguments();
    for (auto [argument, init] : llvm::zip_equal(region->getArgumentTypes(), getInits().getTypes()))
      if (getElementTypeOrSelf(argument) != getElementTypeOrSelf(init))
        return emitOpError("element type of a region argument must be ") // C1
               << getElementTypeOrSelf(init) << ", but got " << getElementTypeOrSelf(argument);
  }
  if (getOutputs().size() != getInits().size())
    return emitOpError("number of outputs must be ") << getInits().size() << ", but got " << getOutputs().size(); // C2
  if (failed(verifyYield(*this, "body", getBody(), getInits().getTypes())) ||
      failed(verifyYield(*this, "body", getBody(), getOutputs().getTypes()))) // C2
    return failure();
  auto condition = getCond().front().empty() ? YieldOp() : dyn_cast<YieldOp>(getCond().front().back());
  if (!condition || condition.getValues().size() != 1)
    return emitOpError("cond must end in gdef.yield of one value"); // C2
  return success();
}

/// Types in parentheses, also none: a branch or loop can be there for its effects.
static ParseResult parseTypeList(OpAsmParser &parser, SmallVectorImpl<Type> &types) {
  return parser.parseCommaSeparatedList(OpAsmParser::Delimiter::Paren,
                                        [&] { return parser.parseType(types.emplace_back()); });
}

static void printTypeList(OpAsmPrinter &printer, Operation *, TypeRange types) { printer << '(' << types << ')'; }

#define GET_OP_CLASSES
#include "ir/gdef/Ops.cpp.inc"
