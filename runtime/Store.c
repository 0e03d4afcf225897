/* SPDX-License-Identifier: Apache-2.0
 * Stores: finds which variables models share, lays them out, gives them values. */
#include "Store.h"

#include <inttypes.h>
#include <stdlib.h>

enum { alignment = 64 };

static uint64_t aligned(uint64_t bytes) {
  return (bytes + (alignment - 1)) & ~(uint64_t)(alignment - 1);
}

/* ---- Keys */

LatheKey latheKey(const lathe_variable_info_t *info) {
  LatheKey key = {{info->container, "/", info->tensor->name}, {strlen(info->container), 1, strlen(info->tensor->name)}};
  if (key.lengths[0] == 0)
    key.lengths[1] = 0;
  return key;
}

LatheKey latheKeyOfText(const char *text, size_t length) {
  return (LatheKey){{"", "", text}, {0, 0, length}};
}

size_t latheKeyLength(const LatheKey *key) {
  return key->lengths[0] + key->lengths[1] + key->lengths[2];
}

static int byteAt(const LatheKey *key, size_t place) {
  for (int part = 0; part < 3; ++part) {
    if (place < key->lengths[part])
      return (unsigned char)key->parts[part][place];
    place -= key->lengths[part];
  }
  return -1;
}

int latheCompareKeys(const LatheKey *a, const LatheKey *b) {
  if (a->lengths[0] == 0 && b->lengths[0] == 0) {
    size_t common = a->lengths[2] < b->lengths[2] ? a->lengths[2] : b->lengths[2];
    int order = memcmp(a->parts[2], b->parts[2], common);
    return order != 0 ? order : (a->lengths[2] > common) - (b->lengths[2] > common);
  }
  for (size_t place = 0;; ++place) {
    int x = byteAt(a, place), y = byteAt(b, place);
    if (x != y || x < 0)
      return x - y;
  }
}

/* ---- Which variables there are */

static int compareInfos(const lathe_variable_info_t *a, const lathe_variable_info_t *b) {
  LatheKey x = latheKey(a), y = latheKey(b);
  return latheCompareKeys(&x, &y);
}

static const lathe_variable_info_t *infoOf(const lathe_module_t *module, uint64_t index) {
  return lathe_variable_info_at(module->variables, index);
}

static bool sameTensor(const lathe_tensor_info_t *a, const lathe_tensor_info_t *b) {
  return a->rank == b->rank && memcmp(&a->dtype, &b->dtype, sizeof a->dtype) == 0 &&
         (a->rank == 0 || memcmp(a->shape, b->shape, a->rank * sizeof *a->shape) == 0);
}

/* "float32[2,3]", cut where it is long. */
static const char *describe(const lathe_tensor_info_t *info, char *text, size_t bytes) {
  int used = snprintf(text, bytes, "%s[", lathe_dtype_name(info->dtype));
  for (uint32_t i = 0; i < info->rank && used < (int)bytes; ++i)
    used += snprintf(text + used, bytes - (size_t)used, "%s%" PRId64, i == 0 ? "" : ",", info->shape[i]);
  if (used < (int)bytes)
    snprintf(text + used, bytes - (size_t)used, "]");
  return text;
}

/* The sizes of a store's parts. */
typedef struct {
  uint64_t variables, pointers, values;
} Sizes;

/* Whether a module before number `module` has the variable. */
static bool isKnown(const lathe_module_t *const *modules, uint64_t module, const lathe_variable_info_t *info) {
  for (uint64_t m = 0; m < module; ++m)
    for (uint64_t v = 0; v < lathe_module_variable_count(modules[m]); ++v)
      if (compareInfos(infoOf(modules[m], v), info) == 0)
        return true;
  return false;
}

static Sizes measure(const lathe_module_t *const *modules, uint64_t count) {
  Sizes sizes = {0, 0, 0};
  for (uint64_t m = 0; m < count; ++m)
    for (uint64_t v = 0; v < lathe_module_variable_count(modules[m]); ++v) {
      ++sizes.pointers;
      if (isKnown(modules, m, infoOf(modules[m], v)))
        continue;
      ++sizes.variables;
      sizes.values += aligned(infoOf(modules[m], v)->tensor->bytes);
    }
  return sizes;
}

static uint64_t bytesOf(Sizes sizes, uint64_t modules) {
  return aligned(sizes.variables * sizeof(struct lathe_store_slot)) +
         aligned(modules * sizeof(struct lathe_store_binding)) + aligned(sizes.pointers * 2 * sizeof(void *)) +
         sizes.values;
}

uint64_t lathe_store_size(const lathe_module_t *const *modules, uint64_t count) {
  for (uint64_t m = 0; m < count; ++m)
    if (modules[m] == NULL)
      return 0;
  /* At least one byte: 0 says that something is wrong. */
  uint64_t bytes = bytesOf(measure(modules, count), count);
  return bytes != 0 ? bytes : alignment;
}

/* ---- Making */

/* Where the variable of that key is, or would be. */
static uint64_t placeOf(const lathe_store_t *store, const LatheKey *key) {
  uint64_t first = 0, end = store->variable_count;
  while (first < end) {
    uint64_t middle = first + (end - first) / 2;
    LatheKey there = latheKey(store->variables[middle].info);
    if (latheCompareKeys(&there, key) < 0)
      first = middle + 1;
    else
      end = middle;
  }
  return first;
}

struct lathe_store_slot *latheFindVariable(const lathe_store_t *store, const LatheKey *key) {
  uint64_t place = placeOf(store, key);
  if (place == store->variable_count)
    return NULL;
  LatheKey there = latheKey(store->variables[place].info);
  return latheCompareKeys(&there, key) == 0 ? &store->variables[place] : NULL;
}

static const void *initialValue(const lathe_module_t *module, const lathe_variable_info_t *info) {
  return info->initial == LATHE_NO_VALUE ? NULL : (const char *)module->weights + info->initial;
}

/* Adds the variable where it is new; else checks that it is the same. The first model's initial value counts, or else
 * that of the first which has one. */
static lathe_status_t addVariable(lathe_store_t *store, const lathe_module_t *module,
                                  const lathe_variable_info_t *info) {
  const char *name = info->tensor->name;
  if (info->initial != LATHE_NO_VALUE && module->weights == NULL)
    return latheFail(store->text, LATHE_INVALID_ARGUMENT,
                     "%s: initial values lie in a weights file, from which a store cannot be made", module->name);
  LatheKey key = latheKey(info);
  struct lathe_store_slot *known = latheFindVariable(store, &key);
  if (known != NULL) {
    char there[64], here[64];
    if (strcmp(known->info->container, info->container) != 0)
      return latheFail(store->text, LATHE_INVALID_ARGUMENT, "variable '%s' of containers '%s' and '%s' has one key",
                       name, known->info->container, info->container);
    if (!sameTensor(known->info->tensor, info->tensor))
      return latheFail(store->text, LATHE_INVALID_ARGUMENT, "%s: variable '%s' must be %s, but is %s", module->name,
                       name, describe(known->info->tensor, there, sizeof there),
                       describe(info->tensor, here, sizeof here));
    if (known->initial == NULL)
      known->initial = initialValue(module, info);
    return (lathe_status_t){LATHE_OK, NULL};
  }
  uint64_t place = placeOf(store, &key);
  memmove(&store->variables[place + 1], &store->variables[place],
          (store->variable_count - place) * sizeof *store->variables);
  store->variables[place] = (struct lathe_store_slot){.info = info, .initial = initialValue(module, info)};
  ++store->variable_count;
  return (lathe_status_t){LATHE_OK, NULL};
}

static void bind(lathe_store_t *store, const lathe_module_t *const *modules, void **pointers, uint64_t pointerCount) {
  void **next = pointers;
  struct lathe_store_slot **nextVariable = (struct lathe_store_slot **)(pointers + pointerCount);
  for (uint64_t m = 0; m < store->module_count; ++m) {
    store->bindings[m] = (struct lathe_store_binding){modules[m], next, nextVariable};
    for (uint64_t v = 0; v < lathe_module_variable_count(modules[m]); ++v) {
      LatheKey key = latheKey(infoOf(modules[m], v));
      *nextVariable = latheFindVariable(store, &key);
      *next++ = (*nextVariable++)->data;
    }
  }
}

lathe_status_t lathe_store_init(lathe_store_t *store, const lathe_module_t *const *modules, uint64_t count,
                                void *memory, uint64_t bytes) {
  memset(store, 0, sizeof *store);
  store->struct_size = sizeof *store;
  for (uint64_t m = 0; m < count; ++m) {
    if (modules[m] == NULL)
      return latheFail(store->text, LATHE_INVALID_ARGUMENT, "module %" PRIu64 " is null", m);
    if (modules[m]->abi_version != LATHE_ABI_VERSION)
      return latheFail(store->text, LATHE_ABI_MISMATCH, "%s: ABI version must be %u, but the object's is %u",
                       modules[m]->name, LATHE_ABI_VERSION, modules[m]->abi_version);
  }
  Sizes sizes = measure(modules, count);
  uint64_t needed = bytesOf(sizes, count);
  if (bytes < needed || (needed != 0 && memory == NULL))
    return latheFail(store->text, LATHE_INVALID_ARGUMENT, "store must have %" PRIu64 " bytes, but got %" PRIu64, needed,
                     memory == NULL ? 0 : bytes);
  if ((uintptr_t)memory % alignment != 0)
    return latheFail(store->text, LATHE_INVALID_ARGUMENT, "store must be aligned to %d bytes, but got %p", alignment,
                     memory);
  char *next = memory;
  store->variables = (struct lathe_store_slot *)next;
  next += aligned(sizes.variables * sizeof *store->variables);
  struct lathe_store_binding *bindings = (struct lathe_store_binding *)next;
  next += aligned(count * sizeof *bindings);
  void **pointers = (void **)next;
  next += aligned(sizes.pointers * 2 * sizeof(void *));
  for (uint64_t m = 0; m < count; ++m)
    for (uint64_t v = 0; v < lathe_module_variable_count(modules[m]); ++v) {
      lathe_status_t status = addVariable(store, modules[m], infoOf(modules[m], v));
      if (!lathe_ok(status)) {
        store->variable_count = 0;
        return status;
      }
    }
  for (uint64_t v = 0; v < store->variable_count; ++v) {
    store->variables[v].data = next;
    next += aligned(store->variables[v].info->tensor->bytes);
  }
  store->bindings = bindings;
  store->module_count = count;
  bind(store, modules, pointers, sizes.pointers);
  return lathe_store_reset(store);
}

lathe_status_t lathe_store_create(lathe_store_t *store, const lathe_module_t *const *modules, uint64_t count) {
  uint64_t bytes = lathe_store_size(modules, count);
  void *memory = bytes != 0 && bytes <= SIZE_MAX - alignment ? aligned_alloc(alignment, aligned(bytes)) : NULL;
  if (bytes != 0 && memory == NULL) {
    memset(store, 0, sizeof *store);
    return latheFail(store->text, LATHE_OUT_OF_MEMORY, "no memory for a store of %" PRIu64 " bytes", bytes);
  }
  lathe_status_t status = lathe_store_init(store, modules, count, memory, bytes);
  if (lathe_ok(status))
    store->allocated = memory;
  else
    free(memory);
  return status;
}

void lathe_store_destroy(lathe_store_t *store) {
  free(store->allocated);
  memset(store, 0, sizeof *store);
}

/* ---- Values */

lathe_status_t lathe_store_reset(lathe_store_t *store) {
  for (uint64_t i = 0; i < store->variable_count; ++i) {
    struct lathe_store_slot *variable = &store->variables[i];
    uint64_t bytes = variable->info->tensor->bytes;
    variable->hasValue = variable->initial != NULL;
    if (bytes != 0 && variable->initial != NULL)
      memcpy(variable->data, variable->initial, bytes);
    else if (bytes != 0)
      memset(variable->data, 0, bytes);
  }
  return (lathe_status_t){LATHE_OK, NULL};
}

const lathe_variable_info_t *lathe_store_variable(const lathe_store_t *store, uint64_t index) {
  return index < store->variable_count ? store->variables[index].info : NULL;
}

static struct lathe_store_slot *find(lathe_store_t *store, const char *name, lathe_status_t *status) {
  LatheKey key = latheKeyOfText(name, strlen(name));
  struct lathe_store_slot *variable = latheFindVariable(store, &key);
  if (variable == NULL)
    *status = latheFail(store->text, LATHE_INVALID_ARGUMENT, "the store has no variable '%s'", name);
  return variable;
}

lathe_status_t lathe_store_view(lathe_store_t *store, const char *name, lathe_tensor_t *out) {
  lathe_status_t status = {LATHE_OK, NULL};
  struct lathe_store_slot *variable = find(store, name, &status);
  if (variable == NULL)
    return status;
  if (!variable->hasValue)
    return latheFail(store->text, LATHE_INVALID_ARGUMENT, "variable '%s' has no value yet", name);
  *out = lathe_tensor_view(variable->info->tensor, variable->data);
  return status;
}

/* Whether the tensor's elements follow each other in row-major order. */
static bool isDense(const lathe_tensor_t *tensor) {
  int64_t expected = 1;
  for (int32_t i = tensor->ndim - 1; tensor->strides != NULL && i >= 0; --i) {
    if (tensor->shape[i] > 1 && tensor->strides[i] != expected)
      return false;
    expected *= tensor->shape[i];
  }
  return true;
}

lathe_status_t lathe_store_write(lathe_store_t *store, const char *name, const lathe_tensor_t *value) {
  lathe_status_t status = {LATHE_OK, NULL};
  struct lathe_store_slot *variable = find(store, name, &status);
  if (variable == NULL)
    return status;
  const lathe_tensor_info_t *info = variable->info->tensor;
  lathe_tensor_info_t given = {
      .rank = (uint32_t)value->ndim, .name = name, .shape = value->shape, .dtype = value->dtype};
  if (!sameTensor(info, &given)) {
    char there[64], here[64];
    return latheFail(store->text, LATHE_INVALID_ARGUMENT, "variable '%s' must be %s, but got %s", name,
                     describe(info, there, sizeof there), describe(&given, here, sizeof here));
  }
  if (value->device_type != 1 || !isDense(value) || (value->data == NULL && info->bytes != 0))
    return latheFail(store->text, LATHE_INVALID_ARGUMENT, "value of variable '%s' must be dense and in memory", name);
  if (info->bytes != 0)
    memmove(variable->data, (const char *)value->data + value->byte_offset, info->bytes);
  variable->hasValue = true;
  return status;
}

uint32_t latheTensorFlowType(lathe_dtype_t dtype) {
  static const struct {
    uint8_t code, bits, type;
  } types[] = {{2, 32, 1}, {2, 64, 2},  {0, 32, 3},  {1, 8, 4},    {0, 16, 5},  {0, 8, 6},   {5, 64, 8}, {0, 64, 9},
               {6, 8, 10}, {4, 16, 14}, {1, 16, 17}, {5, 128, 18}, {2, 16, 19}, {1, 32, 22}, {1, 64, 23}};
  for (size_t i = 0; i < sizeof types / sizeof *types; ++i)
    if (types[i].code == dtype.code && types[i].bits == dtype.bits)
      return types[i].type;
  return 0;
}
