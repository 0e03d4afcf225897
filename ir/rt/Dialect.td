// SPDX-License-Identifier: Apache-2.0
// The rt dialect: the scheduled program.
#ifndef LATHE_IR_RT_DIALECT_TD
#define LATHE_IR_RT_DIALECT_TD

include "mlir/IR/OpBase.td"

def Rt_Dialect : Dialect {
  let name = "rt";
  let cppNamespace = "::lathe::rt";
  let summary = "the scheduled program: kernels, buffers, launches";
  let description = [{
    Fusion outlines groups of core ops as `rt.kernel` and calls them on tensors with `rt.call`. Planning turns the calls into an
    `rt.program` of `rt.launch` on buffers: arguments, results, weights, and slots of one arena.
  }];
}

class Rt_Op<string mnemonic, list<Trait> traits = []> : Op<Rt_Dialect, mnemonic, traits>;

#endif
