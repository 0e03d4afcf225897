/* SPDX-License-Identifier: Apache-2.0
 * Three models as the compiler would emit them, written by hand: the contract seen from the object's side. */
#include "lookup_weights.h"
#include <lathe/abi.h>

const lathe_module_t *lathe_affine_query(uint32_t max_abi);
const lathe_module_t *lathe_lookup_query(uint32_t max_abi);
const lathe_module_t *lathe_counter_query(uint32_t max_abi);

#define FLOAT32                                                                                                        \
  { 2, 32, 1 }
#define INFO(rank, name, shape, alignment, bytes, ...)                                                                 \
  { sizeof(lathe_tensor_info_t), rank, name, shape, __VA_ARGS__, alignment, bytes, 0, 0 }

/* ---- affine: Identity = input * scale + bias */

static const int64_t matrixShape[] = {4, 3};
static const float bias[] = {0.5f, -1.25f, 2.0f};
static const lathe_tensor_info_t affineArguments[] = {INFO(2, "input:0", matrixShape, 4, 48, FLOAT32),
                                                      INFO(0, "scale:0", NULL, 4, 4, FLOAT32)};
static const lathe_tensor_info_t affineResults[] = {INFO(2, "Identity:0", matrixShape, 16, 48, FLOAT32)};
static const lathe_launch_info_t affineLaunches[] = {{"multiply", "scale/mul\nscale/cast\nscale/Reshape"},
                                                     {"add", "bias/add"}};

static void multiply(void *const *buffers, int64_t begin, int64_t end) {
  const float *input = buffers[0], *scale = buffers[1];
  float *values = buffers[2];
  for (int64_t i = begin * 3; i < end * 3; ++i)
    values[i] = input[i] * *scale;
}

static void add(void *const *buffers, int64_t begin, int64_t end) {
  const float *values = buffers[0], *added = buffers[1];
  float *out = buffers[2];
  for (int64_t i = begin; i < end; ++i)
    for (int64_t j = 0; j < 3; ++j)
      out[i * 3 + j] = values[i * 3 + j] + added[j];
}

static lathe_status_code_t runAffine(lathe_call_t *call) {
  void *multiplied[] = {(void *)call->arguments[0], (void *)call->arguments[1], call->arena};
  lathe_status_code_t code = lathe_launch(call, 0, multiply, multiplied, 4);
  if (code != LATHE_OK)
    return code;
  void *added[] = {call->arena, (void *)call->weights, call->results[0]};
  return lathe_launch(call, 1, add, added, 4);
}

static const lathe_entry_t affineEntries[] = {{sizeof(lathe_entry_t), 2, 1, 2, "affine", affineArguments, affineResults,
                                               affineLaunches, 64, 64, runAffine, NULL, 0, 0, NULL, 0}};
static const lathe_module_t affine = {
    sizeof(lathe_module_t), LATHE_ABI_VERSION, "affine", "x86-64", 0, bias, sizeof bias, 0, affineEntries, 1, NULL, 0};

const lathe_module_t *lathe_affine_query(uint32_t max_abi) {
  return max_abi >= 1 ? &affine : NULL;
}

/* ---- lookup: table/Gather = weights[keys] */

static const int64_t listShape[] = {1000};
static const lathe_tensor_info_t lookupArguments[] = {INFO(1, "keys", listShape, 4, 4000, {0, 32, 1})};
static const lathe_tensor_info_t lookupResults[] = {INFO(1, "table/Gather:0", listShape, 8, 8000, {0, 64, 1})};
static const lathe_launch_info_t lookupLaunches[] = {{"gather", "table/Gather"}};

/* Keys are numbered as if they were ten rows of a hundred. */
static const int64_t keyShape[] = {10, 100};
static const lathe_check_info_t keyCheck = {"table/Gather", "GatherV2", "keys[%p] = %v is not in [0, 101), 100% sure",
                                            keyShape,       2,          1};

static void gather(void *const *buffers, int64_t begin, int64_t end) {
  const int32_t *keys = buffers[0];
  const int64_t *table = buffers[1];
  int64_t *out = buffers[2];
  for (int64_t i = begin; i < end; ++i)
    out[i] = table[keys[i]];
}

static lathe_status_code_t runLookup(lathe_call_t *call) {
  const int32_t *keys = call->arguments[0];
  for (int i = 0; i < 1000; ++i)
    if (keys[i] < 0) {
      call->failed_launch = 0;
      return LATHE_COMPUTATION_ERROR;
    } else if (keys[i] >= 101) {
      call->failed_check = &keyCheck;
      call->check_place = i;
      call->check_value = keys[i];
      return LATHE_COMPUTATION_ERROR;
    }
  void *buffers[] = {(void *)call->arguments[0], (void *)call->weights, call->results[0]};
  return lathe_launch(call, 0, gather, buffers, 1000);
}

static const lathe_entry_t lookupEntries[] = {{sizeof(lathe_entry_t), 1, 1, 1, "lookup", lookupArguments, lookupResults,
                                               lookupLaunches, 0, 64, runLookup, NULL, 0, 0, NULL, 0}};
static const lathe_module_t lookup = {sizeof(lathe_module_t), LATHE_ABI_VERSION, "lookup",      "x86-64", 0,    NULL,
                                      101 * sizeof(int64_t),  LOOKUP_HASH,       lookupEntries, 1,        NULL, 0};

const lathe_module_t *lathe_lookup_query(uint32_t max_abi) {
  return max_abi >= 1 ? &lookup : NULL;
}

/* ---- counter: total = n += x; last = total, so that the next run knows it */

static const int64_t pairShape[] = {2};
static const int32_t counterStart[] = {10, 20};
static const lathe_tensor_info_t counterArguments[] = {INFO(1, "x:0", pairShape, 4, 8, {0, 32, 1})};
static const lathe_tensor_info_t counterResults[] = {INFO(1, "total:0", pairShape, 4, 8, {0, 32, 1})};
static const lathe_tensor_info_t counterTensors[] = {INFO(1, "n", pairShape, 4, 8, {0, 32, 1}),
                                                     INFO(1, "last", pairShape, 4, 8, {0, 32, 1})};
static const lathe_variable_info_t counterVariables[] = {
    {sizeof(lathe_variable_info_t), 0, "", &counterTensors[0], 0},
    {sizeof(lathe_variable_info_t), 0, "", &counterTensors[1], LATHE_NO_VALUE}};
static const lathe_variable_use_t stepUses[] = {{&counterVariables[0], 0, LATHE_READS | LATHE_WRITES},
                                                {&counterVariables[1], 1, LATHE_WRITES}};
static const lathe_variable_use_t peekUses[] = {{&counterVariables[1], 1, LATHE_READS}};

static lathe_status_code_t runStep(lathe_call_t *call) {
  const int32_t *x = call->arguments[0];
  int32_t *n = call->variables[0], *last = call->variables[1], *total = call->results[0];
  for (int i = 0; i < 2; ++i)
    total[i] = last[i] = n[i] += x[i];
  return LATHE_OK;
}

static lathe_status_code_t runPeek(lathe_call_t *call) {
  memcpy(call->results[0], call->variables[1], 8);
  return LATHE_OK;
}

static const lathe_entry_t counterEntries[] = {
    {sizeof(lathe_entry_t), 1, 1, 0, "step", counterArguments, counterResults, NULL, 0, 64, runStep, stepUses, 2, 0, NULL, 0},
    {sizeof(lathe_entry_t), 0, 1, 0, "peek", NULL, counterResults, NULL, 0, 64, runPeek, peekUses, 1, 0, NULL, 0}};
static const lathe_module_t counter = {sizeof(lathe_module_t),
                                       LATHE_ABI_VERSION,
                                       "counter",
                                       "x86-64",
                                       0,
                                       counterStart,
                                       sizeof counterStart,
                                       0,
                                       counterEntries,
                                       2,
                                       counterVariables,
                                       2};

const lathe_module_t *lathe_counter_query(uint32_t max_abi) {
  return max_abi >= 1 ? &counter : NULL;
}
