// SPDX-License-Identifier: Apache-2.0
// The types of feeds: by the user's shapes, the graph's, and what TensorFlow once inferred.
#include "compiler/import/Request.h"
#include "compiler/import/Types.h"

using namespace mlir;

namespace lathe {

/// The shape that the graph declares for `feed`; nothing when it says none. Clears `isValid`, with a report, where a
/// placeholder's is not valid: nobody else looks at a node that is fed.
static std::optional<SmallVector<int64_t>> declaredShape(const NodeTable &table, const Feed &feed, bool hasVersion,
                                                         ImportContext &context, bool &isValid) {
  const tf::NodeDef &node = table[feed.source.node];
  SmallVector<int64_t> dims;
  bool ranked = false;
  auto shape = node.attr().find("shape");
  if (isPlaceholder(node.op()) && shape != node.attr().end()) {
    auto fail = [&](Code code, const Twine &message) {
      table.report(feed.source.node, code, ("attribute 'shape': " + message).str());
      isValid = false;
    };
    if (!readShape(shape->second.shape(), context.limits, dims, ranked, fail) || !ranked)
      return std::nullopt;
    // Before version 24 of the format, rank 0 stood for a shape that is not known.
    if (!dims.empty() || hasVersion)
      return dims;
  }
  // What a signature says or TensorFlow once inferred is a hint: one that is not valid is as good as none.
  auto quiet = [](Code, const Twine &) {};
  if (feed.signatureShape && readShape(*feed.signatureShape, context.limits, dims, ranked, quiet) && ranked)
    return dims;
  auto shapes = node.attr().find("_output_shapes");
  if (shapes == node.attr().end() || feed.source.output >= static_cast<unsigned>(shapes->second.list().shape_size()))
    return std::nullopt;
  if (!readShape(shapes->second.list().shape(feed.source.output), context.limits, dims, ranked, quiet) || !ranked)
    return std::nullopt;
  return dims;
}

Type feedType(const NodeTable &table, const Feed &feed, bool needStatic, bool hasVersion, ImportContext &context) {
  Type element = elementType(context.mlir, feed.dtype);
  if (!element) {
    table.report(feed.source.node, Code::UnsupportedType,
                 "feed '" + feed.name + "': element type " +
                     (feed.dtype == tf::DT_INVALID ? "not known" : typeName(feed.dtype) + " is not supported"));
    return nullptr;
  }
  bool isValid = true;
  std::optional<SmallVector<int64_t>> declared = declaredShape(table, feed, hasVersion, context, isValid);
  if (!isValid)
    return nullptr;
  std::optional<SmallVector<int64_t>> shape = feed.shape ? feed.shape : declared;
  // A cut inside the graph is the user's own; a placeholder's shape is what the graph was written for.
  if (feed.shape && declared && isPlaceholder(table[feed.source.node].op())) {
    bool fits = feed.shape->size() == declared->size();
    for (size_t i = 0; fits && i < declared->size(); ++i) {
      if (ShapedType::isDynamic((*shape)[i]))
        (*shape)[i] = (*declared)[i];
      fits = ShapedType::isDynamic((*declared)[i]) || (*shape)[i] == (*declared)[i];
    }
    if (!fits) {
      table.report(feed.source.node, Code::BadShape,
                   "shape given must fit the graph's " + shapeText(*declared) + ", but got " + shapeText(*feed.shape));
      return nullptr;
    }
  }
  // The first dimension can be that of a batch, whose size a run says.
  if (needStatic && (!shape || llvm::is_contained(ArrayRef(*shape).drop_front(!shape->empty()), ShapedType::kDynamic))) {
    std::string example = "1x2x3";
    if (shape) {
      example.clear();
      for (int64_t dim : *shape)
        example += example.empty() ? ShapedType::isDynamic(dim) ? "N" : std::to_string(dim)
                                   : "x" + std::to_string(ShapedType::isDynamic(dim) ? 1 : dim);
    }
    table.report(feed.source.node, Code::UnknownFeedShape,
                 shape ? "shape of the feed is only known as " + shapeText(*shape) : "shape of the feed is not known",
                 "give the shape: --shape " +
                     (feed.alias.empty() ? table[feed.source.node].name() +
                                               (feed.source.output ? ":" + std::to_string(feed.source.output) : "")
                                         : feed.alias) +
                     ":" + example);
    return nullptr;
  }
  return shape ? Type(RankedTensorType::get(*shape, element)) : UnrankedTensorType::get(element);
}

} // namespace lathe
