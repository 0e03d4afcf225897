/* SPDX-License-Identifier: Apache-2.0
 * Factorisations and solves of one matrix, for float and double. */
#include <lathe/kernels.h>
#include <math.h>

#define REAL float
#define ROOT sqrtf
#define MAGNITUDE fabsf
#define SUFFIXED(NAME) NAME##_f32
#include "LinalgOf.h"
#undef REAL
#undef ROOT
#undef MAGNITUDE
#undef SUFFIXED

#define REAL double
#define ROOT sqrt
#define MAGNITUDE fabs
#define SUFFIXED(NAME) NAME##_f64
#include "LinalgOf.h"
