// SPDX-License-Identifier: Apache-2.0
// What the code generator knows about a processor: a dozen numbers that every choice of tile and order comes from.
#ifndef LATHE_BACKENDS_CPU_MACHINE_H
#define LATHE_BACKENDS_CPU_MACHINE_H

#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"

#include <cstdint>
#include <optional>
#include <string>

namespace lathe::cpu {

/// One core of a processor and its share of the memory system. Rates are what a plain loop reaches, per core and clock
/// cycle, not what a data sheet promises. Nothing here depends on the number of cores.
struct Machine {
  std::string name;       ///< as the user wrote it, or what `host` was found to be
  std::string triple;     ///< LLVM target triple
  std::string llvmCpu;    ///< LLVM's name of the processor (-mcpu)
  std::string features;   ///< LLVM feature string added to llvmCpu, "" for none
  int64_t vectorBytes;    ///< widest vector register that the emitters use
  int64_t loopVectorBits; ///< width that LLVM's own loop vectoriser should prefer
  int64_t vectorRegisters;
  int64_t fmaPorts;   ///< full-width fused multiply-adds started per cycle
  int64_t fmaLatency; ///< cycles
  int64_t loadPorts;  ///< full-width vector loads per cycle
  int64_t issueWidth; ///< instructions per cycle
  int64_t l1Bytes, l1Ways;
  int64_t l2Bytes;
  int64_t l3Bytes;                   ///< what one core may count on when it works alone
  double l2Rate, l3Rate, memoryRate; ///< bytes per cycle into L1 from L2, from L3 and from memory
  double clockGhz;                   ///< sustained, only for turning cycles into seconds

  bool isX86() const { return llvm::StringRef(triple).starts_with("x86_64"); }
  /// Elements of `elementBytes` in a vector register.
  int64_t lanes(int64_t elementBytes) const { return vectorBytes / elementBytes; }
};

/// The description of the processor called `name`, or of this machine for "host" (an unknown host becomes x86-64-v4 or
/// x86-64-v3 by its instruction sets, or neoverse-n1). Empty where the name is unknown or the host is below x86-64-v3.
std::optional<Machine> lookupMachine(llvm::StringRef name);

/// All names that lookupMachine knows, in the table's order, "host" last.
llvm::SmallVector<llvm::StringRef> machineNames();

/// LATHE_CPU_* bits (lathe/abi.h) that code for `machine` needs; 0 on aarch64.
uint64_t requiredCpuFeatures(const Machine &machine);

} // namespace lathe::cpu

#endif // LATHE_BACKENDS_CPU_MACHINE_H
