// SPDX-License-Identifier: Apache-2.0
// Copies weights from the imported file straight to their place in the object.
#include "compiler/Weights.h"
#include "ir/core/Elements.h"
#include "ir/evaluate/Tensor.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/xxhash.h"

#include <cstring>

using namespace mlir;
using namespace lathe;

Weights lathe::collectWeights(ModuleOp module, const Backend &backend) {
  constexpr uint64_t alignment = 64;
  SymbolTable symbols(module);
  /// The kernel that wants the weight in a layout of its own, and how many bytes it has there; null: dense.
  auto layoutOf = [&](rt::WeightOp weight) -> std::pair<rt::KernelOp, uint64_t> {
    if (weight.getKernel()) {
      auto kernel = symbols.lookup<rt::KernelOp>(*weight.getKernel());
      if (std::optional<int64_t> packed = backend.getPackedBytes(kernel, *weight.getOperand()))
        return {kernel, *packed};
    }
    return {{}, uint64_t(core::tensorBytes(cast<RankedTensorType>(weight.getValue().getType())))};
  };
  uint64_t most = 1;
  for (auto weight : module.getOps<rt::WeightOp>())
    most += llvm::alignTo(layoutOf(weight).second, alignment);
  Weights weights;
  weights.storage.reset(new char[most]);
  // Bodies for other sizes of a batch, and other entries, use the same values; in the same layout they are kept once.
  llvm::DenseMap<std::pair<uint64_t, uint64_t>, uint64_t> known; // by hash and size: where they lie
  for (auto weight : module.getOps<rt::WeightOp>()) {
    auto [kernel, bytes] = layoutOf(weight);
    evaluate::Tensor value = evaluate::Tensor::fromAttribute(weight.getValue());
    MutableArrayRef<char> target(weights.storage.get() + weights.bytes, bytes);
    if (kernel)
      backend.pack(kernel, *weight.getOperand(), value.bytes(), target);
    else
      llvm::copy(value.bytes(), target.begin());
    auto [place, isNew] = known.try_emplace({llvm::xxh3_64bits(StringRef(target.data(), bytes)), bytes}, weights.bytes);
    bool isSame = !isNew && std::memcmp(weights.storage.get() + place->second, target.data(), bytes) == 0;
    weights.offsets[weight.getSymName()] = isSame ? place->second : weights.bytes;
    if (isSame)
      continue;
    // What follows up to the next weight is zero, so that equal models give equal bytes.
    weights.bytes = llvm::alignTo(weights.bytes + bytes, alignment);
    std::fill(target.end(), weights.storage.get() + weights.bytes, 0);
  }
  return weights;
}
