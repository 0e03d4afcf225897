// SPDX-License-Identifier: Apache-2.0
// Builds kernels from specs, loads their objects into this process and calls them: for tests and benchmarks.
#include "test/unit/cpu/KernelHarness.h"

#include "backends/cpu/contraction/EmitSupport.h"
#include "backends/cpu/LowerModule.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/Support/TargetSelect.h"

#include <mutex>
#include <random>

using namespace mlir;

namespace lathe::cpu {

static llvm::ExitOnError exitOnError("kernel harness: ");

std::vector<float> distinctValues(int64_t count, uint32_t seed) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> uniform(-1, 1);
  std::vector<float> values(count);
  for (float &value : values)
    value = uniform(random);
  return values;
}

LoadedObject::LoadedObject(llvm::ArrayRef<char> object) {
  static std::once_flag once;
  std::call_once(once, [] {
    llvm::InitializeNativeTarget();
    llvm::InitializeNativeTargetAsmPrinter();
  });
  jit = exitOnError(llvm::orc::LLJITBuilder().create());
  exitOnError(jit->addObjectFile(
      llvm::MemoryBuffer::getMemBufferCopy(llvm::StringRef(object.data(), object.size()), "kernel.o")));
}

LoadedObject::~LoadedObject() = default;

void *LoadedObject::address(llvm::StringRef symbol) const {
  return exitOnError(jit->lookup(symbol)).toPtr<void *>();
}

LoadedKernel::LoadedKernel(llvm::ArrayRef<char> bytes)
    : object(bytes), entry(reinterpret_cast<decltype(entry)>(object.address("kernel"))) {}

void LoadedKernel::operator()(llvm::ArrayRef<void *> buffers, int64_t begin, int64_t end) const {
  entry(buffers.data(), begin, end);
}

static std::vector<char> compile(ModuleOp module, const Machine &machine, CodegenOptions options) {
  // The JIT looks symbols up by name.
  options.hideSymbols = false;
  const llvm::SmallVector<char> object = exitOnError(compileModule(module, machine, options));
  return std::vector<char>(object.begin(), object.end());
}

std::vector<char> buildKernel(llvm::ArrayRef<KernelOperand> operands, const Machine &machine,
                              const CodegenOptions &options, const KernelBody &body) {
  const std::unique_ptr<MLIRContext> context = createKernelContext();
  OpBuilder builder(context.get());
  const Location loc = builder.getUnknownLoc();
  OwningOpRef<ModuleOp> module = ModuleOp::create(loc);
  Emitter emit(builder, loc);
  SmallVector<Type> types;
  for (const KernelOperand &operand : operands)
    types.push_back(MemRefType::get({operand.count}, emit.type(operand.element)));
  types.append(2, builder.getIndexType());
  builder.setInsertionPointToStart(module->getBody());
  auto function = func::FuncOp::create(builder, loc, "kernel", builder.getFunctionType(types, {}));
  Block *entry = function.addEntryBlock();
  builder.setInsertionPointToStart(entry);
  const SmallVector<Value> arguments(entry->getArguments());
  body(builder, loc, llvm::ArrayRef(arguments).drop_back(2), arguments[arguments.size() - 2], arguments.back());
  func::ReturnOp::create(builder, loc);
  if (failed(verify(*module)))
    llvm::report_fatal_error("kernel harness: invalid module");
  return compile(*module, machine, options);
}

std::vector<char> compileText(llvm::StringRef text, const Machine &machine, const CodegenOptions &options) {
  const std::unique_ptr<MLIRContext> context = createKernelContext();
  const OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(text, context.get());
  if (!module)
    llvm::report_fatal_error("kernel harness: cannot parse");
  return compile(*module, machine, options);
}

namespace {

/// TestEpilogue as an epilogue function.
class TestEpilogueEmitter {
public:
  TestEpilogueEmitter(const TestEpilogue &epilogue, llvm::ArrayRef<Value> operands, const View &output, int64_t outputH,
                      int64_t outputW)
      : epilogue(epilogue), bias(epilogue.bias ? operands[3] : Value()),
        residual(epilogue.residual ? operands.back() : Value()), output(output), outputH(outputH), outputW(outputW) {}

  Value operator()(OpBuilder &builder, Location loc, const EpiloguePoint &point) const {
    Emitter emit(builder, loc);
    const bool isFloat = isa<FloatType>(cast<VectorType>(point.sums.getType()).getElementType());
    const auto plus = [&](Value left, Value right) -> Value {
      return isFloat ? arith::AddFOp::create(builder, loc, left, right).getResult()
                     : arith::AddIOp::create(builder, loc, left, right).getResult();
    };
    Value value = point.sums;
    if (epilogue.bias)
      value = plus(value, emit.loadVector(bias, point.column, point.lanes, point.mask));
    if (epilogue.residual)
      value = plus(value, emit.loadVector(residual, outputPosition(emit, point), point.lanes, point.mask));
    if (epilogue.relu) {
      const Value zero = arith::ConstantOp::create(builder, loc, builder.getZeroAttr(value.getType()));
      if (!isFloat)
        return arith::MaxSIOp::create(builder, loc, value, zero);
      const Value above = arith::CmpFOp::create(builder, loc, arith::CmpFPredicate::OGT, value, zero);
      value = arith::SelectOp::create(builder, loc, above, value, zero);
    }
    return value;
  }

private:
  Value outputPosition(Emitter &emit, const EpiloguePoint &point) const {
    const Value x = emit.rem(point.row, outputW), line = emit.div(point.row, outputW);
    const Value y = emit.rem(line, outputH), image = emit.div(line, outputH);
    Value position = emit.add(emit.mul(point.batch, output.batch), point.column);
    position = emit.add(position, emit.mul(image, output.image));
    position = emit.add(position, emit.mul(y, output.row));
    return emit.add(emit.add(position, emit.mul(x, output.pixel)), output.offset);
  }

  TestEpilogue epilogue;
  Value bias, residual;
  View output;
  int64_t outputH, outputW;
};

template <typename Spec, typename EmitFn>
std::vector<char> buildWithEpilogue(const Spec &spec, int64_t rhsCount, int64_t channels, const Machine &machine,
                                    const TestEpilogue &epilogue, std::string *assembly, EmitFn emitKernel) {
  SmallVector<KernelOperand> operands = {
      {lhsCount(spec), spec.lhsType}, {rhsCount, spec.rhsType}, {outputCount(spec), spec.sumType}};
  if (epilogue.bias)
    operands.push_back({channels, spec.sumType});
  if (epilogue.residual)
    operands.push_back({outputCount(spec), spec.sumType});
  CodegenOptions options;
  options.optimizeIR = false;
  options.assemblyText = assembly;
  return buildKernel(operands, machine, options,
                     [&](OpBuilder &builder, Location loc, llvm::ArrayRef<Value> operands, Value begin, Value end) {
                       const TestEpilogueEmitter finish(epilogue, operands, spec.output, spec.outputH, spec.outputW);
                       emitKernel(builder, loc, operands, begin, end, finish);
                     });
}

} // namespace

int64_t lhsCount(const ContractionSpec &spec) {
  const int64_t y = (spec.outputH - 1) * spec.strideH + (spec.kernelH - 1) * spec.dilationH;
  const int64_t x = (spec.outputW - 1) * spec.strideW + (spec.kernelW - 1) * spec.dilationW;
  return spec.lhs.offset + (spec.batch - 1) * spec.lhs.batch + (spec.images - 1) * spec.lhs.image + y * spec.lhs.row +
         x * spec.lhs.pixel + (spec.groups * spec.inputChannels - 1) * spec.lhs.channel + 1;
}

int64_t outputCount(const ContractionSpec &spec) {
  return spec.output.offset + (spec.batch - 1) * spec.output.batch + (spec.images - 1) * spec.output.image +
         (spec.outputH - 1) * spec.output.row + (spec.outputW - 1) * spec.output.pixel +
         spec.groups * spec.outputChannels;
}

int64_t lhsCount(const DepthwiseSpec &spec) {
  const int64_t y = (spec.outputH - 1) * spec.strideH + (spec.kernelH - 1) * spec.dilationH;
  const int64_t x = (spec.outputW - 1) * spec.strideW + (spec.kernelW - 1) * spec.dilationW;
  return spec.lhs.offset + (spec.images - 1) * spec.lhs.image + y * spec.lhs.row + x * spec.lhs.pixel + spec.channels;
}

int64_t outputCount(const DepthwiseSpec &spec) {
  return spec.output.offset + (spec.images - 1) * spec.output.image + (spec.outputH - 1) * spec.output.row +
         (spec.outputW - 1) * spec.output.pixel + spec.outputChannels();
}

std::vector<char> buildContraction(const ContractionSpec &spec, const ContractionTile &tile, const Machine &machine,
                                   const TestEpilogue &epilogue, std::string *assembly) {
  const bool isRowMajor = spec.rhsLayout == RhsLayout::RowMajor;
  const int64_t rhsRows = isRowMajor ? spec.inputChannels : spec.outputChannels;
  const int64_t rhsColumns = isRowMajor ? spec.outputChannels : spec.inputChannels;
  const int64_t rhsCount = spec.rhsLayout == RhsLayout::Packed ? packedWeightBytes(spec, tile) / bytesOf(spec.rhsType)
                                                               : spec.rhs.offset + (spec.batch - 1) * spec.rhs.batch +
                                                                     (rhsRows - 1) * spec.rhs.pixel + rhsColumns;
  return buildWithEpilogue(spec, rhsCount, spec.groups * spec.outputChannels, machine, epilogue, assembly,
                           [&](OpBuilder &builder, Location loc, llvm::ArrayRef<Value> operands, Value begin, Value end,
                               const TestEpilogueEmitter &finish) {
                             emitContraction(builder, loc, spec, tile, operands[0], operands[1], operands[2], begin,
                                             end, finish);
                           });
}

std::vector<char> buildDepthwise(const DepthwiseSpec &spec, const DepthwiseTile &tile, const Machine &machine,
                                 const TestEpilogue &epilogue, std::string *assembly) {
  return buildWithEpilogue(
      spec, spec.kernelH * spec.kernelW * spec.outputChannels(), spec.outputChannels(), machine, epilogue, assembly,
      [&](OpBuilder &builder, Location loc, llvm::ArrayRef<Value> operands, Value begin, Value end,
          const TestEpilogueEmitter &finish) {
        emitDepthwise(builder, loc, spec, tile, operands[0], operands[1], operands[2], begin, end, finish);
      });
}

std::vector<char> buildWinograd(const WinogradSpec &spec, const WinogradTile &tile, const Machine &machine,
                                const TestEpilogue &epilogue, std::string *assembly) {
  const int64_t outputs = spec.images * spec.outputH * spec.outputW * spec.outputChannels;
  SmallVector<KernelOperand> operands = {{spec.images * spec.inputH * spec.inputW * spec.inputChannels, Element::F32},
                                         {winogradFilterBytes(spec, tile), Element::I8},
                                         {outputs, Element::F32}};
  if (epilogue.bias)
    operands.push_back({spec.outputChannels, Element::F32});
  if (epilogue.residual)
    operands.push_back({outputs, Element::F32});
  operands.push_back({WinogradGeometry(spec, tile).scratchBytes(), Element::I8});
  const View output = {.image = spec.outputH * spec.outputW * spec.outputChannels,
                       .row = spec.outputW * spec.outputChannels,
                       .pixel = spec.outputChannels};
  CodegenOptions options;
  options.optimizeIR = false;
  options.assemblyText = assembly;
  return buildKernel(operands, machine, options,
                     [&](OpBuilder &builder, Location loc, llvm::ArrayRef<Value> operands, Value begin, Value end) {
                       const TestEpilogueEmitter finish(epilogue, operands.drop_back(), output, spec.outputH,
                                                        spec.outputW);
                       emitWinograd(builder, loc, spec, tile, operands[0], operands[1], operands[2], operands.back(),
                                    begin, end, finish);
                     });
}

} // namespace lathe::cpu
