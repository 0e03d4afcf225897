// SPDX-License-Identifier: Apache-2.0
// The command line of `lathe`.
#include "tools/lathe/Arguments.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"

using namespace lathe;
using namespace lathe::tool;

namespace {
/// Every flag, whether it takes a value, and the name it stands for: tfcompile's spellings are accepted as they are.
struct Flag {
  const char *name;
  bool takesValue;
  const char *meaning;
};
constexpr Flag flags[] = {
    {"batch", true, "batch"},
    {"checkpoint", true, "checkpoint"}, {"checks", true, "checks"},
    {"config", true, "config"},         {"conv", true, "conv"},         {"cpp-class", true, "cpp-class"},  {"cpp_class", true, "cpp-class"},
    {"dump-dir", true, "dump-dir"},     {"entry", true, "entry"},       {"entry_point", true, "name"},     {"feed", true, "feed"},
    {"fetch", true, "fetch"},    {"graph", true, "graph"},
    {"help", false, "help"},            {"jobs", true, "jobs"},            {"json", false, "json"},
    {"name", true, "name"},             {"o", true, "output"},             {"out_function_object", true, "output"},
    {"out_header", true, "header"},     {"output", true, "output"},        {"plan", false, "plan"}, {"profile", false, "profile"},
    {"restore", true, "restore"},       {"save", true, "save"},
    {"q", false, "quiet"},              {"quiet", false, "quiet"},         {"seconds", true, "seconds"},
    {"shape", true, "shape"},           {"signature", true, "signature"},  {"specialize", true, "specialize"}, {"state", true, "state"}, {"stop-after", true, "stop-after"}, {"tag", true, "tag"},
    {"target-cpu", true, "target-cpu"},
    {"target_cpu", true, "target-cpu"}, {"target_features", true, "target-features"},
    {"target_triple", true, "target-triple"}, {"threads", true, "threads"}, {"warmup", true, "warmup"}};

bool isNumber(llvm::StringRef text) { return !text.empty() && text.find_first_not_of("0123456789") == llvm::StringRef::npos; }
} // namespace

std::string Arguments::get(const std::string &flag, std::string otherwise) const {
  auto found = flags.find(flag);
  return found == flags.end() ? otherwise : found->second;
}

std::vector<std::string> Arguments::all(const std::string &flag) const {
  std::vector<std::string> values;
  auto [begin, end] = flags.equal_range(flag);
  for (auto it = begin; it != end; ++it)
    values.push_back(it->second);
  return values;
}

std::optional<Arguments> tool::parseArguments(int argc, char **argv) {
  Arguments arguments;
  for (int i = 2; i < argc; ++i) {
    llvm::StringRef word = argv[i];
    if (!word.starts_with("-") || word == "-") {
      arguments.positional.push_back(word.str());
      continue;
    }
    auto [name, value] = word.drop_while([](char c) { return c == '-'; }).split('=');
    const Flag *flag = llvm::find_if(flags, [&, name = name](const Flag &f) { return name == f.name; });
    if (flag == std::end(flags)) {
      std::vector<llvm::StringRef> names;
      for (const Flag &f : flags)
        names.push_back(f.name);
      llvm::errs() << "lathe: unknown flag '" << word << "'" << didYouMean(nearestName(name, names)) << "; see lathe help\n";
      return std::nullopt;
    }
    bool hasValue = word.contains('=');
    if (flag->takesValue && !hasValue) {
      if (++i == argc) {
        llvm::errs() << "lathe: flag '" << word << "' needs a value\n";
        return std::nullopt;
      }
      value = argv[i];
    }
    arguments.flags.emplace(flag->meaning, flag->takesValue ? value.str() : "true");
  }
  return arguments;
}

std::optional<std::pair<std::string, std::vector<int64_t>>> tool::parseShape(llvm::StringRef text) {
  auto [name, sizes] = text.rsplit(':');
  if (name.empty() || !text.contains(':'))
    return std::nullopt;
  std::vector<int64_t> shape;
  llvm::SmallVector<llvm::StringRef> words;
  sizes.split(words, 'x', -1, /*KeepEmpty=*/!sizes.empty());
  for (llvm::StringRef word : words) {
    int64_t size;
    bool isBatch = shape.empty() && word == "N"; // the first dimension's name in --specialize
    if (word == "?" || word == "-1" || isBatch)
      shape.push_back(-1);
    else if (isNumber(word) && !word.getAsInteger(10, size))
      shape.push_back(size);
    else
      return std::nullopt;
  }
  return std::pair(name.str(), std::move(shape));
}

std::optional<EntryOptions> tool::parseEntry(llvm::StringRef text) {
  EntryOptions entry;
  auto [name, lists] = text.split(':');
  entry.name = name.str();
  // A colon before a number is part of a tensor's name; another one ends the list of feeds.
  size_t end = 0;
  for (; end < lists.size(); ++end)
    if (lists[end] == ':') {
      llvm::StringRef digits = lists.substr(end + 1).take_while(llvm::isDigit), behind = lists.substr(end + 1 + digits.size());
      if (digits.empty() || !(behind.empty() || llvm::StringRef(",:=").contains(behind.front())))
        break;
    }
  llvm::SmallVector<llvm::StringRef> feeds, fetches;
  lists.take_front(end).split(feeds, ',', -1, /*KeepEmpty=*/false);
  lists.drop_front(std::min(end + 1, lists.size())).split(fetches, ',', -1, /*KeepEmpty=*/false);
  for (llvm::StringRef feed : feeds) {
    auto [tensor, sizes] = feed.split('=');
    entry.feeds.push_back(tensor.str());
    if (!feed.contains('='))
      continue;
    auto shape = parseShape((tensor + ":" + sizes).str());
    if (!shape)
      return std::nullopt;
    entry.shapes.push_back(std::move(*shape));
  }
  for (llvm::StringRef fetch : fetches)
    entry.fetches.push_back(fetch.str());
  return name.empty() ? std::nullopt : std::optional(std::move(entry));
}

std::optional<CompileOptions> tool::compileOptions(const Arguments &arguments) {
  CompileOptions options;
  options.targetCpu = arguments.get("target-cpu", "host");
  options.name = arguments.get("name");
  options.cppClass = arguments.get("cpp-class");
  options.dumpDirectory = arguments.get("dump-dir");
  options.stopAfter = arguments.get("stop-after");
  options.state = arguments.all("state");
  if (llvm::StringRef(arguments.get("jobs", "0")).getAsInteger(10, options.jobs)) {
    llvm::errs() << "lathe: --jobs must be a number, but got '" << arguments.get("jobs") << "'\n";
    return std::nullopt;
  }
  for (const std::string &text : arguments.all("specialize")) {
    llvm::StringRef sizes = text;
    sizes.consume_front("N=");
    for (llvm::StringRef word : llvm::split(sizes, ',')) {
      constexpr int64_t largest = int64_t(1) << 20;
      int64_t size;
      if (!isNumber(word) || word.getAsInteger(10, size) || size < 1 || size > largest) {
        llvm::errs() << "lathe: --specialize must be N=1,8,64 with sizes from 1 to " << largest << ", but got '" << text << "'\n";
        return std::nullopt;
      }
      options.batchSizes.push_back(size);
    }
  }
  std::string checks = arguments.get("checks", "keep");
  options.keepChecks = checks == "keep";
  if (checks != "keep" && checks != "drop") {
    llvm::errs() << "lathe: --checks must be keep or drop, but got '" << checks << "'\n";
    return std::nullopt;
  }
  std::string convolutions = arguments.get("conv", "fast");
  if (convolutions != "fast" && convolutions != "exact") {
    llvm::errs() << "lathe: --conv must be fast or exact, but got '" << convolutions << "'\n";
    return std::nullopt;
  }
  options.convolutions = convolutions == "fast" ? Convolutions::Fast : Convolutions::Exact;
  options.import.signature = arguments.get("signature");
  options.import.checkpoint = llvm::StringRef(arguments.get("checkpoint")).trim().str();
  for (const std::string &tags : arguments.all("tag"))
    for (llvm::StringRef tag : llvm::split(tags, ','))
      options.import.tags.push_back(tag.str());
  for (const std::string &text : arguments.all("entry")) {
    std::optional<EntryOptions> entry = parseEntry(text);
    if (!entry) {
      llvm::errs() << "lathe: --entry must be NAME:feed=1x2,feed:fetch,fetch, but got '" << text << "'\n";
      return std::nullopt;
    }
    options.import.entries.push_back(std::move(*entry));
  }
  if (!options.import.entries.empty() && arguments.has("config")) {
    llvm::errs() << "lathe: --config and --entry both say what to compile; give one of them\n";
    return std::nullopt;
  }
  // Values after '=' are files of `lathe run`, not part of the name.
  for (const std::string &feed : arguments.all("feed"))
    options.import.feeds.push_back(llvm::StringRef(feed).split('=').first.str());
  for (const std::string &fetch : arguments.all("fetch"))
    options.import.fetches.push_back(llvm::StringRef(fetch).split('=').first.str());
  for (const std::string &text : arguments.all("shape")) {
    auto shape = parseShape(text);
    if (!shape) {
      llvm::errs() << "lathe: --shape must be NAME:1x2x3, but got '" << text << "'\n";
      return std::nullopt;
    }
    options.import.shapes.push_back(std::move(*shape));
  }
  if (arguments.has("config")) {
    auto file = llvm::MemoryBuffer::getFile(arguments.get("config"));
    if (!file) {
      llvm::errs() << "lathe: cannot read " << arguments.get("config") << ": " << file.getError().message() << "\n";
      return std::nullopt;
    }
    options.import.config = (*file)->getBuffer().str();
  }
  return options;
}
