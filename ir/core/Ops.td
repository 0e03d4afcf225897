// SPDX-License-Identifier: Apache-2.0
// All ops of the core dialect, by family.
include "ir/core/ElementwiseOps.td"
include "ir/core/MovementOps.td"
include "ir/core/ComputeOps.td"
include "ir/core/RandomOps.td"
include "ir/core/ControlOps.td"
