// SPDX-License-Identifier: Apache-2.0
// Checks nodes against their definitions.
#include "compiler/import/Signature.h"
#include "compiler/import/Types.h"
#include "llvm/ADT/StringExtras.h"

using llvm::StringRef;
using llvm::Twine;

namespace lathe {

const tf::AttrValue *findAttribute(const tf::NodeDef &node, const tf::OpDef &op, StringRef name) {
  auto it = node.attr().find(name.str());
  if (it != node.attr().end())
    return &it->second;
  for (const tf::OpDef::AttrDef &attr : op.attr())
    if (attr.name() == name)
      return attr.has_default_value() ? &attr.default_value() : nullptr;
  return nullptr;
}

/// The kind of `value` as a definition would name it; of a list, what its items are ("list()" when it has none).
static std::string kindOf(const tf::AttrValue &value) {
  switch (value.value_case()) {
  case tf::AttrValue::kS:
    return "string";
  case tf::AttrValue::kI:
    return "int";
  case tf::AttrValue::kF:
    return "float";
  case tf::AttrValue::kB:
    return "bool";
  case tf::AttrValue::kType:
    return "type";
  case tf::AttrValue::kShape:
    return "shape";
  case tf::AttrValue::kTensor:
    return "tensor";
  case tf::AttrValue::kFunc:
    return "func";
  case tf::AttrValue::kPlaceholder:
    return "a function's own attribute";
  case tf::AttrValue::VALUE_NOT_SET:
    return "nothing";
  case tf::AttrValue::kList:
    break;
  }
  const tf::AttrValue::ListValue &list = value.list();
  llvm::SmallVector<StringRef, 8> kinds;
  auto note = [&](int size, StringRef kind) {
    if (size != 0)
      kinds.push_back(kind);
  };
  note(list.s_size(), "string");
  note(list.i_size(), "int");
  note(list.f_size(), "float");
  note(list.b_size(), "bool");
  note(list.type_size(), "type");
  note(list.shape_size(), "shape");
  note(list.tensor_size(), "tensor");
  note(list.func_size(), "func");
  return "list(" + llvm::join(kinds, " and ") + ")";
}

static int64_t listSize(const tf::AttrValue::ListValue &list) {
  return int64_t{list.s_size()} + list.i_size() + list.f_size() + list.b_size() + list.type_size() + list.shape_size() +
         list.tensor_size() + list.func_size();
}

/// Whether a string or type is among the `allowed` ones; otherwise says what they are.
static std::string notAllowed(const tf::AttrValue &value, const tf::AttrValue::ListValue &allowed) {
  auto typeAllowed = [&](int dtype) {
    return llvm::any_of(allowed.type(), [&](int item) { return item == baseType(static_cast<tf::DataType>(dtype)); });
  };
  auto textAllowed = [&](const std::string &text) { return llvm::is_contained(allowed.s(), text); };
  auto names = [&] {
    std::vector<std::string> result(allowed.s().begin(), allowed.s().end());
    for (int dtype : allowed.type())
      result.push_back(typeName(static_cast<tf::DataType>(dtype)));
    return "must be one of " + llvm::join(result, ", ") + ", but got ";
  };
  bool isList = value.value_case() == tf::AttrValue::kList;
  if (allowed.type_size() != 0) {
    std::vector<int> dtypes{value.type()};
    if (isList)
      dtypes.assign(value.list().type().begin(), value.list().type().end());
    for (int dtype : dtypes)
      if (!typeAllowed(dtype))
        return names() + typeName(static_cast<tf::DataType>(dtype));
  } else if (isList) {
    for (const std::string &text : value.list().s())
      if (!textAllowed(text))
        return names() + "'" + text + "'";
  } else if (!textAllowed(value.s())) {
    return names() + "'" + value.s() + "'";
  }
  return "";
}

/// What is wrong with `value` by `def`, or "".
static std::string checkAttribute(const tf::AttrValue &value, const tf::OpDef::AttrDef &def) {
  std::string kind = kindOf(value);
  bool isList = value.value_case() == tf::AttrValue::kList;
  if (kind != def.type() && !(kind == "list()" && StringRef(def.type()).starts_with("list(")))
    return "must be " + def.type() + ", but got " + kind;
  if (def.has_minimum()) {
    int64_t actual = isList ? listSize(value.list()) : value.i();
    if (actual < def.minimum())
      return (Twine(isList ? "must have at least " : "must be at least ") + Twine(def.minimum()) +
              (isList ? " items, but got " : ", but got ") + Twine(actual))
          .str();
  }
  if (def.has_allowed_values())
    return notAllowed(value, def.allowed_values().list());
  return "";
}

namespace {

/// Appends the element types of one argument.
class Expander {
public:
  Expander(const tf::NodeDef &node, const tf::OpDef &op, ImportContext &context, Fail fail)
      : node(node), op(op), context(context), fail(fail) {}

  bool expand(const tf::OpDef::ArgDef &arg, llvm::SmallVectorImpl<tf::DataType> &types) {
    auto add = [&](int dtype) { types.push_back(baseType(static_cast<tf::DataType>(dtype))); };
    uint64_t count = 1;
    if (!arg.number_attr().empty()) {
      const tf::AttrValue *number = findAttribute(node, op, arg.number_attr());
      if (!number || number->i() < 0)
        return wrong(arg.number_attr());
      count = number->i();
    }
    if (!arg.type_list_attr().empty()) {
      const tf::AttrValue *list = findAttribute(node, op, arg.type_list_attr());
      if (!list)
        return wrong(arg.type_list_attr());
      if (!taken(list->list().type_size()))
        return false;
      for (int dtype : list->list().type())
        add(dtype);
      return true;
    }
    int dtype = arg.type();
    if (!arg.type_attr().empty()) {
      const tf::AttrValue *type = findAttribute(node, op, arg.type_attr());
      if (!type)
        return wrong(arg.type_attr());
      dtype = type->type();
    }
    if (!taken(count))
      return false;
    for (uint64_t i = 0; i < count; ++i)
      add(dtype);
    return true;
  }

private:
  /// An attribute without which the signature is not known and that the definition does not have: only the signature
  /// of a function in the file can be such.
  bool wrong(StringRef attr) {
    fail(Code::BadFunction, "argument depends on attribute '" + attr + "', which it does not have");
    return false;
  }

  bool taken(uint64_t count) {
    if (take(context.values, count, context.limits.values))
      return true;
    fail(Code::LimitExceeded, "number of inputs and outputs of all nodes must be at most " +
                                  Twine(context.limits.values) + ", but this node has " + Twine(count));
    return false;
  }

  const tf::NodeDef &node;
  const tf::OpDef &op;
  ImportContext &context;
  Fail fail;
};

} // namespace

bool resolveSignature(const tf::NodeDef &node, const tf::OpDef &op, ImportContext &context, Signature &signature,
                      Fail fail) {
  bool valid = true;
  auto wrong = [&](const Twine &message) {
    fail(Code::BadAttribute, message);
    valid = false;
  };
  for (const tf::OpDef::AttrDef &def : op.attr()) {
    const tf::AttrValue *value = findAttribute(node, op, def.name());
    if (!value)
      wrong("attribute '" + def.name() + "' (" + def.type() + ") is missing");
    else if (std::string message = checkAttribute(*value, def); !message.empty())
      wrong("attribute '" + def.name() + "' " + message);
  }
  llvm::SmallVector<StringRef> unknown;
  for (const auto &[name, value] : node.attr())
    if (!StringRef(name).starts_with("_") &&
        llvm::none_of(op.attr(), [&](const auto &def) { return def.name() == name; }))
      unknown.push_back(name);
  llvm::sort(unknown); // a protobuf map has no order of its own
  for (StringRef name : unknown)
    wrong("attribute '" + name + "' is not one that the operation has");
  if (!valid)
    return false;

  Expander expander(node, op, context, fail);
  for (const tf::OpDef::ArgDef &arg : op.input_arg()) {
    unsigned first = signature.inputs.size();
    if (!expander.expand(arg, signature.inputs))
      return false;
    for (unsigned input = first; arg.is_ref() && input < signature.inputs.size(); ++input)
      signature.references.push_back(input);
  }
  for (const tf::OpDef::ArgDef &arg : op.output_arg()) {
    unsigned first = signature.outputs.size();
    if (!expander.expand(arg, signature.outputs))
      return false;
    signature.outputArgs.push_back({arg.name(), first, static_cast<unsigned>(signature.outputs.size()) - first});
  }
  for (tf::DataType dtype : signature.outputs)
    if (!elementType(context.mlir, dtype)) {
      fail(Code::UnsupportedType, "element type " + typeName(dtype) + " is not supported");
      return false;
    }
  return true;
}

} // namespace lathe
