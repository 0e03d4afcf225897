// SPDX-License-Identifier: Apache-2.0
// Registration of the gdef dialect, and the parsing, printing and checking of its types and attributes.
#include "ir/gdef/Dialect.h"
#include "ir/gdef/Ops.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace lathe::gdef;

#include "ir/gdef/Dialect.cpp.inc"

#define GET_TYPEDEF_CLASSES
#include "ir/gdef/Types.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "ir/gdef/Attributes.cpp.inc"

void GdefDialect::initialize() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "ir/gdef/Types.cpp.inc"
      >();
  addAttributes<
#define GET_ATTRDEF_LIST
#include "ir/gdef/Attributes.cpp.inc"
      >();
  addOperations<
#define GET_OP_LIST
#include "ir/gdef/Ops.cpp.inc"
      >();
}

bool lathe::gdef::isElementType(Type type) {
  if (auto integer = dyn_cast<IntegerType>(type)) {
    unsigned width = integer.getWidth();
    bool sized = width == 8 || width == 16 || width == 32 || width == 64;
    return (integer.isSignless() && (sized || width == 1)) || (integer.isUnsigned() && sized);
  }
  if (auto complex = dyn_cast<ComplexType>(type))
    return complex.getElementType().isF32() || complex.getElementType().isF64();
  return isa<Float16Type, BFloat16Type, Float32Type, Float64Type, Float8E5M2Type, Float8E4M3FNType, StringType,
             ResourceType, VariantType, QuantizedType>(type);
}

bool lathe::gdef::isValueType(Type type) {
  auto tensor = dyn_cast<TensorType>(type);
  return tensor && isElementType(tensor.getElementType());
}

LogicalResult QuantizedType::verify(llvm::function_ref<InFlightDiagnostic()> emitError, IntegerType storage) {
  unsigned width = storage.getWidth();
  if (!storage.isSigned() && (width == 8 || width == 16 || (width == 32 && storage.isSignless())))
    return success();
  return emitError() << "storage must be i8, ui8, i16, ui16 or i32, but got " << storage;
}

LogicalResult ShapeAttr::verify(llvm::function_ref<InFlightDiagnostic()> emitError, ArrayRef<int64_t> dims,
                                bool ranked) {
  if (!ranked && !dims.empty())
    return emitError() << "a shape without rank must have no dimensions, but got " << dims.size();
  for (int64_t dim : dims)
    if (dim < 0 && !ShapedType::isDynamic(dim))
      return emitError() << "dimension must be at least 0, but got " << dim;
  return success();
}

Attribute ShapeAttr::parse(AsmParser &parser, Type) {
  SmallVector<int64_t> dims;
  if (parser.parseLess())
    return {};
  bool ranked = failed(parser.parseOptionalStar());
  auto parseDim = [&]() -> ParseResult {
    if (succeeded(parser.parseOptionalQuestion())) {
      dims.push_back(ShapedType::kDynamic);
      return success();
    }
    return parser.parseInteger(dims.emplace_back());
  };
  if (ranked && parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, parseDim))
    return {};
  if (parser.parseGreater())
    return {};
  return getChecked([&] { return parser.emitError(parser.getNameLoc()); }, parser.getContext(), dims, ranked);
}

void ShapeAttr::print(AsmPrinter &printer) const {
  if (!getRanked()) {
    printer << "<*>";
    return;
  }
  printer << "<[";
  llvm::interleave(
      getDims(),
      [&](int64_t dim) {
        if (ShapedType::isDynamic(dim))
          printer << "?";
        else
          printer << dim;
      },
      [&] { printer << ","; });
  printer << "]>";
}
