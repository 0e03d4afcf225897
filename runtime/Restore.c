/* SPDX-License-Identifier: Apache-2.0
 * Restores a store from a checkpoint: reads the index, checks all that it needs of it and of the data, then copies. */
#define _POSIX_C_SOURCE 200809L
#include "Store.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Bytes that are still to be read; the first that cannot be ends it. */
typedef struct {
  const unsigned char *next;
  uint64_t left;
  bool failed;
} Reader;

static Reader take(Reader *r, uint64_t bytes) {
  Reader part = {r->next, bytes, bytes > r->left};
  r->failed |= part.failed;
  if (r->failed)
    return (Reader){NULL, 0, true};
  r->next += bytes;
  r->left -= bytes;
  return part;
}

static uint64_t takeVarint(Reader *r) {
  uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    Reader byte = take(r, 1);
    if (r->failed)
      return 0;
    value |= (uint64_t)(*byte.next & 127) << shift;
    if (*byte.next < 128)
      return value;
  }
  r->failed = true;
  return 0;
}

static uint32_t wordAt(const unsigned char *bytes) {
  return (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
}

/* Skips what a field of protobuf holds that nobody asks for. */
static void skipField(Reader *r, uint64_t tag) {
  switch (tag & 7) {
  case 0:
    takeVarint(r);
    break;
  case 1:
    take(r, 8);
    break;
  case 2:
    take(r, takeVarint(r));
    break;
  case 5:
    take(r, 4);
    break;
  default:
    r->failed = true;
  }
}

enum { mostShards = 64, keyBytes = 16384, chunkBytes = 16384 };

typedef struct {
  lathe_store_t *store;
  const char *prefix;
  Reader file; /* all of the index */
  uint32_t shards;
  int files[mostShards]; /* of the data; -1 where not open */
  LatheCrc crc;
} Restore;

static lathe_status_t damaged(Restore *restore, const char *what) {
  return latheFail(restore->store->text, LATHE_IO_ERROR, "checkpoint '%s': %s", restore->prefix, what);
}

/* The content of a block without its restarts, its checksum checked. */
static lathe_status_t takeBlock(Restore *restore, uint64_t offset, uint64_t bytes, Reader *out) {
  if (offset > restore->file.left || bytes > restore->file.left - offset ||
      restore->file.left - offset - bytes < latheTrailerBytes || bytes < 4)
    return damaged(restore, "a block of the index lies outside of it");
  const unsigned char *block = restore->file.next + offset;
  if (latheCrcMask(latheCrcExtend(&restore->crc, 0, block, bytes + 1)) != wordAt(block + bytes + 1))
    return damaged(restore, "the checksum of the index is wrong");
  if (block[bytes] != 0)
    return damaged(restore, "a compressed index cannot be read");
  uint64_t restarts = (uint64_t)wordAt(block + bytes - 4) * 4 + 4;
  if (restarts > bytes)
    return damaged(restore, "a block of the index is malformed");
  *out = (Reader){block, bytes - restarts, false};
  return (lathe_status_t){LATHE_OK, NULL};
}

/* Calls `act` with each key and value of a block. */
static lathe_status_t forEntries(Restore *restore, Reader block, char *key,
                                 lathe_status_t (*act)(Restore *, const char *, size_t, Reader)) {
  size_t length = 0;
  while (block.left != 0) {
    uint64_t shared = takeVarint(&block), more = takeVarint(&block), bytes = takeVarint(&block);
    Reader rest = take(&block, more), value = take(&block, bytes);
    if (block.failed || shared > length || more > keyBytes - shared)
      return damaged(restore, "an entry of the index is malformed");
    memcpy(key + shared, rest.next, more);
    length = (size_t)(shared + more);
    lathe_status_t status = act(restore, key, length, value);
    if (!lathe_ok(status))
      return status;
  }
  return (lathe_status_t){LATHE_OK, NULL};
}

static lathe_status_t readHeader(Restore *restore, Reader value) {
  while (value.left != 0 && !value.failed) {
    uint64_t tag = takeVarint(&value);
    if (tag == 0x08)
      restore->shards = (uint32_t)takeVarint(&value);
    else if (tag == 0x10 && takeVarint(&value) != 0)
      return damaged(restore, "numbers are big-endian");
    else if (tag != 0x10)
      skipField(&value, tag);
  }
  if (value.failed || restore->shards == 0 || restore->shards > mostShards)
    return damaged(restore, "number of shards must be between 1 and 64");
  return (lathe_status_t){LATHE_OK, NULL};
}

/* Whether the shape that a message holds is that of `info`. */
static bool isShape(Reader shape, const lathe_tensor_info_t *info) {
  uint32_t rank = 0;
  while (shape.left != 0 && !shape.failed) {
    uint64_t tag = takeVarint(&shape);
    if (tag != 0x12) {
      skipField(&shape, tag);
      continue;
    }
    Reader dimension = take(&shape, takeVarint(&shape));
    uint64_t size = 0;
    while (dimension.left != 0 && !dimension.failed) {
      uint64_t inner = takeVarint(&dimension);
      if (inner == 0x08)
        size = takeVarint(&dimension);
      else
        skipField(&dimension, inner);
    }
    if (dimension.failed || rank == info->rank || size != (uint64_t)info->shape[rank])
      return false;
    ++rank;
  }
  return !shape.failed && rank == info->rank;
}

/* Notes where a variable's value is, if the entry is one's. */
static lathe_status_t readEntry(Restore *restore, const char *text, size_t length, Reader value) {
  if (length == 0)
    return readHeader(restore, value);
  LatheKey key = latheKeyOfText(text, length);
  struct lathe_store_slot *variable = latheFindVariable(restore->store, &key);
  if (variable == NULL)
    return (lathe_status_t){LATHE_OK, NULL};
  const lathe_tensor_info_t *info = variable->info->tensor;
  uint64_t dtype = 0, bytes = 0, shard = 0;
  Reader shape = {NULL, 0, false};
  variable->offset = 0;
  while (value.left != 0 && !value.failed) {
    uint64_t tag = takeVarint(&value);
    switch (tag) {
    case 0x08:
      dtype = takeVarint(&value);
      break;
    case 0x12:
      shape = take(&value, takeVarint(&value));
      break;
    case 0x18:
      shard = takeVarint(&value);
      break;
    case 0x20:
      variable->offset = takeVarint(&value);
      break;
    case 0x28:
      bytes = takeVarint(&value);
      break;
    case 0x35: {
      Reader word = take(&value, 4);
      variable->crc = word.failed ? 0 : wordAt(word.next);
      break;
    }
    case 0x3a:
      return latheFail(restore->store->text, LATHE_IO_ERROR, "checkpoint '%s': variable '%s' is stored in parts",
                       restore->prefix, info->name);
    default:
      skipField(&value, tag);
    }
  }
  if (value.failed || shard >= mostShards)
    return damaged(restore, "an entry of the index is malformed");
  if (dtype != latheTensorFlowType(info->dtype) || !isShape(shape, info) || bytes != info->bytes)
    return latheFail(restore->store->text, LATHE_INVALID_ARGUMENT,
                     "checkpoint '%s': variable '%s' has another type or shape there than the model's %s of %" PRIu64
                     " bytes and rank %u",
                     restore->prefix, info->name, lathe_dtype_name(info->dtype), info->bytes, info->rank);
  variable->shard = (uint32_t)shard;
  variable->isFound = true;
  return (lathe_status_t){LATHE_OK, NULL};
}

/* An entry of the index's index: which block comes next. */
static lathe_status_t readBlock(Restore *restore, const char *text, size_t length, Reader value) {
  (void)text;
  (void)length;
  uint64_t offset = takeVarint(&value), bytes = takeVarint(&value);
  if (value.failed)
    return damaged(restore, "the index is malformed");
  Reader block;
  char key[keyBytes];
  lathe_status_t status = takeBlock(restore, offset, bytes, &block);
  return lathe_ok(status) ? forEntries(restore, block, key, readEntry) : status;
}

static lathe_status_t readIndex(Restore *restore) {
  const uint64_t bytes = restore->file.left;
  if (bytes < latheFooterBytes)
    return damaged(restore, "the index is too short");
  const unsigned char *end = restore->file.next + bytes;
  if (wordAt(end - 8) != (uint32_t)LATHE_TABLE_MAGIC || wordAt(end - 4) != (uint32_t)(LATHE_TABLE_MAGIC >> 32))
    return damaged(restore, "not an index of a checkpoint");
  Reader footer = {end - latheFooterBytes, latheFooterBytes - 8, false};
  takeVarint(&footer);
  takeVarint(&footer);
  uint64_t offset = takeVarint(&footer), size = takeVarint(&footer);
  Reader block;
  lathe_status_t status =
      footer.failed ? damaged(restore, "the index is malformed") : takeBlock(restore, offset, size, &block);
  char key[keyBytes];
  if (lathe_ok(status))
    status = forEntries(restore, block, key, readBlock);
  if (lathe_ok(status) && restore->shards == 0)
    status = damaged(restore, "the index has no header");
  return status;
}

/* ---- Data */

static lathe_status_t openShard(Restore *restore, uint32_t shard) {
  if (restore->files[shard] >= 0)
    return (lathe_status_t){LATHE_OK, NULL};
  char path[lathePathBytes], reason[96];
  snprintf(path, sizeof path, "%s.data-%05u-of-%05u", restore->prefix, shard, restore->shards);
  restore->files[shard] = open(path, O_RDONLY | O_CLOEXEC);
  if (restore->files[shard] >= 0)
    return (lathe_status_t){LATHE_OK, NULL};
  if (strerror_r(errno, reason, sizeof reason) != 0)
    reason[0] = 0;
  return latheFail(restore->store->text, LATHE_IO_ERROR, "cannot read '%s': %s", path, reason);
}

static bool readAt(int file, void *to, uint64_t bytes, uint64_t offset) {
  while (bytes != 0) {
    ssize_t got = pread(file, to, bytes, (off_t)offset);
    if (got < 0 && errno == EINTR)
      continue;
    if (got <= 0)
      return false;
    to = (char *)to + got;
    bytes -= (uint64_t)got;
    offset += (uint64_t)got;
  }
  return true;
}

static lathe_status_t checkData(Restore *restore, const struct lathe_store_slot *variable) {
  const lathe_tensor_info_t *info = variable->info->tensor;
  if (!variable->isFound)
    return latheFail(restore->store->text, LATHE_INVALID_ARGUMENT, "checkpoint '%s' has no variable '%s'",
                     restore->prefix, info->name);
  if (variable->shard >= restore->shards || variable->offset > INT64_MAX - info->bytes)
    return damaged(restore, "an entry of the index is malformed");
  lathe_status_t status = openShard(restore, variable->shard);
  if (!lathe_ok(status))
    return status;
  enum { boolean = 6 };
  uint32_t sum = 0;
  bool isWhole = true;
  unsigned char chunk[chunkBytes];
  for (uint64_t done = 0; done < info->bytes && isWhole;) {
    uint64_t part = info->bytes - done < chunkBytes ? info->bytes - done : chunkBytes;
    isWhole = readAt(restore->files[variable->shard], chunk, part, variable->offset + done);
    for (uint64_t i = 0; isWhole && info->dtype.code == boolean && i < part; ++i)
      isWhole = chunk[i] <= 1;
    sum = latheCrcExtend(&restore->crc, sum, chunk, part);
    done += part;
  }
  if (isWhole && latheCrcMask(sum) == variable->crc)
    return (lathe_status_t){LATHE_OK, NULL};
  return latheFail(restore->store->text, LATHE_IO_ERROR, "checkpoint '%s': the value of variable '%s' is damaged",
                   restore->prefix, info->name);
}

static lathe_status_t readData(Restore *restore) {
  lathe_store_t *store = restore->store;
  for (uint64_t i = 0; i < store->variable_count; ++i) {
    lathe_status_t status = checkData(restore, &store->variables[i]);
    if (!lathe_ok(status))
      return status;
  }
  for (uint64_t i = 0; i < store->variable_count; ++i) {
    struct lathe_store_slot *variable = &store->variables[i];
    const lathe_tensor_info_t *info = variable->info->tensor;
    if (!readAt(restore->files[variable->shard], variable->data, info->bytes, variable->offset))
      return latheFail(store->text, LATHE_IO_ERROR, "checkpoint '%s' changed while variable '%s' was read",
                       restore->prefix, info->name);
    variable->hasValue = true;
  }
  return (lathe_status_t){LATHE_OK, NULL};
}

lathe_status_t lathe_store_restore(lathe_store_t *store, const char *prefix) {
  if (strlen(prefix) + 64 > lathePathBytes)
    return latheFail(store->text, LATHE_INVALID_ARGUMENT, "prefix of the checkpoint must be at most %d bytes",
                     lathePathBytes - 64);
  char path[lathePathBytes], reason[96];
  snprintf(path, sizeof path, "%s.index", prefix);
  int file = open(path, O_RDONLY | O_CLOEXEC);
  struct stat facts;
  void *mapping = MAP_FAILED;
  if (file >= 0 && fstat(file, &facts) == 0 && S_ISREG(facts.st_mode) && facts.st_size != 0)
    mapping = mmap(NULL, (size_t)facts.st_size, PROT_READ, MAP_PRIVATE, file, 0);
  int error = errno;
  if (file >= 0)
    close(file);
  if (mapping == MAP_FAILED) {
    if (file >= 0 || strerror_r(error, reason, sizeof reason) != 0)
      snprintf(reason, sizeof reason, "empty, or not a regular file");
    return latheFail(store->text, LATHE_IO_ERROR, "cannot read '%s': %s", path, reason);
  }
  Restore restore;
  restore.store = store;
  restore.prefix = prefix;
  restore.file = (Reader){mapping, (uint64_t)facts.st_size, false};
  restore.shards = 0;
  for (int shard = 0; shard < mostShards; ++shard)
    restore.files[shard] = -1;
  latheCrcInit(&restore.crc);
  for (uint64_t i = 0; i < store->variable_count; ++i)
    store->variables[i].isFound = false;
  lathe_status_t status = readIndex(&restore);
  if (lathe_ok(status))
    status = readData(&restore);
  for (int shard = 0; shard < mostShards; ++shard)
    if (restore.files[shard] >= 0)
      close(restore.files[shard]);
  munmap(mapping, (size_t)facts.st_size);
  return status;
}
