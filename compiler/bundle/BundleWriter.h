// SPDX-License-Identifier: Apache-2.0
// Writes a checkpoint that TensorFlow reads.
#ifndef LATHE_COMPILER_BUNDLE_BUNDLEWRITER_H
#define LATHE_COMPILER_BUNDLE_BUNDLEWRITER_H

#include "compiler/import/proto/bundle.pb.h"
#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"
#include <map>
#include <memory>

namespace lathe {

/// Writes one checkpoint in one shard. Nothing is to be seen under its names before finish(): until then its bytes go
/// to files beside them, which are removed if it is not called.
class BundleWriter {
public:
  explicit BundleWriter(llvm::StringRef prefix);
  ~BundleWriter();

  /// Adds a tensor of numbers: `bytes` are row-major and little-endian, and must be as many as dtype and shape say.
  llvm::Error add(llvm::StringRef key, tf::DataType dtype, llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<char> bytes);
  /// Adds a tensor of strings.
  llvm::Error addStrings(llvm::StringRef key, llvm::ArrayRef<int64_t> shape, llvm::ArrayRef<std::string> strings);
  /// Writes the index and gives both files their names, the index last. Nothing can be added after that.
  llvm::Error finish();

private:
  llvm::Error addEntry(llvm::StringRef key, tf::DataType dtype, llvm::ArrayRef<int64_t> shape, uint64_t size,
                       uint32_t crc);

  std::string prefix;
  std::error_code error;
  std::unique_ptr<llvm::raw_fd_ostream> data;
  uint64_t offset = 0;
  std::map<std::string, std::string> entries; // serialised, by key
};

} // namespace lathe

#endif
