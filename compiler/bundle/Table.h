// SPDX-License-Identifier: Apache-2.0
// The table of sorted keys and values (LevelDB's format) that a bundle's index is.
#ifndef LATHE_COMPILER_BUNDLE_TABLE_H
#define LATHE_COMPILER_BUNDLE_TABLE_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"
#include <cstdint>
#include <string>

namespace lathe {

/// What is wrong with a table.
struct TableError {
  enum class Kind { none, notATable, damaged, checksum, tooLarge } kind = Kind::none;
  std::string text;

  explicit operator bool() const { return kind != Kind::none; }
};

/// Calls `entry` with each key and value of the table `file`, in ascending order of keys; both live during the call
/// only. All bytes of the file are checked: each belongs to a block with a checksum, to the footer's two handles, or is
/// zero. Keys and decompressed blocks together take at most `limit` bytes of work. Stops where `entry` says false.
TableError readTable(llvm::StringRef file, uint64_t limit,
                     llvm::function_ref<bool(llvm::StringRef key, llvm::StringRef value)> entry);

/// Writes a table without compression.
class TableWriter {
public:
  /// Adds an entry; `key` is above all keys before it.
  void add(llvm::StringRef key, llvm::StringRef value);
  /// The file's bytes. Nothing can be added after that.
  std::string finish();

private:
  /// A block in the making.
  struct Block {
    std::string bytes, lastKey;
    std::string restarts;
    unsigned entries = 0;
    void add(llvm::StringRef key, llvm::StringRef value);
  };
  /// Appends `block` to the file; gives its handle.
  std::string write(Block &block);

  std::string file;
  Block data, index;
};

} // namespace lathe

#endif
