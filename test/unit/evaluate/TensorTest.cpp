// SPDX-License-Identifier: Apache-2.0
// Tensors from and to constant attributes, for every element type; narrow floats against their definition.
#include "ir/core/Elements.h"
#include "mlir/AsmParser/AsmParser.h"
#include "mlir/IR/DialectResourceBlobManager.h"
#include "test/unit/evaluate/EvaluateTest.h"
#include <cmath>

using namespace mlir;
using namespace lathe;
using namespace lathe::evaluate;

namespace {
/// Different elements that every type of the kind holds exactly.
Numbers ramp(size_t count, StringRef type) {
  Numbers numbers;
  for (size_t i = 0; i < count; ++i)
    numbers.push_back(type == "i1" ? (i * i / 3) % 2 : static_cast<double>(i % 120));
  return numbers;
}

std::vector<const char *> allTypes() {
  std::vector<const char *> types{"i1"};
  for (const auto *family : {&signedTypes, &unsignedTypes, &floatTypes, &complexTypes})
    types.insert(types.end(), family->begin(), family->end());
  return types;
}

TEST_F(EvaluateTest, KeepsItsElementsThroughAttributes) {
  for (const char *type : allTypes())
    for (int64_t size : {0, 1, 9, 100, 1500}) {
      std::string text = "tensor<" + std::to_string(size) + "x" + type + ">";
      Numbers numbers = ramp(size * (StringRef(type).starts_with("complex") ? 2 : 1), type);
      ElementsAttr attribute = tensor(text, numbers).toAttribute();
      EXPECT_EQ(elements(Tensor::fromAttribute(attribute)), numbers) << text;
      EXPECT_FALSE(size > 1 && attribute.isSplat()) << text;
    }
}

TEST_F(EvaluateTest, MakesSplatsOfEqualElements) {
  for (const char *type : allTypes()) {
    std::string text = "tensor<9x" + std::string(type) + ">";
    Tensor ones = tensor(text, Numbers(StringRef(type).starts_with("complex") ? 18 : 9, 1));
    ElementsAttr attribute = ones.toAttribute();
    EXPECT_TRUE(isa<DenseElementsAttr>(attribute) && attribute.isSplat()) << text;
    EXPECT_EQ(Tensor::fromAttribute(attribute).bytes(), ones.bytes()) << text;
  }
}

TEST_F(EvaluateTest, ReadsAttributesInText) {
  auto read = [&](StringRef text) {
    return elements(Tensor::fromAttribute(cast<ElementsAttr>(parseAttribute(text, &context))));
  };
  EXPECT_EQ(read("dense<[true, false, false, true, true, false, true, false, false, true]> : tensor<10xi1>"),
            (Numbers{1, 0, 0, 1, 1, 0, 1, 0, 0, 1}));
  EXPECT_EQ(read("dense<true> : tensor<3xi1>"), (Numbers{1, 1, 1}));
  EXPECT_EQ(read("dense<[[1, 2], [3, 255]]> : tensor<2x2xui8>"), (Numbers{1, 2, 3, 255}));
  EXPECT_EQ(read("dense<[0x3C00, 0xC000]> : tensor<2xf16>"), (Numbers{1, -2}));
  EXPECT_EQ(read("dense<[(1.5, -2.0), (3.0, 4.0)]> : tensor<2xcomplex<f32>>"), (Numbers{1.5, -2, 3, 4}));
  EXPECT_EQ(read("dense<(1.5, -2.0)> : tensor<2xcomplex<f64>>"), (Numbers{1.5, -2, 1.5, -2}));
}

TEST_F(EvaluateTest, ReadsResourcesWhereTheyLie) {
  for (const char *name : {"i1", "i16", "f32"}) {
    auto type = cast<RankedTensorType>(parseType("tensor<4x" + std::string(name) + ">", &context));
    Tensor source = tensor("tensor<4x" + std::string(name) + ">", {1, 0, 0, 1});
    ArrayRef<char> bytes = source.bytes();
    AsmResourceBlob blob = UnmanagedAsmResourceBlob::allocateWithAlign(bytes, 1);
    auto attribute = DenseResourceElementsAttr::get(type, "weights", std::move(blob));
    Tensor read = Tensor::fromAttribute(attribute);
    EXPECT_EQ(read.bytes().data(), bytes.data());
    EXPECT_EQ(elements(read), (Numbers{1, 0, 0, 1}));
  }
}

TEST_F(EvaluateTest, LeavesLargeValuesInTheirBlob) {
  Tensor large = tensor("tensor<1000xf32>", ramp(1000, "f32"));
  auto attribute = dyn_cast<DenseResourceElementsAttr>(large.toAttribute());
  ASSERT_TRUE(attribute);
  EXPECT_EQ(attribute.getRawHandle().getBlob()->getData().data(), large.bytes().data());
}

TEST(Scalars, HalvesRoundToNearestEven) {
  // Every half survives; between neighbours the even one wins, and anything beyond the midpoint goes to the nearer.
  for (uint32_t bits = 0; bits < 0x7c00; ++bits) {
    Half half, next;
    half.bits = bits;
    next.bits = bits + 1;
    double value = static_cast<float>(half), above = bits + 1 < 0x7c00 ? static_cast<float>(next) : 65536;
    double middle = (value + above) / 2;
    ASSERT_EQ(value, bits < 0x400 ? std::ldexp(bits, -24)
                                  : std::ldexp((bits & 0x3ff) + 1024, static_cast<int>(bits >> 10) - 25));
    ASSERT_EQ(Half(value).bits, bits);
    ASSERT_EQ(Half(-value).bits, bits | 0x8000);
    ASSERT_EQ(Half(middle).bits, bits + (bits & 1));
    ASSERT_EQ(Half(std::nextafter(middle, 0)).bits, bits);
    ASSERT_EQ(Half(std::nextafter(middle, 1e9)).bits, bits + 1);
    ASSERT_EQ(Half(std::nextafter(static_cast<float>(middle), 1e9f)).bits, bits + 1);
  }
  EXPECT_EQ(Half(1e9f).bits, 0x7c00);
  EXPECT_EQ(Half(-INFINITY).bits, 0xfc00);
  EXPECT_TRUE(std::isnan(static_cast<float>(Half(NAN))));
}

TEST(Scalars, BFloatsRoundToNearestEven) {
  for (uint32_t bits = 1; bits < 0x7f80; ++bits) {
    BFloat16 number, next;
    number.bits = bits;
    next.bits = bits + 1;
    double value = static_cast<float>(number), above = bits + 1 < 0x7f80 ? static_cast<float>(next) : 0x1p128;
    double middle = (value + above) / 2;
    ASSERT_EQ(BFloat16(value).bits, bits);
    ASSERT_EQ(BFloat16(middle).bits, bits + (bits & 1));
    ASSERT_EQ(BFloat16(std::nextafter(middle, 0)).bits, bits);
    ASSERT_EQ(BFloat16(std::nextafter(middle, 1e300)).bits, bits + 1);
  }
  EXPECT_TRUE(std::isnan(static_cast<float>(BFloat16(NAN))));
  EXPECT_EQ(BFloat16(1e39).bits, 0x7f80);
}
} // namespace
