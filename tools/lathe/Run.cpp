// SPDX-License-Identifier: Apache-2.0
// lathe run: compile in memory, execute the object's bytes on values in files.
#include "tools/lathe/Commands.h"
#include "tools/lathe/Execute.h"
#include "tools/lathe/Npy.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"

#include <algorithm>

using namespace lathe;
using namespace lathe::tool;

namespace {
/// A feed, and what the file with its values holds.
struct Fed {
  std::string name, path;
  Array array;
};

const Fed *findFed(llvm::ArrayRef<Fed> feeds, const TensorInterface &tensor) {
  const Fed *found = llvm::find_if(feeds, [&](const Fed &fed) { return fed.name == tensor.name || fed.name + ":0" == tensor.name; });
  return found == feeds.end() ? nullptr : found;
}

/// How many items the feeds of an entry that takes batches have, by the first that says it.
int64_t batchOf(const EntryInterface &entry, llvm::ArrayRef<Fed> feeds) {
  for (const TensorInterface &tensor : entry.arguments)
    if (const Fed *fed = findFed(feeds, tensor); fed && tensor.perItem && !fed->array.shape.empty() && tensor.shape.front() > 0)
      return fed->array.shape.front() / tensor.shape.front();
  return 1;
}

/// Values that must have the argument's type and shape, that of a batch.
llvm::Error fill(LoadedModel &model, size_t index, const TensorInterface &tensor, int64_t batch, const Fed &fed) {
  const Array &array = fed.array;
  // NumPy has no bfloat16: its bits come as uint16, as they are written.
  constexpr uint8_t unsignedInteger = 1, bfloat = 4;
  bool sameCode = array.dtype.code == tensor.dtype.code || (tensor.dtype.code == bfloat && array.dtype.code == unsignedInteger);
  std::vector<int64_t> shape = tensor.shape;
  if (tensor.perItem && !shape.empty())
    shape.front() *= batch;
  bool fits = array.shape == shape && sameCode && array.dtype.bits == tensor.dtype.bits;
  if (!fits) {
    std::vector<std::string> sizes;
    for (int64_t size : array.shape)
      sizes.push_back(std::to_string(size));
    return llvm::createStringError("%s: feed '%s' must be %s, but got %s[%s]", fed.path.c_str(), tensor.name.c_str(), describeType(tensor).c_str(),
                                   dtypeName(array.dtype).c_str(), llvm::join(sizes, ",").c_str());
  }
  llvm::copy(array.bytes, model.argument(index).begin());
  return llvm::Error::success();
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
llvm::Error runEntry(LoadedModel &model, const EntryInterface &entry, int64_t batch, llvm::ArrayRef<Fed> feeds, const Arguments &arguments) {
  for (auto [i, tensor] : llvm::enumerate(entry.arguments)) {
    const Fed *fed = findFed(feeds, tensor);
    if (!fed)
      return llvm::createStringError("no values for feed '%s' (%s); give --feed %s=FILE.npy", tensor.name.c_str(),
                                     describeType(tensor).c_str(), tensor.name.c_str());
    if (llvm::Error error = fill(model, i, tensor, batch, *fed))
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
  std::vector<Fed> feeds;
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
    feeds.push_back({name.str(), path.str(), std::move(*array)});
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
    int64_t batch = batchOf(entry, feeds);
    if (llvm::Error error = (*loaded)->select(index, batch))
      return fail(std::move(error));
    if (llvm::Error error = runEntry(**loaded, entry, batch, feeds, arguments))
      return fail(std::move(error));
  }
  if (arguments.has("save"))
    if (llvm::Error error = (*loaded)->save(arguments.get("save")))
      return fail(std::move(error));
  return 0;
}
