/* SPDX-License-Identifier: Apache-2.0
 * Weights that lie in a file of their own: mapped, and refused where they are not the module's. */
#define _POSIX_C_SOURCE 200809L
#include "Text.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static void clear(lathe_weights_t *weights) {
  memset(weights, 0, sizeof *weights);
  weights->struct_size = sizeof *weights;
}

lathe_status_t lathe_weights_from_memory(const void *file, uint64_t file_bytes, const lathe_module_t *module,
                                         lathe_weights_t *out) {
  if (out == NULL)
    return (lathe_status_t){LATHE_INVALID_ARGUMENT, "the place for the weights is null"};
  clear(out);
  if (file == NULL || module == NULL)
    return latheFail(out->text, LATHE_INVALID_ARGUMENT, "%s is null", file == NULL ? "weights file" : "module");
  if ((uintptr_t)file % 64 != 0)
    return latheFail(out->text, LATHE_INVALID_ARGUMENT, "%s: weights file must be aligned to 64 bytes, but got %p",
                     module->name, file);
  lathe_weights_header_t header;
  if (file_bytes < sizeof header)
    return latheFail(out->text, LATHE_WEIGHTS_MISMATCH,
                     "%s: weights file must have at least %zu bytes, but got %" PRIu64, module->name, sizeof header,
                     file_bytes);
  memcpy(&header, file, sizeof header);
  if (memcmp(header.magic, LATHE_WEIGHTS_MAGIC, sizeof header.magic) != 0)
    return latheFail(out->text, LATHE_WEIGHTS_MISMATCH, "%s: not a weights file", module->name);
  if (header.version != LATHE_WEIGHTS_VERSION || header.header_size != sizeof header)
    return latheFail(out->text, LATHE_WEIGHTS_MISMATCH, "%s: version of the weights file must be %u, but got %u",
                     module->name, LATHE_WEIGHTS_VERSION, header.version);
  if (header.bytes != module->weight_bytes || file_bytes - sizeof header != header.bytes)
    return latheFail(out->text, LATHE_WEIGHTS_MISMATCH,
                     "%s: weights must have %" PRIu64 " bytes, but the file has %" PRIu64, module->name,
                     module->weight_bytes, file_bytes - sizeof header);
  if (header.hash != module->weight_hash)
    return latheFail(out->text, LATHE_WEIGHTS_MISMATCH,
                     "%s: weights must have hash %016" PRIx64 ", but got %016" PRIx64, module->name,
                     module->weight_hash, header.hash);
  out->data = (const char *)file + sizeof header;
  out->bytes = header.bytes;
  out->hash = header.hash;
  return (lathe_status_t){LATHE_OK, NULL};
}

static lathe_status_t failOnFile(lathe_weights_t *out, const char *what, const char *path, int error) {
  char reason[96];
  if (strerror_r(error, reason, sizeof reason) != 0)
    snprintf(reason, sizeof reason, "error %d", error);
  return latheFail(out->text, LATHE_IO_ERROR, "cannot %s weights file '%s': %s", what, path, reason);
}

lathe_status_t lathe_weights_map(const char *path, const lathe_module_t *module, lathe_weights_t *out) {
  if (out == NULL)
    return (lathe_status_t){LATHE_INVALID_ARGUMENT, "the place for the weights is null"};
  clear(out);
  if (path == NULL || module == NULL)
    return latheFail(out->text, LATHE_INVALID_ARGUMENT, "%s is null", path == NULL ? "path" : "module");
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0)
    return failOnFile(out, "open", path, errno);
  struct stat facts;
  if (fstat(file, &facts) != 0 || !S_ISREG(facts.st_mode) || facts.st_size == 0) {
    close(file);
    return latheFail(out->text, LATHE_IO_ERROR, "weights file '%s' is empty or not a regular file", path);
  }
  uint64_t bytes = (uint64_t)facts.st_size;
  void *mapping = mmap(NULL, bytes, PROT_READ, MAP_SHARED, file, 0);
  int error = errno;
  close(file);
  if (mapping == MAP_FAILED)
    return failOnFile(out, "map", path, error);
  lathe_status_t status = lathe_weights_from_memory(mapping, bytes, module, out);
  if (!lathe_ok(status)) {
    munmap(mapping, bytes);
    return status;
  }
  out->mapping = mapping;
  out->mapping_bytes = bytes;
  return status;
}

lathe_status_t lathe_weights_verify(lathe_weights_t *weights) {
  uint64_t hash = lathe_weight_hash(weights->data, weights->bytes);
  if (hash == weights->hash)
    return (lathe_status_t){LATHE_OK, NULL};
  return latheFail(weights->text, LATHE_WEIGHTS_MISMATCH,
                   "weights are damaged: hash must be %016" PRIx64 ", but got %016" PRIx64, weights->hash, hash);
}

void lathe_weights_unmap(lathe_weights_t *weights) {
  if (weights->mapping != NULL)
    munmap(weights->mapping, weights->mapping_bytes);
  clear(weights);
}
