// SPDX-License-Identifier: Apache-2.0
// Runs a compiled object in this process through LLVM's linker for objects in memory.
#include "tools/lathe/Execute.h"
#include "lathe/kernels.h"
#include "llvm/ExecutionEngine/Orc/AbsoluteSymbols.h"
#include "llvm/ExecutionEngine/Orc/LLJIT.h"
#include "llvm/Support/SmallVectorMemoryBuffer.h"
#include "llvm/Support/TargetSelect.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>

using namespace lathe;
using namespace lathe::tool;

namespace {
/// What an object may import from the runtime.
#define LATHE_RUNTIME_SYMBOLS(X)                                                                                                 \
  X(lathe_launch)                                                                                                                \
  X(lathe_special_lgamma) X(lathe_special_digamma) X(lathe_special_erfc) X(lathe_special_erfinv) X(lathe_special_ndtri)          \
  X(lathe_special_igamma) X(lathe_special_igammac) X(lathe_special_zeta) X(lathe_special_polygamma) X(lathe_special_betainc)     \
  X(lathe_special_igamma_grad_a) X(lathe_special_bessel_j0) X(lathe_special_bessel_j1) X(lathe_special_bessel_y0)                \
  X(lathe_special_bessel_y1) X(lathe_special_bessel_i0) X(lathe_special_bessel_i1) X(lathe_special_bessel_i0e)                   \
  X(lathe_special_bessel_i1e) X(lathe_special_bessel_k0) X(lathe_special_bessel_k1) X(lathe_special_bessel_k0e)                  \
  X(lathe_special_bessel_k1e) X(lathe_special_dawsn) X(lathe_special_expint) X(lathe_special_fresnel_cos)                        \
  X(lathe_special_fresnel_sin) X(lathe_special_spence) X(lathe_qr_f32) X(lathe_qr_f64) X(lathe_fft_c64) X(lathe_fft_c128)        \
  X(lathe_cholesky_f32) X(lathe_cholesky_f64) X(lathe_lu_f32) X(lathe_lu_f64) X(lathe_triangular_solve_f32)                      \
  X(lathe_svd_f32) X(lathe_svd_f64) X(lathe_eigh_f32) X(lathe_eigh_f64) X(lathe_random_normal_f32) X(lathe_random_normal_f64)    \
  X(lathe_random_truncated_normal_f32) X(lathe_random_truncated_normal_f64) X(lathe_random_gamma_f64)                            \
  X(lathe_random_poisson_f64)                                                                                                    \
  X(lathe_triangular_solve_f64) X(lathe_sort_i8) X(lathe_sort_i16) X(lathe_sort_i32) X(lathe_sort_i64) X(lathe_sort_u8)          \
  X(lathe_sort_u16) X(lathe_sort_u32) X(lathe_sort_u64) X(lathe_sort_f16) X(lathe_sort_bf16) X(lathe_sort_f32) X(lathe_sort_f64)

llvm::Error errorOf(lathe_status_t status) {
  return lathe_ok(status) ? llvm::Error::success() : llvm::createStringError(lathe_status_text(status));
}

/// What the thread that runs a program with probes measures.
struct Stopwatch {
  using Clock = std::chrono::steady_clock;
  std::vector<double> *seconds = nullptr;
  Clock::time_point last;
};
thread_local Stopwatch stopwatch;

void noteLaunch(lathe_call_t *, int32_t launch) {
  auto now = Stopwatch::Clock::now();
  (*stopwatch.seconds)[launch] += std::chrono::duration<double>(now - std::exchange(stopwatch.last, now)).count();
}

llvm::Error defineRuntime(llvm::orc::LLJIT &jit) {
  llvm::orc::SymbolMap symbols;
#define LATHE_ADD(NAME)                                                                                                          \
  symbols[jit.mangleAndIntern(#NAME)] = {llvm::orc::ExecutorAddr::fromPtr(&NAME), llvm::JITSymbolFlags::Exported};
  LATHE_RUNTIME_SYMBOLS(LATHE_ADD)
#undef LATHE_ADD
  symbols[jit.mangleAndIntern("lathe_probe")] = {llvm::orc::ExecutorAddr::fromPtr(&noteLaunch), llvm::JITSymbolFlags::Exported};
  return jit.getMainJITDylib().define(llvm::orc::absoluteSymbols(std::move(symbols)));
}
} // namespace

LoadedModel::LoadedModel() = default;

LoadedModel::~LoadedModel() {
  for (void *memory : allocated)
    std::free(memory);
  lathe_store_destroy(&store);
  lathe_pool_destroy(pool);
}

void *LoadedModel::allocate(uint64_t bytes) {
  constexpr size_t alignment = 64;
  void *memory = std::aligned_alloc(alignment, (bytes + alignment) / alignment * alignment);
  if (memory)
    std::memset(memory, 0, bytes);
  allocated.push_back(memory);
  return memory;
}

llvm::Expected<std::unique_ptr<LoadedModel>> LoadedModel::load(const CompiledModel &model, int32_t threads) {
  llvm::InitializeNativeTarget();
  llvm::InitializeNativeTargetAsmPrinter();
  std::unique_ptr<LoadedModel> loaded(new LoadedModel);
  auto jit = llvm::orc::LLJITBuilder().create();
  if (!jit)
    return jit.takeError();
  loaded->jit = std::move(*jit);
  llvm::SmallVector<char, 0> bytes;
  llvm::raw_svector_ostream stream(bytes);
  model.object.write(stream);
  if (llvm::Error error = defineRuntime(*loaded->jit))
    return error;
  if (llvm::Error error = loaded->jit->addObjectFile(std::make_unique<llvm::SmallVectorMemoryBuffer>(std::move(bytes), "model.o")))
    return error;
  auto query = loaded->jit->lookup("lathe_" + model.interface.name + "_query");
  if (!query)
    return query.takeError();
  loaded->module = query->toPtr<lathe_query_fn_t>()(LATHE_ABI_VERSION);
  if (threads > 1) {
    loaded->pool = lathe_pool_create(threads);
    if (!loaded->pool)
      return llvm::createStringError("cannot start %d threads", threads);
    loaded->executor = lathe_pool_executor(loaded->pool);
  }
  if (llvm::Error error = errorOf(lathe_store_create(&loaded->store, &loaded->module, 1)))
    return error;
  const lathe_entry_t &first = *lathe_module_entry(loaded->module, 0);
  if (llvm::Error error = loaded->select(0, first.body_count ? first.bodies[0].items : 1))
    return error;
  return loaded;
}

llvm::Error LoadedModel::select(size_t index, uint64_t items) {
  batch = items;
  const lathe_entry_t &entry = *lathe_module_entry(module, index);
  seconds.resize(entry.launch_count);
  arguments.clear();
  results.clear();
  for (uint32_t i = 0; i < entry.argument_count; ++i)
    arguments.push_back(allocate(bytesOf(entry.arguments[i])));
  for (uint32_t i = 0; i < entry.result_count; ++i)
    results.push_back(allocate(bytesOf(entry.results[i])));
  // A batch that there is no body for is refused by its size, not by an arena.
  uint64_t needed = lathe_entry_arena_bytes(&entry, batch), arenaBytes = needed ? needed : entry.arena_bytes;
  lathe_status_t status = lathe_context_init(&context, module, index, 0, allocate(arenaBytes), arenaBytes);
  if (lathe_ok(status) && entry.body_count)
    status = lathe_context_set_batch(&context, batch);
  if (lathe_ok(status) && pool)
    status = lathe_context_set_executor(&context, &executor);
  if (lathe_ok(status))
    status = lathe_context_set_store(&context, &store);
  return errorOf(status);
}

llvm::Error LoadedModel::run() {
  std::fill(seconds.begin(), seconds.end(), 0);
  stopwatch = {&seconds, Stopwatch::Clock::now()};
  return errorOf(lathe_context_run(&context, arguments.data(), results.data()));
}

llvm::Error LoadedModel::restore(const std::string &prefix) { return errorOf(lathe_store_restore(&store, prefix.c_str())); }
llvm::Error LoadedModel::save(const std::string &prefix) { return errorOf(lathe_store_save(&store, prefix.c_str())); }
