// SPDX-License-Identifier: Apache-2.0
// The table of known processors.
#include "backends/cpu/Machine.h"

#include "lathe/abi.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/TargetParser/Host.h"

namespace lathe::cpu {
namespace {

constexpr int64_t kib = 1024, mib = 1024 * 1024;
constexpr uint64_t v3 = LATHE_CPU_X86_64_V3, v4 = v3 | LATHE_CPU_X86_64_V4, vnni = LATHE_CPU_AVX512_VNNI,
                   bf16 = LATHE_CPU_AVX512_BF16, avxVnni = LATHE_CPU_AVX_VNNI;

struct Row {
  const char *name;
  const char *llvmCpu;
  uint64_t cpuFeatures; ///< 0: aarch64
  int64_t vectorBytes, loopVectorBits, vectorRegisters, fmaPorts, fmaLatency, loadPorts, issueWidth;
  int64_t l1Bytes, l1Ways, l2Bytes, l3Bytes;
  double l2Rate, l3Rate, memoryRate, clockGhz;
};

// Peaks of znver4 and znver5 and znver5's l3Rate were measured. The other numbers are published or estimated ones that
// no run here has checked; l3Bytes of servers with a sliced L3 counts about ten slices.
constexpr Row rows[] = {
    // name, llvm, features,                  vec  loop regs fma lat ld  iss  l1       ways l2          l3 rates GHz
    {"x86-64-v3", "x86-64-v3", v3, 32, 256, 16, 2, 4, 2, 4, 32 * kib, 8, 512 * kib, 8 * mib, 24, 10, 4, 3.0},
    {"haswell", "haswell", v3, 32, 256, 16, 2, 5, 2, 4, 32 * kib, 8, 256 * kib, 8 * mib, 24, 10, 4, 3.0},
    {"x86-64-v4", "x86-64-v4", v4, 64, 512, 32, 2, 4, 2, 4, 32 * kib, 8, 1 * mib, 16 * mib, 32, 10, 4, 2.8},
    {"skylake-avx512", "skylake-avx512", v4, 64, 256, 32, 2, 4, 2, 4, 32 * kib, 8, 1 * mib, 14 * mib, 40, 8, 4, 2.5},
    {"icelake-server", "icelake-server", v4 | vnni, 64, 512, 32, 2, 4, 2, 5, 48 * kib, 12, 1280 * kib, 15 * mib, 40, 8,
     4, 2.8},
    {"sapphirerapids", "sapphirerapids", v4 | vnni | bf16 | avxVnni, 64, 512, 32, 2, 4, 2, 6, 48 * kib, 12, 2 * mib,
     19 * mib, 40, 8, 4, 2.8},
    {"znver4", "znver4", v4 | vnni | bf16, 64, 512, 32, 1, 4, 1, 6, 32 * kib, 8, 1 * mib, 32 * mib, 28, 17, 7, 3.7},
    {"znver5", "znver5", v4 | vnni | bf16 | avxVnni, 64, 512, 32, 2, 4, 2, 8, 48 * kib, 12, 1 * mib, 32 * mib, 40, 26,
     8, 3.9},
    {"cortex-a76", "cortex-a76", 0, 16, 128, 32, 2, 4, 2, 4, 64 * kib, 4, 512 * kib, 2 * mib, 16, 8, 4, 2.6},
    {"neoverse-n1", "neoverse-n1", 0, 16, 128, 32, 2, 4, 2, 4, 64 * kib, 4, 1 * mib, 16 * mib, 20, 8, 5, 2.8},
    {"neoverse-v1", "neoverse-v1", 0, 16, 128, 32, 4, 4, 3, 8, 64 * kib, 4, 1 * mib, 16 * mib, 32, 10, 6, 2.6},
};

const Row *findRow(llvm::StringRef name) {
  for (const Row &row : rows)
    if (name == row.name)
      return &row;
  return nullptr;
}

Machine describe(const Row &row) {
  Machine machine;
  machine.name = row.name;
  machine.triple = row.cpuFeatures ? "x86_64-unknown-linux-gnu" : "aarch64-unknown-linux-gnu";
  machine.llvmCpu = row.llvmCpu;
  machine.vectorBytes = row.vectorBytes;
  machine.loopVectorBits = row.loopVectorBits;
  machine.vectorRegisters = row.vectorRegisters;
  machine.fmaPorts = row.fmaPorts;
  machine.fmaLatency = row.fmaLatency;
  machine.loadPorts = row.loadPorts;
  machine.issueWidth = row.issueWidth;
  machine.l1Bytes = row.l1Bytes;
  machine.l1Ways = row.l1Ways;
  machine.l2Bytes = row.l2Bytes;
  machine.l3Bytes = row.l3Bytes;
  machine.l2Rate = row.l2Rate;
  machine.l3Rate = row.l3Rate;
  machine.memoryRate = row.memoryRate;
  machine.clockGhz = row.clockGhz;
  return machine;
}

const Row *findHostRow() {
  const llvm::StringMap<bool> features = llvm::sys::getHostCPUFeatures();
  const Row *row = findRow(llvm::sys::getHostCPUName());
  auto hasAll = [&](std::initializer_list<const char *> names) {
    return llvm::all_of(names, [&](const char *name) { return features.lookup(name); });
  };
  if (features.lookup("neon"))
    return row ? row : findRow("neoverse-n1");
  // A virtual machine can hide instruction sets that its processor's name stands for.
  const bool hasV3 = hasAll({"avx2", "bmi", "bmi2", "f16c", "fma", "lzcnt", "movbe"});
  const bool hasV4 = hasV3 && hasAll({"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"});
  if (row) {
    const bool complete = (!(row->cpuFeatures & ~v3) ? hasV3 : hasV4) &&
                          (!(row->cpuFeatures & vnni) || hasAll({"avx512vnni", "avx512vbmi", "avx512vbmi2"})) &&
                          (!(row->cpuFeatures & bf16) || features.lookup("avx512bf16")) &&
                          (!(row->cpuFeatures & avxVnni) || features.lookup("avxvnni"));
    if (complete)
      return row;
  }
  return hasV4 ? findRow("x86-64-v4") : hasV3 ? findRow("x86-64-v3") : nullptr;
}

} // namespace

std::optional<Machine> lookupMachine(llvm::StringRef name) {
  const Row *row = findRow(name);
  if (!row && name == "host")
    row = findHostRow();
  if (!row)
    return std::nullopt;
  return describe(*row);
}

llvm::SmallVector<llvm::StringRef> machineNames() {
  llvm::SmallVector<llvm::StringRef> names;
  for (const Row &row : rows)
    names.push_back(row.name);
  names.push_back("host");
  return names;
}

uint64_t requiredCpuFeatures(const Machine &machine) {
  const Row *row = findRow(machine.name);
  return row ? row->cpuFeatures : 0;
}

} // namespace lathe::cpu
