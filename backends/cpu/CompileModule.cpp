// SPDX-License-Identifier: Apache-2.0
// Machine code from a module, by way of LLVM's pipeline and code generator.
#include "backends/cpu/CompileModule.h"

#include "backends/cpu/LowerModule.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Verifier.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/Transforms/Utils/Cloning.h"

#include <mutex>

using namespace llvm;

namespace lathe::cpu {
namespace {

Expected<std::unique_ptr<TargetMachine>> createTargetMachine(const Machine &machine) {
  static std::once_flag once;
  std::call_once(once, [] {
    InitializeAllTargetInfos();
    InitializeAllTargets();
    InitializeAllTargetMCs();
    InitializeAllAsmPrinters();
  });
  const Triple triple(machine.triple);
  std::string problem;
  const Target *target = TargetRegistry::lookupTarget(triple, problem);
  if (!target)
    return createStringError("no code generator for " + machine.triple + ": " + problem);
  TargetOptions options;
  options.AllowFPOpFusion = FPOpFusion::Fast;
  options.FunctionSections = false;
  std::unique_ptr<TargetMachine> result(target->createTargetMachine(
      triple, machine.llvmCpu, machine.features, options, Reloc::PIC_, CodeModel::Small, CodeGenOptLevel::Default));
  if (!result)
    return createStringError("no code generator for " + machine.triple);
  return result;
}

void annotate(llvm::Module &module, const Machine &machine, bool hide) {
  for (Function &function : module) {
    if (function.isDeclaration())
      continue;
    function.addFnAttr(Attribute::NoUnwind);
    function.addFnAttr("target-cpu", machine.llvmCpu);
    if (!machine.features.empty())
      function.addFnAttr("target-features", machine.features);
    function.addFnAttr("prefer-vector-width", std::to_string(machine.loopVectorBits));
    function.addFnAttr("no-trapping-math", "true");
  }
  if (!hide)
    return;
  for (GlobalValue &value : module.global_values())
    if (!value.isDeclaration() && !value.hasLocalLinkage())
      value.setVisibility(GlobalValue::HiddenVisibility);
}

/// Renames each public function and puts one of lathe_kernel_fn_t in its place.
void addKernelEntries(llvm::Module &module) {
  SmallVector<Function *> bodies;
  for (Function &function : module)
    if (!function.isDeclaration() && !function.hasLocalLinkage())
      bodies.push_back(&function);
  LLVMContext &context = module.getContext();
  Type *pointer = PointerType::getUnqual(context), *integer = Type::getInt64Ty(context);
  for (Function *body : bodies) {
    const std::string name = body->getName().str();
    body->setName(name + ".body");
    body->setLinkage(GlobalValue::InternalLinkage);
    // Inlined, its noalias arguments would turn into scopes, which the vectoriser follows less far.
    body->addFnAttr(Attribute::NoInline);
    auto *entry = Function::Create(FunctionType::get(Type::getVoidTy(context), {pointer, integer, integer}, false),
                                   GlobalValue::ExternalLinkage, name, module);
    IRBuilder<> builder(BasicBlock::Create(context, "", entry));
    SmallVector<Value *> operands;
    unsigned buffer = 0, bound = 1;
    for (Argument &argument : body->args())
      operands.push_back(
          argument.getType()->isPointerTy()
              ? builder.CreateLoad(pointer, builder.CreateConstInBoundsGEP1_64(pointer, entry->getArg(0), buffer++))
              : static_cast<Value *>(entry->getArg(bound++)));
    builder.CreateCall(body, operands);
    builder.CreateRetVoid();
  }
}

Error checkEntrySignatures(llvm::Module &module) {
  for (Function &function : module) {
    if (function.isDeclaration() || function.hasLocalLinkage())
      continue;
    unsigned bounds = 0;
    for (Argument &argument : function.args()) {
      if (argument.getType()->isIntegerTy(64))
        ++bounds;
      else if (!argument.getType()->isPointerTy() || bounds)
        bounds = 3;
    }
    if (!function.getReturnType()->isVoidTy() || bounds > 2)
      return createStringError("kernel '" + function.getName() +
                               "' must take memrefs, then at most two indices, and return nothing");
  }
  return Error::success();
}

void optimize(llvm::Module &module, TargetMachine &target) {
  PipelineTuningOptions tuning;
  tuning.LoopVectorization = true;
  tuning.SLPVectorization = true;
  tuning.LoopInterleaving = true;
  LoopAnalysisManager loops;
  FunctionAnalysisManager functions;
  CGSCCAnalysisManager components;
  ModuleAnalysisManager modules;
  PassBuilder builder(&target, tuning);
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);
  builder.buildPerModuleDefaultPipeline(OptimizationLevel::O2).run(module, modules);
}

Error generate(llvm::Module &module, TargetMachine &target, CodeGenFileType type, SmallVectorImpl<char> &bytes) {
  raw_svector_ostream stream(bytes);
  legacy::PassManager manager;
  if (target.addPassesToEmitFile(manager, stream, nullptr, type))
    return createStringError("the code generator cannot write this kind of file");
  manager.run(module);
  return Error::success();
}

} // namespace

Expected<SmallVector<char>> compileLLVMModule(llvm::Module &module, const Machine &machine,
                                              const CodegenOptions &options) {
  auto target = createTargetMachine(machine);
  if (!target)
    return target.takeError();
  module.setTargetTriple((*target)->getTargetTriple());
  module.setDataLayout((*target)->createDataLayout());
  module.setPICLevel(PICLevel::BigPIC);
  annotate(module, machine, options.hideSymbols);
  std::string problem;
  raw_string_ostream problemStream(problem);
  if (verifyModule(module, &problemStream))
    return createStringError("invalid LLVM module: " + problem);
  if (options.optimizeIR)
    optimize(module, **target);
  if (options.irText) {
    raw_string_ostream stream(*options.irText);
    module.print(stream, nullptr);
  }
  if (options.assemblyText) {
    SmallVector<char> text;
    // Code generation changes the module, so the text comes from a copy.
    const std::unique_ptr<llvm::Module> copy = CloneModule(module);
    if (Error error = generate(*copy, **target, CodeGenFileType::AssemblyFile, text))
      return std::move(error);
    options.assemblyText->assign(text.begin(), text.end());
  }
  SmallVector<char> bytes;
  if (Error error = generate(module, **target, CodeGenFileType::ObjectFile, bytes))
    return std::move(error);
  return bytes;
}

Expected<SmallVector<char>> compileModule(mlir::ModuleOp module, const Machine &machine,
                                          const CodegenOptions &options) {
  if (Error error = lowerToLLVMDialect(module))
    return std::move(error);
  LLVMContext context;
  std::string problem;
  mlir::ScopedDiagnosticHandler handler(module.getContext(), [&](mlir::Diagnostic &diagnostic) {
    problem += diagnostic.str();
    return mlir::success();
  });
  const std::unique_ptr<llvm::Module> translated = mlir::translateModuleToLLVMIR(module, context, "kernel");
  if (!translated)
    return createStringError("cannot translate a kernel to LLVM IR: " + problem);
  if (options.kernelEntries) {
    if (Error error = checkEntrySignatures(*translated))
      return std::move(error);
    addKernelEntries(*translated);
  }
  return compileLLVMModule(*translated, machine, options);
}

} // namespace lathe::cpu
