// SPDX-License-Identifier: Apache-2.0
// Builds kernels from specs, loads their objects into this process and calls them: for tests and benchmarks.
#ifndef LATHE_TEST_UNIT_CPU_KERNELHARNESS_H
#define LATHE_TEST_UNIT_CPU_KERNELHARNESS_H

#include "backends/cpu/CompileModule.h"
#include "backends/cpu/contraction/EmitContraction.h"
#include "backends/cpu/contraction/EmitDepthwise.h"
#include "backends/cpu/winograd/EmitWinograd.h"

#include "llvm/ADT/ArrayRef.h"

#include <functional>
#include <memory>
#include <vector>

namespace llvm::orc {
class LLJIT;
}

namespace lathe::cpu {

/// Random numbers in [-1, 1), always the same ones for a seed.
std::vector<float> distinctValues(int64_t count, uint32_t seed);

/// An object loaded into this process. Errors end the program: a test cannot go on without its kernel.
class LoadedObject {
public:
  explicit LoadedObject(llvm::ArrayRef<char> object);
  ~LoadedObject();
  void *address(llvm::StringRef symbol) const;

private:
  std::unique_ptr<llvm::orc::LLJIT> jit;
};

/// Calls the entry `kernel` (lathe_kernel_fn_t) of an object.
class LoadedKernel {
public:
  explicit LoadedKernel(llvm::ArrayRef<char> object);
  void operator()(llvm::ArrayRef<void *> buffers, int64_t begin = 0, int64_t end = 1) const;

private:
  LoadedObject object;
  void (*entry)(void *const *, int64_t, int64_t);
};

struct KernelOperand {
  int64_t count;
  Element element;
};

/// Builds a function `kernel` over flat operands, with `body(builder, loc, operands, begin, end)` in it, and compiles
/// it. Errors end the program.
using KernelBody =
    std::function<void(mlir::OpBuilder &, mlir::Location, llvm::ArrayRef<mlir::Value>, mlir::Value, mlir::Value)>;
std::vector<char> buildKernel(llvm::ArrayRef<KernelOperand> operands, const Machine &machine,
                              const CodegenOptions &options, const KernelBody &body);

/// Parses MLIR text and compiles it. Errors end the program.
std::vector<char> compileText(llvm::StringRef text, const Machine &machine, const CodegenOptions &options = {});

/// What the tests put behind a contraction: bias [groups * outputChannels], then a residual shaped and strided like the
/// output, then max(0, x).
struct TestEpilogue {
  bool bias = false, residual = false, relu = false;
};
/// Elements that an operand must have for `spec`.
int64_t lhsCount(const ContractionSpec &spec);
int64_t outputCount(const ContractionSpec &spec);
int64_t lhsCount(const DepthwiseSpec &spec);
int64_t outputCount(const DepthwiseSpec &spec);

/// Operands: lhs, rhs, output, then bias and residual where used. Bias, residual and output are of sumType.
std::vector<char> buildContraction(const ContractionSpec &spec, const ContractionTile &tile, const Machine &machine,
                                   const TestEpilogue &epilogue, std::string *assembly = nullptr);
std::vector<char> buildDepthwise(const DepthwiseSpec &spec, const DepthwiseTile &tile, const Machine &machine,
                                 const TestEpilogue &epilogue, std::string *assembly = nullptr);
/// The same, with the bytes of packed filters as rhs, and working memory behind all other operands.
std::vector<char> buildWinograd(const WinogradSpec &spec, const WinogradTile &tile, const Machine &machine,
                                const TestEpilogue &epilogue, std::string *assembly = nullptr);

} // namespace lathe::cpu

#endif // LATHE_TEST_UNIT_CPU_KERNELHARNESS_H
