/* SPDX-License-Identifier: Apache-2.0
 * A run that a check ends, in C: the status and its text, the context that runs again, the variable that is as before.
 */
#include "checks.h"
#include <stdio.h>

_Alignas(64) static unsigned char initArena[CHECKS_INIT_ARENA_SIZE + 64], growArena[CHECKS_GROW_ARENA_SIZE + 64];

static void say(lathe_status_t status) {
  printf("%d %s\n", (int)status.code, lathe_ok(status) ? "ok" : lathe_status_text(status));
}

int main(void) {
  _Alignas(64) static int32_t inside[4] = {0, 4, 2, 1}, outside[4] = {0, 4, -3, 1};
  _Alignas(64) static float grown[8];
  checks_init_t init = checks_init_init(initArena, sizeof initArena);
  checks_grow_t grow = checks_grow_init(growArena, sizeof growArena);
  lathe_store_t store;
  if (!lathe_ok(checks_create_store(&store)))
    return 1;
  checks_init_set_store(&init, &store);
  checks_grow_set_store(&grow, &store);
  say(checks_init_run(&init));
  checks_grow_set_grown(&grow, grown);
  checks_grow_set_ids(&grow, outside);
  say(checks_grow_run(&grow));
  say(checks_grow_run(&grow));
  checks_grow_set_ids(&grow, inside);
  say(checks_grow_run(&grow));
  printf("%g %g %g\n", (double)grown[1], (double)grown[2], (double)grown[7]);
  lathe_store_destroy(&store);
  return 0;
}
