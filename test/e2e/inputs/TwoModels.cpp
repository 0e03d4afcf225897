// SPDX-License-Identifier: Apache-2.0
// Two models in one C++17 program: 8 threads, each with two contexts of each model, one of them on a pool that all share. Every run
// must give the same bytes.
#include "cnn.h"
#include "wide.h"
#include <array>
#include <cstdio>
#include <thread>
#include <vector>

namespace {
constexpr int threadCount = 8, rounds = 50;
using WideResult = std::array<float, wide::Model::y_count>;
using CnnResult = std::array<float, cnn::Model::y_count>;

alignas(64) std::array<float, wide::Model::x_count> wideX;
alignas(64) std::array<float, cnn::Model::x_count> cnnX;

struct Contexts {
  alignas(64) unsigned char wideArena[wide::Model::arena_size + 1];
  alignas(64) unsigned char cnnArena[cnn::Model::arena_size + 1];
  alignas(64) WideResult wideY{};
  alignas(64) CnnResult cnnY{};
  wide::Model wide{wideArena, sizeof wideArena};
  cnn::Model cnn{cnnArena, sizeof cnnArena};

  Contexts() {
    if (!lathe_ok(wide.set_x(wideX)) || !lathe_ok(wide.set_y(wideY)) || !lathe_ok(cnn.set_x(cnnX)) || !lathe_ok(cnn.set_y(cnnY)))
      std::puts("a buffer was refused");
  }
  bool setExecutor(const lathe_executor_t &executor) {
    return lathe_ok(wide.set_executor(&executor)) && lathe_ok(cnn.set_executor(&executor));
  }
  bool run() {
    wideY.fill(-1);
    cnnY.fill(-1);
    return lathe_ok(wide.run()) && lathe_ok(cnn.run());
  }
};
} // namespace

int main() {
  int i = 0;
  for (float &x : wideX)
    x = static_cast<float>(i++ * 7 % 32) * 0.0625f - 1.0f;
  i = 0;
  for (float &x : cnnX)
    x = static_cast<float>(i++ * 7 % 32) * 0.0625f - 1.0f;
  lathe_pool_t *pool = lathe_pool_create(2);
  if (!pool)
    return 1;
  const lathe_executor_t executor = lathe_pool_executor(pool);
  Contexts first;
  if (!first.run())
    return 1;
  std::array<int, threadCount> failures{};
  std::vector<std::thread> threads;
  for (int &failed : failures)
    threads.emplace_back([&] {
      Contexts alone, pooled;
      failed += !pooled.setExecutor(executor);
      for (int round = 0; round < rounds; ++round)
        for (Contexts *contexts : {&alone, &pooled})
          failed += !contexts->run() || contexts->wideY != first.wideY || contexts->cnnY != first.cnnY;
    });
  int sum = 0;
  for (std::thread &thread : threads)
    thread.join();
  for (int failed : failures)
    sum += failed;
  lathe_pool_destroy(pool);
  std::printf("%.4f %.4f, %d failures\n", first.wideY[0], first.cnnY[0], sum);
  return sum != 0;
}
