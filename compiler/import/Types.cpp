// SPDX-License-Identifier: Apache-2.0
// Element types and shapes.
#include "compiler/import/Types.h"
#include "ir/gdef/Dialect.h"
#include "mlir/IR/Builders.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace lathe {

tf::DataType baseType(tf::DataType dtype) {
  return dtype > 100 && dtype < 200 ? static_cast<tf::DataType>(dtype - 100) : dtype;
}

Type elementType(MLIRContext *context, tf::DataType dtype) {
  Builder builder(context);
  auto unsignedType = [&](unsigned width) { return IntegerType::get(context, width, IntegerType::Unsigned); };
  auto quantized = [&](IntegerType storage) { return gdef::QuantizedType::get(context, storage); };
  switch (baseType(dtype)) {
  case tf::DT_FLOAT:
    return builder.getF32Type();
  case tf::DT_DOUBLE:
    return builder.getF64Type();
  case tf::DT_HALF:
    return builder.getF16Type();
  case tf::DT_BFLOAT16:
    return builder.getBF16Type();
  case tf::DT_FLOAT8_E5M2:
    return Float8E5M2Type::get(context);
  case tf::DT_FLOAT8_E4M3FN:
    return Float8E4M3FNType::get(context);
  case tf::DT_INT8:
    return builder.getIntegerType(8);
  case tf::DT_INT16:
    return builder.getIntegerType(16);
  case tf::DT_INT32:
    return builder.getIntegerType(32);
  case tf::DT_INT64:
    return builder.getIntegerType(64);
  case tf::DT_UINT8:
    return unsignedType(8);
  case tf::DT_UINT16:
    return unsignedType(16);
  case tf::DT_UINT32:
    return unsignedType(32);
  case tf::DT_UINT64:
    return unsignedType(64);
  case tf::DT_BOOL:
    return builder.getI1Type();
  case tf::DT_COMPLEX64:
    return ComplexType::get(builder.getF32Type());
  case tf::DT_COMPLEX128:
    return ComplexType::get(builder.getF64Type());
  case tf::DT_STRING:
    return gdef::StringType::get(context);
  case tf::DT_RESOURCE:
    return gdef::ResourceType::get(context);
  case tf::DT_VARIANT:
    return gdef::VariantType::get(context);
  case tf::DT_QINT8:
    return quantized(builder.getIntegerType(8));
  case tf::DT_QINT16:
    return quantized(builder.getIntegerType(16));
  case tf::DT_QINT32:
    return quantized(builder.getIntegerType(32));
  case tf::DT_QUINT8:
    return quantized(unsignedType(8));
  case tf::DT_QUINT16:
    return quantized(unsignedType(16));
  default:
    return nullptr;
  }
}

std::string typeName(tf::DataType dtype) {
  switch (dtype = baseType(dtype)) {
  case tf::DT_FLOAT:
    return "float32";
  case tf::DT_DOUBLE:
    return "float64";
  case tf::DT_HALF:
    return "float16";
  default:
    break;
  }
  std::string name = tf::DataType_Name(dtype);
  return name.empty() ? "type number " + std::to_string(dtype) : StringRef(name).drop_front(3).lower();
}

std::string shapeText(ArrayRef<int64_t> dims) {
  std::string text;
  llvm::raw_string_ostream out(text);
  out << "[";
  llvm::interleave(
      dims,
      [&](int64_t dim) {
        if (ShapedType::isDynamic(dim))
          out << "?";
        else
          out << dim;
      },
      [&] { out << ","; });
  out << "]";
  return text;
}

bool checkShape(ArrayRef<int64_t> dims, const ImportLimits &limits, Fail fail) {
  if (dims.size() > limits.rank) {
    fail(Code::LimitExceeded, "rank must be at most " + Twine(limits.rank) + ", but got " + Twine(dims.size()));
    return false;
  }
  uint64_t product = 1;
  bool empty = llvm::is_contained(dims, 0), overflow = false;
  for (int64_t dim : dims) {
    if (ShapedType::isDynamic(dim))
      continue;
    if (dim < 0) {
      fail(Code::BadShape, "dimension must be at least 0, but got " + Twine(dim) + " in " + shapeText(dims));
      return false;
    }
    // A dimension of 0 must not hide an absurd product of the others: strides are computed from those.
    if (dim != 0)
      overflow |= __builtin_mul_overflow(product, static_cast<uint64_t>(dim), &product) || product > limits.elements;
  }
  if (overflow) {
    fail(Code::BadShape, "number of elements must be at most " + Twine(limits.elements) + ", but the shape is " +
                             shapeText(dims) + (empty ? " (leaving 0 aside)" : ""));
    return false;
  }
  return true;
}

uint64_t countElements(ArrayRef<int64_t> dims) {
  uint64_t product = 1;
  for (int64_t dim : dims)
    product *= dim;
  return product;
}

bool readShape(const tf::TensorShapeProto &shape, const ImportLimits &limits, SmallVectorImpl<int64_t> &dims,
               bool &ranked, Fail fail) {
  dims.clear();
  ranked = !shape.unknown_rank();
  if (!ranked)
    return true;
  // The rank comes first: a million dimensions are not worth a vector.
  if (static_cast<uint64_t>(shape.dim_size()) > limits.rank) {
    fail(Code::LimitExceeded, "rank must be at most " + Twine(limits.rank) + ", but got " + Twine(shape.dim_size()));
    return false;
  }
  for (const auto &dim : shape.dim())
    dims.push_back(dim.size() == -1 ? ShapedType::kDynamic : dim.size());
  // kDynamic is the smallest number there is; a file may contain it.
  for (const auto &dim : shape.dim())
    if (dim.size() < -1) {
      fail(Code::BadShape, "dimension must be at least -1, but got " + Twine(dim.size()));
      return false;
    }
  return checkShape(dims, limits, fail);
}

} // namespace lathe
