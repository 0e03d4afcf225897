/* SPDX-License-Identifier: Apache-2.0
 * Reads an 8x8 image of a digit and prints the three likeliest digits. All it needs is the compiled model. */
#include "digits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE = 8, DIGITS = 10, SHOWN = 3, BAR = 18 };

/* The next number of a text image, comments skipped; -1 where there is none. */
static int next_number(FILE *file) {
  int value, c;
  while ((c = fgetc(file)) != EOF) {
    if (c == '#') {
      while ((c = fgetc(file)) != EOF && c != '\n') {
      }
    } else if (c >= '0' && c <= '9') {
      ungetc(c, file);
      return fscanf(file, "%6d", &value) == 1 ? value : -1;
    } else if (c != ' ' && c != '\n' && c != '\r' && c != '\t') {
      return -1;
    }
  }
  return -1;
}

/* Fills `pixels` with 0..1 from a .pgm in text form (P2). Returns what is wrong, or null. */
static const char *read_image(const char *path, float pixels[SIDE * SIDE]) {
  FILE *file = fopen(path, "r");
  if (!file)
    return "cannot be opened";
  const char *problem = NULL;
  char magic[3] = {0};
  int white = 0;
  if (fscanf(file, "%2s", magic) != 1 || strcmp(magic, "P2") != 0)
    problem = "must be a .pgm in text form (P2)";
  else if (next_number(file) != SIDE || next_number(file) != SIDE)
    problem = "must have 8 x 8 pixels";
  else if ((white = next_number(file)) < 1)
    problem = "has no largest value";
  for (int i = 0; !problem && i < SIDE * SIDE; ++i) {
    int value = next_number(file);
    if (value < 0 || value > white)
      problem = "has a missing or malformed pixel";
    else
      pixels[i] = (float)value / (float)white;
  }
  fclose(file);
  return problem;
}

static float image[DIGITS_X_COUNT], probabilities[DIGITS_IDENTITY_COUNT];
_Alignas(DIGITS_ARENA_ALIGNMENT) static unsigned char arena[DIGITS_ARENA_SIZE];

int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: digits IMAGE.pgm\n");
    return 1;
  }
  const char *problem = read_image(argv[1], image);
  if (problem) {
    fprintf(stderr, "%s: %s\n", argv[1], problem);
    return 1;
  }
  digits_t model = digits_init(arena, sizeof arena);
  digits_set_x(&model, image);
  digits_set_identity(&model, probabilities);
  lathe_status_t status = digits_run(&model);
  if (!lathe_ok(status)) {
    fprintf(stderr, "%s\n", lathe_status_text(status));
    return 1;
  }
  for (int shown = 0; shown < SHOWN; ++shown) {
    int best = 0;
    for (int digit = 1; digit < DIGITS; ++digit)
      if (probabilities[digit] > probabilities[best])
        best = digit;
    printf("      %d  %5.1f %%  ", best, 100.0 * probabilities[best]);
    for (int i = 0; i < (int)(BAR * probabilities[best] + 0.5F); ++i)
      putchar('#');
    putchar('\n');
    probabilities[best] = -1;
  }
  return 0;
}
