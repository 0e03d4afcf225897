// SPDX-License-Identifier: Apache-2.0
// The stages between the imported graph and the planned program, each a function under a banner.
#include "compiler/Pipelines.h"
#include "backends/ChooseConvolutions.h"
#include "ir/core/Ops.h"
#include "ir/gdef/Dialect.h"
#include "ir/rt/Ops.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"
#include "passes/Passes.h"

using namespace mlir;
using namespace lathe;

namespace {
llvm::SmallVector<int64_t> wantedSizes(const CompileOptions &options) { return {options.batchSizes.begin(), options.batchSizes.end()}; }

/// What batches are made of where the user does not say: one item, and enough items to share the reading of weights.
llvm::SmallVector<int64_t> batchSizes(const CompileOptions &options) {
  return options.batchSizes.empty() ? llvm::SmallVector<int64_t>{8} : wantedSizes(options);
}

//===--- raise: functions inlined, control flow of TensorFlow 1 structured, lists as values -----------------------------===//
void buildRaise(OpPassManager &pipeline, const CompileOptions &options) {
  pipeline.addPass(createInlineFunctionsPass());
  pipeline.addPass(createRaiseControlFlowPass());
  pipeline.addPass(createThreadVariablesPass({llvm::SmallVector<std::string>(options.state.begin(), options.state.end())}));
  pipeline.addPass(createFreezeVariablesPass());
  pipeline.addPass(createRaiseTensorArraysPass());
  pipeline.addPass(createSpecializeBatchPass({batchSizes(options)}));
}

//===--- legalize: gdef -> core; shapes inferred, constants folded ---------------------------------------------------===//
void buildLegalize(OpPassManager &pipeline, const CompileOptions &options) {
  pipeline.addPass(createLegalizeGraphPass({!options.keepChecks}));
  pipeline.addPass(createSeparateItemsPass({wantedSizes(options)}));
  pipeline.addNestedPass<func::FuncOp>(createCanonicalizerPass());
  pipeline.addNestedPass<func::FuncOp>(createCSEPass());
}

//===--- optimize: canonical, no duplicate pure ops, normal forms ----------------------------------------------------===//
void buildOptimize(OpPassManager &pipeline, const CompileOptions &options) {
  auto fold = [&] { pipeline.addNestedPass<func::FuncOp>(createFoldConstantsPass()); };
  fold();
  pipeline.addNestedPass<func::FuncOp>(createFoldScalesPass());
  fold();
  pipeline.addNestedPass<func::FuncOp>(createHoistProductsPass());
  pipeline.addNestedPass<func::FuncOp>(createLoopInvariantCodeMotionPass());
  pipeline.addNestedPass<func::FuncOp>(createNormalizeContractionsPass());
  if (options.convolutions == Convolutions::Fast)
    pipeline.addNestedPass<func::FuncOp>(createChooseConvolutionsPass(options.targetCpu));
  pipeline.addNestedPass<func::FuncOp>(createMaterializePaddingPass());
  fold();
  pipeline.addNestedPass<func::FuncOp>(createCanonicalizerPass());
  pipeline.addNestedPass<func::FuncOp>(createCSEPass());
}

//===--- fuse: every op in exactly one group -------------------------------------------------------------------------===//
void buildFuse(OpPassManager &pipeline, const CompileOptions &) { pipeline.addPass(createFuseGroupsPass()); }

//===--- schedule: an order of the calls -----------------------------------------------------------------------------===//
void buildSchedule(OpPassManager &pipeline, const CompileOptions &) { pipeline.addNestedPass<func::FuncOp>(createOrderCallsPass()); }

//===--- plan: buffers, arena offsets, in-place results --------------------------------------------------------------===//
void buildPlan(OpPassManager &pipeline, const CompileOptions &) {
  pipeline.addPass(createChooseInPlacePass());
  pipeline.addPass(createPlanMemoryPass());
}

struct Stage {
  StringRef name;
  void (*build)(OpPassManager &, const CompileOptions &);
};
constexpr Stage stages[] = {
    {"raise", buildRaise}, {"legalize", buildLegalize}, {"optimize", buildOptimize}, {"fuse", buildFuse}, {"schedule", buildSchedule}, {"plan", buildPlan}};

LogicalResult dump(ModuleOp module, const std::string &directory, size_t number, StringRef stage) {
  if (directory.empty())
    return success();
  llvm::SmallString<128> path(directory);
  llvm::sys::path::append(path, llvm::formatv("{0}-{1}.mlir", number, stage).str());
  std::error_code error = llvm::sys::fs::create_directories(directory);
  llvm::raw_fd_ostream out(path, error);
  if (error)
    return emitError(module.getLoc()) << "cannot write " << path << ": " << error.message();
  constexpr int64_t largestPrinted = 32;
  module.print(out, OpPrintingFlags().enableDebugInfo().useLocalScope().elideLargeElementsAttrs(largestPrinted).elideLargeResourceString(largestPrinted));
  return success();
}
} // namespace

ArrayRef<StringRef> lathe::stageNames() {
  static const SmallVector<StringRef> names = llvm::map_to_vector(stages, [](const Stage &stage) { return stage.name; });
  return names;
}

void lathe::loadDialects(MLIRContext &context) {
  context.loadDialect<core::CoreDialect, gdef::GdefDialect, rt::RtDialect, func::FuncDialect>();
}

LogicalResult lathe::runStages(ModuleOp module, const CompileOptions &options, StringRef first) {
  if (failed(dump(module, options.dumpDirectory, 0, "import")))
    return failure();
  bool started = false;
  for (auto [number, stage] : llvm::enumerate(stages)) {
    started |= stage.name == first;
    if (!started)
      continue;
    PassManager pipeline(module.getContext());
    stage.build(pipeline, options);
    if (failed(pipeline.run(module)) || failed(dump(module, options.dumpDirectory, number + 1, stage.name)))
      return failure();
    if (options.stopAfter == stage.name)
      break;
  }
  return success();
}
