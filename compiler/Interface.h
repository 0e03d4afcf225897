// SPDX-License-Identifier: Apache-2.0
// What an object offers to its caller, as plain data: the one source of the generated header and of the object's
// tables.
#pragma once

#include "lathe/abi.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace lathe {

/// An argument or a result.
struct TensorInterface {
  /// The graph's name, such as "input:0"; any bytes but zero.
  std::string name;
  /// Name in C, lower case and unique within the entry. assignIdentifiers() fills it where it is empty.
  std::string identifier;
  lathe_dtype_t dtype{};
  std::vector<int64_t> shape;
  /// Of the dense tensor.
  uint64_t bytes = 0;
  /// Bytes that a pointer to it must be a multiple of; a power of two.
  uint32_t alignment = 1;
  /// Whether shape and bytes are those of one item of a batch; the first dimension grows with the items.
  bool perItem = false;
  /// Of a result: the result, an int64 scalar, that says how many rows of the first dimension are meant; -1 where all are.
  int32_t countResult = -1;
};

/// A variable, whose tensor's name is its own.
struct VariableInterface {
  TensorInterface tensor;
  std::string container;
  /// Where in the weights the initial value lies; LATHE_NO_VALUE: there is none.
  uint64_t initial = LATHE_NO_VALUE;
};

/// A variable that an entry uses.
struct VariableUse {
  VariableInterface variable;
  uint32_t index = 0; ///< in ObjectInterface::variables
  bool reads = false, writes = false;
};

/// A line of the memory table in the header's banner.
struct MemoryPart {
  std::string what;
  uint64_t bytes = 0;
};

/// The code of an entry for batches of one size.
struct BodyInterface {
  uint64_t items = 0, arenaBytes = 0;
};

struct EntryInterface {
  /// The entry's name in the module's table. With several entries its identifier is part of every name in the header.
  std::string name;
  std::vector<TensorInterface> arguments, results;
  std::vector<VariableUse> variables;
  uint64_t arenaBytes = 0; ///< of the largest body, where there are bodies
  uint64_t arenaAlignment = 64;
  /// Of an entry that takes batches of several sizes, which ascend. Empty: shapes are all there is to say.
  std::vector<BodyInterface> bodies;
  /// Why the bodies' sizes are the only ones; empty where a batch of any size can be run in parts.
  std::string onlyBodiesBecause;
  bool takesAnyBatch() const { return !bodies.empty() && onlyBodiesBecause.empty(); }
  /// What the arena holds; may be empty.
  std::vector<MemoryPart> arenaParts;
};

struct ObjectInterface {
  /// The model's name in C, as moduleIdentifier() makes it: part of lathe_<name>_query and of all names in the header.
  std::string name;
  /// The file that the model comes from and the CPU it is for; only for the banner.
  std::string graph, targetCpu;
  /// How the application includes the header; only for the banner. Empty: <name>.h.
  std::string headerFile;
  /// "ns::Name" of the C++ class. Empty: <name>::Model, or <name>::<Entry> with several entries.
  std::string cppClass;
  std::vector<EntryInterface> entries;
  std::vector<VariableInterface> variables;
  uint64_t weightBytes = 0;
  /// The weights lie in a file of their own, which the banner's example maps under this name.
  bool separateWeights = false;
  std::string weightsFile;
};

/// A name for a model that is made from any text and clashes with no keyword, no type of the C library and nothing in
/// <lathe/runtime.h>: "MobileNet-v2.pb" gives "mobile_net_v2_pb".
std::string moduleIdentifier(std::string_view text);

/// Gives every tensor without an identifier one that is made from its name and unique in its entry.
void assignIdentifiers(ObjectInterface &object);

/// Whether the text can be ObjectInterface::cppClass: identifiers joined by "::".
bool isCppClassName(std::string_view text);

/// Text that is safe in a C comment on one line: everything but printable ASCII, and what could begin or end a comment
/// or continue a line, becomes \xNN.
std::string escapeText(std::string_view text);

/// "float32[1,224,224,3]"; "int64[<=8,2]" where another result counts the rows; "float32[N,3]" for N items.
std::string describeType(const TensorInterface &tensor);

/// LATHE_READS and LATHE_WRITES.
uint32_t useFlags(const VariableUse &use);
/// LATHE_PER_ITEM.
uint32_t tensorFlags(const TensorInterface &tensor);
/// LATHE_ANY_BATCH.
uint32_t entryFlags(const EntryInterface &entry);

/// lathe_entry_signature() of the entry: the header carries it, the runtime compares it with the object's tables.
uint64_t entrySignature(const EntryInterface &entry);

/// The 64 bytes that a weights file starts with.
lathe_weights_header_t weightsHeader(const void *data, uint64_t bytes);

} // namespace lathe
