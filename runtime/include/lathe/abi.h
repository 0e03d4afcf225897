/* SPDX-License-Identifier: Apache-2.0
 * The binary contract between compiled objects and the runtime: the only file that the emitter and the runtime both
 * know. Plain C11, also valid C++17; little-endian machines. Structs that can grow start with their own size: fields
 * are only ever added at the end, and who walks an array of them steps by the size its first element states. */
#ifndef LATHE_ABI_H
#define LATHE_ABI_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

#define LATHE_ABI_VERSION 1u

/* What a call returns. Zero is success. */
typedef enum lathe_status_code {
  LATHE_OK = 0,
  LATHE_INVALID_ARGUMENT = 1,  /* null or misaligned pointer, wrong index, arena too small */
  LATHE_UNSUPPORTED_CPU = 2,   /* the object was compiled for instructions that this machine lacks */
  LATHE_ABI_MISMATCH = 3,      /* object and runtime speak different ABI versions */
  LATHE_WEIGHTS_MISMATCH = 4,  /* a weights file that does not belong to the object */
  LATHE_CANCELLED = 5,         /* the executor's cancelled() said so */
  LATHE_COMPUTATION_ERROR = 6, /* a node's own error, for instance an index out of range */
  LATHE_OUT_OF_MEMORY = 7,
  LATHE_IO_ERROR = 8 /* a file that cannot be opened, read, written or mapped, or that is damaged */
} lathe_status_code_t;

/* Element types, in DLPack's encoding: code (0 int, 1 uint, 2 float, 4 bfloat, 5 complex, 6 bool), bits, lanes (1). */
typedef struct lathe_dtype {
  uint8_t code;
  uint8_t bits;
  uint16_t lanes;
} lathe_dtype_t;

/* Threads, lent by the application. All three functions are called with `self` first. */
typedef struct lathe_executor {
  uint32_t struct_size;
  uint32_t reserved;
  void *self;
  /* How many parts can run at once; at least 1. Read once a run. */
  int32_t (*concurrency)(void *self);
  /* Calls task(context, part) for each part in [0, parts), on any threads, and returns when all have returned. */
  void (*parallel)(void *self, void (*task)(void *context, int32_t part), void *context, int32_t parts);
  /* Asked between launches; nonzero ends the run with LATHE_CANCELLED. May be null: never cancelled. */
  int32_t (*cancelled)(void *self);
} lathe_executor_t;

/* What a node demands of values that only a run knows. */
typedef struct lathe_check_info {
  const char *node, *operation; /* names of the graph's node and of its operation */
  const char *text;             /* of the failure; with details, %p stands for the place and %v for the value */
  const int64_t *shape;         /* rank dimensions of what the place is in */
  uint32_t rank;
  uint32_t details; /* 0: no place and no value */
} lathe_check_info_t;

/* One execution of one entry. Everything is the caller's: nothing is allocated, nothing is kept. */
typedef struct lathe_call {
  uint32_t struct_size;
  int32_t failed_launch;            /* out: index of the launch that failed, or -1 */
  const void *const *arguments;     /* one pointer an argument, aligned as lathe_tensor_info_t says */
  void *const *results;             /* one pointer a result */
  void *arena;                      /* arena_bytes of the entry, aligned to arena_alignment */
  const void *weights;              /* the module's weights, or the mapped weights file */
  const lathe_executor_t *executor; /* null: everything on the calling thread */
  int32_t concurrency;              /* executor->concurrency(), or 1 */
  int32_t reserved;
  void *const *variables; /* where the module's variables lie, one pointer each; null where it has none */
  const lathe_check_info_t *failed_check; /* out: the check behind LATHE_COMPUTATION_ERROR, or null */
  int64_t check_place;                    /* out, where it has details: an element in row-major order, and its value */
  int64_t check_value;
  uint64_t first_item;                    /* the item of the batch that a body begins with; arguments and results are those of all */
} lathe_call_t;

/* A kernel works on units [begin, end) of its partitioned dimension. buffers[i] is its i-th operand. */
typedef void (*lathe_kernel_fn_t)(void *const *buffers, int64_t begin, int64_t end);
typedef lathe_status_code_t (*lathe_entry_fn_t)(lathe_call_t *call);

typedef struct lathe_tensor_info {
  uint32_t struct_size;
  uint32_t rank;
  const char *name;     /* the graph's tensor name, such as "input:0" */
  const int64_t *shape; /* rank dimensions, outermost first, row-major, dense */
  lathe_dtype_t dtype;
  uint32_t alignment; /* bytes that a pointer to it must be a multiple of */
  uint64_t bytes;
  /* Where a result has as many rows as the values say, shape has the largest possible number, and result
   * count_result - 1 of the entry, an int64 scalar, says how many of the first dimension are meant. Else 0. */
  uint32_t count_result;
  /* LATHE_PER_ITEM: shape and bytes are those of one item of a batch; the first dimension grows with the items. */
  uint32_t flags;
} lathe_tensor_info_t;
#define LATHE_PER_ITEM (UINT32_C(1) << 0)

/* The side table: which graph nodes a launch stands for. */
typedef struct lathe_launch_info {
  const char *kernel; /* the kernel's name, which equal launches share */
  const char *nodes;  /* names of graph nodes, separated by a line feed */
} lathe_launch_info_t;

/* What keeps its value from run to run. A store holds it; it is known by container and name. */
#define LATHE_NO_VALUE UINT64_MAX
typedef struct lathe_variable_info {
  uint32_t struct_size;
  uint32_t reserved;
  const char *container;             /* empty: the default one */
  const lathe_tensor_info_t *tensor; /* its name is the variable's */
  uint64_t initial;                  /* where in the weights the first value lies, or LATHE_NO_VALUE */
} lathe_variable_info_t;

/* A variable that an entry uses. */
#define LATHE_READS (UINT32_C(1) << 0)  /* its value from before the run matters */
#define LATHE_WRITES (UINT32_C(1) << 1) /* it has a value behind the run */
typedef struct lathe_variable_use {
  const lathe_variable_info_t *variable;
  uint32_t index; /* in the module's table, and in lathe_call_t.variables */
  uint32_t flags;
} lathe_variable_use_t;

/* The code of an entry for batches of one size. */
typedef struct lathe_body {
  uint64_t items;
  uint64_t arena_bytes;
  lathe_entry_fn_t run;
} lathe_body_t;

typedef struct lathe_entry {
  uint32_t struct_size;
  uint32_t argument_count;
  uint32_t result_count;
  uint32_t launch_count;
  const char *name;
  const lathe_tensor_info_t *arguments;
  const lathe_tensor_info_t *results;
  const lathe_launch_info_t *launches;
  uint64_t arena_bytes; /* of the largest body, where there are bodies */
  uint64_t arena_alignment;
  lathe_entry_fn_t run; /* null where there are bodies */
  const lathe_variable_use_t *variables;
  uint32_t variable_count;
  uint32_t flags;             /* LATHE_ANY_BATCH */
  const lathe_body_t *bodies; /* of an entry that takes batches of several sizes; sizes ascend */
  uint64_t body_count;
} lathe_entry_t;
#define LATHE_ANY_BATCH (UINT32_C(1) << 0) /* a batch of any size can be run in parts; one body takes a single item */

/* Instruction sets that an object may need; bits of lathe_module_t.cpu_features. */
#define LATHE_CPU_X86_64_V3 (UINT64_C(1) << 0) /* AVX2, BMI2, F16C, FMA, LZCNT, MOVBE */
#define LATHE_CPU_X86_64_V4 (UINT64_C(1) << 1) /* AVX-512 F, BW, CD, DQ, VL */
#define LATHE_CPU_AVX512_BF16 (UINT64_C(1) << 2)
#define LATHE_CPU_AVX512_VNNI (UINT64_C(1) << 3)
#define LATHE_CPU_AVX_VNNI (UINT64_C(1) << 4)

typedef struct lathe_module {
  uint32_t struct_size;
  uint32_t abi_version;
  const char *name;
  const char *target_cpu;
  uint64_t cpu_features; /* LATHE_CPU_* bits that the machine must have */
  const void *weights;   /* null where they lie in a file of their own */
  uint64_t weight_bytes;
  uint64_t weight_hash; /* lathe_weight_hash() of the weights */
  const lathe_entry_t *entries;
  uint64_t entry_count;
  const lathe_variable_info_t *variables;
  uint64_t variable_count;
} lathe_module_t;

/* An object exports one symbol of this type, lathe_<name>_query. Returns null where it cannot speak max_abi. */
typedef const lathe_module_t *(*lathe_query_fn_t)(uint32_t max_abi);

/* What an object imports. Splits [0, extent) statically over the call's threads and runs the kernel on each part;
 * part i of n gets [i * extent / n, (i + 1) * extent / n). `launch` is the index in the entry's side table. Returns
 * LATHE_CANCELLED, with call->failed_launch set, where the executor asks to stop. */
lathe_status_code_t lathe_launch(lathe_call_t *call, int32_t launch, lathe_kernel_fn_t kernel, void *const *buffers,
                                 int64_t extent);

/* A weights file: this header, then weight_bytes bytes, laid out as the object expects them. The header keeps the data
 * aligned to 64 bytes in a mapped file. */
#define LATHE_WEIGHTS_MAGIC "LATHEWT1"
#define LATHE_WEIGHTS_VERSION 1u
typedef struct lathe_weights_header {
  char magic[8];        /* LATHE_WEIGHTS_MAGIC, without its zero */
  uint32_t version;     /* LATHE_WEIGHTS_VERSION */
  uint32_t header_size; /* 64: where the data begins */
  uint64_t bytes;       /* of the data */
  uint64_t hash;        /* lathe_weight_hash() of the data */
  uint8_t reserved[32]; /* zero */
} lathe_weights_header_t;

/* One step of the hashes below: a bijection of either operand, so a change of a single word always shows. */
static inline uint64_t lathe_hash_step(uint64_t hash, uint64_t word) {
  hash = (hash ^ word) * UINT64_C(0x9E3779B97F4A7C15);
  return hash ^ (hash >> 32);
}

/* The hash that ties weights to their object: four lanes over 8-byte little-endian words, the last 32 bytes padded with
 * zeros, then the length and the lanes. It finds accidents, not attackers. */
static inline uint64_t lathe_weight_hash(const void *data, uint64_t bytes) {
  const unsigned char *next = (const unsigned char *)data;
  uint64_t lanes[4] = {1, 2, 3, 4}, word, hash, left;
  unsigned char tail[32] = {0};
  int lane;
  for (left = bytes; left >= 32; left -= 32, next += 32)
    for (lane = 0; lane < 4; ++lane) {
      memcpy(&word, next + 8 * lane, 8);
      lanes[lane] = lathe_hash_step(lanes[lane], word);
    }
  if (left != 0) {
    memcpy(tail, next, (size_t)left);
    for (lane = 0; lane < 4; ++lane) {
      memcpy(&word, tail + 8 * lane, 8);
      lanes[lane] = lathe_hash_step(lanes[lane], word);
    }
  }
  hash = lathe_hash_step(0, bytes);
  for (lane = 0; lane < 4; ++lane)
    hash = lathe_hash_step(hash, lanes[lane]);
  return hash;
}

/* Element `index` of an array of tensor infos, whatever version of the struct the array was written with. */
static inline const lathe_tensor_info_t *lathe_tensor_info_at(const lathe_tensor_info_t *first, uint64_t index) {
  return (const lathe_tensor_info_t *)((const char *)first + index * first->struct_size);
}

static inline uint64_t lathe_hash_text(uint64_t hash, const char *text) {
  for (; *text != 0; ++text)
    hash = lathe_hash_step(hash, (unsigned char)*text);
  return lathe_hash_step(hash, 0);
}

static inline uint64_t lathe_hash_tensor(uint64_t hash, const lathe_tensor_info_t *info) {
  uint32_t dimension;
  hash = lathe_hash_text(hash, info->name);
  hash = lathe_hash_step(hash, info->dtype.code | (uint64_t)info->dtype.bits << 8 | (uint64_t)info->dtype.lanes << 16);
  hash = lathe_hash_step(lathe_hash_step(hash, info->alignment), info->bytes);
  hash = lathe_hash_step(hash, info->rank | (uint64_t)info->count_result << 32);
  hash = lathe_hash_step(hash, info->flags);
  for (dimension = 0; dimension < info->rank; ++dimension)
    hash = lathe_hash_step(hash, (uint64_t)info->shape[dimension]);
  return hash;
}

/* How many variables an entry uses, whatever version of the struct it was written with. */
static inline uint32_t lathe_entry_variable_count(const lathe_entry_t *entry) {
  return entry->struct_size >= offsetof(lathe_entry_t, flags) ? entry->variable_count : 0;
}

/* The same of its bodies. */
static inline uint64_t lathe_entry_body_count(const lathe_entry_t *entry) {
  return entry->struct_size >= offsetof(lathe_entry_t, body_count) + 8 ? entry->body_count : 0;
}

/* The same of a module, and element `index` of its table. */
static inline uint64_t lathe_module_variable_count(const lathe_module_t *module) {
  return module->struct_size >= offsetof(lathe_module_t, variable_count) + 8 ? module->variable_count : 0;
}
static inline const lathe_variable_info_t *lathe_variable_info_at(const lathe_variable_info_t *first, uint64_t index) {
  return (const lathe_variable_info_t *)((const char *)first + index * first->struct_size);
}

/* What a caller relies on in an entry: its name, arguments and results with type, shape and alignment, the variables it
 * uses and how, the arena and the sizes of batches.
 * The generated header carries this number, so that a header and an object of different builds are told apart. */
static inline uint64_t lathe_entry_signature(const lathe_entry_t *entry) {
  uint64_t hash = lathe_hash_text(LATHE_ABI_VERSION, entry->name), i;
  hash = lathe_hash_step(lathe_hash_step(hash, entry->argument_count), entry->result_count);
  hash = lathe_hash_step(lathe_hash_step(hash, entry->arena_bytes), entry->arena_alignment);
  for (i = 0; i < (uint64_t)entry->argument_count + entry->result_count; ++i) {
    const lathe_tensor_info_t *info = i < entry->argument_count
                                          ? lathe_tensor_info_at(entry->arguments, i)
                                          : lathe_tensor_info_at(entry->results, i - entry->argument_count);
    hash = lathe_hash_tensor(hash, info);
  }
  for (i = 0; i < lathe_entry_body_count(entry); ++i)
    hash = lathe_hash_step(lathe_hash_step(hash, entry->bodies[i].items), entry->bodies[i].arena_bytes);
  hash = lathe_hash_step(hash, lathe_entry_body_count(entry) != 0 ? entry->flags : 0);
  for (i = 0; i < lathe_entry_variable_count(entry); ++i) {
    hash = lathe_hash_text(hash, entry->variables[i].variable->container);
    hash = lathe_hash_tensor(hash, entry->variables[i].variable->tensor);
    hash = lathe_hash_step(hash, entry->variables[i].flags);
  }
  return hash;
}

/* The layouts that objects are emitted with, for 64-bit machines. */
#ifdef __cplusplus
#define LATHE_STATIC_ASSERT(condition, text) static_assert(condition, text)
#else
#define LATHE_STATIC_ASSERT(condition, text) _Static_assert(condition, text)
#endif
LATHE_STATIC_ASSERT(sizeof(void *) == 8, "the contract is written for 64-bit machines");
LATHE_STATIC_ASSERT(sizeof(lathe_status_code_t) == 4, "a status code is an int32");
LATHE_STATIC_ASSERT(sizeof(lathe_dtype_t) == 4, "lathe_dtype_t has changed");
LATHE_STATIC_ASSERT(sizeof(lathe_executor_t) == 40, "lathe_executor_t has changed");
LATHE_STATIC_ASSERT(sizeof(lathe_call_t) == 96 && offsetof(lathe_call_t, arguments) == 8 &&
                        offsetof(lathe_call_t, results) == 16 && offsetof(lathe_call_t, arena) == 24 &&
                        offsetof(lathe_call_t, weights) == 32 && offsetof(lathe_call_t, concurrency) == 48 &&
                        offsetof(lathe_call_t, variables) == 56 && offsetof(lathe_call_t, failed_check) == 64 && offsetof(lathe_call_t, first_item) == 88,
                    "lathe_call_t has changed");
LATHE_STATIC_ASSERT(sizeof(lathe_check_info_t) == 40 && offsetof(lathe_check_info_t, rank) == 32,
                    "lathe_check_info_t has changed");
LATHE_STATIC_ASSERT(sizeof(lathe_tensor_info_t) == 48 && offsetof(lathe_tensor_info_t, dtype) == 24 &&
                        offsetof(lathe_tensor_info_t, bytes) == 32,
                    "lathe_tensor_info_t has changed");
LATHE_STATIC_ASSERT(sizeof(lathe_launch_info_t) == 16, "lathe_launch_info_t has changed");
LATHE_STATIC_ASSERT(sizeof(lathe_body_t) == 24, "lathe_body_t has changed");
LATHE_STATIC_ASSERT(sizeof(lathe_entry_t) == 104 && offsetof(lathe_entry_t, name) == 16 &&
                        offsetof(lathe_entry_t, run) == 64 && offsetof(lathe_entry_t, variable_count) == 80 &&
                        offsetof(lathe_entry_t, bodies) == 88,
                    "lathe_entry_t has changed");
LATHE_STATIC_ASSERT(sizeof(lathe_module_t) == 88 && offsetof(lathe_module_t, name) == 8 &&
                        offsetof(lathe_module_t, entries) == 56 && offsetof(lathe_module_t, variables) == 72,
                    "lathe_module_t has changed");
LATHE_STATIC_ASSERT(sizeof(lathe_variable_info_t) == 32 && offsetof(lathe_variable_info_t, tensor) == 16,
                    "lathe_variable_info_t has changed");
LATHE_STATIC_ASSERT(sizeof(lathe_variable_use_t) == 16, "lathe_variable_use_t has changed");
LATHE_STATIC_ASSERT(sizeof(lathe_weights_header_t) == 64, "lathe_weights_header_t has changed");

#ifdef __cplusplus
}
#endif
#endif /* LATHE_ABI_H */
