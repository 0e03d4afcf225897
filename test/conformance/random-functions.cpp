// SPDX-License-Identifier: Apache-2.0
// Compares compiled code with the interpreter on random functions of core ops. With --count=1 the function is printed.
#include "compiler/Pipelines.h"
#include "ir/core/Ops.h"
#include "ir/evaluate/Scalars.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "test/conformance/Seeds.h"
#include "test/unit/RandomGraph.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/raw_ostream.h"

#include <cmath>

using namespace lathe;
using evaluate::Tensor;

namespace {
/// The first element that is further off than `tolerance`, as text; "" if there is none.
std::string difference(const Tensor &expected, llvm::ArrayRef<char> bytes, double tolerance) {
  Tensor found = Tensor::zeros(expected.getType());
  if (bytes.size() != found.mutableBytes().size())
    return llvm::formatv("has {0} bytes, expected {1}", bytes.size(), found.mutableBytes().size());
  llvm::copy(bytes, found.mutableBytes().begin());
  std::string text;
  evaluate::visitElement<evaluate::Any>(expected.getElementType(), [&](auto zero) {
    using T = decltype(zero);
    auto isOff = [&](T x, T y) {
      if constexpr (std::is_integral_v<T>)
        return x != y;
      else if constexpr (evaluate::isComplex<T>)
        return !(std::abs(double(x.real()) - double(y.real())) <= tolerance &&
                 std::abs(double(x.imag()) - double(y.imag())) <= tolerance);
      else
        return !(std::abs(static_cast<double>(static_cast<evaluate::Wide<T>>(x)) -
                          static_cast<double>(static_cast<evaluate::Wide<T>>(y))) <= tolerance);
    };
    auto print = [](T x) -> std::string {
      if constexpr (evaluate::isComplex<T>)
        return llvm::formatv("({0}, {1})", double(x.real()), double(x.imag()));
      else if constexpr (std::is_integral_v<T>)
        return std::to_string(x);
      else
        return llvm::formatv("{0}", static_cast<double>(static_cast<evaluate::Wide<T>>(x)));
    };
    for (auto [i, pair] : llvm::enumerate(llvm::zip_equal(found.values<T>(), expected.values<T>())))
      if (auto [x, y] = pair; text.empty() && isOff(x, y))
        text = llvm::formatv("element {0} is {1}, expected {2} to {3}", i, print(x), print(y), tolerance);
  });
  return text;
}

/// What is wrong with the function of `seed`; "" if nothing is.
std::string check(unsigned seed, const SeedOptions &options) {
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  loadDialects(context);
  RandomGraph graph = makeRandomGraph(context, seed);
  if (options.count == 1)
    llvm::outs() << **graph.module << "\n";
  std::string error;
  std::optional<LoadedFunctions> functions = loadFunctions(*graph.module, options.threads, error);
  if (!functions)
    return error;
  tool::LoadedModel &loaded = *functions->loaded;
  for (auto [i, argument] : llvm::enumerate(graph.arguments))
    llvm::copy(argument.bytes(), loaded.argument(i).begin());
  if (llvm::Error error = loaded.run())
    return llvm::toString(std::move(error));
  for (auto [i, result] : llvm::enumerate(graph.results))
    if (std::string text = difference(result, loaded.result(i), graph.tolerances[i]); !text.empty())
      return llvm::formatv("result {0}: {1}", i, text);
  return "";
}
} // namespace

int main(int argc, char **argv) { return runSeeds(argc, argv, check); }
