/* SPDX-License-Identifier: Apache-2.0
 * What a call costs beyond its kernels: the empty run and the fork-join. The best of many short batches is judged,
 * which other load on the machine hardly touches. */
#define _POSIX_C_SOURCE 200809L
#include <lathe/runtime.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

static lathe_status_code_t runNothing(lathe_call_t *call) {
  return call->failed_launch == -1 ? LATHE_OK : LATHE_CANCELLED;
}
static void doNothing(void *context, int32_t part) {
  ((volatile char *)context)[part * 128] = 1;
}

static const int64_t shape[] = {2, 3};
static const lathe_tensor_info_t tensors[] = {{sizeof(lathe_tensor_info_t), 2, "a:0", shape, {2, 32, 1}, 4, 24, 0, 0},
                                              {sizeof(lathe_tensor_info_t), 2, "b:0", shape, {2, 32, 1}, 4, 24, 0, 0},
                                              {sizeof(lathe_tensor_info_t), 2, "c:0", shape, {2, 32, 1}, 4, 24, 0, 0},
                                              {sizeof(lathe_tensor_info_t), 2, "d:0", shape, {2, 32, 1}, 4, 24, 0, 0}};
static const lathe_entry_t entry = {sizeof entry, 4, 4, 0, "empty", tensors, tensors, NULL, 0, 1, runNothing};
static const lathe_module_t module = {sizeof module, LATHE_ABI_VERSION, "empty", "any", 0, NULL, 0, 0, &entry, 1};

static double emptyRun(void) {
  float data[6] = {0};
  const void *arguments[] = {data, data, data, data};
  void *results[] = {data, data, data, data};
  lathe_context_t context;
  lathe_context_init(&context, &module, 0, 0, NULL, 0);
  double best = 1e9;
  for (int batch = 0; batch < 2000; ++batch) {
    double begin = now();
    for (int i = 0; i < 100; ++i)
      if (!lathe_ok(lathe_context_run(&context, arguments, results)))
        return 1e9;
    double each = (now() - begin) / 100;
    best = each < best ? each : best;
  }
  return best;
}

static double forkJoin(int32_t threads) {
  static char lines[64 * 128];
  lathe_pool_t *pool = lathe_pool_create(threads);
  lathe_executor_t executor = lathe_pool_executor(pool);
  double best = 1e9;
  for (int batch = 0; batch < 4000; ++batch) {
    double begin = now();
    for (int i = 0; i < 20; ++i)
      executor.parallel(executor.self, doNothing, lines, threads);
    double each = (now() - begin) / 20;
    best = each < best ? each : best;
  }
  lathe_pool_destroy(pool);
  return best;
}

int main(void) {
  double run = emptyRun();
  printf("empty run, 4 arguments, 4 results: %.0f ns\n", run);
  if (run > 1000)
    return 1;
  if (sysconf(_SC_NPROCESSORS_ONLN) < 2)
    return 0;
  double join = forkJoin(2);
  /* Well below 2000 with a processor for each thread; on a busy one the calling thread does everything after 5000. */
  const double limit = 20000;
  printf("fork-join of 2 threads: %.0f ns\n", join);
  return join > limit;
}
