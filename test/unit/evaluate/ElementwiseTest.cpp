// SPDX-License-Identifier: Apache-2.0
// Element-wise ops of the interpreter against values computed by hand.
#include "test/unit/evaluate/EvaluateTest.h"
#include <cmath>

using namespace lathe;
using namespace lathe::evaluate;
using testing::ElementsAre;
using testing::IsNan;

namespace {
constexpr double infinity = INFINITY;

class ElementwiseTest : public EvaluateTest {
protected:
  /// One operand of type `type`; `op` is a mnemonic.
  Numbers unary(llvm::StringRef op, llvm::StringRef type, const Numbers &x) {
    std::string text = "tensor<" + std::to_string(x.size() / parts(type)) + "x" + type.str() + ">";
    return value(("core." + op + " %a : " + text).str(), {tensor(text, x)});
  }
  Numbers binary(llvm::StringRef op, llvm::StringRef type, const Numbers &x, const Numbers &y) {
    std::string text = "tensor<" + std::to_string(x.size() / parts(type)) + "x" + type.str() + ">";
    return value(("core." + op + " %a, %b : " + text).str(), {tensor(text, x), tensor(text, y)});
  }
  Numbers convert(llvm::StringRef from, llvm::StringRef to, const Numbers &x) {
    std::string size = "tensor<" + std::to_string(x.size() / parts(from)) + "x";
    return value("core.convert %a : " + size + from.str() + "> -> " + size + to.str() + ">",
                 {tensor(size + from.str() + ">", x)});
  }
  static size_t parts(llvm::StringRef type) { return type.starts_with("complex") ? 2 : 1; }
};

TEST_F(ElementwiseTest, ArithmeticOnEveryType) {
  std::vector<const char *> types = signedTypes;
  types.insert(types.end(), floatTypes.begin(), floatTypes.end());
  types.insert(types.end(), unsignedTypes.begin(), unsignedTypes.end());
  for (const char *type : types) {
    SCOPED_TRACE(type);
    EXPECT_THAT(binary("add", type, {1, 20, 100}, {2, 30, 7}), ElementsAre(3, 50, 107));
    EXPECT_THAT(binary("sub", type, {10, 20, 100}, {2, 20, 99}), ElementsAre(8, 0, 1));
    EXPECT_THAT(binary("mul", type, {1, 5, 12}, {2, 7, 10}), ElementsAre(2, 35, 120));
    EXPECT_THAT(binary("div", type, {8, 30, 120}, {2, 5, 8}), ElementsAre(4, 6, 15));
    EXPECT_THAT(binary("rem", type, {8, 30, 120}, {3, 7, 50}), ElementsAre(2, 2, 20));
    EXPECT_THAT(binary("pow", type, {2, 3, 11, 7}, {6, 4, 2, 0}), ElementsAre(64, 81, 121, 1));
    EXPECT_THAT(binary("max", type, {1, 20, 100}, {2, 10, 7}), ElementsAre(2, 20, 100));
    EXPECT_THAT(binary("min", type, {1, 20, 100}, {2, 10, 7}), ElementsAre(1, 10, 7));
    EXPECT_THAT(unary("abs", type, {0, 3, 100}), ElementsAre(0, 3, 100));
    EXPECT_THAT(unary("sign", type, {0, 3, 100}), ElementsAre(0, 1, 1));
  }
}

TEST_F(ElementwiseTest, ArithmeticOnSigns) {
  std::vector<const char *> types = signedTypes;
  types.insert(types.end(), floatTypes.begin(), floatTypes.end());
  for (const char *type : types) {
    SCOPED_TRACE(type);
    EXPECT_THAT(unary("neg", type, {0, 3, -100}), ElementsAre(0, -3, 100));
    EXPECT_THAT(unary("abs", type, {0, 3, -100}), ElementsAre(0, 3, 100));
    EXPECT_THAT(unary("sign", type, {0, 3, -100}), ElementsAre(0, 1, -1));
    EXPECT_THAT(binary("rem", type, {7, -7, 7, -7}, {4, 4, -4, -4}), ElementsAre(3, -3, 3, -3));
    EXPECT_THAT(binary("min", type, {1, -20}, {-2, -10}), ElementsAre(-2, -20));
  }
}

TEST_F(ElementwiseTest, IntegersWrap) {
  EXPECT_THAT(binary("add", "i8", {127, -128}, {1, -1}), ElementsAre(-128, 127));
  EXPECT_THAT(binary("sub", "ui8", {3, 0}, {4, 255}), ElementsAre(255, 1));
  EXPECT_THAT(binary("mul", "ui16", {65535, 300}, {65535, 300}), ElementsAre(1, 24464));
  EXPECT_THAT(binary("mul", "i32", {65536, 65537}, {65536, 65537}), ElementsAre(0, 131073));
  EXPECT_THAT(unary("neg", "i8", {-128, 5}), ElementsAre(-128, -5));
  EXPECT_THAT(unary("neg", "ui8", {1, 0}), ElementsAre(255, 0));
  EXPECT_THAT(unary("abs", "i8", {-128, -127}), ElementsAre(-128, 127));
  EXPECT_THAT(binary("pow", "i8", {2, 3}, {7, 5}), ElementsAre(-128, -13));
}

TEST_F(ElementwiseTest, IntegerDivisionNeverTraps) {
  for (const char *type : signedTypes) {
    SCOPED_TRACE(type);
    double lowest = -std::ldexp(1, std::atoi(type + 1) - 1);
    EXPECT_THAT(binary("div", type, {7, -7, lowest, 9}, {-2, 2, -1, 0}), ElementsAre(-3, -3, lowest, 0));
    EXPECT_THAT(binary("rem", type, {7, -7, lowest, 9}, {-2, 2, -1, 0}), ElementsAre(1, -1, 0, 0));
  }
  for (const char *type : unsignedTypes)
    EXPECT_THAT(binary("div", type, {200, 9}, {7, 0}), ElementsAre(28, 0)) << type;
}

TEST_F(ElementwiseTest, IntegerPowersOfNegativeExponents) {
  EXPECT_THAT(binary("pow", "i32", {1, -1, -1, 2, 0, -2}, {-5, -4, -3, -1, -1, 3}), ElementsAre(1, 1, -1, 0, 0, -8));
}

TEST_F(ElementwiseTest, ShiftsClampTheirAmount) {
  EXPECT_THAT(binary("shift_left", "i8", {1, 3, 1, 5}, {3, 6, 9, -1}), ElementsAre(8, -64, -128, 5));
  EXPECT_THAT(binary("shift_right", "i8", {-128, 127, -5, 64}, {3, 200, 9, -1}), ElementsAre(-16, 127, -1, 64));
  EXPECT_THAT(binary("shift_right", "ui8", {128, 255, 200}, {3, 200, 7}), ElementsAre(16, 1, 1));
  EXPECT_THAT(binary("shift_left", "ui32", {1, 3}, {31, 1}), ElementsAre(2147483648, 6));
  EXPECT_THAT(binary("shift_right", "i64", {-9, 1024}, {1, 3}), ElementsAre(-5, 128));
}

TEST_F(ElementwiseTest, Bits) {
  EXPECT_THAT(binary("and", "ui8", {0xf0, 0x3c}, {0x9f, 0x18}), ElementsAre(0x90, 0x18));
  EXPECT_THAT(binary("or", "i16", {0x0f0, 5}, {0x00f, 10}), ElementsAre(0xff, 15));
  EXPECT_THAT(binary("xor", "i64", {-1, 6}, {0, 3}), ElementsAre(-1, 5));
  EXPECT_THAT(unary("not", "i32", {0, 41}), ElementsAre(-1, -42));
  EXPECT_THAT(unary("not", "ui16", {0, 41}), ElementsAre(65535, 65494));
  EXPECT_THAT(unary("not", "i1", {0, 1, 1}), ElementsAre(1, 0, 0));
  EXPECT_THAT(binary("and", "i1", {0, 0, 1, 1}, {0, 1, 0, 1}), ElementsAre(0, 0, 0, 1));
  EXPECT_THAT(binary("or", "i1", {0, 0, 1, 1}, {0, 1, 0, 1}), ElementsAre(0, 1, 1, 1));
  EXPECT_THAT(binary("xor", "i1", {0, 0, 1, 1}, {0, 1, 0, 1}), ElementsAre(0, 1, 1, 0));
}

TEST_F(ElementwiseTest, ComplexArithmetic) {
  for (const char *type : complexTypes) {
    SCOPED_TRACE(type);
    EXPECT_THAT(binary("add", type, {1, 2, 3, 4}, {10, 20, 30, 40}), ElementsAre(11, 22, 33, 44));
    EXPECT_THAT(binary("sub", type, {1, 2, 3, 4}, {10, 20, 30, 50}), ElementsAre(-9, -18, -27, -46));
    EXPECT_THAT(binary("mul", type, {1, 2, 3, 4}, {5, 6, -7, 8}), ElementsAre(-7, 16, -53, -4));
    EXPECT_THAT(binary("div", type, {-7, 16, 10, 5}, {1, 1, 0, 2}), ElementsAre(4.5, 11.5, 2.5, -5));
    EXPECT_THAT(unary("neg", type, {1, -2, 3, 4}), ElementsAre(-1, 2, -3, -4));
    EXPECT_THAT(unary("real", type, {1, -2, 3, 4}), ElementsAre(1, 3));
    EXPECT_THAT(unary("imag", type, {1, -2, 3, 4}), ElementsAre(-2, 4));
    EXPECT_THAT(binary("compare eq", type, {1, 2, 3, 4}, {1, 2, 3, 5}), ElementsAre(1, 0));
    EXPECT_THAT(binary("compare ne", type, {1, 2, 3, 4}, {1, 2, 3, 5}), ElementsAre(0, 1));
  }
  EXPECT_THAT(binary("complex", "f64", {1, 2}, {3, 4}), ElementsAre(1, 3, 2, 4));
}

TEST_F(ElementwiseTest, NaNWinsMinimaAndMaxima) {
  for (const char *type : floatTypes) {
    SCOPED_TRACE(type);
    EXPECT_THAT(binary("max", type, {NAN, 1, -infinity}, {2, NAN, -3}), ElementsAre(IsNan(), IsNan(), -3));
    EXPECT_THAT(binary("min", type, {NAN, 1, infinity}, {2, NAN, -3}), ElementsAre(IsNan(), IsNan(), -3));
    EXPECT_THAT(unary("sign", type, {NAN, -0.25}), ElementsAre(IsNan(), -1));
    EXPECT_THAT(unary("is_finite", type, {NAN, infinity, -infinity, 3}), ElementsAre(0, 0, 0, 1));
  }
}

TEST_F(ElementwiseTest, SmallFloatsRoundOncePerOp) {
  // 2049 and 257 lie between two numbers of f16 and bf16.
  EXPECT_THAT(binary("add", "f16", {2048, 2050}, {1, 1}), ElementsAre(2048, 2052));
  EXPECT_THAT(binary("add", "bf16", {256, 258}, {1, 1}), ElementsAre(256, 260));
  EXPECT_THAT(binary("mul", "f16", {300, 65504}, {300, 2}), ElementsAre(infinity, infinity));
}

TEST_F(ElementwiseTest, Comparisons) {
  std::vector<const char *> types = signedTypes;
  types.insert(types.end(), floatTypes.begin(), floatTypes.end());
  types.insert(types.end(), unsignedTypes.begin(), unsignedTypes.end());
  for (const char *type : types) {
    SCOPED_TRACE(type);
    Numbers x{1, 2, 3}, y{2, 2, 1};
    EXPECT_THAT(binary("compare lt", type, x, y), ElementsAre(1, 0, 0));
    EXPECT_THAT(binary("compare le", type, x, y), ElementsAre(1, 1, 0));
    EXPECT_THAT(binary("compare gt", type, x, y), ElementsAre(0, 0, 1));
    EXPECT_THAT(binary("compare ge", type, x, y), ElementsAre(0, 1, 1));
    EXPECT_THAT(binary("compare eq", type, x, y), ElementsAre(0, 1, 0));
    EXPECT_THAT(binary("compare ne", type, x, y), ElementsAre(1, 0, 1));
  }
  EXPECT_THAT(binary("compare lt", "ui8", {200, 3}, {100, 250}), ElementsAre(0, 1));
  EXPECT_THAT(binary("compare lt", "i1", {0, 1, 1}, {1, 0, 1}), ElementsAre(1, 0, 0));
  for (const char *direction : {"lt", "le", "gt", "ge", "eq"})
    EXPECT_THAT(binary(std::string("compare ") + direction, "f32", {NAN, 1}, {NAN, NAN}), ElementsAre(0, 0))
        << direction;
  EXPECT_THAT(binary("compare ne", "f32", {NAN, 1}, {NAN, NAN}), ElementsAre(1, 1));
}

TEST_F(ElementwiseTest, Select) {
  for (const char *type : {"i1", "ui8", "bf16", "f32", "i64"}) {
    std::string text = "tensor<4x" + std::string(type) + ">";
    EXPECT_THAT(value("core.select %a, %b, %c : tensor<4xi1>, " + text,
                      {tensor("tensor<4xi1>", {1, 0, 0, 1}), tensor(text, {1, 1, 0, 0}), tensor(text, {0, 0, 1, 1})}),
                ElementsAre(1, 0, 1, 0))
        << type;
  }
  EXPECT_THAT(value("core.select %a, %b, %c : tensor<2xi1>, tensor<2xcomplex<f64>>",
                    {tensor("tensor<2xi1>", {1, 0}), tensor("tensor<2xcomplex<f64>>", {1, 2, 3, 4}),
                     tensor("tensor<2xcomplex<f64>>", {5, 6, 7, 8})}),
              ElementsAre(1, 2, 7, 8));
}

TEST_F(ElementwiseTest, Functions) {
  struct Function {
    const char *name;
    double x, y;
  };
  // To 17 digits.
  const Function functions[] = {{"ceil", -1.5, -1},
                                {"ceil", 2.25, 3},
                                {"cos", 1.25, 0.31532236239526867},
                                {"erf", 0.75, 0.71115563365351513},
                                {"exp", 1.25, 3.4903429574618414},
                                {"expm1", 0.001953125, 0.001955033591002812},
                                {"floor", -1.5, -2},
                                {"floor", 2.25, 2},
                                {"log", 2.5, 0.91629073187415507},
                                {"log1p", 0.001953125, 0.0019512201312617494},
                                {"logistic", 1.25, 0.77729986117469115},
                                {"logistic", -1.25, 0.22270013882530885},
                                {"round_even", 2.5, 2},
                                {"round_even", -3.5, -4},
                                {"rsqrt", 2.5, 0.63245553203367587},
                                {"sin", 1.25, 0.94898461935558621},
                                {"sqrt", 2.5, 1.5811388300841897},
                                {"tan", 1.25, 3.0095696738628313},
                                {"tanh", 0.75, 0.63514895238728732}};
  for (const Function &function : functions) {
    SCOPED_TRACE(function.name);
    EXPECT_NEAR(unary(function.name, "f64", {function.x, 1})[0], function.y, 4e-16 * std::abs(function.y));
    EXPECT_EQ(unary(function.name, "f32", {function.x, 1})[0], static_cast<float>(function.y));
    EXPECT_EQ(unary(function.name, "f16", {function.x, 1})[0], static_cast<float>(Half(function.y)));
    EXPECT_EQ(unary(function.name, "bf16", {function.x, 1})[0], static_cast<float>(BFloat16(function.y)));
  }
  EXPECT_THAT(binary("atan2", "f32", {1, -1, 0}, {-1, 1, -2}), ElementsAre(2.3561945f, -0.78539819f, 3.1415927f));
  EXPECT_THAT(binary("pow", "f64", {2, 4, -2, 0}, {0.5, -1.5, 3, 0}), ElementsAre(1.4142135623730951, 0.125, -8, 1));
  EXPECT_THAT(binary("rem", "f32", {5.5, -5.5}, {2, 2}), ElementsAre(1.5, -1.5));
}

TEST_F(ElementwiseTest, ConvertsBetweenAllTypes) {
  std::vector<std::string> types{"i1"};
  for (const auto *family : {&signedTypes, &unsignedTypes, &floatTypes, &complexTypes})
    types.insert(types.end(), family->begin(), family->end());
  for (const std::string &from : types)
    for (const std::string &to : types) {
      Numbers input = from == "i1" ? Numbers{0, 1} : Numbers{0, 100},
              expected = to == "i1" || from == "i1" ? Numbers{0, 1} : Numbers{0, 100};
      auto spread = [](Numbers x) { return Numbers{x[0], 0, x[1], 0}; };
      EXPECT_EQ(convert(from, to, parts(from) == 2 ? spread(input) : input),
                parts(to) == 2 ? spread(expected) : expected)
          << from << " to " << to;
    }
}

TEST_F(ElementwiseTest, ConvertsAsDefinedAtTheEdges) {
  // Float to integer: truncation; the minimum of i32 and i64 outside of the range; low bits of 64 for the others.
  for (const char *from : {"f32", "f64"}) {
    EXPECT_THAT(convert(from, "i32", {-1.75, 1.75, 3e9, -3e9, NAN}), ElementsAre(-1, 1, -0x1p31, -0x1p31, -0x1p31));
    EXPECT_THAT(convert(from, "i64", {-1.75, 3e9, 1e20, NAN}), ElementsAre(-1, 3e9, -0x1p63, -0x1p63));
    EXPECT_THAT(convert(from, "i8", {-1.75, 300, -300, 1e20}), ElementsAre(-1, 44, -44, 0));
    EXPECT_THAT(convert(from, "ui8", {-1, 300, 255.5, NAN}), ElementsAre(255, 44, 255, 0));
    EXPECT_THAT(convert(from, "ui32", {-1, 3e9, 1e20}), ElementsAre(4294967295, 3e9, 0));
    EXPECT_THAT(convert(from, "ui64", {0x1p63, 0x1.8p63, 1e20, -1}), ElementsAre(0x1p63, 0x1.8p63, 0x1p63, 0x1p64));
    EXPECT_THAT(convert(from, "i1", {0.25, NAN, 0, -0.0}), ElementsAre(1, 1, 0, 0));
  }
  EXPECT_THAT(convert("i32", "i8", {300, -129, 127}), ElementsAre(44, 127, 127));
  EXPECT_THAT(convert("i8", "ui32", {-1, 5}), ElementsAre(4294967295, 5));
  EXPECT_THAT(convert("ui8", "i8", {255, 5}), ElementsAre(-1, 5));
  EXPECT_THAT(convert("i32", "i1", {256, 0, -1}), ElementsAre(1, 0, 1));
  EXPECT_THAT(convert("complex<f32>", "f64", {1.5, 2, -3, 4}), ElementsAre(1.5, -3));
  EXPECT_THAT(convert("complex<f32>", "i1", {0, 2, 0, 0}), ElementsAre(1, 0));
  EXPECT_THAT(convert("f64", "complex<f32>", {1.5, -3}), ElementsAre(1.5, 0, -3, 0));
  EXPECT_THAT(convert("f64", "f16", {65519.99, 65520, 1e-8}), ElementsAre(65504, infinity, 0));
  // A double just above the middle of two halves must not round to that middle first.
  EXPECT_THAT(convert("f64", "f16", {1 + 0x1p-11 + 0x1p-40, 1 + 0x1p-11}), ElementsAre(1 + 0x1p-10, 1));
  EXPECT_THAT(convert("f16", "bf16", {1.0009765625, 257}), ElementsAre(1, 256));
}

TEST_F(ElementwiseTest, Special) {
  EXPECT_THAT(value("core.special lgamma %a : tensor<2xf32>", {tensor("tensor<2xf32>", {5, 0.5})}),
              ElementsAre(3.1780539f, 0.57236493f));
  EXPECT_THAT(
      value("core.special igamma %a, %b : tensor<2xf64>",
            {tensor("tensor<2xf64>", {1, 2}), tensor("tensor<2xf64>", {1, 3})}),
      ElementsAre(testing::DoubleNear(0.63212055882855768, 1e-15), testing::DoubleNear(0.80085172652854423, 1e-15)));
  EXPECT_THAT(value("core.special betainc %a, %b, %c : tensor<1xbf16>",
                    {tensor("tensor<1xbf16>", {2}), tensor("tensor<1xbf16>", {3}), tensor("tensor<1xbf16>", {0.5})}),
              ElementsAre(0.6875));
}
} // namespace
