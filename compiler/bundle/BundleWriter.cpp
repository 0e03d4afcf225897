// SPDX-License-Identifier: Apache-2.0
// Writes checkpoints: values as they come, then the index.
#include "compiler/bundle/BundleWriter.h"
#include "compiler/bundle/Bundle.h"
#include "compiler/bundle/Crc32c.h"
#include "compiler/bundle/Table.h"
#include "compiler/bundle/Wire.h"
#include "llvm/Support/FileSystem.h"

using namespace llvm;

namespace lathe {

static std::string dataPath(StringRef prefix) {
  return prefix.str() + ".data-00000-of-00001";
}

BundleWriter::BundleWriter(StringRef prefix)
    : prefix(prefix), data(std::make_unique<raw_fd_ostream>(dataPath(prefix) + ".tmp", error)) {}

BundleWriter::~BundleWriter() {
  if (!data)
    return;
  data->close();
  data->clear_error();
  sys::fs::remove(dataPath(prefix) + ".tmp");
}

Error BundleWriter::addEntry(StringRef key, tf::DataType dtype, ArrayRef<int64_t> shape, uint64_t size, uint32_t crc) {
  tf::BundleEntryProto entry;
  entry.set_dtype(dtype);
  entry.mutable_shape();
  for (int64_t dim : shape)
    entry.mutable_shape()->add_dim()->set_size(dim);
  entry.set_offset(offset);
  entry.set_size(size);
  entry.set_crc32c(maskCrc32c(crc));
  offset += size;
  if (key.empty() || key.front() == '\0' || !entries.try_emplace(key.str(), entry.SerializeAsString()).second)
    return createStringError("key '" + key + "' must be new, not empty, and begin with no zero");
  return Error::success();
}

Error BundleWriter::add(StringRef key, tf::DataType dtype, ArrayRef<int64_t> shape, ArrayRef<char> bytes) {
  uint64_t size = storedBytes(dtype);
  for (int64_t dim : shape)
    size *= dim;
  if (size != bytes.size() || storedBytes(dtype) == 0)
    return createStringError("tensor '" + key + "': size must be " + Twine(size) + " bytes, but got " +
                             Twine(bytes.size()));
  StringRef text(bytes.data(), bytes.size());
  *data << text;
  return addEntry(key, dtype, shape, text.size(), extendCrc32c(0, text));
}

Error BundleWriter::addStrings(StringRef key, ArrayRef<int64_t> shape, ArrayRef<std::string> strings) {
  uint64_t count = 1;
  for (int64_t dim : shape)
    count *= dim;
  if (count != strings.size())
    return createStringError("tensor '" + key + "': number of strings must be " + Twine(count) + ", but got " +
                             Twine(strings.size()));
  std::string lengths, words;
  uint64_t size = 4;
  for (const std::string &string : strings) {
    putVarint(lengths, string.size());
    putWord(words, string.size());
    if (uint64_t{string.size()} >> 32)
      putWord(words, uint64_t{string.size()} >> 32);
    size += string.size();
  }
  uint32_t crc = extendCrc32c(0, words);
  std::string check;
  putWord(check, maskCrc32c(crc));
  crc = extendCrc32c(crc, check);
  *data << lengths << check;
  for (const std::string &string : strings) {
    *data << string;
    crc = extendCrc32c(crc, string);
  }
  return addEntry(key, tf::DT_STRING, shape, size + lengths.size(), crc);
}

Error BundleWriter::finish() {
  if (!error) {
    data->close();
    error = data->error();
    data->clear_error();
  }
  tf::BundleHeaderProto header;
  header.set_num_shards(1);
  header.mutable_version()->set_producer(1);
  TableWriter table;
  table.add("", header.SerializeAsString());
  for (const auto &[key, entry] : entries)
    table.add(key, entry);
  std::string index = prefix + ".index", temporary = index + ".tmp";
  if (!error) {
    raw_fd_ostream out(temporary, error);
    out << table.finish();
    out.close();
    error = out.error() ? out.error() : error;
    out.clear_error();
  }
  if (!error)
    error = sys::fs::rename(dataPath(prefix) + ".tmp", dataPath(prefix));
  if (!error)
    error = sys::fs::rename(temporary, index);
  if (error) {
    sys::fs::remove(temporary);
    return createStringError(error, "cannot write checkpoint '" + prefix + "': " + error.message());
  }
  data.reset();
  return Error::success();
}

} // namespace lathe
