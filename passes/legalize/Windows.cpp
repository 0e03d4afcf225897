// SPDX-License-Identifier: Apache-2.0
// Strides, dilations and paddings of windows from a node's attributes.
#include "passes/legalize/Windows.h"
#include "passes/legalize/Rows.h"
#include <cmath>
#include <limits>

using namespace mlir;
using namespace lathe;
using namespace lathe::core;
using namespace lathe::legalize;

SmallVector<Ints> Windows::places() const {
  SmallVector<Ints> all(1);
  for (int64_t size : sizes) {
    SmallVector<Ints> longer;
    for (const Ints &place : all)
      for (int64_t i = 0; i < size; ++i) {
        longer.push_back(place);
        longer.back().push_back(i);
      }
    all = std::move(longer);
  }
  return all;
}

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

std::optional<Windows> legalize::readPool(Node &n, ArrayRef<int64_t> input, ArrayRef<int64_t> sizes,
                                          ArrayRef<int64_t> strides) {
  int64_t spatial = static_cast<int64_t>(input.size()) - 2;
  if (spatial < 1 || n.text("data_format").size() > 5) {
    n.unsupported("data format '" + n.text("data_format") + "' with rank " + Twine(spatial + 2));
    return std::nullopt;
  }
  std::optional<Ints> window = spatialEntries(n, "window sizes", sizes, spatial);
  std::optional<Ints> steps = spatialEntries(n, "strides", strides, spatial);
  if (!window || !steps)
    return std::nullopt;
  return readWindows(n, *window, input.slice(1, spatial), *steps, Ints(spatial, 1));
}

Value legalize::reduceSpace(Node &n, Combiner combiner, Value input, const Windows &w) {
  auto around = [](ArrayRef<int64_t> entries, int64_t edge) {
    Ints all{edge};
    llvm::append_range(all, entries);
    all.push_back(edge);
    return all;
  };
  return n.b.reduceWindow(combiner, input, around(w.sizes, 1), around(w.strides, 1), around(w.dilations, 1),
                          around(w.low, 0), around(w.high, 0));
}

Value legalize::windowPlace(Node &n, Value padded, ArrayRef<int64_t> input, const Windows &w, ArrayRef<int64_t> place) {
  Ints starts{0}, sizes{input.front()}, strides{1};
  for (int64_t d = 0; d < w.rank(); ++d) {
    starts.push_back(place[d] * w.dilations[d]);
    sizes.push_back(w.outputSize(d, input[d + 1]));
    strides.push_back(w.strides[d]);
  }
  starts.push_back(0);
  sizes.push_back(input.back());
  strides.push_back(1);
  return n.b.slice(padded, starts, sizes, strides);
}

Value legalize::padSpace(Node &n, Value input, const Windows &w, double value) {
  Ints low{0}, high{0};
  llvm::append_range(low, w.low);
  llvm::append_range(high, w.high);
  low.push_back(0);
  high.push_back(0);
  return n.b.pad(input, n.b.scalar(n.b.elementOf(input), value), low, high);
}

double legalize::lowestOf(Type element) {
  if (auto integer = dyn_cast<IntegerType>(element))
    return integer.isUnsigned() ? 0 : -std::ldexp(1.0, integer.getWidth() - 1);
  return -std::numeric_limits<double>::infinity();
}
