// SPDX-License-Identifier: Apache-2.0
// What the runtime refuses, how it says so, and what it tells about modules; through C and C++ headers.
#include "affine.h"
#include "lookup.h"

#include <array>
#include <fstream>
#include <gtest/gtest.h>
#include <string>
#include <sys/resource.h>
#include <vector>

namespace {

std::string text(lathe_status_t status) {
  return lathe_status_text(status);
}

const lathe_module_t &affineModule() {
  return *lathe_affine_query(LATHE_ABI_VERSION);
}
const lathe_module_t &lookupModule() {
  return *lathe_lookup_query(LATHE_ABI_VERSION);
}

alignas(64) unsigned char arena[AFFINE_ARENA_SIZE + 64];

std::string initText(const lathe_module_t *module, uint64_t entry, uint64_t signature, void *memory, uint64_t bytes,
                     lathe_status_code_t code) {
  lathe_context_t context;
  lathe_status_t status = lathe_context_init(&context, module, entry, signature, memory, bytes);
  EXPECT_EQ(status.code, code);
  lathe_status_t run = lathe_context_run(&context, nullptr, nullptr);
  EXPECT_EQ(run.code, code);
  EXPECT_EQ(text(run), text(status));
  return text(status);
}

TEST(Context, RefusesAtInitialisation) {
  EXPECT_EQ(initText(nullptr, 0, 0, arena, 64, LATHE_ABI_MISMATCH), "the object cannot speak ABI version 1");
  EXPECT_EQ(initText(&affineModule(), 1, 0, arena, 64, LATHE_INVALID_ARGUMENT),
            "affine: entry must be less than 1, but got 1");
  EXPECT_EQ(initText(&affineModule(), 0, 12345, arena, 64, LATHE_ABI_MISMATCH),
            "affine: header and object are of different builds");
  lathe_context_t context;
  ASSERT_TRUE(lathe_ok(lathe_context_init(&context, &affineModule(), 0, 0, arena, 64)));
  lathe_status_t status = lathe_context_set_batch(&context, 1);
  EXPECT_EQ(status.code, LATHE_INVALID_ARGUMENT);
  EXPECT_STREQ(lathe_status_text(status), "affine: entry 'affine' takes no batches");
  EXPECT_EQ(initText(&affineModule(), 0, 0, arena, 63, LATHE_INVALID_ARGUMENT),
            "affine: arena must have 64 bytes, but got 63");
  EXPECT_EQ(initText(&affineModule(), 0, 0, nullptr, 64, LATHE_INVALID_ARGUMENT), "affine: arena is null");
  EXPECT_NE(initText(&affineModule(), 0, 0, arena + 32, 64, LATHE_INVALID_ARGUMENT)
                .find("affine: arena must be aligned to 64 bytes, but got 0x"),
            std::string::npos);
}

TEST(Context, RefusesOtherVersionsAndMachines) {
  lathe_module_t module = affineModule();
  module.abi_version = 7;
  EXPECT_EQ(initText(&module, 0, 0, arena, 64, LATHE_ABI_MISMATCH),
            "affine: ABI version must be 1, but the object's is 7");
  module = affineModule();
  module.cpu_features = UINT64_C(1) << 63;
  EXPECT_EQ(initText(&module, 0, 0, arena, 64, LATHE_UNSUPPORTED_CPU),
            "affine: compiled for x86-64, but this machine lacks an instruction set that this runtime does not know");
  module.cpu_features = lathe_cpu_features();
  lathe_context_t context;
  EXPECT_TRUE(lathe_ok(lathe_context_init(&context, &module, 0, 0, arena, 64)));
}

#if defined(__x86_64__)
TEST(Context, AgreesWithTheCompilerAboutTheMachine) {
  __builtin_cpu_init();
  const bool v3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("bmi2");
  const bool v4 = v3 && __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
                  __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512cd");
  EXPECT_EQ((lathe_cpu_features() & LATHE_CPU_X86_64_V3) != 0, v3);
  EXPECT_EQ((lathe_cpu_features() & LATHE_CPU_X86_64_V4) != 0, v4);
  EXPECT_EQ((lathe_cpu_features() & LATHE_CPU_AVX512_VNNI) != 0, v4 && __builtin_cpu_supports("avx512vnni"));
  EXPECT_EQ((lathe_cpu_features() & LATHE_CPU_AVX512_BF16) != 0, v4 && __builtin_cpu_supports("avx512bf16"));
}
#endif

TEST(Context, NamesWhatIsNotSet) {
  alignas(16) float input[12] = {}, scale = 2, sum[12];
  affine_t m = affine_init(arena, sizeof arena);
  EXPECT_EQ(text(affine_run(&m)), "affine: argument 0 'input:0' is not set");
  affine_set_input(&m, input);
  EXPECT_EQ(text(affine_run(&m)), "affine: argument 1 'scale:0' is not set");
  affine_set_scale(&m, &scale);
  EXPECT_EQ(text(affine_run(&m)), "affine: result 0 'Identity:0' is not set");
  affine_set_identity(&m, sum + 1);
  EXPECT_EQ(text(affine_run(&m)).find("affine: result 0 'Identity:0' must be aligned to 16 bytes, but got 0x"), 0u);
  affine_set_identity(&m, sum);
  EXPECT_EQ(text(affine_run(&m)), "ok");
  EXPECT_EQ(text(affine_set_argument(&m, 2, input)), "affine: argument must be less than 2, but got 2");
  EXPECT_EQ(text(affine_set_result(&m, 1, sum)), "affine: result must be less than 1, but got 1");
  affine_t copy = m;
  EXPECT_TRUE(lathe_ok(affine_run(&copy)));
}

TEST(Context, RefusesWithoutInitialisation) {
  affine_t m = {};
  EXPECT_EQ(text(affine_run(&m)), "the context was not initialised");
  EXPECT_EQ(affine_set_argument(&m, 0, nullptr).code, LATHE_INVALID_ARGUMENT);
}

TEST(Context, RefusesIncompleteExecutors) {
  affine_t m = affine_init(arena, sizeof arena);
  lathe_executor_t executor = {};
  EXPECT_EQ(text(affine_set_executor(&m, &executor)), "affine: executor must have struct_size 40, but got 0");
  executor.struct_size = sizeof executor;
  EXPECT_EQ(text(affine_set_executor(&m, &executor)), "affine: executor must have concurrency, but it is null");
  executor.concurrency = [](void *) { return 1; };
  EXPECT_EQ(text(affine_set_executor(&m, &executor)), "affine: executor must have parallel, but it is null");
  EXPECT_TRUE(lathe_ok(affine_set_executor(&m, nullptr)));
}

TEST(Context, NamesTheNodeThatFails) {
  lathe_weights_t weights;
  ASSERT_TRUE(lathe_ok(lathe_weights_map("lookup.weights", &lookupModule(), &weights)));
  std::vector<int32_t> keys(1000, 3);
  std::vector<int64_t> values(1000);
  keys[999] = -1;
  shop::search::Lookup model(nullptr, 0);
  EXPECT_TRUE(lathe_ok(model.set_keys(keys)));
  EXPECT_TRUE(lathe_ok(model.set_table_gather(values)));
  EXPECT_EQ(text(model.run()), "lookup: weights are not set");
  EXPECT_TRUE(lathe_ok(model.set_weights(weights)));
  EXPECT_EQ(text(model.run()), "lookup: node 'table/Gather': a node's computation failed");
  keys[999] = 3;
  keys[250] = 700;
  EXPECT_EQ(text(model.run()),
            "lookup: node 'table/Gather' (GatherV2): keys[2,50] = 700 is not in [0, 101), 100% sure");
  keys[250] = 3;
  keys[999] = 100;
  EXPECT_TRUE(lathe_ok(model.run()));
  EXPECT_EQ(values[999], 100 * 100 * 1000003LL - 7);
  lathe_weights_unmap(&weights);
}

TEST(Context, CutsLongTexts) {
  lathe_module_t module = affineModule();
  const std::string name(300, 'n');
  module.name = name.c_str();
  lathe_context_t context;
  const std::string cut = text(lathe_context_init(&context, &module, 1, 0, arena, 64));
  EXPECT_EQ(cut, std::string(252, 'n') + "...");
}

TEST(CppClass, ChecksSizes) {
  alignas(16) std::array<float, 12> sum;
  std::vector<float> input(12, 1.5f);
  const float scale[] = {4};
  affine::Model model(arena, sizeof arena);
  EXPECT_EQ(text(model.set_input({input.data(), 11})), "affine: input must have 12 elements, but got 11");
  EXPECT_TRUE(lathe_ok(model.set_scale(scale)));
  EXPECT_TRUE(lathe_ok(model.set_identity(sum)));
  EXPECT_EQ(text(model.run()), "affine: argument 0 'input:0' is not set");
  EXPECT_TRUE(lathe_ok(model.set_input(input)));
  EXPECT_TRUE(lathe_ok(model.run()));
  EXPECT_EQ(sum[0], 6.5f);
  EXPECT_EQ(sum[11], 8.0f);
  static_assert(affine::Model::input_count == 12 && affine::Model::input_shape[0] == 4);
  static_assert(AFFINE_SCALE_RANK == 0 && AFFINE_WEIGHT_BYTES == 12);
}

class WeightsFile : public testing::Test {
protected:
  void SetUp() override {
    std::ifstream in("lookup.weights", std::ios::binary);
    bytes.assign(std::istreambuf_iterator<char>(in), {});
    ASSERT_EQ(bytes.size(), 64u + 808u);
  }
  lathe_status_t map() {
    std::ofstream("changed.weights", std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    return lathe_weights_map("changed.weights", &lookupModule(), &weights);
  }
  std::string bytes;
  lathe_weights_t weights;
};

TEST_F(WeightsFile, IsMapped) {
  ASSERT_TRUE(lathe_ok(map()));
  EXPECT_EQ(reinterpret_cast<uintptr_t>(weights.data) % 64, 0u);
  EXPECT_EQ(static_cast<const int64_t *>(weights.data)[2], 4 * 1000003 - 7);
  EXPECT_TRUE(lathe_ok(lathe_weights_verify(&weights)));
  affine_t other = affine_init(arena, sizeof arena);
  EXPECT_EQ(lathe_context_set_weights(&other.context, &weights).code, LATHE_WEIGHTS_MISMATCH);
  lathe_weights_unmap(&weights);
  EXPECT_EQ(weights.data, nullptr);
  lathe_weights_unmap(&weights);
}

TEST_F(WeightsFile, IsRefusedWhereItIsNotTheModules) {
  const std::string good = bytes;
  struct {
    size_t at;
    const char *text;
  } changes[] = {{0, "lookup: not a weights file"},
                 {8, "lookup: version of the weights file must be 1"},
                 {16, "lookup: weights must have 808 bytes"},
                 {24, "lookup: weights must have hash "}};
  for (const auto &change : changes) {
    bytes = good;
    bytes[change.at] ^= 64;
    lathe_status_t status = map();
    EXPECT_EQ(status.code, LATHE_WEIGHTS_MISMATCH) << change.at;
    EXPECT_EQ(text(status).find(change.text), 0u) << text(status);
    EXPECT_EQ(weights.data, nullptr);
  }
  for (size_t size : {size_t(1), size_t(63), size_t(64), good.size() - 1, good.size() + 1}) {
    bytes = good;
    bytes.resize(size);
    EXPECT_EQ(map().code, LATHE_WEIGHTS_MISMATCH) << size;
  }
  bytes.clear();
  EXPECT_EQ(map().code, LATHE_IO_ERROR);
  EXPECT_EQ(text(lathe_weights_map("absent", &lookupModule(), &weights)),
            "cannot open weights file 'absent': No such file or directory");
  EXPECT_EQ(lathe_weights_map(".", &lookupModule(), &weights).code, LATHE_IO_ERROR);
}

TEST_F(WeightsFile, ShowsEveryDamagedWord) {
  for (size_t at = 64; at < bytes.size(); at += 8) {
    bytes[at + 7] ^= char(128);
    ASSERT_TRUE(lathe_ok(map()));
    EXPECT_EQ(lathe_weights_verify(&weights).code, LATHE_WEIGHTS_MISMATCH) << at;
    lathe_weights_unmap(&weights);
    bytes[at + 7] ^= char(128);
  }
}

TEST_F(WeightsFile, CanBeInMemory) {
  alignas(64) static char memory[1024];
  memcpy(memory, bytes.data(), bytes.size());
  EXPECT_TRUE(lathe_ok(lathe_weights_from_memory(memory, bytes.size(), &lookupModule(), &weights)));
  EXPECT_EQ(weights.mapping, nullptr);
  EXPECT_EQ(lathe_weights_from_memory(memory + 8, bytes.size(), &lookupModule(), &weights).code,
            LATHE_INVALID_ARGUMENT);
  EXPECT_EQ(lathe_weights_from_memory(memory, bytes.size(), nullptr, &weights).code, LATHE_INVALID_ARGUMENT);
}

TEST(Hash, SeesLengthOrderAndSigns) {
  std::vector<uint64_t> words{1, 2, 3, 4, 5, 6, 7, 8, 9};
  auto hash = [&](size_t bytes) { return lathe_weight_hash(words.data(), bytes); };
  const uint64_t before = hash(72);
  EXPECT_NE(hash(71), before);
  EXPECT_NE(lathe_weight_hash(nullptr, 0), 0u);
  std::swap(words[0], words[4]);
  EXPECT_NE(hash(72), before);
  std::swap(words[0], words[4]);
  // Two top bits in one lane: a plain FNV-1a over words would not notice.
  words[1] ^= UINT64_C(1) << 63;
  words[5] ^= UINT64_C(1) << 63;
  EXPECT_NE(hash(72), before);
}

TEST(Reflection, FindsByNameAndIndex) {
  const lathe_module_t &module = affineModule();
  const lathe_entry_t *entry = lathe_module_find_entry(&module, "affine");
  ASSERT_NE(entry, nullptr);
  EXPECT_EQ(entry, lathe_module_entry(&module, 0));
  EXPECT_EQ(lathe_module_entry(&module, 1), nullptr);
  EXPECT_EQ(lathe_module_find_entry(&module, "other"), nullptr);
  EXPECT_EQ(lathe_entry_find_argument(entry, "scale:0"), 1);
  EXPECT_EQ(lathe_entry_find_argument(entry, "scale"), 1);
  EXPECT_EQ(lathe_entry_find_argument(entry, "scal"), -1);
  EXPECT_EQ(lathe_entry_find_argument(entry, "scale:0x"), -1);
  EXPECT_EQ(lathe_entry_find_result(entry, "Identity"), 0);
  EXPECT_EQ(lathe_entry_argument(entry, 2), nullptr);
  EXPECT_EQ(lathe_entry_result(entry, 1), nullptr);
  EXPECT_STREQ(lathe_dtype_name(lathe_entry_argument(entry, 0)->dtype), "float32");
  EXPECT_STREQ(lathe_dtype_name({9, 9, 9}), "unknown");
}

// A module of a later version has longer structs; what we know of them is read all the same.
TEST(Reflection, StepsByTheStatedSize) {
  struct Longer {
    lathe_tensor_info_t info;
    uint64_t added;
  } infos[2];
  for (int i = 0; i < 2; ++i)
    infos[i] = {*lathe_entry_argument(lathe_module_entry(&affineModule(), 0), static_cast<uint64_t>(i)), 99};
  infos[0].info.struct_size = infos[1].info.struct_size = sizeof(Longer);
  lathe_entry_t entry = *lathe_module_entry(&affineModule(), 0);
  entry.arguments = &infos[0].info;
  EXPECT_STREQ(lathe_entry_argument(&entry, 1)->name, "scale:0");
  EXPECT_EQ(lathe_entry_signature(&entry), lathe_entry_signature(lathe_module_entry(&affineModule(), 0)));
}

TEST(Reflection, MakesDlpackViews) {
  float data[12];
  const lathe_tensor_info_t *info = lathe_entry_argument(lathe_module_entry(&affineModule(), 0), 0);
  lathe_tensor_t view = lathe_tensor_view(info, data);
  EXPECT_EQ(view.data, data);
  EXPECT_EQ(view.device_type, 1);
  EXPECT_EQ(view.ndim, 2);
  EXPECT_EQ(view.shape[1], 3);
  EXPECT_EQ(view.dtype.bits, 32);
  EXPECT_EQ(view.strides, nullptr);
}

struct Parts {
  std::vector<std::pair<int64_t, int64_t>> ranges;
  static void kernel(void *const *buffers, int64_t begin, int64_t end) {
    static_cast<Parts *>(buffers[0])->ranges.emplace_back(begin, end);
  }
};

TEST(Launch, CoversTheExtentWithoutOverflow) {
  lathe_executor_t executor = {sizeof executor,
                               0,
                               nullptr,
                               nullptr,
                               [](void *, void (*task)(void *, int32_t), void *context, int32_t parts) {
                                 for (int32_t i = 0; i < parts; ++i)
                                   task(context, i);
                               },
                               nullptr};
  for (int32_t threads : {1, 2, 3, 7, 64})
    for (int64_t extent : {int64_t(0), int64_t(1), int64_t(2), int64_t(10), int64_t(63), INT64_MAX}) {
      Parts parts;
      void *buffers[] = {&parts};
      lathe_call_t call = {sizeof call, -1, nullptr, nullptr, nullptr, nullptr, &executor, threads, 0, nullptr, nullptr, 0, 0, 0};
      ASSERT_EQ(lathe_launch(&call, 0, Parts::kernel, buffers, extent), LATHE_OK);
      EXPECT_EQ(parts.ranges.size(), static_cast<uint64_t>(std::min<int64_t>(threads, extent)));
      int64_t next = 0;
      for (auto [begin, end] : parts.ranges) {
        EXPECT_EQ(begin, next);
        EXPECT_LT(begin, end);
        next = end;
      }
      EXPECT_EQ(next, extent);
    }
}

TEST(Pool, RefusesWrongThreadCounts) {
  for (int32_t threads : {INT32_MIN, -1, 0, 1025, INT32_MAX})
    EXPECT_EQ(lathe_pool_create(threads), nullptr);
  lathe_pool_destroy(nullptr);
}

// Where the system has no room for all threads, those that were started are ended again.
TEST(Pool, SurvivesALackOfThreads) {
  rlimit before;
  ASSERT_EQ(getrlimit(RLIMIT_AS, &before), 0);
  const rlimit small{UINT64_C(1) << 30, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_AS, &small), 0);
  EXPECT_EQ(lathe_pool_create(1024), nullptr);
  ASSERT_EQ(setrlimit(RLIMIT_AS, &before), 0);
  lathe_pool_t *pool = lathe_pool_create(2);
  EXPECT_NE(pool, nullptr);
  lathe_pool_destroy(pool);
}

} // namespace
