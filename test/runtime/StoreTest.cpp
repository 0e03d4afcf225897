// SPDX-License-Identifier: Apache-2.0
// Stores: variables from run to run, shared between models, saved and restored whatever happens in between.
#include "counter.h"

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <gtest/gtest.h>
#include <random>
#include <string>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace {

std::string text(lathe_status_t status) {
  return lathe_status_text(status);
}

const lathe_module_t &counterModule() {
  return *lathe_counter_query(LATHE_ABI_VERSION);
}

/// A store that ends with the test.
struct Store {
  lathe_store_t store;
  Store() { EXPECT_TRUE(lathe_ok(counter_create_store(&store))) << store.text; }
  explicit Store(const std::vector<const lathe_module_t *> &modules) {
    EXPECT_TRUE(lathe_ok(lathe_store_create(&store, modules.data(), modules.size()))) << store.text;
  }
  ~Store() { lathe_store_destroy(&store); }
  Store(const Store &) = delete;

  std::array<int32_t, 2> get(const char *name) {
    lathe_tensor_t view{};
    EXPECT_TRUE(lathe_ok(lathe_store_view(&store, name, &view))) << store.text;
    const auto *values = static_cast<const int32_t *>(view.data);
    return {values[0], values[1]};
  }
  lathe_status_t set(const char *name, std::array<int32_t, 2> values) {
    const int64_t shape[] = {2};
    const lathe_tensor_t tensor{values.data(), 1, 0, 1, {0, 32, 1}, shape, nullptr, 0};
    return lathe_store_write(&store, name, &tensor);
  }
};

using Pair = std::array<int32_t, 2>;

std::string folder() {
  std::string path = ::testing::TempDir() + "lathe-store-XXXXXX";
  return mkdtemp(path.data()) + std::string("/");
}

std::string read(const std::string &path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write(const std::string &path, const std::string &bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

bool exists(const std::string &path) {
  return access(path.c_str(), F_OK) == 0;
}

TEST(Store, KeepsValuesFromRunToRun) {
  Store store;
  counter::Step step(nullptr, 0);
  counter::Peek peek(nullptr, 0);
  Pair x{1, 2}, total{}, last{};
  step.set_x(x);
  step.set_total(total);
  peek.set_total(last);
  EXPECT_EQ(text(step.run()), "counter: store is not set");
  EXPECT_TRUE(lathe_ok(step.set_store(store.store)));
  EXPECT_TRUE(lathe_ok(peek.set_store(store.store)));
  EXPECT_EQ(text(peek.run()), "counter: variable 'last' has no value yet");
  EXPECT_EQ(text(step.run()), "ok");
  EXPECT_EQ(text(step.run()), "ok");
  EXPECT_EQ(total, (Pair{12, 24}));
  EXPECT_EQ(text(peek.run()), "ok");
  EXPECT_EQ(last, (Pair{12, 24}));
  EXPECT_TRUE(lathe_ok(store.set("n", {5, 6})));
  EXPECT_EQ(text(step.run()), "ok");
  EXPECT_EQ(store.get("last"), (Pair{6, 8}));
  EXPECT_TRUE(lathe_ok(lathe_store_reset(&store.store)));
  EXPECT_EQ(store.get("n"), (Pair{10, 20}));
  EXPECT_EQ(text(peek.run()), "counter: variable 'last' has no value yet");
}

TEST(Store, SaysWhatIsWrong) {
  Store store;
  lathe_tensor_t view;
  EXPECT_EQ(text(lathe_store_view(&store.store, "m", &view)), "the store has no variable 'm'");
  EXPECT_EQ(text(lathe_store_view(&store.store, "last", &view)), "variable 'last' has no value yet");
  Pair values{1, 2};
  int64_t shape[] = {1, 2}, strides[] = {2};
  lathe_tensor_t tensor{values.data(), 1, 0, 2, {0, 32, 1}, shape, nullptr, 0};
  EXPECT_EQ(text(lathe_store_write(&store.store, "n", &tensor)), "variable 'n' must be int32[2], but got int32[1,2]");
  tensor.ndim = 1;
  tensor.shape = shape + 1;
  tensor.dtype.bits = 64;
  EXPECT_EQ(text(lathe_store_write(&store.store, "n", &tensor)), "variable 'n' must be int32[2], but got int64[2]");
  tensor.dtype.bits = 32;
  tensor.strides = strides;
  EXPECT_EQ(text(lathe_store_write(&store.store, "n", &tensor)), "value of variable 'n' must be dense and in memory");
  EXPECT_EQ(store.get("n"), (Pair{10, 20}));
  EXPECT_EQ(text(lathe_store_save(&store.store, "nowhere")), "variable 'last' has no value yet");
  lathe_context_t context;
  const lathe_module_t other = counterModule();
  EXPECT_TRUE(lathe_ok(lathe_context_init(&context, &other, 0, 0, nullptr, 0)));
  EXPECT_EQ(text(lathe_context_set_store(&context, &store.store)), "counter: the store was made for other models");
}

TEST(Store, LivesInTheCallersMemory) {
  const lathe_module_t *module = &counterModule();
  const uint64_t bytes = lathe_store_size(&module, 1);
  ASSERT_EQ(bytes % 64, 0u);
  std::vector<unsigned char> memory(bytes + 128);
  auto address = reinterpret_cast<uintptr_t>(memory.data());
  unsigned char *place = memory.data() + (64 - address % 64);
  place[bytes] = 77;
  lathe_store_t store;
  EXPECT_TRUE(lathe_ok(lathe_store_init(&store, &module, 1, place, bytes)));
  EXPECT_EQ(place[bytes], 77);
  lathe_tensor_t view;
  EXPECT_TRUE(lathe_ok(lathe_store_view(&store, "n", &view)));
  EXPECT_GE(view.data, place);
  EXPECT_EQ(text(lathe_store_init(&store, &module, 1, place, bytes - 1)),
            "store must have " + std::to_string(bytes) + " bytes, but got " + std::to_string(bytes - 1));
  EXPECT_NE(text(lathe_store_init(&store, &module, 1, place + 1, bytes)).find("store must be aligned to 64"),
            std::string::npos);
  module = nullptr;
  EXPECT_EQ(text(lathe_store_init(&store, &module, 1, place, bytes)), "module 0 is null");
}

/// A module whose only variable has this name, container and shape.
struct Other {
  std::vector<int64_t> shape;
  lathe_tensor_info_t tensor{};
  lathe_variable_info_t variable{};
  lathe_module_t module = counterModule();
  Other(const char *container, const char *name, std::vector<int64_t> sizes) : shape(std::move(sizes)) {
    tensor = *counterModule().variables[0].tensor;
    tensor.name = name;
    tensor.rank = static_cast<uint32_t>(shape.size());
    tensor.shape = shape.data();
    tensor.bytes = 4;
    for (int64_t size : shape)
      tensor.bytes *= static_cast<uint64_t>(size);
    variable = {sizeof variable, 0, container, &tensor, LATHE_NO_VALUE};
    module.name = "other";
    module.variables = &variable;
    module.variable_count = 1;
  }
};

TEST(Store, IsSharedBetweenModels) {
  Other same("", "n", {2}), apart("c", "n", {3}), wrong("", "n", {3}), clash("", "c/n", {3});
  Store store({&counterModule(), &same.module, &apart.module});
  EXPECT_EQ(store.store.variable_count, 3u);
  EXPECT_STREQ(lathe_store_variable(&store.store, 0)->container, "c");
  EXPECT_STREQ(lathe_store_variable(&store.store, 1)->tensor->name, "last");
  EXPECT_STREQ(lathe_store_variable(&store.store, 2)->tensor->name, "n");
  EXPECT_EQ(lathe_store_variable(&store.store, 3), nullptr);
  EXPECT_EQ(store.get("n"), (Pair{10, 20})) << "the model that has an initial value gives it";
  const lathe_module_t *modules[] = {&counterModule(), &wrong.module};
  lathe_store_t refused;
  EXPECT_EQ(text(lathe_store_create(&refused, modules, 2)), "other: variable 'n' must be int32[2], but is int32[3]");
  modules[0] = &apart.module;
  modules[1] = &clash.module;
  EXPECT_EQ(text(lathe_store_create(&refused, modules, 2)), "variable 'c/n' of containers 'c' and '' has one key");
}

TEST(Store, SavesAndRestores) {
  const std::string prefix = folder() + "state";
  Store store;
  EXPECT_TRUE(lathe_ok(store.set("last", {7, -8})));
  EXPECT_EQ(text(lathe_store_save(&store.store, prefix.c_str())), "ok");
  Store other;
  EXPECT_TRUE(lathe_ok(other.set("n", {1, 1})));
  EXPECT_EQ(text(lathe_store_restore(&other.store, prefix.c_str())), "ok");
  EXPECT_EQ(other.get("n"), (Pair{10, 20}));
  EXPECT_EQ(other.get("last"), (Pair{7, -8}));
  // The names of the data take turns, and what is not used any more goes.
  EXPECT_TRUE(exists(prefix + ".data-00000-of-00001"));
  EXPECT_TRUE(lathe_ok(store.set("n", {3, 4})));
  EXPECT_EQ(text(lathe_store_save(&store.store, prefix.c_str())), "ok");
  EXPECT_FALSE(exists(prefix + ".data-00000-of-00001"));
  EXPECT_TRUE(exists(prefix + ".data-00000-of-00002"));
  EXPECT_EQ(text(lathe_store_restore(&other.store, prefix.c_str())), "ok");
  EXPECT_EQ(other.get("n"), (Pair{3, 4}));
  Other more("", "more", {2}), shape("", "n", {1, 2});
  Store missing({&counterModule(), &more.module});
  EXPECT_EQ(text(lathe_store_restore(&missing.store, prefix.c_str())),
            "checkpoint '" + prefix + "' has no variable 'more'");
  Store reshaped({&shape.module});
  EXPECT_NE(text(lathe_store_restore(&reshaped.store, prefix.c_str())).find("has another type or shape there"),
            std::string::npos);
  EXPECT_NE(text(lathe_store_restore(&other.store, (prefix + "x").c_str())).find("cannot read"), std::string::npos);
  EXPECT_NE(text(lathe_store_save(&other.store, (prefix + "/x").c_str())).find("cannot write"), std::string::npos);
}

/// No flip of a bit goes unnoticed, and none changes a variable: all is checked first.
TEST(Store, NoticesDamage) {
  const std::string prefix = folder() + "state";
  Store store;
  EXPECT_TRUE(lathe_ok(store.set("last", {7, -8})));
  ASSERT_EQ(text(lathe_store_save(&store.store, prefix.c_str())), "ok");
  EXPECT_TRUE(lathe_ok(store.set("last", {0, 0})));
  EXPECT_TRUE(lathe_ok(store.set("n", {0, 0})));
  unsigned silent = 0;
  for (const std::string &path : {prefix + ".index", prefix + ".data-00000-of-00001"}) {
    const std::string whole = read(path);
    // Of the footer only the place of the last block matters, and that block has a checksum.
    const size_t footer = path.back() == 'x' ? whole.size() - 48 : whole.size();
    for (size_t i = 0; i < footer; ++i)
      for (int bit = 0; bit < 8; ++bit) {
        std::string damaged = whole;
        damaged[i] = static_cast<char>(damaged[i] ^ 1 << bit);
        write(path, damaged);
        const bool isRestored = lathe_ok(lathe_store_restore(&store.store, prefix.c_str()));
        silent += isRestored;
        if (!isRestored)
          ASSERT_EQ(store.get("n"), (Pair{0, 0})) << "byte " << i;
        EXPECT_TRUE(lathe_ok(store.set("last", {0, 0})));
        EXPECT_TRUE(lathe_ok(store.set("n", {0, 0})));
      }
    for (size_t size = 0; size < whole.size(); ++size) {
      write(path, whole.substr(0, size));
      ASSERT_FALSE(lathe_ok(lathe_store_restore(&store.store, prefix.c_str()))) << size;
      ASSERT_EQ(store.get("n"), (Pair{0, 0}));
    }
    write(path, whole);
  }
  EXPECT_EQ(silent, 13u * 8) << "only the empty block of meta data is not read";
  EXPECT_EQ(text(lathe_store_restore(&store.store, prefix.c_str())), "ok");
}

/// Bytes that nobody wrote as a checkpoint.
TEST(Store, SurvivesAnyIndex) {
  const std::string prefix = folder() + "state";
  Store store;
  EXPECT_TRUE(lathe_ok(store.set("last", {7, -8})));
  ASSERT_EQ(text(lathe_store_save(&store.store, prefix.c_str())), "ok");
  const std::string whole = read(prefix + ".index");
  std::mt19937 random(1);
  for (int round = 0; round < 1500; ++round) {
    std::string bytes = whole;
    for (unsigned change = random() % 8; change-- != 0;)
      bytes[random() % bytes.size()] = static_cast<char>(random());
    if (random() % 2)
      bytes.replace(random() % bytes.size(), random() % 16, std::string(random() % 16, static_cast<char>(random())));
    write(prefix + ".index", bytes);
    (void)lathe_store_restore(&store.store, prefix.c_str());
  }
}

/// A process that saves is killed at 100 random points: what is there then is whole, the state of one save.
TEST(Store, SurvivesKills) {
  const std::string prefix = folder() + "state";
  Other large("", "large", {50000});
  Store store({&counterModule(), &large.module});
  std::vector<int32_t> values(50000);
  auto fill = [&](int32_t generation) {
    for (size_t i = 0; i < values.size(); ++i)
      values[i] = generation * 31 + static_cast<int32_t>(i);
    const lathe_tensor_t tensor{values.data(), 1, 0, 1, {0, 32, 1}, large.shape.data(), nullptr, 0};
    return lathe_ok(lathe_store_write(&store.store, "large", &tensor)) &&
           lathe_ok(store.set("n", {generation, -generation})) && lathe_ok(store.set("last", {generation, 1}));
  };
  ASSERT_TRUE(fill(0));
  ASSERT_EQ(text(lathe_store_save(&store.store, prefix.c_str())), "ok");
  std::mt19937 random(2);
  int32_t generation = 0;
  for (int kill = 0; kill < 100; ++kill) {
    const pid_t child = fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
      for (int32_t next = generation + 1;; ++next)
        if (!fill(next) || !lathe_ok(lathe_store_save(&store.store, prefix.c_str())))
          _exit(1);
    }
    usleep(random() % 40000);
    ASSERT_EQ(::kill(child, SIGKILL), 0);
    int status = 0;
    ASSERT_EQ(waitpid(child, &status, 0), child);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the saving process must not fail by itself";
    ASSERT_EQ(text(lathe_store_restore(&store.store, prefix.c_str())), "ok") << "after kill " << kill;
    const Pair n = store.get("n");
    ASSERT_GE(n[0], generation);
    generation = n[0];
    ASSERT_EQ(n[1], -generation);
    ASSERT_EQ(store.get("last")[0], generation);
    lathe_tensor_t view;
    ASSERT_TRUE(lathe_ok(lathe_store_view(&store.store, "large", &view)));
    for (int32_t i = 0; i < 50000; ++i)
      ASSERT_EQ(static_cast<const int32_t *>(view.data)[i], generation * 31 + i);
  }
  EXPECT_GT(generation, 0) << "some saves must have come to their end";
}

} // namespace
