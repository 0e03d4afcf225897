// SPDX-License-Identifier: Apache-2.0
// Compares convolutions, compiled with the algorithm that the backend chooses, with the interpreter's direct sums.
#include "compiler/Pipelines.h"
#include "ir/core/CheckedBuilder.h"
#include "ir/evaluate/Evaluate.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "test/conformance/Seeds.h"
#include "llvm/Support/FormatVariadic.h"

#include <cmath>
#include <cstring>
#include <random>

using namespace lathe;
using namespace mlir;
using evaluate::Tensor;

namespace {
std::atomic<unsigned> fastOnes = 0;

Tensor distinct(MLIRContext &context, ArrayRef<int64_t> shape, std::mt19937 &random) {
  Tensor tensor = Tensor::zeros(RankedTensorType::get(shape, Float32Type::get(&context)));
  std::uniform_real_distribution<float> uniform(-1, 1);
  for (float &value : tensor.mutableValues<float>())
    value = uniform(random);
  return tensor;
}

/// relu(conv(x, filter) + bias + residual), parts of it left out at random.
struct Case {
  OwningOpRef<ModuleOp> module;
  SmallVector<Tensor> arguments;
};

Case makeCase(MLIRContext &context, unsigned seed) {
  std::mt19937 random(seed);
  auto in = [&](int64_t low, int64_t high) { return std::uniform_int_distribution<int64_t>(low, high)(random); };
  constexpr int64_t kernels[][2] = {{3, 3}, {3, 3}, {3, 3}, {5, 5}, {1, 7}, {7, 1}, {3, 1}, {1, 3}};
  const auto &kernel = kernels[in(0, std::size(kernels) - 1)];
  int64_t images = in(1, 3), channels = in(12, 70), filters = in(12, 70);
  int64_t height = in(kernel[0], 18), width = in(kernel[1], 18);
  SmallVector<int64_t> low, high, ones{1, 1};
  for (int64_t size : kernel) {
    low.push_back(in(0, size - 1));
    high.push_back(in(0, 1) ? low.back() : in(0, size - 1));
  }
  OpBuilder builder(&context);
  Location loc = builder.getUnknownLoc();
  Case result{ModuleOp::create(loc), {}};
  result.arguments.push_back(distinct(context, {images, height, width, channels}, random));
  SmallVector<int64_t> shape{images, height + low[0] + high[0] - kernel[0] + 1, width + low[1] + high[1] - kernel[1] + 1, filters};
  bool hasResidual = in(0, 1);
  if (hasResidual)
    result.arguments.push_back(distinct(context, shape, random));
  SmallVector<Type> types = llvm::map_to_vector(result.arguments, [](const Tensor &tensor) -> Type { return tensor.getType(); });
  builder.setInsertionPointToStart(result.module->getBody());
  Type resultType = RankedTensorType::get(shape, builder.getF32Type());
  auto function = func::FuncOp::create(builder, loc, "main", builder.getFunctionType(types, {resultType}));
  builder.setInsertionPointToStart(function.addEntryBlock());
  core::CheckedBuilder b(builder, loc);
  auto constant = [&](ArrayRef<int64_t> sizes) -> Value {
    return core::ConstantOp::create(builder, loc, distinct(context, sizes, random).toAttribute());
  };
  Value value = b.conv(function.getArgument(0), constant({kernel[0], kernel[1], channels, filters}), ones, low, high, ones, ones, 1);
  auto append = [&](Value next) { value = next; };
  if (in(0, 1))
    append(core::AddOp::create(builder, loc, value, core::BroadcastOp::create(builder, loc, resultType, constant({filters}), ArrayRef<int64_t>{3})));
  if (hasResidual)
    append(core::AddOp::create(builder, loc, value, function.getArgument(1)));
  if (in(0, 1))
    append(core::MaxOp::create(builder, loc, value,
                               core::ConstantOp::create(builder, loc, cast<ElementsAttr>(builder.getZeroAttr(resultType)))));
  func::ReturnOp::create(builder, loc, value);
  return result;
}

/// What is wrong with the case of `seed`, on one thread or more; "" if nothing is.
std::string check(unsigned seed, const SeedOptions &) {
  MLIRContext context(MLIRContext::Threading::DISABLED);
  loadDialects(context);
  Case test = makeCase(context, seed);
  auto function = *test.module->getOps<func::FuncOp>().begin();
  FailureOr<SmallVector<Tensor>> expected = evaluate::evaluateBlock(function.front(), test.arguments);
  if (failed(expected))
    return "the interpreter cannot evaluate it";
  ArrayRef<float> sums = expected->front().values<float>();
  double largest = 0;
  for (float sum : sums)
    largest = std::max(largest, std::abs(double(sum)));
  SmallVector<char> first;
  for (unsigned threads : {1, 2, 3}) {
    OwningOpRef<ModuleOp> copy = test.module->clone();
    std::string error;
    std::optional<LoadedFunctions> functions = loadFunctions(*copy, threads, error);
    if (!functions)
      return error;
    if (threads == 1)
      fastOnes += llvm::any_of(functions->model.report.plan, [](const auto &launch) { return StringRef(launch.choice).contains("winograd"); });
    tool::LoadedModel &loaded = *functions->loaded;
    for (auto [i, argument] : llvm::enumerate(test.arguments))
      llvm::copy(argument.bytes(), loaded.argument(i).begin());
    if (llvm::Error error = loaded.run())
      return llvm::toString(std::move(error));
    ArrayRef<char> bytes = loaded.result(0);
    if (threads == 1)
      first.assign(bytes.begin(), bytes.end());
    else if (bytes != ArrayRef<char>(first))
      return llvm::formatv("{0} threads give other bytes than one", threads);
  }
  for (auto [i, sum] : llvm::enumerate(sums)) {
    float found;
    std::memcpy(&found, first.data() + i * sizeof(float), sizeof(float));
    if (!(std::abs(double(found) - double(sum)) <= 2e-5 * largest))
      return llvm::formatv("element {0} is {1}, expected {2} to {3}", i, found, sum, 2e-5 * largest);
  }
  return "";
}
} // namespace

int main(int argc, char **argv) {
  int status = runSeeds(argc, argv, check);
  llvm::outs() << fastOnes << " by fewer multiplications\n";
  return status != 0 || fastOnes == 0;
}
