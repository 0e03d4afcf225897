// SPDX-License-Identifier: Apache-2.0
// The import table: bits of integers, and bits as other types.
#include "passes/legalize/Rows.h"
#include "passes/legalize/Table.h"

using namespace mlir;
using namespace lathe;
using namespace lathe::core;
using namespace lathe::legalize;

static Values bitcast(Node &n) {
  Type from = n.element(0), to = n.type("type");
  if (from.isInteger(1) || to.isInteger(1))
    return n.unsupported("element type bool has no bits to take as another type");
  Ints shape(n.shape(0));
  int64_t fromBytes = elementBytes(from), toBytes = elementBytes(to);
  if (toBytes < fromBytes) {
    shape.push_back(fromBytes / toBytes);
  } else if (toBytes > fromBytes) {
    if (shape.empty() || shape.back() != toBytes / fromBytes)
      return n.mismatch("the last dimension must be " + Twine(toBytes / fromBytes) + " for elements " +
                        Twine(toBytes / fromBytes) + " times as wide");
    shape.pop_back();
  }
  return {n.b.bitcast(n[0], RankedTensorType::get(shape, to))};
}

/// Eight comparisons with the threshold to a byte, the first in the highest bit.
static Values compareAndBitpack(Node &n) {
  Ints shape(n.shape(0));
  if (shape.empty() || shape.back() % 8)
    return n.mismatch("the last dimension must be a multiple of 8, but got " + Twine(shape.empty() ? 1 : shape.back()));
  Term bits = n.element(0).isInteger(1) ? n(0) : n(0) > n(1);
  shape.back() /= 8;
  shape.push_back(8);
  Type byte = n.b.builder.getIntegerType(8, /*isSigned=*/false);
  Term weights{n.b, n.b.integers({128, 64, 32, 16, 8, 4, 2, 1}, byte)};
  return {sumOf(convert(reshape(bits, shape), byte) * weights, {static_cast<int64_t>(shape.size()) - 1})};
}

static Values populationCount(Node &n) {
  unsigned width = n.element(0).getIntOrFloatBitWidth();
  Type word = n.b.builder.getIntegerType(width, /*isSigned=*/false);
  Term x{n.b, n.b.bitcast(n[0], n.b.typeOf(n[0]).clone(word))};
  Term sum = like(x, 0);
  for (unsigned bit = 0; bit < width; ++bit)
    sum = sum + (apply<ShiftRightOp>(x, like(x, bit)) & like(x, 1));
  return {convert(sum, n.b.builder.getIntegerType(8, /*isSigned=*/false))};
}

ArrayRef<LegalizationRow> legalize::bitRows() {
  static constexpr LegalizationRow rows[] = {
      {"Bitcast", bitcast},
      {"BitwiseAnd", binary<AndOp>},
      {"BitwiseOr", binary<OrOp>},
      {"BitwiseXor", binary<XorOp>},
      {"CompareAndBitpack", compareAndBitpack},
      {"Invert", unary<NotOp>},
      {"LeftShift", binary<ShiftLeftOp>},
      {"PopulationCount", populationCount},
      {"RightShift", binary<ShiftRightOp>},
  };
  return rows;
}
