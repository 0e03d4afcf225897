// SPDX-License-Identifier: Apache-2.0
// libFuzzer's entry for checkpoints. Run: bundle-fuzzer -rss_limit_mb=2048 -timeout=10 CORPUS. An input is an index as
// it is, or, where it begins with '\1', keys and entries of which an index with right checksums is made: chance does
// not find those.
#include "compiler/bundle/Bundle.h"
#include "compiler/bundle/Crc32c.h"
#include "compiler/bundle/Table.h"
#include "compiler/bundle/Wire.h"
#include <fuzzer/FuzzedDataProvider.h>

using namespace lathe;

/// LLVM's headers mark what their allocators have not handed out yet; libMLIR, which is not instrumented, does not
/// know.
extern "C" const char *__asan_default_options() {
  return "allow_user_poisoning=0";
}

/// An index of the entries in `input`; those that name bytes of `data` get the checksum of these.
static std::string makeIndex(FuzzedDataProvider &input, const std::string &data) {
  std::map<std::string, std::string> entries;
  tf::BundleHeaderProto header;
  header.set_num_shards(1);
  entries[""] = header.SerializeAsString();
  while (input.remaining_bytes() != 0) {
    std::string key = input.ConsumeRandomLengthString(16), value = input.ConsumeRandomLengthString(200);
    tf::BundleEntryProto entry;
    if (entry.ParseFromString(value) && entry.offset() >= 0 && entry.size() >= 0 && entry.dtype() != tf::DT_STRING &&
        static_cast<uint64_t>(entry.offset()) <= data.size()) {
      entry.set_crc32c(maskCrc32c(extendCrc32c(0, llvm::StringRef(data).substr(entry.offset(), entry.size()))));
      value = entry.SerializeAsString();
    }
    entries[key] = value;
  }
  TableWriter table;
  for (const auto &[key, value] : entries)
    table.add(key, value);
  return table.finish();
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
  std::string index(reinterpret_cast<const char *>(bytes), size), data(index);
  if (size != 0 && bytes[0] == 1) {
    FuzzedDataProvider input(bytes + 1, size - 1);
    data = input.ConsumeRandomLengthString(256);
    index = makeIndex(input, data);
  }
  bool refused = false;
  auto fail = [&](Code, const llvm::Twine &message) { refused = !message.str().empty(); };
  auto shards = [&](unsigned, unsigned) { return llvm::MemoryBuffer::getMemBuffer(data, "data", false); };
  auto bundle = Bundle::parse(index, shards, {}, fail);
  // A checkpoint is read or refused with a reason, nothing between; so is each tensor.
  if (static_cast<bool>(bundle) == refused)
    __builtin_trap();
  if (!bundle)
    return 0;
  BundleTensor tensor;
  for (const auto &[key, entry] : bundle->tensors()) {
    refused = false;
    if (bundle->read(key, tensor, fail) == refused)
      __builtin_trap();
  }
  return 0;
}
