// SPDX-License-Identifier: Apache-2.0
// Runs passes on IR in text form; what every pass and dialect is tested through.
#include "backends/ChooseConvolutions.h"
#include "ir/core/Ops.h"
#include "ir/gdef/Dialect.h"
#include "ir/rt/Ops.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"
#include "mlir/Transforms/Passes.h"
#include "passes/Passes.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  registry.insert<mlir::func::FuncDialect, lathe::core::CoreDialect, lathe::gdef::GdefDialect, lathe::rt::RtDialect>();
  lathe::registerLathePasses();
  mlir::registerPass([] { return lathe::createChooseConvolutionsPass(); });
  mlir::registerCanonicalizerPass();
  mlir::registerCSEPass();
  return mlir::asMainReturnCode(mlir::MlirOptMain(argc, argv, "lathe-opt\n", registry));
}
