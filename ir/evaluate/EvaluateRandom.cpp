// SPDX-License-Identifier: Apache-2.0
// Values of the core ops that draw random numbers; samples of distributions by the runtime's functions.
#include "ir/core/Ops.h"
#include "ir/evaluate/Philox.h"
#include "ir/evaluate/Tensor.h"
#include <lathe/kernels.h>

using namespace mlir;
using namespace lathe;
using namespace lathe::core;
using namespace lathe::evaluate;

LogicalResult RngBitsOp::evaluate(ArrayRef<Tensor> operands, SmallVectorImpl<Tensor> &results) {
  Tensor result = Tensor::zeros(cast<RankedTensorType>(getResult().getType()));
  // A 64-bit element is two words in the order of memory.
  auto words = result.mutableValues<uint32_t>();
  uint64_t key = operands[0].values<uint64_t>().front();
  ArrayRef<uint64_t> counter = operands[1].values<uint64_t>();
  for (size_t i = 0; i < words.size(); ++i)
    words[i] = philoxBlock(key, counter[0], counter[1], i / 4)[i % 4];
  results.push_back(std::move(result));
  return success();
}

LogicalResult RngSampleOp::evaluate(ArrayRef<Tensor> operands, SmallVectorImpl<Tensor> &results) {
  Tensor result = Tensor::zeros(cast<RankedTensorType>(getResult().getType()));
  const uint64_t *key = operands[0].values<uint64_t>().data(), *counter = operands[1].values<uint64_t>().data();
  int64_t count = result.getNumElements(), units = getUnits(),
          parameters = operands.size() > 2 ? operands[2].getNumElements() : 0;
  bool single = result.getElementType().isF32();
  float *floats = result.mutableValues<float>().data();
  double *doubles = result.mutableValues<double>().data();
  switch (count == 0 ? Distribution::Normal : getDistribution()) {
  case Distribution::Normal:
    single ? lathe_random_normal_f32(key, counter, floats, count, 0, units)
           : lathe_random_normal_f64(key, counter, doubles, count, 0, units);
    break;
  case Distribution::TruncatedNormal:
    single ? lathe_random_truncated_normal_f32(key, counter, floats, count, 0, units)
           : lathe_random_truncated_normal_f64(key, counter, doubles, count, 0, units);
    break;
  case Distribution::Gamma:
    lathe_random_gamma_f64(key, counter, operands[2].values<double>().data(), parameters, doubles, count, 0, units);
    break;
  case Distribution::Poisson:
    lathe_random_poisson_f64(key, counter, operands[2].values<double>().data(), parameters, doubles, count, 0, units);
    break;
  }
  results.push_back(std::move(result));
  return success();
}
