/* SPDX-License-Identifier: Apache-2.0
 * Two models in one C11 program: 8 threads, each with two contexts of each model, one of them on a pool that all share. Every run
 * must give the same bytes. */
#include "cnn.h"
#include "wide.h"
#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum { threadCount = 8, contexts = 2, rounds = 50 };

typedef struct {
  _Alignas(64) unsigned char wideArena[contexts][(WIDE_ARENA_SIZE + 63) / 64 * 64 + 64];
  _Alignas(64) unsigned char cnnArena[contexts][(CNN_ARENA_SIZE + 63) / 64 * 64 + 64];
  _Alignas(64) float wideY[contexts][(WIDE_Y_COUNT + 15) / 16 * 16];
  _Alignas(64) float cnnY[contexts][(CNN_Y_COUNT + 15) / 16 * 16];
  int failures;
} Work;

static _Alignas(64) float wideX[WIDE_X_COUNT];
static _Alignas(64) float cnnX[CNN_X_COUNT];
static float wideExpected[WIDE_Y_COUNT], cnnExpected[CNN_Y_COUNT];
static lathe_executor_t executor;
static Work work[threadCount];

static void *run(void *argument) {
  Work *mine = (Work *)argument;
  wide_t wide[contexts];
  cnn_t cnn[contexts];
  int c, round;
  for (c = 0; c < contexts; ++c) {
    wide[c] = wide_init(mine->wideArena[c], sizeof mine->wideArena[c]);
    cnn[c] = cnn_init(mine->cnnArena[c], sizeof mine->cnnArena[c]);
    wide_set_x(&wide[c], wideX);
    wide_set_y(&wide[c], mine->wideY[c]);
    cnn_set_x(&cnn[c], cnnX);
    cnn_set_y(&cnn[c], mine->cnnY[c]);
  }
  mine->failures += !lathe_ok(wide_set_executor(&wide[1], &executor)) + !lathe_ok(cnn_set_executor(&cnn[1], &executor));
  for (round = 0; round < rounds; ++round)
    for (c = 0; c < contexts; ++c) {
      memset(mine->wideY[c], 0xff, sizeof wideExpected);
      memset(mine->cnnY[c], 0xff, sizeof cnnExpected);
      mine->failures += !lathe_ok(wide_run(&wide[c])) + !lathe_ok(cnn_run(&cnn[c]));
      mine->failures += memcmp(mine->wideY[c], wideExpected, sizeof wideExpected) != 0;
      mine->failures += memcmp(mine->cnnY[c], cnnExpected, sizeof cnnExpected) != 0;
    }
  return NULL;
}

static int runFirst(void) {
  wide_t wide = wide_init(work[0].wideArena[0], sizeof work[0].wideArena[0]);
  cnn_t cnn = cnn_init(work[0].cnnArena[0], sizeof work[0].cnnArena[0]);
  wide_set_x(&wide, wideX);
  wide_set_y(&wide, work[0].wideY[0]);
  cnn_set_x(&cnn, cnnX);
  cnn_set_y(&cnn, work[0].cnnY[0]);
  if (!lathe_ok(wide_run(&wide)) || !lathe_ok(cnn_run(&cnn)))
    return 0;
  memcpy(wideExpected, work[0].wideY[0], sizeof wideExpected);
  memcpy(cnnExpected, work[0].cnnY[0], sizeof cnnExpected);
  return 1;
}

int main(void) {
  pthread_t threads[threadCount];
  int i, failures = 0;
  lathe_pool_t *pool = lathe_pool_create(2);
  if (!pool)
    return 1;
  executor = lathe_pool_executor(pool);
  for (i = 0; i < WIDE_X_COUNT; ++i)
    wideX[i] = (float)(i * 7 % 32) * 0.0625f - 1.0f;
  for (i = 0; i < CNN_X_COUNT; ++i)
    cnnX[i] = (float)(i * 7 % 32) * 0.0625f - 1.0f;
  if (!runFirst())
    return 1;
  for (i = 0; i < threadCount; ++i)
    if (pthread_create(&threads[i], NULL, run, &work[i]) != 0)
      return 1;
  for (i = 0; i < threadCount; ++i) {
    pthread_join(threads[i], NULL);
    failures += work[i].failures;
  }
  lathe_pool_destroy(pool);
  printf("%.4f %.4f, %d failures\n", wideExpected[0], cnnExpected[0], failures);
  return failures != 0;
}
