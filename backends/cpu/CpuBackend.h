// SPDX-License-Identifier: Apache-2.0
// The backend for CPUs.
#ifndef LATHE_BACKENDS_CPU_CPUBACKEND_H
#define LATHE_BACKENDS_CPU_CPUBACKEND_H

#include "backends/Backend.h"
#include "backends/cpu/Machine.h"

namespace lathe::cpu {
std::unique_ptr<Backend> createCpuBackend(Machine machine);
} // namespace lathe::cpu
#endif
