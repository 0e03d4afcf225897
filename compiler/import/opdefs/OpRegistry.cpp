// SPDX-License-Identifier: Apache-2.0
// Reads the operation definitions that are embedded in the library.
#include "compiler/import/opdefs/OpRegistry.h"
#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/Twine.h"
#include "llvm/Support/ErrorHandling.h"
#include <google/protobuf/text_format.h>

namespace lathe {

/// opdefs.txt and opdefs-private.txt, one after the other; OpDefsText.cpp is written by CMake.
extern const char *const opDefsTexts[2];

OpRegistry::OpRegistry() {
  for (llvm::StringRef text : opDefsTexts) {
    while (!text.empty()) {
      auto [line, rest] = text.split('\n');
      text = rest;
      // Every line starts with the name, so that the rest can wait until it is needed.
      llvm::StringRef name = line;
      if (name.consume_front("name:\""))
        entries[name.take_until([](char c) { return c == '"'; })].text = line;
    }
  }
}

const OpRegistry &OpRegistry::get() {
  static const OpRegistry registry;
  return registry;
}

const tf::OpDef *OpRegistry::find(llvm::StringRef name) const {
  std::lock_guard<std::mutex> lock(mutex);
  auto it = entries.find(name);
  if (it == entries.end())
    return nullptr;
  Entry &entry = it->second;
  if (!entry.parsed) {
    entry.parsed = std::make_unique<tf::OpDef>();
    if (!google::protobuf::TextFormat::ParseFromString(entry.text.str(), entry.parsed.get()))
      llvm::report_fatal_error("opdefs.txt: the definition of '" + llvm::Twine(name) + "' does not parse");
  }
  return entry.parsed.get();
}

std::vector<llvm::StringRef> OpRegistry::names() const {
  std::vector<llvm::StringRef> result;
  for (const auto &entry : entries)
    result.push_back(entry.getKey());
  llvm::sort(result);
  return result;
}

} // namespace lathe
