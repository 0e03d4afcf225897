/* SPDX-License-Identifier: Apache-2.0
 * Singular values and eigenvalues of one matrix, for float and double, by Jacobi's one-sided method. */
#include <float.h>
#include <lathe/kernels.h>
#include <math.h>

#define REAL float
#define REAL_EPSILON FLT_EPSILON
#define REAL_TINY FLT_MIN
#define SUFFIXED(NAME) NAME##_f32
#include "SpectralOf.h"
#undef REAL
#undef REAL_EPSILON
#undef REAL_TINY
#undef SUFFIXED

#define REAL double
#define REAL_EPSILON DBL_EPSILON
#define REAL_TINY DBL_MIN
#define SUFFIXED(NAME) NAME##_f64
#include "SpectralOf.h"
