/* SPDX-License-Identifier: Apache-2.0
 * Writing the text of a failure into the caller's buffer. */
#ifndef LATHE_RUNTIME_TEXT_H
#define LATHE_RUNTIME_TEXT_H

#include <lathe/runtime.h>
#include <stdarg.h>
#include <stdio.h>

/* Formats into `text`, LATHE_TEXT_BYTES long, and returns a status that points to it. */
#if defined(__GNUC__)
__attribute__((format(printf, 3, 4)))
#endif
static inline lathe_status_t
latheFail(char *text, lathe_status_code_t code, const char *format, ...) {
  va_list values;
  va_start(values, format);
  int length = vsnprintf(text, LATHE_TEXT_BYTES, format, values);
  va_end(values);
  if (length >= LATHE_TEXT_BYTES)
    memcpy(text + LATHE_TEXT_BYTES - 4, "...", 4);
  return (lathe_status_t){code, text};
}

#endif /* LATHE_RUNTIME_TEXT_H */
