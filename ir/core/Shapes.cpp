// SPDX-License-Identifier: Apache-2.0
// Shape inference of the core ops. Labels C1, C2, ... are the constraints in the ops' definitions.
#include "ir/core/Ops.h"
#include "llvm/ADT/SmallBitVector.h"

using namespace mlir;
using namespace lathe::core;

namespace {
using Shape = SmallVector<int64_t>;
using Result = SmallVectorImpl<Type>;

ArrayRef<int64_t> shapeOf(Value value) { return cast<RankedTensorType>(value.getType()).getShape(); }
Type elementOf(Value value) { return cast<RankedTensorType>(value.getType()).getElementType(); }
int64_t rankOf(Value value) { return shapeOf(value).size(); }

LogicalResult succeed(Result &types, ArrayRef<int64_t> shape, Type element) {
  types.push_back(RankedTensorType::get(shape, element));
  return success();
}

template <typename... Arrays> bool sizesAre(int64_t size, Arrays... arrays) {
  return ((static_cast<int64_t>(arrays.size()) == size) && ...);
}

bool distinctBelow(ArrayRef<int64_t> dimensions, int64_t rank) {
  llvm::SmallBitVector seen(rank);
  for (int64_t dimension : dimensions) {
    if (dimension < 0 || dimension >= rank || seen.test(dimension))
      return false;
    seen.set(dimension);
  }
  return true;
}

LogicalResult checkCombiner(std::optional<Location> loc, StringRef label, Combiner combiner, Type element) {
  bool bits = isa<IntegerType>(element), real = !isa<ComplexType>(element) && !element.isInteger(1);
  bool fits = false;
  switch (combiner) {
  case Combiner::And:
  case Combiner::Or:
    fits = bits;
    break;
  case Combiner::Add:
  case Combiner::Mul:
    fits = !element.isInteger(1);
    break;
  case Combiner::Min:
  case Combiner::Max:
    fits = real;
    break;
  case Combiner::Set:
    break;
  }
  return fits ? success()
              : emitOptionalError(loc, label, ": combiner '", stringifyCombiner(combiner), "' does not take elements of type ", element);
}
} // namespace

LogicalResult CompareOp::inferReturnTypes(MLIRContext *context, std::optional<Location> loc, ValueRange operands,
                                          DictionaryAttr, OpaqueProperties, RegionRange, Result &types) {
  return succeed(types, shapeOf(operands[0]), IntegerType::get(context, 1));
}

LogicalResult IsFiniteOp::inferReturnTypes(MLIRContext *context, std::optional<Location> loc, ValueRange operands,
                                           DictionaryAttr, OpaqueProperties, RegionRange, Result &types) {
  return succeed(types, shapeOf(operands[0]), IntegerType::get(context, 1));
}

LogicalResult ComplexOp::inferReturnTypes(MLIRContext *context, std::optional<Location> loc, ValueRange operands,
                                          DictionaryAttr, OpaqueProperties, RegionRange, Result &types) {
  return succeed(types, shapeOf(operands[0]), ComplexType::get(elementOf(operands[0])));
}

static LogicalResult inferComplexPart(ValueRange operands, Result &types) {
  return succeed(types, shapeOf(operands[0]), cast<ComplexType>(elementOf(operands[0])).getElementType());
}
LogicalResult RealOp::inferReturnTypes(MLIRContext *, std::optional<Location>, ValueRange operands, DictionaryAttr,
                                       OpaqueProperties, RegionRange, Result &types) {
  return inferComplexPart(operands, types);
}
LogicalResult ImagOp::inferReturnTypes(MLIRContext *, std::optional<Location>, ValueRange operands, DictionaryAttr,
                                       OpaqueProperties, RegionRange, Result &types) {
  return inferComplexPart(operands, types);
}

LogicalResult ConstantOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, Result &types) {
  types.push_back(op.getValue().getType());
  return success();
}

LogicalResult TransposeOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, Result &types) {
  int64_t rank = rankOf(op.getOperand());
  ArrayRef<int64_t> permutation = op.getPermutation();
  if (static_cast<int64_t>(permutation.size()) != rank || !distinctBelow(permutation, rank))
    return emitOptionalError(loc, "C1: permutation [", permutation, "] does not order the ", rank, " dimensions of the operand");
  Shape shape;
  for (int64_t dimension : permutation)
    shape.push_back(shapeOf(op.getOperand())[dimension]);
  return succeed(types, shape, elementOf(op.getOperand()));
}

LogicalResult SliceOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, Result &types) {
  ArrayRef<int64_t> shape = shapeOf(op.getOperand());
  int64_t rank = shape.size();
  if (!sizesAre(rank, op.getStarts(), op.getSizes(), op.getStrides()))
    return emitOptionalError(loc, "C1: starts, sizes and strides must have ", rank, " entries");
  for (int64_t d = 0; d < rank; ++d) {
    int64_t start = op.getStarts()[d], size = op.getSizes()[d], stride = op.getStrides()[d];
    if (stride < 1 || size < 0 || start < 0)
      return emitOptionalError(loc, "C2: start ", start, ", size ", size, ", stride ", stride, " in dimension ", d);
    if (size > 0 ? start + (size - 1) * stride >= shape[d] : start > shape[d])
      return emitOptionalError(loc, "C3: slice from ", start, " of ", size, " elements with stride ", stride,
                               " leaves dimension ", d, " of size ", shape[d]);
  }
  return succeed(types, op.getSizes(), elementOf(op.getOperand()));
}

LogicalResult DynamicSliceOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, Result &types) {
  ArrayRef<int64_t> shape = shapeOf(op.getOperand());
  if (!sizesAre(shape.size(), op.getSizes()))
    return emitOptionalError(loc, "C1: sizes must have ", shape.size(), " entries, but got ", op.getSizes().size());
  for (auto [d, size] : llvm::enumerate(op.getSizes()))
    if (size < 0 || size > shape[d])
      return emitOptionalError(loc, "C1: size ", size, " in dimension ", d, " of size ", shape[d]);
  if (rankOf(op.getStarts()) != 1 || shapeOf(op.getStarts())[0] != static_cast<int64_t>(shape.size()))
    return emitOptionalError(loc, "C2: starts must be a vector of ", shape.size(), " integers");
  return succeed(types, op.getSizes(), elementOf(op.getOperand()));
}

LogicalResult ConcatOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, Result &types) {
  if (op.getInputs().empty())
    return emitOptionalError(loc, "C1: concat needs at least one operand");
  Value first = op.getInputs().front();
  Shape shape(shapeOf(first));
  int64_t rank = shape.size(), dimension = op.getDimension();
  if (dimension < 0 || dimension >= rank)
    return emitOptionalError(loc, "C2: dimension ", dimension, " must be in [0, ", rank, ")");
  for (Value input : op.getInputs().drop_front()) {
    if (elementOf(input) != elementOf(first) || rankOf(input) != rank)
      return emitOptionalError(loc, "C1: cannot join ", input.getType(), " to ", first.getType());
    for (int64_t d = 0; d < rank; ++d)
      if (d != dimension && shapeOf(input)[d] != shape[d])
        return emitOptionalError(loc, "C3: cannot join ", input.getType(), " to ", first.getType(), " along dimension ", dimension);
    shape[dimension] += shapeOf(input)[dimension];
  }
  return succeed(types, shape, elementOf(first));
}

LogicalResult PadOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, Result &types) {
  Shape shape(shapeOf(op.getOperand()));
  if (!sizesAre(shape.size(), op.getLow(), op.getHigh(), op.getInterior()))
    return emitOptionalError(loc, "C1: low, high and interior must have ", shape.size(), " entries");
  if (rankOf(op.getValue()) != 0 || elementOf(op.getValue()) != elementOf(op.getOperand()))
    return emitOptionalError(loc, "C3: value must be a scalar of type ", elementOf(op.getOperand()), ", but got ", op.getValue().getType());
  for (auto [d, size] : llvm::enumerate(shape)) {
    if (op.getInterior()[d] < 0)
      return emitOptionalError(loc, "C1: interior padding must be >= 0, but got ", op.getInterior()[d]);
    size = op.getLow()[d] + size + std::max<int64_t>(size - 1, 0) * op.getInterior()[d] + op.getHigh()[d];
    if (size < 0)
      return emitOptionalError(loc, "C2: padding makes dimension ", d, " negative (", size, ")");
  }
  return succeed(types, shape, elementOf(op.getOperand()));
}

LogicalResult GatherOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, Result &types) {
  ArrayRef<int64_t> operand = shapeOf(op.getOperand()), indices = shapeOf(op.getIndices());
  int64_t axis = op.getAxis(), batch = op.getBatch(), rank = operand.size();
  if (batch < 0 || batch > axis || axis >= rank || batch > static_cast<int64_t>(indices.size()))
    return emitOptionalError(loc, "C1: axis ", axis, " with ", batch, " batch dimensions for operand of rank ", rank,
                             " and indices of rank ", indices.size());
  if (operand.take_front(batch) != indices.take_front(batch))
    return emitOptionalError(loc, "C2: the first ", batch, " sizes of [", operand, "] and [", indices, "] differ");
  Shape shape(operand.take_front(axis));
  llvm::append_range(shape, indices.drop_front(batch));
  llvm::append_range(shape, operand.drop_front(axis + 1));
  if (operand[axis] == 0 && !llvm::is_contained(shape, 0))
    return emitOptionalError(loc, "C3: no element along axis ", axis, " of ", op.getOperand().getType());
  return succeed(types, shape, elementOf(op.getOperand()));
}

LogicalResult ScatterOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, Result &types) {
  ArrayRef<int64_t> operand = shapeOf(op.getOperand()), indices = shapeOf(op.getIndices());
  if (indices.size() != 1 || operand.empty())
    return emitOptionalError(loc, "C1: scatter needs a vector of indices and an operand of rank >= 1");
  Shape updates(operand);
  updates[0] = indices[0];
  if (shapeOf(op.getUpdates()) != ArrayRef(updates) || elementOf(op.getUpdates()) != elementOf(op.getOperand()))
    return emitOptionalError(loc, "C2: updates must be ", RankedTensorType::get(updates, elementOf(op.getOperand())), ", but got ",
                             op.getUpdates().getType());
  if (op.getCombiner() != Combiner::Set && failed(checkCombiner(loc, "C3", op.getCombiner(), elementOf(op.getOperand()))))
    return failure();
  types.push_back(op.getOperand().getType());
  return success();
}

LogicalResult ReduceOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, Result &types) {
  ArrayRef<int64_t> operand = shapeOf(op.getOperand()), dimensions = op.getDimensions();
  int64_t rank = operand.size();
  if (!distinctBelow(dimensions, rank) || !llvm::is_sorted(dimensions))
    return emitOptionalError(loc, "C1: cannot reduce dimensions [", dimensions, "] of an operand of rank ", rank);
  Shape shape;
  for (int64_t d = 0; d < rank; ++d)
    if (!llvm::is_contained(dimensions, d))
      shape.push_back(operand[d]);
  if (failed(checkCombiner(loc, "C2", op.getCombiner(), elementOf(op.getOperand()))))
    return failure();
  return succeed(types, shape, elementOf(op.getOperand()));
}

LogicalResult ArgReduceOp::inferReturnTypes(MLIRContext *context, std::optional<Location> loc, ValueRange operands,
                                            DictionaryAttr attributes, OpaqueProperties properties, RegionRange regions,
                                            Result &types) {
  Adaptor op(operands, attributes, properties, regions);
  Shape shape(shapeOf(op.getOperand()));
  int64_t dimension = op.getDimension(), rank = shape.size();
  if (dimension < 0 || dimension >= rank || shape[dimension] == 0)
    return emitOptionalError(loc, "C1: no element along dimension ", dimension, " of ", op.getOperand().getType());
  if (op.getCombiner() != Combiner::Min && op.getCombiner() != Combiner::Max)
    return emitOptionalError(loc, "C2: combiner must be min or max, but got ", stringifyCombiner(op.getCombiner()));
  shape.erase(shape.begin() + dimension);
  return succeed(types, shape, op.getIndexType());
}

LogicalResult ReduceWindowOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, Result &types) {
  Shape shape(shapeOf(op.getOperand()));
  if (!sizesAre(shape.size(), op.getWindow(), op.getStrides(), op.getDilations(), op.getLow(), op.getHigh()))
    return emitOptionalError(loc, "C1: window, strides, dilations, low and high must have ", shape.size(), " entries");
  for (auto [d, size] : llvm::enumerate(shape)) {
    int64_t window = op.getWindow()[d], stride = op.getStrides()[d], dilation = op.getDilations()[d];
    if (window < 1 || stride < 1 || dilation < 1 || op.getLow()[d] < 0 || op.getHigh()[d] < 0)
      return emitOptionalError(loc, "C1: window ", window, ", stride ", stride, ", dilation ", dilation, " in dimension ", d);
    int64_t span = op.getLow()[d] + size + op.getHigh()[d] - (window - 1) * dilation;
    size = span > 0 ? (span - 1) / stride + 1 : 0;
  }
  if (failed(checkCombiner(loc, "C2", op.getCombiner(), elementOf(op.getOperand()))))
    return failure();
  return succeed(types, shape, elementOf(op.getOperand()));
}

LogicalResult DotGeneralOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, Result &types) {
  ArrayRef<int64_t> lhs = shapeOf(op.getLhs()), rhs = shapeOf(op.getRhs());
  Shape lhsUsed(op.getLhsBatch()), rhsUsed(op.getRhsBatch());
  llvm::append_range(lhsUsed, op.getLhsContracting());
  llvm::append_range(rhsUsed, op.getRhsContracting());
  if (op.getLhsBatch().size() != op.getRhsBatch().size() || lhsUsed.size() != rhsUsed.size() ||
      !distinctBelow(lhsUsed, lhs.size()) || !distinctBelow(rhsUsed, rhs.size()))
    return emitOptionalError(loc, "C1: batch and contracting dimensions do not fit ", op.getLhs().getType(), " and ", op.getRhs().getType());
  for (auto [l, r] : llvm::zip(lhsUsed, rhsUsed))
    if (lhs[l] != rhs[r])
      return emitOptionalError(loc, "C1: dimension ", l, " of ", op.getLhs().getType(), " does not match dimension ", r, " of ",
                               op.getRhs().getType());
  if (elementOf(op.getLhs()) != elementOf(op.getRhs()))
    return emitOptionalError(loc, "C2: element types differ: ", elementOf(op.getLhs()), " and ", elementOf(op.getRhs()));
  Shape shape;
  for (int64_t d : op.getLhsBatch())
    shape.push_back(lhs[d]);
  for (auto [d, size] : llvm::enumerate(lhs))
    if (!llvm::is_contained(lhsUsed, static_cast<int64_t>(d)))
      shape.push_back(size);
  for (auto [d, size] : llvm::enumerate(rhs))
    if (!llvm::is_contained(rhsUsed, static_cast<int64_t>(d)))
      shape.push_back(size);
  return succeed(types, shape, elementOf(op.getLhs()));
}

LogicalResult ConvOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, Adaptor op, Result &types) {
  ArrayRef<int64_t> input = shapeOf(op.getInput()), filter = shapeOf(op.getFilter());
  int64_t spatial = static_cast<int64_t>(input.size()) - 2;
  if (spatial < 1 || filter.size() != input.size() ||
      !sizesAre(spatial, op.getStrides(), op.getLow(), op.getHigh(), op.getInputDilation(), op.getFilterDilation()))
    return emitOptionalError(loc, "C1: attributes must have one entry a spatial dimension of ", op.getInput().getType(), " and ",
                             op.getFilter().getType());
  int64_t groups = op.getGroups();
  if (groups < 1 || filter[spatial] * groups != input.back() || filter.back() % groups)
    return emitOptionalError(loc, "C2: filter ", op.getFilter().getType(), " in ", groups, " groups does not fit ", input.back(), " channels");
  if (elementOf(op.getInput()) != elementOf(op.getFilter()))
    return emitOptionalError(loc, "C3: element types differ: ", elementOf(op.getInput()), " and ", elementOf(op.getFilter()));
  Shape shape{input.front()};
  for (int64_t d = 0; d < spatial; ++d) {
    if (op.getStrides()[d] < 1 || op.getInputDilation()[d] < 1 || op.getFilterDilation()[d] < 1)
      return emitOptionalError(loc, "C1: strides and dilations must be >= 1");
    int64_t size = input[d + 1] > 0 ? (input[d + 1] - 1) * op.getInputDilation()[d] + 1 : 0;
    size += op.getLow()[d] + op.getHigh()[d];
    if (size < 0)
      return emitOptionalError(loc, "C4: padding makes spatial dimension ", d, " negative (", size, ")");
    int64_t span = size - (filter[d] - 1) * op.getFilterDilation()[d];
    shape.push_back(span > 0 ? (span - 1) / op.getStrides()[d] + 1 : 0);
  }
  shape.push_back(filter.back());
  return succeed(types, shape, elementOf(op.getInput()));
}

LogicalResult SortOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, ValueRange operands, DictionaryAttr attributes,
                                       OpaqueProperties properties, RegionRange regions, Result &types) {
  Adaptor op(operands, attributes, properties, regions);
  ArrayRef<int64_t> shape = shapeOf(op.getOperand());
  int64_t dimension = op.getDimension(), rank = shape.size();
  if (dimension < 0 || dimension >= rank)
    return emitOptionalError(loc, "C1: dimension ", dimension, " must be in [0, ", rank, ")");
  SmallVector<int64_t> kept(shape);
  if (std::optional<uint64_t> count = op.getCount()) {
    if (static_cast<int64_t>(*count) < 0 || static_cast<int64_t>(*count) > shape[dimension])
      return emitOptionalError(loc, "C2: count ", static_cast<int64_t>(*count), " must be in [0, ", shape[dimension], "]");
    kept[dimension] = *count;
  }
  types.push_back(RankedTensorType::get(kept, elementOf(op.getOperand())));
  return succeed(types, kept, op.getIndexType());
}

LogicalResult EighOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, ValueRange operands, DictionaryAttr, OpaqueProperties,
                                       RegionRange, Result &types) {
  ArrayRef<int64_t> shape = shapeOf(operands[0]);
  if (shape.size() < 2 || shape.back() != shape[shape.size() - 2])
    return emitOptionalError(loc, "C1: the last two dimensions must be equal, but got ", operands[0].getType());
  types.push_back(RankedTensorType::get(shape.drop_back(), elementOf(operands[0])));
  return succeed(types, shape, elementOf(operands[0]));
}

LogicalResult QROp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, ValueRange operands, DictionaryAttr attributes,
                                     OpaqueProperties properties, RegionRange regions, Result &types) {
  Adaptor op(operands, attributes, properties, regions);
  ArrayRef<int64_t> shape = shapeOf(op.getOperand());
  if (shape.size() < 2)
    return emitOptionalError(loc, "C1: the rank must be at least 2, but got ", op.getOperand().getType());
  Shape q(shape), r(shape);
  q.back() = r[r.size() - 2] = op.getFull() ? shape[shape.size() - 2] : std::min(shape[shape.size() - 2], shape.back());
  types.push_back(RankedTensorType::get(q, elementOf(op.getOperand())));
  return succeed(types, r, elementOf(op.getOperand()));
}

LogicalResult SVDOp::inferReturnTypes(MLIRContext *, std::optional<Location> loc, ValueRange operands, DictionaryAttr attributes,
                                      OpaqueProperties properties, RegionRange regions, Result &types) {
  Adaptor op(operands, attributes, properties, regions);
  ArrayRef<int64_t> shape = shapeOf(op.getOperand());
  Type element = elementOf(op.getOperand());
  if (shape.size() < 2)
    return emitOptionalError(loc, "C1: the rank must be at least 2, but got ", op.getOperand().getType());
  int64_t rows = shape[shape.size() - 2], columns = shape.back(), fewer = std::min(rows, columns);
  auto add = [&](ArrayRef<int64_t> sizes) {
    Shape result(shape.drop_back(2));
    llvm::append_range(result, sizes);
    types.push_back(RankedTensorType::get(result, element));
  };
  add({fewer});
  add({rows, op.getFull() ? rows : fewer});
  add({columns, op.getFull() ? columns : fewer});
  return success();
}

LogicalResult LUOp::inferReturnTypes(MLIRContext *context, std::optional<Location> loc, ValueRange operands, DictionaryAttr,
                                     OpaqueProperties, RegionRange, Result &types) {
  ArrayRef<int64_t> shape = shapeOf(operands[0]);
  if (shape.size() < 2 || shape.back() != shape[shape.size() - 2])
    return emitOptionalError(loc, "C1: the last two dimensions must be equal, but got ", operands[0].getType());
  types.push_back(operands[0].getType());
  types.push_back(RankedTensorType::get(shape.drop_back(), IntegerType::get(context, 32)));
  return succeed(types, shape.drop_back(2), elementOf(operands[0]));
}
