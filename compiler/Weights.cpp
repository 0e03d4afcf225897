// SPDX-License-Identifier: Apache-2.0
// Copies weights from the imported file straight to their place in the object.
#include "compiler/Weights.h"
#include "ir/core/Elements.h"
#include "ir/evaluate/Tensor.h"
#include "llvm/Support/MathExtras.h"

using namespace mlir;
using namespace lathe;

Weights lathe::collectWeights(ModuleOp module, const Backend &backend) {
  struct Placed {
    rt::WeightOp weight;
    rt::KernelOp kernel; ///< whose layout it has; null: dense
    uint64_t offset, bytes;
  };
  constexpr uint64_t alignment = 64;
  SymbolTable symbols(module);
  Weights weights;
  SmallVector<Placed> placed;
  for (auto weight : module.getOps<rt::WeightOp>()) {
    uint64_t bytes = core::tensorBytes(cast<RankedTensorType>(weight.getValue().getType()));
    rt::KernelOp kernel;
    if (weight.getKernel()) {
      kernel = symbols.lookup<rt::KernelOp>(*weight.getKernel());
      if (std::optional<int64_t> packed = backend.getPackedBytes(kernel, *weight.getOperand()))
        bytes = *packed;
      else
        kernel = {};
    }
    weights.offsets[weight.getSymName()] = weights.bytes;
    placed.push_back({weight, kernel, weights.bytes, bytes});
    weights.bytes = llvm::alignTo(weights.bytes + bytes, alignment);
  }
  weights.storage.reset(new char[std::max<uint64_t>(weights.bytes, 1)]);
  for (Placed &place : placed) {
    evaluate::Tensor value = evaluate::Tensor::fromAttribute(place.weight.getValue());
    MutableArrayRef<char> target(weights.storage.get() + place.offset, place.bytes);
    if (place.kernel)
      backend.pack(place.kernel, *place.weight.getOperand(), value.bytes(), target);
    else
      llvm::copy(value.bytes(), target.begin());
    // What follows up to the next weight is zero, so that equal models give equal bytes.
    char *end = target.end(), *next = weights.storage.get() + llvm::alignTo(place.offset + place.bytes, alignment);
    std::fill(end, next, 0);
  }
  return weights;
}
