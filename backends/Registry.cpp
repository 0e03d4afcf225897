// SPDX-License-Identifier: Apache-2.0
// The list of backends.
#include "backends/Backend.h"
#include "backends/cpu/CpuBackend.h"

using namespace lathe;

std::unique_ptr<Backend> lathe::createBackend(llvm::StringRef target) {
  if (std::optional<cpu::Machine> machine = cpu::lookupMachine(target))
    return cpu::createCpuBackend(std::move(*machine));
  return nullptr;
}

llvm::SmallVector<llvm::StringRef> lathe::backendTargets() { return cpu::machineNames(); }
