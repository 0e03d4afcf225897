/* SPDX-License-Identifier: Apache-2.0
 * Batches of many sizes through one object: each item must come out as it does alone, and no byte behind the arena that the
 * header asks for may be touched. */
#include "batch.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { most = 1000 };
static float x[BATCH_X_COUNT(most)], y[BATCH_Y_COUNT(most)], alone[BATCH_Y_COUNT(most)];

/* `bytes` that end where memory that cannot be accessed begins; aligned, as the sizes of arenas are multiples of it. */
static unsigned char *guarded(size_t bytes) {
  size_t page = (size_t)sysconf(_SC_PAGESIZE), pages = (bytes + page - 1) / page * page;
  unsigned char *memory = mmap(NULL, pages + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED || mprotect(memory + pages, page, PROT_NONE) != 0)
    exit(2);
  return memory + pages - (bytes + BATCH_ARENA_ALIGNMENT - 1) / BATCH_ARENA_ALIGNMENT * BATCH_ARENA_ALIGNMENT;
}

static int run(uint64_t batch, size_t arenaBytes, const float *from, float *to) {
  batch_t m = batch_init(guarded(arenaBytes), arenaBytes);
  lathe_status_t status = batch_set_batch(&m, batch);
  batch_set_x(&m, from);
  batch_set_y(&m, to);
  if (lathe_ok(status))
    status = batch_run(&m);
  if (!lathe_ok(status))
    printf("%s\n", lathe_status_text(status));
  return !lathe_ok(status);
}

int main(void) {
  static const uint64_t sizes[] = {1, 2, 7, 8, 9, 16, 64, most};
  int failures = 0;
  size_t i, k;
  for (i = 0; i < BATCH_X_COUNT(most); ++i)
    x[i] = (float)(i * 7919 % 10007) / 5000 - 1;
  for (i = 0; i < most; ++i)
    failures += run(1, BATCH_ARENA_SIZE_FOR(1), x + BATCH_X_COUNT(i), alone + BATCH_Y_COUNT(i));
  for (k = 0; k < sizeof sizes / sizeof *sizes; ++k) {
    /* All the arena that pays, and the least that serves. */
    size_t arenas[] = {BATCH_ARENA_SIZE_FOR(sizes[k]), BATCH_ARENA_SIZE_FOR(1)};
    for (i = 0; i < 2; ++i) {
      size_t count = BATCH_Y_COUNT(sizes[k]), element;
      memset(y, 0xff, sizeof y);
      failures += run(sizes[k], arenas[i], x, y);
      for (element = 0; element < count; ++element)
        failures += !(y[element] - alone[element] < 1e-5f && alone[element] - y[element] < 1e-5f);
      for (; element < BATCH_Y_COUNT(most); ++element) /* behind the batch all is as it was */
        failures += y[element] == y[element];
    }
  }
  failures += !run(0, BATCH_ARENA_SIZE, x, y) + !run(8, BATCH_ARENA_SIZE_FOR(1) - 1, x, y);
  printf("%g, %d failures\n", (double)alone[0], failures);
  return failures != 0;
}
