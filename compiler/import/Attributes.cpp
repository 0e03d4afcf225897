// SPDX-License-Identifier: Apache-2.0
// Converts AttrValue by its kind.
#include "compiler/import/Attributes.h"
#include "compiler/import/Tensors.h"
#include "compiler/import/Types.h"
#include "ir/gdef/Dialect.h"
#include "mlir/IR/Builders.h"

using namespace mlir;

namespace lathe {

StringRef functionSymbol(StringRef name, ImportContext &context) {
  auto function = context.functions.find(name);
  if (function == context.functions.end())
    return "";
  // An entry has its name, whatever the library contains.
  std::string symbol = name.str();
  if (context.entryNames.contains(name))
    for (symbol += ".function"; context.functions.count(symbol) || context.entryNames.contains(symbol);)
      symbol += "_";
  auto it = context.called.insert({function->getKey(), symbol}).first;
  if (context.caller)
    context.calls.push_back({*context.caller, static_cast<unsigned>(it - context.called.begin())});
  return it->second;
}

namespace {

/// Converts the attributes of one node. The nesting of calls is bounded by the depth of the file.
class Converter {
public:
  Converter(StringRef node, ImportContext &context, Fail fail)
      : builder(context.mlir), node(node), context(context), fail(fail) {}

  Attribute convert(const tf::AttrValue &value) {
    switch (value.value_case()) {
    case tf::AttrValue::kS:
      return text(value.s());
    case tf::AttrValue::kI:
      return number(value.i());
    case tf::AttrValue::kF:
      return number(value.f());
    case tf::AttrValue::kB:
      return number(value.b());
    case tf::AttrValue::kType:
      return type(value.type());
    case tf::AttrValue::kShape:
      return shape(value.shape());
    case tf::AttrValue::kTensor:
      return tensor(value.tensor());
    case tf::AttrValue::kFunc:
      return function(value.func());
    case tf::AttrValue::kList:
      return list(value.list());
    case tf::AttrValue::kPlaceholder:
      fail(Code::BadFunction,
           "functions with attributes of their own are not supported, but got '$" + value.placeholder() + "'");
      return nullptr;
    case tf::AttrValue::VALUE_NOT_SET:
      break;
    }
    fail(Code::BadAttribute, "an attribute has no value");
    return nullptr;
  }

private:
  bool taken(uint64_t bytes) {
    if (take(context.attributeBytes, bytes, context.limits.attributeBytes))
      return true;
    fail(Code::LimitExceeded, "memory for attributes must be at most " + Twine(context.limits.attributeBytes) +
                                  " bytes, but more is needed");
    return false;
  }

  Attribute text(StringRef value) { return taken(value.size() + 16) ? builder.getStringAttr(value) : Attribute(); }
  Attribute number(int64_t value) { return builder.getI64IntegerAttr(value); }
  Attribute number(float value) { return builder.getF32FloatAttr(value); }
  Attribute number(bool value) { return builder.getBoolAttr(value); }

  Attribute type(int value) {
    auto dtype = static_cast<tf::DataType>(value);
    if (Type result = elementType(context.mlir, dtype))
      return TypeAttr::get(result);
    fail(Code::UnsupportedType, "element type " + typeName(dtype) + " is not supported");
    return nullptr;
  }

  Attribute shape(const tf::TensorShapeProto &value) {
    SmallVector<int64_t> dims;
    bool ranked;
    if (!readShape(value, context.limits, dims, ranked, fail) || !taken(dims.size() * 8 + 16))
      return nullptr;
    return gdef::ShapeAttr::get(context.mlir, dims, ranked);
  }

  Attribute tensor(const tf::TensorProto &value) { return convertTensor(value, node, context, fail); }

  Attribute function(const tf::NameAttrList &value) {
    StringRef symbol = functionSymbol(value.name(), context);
    if (symbol.empty()) {
      fail(Code::BadFunction, "function '" + value.name() + "' is not in the graph's library");
      return nullptr;
    }
    NamedAttrList attrs;
    for (const auto &[name, attr] : value.attr()) {
      // What the runtime of TensorFlow notes for itself.
      if (name.starts_with("_"))
        continue;
      Attribute converted = convert(attr);
      if (!converted || !taken(name.size() + 16))
        return nullptr;
      attrs.append(name, converted);
    }
    return gdef::FuncAttr::get(context.mlir, FlatSymbolRefAttr::get(context.mlir, symbol),
                               attrs.getDictionary(context.mlir));
  }

  Attribute list(const tf::AttrValue::ListValue &value) {
    SmallVector<Attribute> items;
    auto add = [&](const auto &field, auto convertItem) {
      if (!taken(field.size() * 32))
        return false;
      for (const auto &item : field)
        if (!items.emplace_back(convertItem(item)))
          return false;
      return true;
    };
    // The definition allows one kind only, so that the others are empty.
    bool converted = add(value.s(), [&](const std::string &item) { return text(item); }) &&
                     add(value.i(), [&](int64_t item) { return number(item); }) &&
                     add(value.f(), [&](float item) { return number(item); }) &&
                     add(value.b(), [&](bool item) { return number(item); }) &&
                     add(value.type(), [&](int item) { return type(item); }) &&
                     add(value.shape(), [&](const auto &item) { return shape(item); }) &&
                     add(value.tensor(), [&](const auto &item) { return tensor(item); }) &&
                     add(value.func(), [&](const auto &item) { return function(item); });
    return converted ? builder.getArrayAttr(items) : Attribute();
  }

  Builder builder;
  StringRef node;
  ImportContext &context;
  Fail fail;
};

} // namespace

Attribute convertAttribute(const tf::AttrValue &value, StringRef node, ImportContext &context, Fail fail) {
  return Converter(node, context, fail).convert(value);
}

} // namespace lathe
