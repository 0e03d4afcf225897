// SPDX-License-Identifier: Apache-2.0
// Checked, folding construction of core ops.
#include "ir/core/CheckedBuilder.h"
#include "ir/evaluate/Evaluate.h"
#include "llvm/Support/MathExtras.h"
#include "mlir/IR/Verifier.h"

using namespace mlir;
using namespace lathe;
using namespace lathe::core;

std::optional<SmallVector<int64_t>> core::broadcastShapes(ArrayRef<int64_t> x, ArrayRef<int64_t> y) {
  if (x.size() < y.size())
    std::swap(x, y);
  SmallVector<int64_t> shape(x);
  for (size_t i = 0; i < y.size(); ++i) {
    int64_t &size = shape[x.size() - y.size() + i];
    if (size == 1)
      size = y[i];
    else if (y[i] != 1 && y[i] != size)
      return std::nullopt;
  }
  return shape;
}

NamedAttribute CheckedBuilder::attribute(StringRef name, Attribute value) { return builder.getNamedAttr(name, value); }
NamedAttribute CheckedBuilder::sizes(StringRef name, ArrayRef<int64_t> values) {
  return attribute(name, builder.getDenseI64ArrayAttr(values));
}
NamedAttribute CheckedBuilder::number(StringRef name, int64_t value) { return attribute(name, builder.getI64IntegerAttr(value)); }
NamedAttribute CheckedBuilder::combinerAttribute(Combiner combiner) {
  return attribute("combiner", CombinerAttr::get(builder.getContext(), combiner));
}

/// Reports a tensor of a negative size, or of so many elements that arithmetic on its sizes could overflow.
static LogicalResult checkSizes(Location loc, Type type) {
  constexpr int64_t mostElements = int64_t(1) << 48;
  int64_t elements = 1;
  for (int64_t size : cast<RankedTensorType>(type).getShape()) {
    if (size < 0)
      return emitError(loc) << "sizes must not be negative, but one is " << size;
    if (size != 0 && (llvm::MulOverflow(elements, size, elements) || elements > mostElements))
      return emitError(loc) << "a tensor of type " << type << " has more than 2^48 elements";
  }
  return success();
}

SmallVector<Value> CheckedBuilder::createMany(StringRef name, ValueRange operands, ArrayRef<NamedAttribute> attributes, TypeRange results) {
  if (llvm::any_of(operands, [](Value operand) { return !operand; }))
    return {};
  OperationState state(loc, name, operands, results, attributes);
  // Inference runs first and by hand: what the generated builders do on its failure is to abort.
  RegisteredOperationName op = *state.name.getRegisteredInfo();
  if (auto *inference = op.getInterface<InferTypeOpInterface>(); inference && results.empty()) {
    DictionaryAttr dictionary = state.attributes.getDictionary(builder.getContext());
    auto storage = std::make_unique<char[]>(std::max(op.getOpPropertyByteSize(), 1));
    OpaqueProperties properties(storage.get());
    op.initOpProperties(properties, nullptr);
    auto diagnose = [&] { return emitError(loc); };
    bool converted = !op.getOpPropertyByteSize() || succeeded(op.setOpPropertiesFromAttribute(op, properties, dictionary, diagnose));
    SmallVector<Type> types;
    bool inferred = converted && succeeded(inference->inferReturnTypes(builder.getContext(), loc, operands, dictionary, properties, {}, types));
    op.destroyOpProperties(properties);
    if (!inferred)
      return {};
    state.addTypes(types);
  }
  if (!llvm::all_of(state.types, [&](Type type) { return succeeded(checkSizes(loc, type)); }))
    return {};
  Operation *created = builder.create(state);
  if (failed(verify(created, /*verifyRecursively=*/false))) {
    created->erase();
    return {};
  }
  // Local algebra first: it moves no bytes.
  SmallVector<Attribute> constants;
  for (Value operand : created->getOperands())
    constants.push_back(constantOf(operand));
  SmallVector<OpFoldResult> folded;
  SmallVector<Value> values;
  if (succeeded(created->fold(constants, folded)) && !folded.empty()) {
    for (OpFoldResult result : folded) {
      auto attribute = dyn_cast<Attribute>(result);
      values.push_back(attribute ? constant(cast<ElementsAttr>(attribute)) : cast<Value>(result));
    }
    created->erase();
    return values;
  }
  constants.clear();
  if (failed(evaluate::foldOperation(created, foldBudget, constants)))
    return SmallVector<Value>(created->getResults());
  for (Attribute value : constants)
    values.push_back(constant(cast<ElementsAttr>(value)));
  created->erase();
  return values;
}

Value CheckedBuilder::create(StringRef name, ValueRange operands, ArrayRef<NamedAttribute> attributes, Type result) {
  SmallVector<Value> values = createMany(name, operands, attributes, result ? TypeRange(result) : TypeRange());
  return values.empty() ? Value() : values.front();
}

Value CheckedBuilder::constant(ElementsAttr value) { return ConstantOp::create(builder, loc, value); }

Value CheckedBuilder::scalar(Type element, double value) { return splat({}, element, value); }

Value CheckedBuilder::splat(ArrayRef<int64_t> shape, Type element, double value) {
  auto type = RankedTensorType::get(shape, element);
  if (failed(checkSizes(loc, type)))
    return {};
  if (auto complex = dyn_cast<ComplexType>(element)) {
    APFloat re(value), im(0.0);
    bool lossy;
    const llvm::fltSemantics &semantics = cast<FloatType>(complex.getElementType()).getFloatSemantics();
    re.convert(semantics, APFloat::rmNearestTiesToEven, &lossy);
    im.convert(semantics, APFloat::rmNearestTiesToEven, &lossy);
    return constant(DenseElementsAttr::get(type, std::complex<APFloat>(re, im)));
  }
  if (isa<FloatType>(element))
    return constant(DenseElementsAttr::get(type, builder.getFloatAttr(element, value)));
  bool isSigned = !element.isUnsignedInteger();
  APInt bits(element.getIntOrFloatBitWidth(), static_cast<int64_t>(value), isSigned, /*implicitTrunc=*/true);
  return constant(DenseElementsAttr::get(type, builder.getIntegerAttr(element, bits)));
}

Value CheckedBuilder::splatLike(Value like, double value) { return like ? splat(shapeOf(like), elementOf(like), value) : Value(); }

Value CheckedBuilder::integers(ArrayRef<int64_t> values, Type element) {
  SmallVector<APInt> elements;
  for (int64_t value : values)
    elements.emplace_back(element.getIntOrFloatBitWidth(), value, /*isSigned=*/true, /*implicitTrunc=*/true);
  return constant(DenseElementsAttr::get(RankedTensorType::get({static_cast<int64_t>(values.size())}, element), elements));
}

Value CheckedBuilder::iota(ArrayRef<int64_t> shape, Type element, int64_t dimension) {
  return create(IotaOp::getOperationName(), {}, {number("dimension", dimension)}, RankedTensorType::get(shape, element));
}

bool CheckedBuilder::broadcastTogether(ArrayRef<Value *> values) {
  SmallVector<int64_t> shape;
  for (Value *value : values) {
    if (!*value)
      return false;
    std::optional<SmallVector<int64_t>> together = broadcastShapes(shape, shapeOf(*value));
    if (!together) {
      emitError(loc) << "shapes [" << ArrayRef(shape) << "] and [" << shapeOf(*value) << "] do not broadcast to one";
      return false;
    }
    shape = std::move(*together);
  }
  for (Value *value : values)
    *value = broadcastTo(*value, shape);
  return true;
}

Value CheckedBuilder::compare(Comparison direction, Value x, Value y) {
  if (!broadcastTogether({&x, &y}))
    return {};
  return create(CompareOp::getOperationName(), {x, y}, {attribute("direction", ComparisonAttr::get(builder.getContext(), direction))});
}

Value CheckedBuilder::select(Value predicate, Value onTrue, Value onFalse) {
  if (!broadcastTogether({&predicate, &onTrue, &onFalse}))
    return {};
  return create(SelectOp::getOperationName(), {predicate, onTrue, onFalse}, {}, onTrue.getType());
}

Value CheckedBuilder::convert(Value x, Type element) {
  if (!x || elementOf(x) == element)
    return x;
  return create(ConvertOp::getOperationName(), {x}, {}, typeOf(x).clone(element));
}

Value CheckedBuilder::complex(Value real, Value imaginary) {
  if (!broadcastTogether({&real, &imaginary}))
    return {};
  return create(ComplexOp::getOperationName(), {real, imaginary});
}

Value CheckedBuilder::special(Special function, ValueRange inputs) {
  SmallVector<Value> values(inputs);
  SmallVector<Value *> places;
  for (Value &value : values)
    places.push_back(&value);
  if (!broadcastTogether(places))
    return {};
  return create(SpecialOp::getOperationName(), values, {attribute("function", SpecialAttr::get(builder.getContext(), function))},
                values.front().getType());
}

Value CheckedBuilder::reshape(Value x, ArrayRef<int64_t> shape) {
  if (!x || shapeOf(x) == shape)
    return x;
  return create(ReshapeOp::getOperationName(), {x}, {}, typeOf(x).clone(shape));
}

Value CheckedBuilder::bitcast(Value x, RankedTensorType type) { return create(BitcastOp::getOperationName(), {x}, {}, type); }

Value CheckedBuilder::transpose(Value x, ArrayRef<int64_t> permutation) {
  if (llvm::equal(permutation, llvm::seq<int64_t>(0, permutation.size())) && x && typeOf(x).getRank() == static_cast<int64_t>(permutation.size()))
    return x;
  return create(TransposeOp::getOperationName(), {x}, {sizes("permutation", permutation)});
}

Value CheckedBuilder::broadcast(Value x, ArrayRef<int64_t> shape, ArrayRef<int64_t> dimensions) {
  if (!x || shapeOf(x) == shape)
    return x;
  return create(BroadcastOp::getOperationName(), {x}, {sizes("dimensions", dimensions)}, typeOf(x).clone(shape));
}

Value CheckedBuilder::broadcastTo(Value x, ArrayRef<int64_t> shape) {
  if (!x)
    return x;
  int64_t extra = static_cast<int64_t>(shape.size()) - typeOf(x).getRank();
  if (extra < 0) {
    emitError(loc) << "cannot broadcast [" << shapeOf(x) << "] to [" << shape << "]";
    return {};
  }
  return broadcast(x, shape, llvm::to_vector(llvm::seq<int64_t>(extra, shape.size())));
}

Value CheckedBuilder::slice(Value x, ArrayRef<int64_t> starts, ArrayRef<int64_t> lengths, ArrayRef<int64_t> strides) {
  SmallVector<int64_t> ones(starts.size(), 1);
  return create(SliceOp::getOperationName(), {x},
                {sizes("starts", starts), sizes("sizes", lengths), sizes("strides", strides.empty() ? ArrayRef<int64_t>(ones) : strides)});
}

Value CheckedBuilder::dynamicSlice(Value x, Value starts, ArrayRef<int64_t> lengths) {
  return create(DynamicSliceOp::getOperationName(), {x, starts}, {sizes("sizes", lengths)});
}

Value CheckedBuilder::concat(ValueRange inputs, int64_t dimension) {
  if (inputs.size() == 1)
    return inputs.front();
  return create(ConcatOp::getOperationName(), inputs, {number("dimension", dimension)});
}

Value CheckedBuilder::pad(Value x, Value value, ArrayRef<int64_t> low, ArrayRef<int64_t> high, ArrayRef<int64_t> interior) {
  SmallVector<int64_t> none(low.size(), 0);
  return create(PadOp::getOperationName(), {x, value},
                {sizes("low", low), sizes("high", high), sizes("interior", interior.empty() ? ArrayRef<int64_t>(none) : interior)});
}

Value CheckedBuilder::reverse(Value x, ArrayRef<int64_t> dimensions) {
  return create(ReverseOp::getOperationName(), {x}, {sizes("dimensions", dimensions)}, typeOrNull(x));
}

Value CheckedBuilder::gather(Value x, Value indices, int64_t axis, int64_t batch) {
  return create(GatherOp::getOperationName(), {x, indices}, {number("axis", axis), number("batch", batch)});
}

Value CheckedBuilder::scatter(Combiner combiner, Value x, Value indices, Value updates) {
  return create(ScatterOp::getOperationName(), {x, indices, updates}, {combinerAttribute(combiner)});
}

Value CheckedBuilder::reduce(Combiner combiner, Value x, ArrayRef<int64_t> dimensions, bool keepDimensions) {
  SmallVector<int64_t> sorted(dimensions);
  llvm::sort(sorted);
  Value reduced = create(ReduceOp::getOperationName(), {x}, {combinerAttribute(combiner), sizes("dimensions", sorted)});
  if (!reduced || !keepDimensions)
    return reduced;
  SmallVector<int64_t> shape(shapeOf(x));
  for (int64_t dimension : dimensions)
    shape[dimension] = 1;
  return reshape(reduced, shape);
}

Value CheckedBuilder::argReduce(Combiner combiner, Value x, int64_t dimension, Type indexType) {
  return create(ArgReduceOp::getOperationName(), {x},
                {combinerAttribute(combiner), number("dimension", dimension), attribute("indexType", TypeAttr::get(indexType))});
}

Value CheckedBuilder::reduceWindow(Combiner combiner, Value x, ArrayRef<int64_t> window, ArrayRef<int64_t> strides, ArrayRef<int64_t> dilations,
                            ArrayRef<int64_t> low, ArrayRef<int64_t> high) {
  return create(ReduceWindowOp::getOperationName(), {x},
                {combinerAttribute(combiner), sizes("window", window), sizes("strides", strides), sizes("dilations", dilations),
                 sizes("low", low), sizes("high", high)});
}

Value CheckedBuilder::cumulative(Combiner combiner, Value x, int64_t dimension, bool exclusive, bool reverse) {
  return create(CumulativeOp::getOperationName(), {x},
                {combinerAttribute(combiner), number("dimension", dimension), attribute("exclusive", builder.getBoolAttr(exclusive)),
                 attribute("reverse", builder.getBoolAttr(reverse))},
                typeOrNull(x));
}

Value CheckedBuilder::dotGeneral(Value x, Value y, ArrayRef<int64_t> lhsBatch, ArrayRef<int64_t> rhsBatch, ArrayRef<int64_t> lhsContracting,
                          ArrayRef<int64_t> rhsContracting) {
  return create(DotGeneralOp::getOperationName(), {x, y},
                {sizes("lhsBatch", lhsBatch), sizes("rhsBatch", rhsBatch), sizes("lhsContracting", lhsContracting),
                 sizes("rhsContracting", rhsContracting)});
}

Value CheckedBuilder::conv(Value input, Value filter, ArrayRef<int64_t> strides, ArrayRef<int64_t> low, ArrayRef<int64_t> high,
                    ArrayRef<int64_t> inputDilation, ArrayRef<int64_t> filterDilation, int64_t groups) {
  return create(ConvOp::getOperationName(), {input, filter},
                {sizes("strides", strides), sizes("low", low), sizes("high", high), sizes("inputDilation", inputDilation),
                 sizes("filterDilation", filterDilation), number("groups", groups)});
}

std::pair<Value, Value> CheckedBuilder::sort(Value x, int64_t dimension, bool descending, Type indexType, std::optional<int64_t> count) {
  SmallVector<NamedAttribute> attributes{number("dimension", dimension), attribute("descending", builder.getBoolAttr(descending)),
                                         attribute("indexType", TypeAttr::get(indexType))};
  if (count)
    attributes.push_back(number("count", *count));
  SmallVector<Value> results = createMany(SortOp::getOperationName(), {x}, attributes, {});
  return results.empty() ? std::pair<Value, Value>() : std::pair(results[0], results[1]);
}

SmallVector<Value> CheckedBuilder::lu(Value x) { return createMany(LUOp::getOperationName(), {x}, {}, {}); }

Value CheckedBuilder::fft(Value x, bool inverse) {
  return create(FFTOp::getOperationName(), {x}, {attribute("inverse", builder.getBoolAttr(inverse))}, typeOrNull(x));
}

SmallVector<Value> CheckedBuilder::qr(Value x, bool full) {
  return createMany(QROp::getOperationName(), {x}, {attribute("full", builder.getBoolAttr(full))}, {});
}

SmallVector<Value> CheckedBuilder::svd(Value x, bool full) {
  return createMany(SVDOp::getOperationName(), {x}, {attribute("full", builder.getBoolAttr(full))}, {});
}

SmallVector<Value> CheckedBuilder::eigh(Value x) { return createMany(EighOp::getOperationName(), {x}, {}, {}); }

Value CheckedBuilder::rngBits(Value key, Value counter, ArrayRef<int64_t> shape, Type element) {
  return create(RngBitsOp::getOperationName(), {key, counter}, {}, RankedTensorType::get(shape, element));
}

Value CheckedBuilder::rngSample(Distribution distribution, Value key, Value counter, ValueRange parameters, ArrayRef<int64_t> shape,
                                Type element) {
  SmallVector<Value> operands{key, counter};
  llvm::append_range(operands, parameters);
  return create(RngSampleOp::getOperationName(), operands,
                {attribute("distribution", DistributionAttr::get(builder.getContext(), distribution))},
                RankedTensorType::get(shape, element));
}

Value CheckedBuilder::triangularSolve(Value matrix, Value rhs, bool lower, bool transpose, bool unitDiagonal) {
  return create(TriangularSolveOp::getOperationName(), {matrix, rhs},
                {attribute("lower", builder.getBoolAttr(lower)), attribute("transpose", builder.getBoolAttr(transpose)),
                 attribute("unitDiagonal", builder.getBoolAttr(unitDiagonal))},
                typeOrNull(rhs));
}

ElementsAttr CheckedBuilder::constantOf(Value x) {
  auto constant = x ? x.getDefiningOp<ConstantOp>() : ConstantOp();
  return constant ? constant.getValue() : ElementsAttr();
}

std::optional<SmallVector<int64_t>> CheckedBuilder::integersOf(Value x) {
  // More integers than this decide no shape.
  constexpr int64_t budget = 1 << 20;
  if (!x || !isa<IntegerType>(elementOf(x)))
    return std::nullopt;
  evaluate::Tensor value = evaluate::constantValue(x, budget);
  return value ? std::optional(evaluate::readIntegers(value)) : std::nullopt;
}
