/* SPDX-License-Identifier: Apache-2.0
 * Three entries of one model, and another model, over one store, which is saved and restored. */
#include "counter.h"
#include "twice.h"
#include "wrong.h"
#include <stdio.h>

static int check(lathe_status_t status) {
  if (!lathe_ok(status))
    printf("%s\n", lathe_status_text(status));
  return lathe_ok(status);
}

int main(int argc, char **argv) {
  static int32_t x = 2, y, seen, doubled;
  counter_init_t init = counter_init_init(NULL, 0);
  counter_step_t step = counter_step_init(NULL, 0);
  counter_peek_t peek = counter_peek_init(NULL, 0);
  twice_t twice = twice_init(NULL, 0);
  const lathe_module_t *modules[] = {lathe_counter_query(LATHE_ABI_VERSION), lathe_twice_query(LATHE_ABI_VERSION),
                                     lathe_wrong_query(LATHE_ABI_VERSION)};
  lathe_store_t store, refused;
  check(lathe_store_create(&refused, modules, 3));
  if (argc != 2 || !check(lathe_store_create(&store, modules, 2)))
    return 1;
  counter_init_set_store(&init, &store);
  counter_step_set_store(&step, &store);
  counter_peek_set_store(&peek, &store);
  twice_set_store(&twice, &store);
  counter_step_set_x(&step, &x);
  counter_step_set_y(&step, &y);
  counter_peek_set_now(&peek, &seen);
  twice_set_y(&twice, &doubled);
  check(counter_peek_run(&peek));
  check(counter_init_run(&init));
  for (int i = 0; i < 2; ++i) {
    check(counter_step_run(&step));
    check(counter_peek_run(&peek));
    check(twice_run(&twice));
    printf("%d %d %d\n", y, seen, doubled);
  }
  check(lathe_store_save(&store, argv[1]));
  check(counter_init_run(&init));
  check(counter_peek_run(&peek));
  printf("%d\n", seen);
  check(lathe_store_restore(&store, argv[1]));
  check(counter_peek_run(&peek));
  printf("%d\n", seen);
  lathe_store_destroy(&store);
  return 0;
}
