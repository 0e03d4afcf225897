// SPDX-License-Identifier: Apache-2.0
// Verifiers of the core ops whose result types are given, not inferred. Labels are the constraints in the definitions.
#include "ir/core/Ops.h"

using namespace mlir;
using namespace lathe::core;

static RankedTensorType typeOf(Value value) { return cast<RankedTensorType>(value.getType()); }

static LogicalResult verifySquare(Operation *op, RankedTensorType type) {
  int64_t rank = type.getRank();
  if (rank < 2 || type.getDimSize(rank - 1) != type.getDimSize(rank - 2))
    return op->emitOpError() << "C1: the last two dimensions must be equal, but got " << type;
  return success();
}

/// Signed, so that a negative dimension is shown as what was written.
static LogicalResult verifyDimension(Operation *op, int64_t dimension, int64_t rank) {
  if (dimension < 0 || dimension >= rank)
    return op->emitOpError() << "C1: dimension " << dimension << " must be in [0, " << rank << ")";
  return success();
}

LogicalResult CompareOp::verify() {
  bool ordered = getDirection() != Comparison::EQ && getDirection() != Comparison::NE;
  if (ordered && isa<ComplexType>(typeOf(getLhs()).getElementType()))
    return emitOpError() << "C1: complex numbers compare by eq and ne only, but got " << stringifyComparison(getDirection());
  return success();
}

LogicalResult SpecialOp::verify() {
  unsigned expected = 1;
  switch (getFunction()) {
  case Special::Igamma:
  case Special::Igammac:
  case Special::IgammaGradA:
  case Special::Zeta:
  case Special::Polygamma:
    expected = 2;
    break;
  case Special::Betainc:
    expected = 3;
    break;
  default:
    break;
  }
  if (getInputs().size() != expected)
    return emitOpError() << "C1: " << stringifySpecial(getFunction()) << " takes " << expected << " operands, but got "
                         << getInputs().size();
  return success();
}

LogicalResult IotaOp::verify() {
  if (failed(verifyDimension(*this, getDimension(), getType().getRank())))
    return failure();
  return success();
}

LogicalResult ReshapeOp::verify() {
  RankedTensorType from = typeOf(getOperand()), to = getType();
  if (from.getElementType() != to.getElementType())
    return emitOpError() << "C2: element types differ: " << from << " and " << to;
  if (from.getNumElements() != to.getNumElements())
    return emitOpError() << "C1: " << from << " has " << from.getNumElements() << " elements, but " << to << " has "
                         << to.getNumElements();
  return success();
}

LogicalResult BitcastOp::verify() {
  RankedTensorType from = typeOf(getOperand()), to = getType();
  if (from.getElementType().isInteger(1) || to.getElementType().isInteger(1))
    return emitOpError() << "C2: cannot bitcast between " << from << " and " << to;
  int64_t fromBytes = elementBytes(from.getElementType()), toBytes = elementBytes(to.getElementType());
  SmallVector<int64_t> expected(from.getShape());
  if (fromBytes > toBytes) {
    expected.push_back(fromBytes / toBytes);
  } else if (fromBytes < toBytes) {
    if (expected.empty() || expected.back() != toBytes / fromBytes)
      return emitOpError() << "C1: the last dimension of " << from << " must be " << toBytes / fromBytes;
    expected.pop_back();
  }
  if (to.getShape() != ArrayRef(expected))
    return emitOpError() << "C1: result shape must be [" << expected << "], but got " << to;
  return success();
}

LogicalResult BroadcastOp::verify() {
  RankedTensorType from = typeOf(getOperand()), to = getType();
  if (from.getElementType() != to.getElementType())
    return emitOpError() << "C3: element types differ: " << from << " and " << to;
  if (static_cast<int64_t>(getDimensions().size()) != from.getRank())
    return emitOpError() << "C1: dimensions must have " << from.getRank() << " entries, but got " << getDimensions().size();
  int64_t previous = -1;
  for (auto [d, dimension] : llvm::enumerate(getDimensions())) {
    if (dimension <= previous || dimension >= to.getRank())
      return emitOpError() << "C1: dimensions must increase strictly below the rank " << to.getRank();
    previous = dimension;
    if (from.getDimSize(d) != 1 && from.getDimSize(d) != to.getDimSize(dimension))
      return emitOpError() << "C2: size " << from.getDimSize(d) << " cannot become " << to.getDimSize(dimension);
  }
  return success();
}

LogicalResult ReverseOp::verify() {
  int64_t rank = getType().getRank();
  for (auto [i, dimension] : llvm::enumerate(getDimensions()))
    if (dimension < 0 || dimension >= rank || llvm::is_contained(getDimensions().drop_front(i + 1), dimension))
      return emitOpError() << "C1: dimensions [" << getDimensions() << "] must be different and below the rank " << rank;
  return success();
}

LogicalResult CumulativeOp::verify() {
  if (failed(verifyDimension(*this, getDimension(), getType().getRank())))
    return failure();
  switch (getCombiner()) {
  case Combiner::Add:
  case Combiner::Mul:
    return success();
  case Combiner::Min:
  case Combiner::Max:
    if (!isa<ComplexType>(getType().getElementType()))
      return success();
    [[fallthrough]];
  default:
    return emitOpError() << "C2: combiner '" << stringifyCombiner(getCombiner()) << "' does not accumulate " << getType();
  }
}

LogicalResult FFTOp::verify() {
  if (getType().getRank() < 1 || getType().getShape().back() < 1)
    return emitOpError() << "C1: the last dimension must be at least 1, but got " << getType();
  return success();
}

LogicalResult CholeskyOp::verify() { return verifySquare(*this, getType()); }

LogicalResult TriangularSolveOp::verify() {
  RankedTensorType matrix = typeOf(getMatrix()), rhs = typeOf(getRhs());
  if (failed(verifySquare(*this, matrix)))
    return failure();
  if (matrix.getElementType() != rhs.getElementType())
    return emitOpError() << "C2: element types differ: " << matrix << " and " << rhs;
  if (rhs.getRank() != matrix.getRank() || matrix.getShape().drop_back() != rhs.getShape().drop_back())
    return emitOpError() << "C1: " << rhs << " does not fit " << matrix;
  return success();
}

static LogicalResult verifyGenerator(Operation *op, RankedTensorType key, RankedTensorType counter) {
  if (key.getRank() != 0 || counter.getShape() != ArrayRef<int64_t>{2})
    return op->emitOpError() << "C1: the key must be a scalar and the counter two elements, but got " << key << " and " << counter;
  return success();
}

LogicalResult RngBitsOp::verify() { return verifyGenerator(*this, typeOf(getKey()), typeOf(getCounter())); }

LogicalResult RngSampleOp::verify() {
  if (failed(verifyGenerator(*this, typeOf(getKey()), typeOf(getCounter()))))
    return failure();
  bool isNormal = getDistribution() == Distribution::Normal || getDistribution() == Distribution::TruncatedNormal;
  StringRef name = stringifyDistribution(getDistribution());
  if (getParameters().size() != (isNormal ? 0 : 1))
    return emitOpError() << "C2: " << name << " takes " << (isNormal ? 0 : 1) << " parameters, but got " << getParameters().size();
  RankedTensorType result = typeOf(getResult());
  for (Value parameter : getParameters()) {
    RankedTensorType type = typeOf(parameter);
    if (type.getRank() > result.getRank() || result.getShape().take_back(type.getRank()) != type.getShape())
      return emitOpError() << "C3: the last dimensions of " << result << " are not those of " << type;
    if (!result.getElementType().isF64())
      return emitOpError() << "C4: " << name << " is of f64, but got " << result;
  }
  return success();
}
