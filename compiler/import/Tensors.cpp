// SPDX-License-Identifier: Apache-2.0
// Reads TensorProto in all the forms in which TensorFlow writes it.
#include "compiler/import/Tensors.h"
#include "compiler/import/Types.h"
#include "ir/gdef/Dialect.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/BuiltinTypes.h"
#include <bit>
#include <cstring>

using namespace mlir;

namespace lathe {

static_assert(std::endian::native == std::endian::little, "graphs hold little-endian values");

/// From this size a constant is a blob beside the IR.
static constexpr size_t resourceBytes = 1024;

/// Appends the values of a repeated field as elements of type T.
template <typename T, typename Field> static void append(std::vector<char> &raw, const Field &field) {
  size_t start = raw.size();
  raw.resize(start + field.size() * sizeof(T));
  for (const auto &value : field) {
    T element = static_cast<T>(value);
    std::memcpy(raw.data() + start, &element, sizeof element);
    start += sizeof element;
  }
}

/// The values in the typed field for `dtype`; false where there is no such field.
static bool readTypedValues(const tf::TensorProto &tensor, tf::DataType dtype, std::vector<char> &raw) {
  switch (dtype) {
  case tf::DT_FLOAT:
    append<float>(raw, tensor.float_val());
    return true;
  case tf::DT_DOUBLE:
    append<double>(raw, tensor.double_val());
    return true;
  case tf::DT_HALF:
  case tf::DT_BFLOAT16:
    append<uint16_t>(raw, tensor.half_val());
    return true;
  case tf::DT_FLOAT8_E5M2:
  case tf::DT_FLOAT8_E4M3FN:
    append<char>(raw, tensor.float8_val());
    return true;
  case tf::DT_INT8:
  case tf::DT_UINT8:
  case tf::DT_QINT8:
  case tf::DT_QUINT8:
    append<uint8_t>(raw, tensor.int_val());
    return true;
  case tf::DT_INT16:
  case tf::DT_UINT16:
  case tf::DT_QINT16:
  case tf::DT_QUINT16:
    append<uint16_t>(raw, tensor.int_val());
    return true;
  case tf::DT_INT32:
  case tf::DT_QINT32:
    append<int32_t>(raw, tensor.int_val());
    return true;
  case tf::DT_INT64:
    append<int64_t>(raw, tensor.int64_val());
    return true;
  case tf::DT_UINT32:
    append<uint32_t>(raw, tensor.uint32_val());
    return true;
  case tf::DT_UINT64:
    append<uint64_t>(raw, tensor.uint64_val());
    return true;
  case tf::DT_BOOL:
    append<uint8_t>(raw, tensor.bool_val());
    return true;
  case tf::DT_COMPLEX64:
    append<float>(raw, tensor.scomplex_val());
    return true;
  case tf::DT_COMPLEX128:
    append<double>(raw, tensor.dcomplex_val());
    return true;
  default:
    return false;
  }
}

static size_t elementBytes(Type type) {
  if (auto complex = dyn_cast<ComplexType>(type))
    return 2 * elementBytes(complex.getElementType());
  return std::max(1u, type.getIntOrFloatBitWidth() / 8);
}

/// All elements of `raw` (one element: a splat) as an attribute with its own copy of them.
static ElementsAttr makeDense(RankedTensorType type, ArrayRef<char> raw) {
  if (!type.getElementType().isInteger(1))
    return DenseElementsAttr::getFromRawBuffer(type, raw);
  SmallVector<bool> values(llvm::map_range(raw, [](char c) { return c != 0; }));
  return DenseElementsAttr::get(type, ArrayRef<bool>(values));
}

/// `bytes` as a blob beside the IR, which `owner` keeps alive.
template <typename Owner>
static ElementsAttr makeResource(RankedTensorType type, StringRef name, ArrayRef<char> bytes, Owner owner) {
  AsmResourceBlob blob(
      bytes, alignof(double), [owner = std::move(owner)](void *, size_t, size_t) {}, /*dataIsMutable=*/false);
  return DenseResourceElementsAttr::get(type, name, std::move(blob));
}

ElementsAttr convertBytes(tf::DataType dtype, ArrayRef<int64_t> dims, ArrayRef<char> bytes,
                          std::shared_ptr<const void> owner, StringRef name, ImportContext &context) {
  Type element = elementType(context.mlir, dtype);
  if (auto quantized = dyn_cast<gdef::QuantizedType>(element))
    element = quantized.getStorage();
  auto type = RankedTensorType::get(dims, element);
  return bytes.size() < resourceBytes ? makeDense(type, bytes) : makeResource(type, name, bytes, std::move(owner));
}

static ElementsAttr convertStrings(const tf::TensorProto &tensor, RankedTensorType type, uint64_t count,
                                   ImportContext &context, Fail fail) {
  uint64_t stored = tensor.string_val_size();
  if (!tensor.tensor_content().empty()) {
    fail(Code::BadConstant, "strings must be in string_val, but got tensor_content");
    return nullptr;
  }
  if (stored > count) {
    fail(Code::BadConstant, "number of values must be at most " + Twine(count) + ", but got " + Twine(stored));
    return nullptr;
  }
  SmallVector<StringRef> values;
  for (const std::string &value : tensor.string_val())
    values.push_back(value);
  if (values.empty() && count != 0)
    values.push_back("");
  bool splat = llvm::all_equal(values);
  if (splat && count != 0)
    values.truncate(1);
  else if (!take(context.expandedBytes, (count - values.size()) * sizeof(StringRef), context.limits.expandedBytes)) {
    fail(Code::LimitExceeded, "memory for expanded constants must be at most " + Twine(context.limits.expandedBytes) +
                                  " bytes, but the shape is " + shapeText(type.getShape()));
    return nullptr;
  } else if (count != 0)
    values.resize(count, values.back());
  return DenseStringElementsAttr::get(type, values);
}

ElementsAttr convertTensor(const tf::TensorProto &tensor, StringRef name, ImportContext &context, Fail fail) {
  tf::DataType dtype = baseType(tensor.dtype());
  Type element = elementType(context.mlir, dtype);
  if (!element || isa<gdef::ResourceType, gdef::VariantType>(element)) {
    fail(Code::UnsupportedType, "constants of type " + typeName(dtype) + " are not supported");
    return nullptr;
  }
  SmallVector<int64_t> dims;
  bool ranked;
  if (!readShape(tensor.tensor_shape(), context.limits, dims, ranked, fail))
    return nullptr;
  if (!ranked || llvm::is_contained(dims, ShapedType::kDynamic)) {
    fail(Code::BadConstant, "the shape of a constant must be known, but got " + (ranked ? shapeText(dims) : "no rank"));
    return nullptr;
  }
  uint64_t count = countElements(dims);
  if (isa<gdef::StringType>(element))
    return convertStrings(tensor, RankedTensorType::get(dims, element), count, context, fail);
  if (auto quantized = dyn_cast<gdef::QuantizedType>(element))
    element = quantized.getStorage();
  auto type = RankedTensorType::get(dims, element);
  size_t size = elementBytes(element);

  if (const std::string &content = tensor.tensor_content(); !content.empty()) {
    if (content.size() != count * size) { // count < 2^48 and size <= 16
      fail(Code::BadConstant, "tensor_content must have " + Twine(count * size) + " bytes for " + typeName(dtype) +
                                  shapeText(dims) + ", but got " + Twine(content.size()));
      return nullptr;
    }
    ArrayRef<char> bytes(content.data(), content.size());
    if (dtype == tf::DT_BOOL && llvm::any_of(bytes, [](char c) { return c & ~1; })) {
      fail(Code::BadConstant, "values of a bool constant must be 0 or 1");
      return nullptr;
    }
    return bytes.size() < resourceBytes ? makeDense(type, bytes) : makeResource(type, name, bytes, context.arena);
  }

  std::vector<char> raw;
  readTypedValues(tensor, dtype, raw);
  uint64_t stored = raw.size() / size;
  if (stored > count || raw.size() % size != 0) {
    fail(Code::BadConstant, "number of values must be at most " + Twine(count) + " for " + typeName(dtype) +
                                shapeText(dims) + ", but got " + Twine(stored));
    return nullptr;
  }
  if (count == 0)
    return makeDense(type, {});
  // TensorFlow leaves out what equals the last value, and everything where all is zero.
  if (stored == 0)
    raw.resize(size, 0), stored = 1;
  bool splat = true;
  for (size_t i = size; splat && i < raw.size(); i += size)
    splat = std::memcmp(raw.data(), raw.data() + i, size) == 0;
  if (splat)
    return makeDense(type, ArrayRef<char>(raw).take_front(size));
  if (!take(context.expandedBytes, (count - stored) * size, context.limits.expandedBytes)) {
    fail(Code::LimitExceeded, "memory for expanded constants must be at most " + Twine(context.limits.expandedBytes) +
                                  " bytes, but the shape is " + shapeText(dims));
    return nullptr;
  }
  raw.resize(count * size);
  for (uint64_t i = stored; i < count; ++i)
    std::memcpy(raw.data() + i * size, raw.data() + (stored - 1) * size, size);
  if (raw.size() < resourceBytes)
    return makeDense(type, raw);
  auto owner = std::make_shared<std::vector<char>>(std::move(raw));
  return makeResource(type, name, *owner, owner);
}

} // namespace lathe
