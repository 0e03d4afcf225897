// SPDX-License-Identifier: Apache-2.0
// Values of variables: finds their keys, reads them, checks that they fit.
#include "compiler/saved/Variables.h"
#include "compiler/bundle/Slices.h"
#include "compiler/import/Tensors.h"
#include "compiler/import/Types.h"
#include "compiler/import/parse/WireScan.h"
#include <google/protobuf/stubs/logging.h>

using namespace mlir;

namespace lathe {

std::unique_ptr<Variables> Variables::open(StringRef prefix, const tf::GraphDef &graph, StringRef restoreOp,
                                           ImportContext &context) {
  auto variables = std::make_unique<Variables>();
  variables->bundle = Bundle::open(prefix, context.limits,
                                   [&](Code code, const Twine &message) { context.problems.add(code, message.str()); });
  if (!variables->bundle)
    return nullptr;
  variables->keys = findRestoreKeys(graph, restoreOp, context);
  variables->readObjectGraph(context);
  return variables;
}

void Variables::readObjectGraph(ImportContext &context) {
  constexpr StringRef key = "_CHECKPOINTABLE_OBJECT_GRAPH";
  BundleTensor tensor;
  auto fail = [&](Code code, const Twine &message) { context.problems.add(code, message.str()); };
  if (!bundle->tensors().count(key) || !bundle->read(key, tensor, fail) || tensor.strings.size() != 1)
    return;
  const std::string &bytes = tensor.strings[0];
  // Protobuf would write about names that are not UTF-8 to stderr.
  google::protobuf::LogSilencer silencer;
  WireScan scan = scanWire(bytes, WireRoot::objectGraph, context.limits.depth);
  tf::TrackableObjectGraph objects;
  // Without it there still are the names that the graph itself gives.
  if (scan.status != WireScan::Status::ok || scan.parsedBytes > context.limits.parsedBytes ||
      !objects.ParseFromArray(bytes.data(), bytes.size()))
    return;
  for (const auto &object : objects.nodes())
    for (const auto &attribute : object.attributes())
      objectKeys.try_emplace(attribute.full_name(), attribute.checkpoint_key());
}

const BundleTensor *Variables::read(const RestoreKey &key, Fail fail) {
  auto [place, isNew] = reads.try_emplace(key.key);
  Read &read = place->second;
  if (isNew && !bundle->read(key.key, read.whole, fail)) {
    reads.erase(place);
    return nullptr;
  }
  if (key.slice.empty())
    return &read.whole;
  auto [part, isNewPart] = read.parts.try_emplace(key.slice, read.whole);
  if (!isNewPart)
    return &part->second;
  bool taken = takeSlice(key.key, key.slice, part->second, fail);
  // Parts of a variable do not overlap; those that do could take any amount of memory.
  if (taken && !take(read.partBytes, part->second.bytes.size(), read.whole.bytes.size())) {
    fail(Code::VariableMismatch, "parts of tensor '" + key.key + "' overlap");
    taken = false;
  }
  if (taken)
    return &part->second;
  read.parts.erase(part);
  return nullptr;
}

ElementsAttr Variables::find(const tf::NodeDef &node, bool inMain, ImportContext &context, std::string &missing,
                             Fail fail) {
  auto attribute = [&](const char *name) {
    auto found = node.attr().find(name);
    return found == node.attr().end() ? tf::AttrValue() : found->second;
  };
  std::string shared = attribute("shared_name").s();
  const std::string &name = shared.empty() ? node.name() : shared;
  RestoreKey key{name, ""};
  if (auto restored = keys.find(node.name()); inMain && restored != keys.end())
    key = restored->second;
  else if (auto object = objectKeys.find(name); !bundle->tensors().count(name) && object != objectKeys.end())
    key.key = object->second;
  if (!bundle->tensors().count(key.key)) {
    auto names = llvm::map_range(bundle->tensors(), [](const auto &entry) -> StringRef { return entry.first; });
    missing = "the checkpoint has no tensor '" + key.key + "'" +
              didYouMean(nearestName(key.key, names, context.suggestionWork));
    return nullptr;
  }
  const BundleTensor *stored = read(key, fail);
  if (!stored)
    return nullptr;
  const BundleTensor &tensor = *stored;
  tf::DataType dtype = baseType(attribute("dtype").type());
  if (tensor.dtype != dtype) {
    fail(Code::VariableMismatch, "the variable is " + typeName(dtype) + ", but tensor '" + key.key +
                                     "' of the checkpoint is " + typeName(tensor.dtype));
    return nullptr;
  }
  SmallVector<int64_t> dims;
  bool ranked = false;
  tf::AttrValue shape = attribute("shape");
  if (shape.has_shape() && !readShape(shape.shape(), context.limits, dims, ranked, fail))
    return nullptr;
  // The oldest operation writes a shape that is not known as that of a scalar.
  bool known = ranked && !(node.op() == "Variable" && dims.empty());
  auto fits = [](int64_t expected, int64_t size) { return ShapedType::isDynamic(expected) || expected == size; };
  if (known && !(dims.size() == tensor.shape.size() && llvm::all_of(llvm::zip(dims, tensor.shape), [&](auto pair) {
                   return fits(std::get<0>(pair), std::get<1>(pair));
                 }))) {
    fail(Code::VariableMismatch, "the variable has the shape " + shapeText(dims) + ", but tensor '" + key.key +
                                     "' of the checkpoint has " + shapeText(tensor.shape));
    return nullptr;
  }
  if (dtype == tf::DT_STRING) {
    auto type = RankedTensorType::get(tensor.shape, elementType(context.mlir, dtype));
    return DenseStringElementsAttr::get(type, llvm::to_vector_of<StringRef>(tensor.strings));
  }
  return convertBytes(dtype, tensor.shape, tensor.bytes, tensor.owner, node.name(), context);
}

} // namespace lathe
