/* SPDX-License-Identifier: Apache-2.0
 * Saves a store as a checkpoint of one shard: the data first, under a name that the index in place does not use, then
 * the index, whose renaming is the step that counts. */
#define _POSIX_C_SOURCE 200809L
#include "Store.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <unistd.h>

/* A file that is written front to back, with the checksum of what was written since `sum` was set to 0. */
typedef struct {
  int file, error;
  uint64_t position;
  size_t used;
  uint32_t sum;
  const LatheCrc *crc;
  unsigned char buffer[8192];
} Writer;

static void flush(Writer *w) {
  for (size_t done = 0; done < w->used && w->error == 0;) {
    ssize_t written = write(w->file, w->buffer + done, w->used - done);
    if (written >= 0)
      done += (size_t)written;
    else if (errno != EINTR)
      w->error = errno;
  }
  w->used = 0;
}

static void put(Writer *w, const void *data, uint64_t bytes) {
  const unsigned char *next = data;
  w->position += bytes;
  while (bytes != 0) {
    size_t room = sizeof w->buffer - w->used, part = bytes < room ? (size_t)bytes : room;
    memcpy(w->buffer + w->used, next, part);
    w->sum = latheCrcExtend(w->crc, w->sum, next, part);
    w->used += part;
    next += part;
    bytes -= part;
    if (w->used == sizeof w->buffer)
      flush(w);
  }
}

static size_t encodeVarint(unsigned char *out, uint64_t value) {
  size_t bytes = 0;
  for (; value >= 128; value >>= 7)
    out[bytes++] = (unsigned char)(value | 128);
  out[bytes++] = (unsigned char)value;
  return bytes;
}

static size_t varintBytes(uint64_t value) {
  unsigned char out[10];
  return encodeVarint(out, value);
}

static void putVarint(Writer *w, uint64_t value) {
  unsigned char out[10];
  put(w, out, encodeVarint(out, value));
}

static void putWord(Writer *w, uint32_t value) {
  unsigned char out[4] = {(unsigned char)value, (unsigned char)(value >> 8), (unsigned char)(value >> 16),
                          (unsigned char)(value >> 24)};
  put(w, out, 4);
}

/* ---- Entries of the index: messages of protobuf, each with its length before it */

static size_t dimensionBytes(int64_t size) {
  return size == 0 ? 0 : 1 + varintBytes((uint64_t)size);
}

static size_t shapeBytes(const lathe_tensor_info_t *info) {
  size_t bytes = 0;
  for (uint32_t i = 0; i < info->rank; ++i)
    bytes += 2 + dimensionBytes(info->shape[i]);
  return bytes;
}

static size_t entryBytes(const struct lathe_store_slot *variable) {
  const lathe_tensor_info_t *info = variable->info->tensor;
  size_t bytes =
      1 + varintBytes(latheTensorFlowType(info->dtype)) + 1 + varintBytes(shapeBytes(info)) + shapeBytes(info) + 5;
  if (variable->offset != 0)
    bytes += 1 + varintBytes(variable->offset);
  return info->bytes == 0 ? bytes : bytes + 1 + varintBytes(info->bytes);
}

/* With the lengths and the key before it: how far it is to the next one. */
static size_t stepBytes(const struct lathe_store_slot *variable) {
  LatheKey key = latheKey(variable->info);
  size_t length = latheKeyLength(&key), entry = entryBytes(variable);
  return 1 + varintBytes(length) + varintBytes(entry) + length + entry;
}

static void putKey(Writer *w, const LatheKey *key) {
  for (int part = 0; part < 3; ++part)
    put(w, key->parts[part], key->lengths[part]);
}

enum { fieldDtype = 0x08, fieldShape = 0x12, fieldOffset = 0x20, fieldSize = 0x28, fieldCrc = 0x35 };
enum { fieldDimension = 0x12, fieldDimensionSize = 0x08 };

static void putEntry(Writer *w, const struct lathe_store_slot *variable) {
  const lathe_tensor_info_t *info = variable->info->tensor;
  LatheKey key = latheKey(variable->info);
  putVarint(w, 0); /* nothing shared with the key before it */
  putVarint(w, latheKeyLength(&key));
  putVarint(w, entryBytes(variable));
  putKey(w, &key);
  putVarint(w, fieldDtype);
  putVarint(w, latheTensorFlowType(info->dtype));
  putVarint(w, fieldShape);
  putVarint(w, shapeBytes(info));
  for (uint32_t i = 0; i < info->rank; ++i) {
    putVarint(w, fieldDimension);
    putVarint(w, dimensionBytes(info->shape[i]));
    if (info->shape[i] != 0) {
      putVarint(w, fieldDimensionSize);
      putVarint(w, (uint64_t)info->shape[i]);
    }
  }
  if (variable->offset != 0) {
    putVarint(w, fieldOffset);
    putVarint(w, variable->offset);
  }
  if (info->bytes != 0) {
    putVarint(w, fieldSize);
    putVarint(w, info->bytes);
  }
  putVarint(w, fieldCrc);
  putWord(w, latheCrcMask(variable->crc));
}

/* ---- Files */

typedef struct {
  uint64_t offset, bytes;
} Block;

/* Ends a block that began at `begin`, behind its restarts: not compressed, checksum. */
static Block endBlock(Writer *w, uint64_t begin) {
  Block block = {begin, w->position - begin};
  unsigned char type = 0;
  put(w, &type, 1);
  putWord(w, latheCrcMask(w->sum));
  return block;
}

static void writeIndex(Writer *w, const lathe_store_t *store, uint32_t shards) {
  const unsigned char header[] = {0x08, (unsigned char)shards, 0x1a, 0x02, 0x08, 0x01};
  w->sum = 0;
  putVarint(w, 0);
  putVarint(w, 0);
  putVarint(w, sizeof header);
  put(w, header, sizeof header);
  for (uint64_t i = 0; i < store->variable_count; ++i)
    putEntry(w, &store->variables[i]);
  /* Each entry stands for itself, so that each is one to start from. */
  uint32_t place = 0;
  putWord(w, place);
  place = 3 + sizeof header;
  for (uint64_t i = 0; i < store->variable_count; ++i) {
    putWord(w, place);
    place += (uint32_t)stepBytes(&store->variables[i]);
  }
  putWord(w, (uint32_t)(store->variable_count + 1));
  Block data = endBlock(w, 0);

  uint64_t begin = w->position;
  w->sum = 0;
  putWord(w, 0);
  putWord(w, 1);
  Block meta = endBlock(w, begin);

  LatheKey last = latheKeyOfText("", 0);
  if (store->variable_count != 0)
    last = latheKey(store->variables[store->variable_count - 1].info);
  begin = w->position;
  w->sum = 0;
  putVarint(w, 0);
  putVarint(w, latheKeyLength(&last));
  putVarint(w, varintBytes(data.offset) + varintBytes(data.bytes));
  putKey(w, &last);
  putVarint(w, data.offset);
  putVarint(w, data.bytes);
  putWord(w, 0);
  putWord(w, 1);
  Block index = endBlock(w, begin);

  begin = w->position;
  putVarint(w, meta.offset);
  putVarint(w, meta.bytes);
  putVarint(w, index.offset);
  putVarint(w, index.bytes);
  while (w->position - begin < latheFooterBytes - 8)
    put(w, "", 1);
  putWord(w, (uint32_t)LATHE_TABLE_MAGIC);
  putWord(w, (uint32_t)(LATHE_TABLE_MAGIC >> 32));
}

static lathe_status_t failOnFile(lathe_store_t *store, const char *what, const char *path, int error) {
  char reason[96];
  if (strerror_r(error, reason, sizeof reason) != 0)
    snprintf(reason, sizeof reason, "error %d", error);
  return latheFail(store->text, LATHE_IO_ERROR, "cannot %s '%s': %s", what, path, reason);
}

/* Makes `path` durable under its name, whose folder has to know of it, too. */
static int syncFolder(const char *path) {
  char folder[lathePathBytes];
  const char *slash = strrchr(path, '/');
  snprintf(folder, sizeof folder, "%.*s",
           slash == NULL   ? 1
           : slash == path ? 1
                           : (int)(slash - path),
           slash == NULL ? "." : path);
  int file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (file < 0)
    return errno;
  int error = fsync(file) != 0 ? errno : 0;
  close(file);
  return error;
}

/* Writes a file by way of one beside it. `fill` writes its content. */
static lathe_status_t writeFile(lathe_store_t *store, const char *path, const LatheCrc *crc, uint32_t shards,
                                void (*fill)(Writer *, lathe_store_t *, uint32_t)) {
  char temporary[lathePathBytes];
  snprintf(temporary, sizeof temporary, "%s.tmp", path);
  Writer w;
  w.error = 0;
  w.position = w.used = 0;
  w.crc = crc;
  w.file = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (w.file < 0)
    return failOnFile(store, "write", temporary, errno);
  fill(&w, store, shards);
  flush(&w);
  if (w.error == 0 && fsync(w.file) != 0)
    w.error = errno;
  if (close(w.file) != 0 && w.error == 0)
    w.error = errno;
  if (w.error == 0 && rename(temporary, path) != 0)
    w.error = errno;
  if (w.error == 0)
    w.error = syncFolder(path);
  if (w.error == 0)
    return (lathe_status_t){LATHE_OK, NULL};
  unlink(temporary);
  return failOnFile(store, "write", path, w.error);
}

static void fillData(Writer *w, lathe_store_t *store, uint32_t shards) {
  (void)shards;
  for (uint64_t i = 0; i < store->variable_count; ++i) {
    struct lathe_store_slot *variable = &store->variables[i];
    variable->offset = w->position;
    w->sum = 0;
    put(w, variable->data, variable->info->tensor->bytes);
    variable->crc = w->sum;
  }
}

static void fillIndex(Writer *w, lathe_store_t *store, uint32_t shards) {
  writeIndex(w, store, shards);
}

/* How many shards the index in place says there are; 0 where there is none, or none of ours. */
static uint32_t shardsInPlace(const char *index) {
  unsigned char first[5] = {0};
  int file = open(index, O_RDONLY | O_CLOEXEC);
  if (file < 0)
    return 0;
  ssize_t got = read(file, first, sizeof first);
  close(file);
  /* The header is the first entry of the first block: no key, its length, then the number of shards. */
  return got == sizeof first && first[0] == 0 && first[1] == 0 && first[3] == 0x08 ? first[4] : 0;
}

lathe_status_t lathe_store_save(lathe_store_t *store, const char *prefix) {
  if (strlen(prefix) + 64 > lathePathBytes)
    return latheFail(store->text, LATHE_INVALID_ARGUMENT, "prefix of the checkpoint must be at most %d bytes",
                     lathePathBytes - 64);
  uint64_t indexBytes = 0;
  for (uint64_t i = 0; i < store->variable_count; ++i) {
    const struct lathe_store_slot *variable = &store->variables[i];
    const char *name = variable->info->tensor->name;
    if (!variable->hasValue)
      return latheFail(store->text, LATHE_INVALID_ARGUMENT, "variable '%s' has no value yet", name);
    if (latheTensorFlowType(variable->info->tensor->dtype) == 0)
      return latheFail(store->text, LATHE_INVALID_ARGUMENT, "variable '%s': a checkpoint cannot hold its type", name);
    indexBytes += stepBytes(variable) + 16;
  }
  if (indexBytes > UINT32_MAX)
    return latheFail(store->text, LATHE_INVALID_ARGUMENT, "names of the variables take more than 4 GiB");
  LatheCrc crc;
  latheCrcInit(&crc);
  char index[lathePathBytes], data[lathePathBytes], old[lathePathBytes];
  snprintf(index, sizeof index, "%s.index", prefix);
  /* The number of shards is part of the data's name: 1 and 2 take turns, so that the old data stay until the new index
   * is there. Of two shards the second one is empty, and needs no file. */
  uint32_t before = shardsInPlace(index), shards = before == 1 ? 2 : 1;
  snprintf(data, sizeof data, "%s.data-00000-of-%05u", prefix, shards);
  snprintf(old, sizeof old, "%s.data-00000-of-%05u", prefix, shards == 1 ? 2 : 1);
  lathe_status_t status = writeFile(store, data, &crc, shards, fillData);
  if (lathe_ok(status))
    status = writeFile(store, index, &crc, shards, fillIndex);
  if (lathe_ok(status))
    unlink(old);
  return status;
}
