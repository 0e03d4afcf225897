// SPDX-License-Identifier: Apache-2.0
// Finds a kernel's form and builds the function around its loops.
#include "backends/cpu/LowerKernel.h"
#include "ir/core/Ops.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "passes/Padding.h"
#include "passes/fusion/Groups.h"

using namespace mlir;
using namespace lathe;
using namespace lathe::cpu;

namespace {
RankedTensorType typeOf(Value tensor) { return cast<RankedTensorType>(tensor.getType()); }

std::optional<Element> elementKind(Type type) {
  if (type.isF32())
    return Element::F32;
  if (type.isF64())
    return Element::F64;
  return std::nullopt;
}

bool isWholeConstantWeight(rt::KernelOp kernel, Value value) {
  auto argument = dyn_cast<BlockArgument>(value);
  return argument && kernel.getConstants()[argument.getArgNumber()];
}

bool shapeProduct(core::DotGeneralOp dot, bool packed, KernelShape &shape, const Machine &machine) {
  std::optional<Element> element = elementKind(dot.getType().getElementType());
  RankedTensorType lhs = typeOf(dot.getLhs()), rhs = typeOf(dot.getRhs());
  int64_t batched = dot.getLhsBatch().size(), rank = 2 + batched;
  // Sums of nothing are left to the plain loops, here as for convolutions.
  bool normal = element && batched <= 1 && lhs.getRank() == rank && rhs.getRank() == rank && lhs.getNumElements() != 0 &&
                dot.getLhsContracting() == ArrayRef<int64_t>{1 + batched} && dot.getRhsContracting() == ArrayRef<int64_t>{batched};
  if (!normal)
    return false;
  int64_t batch = batched ? lhs.getDimSize(0) : 1;
  if (packed && batched)
    packed = false;
  shape.form = KernelForm::Contraction;
  shape.contraction = makeProduct(batch, lhs.getDimSize(rank - 2), rhs.getDimSize(rank - 1), lhs.getDimSize(rank - 1),
                                  packed ? RhsLayout::Packed : RhsLayout::RowMajor, *element);
  shape.contractionTile = chooseTile(shape.contraction, machine);
  shape.units = contractionUnits(shape.contraction, shape.contractionTile);
  return true;
}

/// Sizes of `conv` on an input of `inputH` x `inputW`, padding included.
ConvolutionSizes sizesOf(core::ConvOp conv, int64_t inputH, int64_t inputW) {
  ArrayRef<int64_t> input = typeOf(conv.getInput()).getShape(), filter = typeOf(conv.getFilter()).getShape();
  return {.images = input[0], .inputH = inputH, .inputW = inputW, .inputChannels = input[3],
          .outputChannels = filter[3], .kernelH = filter[0], .kernelW = filter[1],
          .strideH = conv.getStrides()[0], .strideW = conv.getStrides()[1],
          .dilationH = conv.getFilterDilation()[0], .dilationW = conv.getFilterDilation()[1],
          .groups = static_cast<int64_t>(conv.getGroups())};
}

/// What Winograd's algorithm needs to know of `conv`; none where it does not apply.
std::optional<WinogradSpec> winogradSpec(core::ConvOp conv) {
  auto isOne = [](int64_t size) { return size == 1; };
  auto isPadding = [](int64_t size) { return size >= 0; };
  bool plain = conv.getType().getElementType().isF32() && conv.getStrides().size() == 2 && conv.getGroups() == 1 &&
               typeOf(conv.getFilter()).getNumElements() != 0 && conv.getType().getNumElements() != 0 &&
               typeOf(conv.getInput()).getNumElements() != 0 && llvm::all_of(conv.getStrides(), isOne) &&
               llvm::all_of(conv.getInputDilation(), isOne) && llvm::all_of(conv.getFilterDilation(), isOne) &&
               llvm::all_of(conv.getLow(), isPadding) && llvm::all_of(conv.getHigh(), isPadding);
  if (!plain)
    return std::nullopt;
  ArrayRef<int64_t> input = typeOf(conv.getInput()).getShape(), filter = typeOf(conv.getFilter()).getShape();
  ArrayRef<int64_t> result = conv.getType().getShape();
  return WinogradSpec{.images = input[0], .inputH = input[1], .inputW = input[2], .inputChannels = input[3],
                      .outputH = result[1], .outputW = result[2], .outputChannels = result[3],
                      .kernelH = filter[0], .kernelW = filter[1], .padTop = conv.getLow()[0], .padLeft = conv.getLow()[1]};
}

bool shapeWinograd(core::ConvOp conv, bool packed, KernelShape &shape, const Machine &machine) {
  if (!packed || !conv.getScratch())
    return false;
  shape.form = KernelForm::Winograd;
  shape.winograd = *winogradSpec(conv);
  shape.winogradTile = *chooseWinogradTile(shape.winograd, machine);
  WinogradGeometry geometry(shape.winograd, shape.winogradTile);
  assert(geometry.scratchBytes() == static_cast<int64_t>(*conv.getScratch()) && "the choice must not change");
  shape.units = geometry.units();
  return true;
}

bool shapeConvolution(core::ConvOp conv, bool packed, KernelShape &shape, const Machine &machine) {
  std::optional<Element> element = elementKind(conv.getType().getElementType());
  auto isZero = [](int64_t size) { return size == 0; };
  auto isOne = [](int64_t size) { return size == 1; };
  bool isPadded = !llvm::all_of(conv.getLow(), isZero) || !llvm::all_of(conv.getHigh(), isZero);
  bool plain = element && conv.getStrides().size() == 2 && typeOf(conv.getFilter()).getNumElements() != 0 &&
               (!isPadded || (readsPadding(conv) && typeOf(conv.getInput()).getNumElements() != 0)) && llvm::all_of(conv.getInputDilation(), isOne);
  if (!plain)
    return false;
  ArrayRef<int64_t> input = typeOf(conv.getInput()).getShape();
  ConvolutionSizes sizes = sizesOf(conv, input[1] + conv.getLow()[0] + conv.getHigh()[0], input[2] + conv.getLow()[1] + conv.getHigh()[1]);
  if (sizes.groups > 1 && sizes.groups == sizes.inputChannels) {
    shape.form = KernelForm::Depthwise;
    shape.depthwise = makeDepthwise(sizes, sizes.outputChannels / sizes.groups, *element);
    if (isPadded)
      shape.depthwise = withoutPadding(shape.depthwise, {conv.getLow()[0], conv.getLow()[1], input[1], input[2]});
    shape.depthwiseTile = chooseDepthwiseTile(shape.depthwise, machine);
    shape.units = depthwiseUnits(shape.depthwise, shape.depthwiseTile);
    return true;
  }
  if (!packed || isPadded)
    return false;
  shape.form = KernelForm::Contraction;
  shape.contraction = flattenRows(makeConvolution(sizes, *element));
  shape.contractionTile = chooseTile(shape.contraction, machine);
  shape.units = contractionUnits(shape.contraction, shape.contractionTile);
  return true;
}

/// Whether all dimensions that `reduce` keeps come before those it reduces, sizes of 1 aside.
bool reducesTrailing(core::ReduceOp reduce) {
  return fusion::areTrailing(reduce.getOperand().getType().getShape().vec(), reduce.getDimensions().vec());
}
} // namespace

std::optional<int64_t> cpu::winogradScratch(core::ConvOp conv, const Machine &machine) {
  // Only a weight's layout can be chosen; a splat is repeated inside of kernels.
  auto filter = conv.getFilter().getDefiningOp<core::ConstantOp>();
  std::optional<WinogradSpec> spec = winogradSpec(conv);
  if (!spec || !filter || isa<SplatElementsAttr>(filter.getValue()))
    return std::nullopt;
  std::optional<WinogradTile> tile = chooseWinogradTile(*spec, machine);
  if (!tile)
    return std::nullopt;
  ConvolutionSizes padded = sizesOf(conv, spec->outputH + spec->kernelH - 1, spec->outputW + spec->kernelW - 1);
  ContractionSpec direct = makeConvolution(padded);
  // The model's error may not turn a gain into a loss.
  constexpr double worthwhile = 0.8;
  if (tile->cycles > worthwhile * directCycles(*spec, direct, chooseTile(direct, machine), machine))
    return std::nullopt;
  return WinogradGeometry(*spec, *tile).scratchBytes();
}

KernelShape cpu::analyzeKernel(rt::KernelOp kernel, const Machine &machine) {
  KernelShape shape;
  bool empty = llvm::any_of(kernel.getYield().getValues(), [](Value v) { return typeOf(v).getNumElements() == 0; });
  if (empty) {
    shape.units = 0;
    return shape;
  }
  for (Operation &op : kernel.getBody().front()) {
    if (auto dot = dyn_cast<core::DotGeneralOp>(op); dot && shapeProduct(dot, isWholeConstantWeight(kernel, dot.getRhs()), shape, machine)) {
      shape.root = &op;
      return shape;
    }
    if (auto conv = dyn_cast<core::ConvOp>(op); conv && shapeWinograd(conv, isWholeConstantWeight(kernel, conv.getFilter()), shape, machine)) {
      shape.root = &op;
      return shape;
    }
    if (auto conv = dyn_cast<core::ConvOp>(op); conv && shapeConvolution(conv, isWholeConstantWeight(kernel, conv.getFilter()), shape, machine)) {
      shape.root = &op;
      return shape;
    }
    if (auto reduce = dyn_cast<core::ReduceOp>(op)) {
      bool trailing = reducesTrailing(reduce);
      int64_t last = reduce.getOperand().getType().getRank() - 1;
      if (!trailing && llvm::is_contained(reduce.getDimensions(), last))
        continue;
      shape.form = trailing ? KernelForm::Rows : KernelForm::Columns;
      shape.root = &op;
      shape.units = trailing ? rowsUnits(&op) : columnsUnits(&op);
      return shape;
    }
    if (isa<core::ScatterOp, core::CumulativeOp, core::SortOp, core::CholeskyOp, core::LUOp, core::TriangularSolveOp, core::SVDOp,
            core::EighOp, core::QROp, core::FFTOp, core::RngBitsOp, core::RngSampleOp>(op)) {
      shape.form = KernelForm::Whole;
      shape.root = &op;
      shape.units = wholeUnits(&op);
      return shape;
    }
  }
  shape.root = kernel.getYield().getValues().front().getDefiningOp();
  shape.units = loopsUnits(kernel);
  return shape;
}

void cpu::emitLoop(KernelElements &e, Value lower, Value upper, llvm::function_ref<void(Value)> body) {
  auto loop = scf::ForOp::create(e.builder, e.loc, lower, upper, e.index(1));
  OpBuilder::InsertionGuard guard(e.builder);
  e.builder.setInsertionPoint(loop.getBody()->getTerminator());
  body(loop.getInductionVar());
}

static void emitNestFrom(KernelElements &e, ArrayRef<int64_t> sizes, SmallVector<Value> &indices, llvm::function_ref<void(ValueRange)> body) {
  if (sizes.empty())
    return body(indices);
  if (sizes.front() == 1) {
    indices.push_back(e.index(0));
    emitNestFrom(e, sizes.drop_front(), indices, body);
    indices.pop_back();
    return;
  }
  emitLoop(e, e.index(0), e.index(sizes.front()), [&](Value i) {
    indices.push_back(i);
    emitNestFrom(e, sizes.drop_front(), indices, body);
    indices.pop_back();
  });
}

void cpu::emitNest(KernelElements &e, ArrayRef<int64_t> sizes, llvm::function_ref<void(ValueRange)> body) {
  SmallVector<Value> indices;
  emitNestFrom(e, sizes, indices, body);
}

OwningOpRef<ModuleOp> cpu::lowerKernel(rt::KernelOp kernel, const KernelShape &shape, ArrayRef<int64_t> inPlace, StringRef symbol) {
  MLIRContext *context = kernel.getContext();
  OpBuilder builder(context);
  Location loc = builder.getUnknownLoc();
  OwningOpRef<ModuleOp> module = ModuleOp::create(loc);
  Block &body = kernel.getBody().front();
  bool packed = shape.form == KernelForm::Contraction && shape.contraction.rhsLayout == RhsLayout::Packed;
  auto memrefOf = [&](Value value) {
    Type element = bufferElement(typeOf(value).getElementType());
    if (packed && value == shape.root->getOperand(1))
      return MemRefType::get({packedWeightBytes(shape.contraction, shape.contractionTile) / core::elementBytes(element)}, element);
    if (shape.form == KernelForm::Winograd && value == shape.root->getOperand(1))
      return MemRefType::get({winogradFilterBytes(shape.winograd, shape.winogradTile)}, builder.getI8Type());
    // Sizes of 0 have no layout in LLVM; nothing is read or written through such a buffer.
    SmallVector<int64_t> shape = llvm::map_to_vector(typeOf(value).getShape(), [](int64_t size) { return std::max<int64_t>(size, 1); });
    return MemRefType::get(shape, element);
  };
  SmallVector<Type> types;
  for (Value value : body.getArguments())
    types.push_back(memrefOf(value));
  for (Value value : kernel.getYield().getValues())
    types.push_back(memrefOf(value));
  int64_t scratchBytes = kernel.getScratch();
  if (scratchBytes)
    types.push_back(MemRefType::get({scratchBytes}, builder.getI8Type()));
  types.append(2, builder.getIndexType());
  builder.setInsertionPointToStart(module->getBody());
  auto function = func::FuncOp::create(builder, loc, symbol, builder.getFunctionType(types, {}));
  Block *entry = function.addEntryBlock();
  builder.setInsertionPointToStart(entry);
  auto end = func::ReturnOp::create(builder, loc);
  builder.setInsertionPoint(end);

  KernelElements elements(builder, loc);
  unsigned operands = body.getNumArguments();
  for (BlockArgument argument : body.getArguments())
    elements.setBuffer(argument, entry->getArgument(argument.getArgNumber()));
  SmallVector<Value> outputs(entry->getArguments().drop_front(operands).take_front(kernel.getYield().getValues().size()));
  // What a result takes over is read through the result's own buffer, so that no two pointers alias.
  for (auto [result, operand] : llvm::enumerate(inPlace)) {
    if (operand < 0)
      continue;
    Value buffer = outputs[result], input = body.getArgument(operand);
    auto type = cast<MemRefType>(entry->getArgument(operand).getType());
    if (buffer.getType() != type)
      buffer = memref::ReinterpretCastOp::create(builder, loc, type, buffer, 0, type.getShape(), type.getStridesAndOffset().first);
    elements.setBuffer(input, buffer);
  }
  Value scratch = scratchBytes ? Value(*(entry->args_end() - 3)) : Value();
  KernelEmission emission{elements, kernel, shape, outputs, scratch, *(entry->args_end() - 2), *(entry->args_end() - 1), inPlace};
  if (shape.units == 0)
    return module;
  switch (shape.form) {
  case KernelForm::Contraction:
  case KernelForm::Depthwise:
  case KernelForm::Winograd:
    emitContractionKernel(emission);
    break;
  case KernelForm::Rows:
    emitRowsKernel(emission);
    break;
  case KernelForm::Columns:
    emitColumnsKernel(emission);
    break;
  case KernelForm::Loops:
    emitLoopsKernel(emission);
    break;
  case KernelForm::Whole:
    emitWholeKernel(emission);
    break;
  }
  return module;
}
