// SPDX-License-Identifier: Apache-2.0
// lathe run and bench: compile in memory, execute the object's bytes.
#include "tools/lathe/Commands.h"
#include "tools/lathe/Execute.h"
#include "tools/lathe/Npy.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

#include <chrono>
#include <cmath>
#include <cstring>
#include <random>

using namespace lathe;
using namespace lathe::tool;

namespace {
int fail(llvm::Error error, int status = 1) {
  llvm::errs() << "lathe: " << llvm::toString(std::move(error)) << "\n";
  return status;
}

int32_t threadsOf(const Arguments &arguments) { return std::max(1, std::atoi(arguments.get("threads", "1").c_str())); }

/// Feeds by name, and the files that hold their values.
using Files = std::vector<std::pair<std::string, std::string>>;

Files::const_iterator findFile(const Files &files, const TensorInterface &tensor) {
  return llvm::find_if(files, [&](auto &file) { return file.first == tensor.name || file.first + ":0" == tensor.name; });
}

/// How many items the files of an entry that takes batches hold, by the first that says it.
llvm::Expected<int64_t> batchOf(const EntryInterface &entry, const Files &files) {
  for (const TensorInterface &tensor : entry.arguments) {
    auto file = findFile(files, tensor);
    if (!tensor.perItem || file == files.end())
      continue;
    llvm::Expected<Array> array = readNpy(file->second);
    if (!array)
      return array.takeError();
    if (!array->shape.empty() && tensor.shape.front() > 0)
      return array->shape.front() / tensor.shape.front();
  }
  return 1;
}

/// Values of a file that must have the argument's type and shape, that of a batch.
llvm::Error fillFromFile(LoadedModel &model, size_t index, const TensorInterface &tensor, int64_t batch, const std::string &path) {
  llvm::Expected<Array> array = readNpy(path);
  if (!array)
    return array.takeError();
  // NumPy has no bfloat16: its bits come as uint16, as they are written.
  constexpr uint8_t unsignedInteger = 1, bfloat = 4;
  bool sameCode = array->dtype.code == tensor.dtype.code || (tensor.dtype.code == bfloat && array->dtype.code == unsignedInteger);
  std::vector<int64_t> shape = tensor.shape;
  if (tensor.perItem && !shape.empty())
    shape.front() *= batch;
  bool fits = array->shape == shape && sameCode && array->dtype.bits == tensor.dtype.bits;
  if (!fits) {
    std::vector<std::string> sizes;
    for (int64_t size : array->shape)
      sizes.push_back(std::to_string(size));
    return llvm::createStringError("%s: feed '%s' must be %s, but got %s[%s]", path.c_str(), tensor.name.c_str(), describeType(tensor).c_str(),
                                   dtypeName(array->dtype).c_str(), llvm::join(sizes, ",").c_str());
  }
  llvm::copy(array->bytes, model.argument(index).begin());
  return llvm::Error::success();
}

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

std::string summary(llvm::ArrayRef<char> bytes, lathe_dtype_t dtype) {
  if (dtype.code != 2 || dtype.bits != 32 || bytes.empty())
    return "";
  llvm::ArrayRef<float> values(reinterpret_cast<const float *>(bytes.data()), bytes.size() / 4);
  double sum = 0;
  float low = values[0], high = values[0];
  for (float value : values) {
    sum += value;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  std::string text;
  llvm::raw_string_ostream(text) << llvm::format("   min %g  max %g  mean %g", low, high, sum / values.size());
  return text;
}

/// Runs the entry that is selected on the files given, and writes its results to files, or says what they are.
llvm::Error runEntry(LoadedModel &model, const EntryInterface &entry, int64_t batch, const Files &files, const Arguments &arguments) {
  for (auto [i, tensor] : llvm::enumerate(entry.arguments)) {
    auto file = findFile(files, tensor);
    if (file == files.end())
      return llvm::createStringError("no values for feed '%s' (%s); give --feed %s=FILE.npy", tensor.name.c_str(),
                                     describeType(tensor).c_str(), tensor.name.c_str());
    if (llvm::Error error = fillFromFile(model, i, tensor, batch, file->second))
      return error;
  }
  if (llvm::Error error = model.run())
    return error;
  for (auto [i, tensor] : llvm::enumerate(entry.results)) {
    std::string path;
    for (const std::string &fetch : arguments.all("fetch")) {
      auto [name, file] = llvm::StringRef(fetch).split('=');
      if (name == tensor.name || (name + ":0").str() == tensor.name)
        path = file.str();
    }
    llvm::ArrayRef<char> bytes = model.result(i);
    std::vector<int64_t> shape = tensor.shape;
    if (tensor.perItem)
      shape.front() *= batch;
    if (tensor.countResult >= 0) {
      // Of what a count belongs to, only that many rows are meant.
      shape.front() = *reinterpret_cast<const int64_t *>(model.result(tensor.countResult).data());
      bytes = bytes.take_front(tensor.shape.front() ? bytes.size() / tensor.shape.front() * shape.front() : 0);
    }
    if (path.empty())
      llvm::outs() << tensor.name << "  " << describeType(tensor) << summary(bytes, tensor.dtype) << "\n";
    else if (llvm::Error error = writeNpy(path, tensor.dtype, shape, bytes))
      return error;
  }
  return llvm::Error::success();
}
} // namespace

int tool::runCommand(const Arguments &arguments) {
  std::optional<CompileOptions> options = compileOptions(arguments);
  if (!options)
    return 1;
  // A feed's file also says its shape.
  Files files;
  for (const std::string &feed : arguments.all("feed")) {
    auto [name, path] = llvm::StringRef(feed).split('=');
    if (path.empty())
      continue;
    llvm::Expected<Array> array = readNpy(path.str());
    if (!array)
      return fail(array.takeError());
    std::vector<int64_t> shape = array->shape;
    if (!options->batchSizes.empty() && !shape.empty())
      shape.front() = -1; // a batch, of whatever size it is
    options->import.shapes.emplace_back(name.str(), std::move(shape));
    files.emplace_back(name.str(), path.str());
  }
  int status;
  std::optional<CompiledModel> model = compile(arguments, *options, status);
  if (!model)
    return status;
  auto loaded = LoadedModel::load(*model, threadsOf(arguments));
  if (!loaded)
    return fail(loaded.takeError(), 2);
  if (arguments.has("restore"))
    if (llvm::Error error = (*loaded)->restore(arguments.get("restore")))
      return fail(std::move(error));
  for (auto [index, entry] : llvm::enumerate(model->interface.entries)) {
    llvm::Expected<int64_t> batch = entry.bodies.empty() ? llvm::Expected<int64_t>(1) : batchOf(entry, files);
    if (!batch)
      return fail(batch.takeError());
    if (llvm::Error error = (*loaded)->select(index, *batch))
      return fail(std::move(error));
    if (llvm::Error error = runEntry(**loaded, entry, *batch, files, arguments))
      return fail(std::move(error));
  }
  if (arguments.has("save"))
    if (llvm::Error error = (*loaded)->save(arguments.get("save")))
      return fail(std::move(error));
  return 0;
}

int tool::benchCommand(const Arguments &arguments) {
  std::optional<CompileOptions> options = compileOptions(arguments);
  if (!options)
    return 1;
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
  for (auto start = Clock::now(); times.empty() || seconds(Clock::now() - start) < budget;) {
    auto before = Clock::now();
    if (llvm::Error error = (*loaded)->run())
      return fail(std::move(error));
    times.push_back(seconds(Clock::now() - before) * 1e3);
  }
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
