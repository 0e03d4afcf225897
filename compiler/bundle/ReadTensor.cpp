// SPDX-License-Identifier: Apache-2.0
// Reads tensors of a checkpoint: whole, put together from parts, or a part of one; numbers and strings.
#include "compiler/bundle/Bundle.h"
#include "compiler/bundle/Crc32c.h"
#include "compiler/bundle/Slices.h"
#include "compiler/bundle/Wire.h"
#include "compiler/import/Types.h"

using namespace mlir;

namespace lathe {

static bool wrongChecksum(StringRef key, Fail fail) {
  fail(Code::ChecksumMismatch, "tensor '" + key + "': its bytes do not have the checksum that the index says");
  return false;
}

/// Strings are stored as their lengths, the checksum of those, then their bytes. The entry's checksum covers the
/// lengths as words, of 64 bits only where 32 are too few.
static bool readStrings(StringRef key, const Bundle::Entry &entry, StringRef bytes, std::vector<std::string> &strings,
                        Fail fail) {
  auto bad = [&](const Twine &text) {
    fail(Code::BadCheckpointEntry, "tensor '" + key + "': " + text);
    return false;
  };
  uint64_t count = countElements(entry.shape);
  if (count > bytes.size())
    return bad("number of strings must be " + Twine(count) + ", but there are only " + Twine(bytes.size()) + " bytes");
  std::vector<uint64_t> lengths(count);
  uint32_t crc = 0;
  uint64_t total = 0;
  for (uint64_t &length : lengths) {
    if (!takeVarint(bytes, length) || length > bytes.size())
      return bad("the lengths of its strings cannot be read");
    total += length; // at most 2^48 of at most 2^63: overflow is found below, where bytes run out
    if (total > bytes.size())
      return bad("the lengths of its strings cannot be read");
    std::string word;
    putWord(word, length);
    if (length >> 32)
      putWord(word, length >> 32);
    crc = extendCrc32c(crc, word);
  }
  if (bytes.size() < 4 || bytes.size() - 4 != total)
    return bad("its strings must have " + Twine(total) + " bytes, but have " + Twine(bytes.size()) +
               " with their checksum");
  if (readWord(bytes.data()) != maskCrc32c(crc))
    return wrongChecksum(key, fail);
  if (maskCrc32c(extendCrc32c(crc, bytes)) != entry.crc)
    return wrongChecksum(key, fail);
  bytes = bytes.drop_front(4);
  for (uint64_t length : lengths) {
    strings.push_back(bytes.take_front(length).str());
    bytes = bytes.drop_front(length);
  }
  return true;
}

bool Bundle::readWhole(StringRef key, const Entry &entry, BundleTensor &tensor, Fail fail) {
  tensor.dtype = entry.dtype;
  tensor.shape = entry.shape;
  StringRef bytes;
  if (entry.dtype != tf::DT_STRING && storedBytes(entry.dtype) == 0) {
    fail(Code::UnsupportedType, "tensor '" + key + "': element type " + typeName(entry.dtype) + " is not supported");
    return false;
  }
  if (!bytesOf(key, entry, bytes, tensor.owner, fail))
    return false;
  if (entry.dtype == tf::DT_STRING)
    return readStrings(key, entry, bytes, tensor.strings, fail);
  if (maskCrc32c(extendCrc32c(0, bytes)) != entry.crc)
    return wrongChecksum(key, fail);
  if (entry.dtype == tf::DT_BOOL && llvm::any_of(bytes, [](char c) { return c & ~1; })) {
    fail(Code::BadCheckpointEntry, "tensor '" + key + "': values of type bool must be 0 or 1");
    return false;
  }
  tensor.bytes = ArrayRef<char>(bytes.data(), bytes.size());
  // A file says nothing about alignment; whoever reads the values as numbers relies on it.
  size_t alignment = std::min(8u, storedBytes(entry.dtype));
  if (reinterpret_cast<uintptr_t>(bytes.data()) % alignment != 0) {
    auto copy = std::make_shared<std::vector<char>>(bytes.begin(), bytes.end());
    tensor.bytes = *copy;
    tensor.owner = copy;
  }
  return true;
}

bool Bundle::readSlices(StringRef key, const Entry &entry, BundleTensor &tensor, Fail fail) {
  auto bad = [&](const Twine &text) {
    fail(Code::BadCheckpointEntry, "tensor '" + key + "': " + text);
    return false;
  };
  tensor.dtype = entry.dtype;
  tensor.shape = entry.shape;
  unsigned size = storedBytes(entry.dtype);
  if (size == 0)
    return bad("only numbers can be stored in parts");
  std::vector<TensorSlice> slices = entry.slices;
  for (TensorSlice &slice : slices)
    resolveSlice(entry.shape, slice);
  if (!slicesTile(entry.shape, slices))
    return bad("its parts do not make up its shape " + shapeText(entry.shape));
  // All parts are there before memory for the whole is taken: their bytes in the file bound it.
  std::vector<BundleTensor> values(slices.size());
  for (auto [slice, stored, value] : llvm::zip_equal(slices, entry.slices, values)) {
    auto found = parts.find(sliceKey(key, stored));
    if (found == parts.end())
      return bad("a part of it is not in the checkpoint");
    auto lengths = llvm::map_range(slice, [](auto extent) { return extent.second; });
    if (found->second.dtype != entry.dtype || !llvm::equal(lengths, found->second.shape))
      return bad("a part of it has another shape or element type than the index says");
    if (!readWhole(key, found->second, value, fail))
      return false;
  }
  auto bytes = std::make_shared<std::vector<char>>(countElements(entry.shape) * size);
  for (auto [slice, value] : llvm::zip_equal(slices, values))
    copySlice(entry.shape, slice, size, bytes->data(), const_cast<char *>(value.bytes.data()), /*toWhole=*/true);
  tensor.bytes = *bytes;
  tensor.owner = bytes;
  return true;
}

bool Bundle::read(StringRef key, BundleTensor &tensor, Fail fail) {
  auto found = entries.find(key);
  if (found == entries.end()) {
    auto keys = llvm::map_range(entries, [](const auto &entry) -> StringRef { return entry.first; });
    fail(Code::NoSuchKey, "the checkpoint has no tensor '" + key + "'" + didYouMean(nearestName(key, keys)));
    return false;
  }
  tensor = BundleTensor();
  return found->second.slices.empty() ? readWhole(key, found->second, tensor, fail)
                                      : readSlices(key, found->second, tensor, fail);
}

} // namespace lathe
