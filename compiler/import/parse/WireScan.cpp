// SPDX-License-Identifier: Apache-2.0
// Walks the wire form of a graph's file and adds up what protobuf would allocate for it: two bytes of an empty message
// become hundreds in memory, so that the size of a file says little about what parsing it takes.
#include "compiler/import/parse/WireScan.h"

using llvm::StringRef;

namespace lathe {
namespace {

enum Kind : uint8_t {
  leaf, // a string, or bytes
  packed,
  graph,
  node,
  entry, // of a map from string to AttrValue
  value,
  list,
  tensor,
  shape,
  dim,
  call,
  library,
  function,
  pair, // any other map entry
  definition,
  attrDef,
  argEntry, // of a map from number to ArgAttrs
  argAttrs,
  savedModel,
  metaGraph,
  metaInfo,
  opList,
  signatureEntry,
  signatureDef,
  infoEntry,
  info,
  infoList,
  collectionEntry,
  collection,
  collectionList,
  numberList,
  asset,
  objectGraph,
  object,
  other
};

/// What one message of each kind takes in memory, with its place in the repeated field or the map that holds it.
constexpr uint16_t cost[] = {40, 0,   0,   240, 160, 64,  240, 400, 64, 48,  96, 64, 400, 160, 200, 200, 160, 64,
                             64, 400, 200, 64,  200, 160, 200, 120, 80, 160, 80, 64, 64,  120, 64,  120, 160};

static_assert(std::size(cost) == other + 1);

struct Field {
  Kind parent;
  uint8_t number;
  Kind kind;
};

constexpr Field fields[] = {
    {graph, 1, node},
    {graph, 2, library},
    {graph, 4, other},
    {node, 5, entry},
    {node, 6, other},
    {entry, 2, value},
    {value, 1, list},
    {value, 7, shape},
    {value, 8, tensor},
    {value, 10, call},
    {list, 3, packed},
    {list, 6, packed},
    {list, 5, packed},
    {list, 7, shape},
    {list, 8, tensor},
    {list, 9, call},
    {list, 4, packed},
    {tensor, 2, shape},
    {tensor, 7, packed},
    {tensor, 10, packed},
    {tensor, 11, packed},
    {tensor, 13, packed},
    {tensor, 16, packed},
    {tensor, 17, packed},
    {shape, 2, dim},
    {call, 2, entry},
    {library, 1, function},
    {library, 2, other},
    {function, 1, definition},
    {function, 3, node},
    {function, 4, pair},
    {function, 5, entry},
    {function, 6, pair},
    {function, 7, argEntry},
    {function, 8, pair},
    {definition, 2, other},
    {definition, 3, other},
    {definition, 4, attrDef},
    {attrDef, 3, value},
    {attrDef, 7, value},
    {argEntry, 2, argAttrs},
    {argAttrs, 1, entry},
    {savedModel, 2, metaGraph},
    {metaGraph, 1, metaInfo},
    {metaGraph, 2, graph},
    {metaGraph, 3, other},
    {metaGraph, 4, collectionEntry},
    {metaGraph, 5, signatureEntry},
    {metaGraph, 6, asset},
    {metaInfo, 2, opList},
    {metaInfo, 8, pair},
    {opList, 1, definition},
    {signatureEntry, 2, signatureDef},
    {signatureDef, 1, infoEntry},
    {signatureDef, 2, infoEntry},
    {infoEntry, 2, info},
    {info, 3, shape},
    {info, 4, other},
    {info, 5, infoList},
    {infoList, 2, info},
    {collectionEntry, 2, collection},
    {collection, 1, collectionList},
    {collection, 2, collectionList},
    {collection, 3, numberList},
    {collection, 4, numberList},
    {numberList, 1, packed},
    {asset, 1, info},
    {objectGraph, 1, object},
    {object, 2, other},
};

Kind kindOf(Kind parent, uint64_t number) {
  for (const Field &field : fields)
    if (field.parent == parent && field.number == number)
      return field.kind;
  return leaf;
}

class Scanner {
public:
  Scanner(StringRef bytes, unsigned maxDepth, WireScan &scan)
      : begin(bytes.bytes_begin()), at(begin), maxDepth(maxDepth), scan(scan) {}

  bool message(Kind kind, const uint8_t *end, unsigned depth) {
    if (depth > maxDepth)
      return stop(WireScan::Status::tooDeep);
    while (at != end)
      if (!field(kind, end, depth))
        return false;
    return true;
  }

private:
  bool stop(WireScan::Status status) {
    scan.status = status;
    scan.offset = at - begin;
    return false;
  }

  bool varint(const uint8_t *end, uint64_t &result) {
    result = 0;
    for (unsigned shift = 0; shift < 64 && at != end; shift += 7) {
      uint8_t byte = *at++;
      result |= uint64_t{byte & 0x7fu} << shift;
      if (byte < 0x80)
        return true;
    }
    return stop(WireScan::Status::malformed);
  }

  bool skip(const uint8_t *end, uint64_t size) {
    if (size > static_cast<uint64_t>(end - at))
      return stop(WireScan::Status::malformed);
    at += size;
    return true;
  }

  bool field(Kind kind, const uint8_t *end, unsigned depth) {
    uint64_t tag, size;
    if (!varint(end, tag))
      return false;
    if (tag >> 3 == 0)
      return stop(WireScan::Status::malformed);
    // A scalar of a repeated field or of an unknown one.
    scan.parsedBytes += 16;
    switch (tag & 7) {
    case 0:
      return varint(end, size);
    case 1:
      return skip(end, 8);
    case 5:
      return skip(end, 4);
    case 2:
      break;
    default:
      return stop(WireScan::Status::malformed);
    }
    if (!varint(end, size))
      return false;
    if (size > static_cast<uint64_t>(end - at))
      return stop(WireScan::Status::malformed);
    Kind child = kindOf(kind, tag >> 3);
    scan.parsedBytes += cost[child];
    scan.nodes += child == node;
    scan.functions += child == function;
    if (child == packed)
      scan.parsedBytes += 8 * size; // each byte can be a number of 8 bytes
    if (child == leaf || child == packed)
      return skip(end, size);
    // Maps, definitions and the like are only strings, numbers and small messages inside.
    return message(child, at + size, depth + 1);
  }

  const uint8_t *begin, *at;
  unsigned maxDepth;
  WireScan &scan;
};

} // namespace

WireScan scanWire(StringRef bytes, WireRoot root, unsigned maxDepth) {
  constexpr Kind roots[] = {graph, metaGraph, savedModel, objectGraph};
  WireScan scan;
  Scanner(bytes, maxDepth, scan).message(roots[static_cast<unsigned>(root)], bytes.bytes_end(), 1);
  return scan;
}

} // namespace lathe
