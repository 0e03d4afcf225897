// SPDX-License-Identifier: Apache-2.0
// Registers the rt dialect and verifies its ops.
#include "ir/core/Ops.h"
#include "ir/rt/Ops.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"

#include "ir/rt/Dialect.cpp.inc"
#define GET_OP_CLASSES
#include "ir/rt/Ops.cpp.inc"

using namespace mlir;
using namespace lathe::rt;

void RtDialect::initialize() {
  addOperations<
#define GET_OP_LIST
#include "ir/rt/Ops.cpp.inc"
      >();
}

YieldOp KernelOp::getYield() { return cast<YieldOp>(getBody().front().getTerminator()); }
RankedTensorType KernelOp::getOperandType(unsigned i) { return cast<RankedTensorType>(getBody().front().getArgument(i).getType()); }
RankedTensorType KernelOp::getResultType(unsigned i) { return cast<RankedTensorType>(getYield().getValues()[i].getType()); }

bool KernelOp::isContractionWeight(unsigned operand) {
  Block &block = getBody().front();
  BlockArgument argument = block.getArgument(operand);
  if (!getConstants()[operand] || !argument.hasOneUse())
    return false;
  for (Operation &op : block)
    if (isa<lathe::core::ConvOp, lathe::core::DotGeneralOp>(op))
      return op.getOperand(1) == argument;
  return false;
}

LogicalResult KernelOp::verify() {
  Block &block = getBody().front();
  if (block.getNumArguments() != getConstants().size())
    return emitOpError() << "constants must have one flag for each of the " << block.getNumArguments() << " operands, but got "
                         << getConstants().size();
  for (Type type : block.getArgumentTypes())
    if (!isa<RankedTensorType>(type))
      return emitOpError() << "operands must be ranked tensors, but got " << type;
  return success();
}

LogicalResult CallOp::verifySymbolUses(SymbolTableCollection &symbols) {
  auto kernel = symbols.lookupNearestSymbolFrom<KernelOp>(*this, getKernelAttr());
  if (!kernel)
    return emitOpError() << "no kernel named " << getKernelAttr();
  if (kernel.getBody().front().getArgumentTypes() != getInputs().getTypes())
    return emitOpError() << "operand types do not fit those of kernel " << getKernelAttr();
  if (kernel.getYield().getValues().getTypes() != getOutputs().getTypes())
    return emitOpError() << "result types do not fit those of kernel " << getKernelAttr();
  if (getInPlace().size() != getOutputs().size())
    return emitOpError() << "inPlace must have " << getOutputs().size() << " entries, but got " << getInPlace().size();
  for (int64_t operand : getInPlace())
    if (operand < -1 || operand >= static_cast<int64_t>(getInputs().size()))
      return emitOpError() << "inPlace names operand " << operand << " of " << getInputs().size();
  return success();
}

LogicalResult ProgramOp::verify() {
  if (getInputNames().size() != getInputs().size() || getOutputNames().size() != getOutputs().size())
    return emitOpError() << "arguments and results need one type each";
  for (Attribute type : getInputs())
    if (!isa<RankedTensorType>(cast<TypeAttr>(type).getValue()))
      return emitOpError() << "arguments must be ranked tensors, but got " << type;
  return success();
}

LogicalResult LaunchOp::verify() {
  if (getInPlace().size() != getOutputs().size())
    return emitOpError() << "inPlace must have " << getOutputs().size() << " entries, but got " << getInPlace().size();
  return success();
}

LogicalResult CopyOp::verify() {
  if (getFrom() == getTo())
    return emitOpError() << "copies a buffer to itself";
  return success();
}
