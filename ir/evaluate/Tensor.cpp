// SPDX-License-Identifier: Apache-2.0
// Tensors of the reference interpreter, from and to constant attributes.
#include "ir/evaluate/Tensor.h"
#include "ir/core/Elements.h"
#include "ir/evaluate/Evaluate.h"
#include "mlir/IR/AsmState.h"
#include "mlir/IR/DialectResourceBlobManager.h"

using namespace mlir;
using namespace lathe;
using namespace lathe::evaluate;

Tensor Tensor::zeros(RankedTensorType type) {
  Tensor tensor;
  tensor.type = type;
  tensor.size = core::tensorBytes(type);
  tensor.owned = std::shared_ptr<char[]>(new char[std::max<size_t>(tensor.size, 1)]());
  tensor.data = tensor.owned.get();
  return tensor;
}

Tensor Tensor::overBytes(RankedTensorType type, ArrayRef<char> bytes) {
  assert(static_cast<int64_t>(bytes.size()) == core::tensorBytes(type) && "bytes must fit the type");
  Tensor tensor;
  tensor.type = type;
  tensor.size = bytes.size();
  tensor.data = bytes.data();
  return tensor;
}

Tensor Tensor::fromAttribute(ElementsAttr value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  if (!type)
    return {};
  if (auto resource = dyn_cast<DenseResourceElementsAttr>(value)) {
    AsmResourceBlob *blob = resource.getRawHandle().getBlob();
    if (!blob || static_cast<int64_t>(blob->getData().size()) != core::tensorBytes(type))
      return {};
    return overBytes(type, blob->getData());
  }
  auto dense = dyn_cast<DenseElementsAttr>(value);
  if (!dense)
    return {};
  if (type.getElementType().isInteger(1)) {
    // LLVM packs eight booleans a byte, the first in the lowest bit; a splat is one byte of equal bits.
    Tensor tensor = zeros(type);
    ArrayRef<char> packed = dense.getRawData();
    for (auto [i, to] : llvm::enumerate(tensor.mutableValues<char>()))
      to = packed[dense.isSplat() ? 0 : i / 8] >> (i % 8) & 1;
    return tensor;
  }
  ArrayRef<char> raw = dense.getRawData();
  if (!dense.isSplat())
    return overBytes(type, raw);
  Tensor tensor = zeros(type);
  for (size_t i = 0; i < tensor.size; i += raw.size())
    std::copy(raw.begin(), raw.end(), tensor.owned.get() + i);
  return tensor;
}

Tensor Tensor::withType(RankedTensorType other) const {
  assert(static_cast<int64_t>(size) == core::tensorBytes(other) && "bytes must fit the type");
  Tensor tensor = *this;
  tensor.type = other;
  return tensor;
}

ElementsAttr Tensor::toAttribute() const {
  Type element = getElementType();
  int64_t width = core::elementBytes(element), count = getNumElements();
  bool splat = count > 0 && (count == 1 || std::equal(data, data + size - width, data + width));
  if (element.isInteger(1)) {
    ArrayRef<char> flags = values<char>();
    if (splat)
      return DenseElementsAttr::get(type, static_cast<bool>(flags.front()));
    SmallVector<bool> bools(flags.begin(), flags.end());
    return DenseElementsAttr::get(type, bools);
  }
  constexpr size_t denseBytes = 1024;
  if (splat)
    return DenseElementsAttr::getFromRawBuffer(type, bytes().take_front(width));
  if (size <= denseBytes)
    return DenseElementsAttr::getFromRawBuffer(type, bytes());
  // The blob keeps a share of the bytes, or a copy where they are the caller's.
  std::shared_ptr<char[]> share = owned;
  if (!share) {
    share = std::shared_ptr<char[]>(new char[size]);
    std::copy(data, data + size, share.get());
  }
  ArrayRef<char> kept(share.get(), size);
  AsmResourceBlob blob(
      kept, /*dataAlignment=*/8, [share](void *, size_t, size_t) mutable { share.reset(); }, /*dataIsMutable=*/false);
  return DenseResourceElementsAttr::get(type, "value", std::move(blob));
}

SmallVector<int64_t> evaluate::readIntegers(const Tensor &tensor) {
  Type element = tensor.getElementType();
  bool isUnsigned = element.isUnsignedInteger() || element.isInteger(1);
  SmallVector<int64_t> result;
  auto widen = [&](auto signedZero, auto unsignedZero) {
    if (isUnsigned)
      result.append(tensor.values<decltype(unsignedZero)>().begin(), tensor.values<decltype(unsignedZero)>().end());
    else
      result.append(tensor.values<decltype(signedZero)>().begin(), tensor.values<decltype(signedZero)>().end());
  };
  switch (core::elementBytes(element)) {
  case 1:
    widen(int8_t(), uint8_t());
    break;
  case 2:
    widen(int16_t(), uint16_t());
    break;
  case 4:
    widen(int32_t(), uint32_t());
    break;
  default:
    widen(int64_t(), uint64_t());
  }
  return result;
}
