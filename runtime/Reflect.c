/* SPDX-License-Identifier: Apache-2.0
 * Status texts, and what an application can ask of a module at run time: entries, tensors, types, DLPack views. */
#include <lathe/runtime.h>

const char *lathe_status_text(lathe_status_t status) {
  if (status.text != NULL)
    return status.text;
  switch (status.code) {
  case LATHE_OK:
    return "ok";
  case LATHE_INVALID_ARGUMENT:
    return "invalid argument";
  case LATHE_UNSUPPORTED_CPU:
    return "the machine lacks instructions that the object was compiled for";
  case LATHE_ABI_MISMATCH:
    return "object and runtime speak different ABI versions";
  case LATHE_WEIGHTS_MISMATCH:
    return "the weights file does not belong to the object";
  case LATHE_CANCELLED:
    return "cancelled";
  case LATHE_COMPUTATION_ERROR:
    return "a node's computation failed";
  case LATHE_OUT_OF_MEMORY:
    return "out of memory";
  case LATHE_IO_ERROR:
    return "a file cannot be read";
  }
  return "unknown status code";
}

const lathe_entry_t *lathe_module_entry(const lathe_module_t *module, uint64_t index) {
  if (index >= module->entry_count)
    return NULL;
  return (const lathe_entry_t *)((const char *)module->entries + index * module->entries->struct_size);
}

const lathe_entry_t *lathe_module_find_entry(const lathe_module_t *module, const char *name) {
  for (uint64_t i = 0; i < module->entry_count; ++i) {
    const lathe_entry_t *entry = lathe_module_entry(module, i);
    if (strcmp(entry->name, name) == 0)
      return entry;
  }
  return NULL;
}

const lathe_tensor_info_t *lathe_entry_argument(const lathe_entry_t *entry, uint64_t index) {
  return index < entry->argument_count ? lathe_tensor_info_at(entry->arguments, index) : NULL;
}

const lathe_tensor_info_t *lathe_entry_result(const lathe_entry_t *entry, uint64_t index) {
  return index < entry->result_count ? lathe_tensor_info_at(entry->results, index) : NULL;
}

uint64_t lathe_entry_arena_bytes(const lathe_entry_t *entry, uint64_t batch) {
  uint64_t count = lathe_entry_body_count(entry), most = 0;
  if (count == 0)
    return entry->arena_bytes;
  bool inParts = (entry->flags & LATHE_ANY_BATCH) != 0;
  for (uint64_t i = 0; i < count && entry->bodies[i].items <= batch; ++i)
    if ((inParts || entry->bodies[i].items == batch) && entry->bodies[i].arena_bytes > most)
      most = entry->bodies[i].arena_bytes;
  return most;
}

static bool isNamed(const lathe_tensor_info_t *info, const char *name) {
  size_t length = strlen(name);
  return strncmp(info->name, name, length) == 0 && (info->name[length] == 0 || strcmp(info->name + length, ":0") == 0);
}

static int64_t findTensor(const lathe_tensor_info_t *first, uint32_t count, const char *name) {
  for (uint32_t i = 0; i < count; ++i)
    if (isNamed(lathe_tensor_info_at(first, i), name))
      return i;
  return -1;
}

int64_t lathe_entry_find_argument(const lathe_entry_t *entry, const char *name) {
  return findTensor(entry->arguments, entry->argument_count, name);
}

int64_t lathe_entry_find_result(const lathe_entry_t *entry, const char *name) {
  return findTensor(entry->results, entry->result_count, name);
}

const char *lathe_dtype_name(lathe_dtype_t dtype) {
  static const struct {
    lathe_dtype_t dtype;
    const char *name;
  } names[] = {{{0, 8, 1}, "int8"},       {{0, 16, 1}, "int16"},       {{0, 32, 1}, "int32"},
               {{0, 64, 1}, "int64"},     {{1, 8, 1}, "uint8"},        {{1, 16, 1}, "uint16"},
               {{1, 32, 1}, "uint32"},    {{1, 64, 1}, "uint64"},      {{2, 16, 1}, "float16"},
               {{2, 32, 1}, "float32"},   {{2, 64, 1}, "float64"},     {{4, 16, 1}, "bfloat16"},
               {{5, 64, 1}, "complex64"}, {{5, 128, 1}, "complex128"}, {{6, 8, 1}, "bool"}};
  for (size_t i = 0; i < sizeof names / sizeof *names; ++i)
    if (memcmp(&names[i].dtype, &dtype, sizeof dtype) == 0)
      return names[i].name;
  return "unknown";
}

lathe_tensor_t lathe_tensor_view(const lathe_tensor_info_t *info, void *data) {
  const int32_t cpu = 1;
  return (lathe_tensor_t){data, cpu, 0, (int32_t)info->rank, info->dtype, info->shape, NULL, 0};
}
