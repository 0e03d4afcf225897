// SPDX-License-Identifier: Apache-2.0
// Opens a checkpoint: its index, entry by entry, and the files of its shards.
#include "compiler/bundle/Bundle.h"
#include "compiler/bundle/Slices.h"
#include "compiler/bundle/Table.h"
#include "compiler/import/Types.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FormatVariadic.h"
#include <google/protobuf/stubs/logging.h>

using namespace mlir;

namespace lathe {

unsigned storedBytes(tf::DataType dtype) {
  switch (dtype) {
  case tf::DT_BOOL:
  case tf::DT_INT8:
  case tf::DT_UINT8:
  case tf::DT_QINT8:
  case tf::DT_QUINT8:
  case tf::DT_FLOAT8_E5M2:
  case tf::DT_FLOAT8_E4M3FN:
    return 1;
  case tf::DT_INT16:
  case tf::DT_UINT16:
  case tf::DT_QINT16:
  case tf::DT_QUINT16:
  case tf::DT_HALF:
  case tf::DT_BFLOAT16:
    return 2;
  case tf::DT_FLOAT:
  case tf::DT_INT32:
  case tf::DT_UINT32:
  case tf::DT_QINT32:
    return 4;
  case tf::DT_DOUBLE:
  case tf::DT_INT64:
  case tf::DT_UINT64:
  case tf::DT_COMPLEX64:
    return 8;
  case tf::DT_COMPLEX128:
    return 16;
  default:
    return 0;
  }
}

std::shared_ptr<Bundle> Bundle::open(StringRef prefix, const ImportLimits &limits, Fail fail) {
  prefix.consume_back(".index");
  std::string name = prefix.str();
  auto index = llvm::MemoryBuffer::getFile(name + ".index", /*IsText=*/false, /*RequiresNullTerminator=*/false);
  if (!index) {
    // TensorFlow 1 once wrote a single file, which has neither index nor checksums.
    bool old = llvm::sys::fs::is_regular_file(name);
    fail(old ? Code::UnsupportedCheckpoint : Code::MissingCheckpointFile,
         old ? "checkpoint '" + prefix + "' has the format V1, which is not supported"
             : "cannot read '" + prefix + ".index': " + index.getError().message());
    return nullptr;
  }
  auto shards = [name](unsigned shard, unsigned count) -> std::unique_ptr<llvm::MemoryBuffer> {
    std::string path =
        llvm::formatv("{0}.data-{1}-of-{2}", name, llvm::format("%05u", shard), llvm::format("%05u", count));
    auto file = llvm::MemoryBuffer::getFile(path, /*IsText=*/false, /*RequiresNullTerminator=*/false);
    return file ? std::move(*file) : nullptr;
  };
  return parse((*index)->getBuffer(), shards, limits, fail);
}

std::shared_ptr<Bundle> Bundle::parse(StringRef index, Shards shards, const ImportLimits &limits, Fail fail) {
  google::protobuf::LogSilencer silencer;
  auto bundle = std::make_shared<Bundle>();
  bundle->openShard = std::move(shards);
  bool valid = true, hasHeader = false;
  TableError error = readTable(index, limits.indexBytes, [&](StringRef key, StringRef value) {
    if (!key.empty()) {
      if (!hasHeader)
        fail(Code::DamagedIndex, "the checkpoint's index has no header");
      return valid = hasHeader && bundle->addEntry(key, value, limits, fail);
    }
    hasHeader = true;
    valid = false;
    tf::BundleHeaderProto header;
    if (!header.ParseFromArray(value.data(), value.size()))
      fail(Code::DamagedIndex, "the header of the checkpoint's index cannot be read");
    else if (header.endianness() != tf::BundleHeaderProto::LITTLE)
      fail(Code::UnsupportedCheckpoint, "the checkpoint has its values in big-endian order");
    else if (header.version().min_consumer() > 1)
      fail(Code::UnsupportedCheckpoint,
           "version of the checkpoint must be at most 1, but got " + Twine(header.version().min_consumer()));
    else if (header.num_shards() < 1 || header.num_shards() > 99999)
      fail(Code::DamagedIndex, "number of shards must be in [1, 99999], but got " + Twine(header.num_shards()));
    else
      valid = true;
    bundle->shardCount = header.num_shards();
    return valid;
  });
  if (error) {
    Code code = error.kind == TableError::Kind::checksum   ? Code::ChecksumMismatch
                : error.kind == TableError::Kind::tooLarge ? Code::LimitExceeded
                                                           : Code::DamagedIndex;
    fail(code, "index of the checkpoint: " + error.text);
    return nullptr;
  }
  if (valid && !hasHeader)
    fail(Code::DamagedIndex, "the checkpoint's index has no header");
  return valid && hasHeader && bundle->checkOverlaps(fail) ? bundle : nullptr;
}

bool Bundle::addEntry(StringRef key, StringRef value, const ImportLimits &limits, Fail fail) {
  // Keys of parts begin with a zero, which no name does.
  bool isPart = key.starts_with(StringRef("\0", 1));
  std::string name = isPart ? "a part of a tensor" : "tensor '" + key.str() + "'";
  auto bad = [&](const Twine &text) {
    fail(Code::BadCheckpointEntry, name + ": " + text);
    return false;
  };
  // What an entry takes in memory, and each part that it lists, once it is parsed.
  constexpr uint64_t entryBytes = 256, sliceBytes = 128, mostEntryBytes = uint64_t{1} << 20;
  if (value.size() > mostEntryBytes)
    return bad("its entry must have at most " + Twine(mostEntryBytes) + " bytes, but has " + Twine(value.size()));
  tf::BundleEntryProto proto;
  if (!proto.ParseFromArray(value.data(), value.size()))
    return bad("its entry cannot be read");
  if (!take(usedBytes, entryBytes + key.size() + sliceBytes * proto.slices_size(), limits.parsedBytes)) {
    fail(Code::LimitExceeded,
         "memory for the checkpoint's index in bytes must be at most " + Twine(limits.parsedBytes));
    return false;
  }
  Entry entry{proto.dtype(),
              {},
              static_cast<unsigned>(proto.shard_id()),
              static_cast<uint64_t>(proto.offset()),
              static_cast<uint64_t>(proto.size()),
              proto.crc32c(),
              {}};
  bool ranked = false, fits = true;
  fits = readShape(proto.shape(), limits, entry.shape, ranked, [&](Code, const Twine &text) { bad(text); });
  if (!fits)
    return false;
  if (!ranked || llvm::is_contained(entry.shape, ShapedType::kDynamic))
    return bad("its shape must be known");
  uint64_t count = countElements(entry.shape);
  if (proto.slices_size() != 0) {
    if (isPart)
      return bad("it is stored in parts itself");
    for (const tf::TensorSliceProto &slice : proto.slices()) {
      TensorSlice &extents = entry.slices.emplace_back();
      for (const auto &extent : slice.extent())
        extents.emplace_back(extent.start(), extent.has_length_case() == extent.kLength ? extent.length() : -1);
      if (TensorSlice resolved = extents; !resolveSlice(entry.shape, resolved))
        return bad("a part of it is not within its shape " + shapeText(entry.shape));
    }
  } else if (proto.shard_id() < 0 || entry.shard >= shardCount) {
    return bad("number of its shard must be below " + Twine(shardCount) + ", but got " + Twine(proto.shard_id()));
  } else if (proto.offset() < 0 || proto.size() < 0 || proto.offset() > INT64_MAX - proto.size()) {
    return bad("its place must not be negative, but is " + Twine(proto.offset()) + " with " + Twine(proto.size()) +
               " bytes");
  } else if (unsigned size = storedBytes(entry.dtype); size != 0 && entry.size != count * size) { // below 2^48 * 16
    return bad("size must be " + Twine(count * size) + " bytes for " + typeName(entry.dtype) + shapeText(entry.shape) +
               ", but got " + Twine(entry.size));
  }
  (isPart ? parts : entries).emplace(key.str(), std::move(entry));
  return true;
}

bool Bundle::checkOverlaps(Fail fail) const {
  std::vector<std::pair<StringRef, const Entry *>> stored;
  for (const auto *list : {&entries, &parts})
    for (const auto &[key, entry] : *list)
      if (entry.slices.empty() && entry.size != 0)
        stored.emplace_back(key, &entry);
  llvm::sort(stored, [](const auto &a, const auto &b) {
    return std::tie(a.second->shard, a.second->offset) < std::tie(b.second->shard, b.second->offset);
  });
  for (size_t i = 1; i < stored.size(); ++i) {
    auto [first, before] = stored[i - 1];
    auto [second, after] = stored[i];
    if (before->shard != after->shard || before->offset + before->size <= after->offset)
      continue;
    fail(Code::BadCheckpointEntry,
         "tensor '" + first.ltrim('\0') + "' and tensor '" + second.ltrim('\0') + "' share bytes");
    return false;
  }
  return true;
}

bool Bundle::bytesOf(StringRef key, const Entry &entry, StringRef &bytes, std::shared_ptr<const void> &owner,
                     Fail fail) {
  std::shared_ptr<llvm::MemoryBuffer> file;
  {
    std::lock_guard lock(mutex);
    auto [place, isNew] = shards.try_emplace(entry.shard);
    if (isNew)
      place->second = openShard(entry.shard, shardCount);
    file = place->second;
  }
  if (!file) {
    fail(Code::MissingCheckpointFile, "tensor '" + key + "': file number " + Twine(entry.shard) + " of " +
                                          Twine(shardCount) + " of the checkpoint cannot be read");
    return false;
  }
  uint64_t end = file->getBufferSize();
  if (entry.offset > end || entry.size > end - entry.offset) {
    fail(Code::BadCheckpointEntry, "tensor '" + key + "': " + Twine(entry.size) + " bytes at " + Twine(entry.offset) +
                                       " are beyond the file's end at " + Twine(end));
    return false;
  }
  bytes = file->getBuffer().substr(entry.offset, entry.size);
  owner = file;
  return true;
}

} // namespace lathe
