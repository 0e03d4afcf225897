// SPDX-License-Identifier: Apache-2.0
// The backend for CPUs: plans, packs and compiles kernels for one machine description.
#include "backends/cpu/CpuBackend.h"
#include "backends/cpu/CompileModule.h"
#include "backends/cpu/LowerKernel.h"
#include "backends/cpu/LowerModule.h"
#include "ir/core/Ops.h"
#include "mlir/Parser/Parser.h"

#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace lathe;
using namespace lathe::cpu;

namespace {
RankedTensorType typeOf(Value tensor) { return cast<RankedTensorType>(tensor.getType()); }

class CpuBackend final : public Backend {
public:
  explicit CpuBackend(Machine machine) : machine(std::move(machine)) {}

  std::string getTargetName() const override { return machine.name; }
  uint64_t getRequiredFeatures() const override { return requiredCpuFeatures(machine); }

  std::optional<int64_t> getFastConvolutionScratch(core::ConvOp conv) const override {
    return winogradScratch(conv, machine);
  }

  KernelPlan plan(rt::KernelOp kernel) const override {
    KernelShape shape = analyzeKernel(kernel, machine);
    KernelPlan plan;
    plan.units = shape.units;
    plan.seconds = cycles(kernel, shape) / (machine.clockGhz * 1e9);
    plan.choice = describe(shape);
    // A fork and join costs below a microsecond where the other threads spin, but they take data away from this core's cache.
    constexpr double worthSharing = 10e-6;
    plan.parallel = shape.units > 1 && plan.seconds > worthSharing;
    return plan;
  }

  std::optional<int64_t> getPackedBytes(rt::KernelOp kernel, unsigned operand) const override {
    KernelShape shape = analyzeKernel(kernel, machine);
    if (!isPacked(kernel, shape, operand))
      return std::nullopt;
    if (shape.form == KernelForm::Winograd)
      return winogradFilterBytes(shape.winograd, shape.winogradTile);
    return packedWeightBytes(shape.contraction, shape.contractionTile);
  }

  void pack(rt::KernelOp kernel, unsigned operand, ArrayRef<char> source, MutableArrayRef<char> packed) const override {
    KernelShape shape = analyzeKernel(kernel, machine);
    assert(isPacked(kernel, shape, operand) && "only packed operands have a layout");
    if (shape.form == KernelForm::Winograd)
      return packWinogradFilters(shape.winograd, shape.winogradTile, reinterpret_cast<const float *>(source.data()),
                                 reinterpret_cast<float *>(packed.data()));
    packWeights(shape.contraction, shape.contractionTile, hwioStrides(shape.contraction), source.data(), packed.data());
  }

  llvm::Expected<SmallVector<char>> compileKernel(StringRef text, ArrayRef<int64_t> inPlace, StringRef symbol) const override {
    std::unique_ptr<MLIRContext> context = createKernelContext();
    context->loadDialect<core::CoreDialect, rt::RtDialect>();
    OwningOpRef<ModuleOp> source = parseSourceString<ModuleOp>(text, context.get());
    if (!source)
      return llvm::createStringError("internal error: kernel %s does not parse", symbol.str().c_str());
    rt::KernelOp kernel = *source->getOps<rt::KernelOp>().begin();
    KernelShape shape = analyzeKernel(kernel, machine);
    OwningOpRef<ModuleOp> module = lowerKernel(kernel, shape, inPlace, symbol);
    CodegenOptions options;
    options.optimizeIR = shape.form != KernelForm::Contraction && shape.form != KernelForm::Depthwise && shape.form != KernelForm::Winograd;
    return compileModule(*module, machine, options);
  }

  llvm::Expected<SmallVector<char>> compileProgram(llvm::Module &module) const override {
    CodegenOptions options;
    options.optimizeIR = false;
    options.hideSymbols = false;
    return compileLLVMModule(module, machine, options);
  }

private:
  static bool isPacked(rt::KernelOp kernel, const KernelShape &shape, unsigned operand) {
    bool packs = shape.form == KernelForm::Winograd ||
                 (shape.form == KernelForm::Contraction && shape.contraction.rhsLayout == RhsLayout::Packed);
    return packs && shape.root->getOperand(1) == kernel.getBody().getArgument(operand);
  }

  /// Cycles on one core: the contraction's own model, else arithmetic and memory traffic, whichever is longer.
  double cycles(rt::KernelOp kernel, const KernelShape &shape) const {
    if (shape.form == KernelForm::Contraction)
      return shape.contractionTile.cycles;
    if (shape.form == KernelForm::Depthwise)
      return shape.depthwiseTile.cycles;
    if (shape.form == KernelForm::Winograd)
      return shape.winogradTile.cycles;
    double work = 0, bytes = 0;
    for (Operation &op : kernel.getBody().front())
      if (auto cost = dyn_cast<core::CostOpInterface>(op))
        work += cost.flops();
    for (Value operand : kernel.getBody().getArguments())
      bytes += core::tensorBytes(typeOf(operand));
    for (Value result : kernel.getYield().getValues())
      bytes += core::tensorBytes(typeOf(result));
    double perCycle = shape.form == KernelForm::Whole ? 1 : machine.lanes(4);
    return std::max(work / perCycle, bytes / machine.l2Rate);
  }

  static std::string describe(const KernelShape &shape) {
    switch (shape.form) {
    case KernelForm::Contraction:
      return llvm::formatv("{0} {1}x{2}", shape.contraction.rhsLayout == RhsLayout::Packed ? "packed" : "row-major",
                           shape.contractionTile.rows, shape.contractionTile.panelWidth());
    case KernelForm::Depthwise:
      return llvm::formatv("depthwise {0}x{1}", shape.depthwiseTile.pixels, shape.depthwiseTile.lanes);
    case KernelForm::Winograd:
      return llvm::formatv("winograd {0}x{1} {2}x{3}", shape.winogradTile.outputsH, shape.winogradTile.outputsW,
                           shape.winogradTile.product.rows, shape.winogradTile.product.panelWidth());
    case KernelForm::Rows:
      return "rows";
    case KernelForm::Columns:
      return "columns";
    case KernelForm::Loops:
      return "loops";
    case KernelForm::Whole:
      return "whole";
    }
    llvm_unreachable("unknown form");
  }

  Machine machine;
};
} // namespace

std::unique_ptr<Backend> cpu::createCpuBackend(Machine machine) { return std::make_unique<CpuBackend>(std::move(machine)); }
