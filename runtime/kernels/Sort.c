/* SPDX-License-Identifier: Apache-2.0
 * Stable sorts with places, for every real element type. */
#include <lathe/kernels.h>
#include <math.h>
#include <stdbool.h>

/* The 16-bit floats as integers in their order: both zeros are 0, and NaN lies above infinity, whose bits are given. */
static int32_t orderedHalf(uint16_t bits, int32_t infinity) {
  int32_t magnitude = bits & 0x7fff;
  if (magnitude > infinity)
    return infinity + 1;
  return bits & 0x8000 ? -magnitude : magnitude;
}

#define TYPE int8_t
#define KEY_TYPE int8_t
#define KEY(VALUE) (VALUE)
#define IS_NAN(VALUE) 0
#define SUFFIXED(NAME) NAME##_i8
#include "SortOf.h"

#define TYPE int16_t
#define KEY_TYPE int16_t
#define KEY(VALUE) (VALUE)
#define IS_NAN(VALUE) 0
#define SUFFIXED(NAME) NAME##_i16
#include "SortOf.h"

#define TYPE int32_t
#define KEY_TYPE int32_t
#define KEY(VALUE) (VALUE)
#define IS_NAN(VALUE) 0
#define SUFFIXED(NAME) NAME##_i32
#include "SortOf.h"

#define TYPE int64_t
#define KEY_TYPE int64_t
#define KEY(VALUE) (VALUE)
#define IS_NAN(VALUE) 0
#define SUFFIXED(NAME) NAME##_i64
#include "SortOf.h"

#define TYPE uint8_t
#define KEY_TYPE uint8_t
#define KEY(VALUE) (VALUE)
#define IS_NAN(VALUE) 0
#define SUFFIXED(NAME) NAME##_u8
#include "SortOf.h"

#define TYPE uint16_t
#define KEY_TYPE uint16_t
#define KEY(VALUE) (VALUE)
#define IS_NAN(VALUE) 0
#define SUFFIXED(NAME) NAME##_u16
#include "SortOf.h"

#define TYPE uint32_t
#define KEY_TYPE uint32_t
#define KEY(VALUE) (VALUE)
#define IS_NAN(VALUE) 0
#define SUFFIXED(NAME) NAME##_u32
#include "SortOf.h"

#define TYPE uint64_t
#define KEY_TYPE uint64_t
#define KEY(VALUE) (VALUE)
#define IS_NAN(VALUE) 0
#define SUFFIXED(NAME) NAME##_u64
#include "SortOf.h"

#define TYPE float
#define KEY_TYPE float
#define KEY(VALUE) (VALUE)
#define IS_NAN(VALUE) isnan(VALUE)
#define SUFFIXED(NAME) NAME##_f32
#include "SortOf.h"

#define TYPE double
#define KEY_TYPE double
#define KEY(VALUE) (VALUE)
#define IS_NAN(VALUE) isnan(VALUE)
#define SUFFIXED(NAME) NAME##_f64
#include "SortOf.h"

#define TYPE uint16_t
#define KEY_TYPE int32_t
#define KEY(VALUE) orderedHalf(VALUE, 0x7c00)
#define IS_NAN(VALUE) 0
#define SUFFIXED(NAME) NAME##_f16
#include "SortOf.h"

#define TYPE uint16_t
#define KEY_TYPE int32_t
#define KEY(VALUE) orderedHalf(VALUE, 0x7f80)
#define IS_NAN(VALUE) 0
#define SUFFIXED(NAME) NAME##_bf16
#include "SortOf.h"
