// SPDX-License-Identifier: Apache-2.0
// The import table: convolutions and their gradients, in every data format; core has channels last.
#include "passes/legalize/Rows.h"
#include "passes/legalize/Table.h"
#include "passes/legalize/Windows.h"

using namespace mlir;
using namespace lathe;
using namespace lathe::core;
using namespace lathe::legalize;

namespace {
/// A convolution as its attributes describe it. Sizes are those of the forward operands: input [batch, space...,
/// channels], filter [window..., channels of a group, features].
struct Convolution {
  Windows windows;
  int64_t groups;
};
} // namespace

/// A depthwise filter [window..., channels, multiplier] as that of a convolution with one group a channel, and its
/// shape.
static Ints depthwiseAsGrouped(ArrayRef<int64_t> shape) {
  Ints grouped(shape.drop_back(2));
  grouped.append({1, shape[shape.size() - 2] * shape.back()});
  return grouped;
}

/// Reads the attributes for an input (channels last) and a filter of these shapes.
static std::optional<Convolution> readConvolution(Node &n, ArrayRef<int64_t> input, ArrayRef<int64_t> filter) {
  int64_t spatial = static_cast<int64_t>(input.size()) - 2;
  if (spatial < 1 || filter.size() != input.size()) {
    n.mismatch("input and filter must have one rank of at least 3, but have " + Twine(input.size()) + " and " +
               Twine(filter.size()));
    return std::nullopt;
  }
  StringRef format = n.text("data_format");
  if (format.size() > 5 && !format.starts_with("CHANNELS_")) {
    n.unsupported("data format " + format);
    return std::nullopt;
  }
  int64_t channels = filter[spatial];
  if (channels < 1 || input.back() < 1 || input.back() % channels) {
    n.mismatch("the input's " + Twine(input.back()) + " channels must be a multiple of the filter's " +
               Twine(channels));
    return std::nullopt;
  }
  std::optional<Ints> strides = spatialEntries(n, "strides", n.integers("strides"), spatial);
  std::optional<Ints> dilations = spatialEntries(n, "dilations", n.integers("dilations"), spatial);
  if (!strides || !dilations)
    return std::nullopt;
  std::optional<Windows> windows =
      readWindows(n, filter.take_front(spatial), input.slice(1, spatial), *strides, *dilations);
  if (!windows)
    return std::nullopt;
  return Convolution{*windows, input.back() / channels};
}

static Values forward(Node &n, Value filter) {
  bool first = channelsFirst(n);
  Value input = toChannelsLast(n.b, n[0], first);
  std::optional<Convolution> c = readConvolution(n, n.b.shapeOf(input), n.b.shapeOf(filter));
  if (!c)
    return {};
  const Windows &w = c->windows;
  Value result = n.b.conv(input, filter, w.strides, w.low, w.high, Ints(w.rank(), 1), w.dilations, c->groups);
  return {fromChannelsLast(n.b, result, first)};
}

static Values conv(Node &n) {
  return forward(n, n[1]);
}

/// Of any number of spatial dimensions.
static Values convOfAnyRank(Node &n) {
  int64_t batch = n.integer("batch_dims", 1);
  return batch == 1 ? conv(n) : n.unsupported("batch_dims must be 1, but is " + Twine(batch));
}

static Values depthwiseConv(Node &n) {
  if (n.rank(1) != 4)
    return n.mismatch("the filter must have rank 4, but has " + Twine(n.rank(1)));
  Value filter = n.b.reshape(n[1], depthwiseAsGrouped(n.shape(1)));
  return filter ? forward(n, filter) : Values();
}

/// A shape given in the node's data format, channels last.
static Ints shapeChannelsLast(Node &n, Ints shape) {
  if (channelsFirst(n) && shape.size() > 2)
    std::rotate(shape.begin() + 1, shape.begin() + 2, shape.end());
  return shape;
}

/// The gradient by the input: the result's gradient, spread by the strides, under the mirrored filter.
static Value inputGradient(Node &n, const Convolution &c, ArrayRef<int64_t> input, Value filter, Value gradient) {
  const Windows &w = c.windows;
  int64_t spatial = w.rank(), groups = c.groups;
  ArrayRef<int64_t> shape = n.b.shapeOf(filter);
  int64_t channels = shape[spatial], features = shape.back() / groups;
  // [window..., channels, groups * features] to [window..., features, groups * channels].
  Ints split(shape.take_front(spatial)), joined = split, order = upTo(spatial);
  split.append({channels, groups, features});
  joined.append({features, groups * channels});
  order.append({spatial + 2, spatial + 1, spatial});
  Value mirrored = n.b.reverse(n.b.reshape(n.b.transpose(n.b.reshape(filter, split), order), joined), upTo(spatial));
  Ints low, high;
  for (int64_t d = 0; d < spatial; ++d) {
    int64_t reach = (w.sizes[d] - 1) * w.dilations[d], spread = (n.b.shapeOf(gradient)[d + 1] - 1) * w.strides[d] + 1;
    low.push_back(reach - w.low[d]);
    high.push_back(input[d + 1] - spread - low.back() + reach);
  }
  return n.b.conv(gradient, mirrored, Ints(spatial, 1), low, high, w.strides, w.dilations, groups);
}

/// The gradient by the filter: input and gradient are convolved with batch and channels in each other's place.
static Value filterGradient(Node &n, const Convolution &c, ArrayRef<int64_t> filter, Value input, Value gradient) {
  const Windows &w = c.windows;
  int64_t spatial = w.rank(), groups = c.groups, channels = filter[spatial];
  ArrayRef<int64_t> shape = n.b.shapeOf(input);
  // [batch, space..., groups * channels] to [channels, space..., groups * batch].
  Ints split(shape.drop_back()), order{spatial + 2}, joined{channels};
  split.append({groups, channels});
  for (int64_t d = 1; d <= spatial; ++d) {
    order.push_back(d);
    joined.push_back(shape[d]);
  }
  order.append({spatial + 1, 0});
  joined.push_back(groups * shape[0]);
  Value images = n.b.reshape(n.b.transpose(n.b.reshape(input, split), order), joined);
  Value windows = moveDimension(n.b, gradient, 0, spatial);
  Ints high;
  for (int64_t d = 0; d < spatial; ++d) {
    int64_t outputs = n.b.shapeOf(gradient)[d + 1];
    high.push_back((w.sizes[d] - 1) * w.dilations[d] + (outputs - 1) * w.strides[d] + 1 - shape[d + 1] - w.low[d]);
  }
  // Steps between places of the window are its dilations; steps between outputs are the strides.
  Value result = n.b.conv(images, windows, w.dilations, w.low, high, Ints(spatial, 1), w.strides, groups);
  return result ? moveDimension(n.b, result, 0, spatial) : Value();
}

/// The gradients take the shape of what they are by as operand `i`, or that itself.
static std::optional<Ints> shapeGiven(Node &n, size_t i, bool isItself) {
  return isItself ? std::optional(Ints(n.shape(i))) : n.constantInts(i);
}

template <bool isDepthwise, bool likeOperand = false> static Values convInputGradient(Node &n) {
  std::optional<Ints> given = shapeGiven(n, 0, likeOperand);
  if (!given)
    return {};
  if (n.rank(1) < 3)
    return n.mismatch("the filter must have at least rank 3, but has " + Twine(n.rank(1)));
  bool first = channelsFirst(n);
  Value filter = isDepthwise ? n.b.reshape(n[1], depthwiseAsGrouped(n.shape(1))) : n[1];
  if (!filter)
    return {};
  Value gradient = toChannelsLast(n.b, n[2], first);
  Ints input = shapeChannelsLast(n, *given);
  // Space alone can be given: batch and channels follow from the operands.
  if (static_cast<int64_t>(given->size()) == n.rank(2) - 2) {
    input.assign({n.shape(2)[0]});
    llvm::append_range(input, *given);
    input.push_back(n.b.shapeOf(filter).drop_back().back());
  }
  std::optional<Convolution> c = readConvolution(n, input, n.b.shapeOf(filter));
  return c ? Values{fromChannelsLast(n.b, inputGradient(n, *c, input, filter, gradient), first)} : Values();
}

template <bool isDepthwise, bool likeOperand = false> static Values convFilterGradient(Node &n) {
  std::optional<Ints> given = shapeGiven(n, 1, likeOperand);
  if (!given)
    return {};
  if (given->size() < 3)
    return n.mismatch("filter_sizes must have at least 3 entries, but got " + Twine(given->size()));
  bool first = channelsFirst(n);
  Ints filter = isDepthwise ? depthwiseAsGrouped(*given) : *given;
  Value input = toChannelsLast(n.b, n[0], first), gradient = toChannelsLast(n.b, n[2], first);
  std::optional<Convolution> c = readConvolution(n, n.b.shapeOf(input), filter);
  return c ? Values{n.b.reshape(filterGradient(n, *c, filter, input, gradient), *given)} : Values();
}

ArrayRef<LegalizationRow> legalize::convolutionRows() {
  static constexpr LegalizationRow rows[] = {
      {"Conv", convOfAnyRank},
      {"Conv2D", conv},
      {"Conv2DBackpropFilter", convFilterGradient<false>},
      {"Conv2DBackpropFilterV2", convFilterGradient<false, true>},
      {"Conv2DBackpropInput", convInputGradient<false>},
      {"Conv2DBackpropInputV2", convInputGradient<false, true>},
      {"Conv3D", conv},
      {"Conv3DBackpropFilter", convFilterGradient<false, true>},
      {"Conv3DBackpropFilterV2", convFilterGradient<false>},
      {"Conv3DBackpropInput", convInputGradient<false, true>},
      {"Conv3DBackpropInputV2", convInputGradient<false>},
      {"DepthwiseConv2dNative", depthwiseConv},
      {"DepthwiseConv2dNativeBackpropFilter", convFilterGradient<true>},
      {"DepthwiseConv2dNativeBackpropInput", convInputGradient<true>},
  };
  return rows;
}
