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

int64_t KernelOp::getScratch() {
  int64_t bytes = 0;
  for (auto conv : getBody().getOps<lathe::core::ConvOp>())
    bytes = std::max<int64_t>(bytes, conv.getScratch().value_or(0));
  return bytes;
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

/// One entry a result: an operand, or -1.
static LogicalResult verifyInPlace(Operation *op, ArrayRef<int64_t> inPlace, int64_t operands, int64_t results) {
  if (static_cast<int64_t>(inPlace.size()) != results)
    return op->emitOpError() << "inPlace must have " << results << " entries, but got " << inPlace.size();
  for (int64_t operand : inPlace)
    if (operand < -1 || operand >= operands)
      return op->emitOpError() << "inPlace names operand " << operand << " of " << operands;
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
  return verifyInPlace(*this, getInPlace(), getInputs().size(), getOutputs().size());
}

static bool holds(Type buffer, Type tensor) {
  auto memref = cast<MemRefType>(buffer);
  auto type = cast<RankedTensorType>(tensor);
  return memref.getShape() == type.getShape() && memref.getElementType() == type.getElementType();
}

static bool hold(TypeRange buffers, TypeRange tensors) {
  return buffers.size() == tensors.size() && llvm::all_of(llvm::zip_equal(buffers, tensors), [](auto pair) { return std::apply(holds, pair); });
}

LogicalResult LaunchOp::verifySymbolUses(SymbolTableCollection &symbols) {
  auto kernel = symbols.lookupNearestSymbolFrom<KernelOp>(*this, getKernelAttr());
  if (!kernel)
    return emitOpError() << "no kernel named " << getKernelAttr();
  if (!hold(getInputs().getTypes(), kernel.getBody().front().getArgumentTypes()))
    return emitOpError() << "operand types do not fit those of kernel " << getKernelAttr();
  if (!hold(getOutputs().getTypes(), kernel.getYield().getValues().getTypes()))
    return emitOpError() << "output types do not fit those of kernel " << getKernelAttr();
  int64_t scratch = getScratch() ? cast<MemRefType>(getScratch().getType()).getNumElements() : 0;
  if (scratch != kernel.getScratch())
    return emitOpError() << "scratch must have " << kernel.getScratch() << " bytes, but got " << scratch;
  return verifyInPlace(*this, getInPlace(), getInputs().size(), getOutputs().size());
}

LogicalResult ProgramOp::verify() {
  auto check = [&](StringRef what, ArrayAttr names, ArrayAttr types) -> LogicalResult {
    if (names.size() != types.size())
      return emitOpError() << what << " need one type each, but got " << names.size() << " names and " << types.size() << " types";
    for (Type type : types.getAsValueRange<TypeAttr>())
      if (!isa<RankedTensorType>(type))
        return emitOpError() << what << " must be ranked tensors, but got " << type;
    return success();
  };
  if (std::optional<ArrayRef<int64_t>> counts = getResultCounts()) {
    if (counts->size() != getOutputs().size())
      return emitOpError() << "resultCounts must have " << getOutputs().size() << " entries, but got " << counts->size();
    auto counter = RankedTensorType::get({}, IntegerType::get(getContext(), 64));
    for (int64_t number : *counts)
      if (number < -1 || number >= static_cast<int64_t>(counts->size()) ||
          (number >= 0 && cast<TypeAttr>(getOutputs()[number]).getValue() != counter))
        return emitOpError() << "resultCounts names result " << number << ", which is no i64 scalar";
  }
  if (static_cast<int64_t>(getArena()) < 0)
    return emitOpError() << "arena must not be negative, but got " << static_cast<int64_t>(getArena());
  return success(succeeded(check("arguments", getInputNames(), getInputs())) && succeeded(check("results", getOutputNames(), getOutputs())));
}

/// Whether a buffer at the boundary holds the tensor that it is numbered for, perhaps as another shape.
template <typename Op> static LogicalResult verifyBoundary(Op op, ArrayAttr types) {
  if (op.getNumber() >= types.size())
    return op.emitOpError() << "number " << static_cast<int64_t>(op.getNumber()) << " is not below " << types.size();
  auto tensor = cast<RankedTensorType>(cast<TypeAttr>(types[op.getNumber()]).getValue());
  auto buffer = cast<MemRefType>(op.getType());
  if (buffer.getNumElements() != tensor.getNumElements() || buffer.getElementType() != tensor.getElementType())
    return op.emitOpError() << "type " << buffer << " does not fit " << tensor;
  return success();
}

LogicalResult ProgramOp::verifyRegions() {
  for (Operation &op : getBody().front()) {
    LogicalResult fits = success();
    if (auto argument = dyn_cast<ArgumentOp>(op)) {
      fits = verifyBoundary(argument, getInputs());
    } else if (auto result = dyn_cast<ResultOp>(op)) {
      fits = verifyBoundary(result, getOutputs());
    } else if (auto slot = dyn_cast<SlotOp>(op)) {
      auto type = cast<MemRefType>(slot.getType());
      int64_t offset = slot.getOffset(), bytes = type.getNumElements() * lathe::core::elementBytes(type.getElementType());
      if (offset < 0 || offset + bytes > static_cast<int64_t>(getArena()))
        fits = slot.emitOpError() << "bytes " << offset << " to " << offset + bytes << " lie outside of the arena of " << getArena();
    }
    if (failed(fits))
      return failure();
  }
  return success();
}

LogicalResult VariableOp::verify() {
  if (getInitial() && getInitial()->getType() != getType())
    return emitOpError() << "initial value must be " << getType() << ", but got " << getInitial()->getType();
  if (getInitial() && getWeight())
    return emitOpError("cannot have both an initial value and a weight that holds it");
  return success();
}

LogicalResult CopyOp::verify() {
  if (getFrom() == getTo())
    return emitOpError() << "copies a buffer to itself";
  return success();
}

LogicalResult CheckOp::verify() {
  auto isOf = [](Type type, int64_t width) { return width ? type.isInteger(width) : isa<IntegerType>(type); };
  auto details = getDetails().getTypes();
  if (details.empty() || (details.size() == 2 && cast<MemRefType>(details[0]).getRank() == 0 &&
                          isOf(cast<MemRefType>(details[0]).getElementType(), 64) &&
                          isOf(cast<MemRefType>(details[1]).getElementType(), 0)))
    return success();
  return emitOpError() << "details must be a place, memref<i64>, and a buffer of integers, but got (" << details << ")";
}
