// SPDX-License-Identifier: Apache-2.0
// From a kernel written in MLIR's builtin dialects to MLIR's LLVM dialect.
#include "backends/cpu/LowerModule.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Affine/IR/AffineOps.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Arith/Transforms/Passes.h"
#include "mlir/Dialect/Complex/IR/Complex.h"
#include "mlir/Dialect/ControlFlow/IR/ControlFlow.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Index/IR/IndexDialect.h"
#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Math/Transforms/Passes.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/UB/IR/UBOps.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

namespace lathe::cpu {
namespace {

/// float64 to a 16-bit float by way of float32, as TensorFlow's own conversion does; LLVM would call a runtime library.
struct SplitNarrowing : OpRewritePattern<arith::TruncFOp> {
  using OpRewritePattern::OpRewritePattern;
  LogicalResult matchAndRewrite(arith::TruncFOp op, PatternRewriter &rewriter) const override {
    const Type from = getElementTypeOrSelf(op.getIn().getType()), to = getElementTypeOrSelf(op.getType());
    if (!from.isF64() || to.getIntOrFloatBitWidth() != 16)
      return failure();
    Type middle = rewriter.getF32Type();
    if (auto shaped = dyn_cast<ShapedType>(op.getType()))
      middle = shaped.clone(middle);
    Value single = arith::TruncFOp::create(rewriter, op.getLoc(), middle, op.getIn());
    rewriter.replaceOpWithNewOp<arith::TruncFOp>(op, op.getType(), single);
    return success();
  }
};

/// Bare pointers carry no sizes.
llvm::Error checkArguments(ModuleOp module) {
  for (auto function : module.getOps<func::FuncOp>())
    for (BlockArgument argument : function.getArguments()) {
      const auto type = dyn_cast<MemRefType>(argument.getType());
      if (!type || (type.hasStaticShape() && type.getLayout().isIdentity()))
        continue;
      std::string text;
      llvm::raw_string_ostream(text) << type;
      return llvm::createStringError("kernel '" + function.getName() + "': operand " + Twine(argument.getArgNumber()) +
                                     " must be dense and of static shape, but got " + text);
    }
  return llvm::Error::success();
}

/// Private functions become internal, so that only kernels have symbols; operands do not share memory.
void markFunctions(ModuleOp module) {
  const auto internal = LLVM::LinkageAttr::get(module.getContext(), LLVM::Linkage::Internal);
  for (auto function : module.getOps<func::FuncOp>()) {
    if (function.isExternal())
      continue;
    if (function.isPrivate())
      function->setAttr("llvm.linkage", internal);
    for (unsigned i = 0; i < function.getNumArguments(); ++i)
      if (isa<MemRefType>(function.getArgument(i).getType()) && !function.removeArgAttr(i, "lathe.may_alias"))
        function.setArgAttr(i, LLVM::LLVMDialect::getNoAliasAttrName(), UnitAttr::get(module.getContext()));
  }
}

LogicalResult run(ModuleOp module, llvm::function_ref<void(PassManager &)> add) {
  PassManager manager(module.getContext());
  add(manager);
  return manager.run(module);
}

/// What must happen while the loops are still structured: 16-bit floats, complex numbers, transcendental functions.
LogicalResult prepareArithmetic(ModuleOp module) {
  const auto widen = [](PassManager &manager) {
    manager.addPass(createConvertComplexToStandardPass());
    arith::ArithEmulateUnsupportedFloatsOptions narrow;
    narrow.sourceTypeStrs = {"bf16", "f16"};
    narrow.targetTypeStr = "f32";
    manager.addPass(arith::createArithEmulateUnsupportedFloats(narrow));
    math::MathExtendToSupportedTypesOptions extend;
    extend.targetTypeStr = "f32";
    manager.addPass(math::createMathExtendToSupportedTypes(extend));
  };
  if (failed(run(module, widen)))
    return failure();
  // The widening marks its conversions so that a narrowing and the widening after it cancel; results would then depend
  // on which ops share a kernel.
  module.walk([](arith::TruncFOp op) { op.setFastmath(arith::FastMathFlags::none); });
  module.walk([](arith::ExtFOp op) { op.setFastmath(arith::FastMathFlags::none); });
  RewritePatternSet patterns(module.getContext());
  // What stays libm's: atan and cbrt are off by 39 and 11 units of the last place; atan2 rests on atan, and sine and
  // cosine would have to reduce large arguments exactly (README).
  const auto chosen = [](StringRef name) {
    return !llvm::is_contained({"math.sin", "math.cos", "math.atan", "math.atan2", "math.cbrt"}, name);
  };
  populateMathPolynomialApproximationPatterns(patterns, chosen);
  arith::populateExpandBFloat16Patterns(patterns);
  arith::populateCeilFloorDivExpandOpsPatterns(patterns);
  patterns.add<SplitNarrowing>(module.getContext());
  return applyPatternsGreedily(module, std::move(patterns));
}

LogicalResult lowerLoops(ModuleOp module) {
  return run(module, [](PassManager &manager) {
    manager.addPass(createCanonicalizerPass());
    manager.addPass(createCSEPass());
    manager.addPass(memref::createFoldMemRefAliasOpsPass());
    manager.addPass(memref::createExpandStridedMetadataPass());
    manager.addPass(createLowerAffinePass());
    manager.addPass(createSCFToControlFlowPass());
    manager.addPass(createConvertComplexToLLVMPass());
    ConvertMathToLLVMPassOptions math;
    math.approximateLog1p = false;
    manager.addPass(createConvertMathToLLVMPass(math));
    manager.addPass(createConvertMathToLibmPass());
    // Calls of libm take vectors apart by ops of the vector dialect, so its own lowering comes after.
    manager.addPass(createConvertVectorToLLVMPass());
    manager.addPass(createFinalizeMemRefToLLVMConversionPass());
    manager.addPass(createConvertControlFlowToLLVMPass());
    manager.addPass(createArithToLLVMConversionPass());
    manager.addPass(createConvertIndexToLLVMPass());
    manager.addPass(createUBToLLVMConversionPass());
    ConvertFuncToLLVMPassOptions func;
    func.useBarePtrCallConv = true;
    manager.addPass(createConvertFuncToLLVMPass(func));
    manager.addPass(createReconcileUnrealizedCastsPass());
  });
}

} // namespace

std::unique_ptr<MLIRContext> createKernelContext() {
  DialectRegistry registry;
  registry.insert<affine::AffineDialect, arith::ArithDialect, cf::ControlFlowDialect, complex::ComplexDialect,
                  func::FuncDialect, index::IndexDialect, LLVM::LLVMDialect, math::MathDialect, memref::MemRefDialect,
                  scf::SCFDialect, ub::UBDialect, vector::VectorDialect>();
  registerBuiltinDialectTranslation(registry);
  registerLLVMDialectTranslation(registry);
  auto context = std::make_unique<MLIRContext>(registry, MLIRContext::Threading::DISABLED);
  context->loadAllAvailableDialects();
  return context;
}

llvm::Error lowerToLLVMDialect(ModuleOp module) {
  if (llvm::Error error = checkArguments(module))
    return error;
  std::string problems;
  ScopedDiagnosticHandler handler(module.getContext(), [&](Diagnostic &diagnostic) {
    if (diagnostic.getSeverity() == DiagnosticSeverity::Error)
      problems += (problems.empty() ? "" : "; ") + diagnostic.str();
    return success();
  });
  markFunctions(module);
  if (failed(prepareArithmetic(module)) || failed(lowerLoops(module)))
    return llvm::createStringError("cannot lower a kernel to LLVM: " + problems);
  return llvm::Error::success();
}

} // namespace lathe::cpu
