/* SPDX-License-Identifier: Apache-2.0
 * lathe_launch: splits a kernel over the threads of a call. */
#include <lathe/runtime.h>

typedef struct {
  lathe_kernel_fn_t kernel;
  void *const *buffers;
  int64_t extent;
  int32_t parts;
} split_t;

/* part * extent / parts, with no intermediate result that could overflow. */
static int64_t partBegin(const split_t *split, int32_t part) {
  int64_t quotient = split->extent / split->parts, remainder = split->extent % split->parts;
  return part * quotient + part * remainder / split->parts;
}

static void runPart(void *context, int32_t part) {
  const split_t *split = context;
  split->kernel(split->buffers, partBegin(split, part), partBegin(split, part + 1));
}

lathe_status_code_t lathe_launch(lathe_call_t *call, int32_t launch, lathe_kernel_fn_t kernel, void *const *buffers,
                                 int64_t extent) {
  const lathe_executor_t *executor = call->executor;
  if (executor != NULL && executor->cancelled != NULL && executor->cancelled(executor->self) != 0) {
    call->failed_launch = launch;
    return LATHE_CANCELLED;
  }
  if (extent <= 0)
    return LATHE_OK;
  if (executor == NULL || call->concurrency <= 1 || extent == 1) {
    kernel(buffers, 0, extent);
    return LATHE_OK;
  }
  split_t split = {kernel, buffers, extent, extent < call->concurrency ? (int32_t)extent : call->concurrency};
  executor->parallel(executor->self, runPart, &split, split.parts);
  return LATHE_OK;
}
