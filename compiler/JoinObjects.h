// SPDX-License-Identifier: Apache-2.0
// Many objects and the weights into one relocatable object whose hidden symbols are local.
#ifndef LATHE_COMPILER_JOINOBJECTS_H
#define LATHE_COMPILER_JOINOBJECTS_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

#include <cstdint>

namespace lathe {

/// A read-only section of plain bytes, found by a hidden symbol at its start.
struct RawSection {
  llvm::StringRef section; ///< unique among the sections of all objects, such as ".lathe.weights"
  llvm::StringRef symbol;  ///< what the other objects refer to
  llvm::ArrayRef<char> bytes;
  uint64_t alignment = 64; ///< a power of two
};

/// What a joined object looks like on disk: write `head`, then each of `sections` at its offset, zeros between. The
/// bytes of the sections stay the caller's and are never copied.
struct JoinedObject {
  struct Placed {
    uint64_t offset;
    llvm::ArrayRef<char> bytes;
  };
  llvm::SmallVector<char, 0> head;
  llvm::SmallVector<Placed> sections;

  uint64_t size() const;
  void write(llvm::raw_ostream &stream) const;
};

/// Joins relocatable ELF objects of one machine (little-endian, 64 bits), in process: a symbol that is hidden in all of
/// them becomes local, the others stay global; the stack is marked not executable. Undefined symbols stay undefined.
/// Deterministic. Safe to call from several threads (calls wait for each other).
llvm::Expected<JoinedObject> joinObjects(llvm::ArrayRef<llvm::ArrayRef<char>> objects,
                                         llvm::ArrayRef<RawSection> sections = {});

/// A relocatable object with one section and its hidden symbol, and an empty .note.GNU-stack, for x86-64 or AArch64
/// (`elfMachine`: EM_X86_64 or EM_AARCH64).
llvm::SmallVector<char, 0> writeRawSectionObject(const RawSection &section, uint16_t elfMachine);

} // namespace lathe

#endif // LATHE_COMPILER_JOINOBJECTS_H
