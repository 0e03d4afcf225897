// SPDX-License-Identifier: Apache-2.0
// Checkpoints in TensorFlow's format TensorBundle V2: PREFIX.index and PREFIX.data-NNNNN-of-MMMMM.
#ifndef LATHE_COMPILER_BUNDLE_BUNDLE_H
#define LATHE_COMPILER_BUNDLE_BUNDLE_H

#include "compiler/import/Context.h"
#include "compiler/import/proto/bundle.pb.h"
#include "llvm/Support/MemoryBuffer.h"
#include <functional>
#include <map>
#include <mutex>

namespace lathe {

/// A part of a tensor: for each dimension the first index and the number of them; a length of -1: all there are.
using TensorSlice = llvm::SmallVector<std::pair<int64_t, int64_t>>;

/// The values of a tensor that was read.
struct BundleTensor {
  tf::DataType dtype = tf::DT_INVALID;
  llvm::SmallVector<int64_t> shape;
  /// Row-major, little-endian, a bool in one byte that is 0 or 1. Points into the mapped file where it can.
  llvm::ArrayRef<char> bytes;
  /// The values of DT_STRING, instead of `bytes`.
  std::vector<std::string> strings;
  /// Keeps `bytes` alive.
  std::shared_ptr<const void> owner;
};

/// A checkpoint whose index has been read and checked. May be read from several threads.
class Bundle {
public:
  /// Gives the content of a shard's file, or null when there is none.
  using Shards = std::function<std::unique_ptr<llvm::MemoryBuffer>(unsigned shard, unsigned count)>;

  /// A tensor of the index.
  struct Entry {
    tf::DataType dtype;
    llvm::SmallVector<int64_t> shape;
    unsigned shard;
    uint64_t offset, size;
    uint32_t crc;
    /// Under keys of their own there are the parts that the tensor has been stored in; empty: it is stored whole.
    std::vector<TensorSlice> slices;
  };

  /// Opens the checkpoint `prefix`, which may end in `.index`; null after a report to `fail`. Files of values are mapped when they are first
  /// needed, and must not change from then on.
  static std::shared_ptr<Bundle> open(llvm::StringRef prefix, const ImportLimits &limits, Fail fail);
  /// The same on bytes in memory.
  static std::shared_ptr<Bundle> parse(llvm::StringRef index, Shards shards, const ImportLimits &limits, Fail fail);

  /// Tensors by key; parts of tensors aside.
  const std::map<std::string, Entry, std::less<>> &tensors() const { return entries; }

  /// Reads the tensor stored under `key`, and checks its checksum. False after a report to `fail`.
  bool read(llvm::StringRef key, BundleTensor &tensor, Fail fail);

private:
  bool addEntry(llvm::StringRef key, llvm::StringRef value, const ImportLimits &limits, Fail fail);
  bool checkOverlaps(Fail fail) const;
  /// The bytes of an entry, which belong to a shard that `owner` keeps; their checksum is not looked at.
  bool bytesOf(llvm::StringRef key, const Entry &entry, llvm::StringRef &bytes, std::shared_ptr<const void> &owner,
               Fail fail);
  bool readWhole(llvm::StringRef key, const Entry &entry, BundleTensor &tensor, Fail fail);
  bool readSlices(llvm::StringRef key, const Entry &entry, BundleTensor &tensor, Fail fail);

  unsigned shardCount = 0;
  uint64_t usedBytes = 0; ///< for entries
  Shards openShard;
  std::map<std::string, Entry, std::less<>> entries, parts;
  std::mutex mutex;
  std::map<unsigned, std::shared_ptr<llvm::MemoryBuffer>> shards;
};

/// Bytes of an element as a bundle stores it; 0 for strings and for types that no bundle holds.
unsigned storedBytes(tf::DataType dtype);

/// The key of the part `slice` of the tensor `key`.
std::string sliceKey(llvm::StringRef key, const TensorSlice &slice);

} // namespace lathe

#endif
