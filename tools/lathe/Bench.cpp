// SPDX-License-Identifier: Apache-2.0
// lathe bench: compile in memory, time the object's bytes on random values, as a whole or launch by launch.
#include "tools/lathe/Commands.h"
#include "tools/lathe/Execute.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <random>

using namespace lathe;
using namespace lathe::tool;

namespace {
/// Random numbers in [-1, 1], small non-negative integers, random booleans: always the same ones.
void fillRandom(llvm::MutableArrayRef<char> bytes, lathe_dtype_t dtype) {
  std::mt19937 generator(1);
  auto fill = [&](auto zero, auto next) {
    for (size_t i = 0; i + sizeof zero <= bytes.size(); i += sizeof zero) {
      zero = next();
      std::memcpy(bytes.data() + i, &zero, sizeof zero);
    }
  };
  std::uniform_real_distribution<double> real(-1, 1);
  bool floating = dtype.code == 2 || dtype.code == 5;
  int bits = dtype.code == 5 ? dtype.bits / 2 : dtype.bits;
  if (floating && bits == 32)
    fill(float(), [&] { return real(generator); });
  else if (floating && bits == 64)
    fill(double(), [&] { return real(generator); });
  else if (dtype.code == 2 || dtype.code == 4) // halves: 0x3c00 and 0x3f80 are 1
    fill(uint16_t(), [&] { return (dtype.code == 2 ? 0x3800 : 0x3f00) + generator() % 64; });
  else
    for (size_t i = 0; i < bytes.size(); i += bits / 8)
      bytes[i] = generator() % 2;
}

/// Measured beside predicted, for each launch that takes at least a thousandth of the time.
void printProfile(llvm::ArrayRef<CompileReport::Launch> plan, llvm::ArrayRef<double> measured) {
  double all = 0, predicted = 0;
  for (auto [launch, seconds] : llvm::zip(plan, measured)) {
    all += seconds;
    predicted += launch.seconds;
  }
  llvm::outs() << "   #  kernel                  choice                     ms      %  predicted  node\n";
  double left = 0;
  for (auto [i, launch, seconds] : llvm::enumerate(plan, measured)) {
    if (seconds < all / 1000) {
      left += seconds;
      continue;
    }
    llvm::outs() << llvm::formatv("{0,4}  {1,-22}  {2,-20}  {3,8:f3}  {4,5:f1}  {5,9:f3}  {6}\n", i + 1, launch.kernel, launch.choice, seconds * 1e3,
                                  100 * seconds / all, launch.seconds * 1e3, launch.nodes);
  }
  llvm::outs() << llvm::formatv("      {0,-44}  {1,8:f3}\n      {2,-44}  {3,8:f3}         {4,9:f3}\n", "the others", left * 1e3, "all", all * 1e3,
                                predicted * 1e3);
}
} // namespace

int tool::benchCommand(const Arguments &arguments) {
  std::optional<CompileOptions> options = compileOptions(arguments);
  if (!options)
    return 1;
  options->probes = arguments.has("profile");
  using Clock = std::chrono::steady_clock;
  auto seconds = [](Clock::duration d) { return std::chrono::duration<double>(d).count(); };
  auto begin = Clock::now();
  int status;
  std::optional<CompiledModel> model = compile(arguments, *options, status);
  if (!model)
    return status;
  double compileSeconds = seconds(Clock::now() - begin);
  int32_t threads = threadsOf(arguments);
  auto loaded = LoadedModel::load(*model, threads);
  if (!loaded)
    return fail(loaded.takeError(), 2);
  if (arguments.has("batch"))
    if (llvm::Error error = (*loaded)->select(0, std::max(0, std::atoi(arguments.get("batch").c_str()))))
      return fail(std::move(error));
  for (uint32_t i = 0; i < (*loaded)->getEntry().argument_count; ++i)
    fillRandom((*loaded)->argument(i), (*loaded)->getEntry().arguments[i].dtype);
  double budget = std::max(0.01, std::atof(arguments.get("seconds", "3").c_str()));
  std::vector<double> times;
  std::vector<double> launches; // the best time of each
  for (auto start = Clock::now(); times.empty() || seconds(Clock::now() - start) < budget;) {
    auto before = Clock::now();
    if (llvm::Error error = (*loaded)->run())
      return fail(std::move(error));
    times.push_back(seconds(Clock::now() - before) * 1e3);
    llvm::ArrayRef<double> now = (*loaded)->launchSeconds();
    launches.resize(now.size(), budget);
    for (auto [best, last] : llvm::zip_equal(launches, now))
      best = std::min(best, last);
  }
  if (options->probes)
    printProfile(model->report.plan, launches);
  llvm::sort(times);
  const EntryInterface &entry = model->interface.entries.front();
  llvm::json::Object result{{"best_ms", times.front()},
                            {"median_ms", times[times.size() / 2]},
                            {"runs", static_cast<int64_t>(times.size())},
                            {"threads", threads},
                            {"arena_bytes", static_cast<int64_t>(entry.arenaBytes)},
                            {"weight_bytes", static_cast<int64_t>(model->weights.bytes)},
                            {"object_bytes", static_cast<int64_t>(model->object.size())},
                            {"compile_s", compileSeconds},
                            {"kernels", static_cast<int64_t>(model->report.kernels)},
                            {"target", model->interface.targetCpu}};
  if (arguments.has("json"))
    llvm::outs() << llvm::json::Value(std::move(result)) << "\n";
  else
    llvm::outs() << llvm::format("best %.3f ms   median %.3f ms   %zu runs, %d threads, compiled in %.1f s\n", times.front(),
                                 times[times.size() / 2], times.size(), threads, compileSeconds);
  return 0;
}
