/* SPDX-License-Identifier: Apache-2.0
 * Contexts: everything that is checked before a compiled entry is entered, and what its failure is called after. */
#include "Store.h"

#include <inttypes.h>

static const char *const featureNames[] = {"x86-64-v3", "x86-64-v4", "avx512bf16", "avx512vnni", "avxvnni"};

static bool isAligned(const void *pointer, uint64_t alignment) {
  return alignment <= 1 || (uintptr_t)pointer % alignment == 0;
}

static lathe_status_t refuse(lathe_context_t *context) {
  return lathe_context_status(context);
}

static lathe_status_t checkMachine(lathe_context_t *context, const lathe_module_t *module) {
  uint64_t missing = module->cpu_features;
  if (missing != 0)
    missing &= ~lathe_cpu_features();
  if (missing == 0)
    return (lathe_status_t){LATHE_OK, NULL};
  const char *name = "an instruction set that this runtime does not know";
  for (size_t i = 0; i < sizeof featureNames / sizeof *featureNames; ++i)
    if (missing >> i & 1) {
      name = featureNames[i];
      break;
    }
  return latheFail(context->text, LATHE_UNSUPPORTED_CPU, "%s: compiled for %s, but this machine lacks %s", module->name,
                   module->target_cpu, name);
}

/* What the least demanding body needs. */
static uint64_t smallestArena(const lathe_entry_t *entry) {
  uint64_t least = entry->bodies[0].arena_bytes;
  for (uint64_t i = 1; i < entry->body_count; ++i)
    if (entry->bodies[i].arena_bytes < least)
      least = entry->bodies[i].arena_bytes;
  return least;
}

static lathe_status_t prepare(lathe_context_t *context, const lathe_module_t *module, uint64_t index,
                              uint64_t signature, void *arena, uint64_t arenaBytes) {
  if (module == NULL)
    return latheFail(context->text, LATHE_ABI_MISMATCH, "the object cannot speak ABI version %u", LATHE_ABI_VERSION);
  if (module->abi_version != LATHE_ABI_VERSION)
    return latheFail(context->text, LATHE_ABI_MISMATCH, "%s: ABI version must be %u, but the object's is %u",
                     module->name, LATHE_ABI_VERSION, module->abi_version);
  const lathe_entry_t *entry = lathe_module_entry(module, index);
  if (entry == NULL)
    return latheFail(context->text, LATHE_INVALID_ARGUMENT, "%s: entry must be less than %" PRIu64 ", but got %" PRIu64,
                     module->name, module->entry_count, index);
  if (signature != 0 && signature != lathe_entry_signature(entry))
    return latheFail(context->text, LATHE_ABI_MISMATCH, "%s: header and object are of different builds", module->name);
  lathe_status_t status = checkMachine(context, module);
  if (!lathe_ok(status))
    return status;
  uint64_t least = lathe_entry_body_count(entry) != 0 ? smallestArena(entry) : entry->arena_bytes;
  if (arenaBytes < least)
    return latheFail(context->text, LATHE_INVALID_ARGUMENT, "%s: arena must have %" PRIu64 " bytes, but got %" PRIu64,
                     module->name, least, arenaBytes);
  if (entry->arena_bytes != 0 && arena == NULL)
    return latheFail(context->text, LATHE_INVALID_ARGUMENT, "%s: arena is null", module->name);
  if (entry->arena_bytes != 0 && !isAligned(arena, entry->arena_alignment))
    return latheFail(context->text, LATHE_INVALID_ARGUMENT,
                     "%s: arena must be aligned to %" PRIu64 " bytes, but got %p", module->name, entry->arena_alignment,
                     arena);
  context->module = module;
  context->entry = entry;
  context->arena = arena;
  context->arena_bytes = arenaBytes;
  context->weights = module->weights;
  return status;
}

lathe_status_t lathe_context_init(lathe_context_t *context, const lathe_module_t *module, uint64_t entry_index,
                                  uint64_t signature, void *arena, uint64_t arena_bytes) {
  memset(context, 0, sizeof *context);
  lathe_status_t status = prepare(context, module, entry_index, signature, arena, arena_bytes);
  context->code = status.code;
  return status;
}

lathe_status_t lathe_context_status(const lathe_context_t *context) {
  if (context->code != LATHE_OK)
    return (lathe_status_t){context->code, context->text};
  if (context->entry == NULL)
    return (lathe_status_t){LATHE_INVALID_ARGUMENT, "the context was not initialised"};
  return (lathe_status_t){LATHE_OK, NULL};
}

static bool isUsable(const lathe_context_t *context) {
  return context->code == LATHE_OK && context->entry != NULL;
}

lathe_status_t lathe_context_set_executor(lathe_context_t *context, const lathe_executor_t *executor) {
  if (!isUsable(context))
    return refuse(context);
  if (executor == NULL) {
    memset(&context->executor, 0, sizeof context->executor);
    return (lathe_status_t){LATHE_OK, NULL};
  }
  if (executor->struct_size < sizeof *executor)
    return latheFail(context->text, LATHE_INVALID_ARGUMENT, "%s: executor must have struct_size %zu, but got %u",
                     context->module->name, sizeof *executor, executor->struct_size);
  if (executor->concurrency == NULL || executor->parallel == NULL)
    return latheFail(context->text, LATHE_INVALID_ARGUMENT, "%s: executor must have %s, but it is null",
                     context->module->name, executor->concurrency == NULL ? "concurrency" : "parallel");
  context->executor = *executor;
  return (lathe_status_t){LATHE_OK, NULL};
}

lathe_status_t lathe_context_set_weights(lathe_context_t *context, const lathe_weights_t *weights) {
  if (!isUsable(context))
    return refuse(context);
  const lathe_module_t *module = context->module;
  if (weights == NULL || weights->data == NULL)
    return latheFail(context->text, LATHE_INVALID_ARGUMENT, "%s: weights are null", module->name);
  if (weights->bytes != module->weight_bytes || weights->hash != module->weight_hash)
    return latheFail(context->text, LATHE_WEIGHTS_MISMATCH,
                     "%s: weights must have hash %016" PRIx64 ", but got %016" PRIx64, module->name,
                     module->weight_hash, weights->hash);
  context->weights = weights->data;
  return (lathe_status_t){LATHE_OK, NULL};
}

lathe_status_t lathe_context_set_store(lathe_context_t *context, const lathe_store_t *store) {
  if (!isUsable(context))
    return refuse(context);
  for (uint64_t i = 0; store != NULL && i < store->module_count; ++i)
    if (store->bindings[i].module == context->module) {
      context->store = &store->bindings[i];
      return (lathe_status_t){LATHE_OK, NULL};
    }
  return latheFail(context->text, LATHE_INVALID_ARGUMENT, "%s: %s", context->module->name,
                   store == NULL ? "store is null" : "the store was made for other models");
}

/* The largest body that takes at most `items`, of all of them where a batch cannot be run in parts, and fits into the
 * arena; null: none. */
static const lathe_body_t *findBody(const lathe_context_t *context, uint64_t items) {
  const lathe_entry_t *entry = context->entry;
  bool inParts = (entry->flags & LATHE_ANY_BATCH) != 0;
  for (uint64_t i = entry->body_count; i-- > 0;) {
    const lathe_body_t *body = &entry->bodies[i];
    if ((inParts ? body->items <= items : body->items == items) && body->arena_bytes <= context->arena_bytes)
      return body;
  }
  return NULL;
}

/* "1, 8 or 64" */
static void listSizes(const lathe_entry_t *entry, char *text, size_t bytes) {
  size_t used = 0;
  text[0] = 0;
  for (uint64_t i = 0; i < entry->body_count && used + 32 < bytes; ++i) {
    const char *between = i == 0 ? "" : i + 1 == entry->body_count ? " or " : ", ";
    used += (size_t)snprintf(text + used, bytes - used, "%s%" PRIu64, between, entry->bodies[i].items);
  }
}

lathe_status_t lathe_context_set_batch(lathe_context_t *context, uint64_t batch) {
  if (!isUsable(context))
    return refuse(context);
  const char *name = context->module->name;
  const lathe_entry_t *entry = context->entry;
  if (lathe_entry_body_count(entry) == 0)
    return latheFail(context->text, LATHE_INVALID_ARGUMENT, "%s: entry '%s' takes no batches", name, entry->name);
  char sizes[LATHE_TEXT_BYTES / 2];
  listSizes(entry, sizes, sizeof sizes);
  bool inParts = (entry->flags & LATHE_ANY_BATCH) != 0, isMade = inParts && batch != 0;
  for (uint64_t i = 0; i < entry->body_count; ++i)
    isMade = isMade || entry->bodies[i].items == batch;
  if (!isMade)
    return latheFail(context->text, LATHE_INVALID_ARGUMENT, "%s: batch must be %s, but got %" PRIu64, name,
                     inParts ? "at least 1" : sizes, batch);
  if (findBody(context, inParts ? 1 : batch) == NULL)
    return latheFail(context->text, LATHE_INVALID_ARGUMENT,
                     "%s: arena must have %" PRIu64 " bytes for a batch of %" PRIu64 ", but got %" PRIu64, name,
                     lathe_entry_arena_bytes(entry, inParts ? 1 : batch), batch, context->arena_bytes);
  context->batch = batch;
  return (lathe_status_t){LATHE_OK, NULL};
}

lathe_status_t lathe_context_check_index(lathe_context_t *context, const char *what, uint64_t index, uint64_t count) {
  if (!isUsable(context))
    return refuse(context);
  if (index < count)
    return (lathe_status_t){LATHE_OK, NULL};
  return latheFail(context->text, LATHE_INVALID_ARGUMENT, "%s: %s must be less than %" PRIu64 ", but got %" PRIu64,
                   context->module->name, what, count, index);
}

lathe_status_t lathe_context_check_count(lathe_context_t *context, const char *tensor, uint64_t got, uint64_t need) {
  if (!isUsable(context))
    return refuse(context);
  if (got == need)
    return (lathe_status_t){LATHE_OK, NULL};
  return latheFail(context->text, LATHE_INVALID_ARGUMENT, "%s: %s must have %" PRIu64 " elements, but got %" PRIu64,
                   context->module->name, tensor, need, got);
}

/* Names the first of `count` pointers that is null or misaligned. A tensor of no bytes needs no memory. */
static lathe_status_t checkTensors(lathe_context_t *context, const char *what, const lathe_tensor_info_t *infos,
                                   uint32_t count, const void *const *pointers) {
  for (uint32_t i = 0; i < count; ++i) {
    const lathe_tensor_info_t *info = lathe_tensor_info_at(infos, i);
    if (pointers[i] == NULL && info->bytes != 0)
      return latheFail(context->text, LATHE_INVALID_ARGUMENT, "%s: %s %u '%s' is not set", context->module->name, what,
                       i, info->name);
    if (!isAligned(pointers[i], info->alignment))
      return latheFail(context->text, LATHE_INVALID_ARGUMENT, "%s: %s %u '%s' must be aligned to %u bytes, but got %p",
                       context->module->name, what, i, info->name, info->alignment, pointers[i]);
  }
  return (lathe_status_t){LATHE_OK, NULL};
}

static lathe_status_t checkVariables(lathe_context_t *context) {
  uint32_t count = lathe_entry_variable_count(context->entry);
  if (count != 0 && context->store == NULL)
    return latheFail(context->text, LATHE_INVALID_ARGUMENT, "%s: store is not set", context->module->name);
  for (uint32_t i = 0; i < count; ++i) {
    const lathe_variable_use_t *use = &context->entry->variables[i];
    if ((use->flags & LATHE_READS) != 0 && !context->store->variables[use->index]->hasValue)
      return latheFail(context->text, LATHE_INVALID_ARGUMENT, "%s: variable '%s' has no value yet",
                       context->module->name, use->variable->tensor->name);
  }
  return (lathe_status_t){LATHE_OK, NULL};
}

/* Variables that have a value now. One that has one already is not touched: runs that only read may share a store. */
static void noteWritten(const lathe_context_t *context) {
  for (uint32_t i = 0; i < lathe_entry_variable_count(context->entry); ++i) {
    const lathe_variable_use_t *use = &context->entry->variables[i];
    if ((use->flags & LATHE_WRITES) != 0)
      context->store->variables[use->index]->hasValue = true;
  }
}

/* The failure in the graph's terms: the node of the launch, and how many others it stands for. */
static lathe_status_t describeFailure(lathe_context_t *context, lathe_status_code_t code, int32_t launch) {
  const char *reason = lathe_status_text((lathe_status_t){code, NULL});
  const lathe_entry_t *entry = context->entry;
  if (launch < 0 || (uint32_t)launch >= entry->launch_count)
    return latheFail(context->text, code, "%s: %s", context->module->name, reason);
  const char *nodes = entry->launches[launch].nodes;
  int length = (int)strcspn(nodes, "\n");
  uint32_t others = 0;
  for (const char *c = nodes; *c != 0; ++c)
    others += *c == '\n' && c[1] != 0;
  if (others == 0)
    return latheFail(context->text, code, "%s: node '%.*s': %s", context->module->name, length, nodes, reason);
  return latheFail(context->text, code, "%s: node '%.*s' (fused with %u more): %s", context->module->name, length,
                   nodes, others, reason);
}

/* Runs all items in parts, each as large as the bodies and the arena allow. */
static lathe_status_code_t runBatch(const lathe_context_t *context, lathe_call_t *call) {
  while (call->first_item < context->batch) {
    const lathe_body_t *body = findBody(context, context->batch - call->first_item);
    lathe_status_code_t code = body->run(call);
    if (code != LATHE_OK)
      return code;
    call->first_item += body->items;
  }
  return LATHE_OK;
}

/* Appends the place as an index a dimension. */
static size_t writePlace(const lathe_check_info_t *check, int64_t place, char *out, size_t room) {
  size_t length = 0;
  int64_t below = 1; /* elements of the dimensions behind */
  for (uint32_t i = 0; i < check->rank; ++i)
    below *= check->shape[i];
  for (uint32_t i = 0; i < check->rank && length < room; ++i) {
    below /= check->shape[i];
    length += (size_t)snprintf(out + length, room - length, "%s%" PRId64, i != 0 ? "," : "", place / below);
    place %= below;
  }
  return length < room ? length : room - 1;
}

/* A demand that a node made and that does not hold. */
static lathe_status_t describeCheck(lathe_context_t *context, const lathe_call_t *call) {
  const lathe_check_info_t *check = call->failed_check;
  char text[LATHE_TEXT_BYTES];
  size_t length = 0;
  for (const char *c = check->text; *c != 0 && length + 1 < sizeof text; ++c) {
    size_t room = sizeof text - length;
    if (check->details != 0 && c[0] == '%' && c[1] == 'p') {
      length += writePlace(check, call->check_place, text + length, room);
      ++c;
    } else if (check->details != 0 && c[0] == '%' && c[1] == 'v') {
      int written = snprintf(text + length, room, "%" PRId64, call->check_value);
      length += (size_t)written < room ? (size_t)written : room - 1;
      ++c;
    } else {
      text[length++] = *c;
    }
  }
  text[length] = 0;
  return latheFail(context->text, LATHE_COMPUTATION_ERROR, "%s: node '%s' (%s): %s", context->module->name, check->node,
                   check->operation, text);
}

lathe_status_t lathe_context_run(lathe_context_t *context, const void *const *arguments, void *const *results) {
  if (!isUsable(context))
    return refuse(context);
  const lathe_entry_t *entry = context->entry;
  lathe_status_t status = checkTensors(context, "argument", entry->arguments, entry->argument_count, arguments);
  if (!lathe_ok(status))
    return status;
  status = checkTensors(context, "result", entry->results, entry->result_count, (const void *const *)results);
  if (!lathe_ok(status))
    return status;
  if (context->weights == NULL && context->module->weight_bytes != 0)
    return latheFail(context->text, LATHE_INVALID_ARGUMENT, "%s: weights are not set", context->module->name);
  if (lathe_entry_body_count(entry) != 0 && context->batch == 0)
    return latheFail(context->text, LATHE_INVALID_ARGUMENT, "%s: batch is not set", context->module->name);
  status = checkVariables(context);
  if (!lathe_ok(status))
    return status;

  const lathe_executor_t *executor = context->executor.struct_size != 0 ? &context->executor : NULL;
  int32_t concurrency = executor != NULL ? executor->concurrency(executor->self) : 1;
  lathe_call_t call = {sizeof(lathe_call_t),
                       -1,
                       arguments,
                       results,
                       context->arena,
                       context->weights,
                       executor,
                       concurrency > 1 ? concurrency : 1,
                       0,
                       context->store != NULL ? context->store->data : NULL,
                       NULL,
                       0,
                       0,
                       0};
  lathe_status_code_t code = lathe_entry_body_count(entry) != 0 ? runBatch(context, &call) : entry->run(&call);
  if (code == LATHE_OK) {
    noteWritten(context);
    return status;
  }
  if (code == LATHE_COMPUTATION_ERROR && call.failed_check != NULL)
    return describeCheck(context, &call);
  return describeFailure(context, code, call.failed_launch);
}
