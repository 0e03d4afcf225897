// SPDX-License-Identifier: Apache-2.0
// Reads and writes tables in LevelDB's format.
#include "compiler/bundle/Table.h"
#include "compiler/bundle/Crc32c.h"
#include "compiler/bundle/Wire.h"
#include "llvm/ADT/Twine.h"
#include <snappy.h>
#include <vector>

using llvm::StringRef;
using llvm::Twine;
using Kind = lathe::TableError::Kind;

namespace lathe {

static constexpr StringRef magic("\x57\xfb\x80\x8b\x24\x75\x47\xdb", 8);
static constexpr size_t footerBytes = 48, trailerBytes = 5;
/// A block is closed once it has this many bytes; every so many keys are stored whole.
static constexpr size_t blockBytes = 4096;
static constexpr unsigned restartInterval = 16;

//===----------------------------------------------------------------------===//
// Reading
//===----------------------------------------------------------------------===//

namespace {

class Reader {
public:
  Reader(StringRef file, uint64_t limit) : file(file), left(limit) {}

  TableError run(llvm::function_ref<bool(StringRef, StringRef)> entry) {
    if (readFooter() && readIndex()) {
      std::string last;
      bool first = true, stopped = false;
      uint64_t place = 0;
      for (const Handle &handle : blocks) {
        if (handle.offset != place) {
          fail(Kind::damaged, "block must begin at byte " + Twine(place) + ", but begins at " + Twine(handle.offset));
          break;
        }
        std::string storage;
        StringRef block;
        if (!readBlock(handle, storage, block) || !readEntries(block, [&](StringRef key, StringRef value) {
              if (!first && key <= StringRef(last))
                return fail(Kind::damaged, "keys must ascend");
              first = false;
              last = key.str();
              stopped = !entry(key, value);
              return !stopped;
            }))
          break;
        place += handle.size + trailerBytes;
      }
      if (!error && !stopped)
        checkEnd(place);
    }
    return std::move(error);
  }

private:
  struct Handle {
    uint64_t offset, size;
  };

  bool fail(Kind kind, const Twine &text) {
    error = {kind, text.str()};
    return false;
  }

  bool readHandle(StringRef &bytes, Handle &handle) {
    return takeVarint(bytes, handle.offset) && takeVarint(bytes, handle.size);
  }

  bool readFooter() {
    if (file.size() < footerBytes || !file.ends_with(magic))
      return fail(Kind::notATable, "the file does not end like a table of keys");
    StringRef footer = file.take_back(footerBytes).drop_back(magic.size());
    if (!readHandle(footer, meta) || !readHandle(footer, index) ||
        footer.find_first_not_of(StringRef("\0", 1)) != StringRef::npos)
      return fail(Kind::damaged, "the footer is damaged");
    return true;
  }

  /// The content of a block, decompressed into `storage` where it is compressed.
  bool readBlock(Handle handle, std::string &storage, StringRef &block) {
    uint64_t end = file.size() - footerBytes;
    if (handle.offset > end || end - handle.offset < trailerBytes || handle.size > end - handle.offset - trailerBytes)
      return fail(Kind::damaged, "block of " + Twine(handle.size) + " bytes at " + Twine(handle.offset) +
                                     " is beyond the end of the blocks at " + Twine(end));
    StringRef stored = file.substr(handle.offset, handle.size + 1);
    if (maskCrc32c(extendCrc32c(0, stored)) != readWord(stored.end()))
      return fail(Kind::checksum, "block of " + Twine(handle.size) + " bytes at " + Twine(handle.offset) +
                                      " does not have the checksum that is stored with it");
    char compression = stored.back();
    block = stored.drop_back();
    if (compression == 0)
      return spend(block.size());
    size_t size;
    if (compression != 1)
      return fail(Kind::damaged, "compression must be 0 or 1, but is " + Twine(static_cast<int>(compression)));
    if (!snappy::GetUncompressedLength(block.data(), block.size(), &size))
      return fail(Kind::damaged, "compressed block cannot be read");
    if (!spend(size))
      return false;
    if (!snappy::Uncompress(block.data(), block.size(), &storage))
      return fail(Kind::damaged, "compressed block cannot be read");
    block = storage;
    return true;
  }

  bool spend(uint64_t bytes) {
    if (bytes > left)
      return fail(Kind::tooLarge, "the table takes more memory than is allowed");
    left -= bytes;
    return true;
  }

  bool readEntries(StringRef block, llvm::function_ref<bool(StringRef, StringRef)> entry) {
    uint64_t restarts = block.size() < 4 ? 0 : readWord(block.end() - 4);
    if (restarts == 0 || restarts > block.size() / 4 - 1)
      return fail(Kind::damaged, "a block's list of restarts is damaged");
    StringRef bytes = block.drop_back(4 * (restarts + 1));
    std::string key;
    while (!bytes.empty()) {
      uint64_t shared, unshared, size;
      if (!takeVarint(bytes, shared) || !takeVarint(bytes, unshared) || !takeVarint(bytes, size) ||
          shared > key.size() || unshared > bytes.size() || size > bytes.size() - unshared)
        return fail(Kind::damaged, "an entry of a block is damaged");
      key.resize(shared);
      key += bytes.take_front(unshared);
      if (!spend(key.size()))
        return false;
      if (!entry(key, bytes.substr(unshared, size)))
        return false;
      bytes = bytes.drop_front(unshared + size);
    }
    return true;
  }

  bool readIndex() {
    std::string storage;
    StringRef block;
    return readBlock(index, storage, block) && readEntries(block, [&](StringRef, StringRef value) {
             Handle handle;
             if (!readHandle(value, handle) || !value.empty())
               return fail(Kind::damaged, "a block's place is damaged");
             blocks.push_back(handle);
             return true;
           });
  }

  /// Behind the data there are a block of meta data, in which nothing is of interest, and the index.
  void checkEnd(uint64_t place) {
    std::string storage;
    StringRef block;
    if (!readBlock(meta, storage, block))
      return;
    if (meta.offset != place || index.offset != place + meta.size + trailerBytes ||
        index.offset + index.size + trailerBytes != file.size() - footerBytes)
      fail(Kind::damaged, "blocks must follow each other");
  }

  StringRef file;
  uint64_t left;
  Handle meta, index;
  std::vector<Handle> blocks;
  TableError error;
};

} // namespace

TableError readTable(StringRef file, uint64_t limit, llvm::function_ref<bool(StringRef, StringRef)> entry) {
  return Reader(file, limit).run(entry);
}

//===----------------------------------------------------------------------===//
// Writing
//===----------------------------------------------------------------------===//

void TableWriter::Block::add(StringRef key, StringRef value) {
  size_t shared = 0;
  if (entries++ % restartInterval == 0)
    putWord(restarts, bytes.size());
  else
    while (shared < key.size() && shared < lastKey.size() && key[shared] == lastKey[shared])
      ++shared;
  putVarint(bytes, shared);
  putVarint(bytes, key.size() - shared);
  putVarint(bytes, value.size());
  bytes += key.drop_front(shared);
  bytes += value;
  lastKey = key.str();
}

std::string TableWriter::write(Block &block) {
  if (block.restarts.empty())
    putWord(block.restarts, 0);
  uint32_t count = block.restarts.size() / 4;
  std::string content = std::move(block.bytes) + block.restarts, handle;
  putWord(content, count);
  putVarint(handle, file.size());
  putVarint(handle, content.size());
  content += '\0';
  file += content;
  putWord(file, maskCrc32c(extendCrc32c(0, content)));
  block = Block();
  return handle;
}

void TableWriter::add(StringRef key, StringRef value) {
  data.add(key, value);
  if (data.bytes.size() >= blockBytes) {
    std::string last = data.lastKey;
    index.add(last, write(data));
  }
}

std::string TableWriter::finish() {
  if (!data.bytes.empty()) {
    std::string last = data.lastKey;
    index.add(last, write(data));
  }
  Block none;
  std::string footer = write(none);
  footer += write(index);
  footer.resize(footerBytes - magic.size());
  file += footer;
  file += magic;
  return std::move(file);
}

} // namespace lathe
