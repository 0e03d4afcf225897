// SPDX-License-Identifier: Apache-2.0
// The contract of a backend: how kernels and the program around them become machine code.
#ifndef LATHE_BACKENDS_BACKEND_H
#define LATHE_BACKENDS_BACKEND_H

#include "ir/core/Ops.h"
#include "ir/rt/Ops.h"
#include "llvm/Support/Error.h"
#include <memory>

namespace llvm {
class Module;
}

namespace lathe {

/// What is known of a kernel before it is compiled.
struct KernelPlan {
  int64_t units = 1;     ///< extent of the dimension over which threads share the work
  bool parallel = false; ///< whether sharing pays for the fork and join
  double seconds = 0;    ///< predicted on one thread
  std::string choice;    ///< algorithm and tile, for people
};

/// Code generation for one machine. Methods are const and may be called from several threads; each call works on IR of its
/// own context only.
class Backend {
public:
  virtual ~Backend() = default;

  /// What code is made for, as in `--target-cpu`.
  virtual std::string getTargetName() const = 0;
  /// LATHE_CPU_* bits of lathe/abi.h that the code needs.
  virtual uint64_t getRequiredFeatures() const = 0;

  /// Bytes of working memory of an algorithm that computes `conv` with fewer multiplications, more rounding errors and less
  /// time than its direct sums; none where there is no such algorithm.
  virtual std::optional<int64_t> getFastConvolutionScratch(core::ConvOp conv) const = 0;

  virtual KernelPlan plan(rt::KernelOp kernel) const = 0;

  /// Bytes of the layout in which the kernel wants its constant operand number `operand`; none where that is the dense
  /// row-major one.
  virtual std::optional<int64_t> getPackedBytes(rt::KernelOp kernel, unsigned operand) const = 0;
  /// Writes the dense row-major bytes of `source` to `packed` in that layout.
  virtual void pack(rt::KernelOp kernel, unsigned operand, llvm::ArrayRef<char> source, llvm::MutableArrayRef<char> packed) const = 0;

  /// An object that defines the hidden function `symbol`, a lathe_kernel_fn_t. Buffers are the kernel's operands, then its
  /// results. For each result, `inPlace` names the operand whose buffer it shares, or is -1. `kernel` is parsed from text into a
  /// context of the call's own, so kernels of one module may be compiled in parallel.
  virtual llvm::Expected<llvm::SmallVector<char>> compileKernel(llvm::StringRef kernel, llvm::ArrayRef<int64_t> inPlace,
                                                                llvm::StringRef symbol) const = 0;

  /// An object of a ready LLVM module: the tables and the program around the kernels.
  virtual llvm::Expected<llvm::SmallVector<char>> compileProgram(llvm::Module &module) const = 0;
};

/// The backend for `target` ("host", "znver5", "x86-64-v3", ...), or null where no backend knows it.
std::unique_ptr<Backend> createBackend(llvm::StringRef target);
/// All names that createBackend knows.
llvm::SmallVector<llvm::StringRef> backendTargets();

} // namespace lathe
#endif
