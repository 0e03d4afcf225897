// SPDX-License-Identifier: Apache-2.0
// Strides, dilations and paddings of windows from a node's attributes.
#include "passes/legalize/Windows.h"
#include "passes/legalize/Rows.h"

using namespace mlir;
using namespace lathe;
using namespace lathe::legalize;

std::optional<Ints> legalize::spatialEntries(Node &n, StringRef what, ArrayRef<int64_t> list, int64_t spatial) {
  if (list.empty())
    return Ints(spatial, 1);
  int64_t first = channelsFirst(n) ? 2 : 1, channel = channelsFirst(n) ? 1 : spatial + 1;
  if (static_cast<int64_t>(list.size()) != spatial + 2) {
    n.mismatch(what + " must have " + Twine(spatial + 2) + " entries, but got " + Twine(list.size()));
    return std::nullopt;
  }
  if (list[0] != 1 || list[channel] != 1) {
    n.unsupported(what + " over batch or channels must be 1, but are " + Twine(list[0]) + " and " +
                  Twine(list[channel]));
    return std::nullopt;
  }
  Ints entries(list.slice(first, spatial));
  if (llvm::any_of(entries, [](int64_t entry) { return entry < 1; })) {
    n.mismatch(what + " must be at least 1");
    return std::nullopt;
  }
  return entries;
}

std::optional<Windows> legalize::readWindows(Node &n, ArrayRef<int64_t> sizes, ArrayRef<int64_t> space,
                                             ArrayRef<int64_t> strides, ArrayRef<int64_t> dilations) {
  int64_t spatial = sizes.size();
  StringRef padding = n.text("padding");
  Windows w{Ints(sizes), Ints(strides), Ints(dilations), Ints(spatial, 0), Ints(spatial, 0)};
  if (padding == "EXPLICIT") {
    Ints pairs = n.integers("explicit_paddings");
    if (static_cast<int64_t>(pairs.size()) != 2 * (spatial + 2)) {
      n.mismatch("explicit_paddings must have " + Twine(2 * (spatial + 2)) + " entries, but got " +
                 Twine(pairs.size()));
      return std::nullopt;
    }
    int64_t first = channelsFirst(n) ? 2 : 1;
    for (int64_t d = 0; d < spatial; ++d) {
      w.low[d] = pairs[2 * (first + d)];
      w.high[d] = pairs[2 * (first + d) + 1];
    }
  } else if (padding == "SAME") {
    for (int64_t d = 0; d < spatial; ++d) {
      int64_t outputs = (space[d] + strides[d] - 1) / strides[d];
      int64_t missing = std::max<int64_t>(0, (outputs - 1) * strides[d] + (sizes[d] - 1) * dilations[d] + 1 - space[d]);
      w.low[d] = missing / 2;
      w.high[d] = missing - missing / 2;
    }
  } else if (padding != "VALID") {
    n.unsupported("padding '" + padding + "'");
    return std::nullopt;
  }
  return w;
}
