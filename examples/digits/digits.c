/* SPDX-License-Identifier: Apache-2.0
 * Reads an 8x8 image of a digit and prints the three likeliest digits. All it needs is the compiled model. */
#include "digits.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { SIDE = 8, SHOWN = 3, BAR = 18, WHITE_LIMIT = 65535 };

_Static_assert(DIGITS_X_COUNT == SIDE * SIDE, "the model must take images of 8 x 8 pixels");

/* Static: the application owns all memory that the model works in, and nothing is allocated. */
static float image[DIGITS_X_COUNT], probabilities[DIGITS_PROBABILITIES_COUNT];
_Alignas(DIGITS_ARENA_ALIGNMENT) static unsigned char arena[DIGITS_ARENA_SIZE];

static int is_space(int c) {
  return c == ' ' || (c >= '\t' && c <= '\r');
}

/* The next decimal number of at most `limit`, with space and comments before it and one space or the end after it. -1
 * where there is none: the text is malformed, too large or at its end. */
static int next_number(FILE *file, int limit) {
  int c = fgetc(file), value = 0;
  while (is_space(c) || c == '#') {
    if (c == '#')
      while (c != '\n' && c != EOF)
        c = fgetc(file);
    c = fgetc(file);
  }
  if (c < '0' || c > '9')
    return -1;
  for (; c >= '0' && c <= '9'; c = fgetc(file)) {
    value = 10 * value + (c - '0');
    if (value > limit)
      return -1;
  }
  return is_space(c) || c == EOF ? value : -1;
}

/* The next pixel of a binary image: one byte, or two with the higher first. -1 at the end. */
static int next_sample(FILE *file, int bytes) {
  int value = 0;
  for (int i = 0; i < bytes; ++i) {
    int c = fgetc(file);
    if (c == EOF)
      return -1;
    value = 256 * value + c;
  }
  return value;
}

/* Fills `pixels`, SIDE * SIDE of them, with 0 (black) to 1 (white) from a .pgm, text (P2) or binary (P5). False, after
 * saying why, where the file is not such an image. */
static int read_pixels(FILE *file, const char *path, float *pixels) {
  char magic[2];
  if (fread(magic, 1, 2, file) != 2 || magic[0] != 'P' || (magic[1] != '2' && magic[1] != '5')) {
    fprintf(stderr, "%s: not a .pgm image: must begin with P2 or P5\n", path);
    return 0;
  }
  int width = next_number(file, WHITE_LIMIT), height = next_number(file, WHITE_LIMIT),
      white = next_number(file, WHITE_LIMIT);
  if (width < 1 || height < 1 || white < 1) {
    fprintf(stderr, "%s: malformed header: width, height and largest value must be from 1 to %d\n", path, WHITE_LIMIT);
    return 0;
  }
  if (width != SIDE || height != SIDE) {
    fprintf(stderr, "%s: image must have %d x %d pixels, but has %d x %d\n", path, SIDE, SIDE, width, height);
    return 0;
  }
  for (int i = 0; i < SIDE * SIDE; ++i) {
    int value = magic[1] == '2' ? next_number(file, white) : next_sample(file, white > 255 ? 2 : 1);
    if (value < 0 || value > white) {
      fprintf(stderr, "%s: pixel %d of row %d must be from 0 to %d, but is missing, malformed or larger\n", path,
              i % SIDE + 1, i / SIDE + 1, white);
      return 0;
    }
    pixels[i] = (float)value / (float)white;
  }
  return 1;
}

static int read_image(const char *path, float *pixels) {
  FILE *file = fopen(path, "rb");
  if (!file) {
    fprintf(stderr, "%s: %s\n", path, strerror(errno));
    return 0;
  }
  int good = read_pixels(file, path, pixels);
  fclose(file);
  return good;
}

static void print_likeliest(void) {
  int shown[DIGITS_PROBABILITIES_COUNT] = {0};
  for (int line = 0; line < SHOWN; ++line) {
    int best = -1;
    for (int digit = 0; digit < DIGITS_PROBABILITIES_COUNT; ++digit)
      if (!shown[digit] && (best < 0 || probabilities[digit] > probabilities[best]))
        best = digit;
    shown[best] = 1;
    int bar = (int)(BAR * probabilities[best] + 0.5F);
    printf("      %d  %5.1f %%%s%.*s\n", best, 100.0 * probabilities[best], bar ? "  " : "", bar, "##################");
  }
}

int main(int argc, char **argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: digits IMAGE.pgm\n");
    return 2;
  }
  if (!read_image(argv[1], image))
    return 1;
  digits_t model = digits_init(arena, sizeof arena);
  digits_set_x(&model, image);
  digits_set_probabilities(&model, probabilities);
  lathe_status_t status = digits_run(&model);
  if (!lathe_ok(status)) {
    fprintf(stderr, "%s\n", lathe_status_text(status));
    return 1;
  }
  print_likeliest();
  return 0;
}
