/* SPDX-License-Identifier: Apache-2.0
 * What an application that embeds a compiled model uses: statuses, threads, weights files, reflection, and the
 * functions behind the generated headers. C11, also valid C++17. No function aborts, prints, reads the environment or
 * keeps global state; only lathe_pool_create and lathe_store_create allocate, and say so. Functions may be called from
 * any thread; one context, pool handle or weights handle must not be changed by two threads at once. */
#ifndef LATHE_RUNTIME_H
#define LATHE_RUNTIME_H

#include <lathe/abi.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
#include <cstddef>
extern "C" {
#endif

/* ---- Status ---------------------------------------------------------------------------------------------------- */

/* Bytes of the text buffers in contexts and weights handles; longer texts are cut and end in "...". */
#define LATHE_TEXT_BYTES 256

/* What every call that can fail returns. `text` lies in the object that the call was made on and is valid until the
 * next call on it, or null. Read it through lathe_status_text. */
typedef struct lathe_status {
  lathe_status_code_t code;
  const char *text;
} lathe_status_t;

static inline bool lathe_ok(lathe_status_t status) {
  return status.code == LATHE_OK;
}

/* What went wrong, naming the model, argument or graph node; never null. */
const char *lathe_status_text(lathe_status_t status);

/* ---- Threads --------------------------------------------------------------------------------------------------- */

/* A fork-join pool. Workers spin for about 0.1 ms after work, then sleep. Part i always goes to the same thread, part 0
 * to the calling one, which also takes over the parts of a thread that does not begin in time. */
typedef struct lathe_pool lathe_pool_t;

/* Starts threads - 1 workers: the calling thread of each run takes a part. Allocates. Returns null where `threads` is
 * not in [1, 1024], or memory or threads are exhausted. */
lathe_pool_t *lathe_pool_create(int32_t threads);

/* Ends the workers and frees the pool. Nothing may be running on it. Null does nothing. */
void lathe_pool_destroy(lathe_pool_t *pool);

/* An executor on the pool; valid as long as the pool is. Several threads may run on one pool: who finds it busy works
 * through its parts alone. To be able to cancel, put an executor of your own around it, or set `cancelled`, which gets
 * the pool as `self`. */
lathe_executor_t lathe_pool_executor(lathe_pool_t *pool);

/* ---- Weights files --------------------------------------------------------------------------------------------- */

/* A weights file that belongs to a module. The caller owns the struct; the fields are read-only for it. */
typedef struct lathe_weights {
  uint32_t struct_size;
  uint32_t reserved;
  const void *data; /* aligned to 64 bytes */
  uint64_t bytes;
  uint64_t hash;
  void *mapping; /* null where the application holds the file in memory itself */
  uint64_t mapping_bytes;
  char text[LATHE_TEXT_BYTES];
} lathe_weights_t;

/* Maps the file, read-only and shared, and checks that its header belongs to the module: LATHE_WEIGHTS_MISMATCH where
 * it does not, LATHE_IO_ERROR where it cannot be read. The data are not read; see lathe_weights_verify. */
lathe_status_t lathe_weights_map(const char *path, const lathe_module_t *module, lathe_weights_t *out);

/* The same for a file that is in memory already, at an address that is a multiple of 64. Nothing is copied. */
lathe_status_t lathe_weights_from_memory(const void *file, uint64_t file_bytes, const lathe_module_t *module,
                                         lathe_weights_t *out);

/* Reads all data and compares their hash: LATHE_WEIGHTS_MISMATCH where the file is damaged. */
lathe_status_t lathe_weights_verify(lathe_weights_t *weights);

/* Undoes lathe_weights_map. No context may use the weights any more. */
void lathe_weights_unmap(lathe_weights_t *weights);

/* ---- Reflection ------------------------------------------------------------------------------------------------ */

/* Null where the index is out of range or the name is not there. A tensor's name is the graph's; "x" finds "x:0". */
const lathe_entry_t *lathe_module_entry(const lathe_module_t *module, uint64_t index);
const lathe_entry_t *lathe_module_find_entry(const lathe_module_t *module, const char *name);
const lathe_tensor_info_t *lathe_entry_argument(const lathe_entry_t *entry, uint64_t index);
const lathe_tensor_info_t *lathe_entry_result(const lathe_entry_t *entry, uint64_t index);

/* The position of the named argument or result, or -1. */
int64_t lathe_entry_find_argument(const lathe_entry_t *entry, const char *name);
int64_t lathe_entry_find_result(const lathe_entry_t *entry, const char *name);

/* The bytes of arena that a batch of `batch` items takes at full speed: those of the largest body with at most as many
 * items, or with just as many where a batch cannot be run in parts. An entry without bodies takes no batches: its
 * arena_bytes. */
uint64_t lathe_entry_arena_bytes(const lathe_entry_t *entry, uint64_t batch);

/* "float32", "int8", "bool", ...; "unknown" for a type that has no name. */
const char *lathe_dtype_name(lathe_dtype_t dtype);

/* A tensor as DLPack's DLTensor lays it out: cast a pointer to it to DLTensor *. */
typedef struct lathe_tensor {
  void *data;
  int32_t device_type; /* 1: CPU */
  int32_t device_id;
  int32_t ndim;
  lathe_dtype_t dtype;
  const int64_t *shape;   /* the module's; not to be written */
  const int64_t *strides; /* null: dense and row-major */
  uint64_t byte_offset;
} lathe_tensor_t;

LATHE_STATIC_ASSERT(sizeof(lathe_tensor_t) == 48 && offsetof(lathe_tensor_t, device_type) == 8 &&
                        offsetof(lathe_tensor_t, ndim) == 16 && offsetof(lathe_tensor_t, dtype) == 20 &&
                        offsetof(lathe_tensor_t, shape) == 24 && offsetof(lathe_tensor_t, strides) == 32 &&
                        offsetof(lathe_tensor_t, byte_offset) == 40,
                    "lathe_tensor_t must be laid out as DLTensor");

/* A view of `data`, which must hold info->bytes bytes. Valid as long as both are. Of a tensor with LATHE_PER_ITEM it is
 * the view of one item; of a batch, all dimensions but the first are the same. */
lathe_tensor_t lathe_tensor_view(const lathe_tensor_info_t *info, void *data);

/* ---- Stores: variables that keep their values from run to run ---------------------------------------------------- */

/* The variables of one model or several. Models share those that they name alike: one container, name, type and shape.
 * A variable is called by its name, or "container/name" where it has a container. The caller owns the struct, which
 * nothing points to; the fields are not for it. While a run writes variables, nothing else may use the store. */
typedef struct lathe_store {
  uint32_t struct_size;
  uint32_t reserved;
  uint64_t module_count;
  uint64_t variable_count;
  struct lathe_store_slot *variables;   /* by name */
  struct lathe_store_binding *bindings; /* one a module */
  void *allocated;                      /* by lathe_store_create */
  char text[LATHE_TEXT_BYTES];
} lathe_store_t;

/* The bytes that a store for these modules needs; 0 where lathe_store_init would refuse them. */
uint64_t lathe_store_size(const lathe_module_t *const *modules, uint64_t count);

/* Makes a store in `memory`, lathe_store_size() bytes that are aligned to 64 and used until the store is no more, with
 * the variables at their initial values. LATHE_INVALID_ARGUMENT where two modules give one variable different types or
 * shapes. */
lathe_status_t lathe_store_init(lathe_store_t *store, const lathe_module_t *const *modules, uint64_t count,
                                void *memory, uint64_t bytes);

/* The same in memory that it allocates, until lathe_store_destroy. */
lathe_status_t lathe_store_create(lathe_store_t *store, const lathe_module_t *const *modules, uint64_t count);

/* Frees what lathe_store_create allocated. No context may use the store any more. */
void lathe_store_destroy(lathe_store_t *store);

/* Gives each variable its initial value, or none where the model has none. */
lathe_status_t lathe_store_reset(lathe_store_t *store);

/* The variable `index`, in ascending order of names; null where there is none. */
const lathe_variable_info_t *lathe_store_variable(const lathe_store_t *store, uint64_t index);

/* A view of a variable, valid as long as the store: what it points to may be read and written between runs. Fails where
 * there is no such variable, or where it has no value. */
lathe_status_t lathe_store_view(lathe_store_t *store, const char *name, lathe_tensor_t *out);

/* Gives a variable a value: a dense tensor of its type and shape. */
lathe_status_t lathe_store_write(lathe_store_t *store, const char *name, const lathe_tensor_t *value);

/* Writes all variables as a checkpoint in TensorFlow's format (TensorBundle V2): PREFIX.index and one file of data.
 * Whatever happens, the files are those of before or those of now: the data go to a name that the index in place does
 * not use, and renaming the new index is the one step that counts. Fails where a variable has no value. */
lathe_status_t lathe_store_save(lathe_store_t *store, const char *prefix);

/* Reads all variables from a checkpoint, also one that TensorFlow wrote (one that is not compressed or partitioned).
 * Checks names, types, shapes and all checksums before it changes anything. */
lathe_status_t lathe_store_restore(lathe_store_t *store, const char *prefix);

/* ---- Contexts: what the generated headers are written in --------------------------------------------------------- */

typedef struct lathe_complex64 {
  float real, imaginary;
} lathe_complex64_t;
typedef struct lathe_complex128 {
  double real, imaginary;
} lathe_complex128_t;

/* The LATHE_CPU_* bits of this machine, with the operating system's support for the registers counted in. */
uint64_t lathe_cpu_features(void);

/* One caller's use of one entry: what it runs with, and the text of its last failure. It holds no pointer to itself and
 * can be copied. Contexts of one module are independent; one context serves one thread at a time. */
typedef struct lathe_context {
  const lathe_module_t *module;
  const lathe_entry_t *entry;
  void *arena;
  uint64_t arena_bytes;
  uint64_t batch; /* items; 0: not set */
  const void *weights;
  lathe_executor_t executor;               /* struct_size 0: none, everything on the calling thread */
  const struct lathe_store_binding *store; /* null: none */
  lathe_status_code_t code;                /* what lathe_context_init returned; runs return it too */
  char text[LATHE_TEXT_BYTES];
} lathe_context_t;

/* Prepares a context for entry `entry_index`. Fails, and makes every run fail in the same way, where `module` is null
 * (the object cannot speak our ABI version) or of another ABI version; where `signature` is not the entry's (header and
 * object are of different builds; 0 is not compared); where the machine lacks instructions; where the arena is null,
 * misaligned or too small, for an entry that takes batches even for the smallest. The arena belongs to the context's runs: two contexts that run at once need two. */
lathe_status_t lathe_context_init(lathe_context_t *context, const lathe_module_t *module, uint64_t entry_index,
                                  uint64_t signature, void *arena, uint64_t arena_bytes);

/* Says how many items the arguments and results of the next runs have, of an entry that takes batches. A batch that no body
 * was made for is run in parts, with the largest bodies that fit into it and into the arena; so an arena of less than
 * lathe_entry_arena_bytes(entry, batch) serves too, more slowly, down to that of the body for a single item. Fails, and
 * changes nothing, where there is no body for it. */
lathe_status_t lathe_context_set_batch(lathe_context_t *context, uint64_t batch);

/* What lathe_context_init returned. */
lathe_status_t lathe_context_status(const lathe_context_t *context);

/* Copies the executor; null for none. Fails, and changes nothing, where it lacks a function. */
lathe_status_t lathe_context_set_executor(lathe_context_t *context, const lathe_executor_t *executor);

/* Uses a weights file; it must stay mapped. Fails where it is not the module's. */
lathe_status_t lathe_context_set_weights(lathe_context_t *context, const lathe_weights_t *weights);

/* Uses the variables in a store, which must have been made for the module, too. An entry without variables needs none.
 */
lathe_status_t lathe_context_set_store(lathe_context_t *context, const lathe_store_t *store);

/* For accessors by position: LATHE_INVALID_ARGUMENT where index >= count. `what` is "argument" or "result". */
lathe_status_t lathe_context_check_index(lathe_context_t *context, const char *what, uint64_t index, uint64_t count);

/* For accessors that know a size: LATHE_INVALID_ARGUMENT where `got` elements are not `need`. */
lathe_status_t lathe_context_check_count(lathe_context_t *context, const char *tensor, uint64_t got, uint64_t need);

/* Runs the entry. `arguments` and `results` have one pointer an argument and result, aligned as their tensor infos say;
 * a null or misaligned one is named in the status, and then nothing has run. Results must not overlap each other, the
 * arguments or the arena. LATHE_COMPUTATION_ERROR: a node refuses the values that it got; the status names it. The
 * variables are then what they were before the run, the contents of the results are unspecified, and the context can
 * run again. After any other failure the variables that the entry writes are unspecified too: who needs them saves the
 * store before. */
lathe_status_t lathe_context_run(lathe_context_t *context, const void *const *arguments, void *const *results);

#ifdef __cplusplus
} // extern "C"

namespace lathe {
/// A pointer and a number of elements (C++17 has no std::span). Made from arrays and from whatever has data() and
/// size().
template <typename T> class View {
public:
  constexpr View() noexcept = default;
  constexpr View(T *data, std::size_t size) noexcept : first(data), count(size) {}
  template <std::size_t N> constexpr View(T (&array)[N]) noexcept : first(array), count(N) {}
  template <typename Container, typename = decltype(static_cast<T *>(static_cast<Container *>(nullptr)->data())),
            typename = decltype(static_cast<Container *>(nullptr)->size())>
  constexpr View(Container &container) noexcept : first(container.data()), count(container.size()) {}
  constexpr T *data() const noexcept { return first; }
  constexpr std::size_t size() const noexcept { return count; }
  constexpr T *begin() const noexcept { return first; }
  constexpr T *end() const noexcept { return first + count; }
  constexpr T &operator[](std::size_t index) const noexcept { return first[index]; }

private:
  T *first = nullptr;
  std::size_t count = 0;
};
} // namespace lathe
#endif
#endif /* LATHE_RUNTIME_H */
