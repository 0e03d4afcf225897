/* SPDX-License-Identifier: Apache-2.0
 * Runs one model on counted-out data and prints its results: as text, or as bytes where a second argument is given. */
#include MODEL_HEADER
#include <stdio.h>

#define JOIN2(a, b) a##b
#define JOIN(a, b) JOIN2(a, b)
#define CALL(name) JOIN(MODEL, name)
#define SIZE(name) JOIN(MODEL_UPPER, name)

_Alignas(SIZE(_ARENA_ALIGNMENT)) static unsigned char arena[SIZE(_ARENA_SIZE)];
_Alignas(64) static float x[SIZE(_X_COUNT)];
_Alignas(64) static float y[SIZE(_Y_COUNT)];

int main(int argc, char **argv) {
  int i;
  lathe_status_t status;
  CALL(_t) model = CALL(_init)(arena, sizeof arena);
  (void)argv;
  for (i = 0; i < SIZE(_X_COUNT); ++i)
    x[i] = (float)(i * 7 % 32) * 0.0625f - 1.0f;
  CALL(_set_x)(&model, x);
  CALL(_set_y)(&model, y);
  status = CALL(_run)(&model);
  if (!lathe_ok(status)) {
    fprintf(stderr, "%s\n", lathe_status_text(status));
    return 1;
  }
  if (argc > 1)
    return fwrite(y, sizeof y, 1, stdout) != 1;
  for (i = 0; i < SIZE(_Y_COUNT); ++i)
    printf("%.4f\n", y[i]);
  return 0;
}
