// SPDX-License-Identifier: Apache-2.0
#include "ir/Problems.h"
#include "ir/gdef/Ops.h"
#include "mlir/IR/BuiltinOps.h"
#include "passes/Passes.h"
using namespace mlir;
using namespace lathe;
namespace lathe {
#define GEN_PASS_DEF_RAISETENSORARRAYSPASS
#include "passes/Passes.h.inc"
} // namespace lathe
namespace {
struct RaiseTensorArrays : lathe::impl::RaiseTensorArraysPassBase<RaiseTensorArrays> {
  void runOnOperation() override {}
};
} // namespace
