/* SPDX-License-Identifier: Apache-2.0
 * Many threads, contexts and pools at once, wrong calls in random order; built plain and under the sanitizers. */
#include "affine.h"
#include "counter.h"
#include "lookup.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#define CHECK(condition)                                                                                               \
  do {                                                                                                                 \
    if (!(condition)) {                                                                                                \
      fprintf(stderr, "%s:%d: failed: %s\n", __FILE__, __LINE__, #condition);                                          \
      exit(1);                                                                                                         \
    }                                                                                                                  \
  } while (0)

enum { threadCount = 8, rounds = 300, fuzzRounds = 20000 };

static lathe_pool_t *pool;
static lathe_weights_t weights;
static lathe_store_t shared; /* only read from */

/* A store of its own, and one that all threads read. */
static void useStores(int seed) {
  lathe_store_t own;
  CHECK(lathe_ok(counter_create_store(&own)));
  counter_step_t step = counter_step_init(NULL, 0);
  counter_peek_t peek = counter_peek_init(NULL, 0), peekShared = counter_peek_init(NULL, 0);
  int32_t x[2] = {seed, 1}, total[2], last[2], other[2];
  counter_step_set_x(&step, x);
  counter_step_set_total(&step, total);
  counter_peek_set_total(&peek, last);
  counter_peek_set_total(&peekShared, other);
  CHECK(lathe_ok(counter_step_set_store(&step, &own)));
  CHECK(lathe_ok(counter_peek_set_store(&peek, &own)));
  CHECK(lathe_ok(counter_peek_set_store(&peekShared, &shared)));
  for (int round = 1; round <= rounds; ++round) {
    CHECK(lathe_ok(counter_step_run(&step)));
    CHECK(lathe_ok(counter_peek_run(&peek)));
    CHECK(lathe_ok(counter_peek_run(&peekShared)));
    CHECK(last[0] == 10 + seed * round && last[1] == 20 + round);
    CHECK(other[0] == 10 && other[1] == 20);
  }
  lathe_store_destroy(&own);
}

static void testRestore(void) {
  lathe_store_t read;
  CHECK(lathe_ok(counter_create_store(&read)));
  CHECK(lathe_ok(lathe_store_save(&shared, "stress-checkpoint")));
  CHECK(lathe_ok(lathe_store_restore(&read, "stress-checkpoint")));
  lathe_tensor_t view;
  CHECK(lathe_ok(lathe_store_view(&read, "last", &view)));
  CHECK(memcmp(view.data, "\12\0\0\0\24\0\0\0", 8) == 0);
  lathe_store_destroy(&read);
}

static int64_t tableValue(int64_t key) {
  return key * key * 1000003 - 7;
}

/* Runs both models with values of its own and compares every element. */
static void *useModels(void *argument) {
  int seed = (int)(intptr_t)argument;
  _Alignas(64) unsigned char arenas[2][AFFINE_ARENA_SIZE];
  _Alignas(16) float inputs[2][12], scales[2], sums[2][12];
  static _Thread_local int32_t keys[2][1000];
  static _Thread_local int64_t values[2][1000];
  affine_t affines[2];
  lookup_t lookups[2];
  lathe_executor_t executor = lathe_pool_executor(pool);
  for (int c = 0; c < 2; ++c) {
    affines[c] = affine_init(arenas[c], sizeof arenas[c]);
    lookups[c] = lookup_init(NULL, 0);
    CHECK(lathe_ok(lookup_set_weights(&lookups[c], &weights)));
    if ((seed + c) % 3 != 0) {
      CHECK(lathe_ok(affine_set_executor(&affines[c], &executor)));
      CHECK(lathe_ok(lookup_set_executor(&lookups[c], &executor)));
    }
    affine_set_input(&affines[c], inputs[c]);
    affine_set_scale(&affines[c], &scales[c]);
    affine_set_identity(&affines[c], sums[c]);
    lookup_set_keys(&lookups[c], keys[c]);
    lookup_set_table_gather(&lookups[c], values[c]);
  }
  useStores(seed);
  const float bias[] = {0.5f, -1.25f, 2.0f};
  for (int round = 0; round < rounds; ++round)
    for (int c = 0; c < 2; ++c) {
      scales[c] = (float)(seed + 3 * c + 1);
      for (int i = 0; i < 12; ++i)
        inputs[c][i] = (float)(round * 12 + i);
      for (int i = 0; i < 1000; ++i)
        keys[c][i] = (i * 7 + round + seed + c) % 101;
      CHECK(lathe_ok(affine_run(&affines[c])));
      CHECK(lathe_ok(lookup_run(&lookups[c])));
      for (int i = 0; i < 12; ++i)
        CHECK(sums[c][i] == inputs[c][i] * scales[c] + bias[i % 3]);
      for (int i = 0; i < 1000; ++i)
        CHECK(values[c][i] == tableValue(keys[c][i]));
    }
  return NULL;
}

static void testModels(void) {
  pthread_t threads[threadCount];
  for (intptr_t i = 0; i < threadCount; ++i)
    CHECK(pthread_create(&threads[i], NULL, useModels, (void *)i) == 0);
  for (int i = 0; i < threadCount; ++i)
    pthread_join(threads[i], NULL);
}

typedef struct {
  lathe_executor_t executor;
  int32_t ran[64];
  pthread_t thread[64];
} trace_t;

static void tracePart(void *context, int32_t part) {
  trace_t *trace = context;
  ++trace->ran[part];
  trace->thread[part] = pthread_self();
}

static void nest(void *context, int32_t part) {
  trace_t *traces = context;
  lathe_executor_t *executor = &traces[part].executor;
  executor->parallel(executor->self, tracePart, &traces[part], 5);
}

typedef struct {
  bool isKnown;
  pthread_t thread;
} owner_t;

/* Whether the part ran on the calling thread or on the only other one that may ever run it. */
static bool isOwn(owner_t *owners, const trace_t *trace, int32_t part, int32_t threads) {
  pthread_t thread = trace->thread[part];
  owner_t *owner = &owners[part % threads];
  if (pthread_equal(thread, pthread_self()))
    return true;
  if (!owner->isKnown)
    *owner = (owner_t){true, thread};
  return part % threads != 0 && pthread_equal(thread, owner->thread);
}

/* Every part once, parts of one share on one thread, more and fewer parts than threads, tasks that start tasks. */
static void testPool(int32_t threads) {
  lathe_pool_t *own = lathe_pool_create(threads);
  CHECK(own != NULL);
  lathe_executor_t executor = lathe_pool_executor(own);
  CHECK(executor.concurrency(executor.self) == threads);
  owner_t owners[64] = {{0}};
  for (int round = 0; round < rounds; ++round)
    for (int32_t parts = 0; parts <= 2 * threads + 1; ++parts) {
      trace_t trace = {0};
      executor.parallel(executor.self, tracePart, &trace, parts);
      for (int32_t i = 0; i < 64; ++i)
        CHECK(trace.ran[i] == (i < parts));
      for (int32_t i = 0; i < parts && parts > 1; ++i)
        CHECK(isOwn(owners, &trace, i, threads));
    }
  trace_t nested[4] = {{executor, {0}, {0}}, {executor, {0}, {0}}, {executor, {0}, {0}}, {executor, {0}, {0}}};
  executor.parallel(executor.self, nest, nested, 4);
  for (int i = 0; i < 4; ++i)
    for (int part = 0; part < 64; ++part)
      CHECK(nested[i].ran[part] == (part < 5));
  lathe_pool_destroy(own);
}

/* Random calls, mostly wrong: nothing may crash, and a run succeeds only with everything in place. */
static void testFuzz(void) {
  _Alignas(64) static unsigned char arena[AFFINE_ARENA_SIZE + 64];
  _Alignas(64) static float input[16], scale[16], sum[32];
  uint64_t state = 88172645463325252u;
  int succeeded = 0, failed = 0;
  for (int round = 0; round < fuzzRounds; ++round) {
    uint64_t draws[8];
    for (int i = 0; i < 8; ++i) {
      state ^= state << 13, state ^= state >> 7, state ^= state << 17;
      draws[i] = state >> 20;
    }
    size_t arenaShift = draws[0] % 8 ? 0 : draws[0] / 8 % 64, arenaSize = draws[1] % 8 ? 64 : draws[1] / 8 % 80;
    affine_t m = affine_init(draws[2] % 16 ? arena + arenaShift : NULL, arenaSize);
    const void *pointers[2] = {input, scale};
    size_t misaligned = draws[3] % 8 ? 0 : draws[3] / 8 % 5;
    uint64_t index = draws[4] % 8 ? 0 : draws[4] / 8 % 6;
    lathe_status_t status = affine_set_argument(&m, index, (const char *)pointers[index < 2 ? index : 0] + misaligned);
    bool isGood = draws[2] % 16 && arenaShift == 0 && arenaSize >= 64;
    CHECK(lathe_ok(status) == (isGood && index < 2));
    isGood = isGood && index == 0 && misaligned % 4 == 0;
    CHECK(affine_set_result(&m, draws[5] % 8, NULL).code == LATHE_OK || draws[5] % 8 != 0 || !isGood);
    affine_set_scale(&m, draws[6] % 8 ? scale : NULL);
    size_t shift = draws[7] % 16;
    affine_set_identity(&m, sum + shift);
    isGood = isGood && draws[6] % 8 && shift % 4 == 0;
    status = affine_run(&m);
    CHECK(lathe_ok(status) == isGood);
    CHECK(isGood || (status.code == LATHE_INVALID_ARGUMENT && strncmp(lathe_status_text(status), "affine: ", 8) == 0));
    isGood ? ++succeeded : ++failed;
  }
  CHECK(succeeded > fuzzRounds / 50 && failed > fuzzRounds / 50);
}

typedef struct {
  lathe_executor_t inner;
  atomic_int left;
} limited_t;

static int32_t limitedConcurrency(void *self) {
  limited_t *limited = self;
  return limited->inner.concurrency(limited->inner.self);
}
static void limitedParallel(void *self, void (*task)(void *, int32_t), void *context, int32_t parts) {
  limited_t *limited = self;
  limited->inner.parallel(limited->inner.self, task, context, parts);
}
static int32_t limitedCancelled(void *self) {
  return atomic_fetch_sub(&((limited_t *)self)->left, 1) <= 0;
}

/* An executor around the pool that allows a number of launches. */
static void testCancel(void) {
  _Alignas(64) unsigned char arena[AFFINE_ARENA_SIZE];
  _Alignas(16) float input[12] = {1}, scale = 2, sum[12];
  for (int allowed = 0; allowed < 3; ++allowed) {
    limited_t limited = {lathe_pool_executor(pool), allowed};
    lathe_executor_t executor = {sizeof executor, 0, &limited, limitedConcurrency, limitedParallel, limitedCancelled};
    affine_t m = affine_init(arena, sizeof arena);
    CHECK(lathe_ok(affine_set_executor(&m, &executor)));
    affine_set_input(&m, input);
    affine_set_scale(&m, &scale);
    affine_set_identity(&m, sum);
    lathe_status_t status = affine_run(&m);
    const char *texts[] = {"affine: node 'scale/mul' (fused with 2 more): cancelled",
                           "affine: node 'bias/add': cancelled", "ok"};
    CHECK(status.code == (allowed < 2 ? LATHE_CANCELLED : LATHE_OK));
    CHECK(strcmp(lathe_status_text(status), texts[allowed]) == 0);
  }
}

int main(int argc, char **argv) {
  CHECK(argc == 2);
  pool = lathe_pool_create(3);
  CHECK(pool != NULL);
  CHECK(lathe_ok(lathe_weights_map(argv[1], lathe_lookup_query(LATHE_ABI_VERSION), &weights)));
  CHECK(lathe_ok(lathe_weights_verify(&weights)));
  CHECK(lathe_ok(counter_create_store(&shared)));
  counter_step_t step = counter_step_init(NULL, 0);
  int32_t zero[2] = {0, 0}, total[2];
  counter_step_set_x(&step, zero);
  counter_step_set_total(&step, total);
  CHECK(lathe_ok(counter_step_set_store(&step, &shared)));
  CHECK(lathe_ok(counter_step_run(&step)));
  testModels();
  testRestore();
  lathe_store_destroy(&shared);
  for (int32_t threads = 1; threads <= 6; ++threads)
    testPool(threads);
  testFuzz();
  testCancel();
  lathe_weights_unmap(&weights);
  lathe_pool_destroy(pool);
  puts("ok");
  return 0;
}
