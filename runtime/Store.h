/* SPDX-License-Identifier: Apache-2.0
 * What a store consists of, for the files that make, save and restore it. */
#ifndef LATHE_RUNTIME_STORE_H
#define LATHE_RUNTIME_STORE_H

#include "Text.h"

struct lathe_store_slot {
  const lathe_variable_info_t *info;
  void *data;
  const void *initial; /* null: no value */
  bool hasValue;
  /* For saving and restoring: where the value is in a checkpoint. */
  bool isFound;
  uint32_t crc, shard;
  uint64_t offset;
};

/* The variables of one module, in the order of its table. */
struct lathe_store_binding {
  const lathe_module_t *module;
  void **data;
  struct lathe_store_slot **variables;
};

/* A key of a checkpoint as it is made of two parts, or found in one: the parts, which follow each other. */
typedef struct {
  const char *parts[3];
  size_t lengths[3];
} LatheKey;

LatheKey latheKey(const lathe_variable_info_t *info);
LatheKey latheKeyOfText(const char *text, size_t length);
size_t latheKeyLength(const LatheKey *key);
/* Bytewise, as tables of keys are sorted. */
int latheCompareKeys(const LatheKey *a, const LatheKey *b);

/* The variable of that key, or null. */
struct lathe_store_slot *latheFindVariable(const lathe_store_t *store, const LatheKey *key);

/* TensorFlow's number for an element type; 0 where it has none. */
uint32_t latheTensorFlowType(lathe_dtype_t dtype);

/* Room for "PREFIX.data-00000-of-00001" and the like. */
enum { lathePathBytes = 4352 };

/* CRC-32C. The tables are made where they are needed: no state outlives a call. */
typedef struct {
  uint32_t tables[8][256];
} LatheCrc;
void latheCrcInit(LatheCrc *crc);
uint32_t latheCrcExtend(const LatheCrc *crc, uint32_t sum, const void *data, size_t bytes);
/* What is stored: a checksum of bytes that hold checksums would be a bad one. */
static inline uint32_t latheCrcMask(uint32_t sum) {
  return ((sum >> 15) | (sum << 17)) + UINT32_C(0xa282ead8);
}

/* The format's constants. */
enum { latheTrailerBytes = 5, latheFooterBytes = 48 };
#define LATHE_TABLE_MAGIC UINT64_C(0xdb4775248b80fb57)

#endif /* LATHE_RUNTIME_STORE_H */
