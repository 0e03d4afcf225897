// SPDX-License-Identifier: Apache-2.0
// Ops of the interpreter that combine elements, against values computed by hand.
#include "test/unit/evaluate/EvaluateTest.h"
#include <cmath>

using namespace lathe;
using namespace lathe::evaluate;
using testing::Each;
using testing::ElementsAre;
using testing::IsNan;

namespace {
class ComputeTest : public EvaluateTest {};

const char *const summedTypes[] = {"i8", "ui16", "i32", "i64", "ui64", "f16", "bf16", "f32", "f64"};

TEST_F(ComputeTest, Reduce) {
  for (const char *type : summedTypes) {
    SCOPED_TRACE(type);
    Tensor x = tensor(withType("tensor<2x3x$T>", type), {1, 5, 3, 4, 2, 6});
    auto reduce = [&](std::string combiner, std::string dimensions, std::string result) {
      return value(withType("core.reduce " + combiner + " %a {dimensions = array<i64" + dimensions +
                                ">} : tensor<2x3x$T> -> tensor<" + result + "$T>",
                            type),
                   {x});
    };
    EXPECT_THAT(reduce("add", ": 1", "2x"), ElementsAre(9, 12));
    EXPECT_THAT(reduce("add", ": 0", "3x"), ElementsAre(5, 7, 9));
    EXPECT_THAT(reduce("add", ": 0, 1", ""), ElementsAre(21));
    EXPECT_THAT(reduce("add", "", "2x3x"), ElementsAre(1, 5, 3, 4, 2, 6));
    EXPECT_THAT(reduce("mul", ": 0", "3x"), ElementsAre(4, 10, 18));
    EXPECT_THAT(reduce("min", ": 1", "2x"), ElementsAre(1, 2));
    EXPECT_THAT(reduce("max", ": 0", "3x"), ElementsAre(4, 5, 6));
  }
}

TEST_F(ComputeTest, ReduceOfBitsAndComplex) {
  EXPECT_THAT(value("core.reduce and %a {dimensions = array<i64: 1>} : tensor<2x2xi1> -> tensor<2xi1>",
                    {tensor("tensor<2x2xi1>", {1, 1, 1, 0})}),
              ElementsAre(1, 0));
  EXPECT_THAT(value("core.reduce or %a {dimensions = array<i64: 1>} : tensor<2x2xi1> -> tensor<2xi1>",
                    {tensor("tensor<2x2xi1>", {0, 0, 1, 0})}),
              ElementsAre(0, 1));
  EXPECT_THAT(value("core.reduce and %a {dimensions = array<i64: 0>} : tensor<2xui8> -> tensor<ui8>",
                    {tensor("tensor<2xui8>", {12, 6})}),
              ElementsAre(4));
  EXPECT_THAT(value("core.reduce mul %a {dimensions = array<i64: 0>} : tensor<2xcomplex<f32>> -> tensor<complex<f32>>",
                    {tensor("tensor<2xcomplex<f32>>", {1, 2, 3, 4})}),
              ElementsAre(-5, 10));
}

TEST_F(ComputeTest, ReduceOfNothingIsTheIdentity) {
  auto empty = [&](std::string combiner, const char *type) {
    return value(
        withType("core.reduce " + combiner + " %a {dimensions = array<i64: 0>} : tensor<0x2x$T> -> tensor<2x$T>", type),
        {tensor(withType("tensor<0x2x$T>", type), {})});
  };
  EXPECT_THAT(empty("add", "f32"), ElementsAre(0, 0));
  EXPECT_THAT(empty("mul", "i8"), ElementsAre(1, 1));
  EXPECT_THAT(empty("min", "f16"), ElementsAre(INFINITY, INFINITY));
  EXPECT_THAT(empty("max", "f64"), ElementsAre(-INFINITY, -INFINITY));
  EXPECT_THAT(empty("max", "i16"), ElementsAre(-32768, -32768));
  EXPECT_THAT(empty("max", "ui16"), ElementsAre(0, 0));
  EXPECT_THAT(empty("min", "ui8"), ElementsAre(255, 255));
  EXPECT_THAT(empty("and", "i32"), ElementsAre(-1, -1));
  EXPECT_THAT(empty("and", "i1"), ElementsAre(1, 1));
  EXPECT_THAT(empty("or", "i1"), ElementsAre(0, 0));
}

TEST_F(ComputeTest, SmallFloatsSumWithoutRoundingBetween) {
  EXPECT_THAT(value("core.reduce add %a {dimensions = array<i64: 0>} : tensor<4xbf16> -> tensor<bf16>",
                    {tensor("tensor<4xbf16>", {256, 1, 1, 2})}),
              ElementsAre(260));
  EXPECT_THAT(value("core.reduce add %a {dimensions = array<i64: 0>} : tensor<3xf16> -> tensor<f16>",
                    {tensor("tensor<3xf16>", {65504, 65504, -65504})}),
              ElementsAre(65504));
  EXPECT_THAT(value("core.reduce max %a {dimensions = array<i64: 0>} : tensor<3xf32> -> tensor<f32>",
                    {tensor("tensor<3xf32>", {1, NAN, 3})}),
              ElementsAre(IsNan()));
}

TEST_F(ComputeTest, ArgReduce) {
  for (const char *type : summedTypes)
    for (const char *index : {"i32", "i64", "ui8"}) {
      auto arg = [&](std::string combiner, std::string dimension, std::string result) {
        return value(withType("core.arg_reduce " + combiner + " %a {dimension = " + dimension + ", indexType = " +
                                  index + "} : tensor<2x3x$T> -> tensor<" + result + "x" + index + ">",
                              type),
                     {tensor(withType("tensor<2x3x$T>", type), {1, 5, 5, 4, 2, 2})});
      };
      EXPECT_THAT(arg("max", "1", "2"), ElementsAre(1, 0)) << type << index;
      EXPECT_THAT(arg("min", "1", "2"), ElementsAre(0, 1)) << type << index;
      EXPECT_THAT(arg("max", "0", "3"), ElementsAre(1, 0, 0)) << type << index;
    }
  // A NaN wins against nothing.
  EXPECT_THAT(value("core.arg_reduce max %a {dimension = 1, indexType = i32} : tensor<3x3xf32> -> tensor<3xi32>",
                    {tensor("tensor<3x3xf32>", {NAN, 1, 2, 1, NAN, -2, NAN, NAN, NAN})}),
              ElementsAre(2, 0, 0));
}

TEST_F(ComputeTest, ReduceWindow) {
  for (const char *type : summedTypes) {
    SCOPED_TRACE(type);
    auto window = [&](std::string combiner, int size, int stride, int dilation, int low, int high, int result) {
      return value(withType("core.reduce_window " + combiner + " %a {window = array<i64: " + std::to_string(size) +
                                ">, strides = array<i64: " + std::to_string(stride) + ">, dilations = array<i64: " +
                                std::to_string(dilation) + ">, low = array<i64: " + std::to_string(low) +
                                ">, high = array<i64: " + std::to_string(high) + ">} : tensor<5x$T> -> tensor<" +
                                std::to_string(result) + "x$T>",
                            type),
                   {tensor(withType("tensor<5x$T>", type), {3, 1, 4, 2, 5})});
    };
    EXPECT_THAT(window("add", 2, 1, 1, 0, 0, 4), ElementsAre(4, 5, 6, 7));
    EXPECT_THAT(window("add", 3, 2, 1, 1, 1, 3), ElementsAre(4, 7, 7));
    EXPECT_THAT(window("max", 2, 1, 2, 0, 0, 3), ElementsAre(4, 2, 5));
    EXPECT_THAT(window("min", 2, 3, 3, 0, 0, 1), ElementsAre(2));
    EXPECT_THAT(window("mul", 5, 1, 1, 0, 0, 1), ElementsAre(120));
    EXPECT_THAT(window("max", 1, 1, 1, 0, 2, 7).size(), 7u);
  }
  EXPECT_THAT(value("core.reduce_window max %a {window = array<i64: 1>, strides = array<i64: 1>, dilations = "
                    "array<i64: 1>, low = array<i64: 1>, "
                    "high = array<i64: 0>} : tensor<2xi8> -> tensor<3xi8>",
                    {tensor("tensor<2xi8>", {4, 5})}),
              ElementsAre(-128, 4, 5));
  // Rows of channels: the window slides over the first dimension only.
  EXPECT_THAT(value("core.reduce_window add %a {window = array<i64: 2, 1>, strides = array<i64: 1, 1>, dilations = "
                    "array<i64: 1, 1>, low = array<i64: 1, 0>, "
                    "high = array<i64: 0, 0>} : tensor<3x2xf32> -> tensor<3x2xf32>",
                    {tensor("tensor<3x2xf32>", {1, 2, 3, 4, 5, 6})}),
              ElementsAre(1, 2, 4, 6, 8, 10));
}

TEST_F(ComputeTest, Cumulative) {
  for (const char *type : summedTypes) {
    SCOPED_TRACE(type);
    auto cumulative = [&](std::string combiner, int dimension, std::string exclusive, std::string reverse) {
      return value(withType("core.cumulative " + combiner + " %a {dimension = " + std::to_string(dimension) +
                                ", exclusive = " + exclusive + ", reverse = " + reverse + "} : tensor<2x3x$T>",
                            type),
                   {tensor(withType("tensor<2x3x$T>", type), {1, 5, 3, 4, 2, 6})});
    };
    EXPECT_THAT(cumulative("add", 1, "false", "false"), ElementsAre(1, 6, 9, 4, 6, 12));
    EXPECT_THAT(cumulative("add", 1, "true", "false"), ElementsAre(0, 1, 6, 0, 4, 6));
    EXPECT_THAT(cumulative("add", 1, "false", "true"), ElementsAre(9, 8, 3, 12, 8, 6));
    EXPECT_THAT(cumulative("mul", 1, "true", "true"), ElementsAre(15, 3, 1, 12, 6, 1));
    EXPECT_THAT(cumulative("max", 0, "false", "false"), ElementsAre(1, 5, 3, 4, 5, 6));
    EXPECT_THAT(cumulative("min", 1, "false", "false"), ElementsAre(1, 1, 1, 4, 2, 2));
  }
}

TEST_F(ComputeTest, DotGeneral) {
  std::vector<const char *> types(std::begin(summedTypes), std::end(summedTypes));
  for (const char *type : types) {
    SCOPED_TRACE(type);
    auto dot = [&](const char *attributes, const char *lhs, const Numbers &x, const char *rhs, const Numbers &y,
                   const char *result) {
      std::string a = withType(lhs, type), b = withType(rhs, type);
      return value("core.dot_general %a, %b {" + std::string(attributes) + "} : (" + a + ", " + b + ") -> " +
                       withType(result, type),
                   {tensor(a, x), tensor(b, y)});
    };
    EXPECT_THAT(dot("lhsBatch = array<i64>, rhsBatch = array<i64>, lhsContracting = array<i64: 1>, rhsContracting = "
                    "array<i64: 0>",
                    "tensor<2x3x$T>", {1, 2, 3, 4, 5, 6}, "tensor<3x2x$T>", {1, 2, 0, 3, 4, 1}, "tensor<2x2x$T>"),
                ElementsAre(13, 11, 28, 29));
    // The transposes of both, given as they lie.
    EXPECT_THAT(dot("lhsBatch = array<i64>, rhsBatch = array<i64>, lhsContracting = array<i64: 0>, rhsContracting = "
                    "array<i64: 1>",
                    "tensor<3x2x$T>", {1, 4, 2, 5, 3, 6}, "tensor<2x3x$T>", {1, 0, 4, 2, 3, 1}, "tensor<2x2x$T>"),
                ElementsAre(13, 11, 28, 29));
    EXPECT_THAT(dot("lhsBatch = array<i64: 0>, rhsBatch = array<i64: 1>, lhsContracting = array<i64: 1>, "
                    "rhsContracting = array<i64: 0>",
                    "tensor<2x2x$T>", {1, 2, 3, 4}, "tensor<2x2x$T>", {5, 6, 7, 8}, "tensor<2x$T>"),
                ElementsAre(19, 50));
    EXPECT_THAT(
        dot("lhsBatch = array<i64>, rhsBatch = array<i64>, lhsContracting = array<i64>, rhsContracting = array<i64>",
            "tensor<2x$T>", {2, 3}, "tensor<2x$T>", {5, 7}, "tensor<2x2x$T>"),
        ElementsAre(10, 14, 15, 21));
    EXPECT_THAT(dot("lhsBatch = array<i64>, rhsBatch = array<i64>, lhsContracting = array<i64: 1, 0>, rhsContracting = "
                    "array<i64: 0, 1>",
                    "tensor<2x2x$T>", {1, 2, 3, 4}, "tensor<2x2x$T>", {5, 6, 7, 8}, "tensor<$T>"),
                ElementsAre(69));
    EXPECT_THAT(dot("lhsBatch = array<i64>, rhsBatch = array<i64>, lhsContracting = array<i64: 1>, rhsContracting = "
                    "array<i64: 0>",
                    "tensor<2x0x$T>", {}, "tensor<0x1x$T>", {}, "tensor<2x1x$T>"),
                ElementsAre(0, 0));
  }
  EXPECT_THAT(value("core.dot_general %a, %b {lhsBatch = array<i64>, rhsBatch = array<i64>, lhsContracting = "
                    "array<i64: 0>, rhsContracting = array<i64: 0>} : "
                    "(tensor<2xcomplex<f32>>, tensor<2xcomplex<f32>>) -> tensor<complex<f32>>",
                    {tensor("tensor<2xcomplex<f32>>", {1, 2, 3, 4}), tensor("tensor<2xcomplex<f32>>", {5, 6, 7, 8})}),
              ElementsAre(-18, 68));
}

TEST_F(ComputeTest, Conv) {
  for (const char *type : summedTypes) {
    SCOPED_TRACE(type);
    auto conv = [&](const char *attributes, const char *input, const Numbers &x, const char *filter, const Numbers &y,
                    const char *result) {
      std::string a = withType(input, type), b = withType(filter, type);
      return value("core.conv %a, %b {" + std::string(attributes) + "} : (" + a + ", " + b + ") -> " +
                       withType(result, type),
                   {tensor(a, x), tensor(b, y)});
    };
    // A line of 4 points, a filter of 2: 1*1 + 2*10, ...
    EXPECT_THAT(
        conv("strides = array<i64: 1>, low = array<i64: 0>, high = array<i64: 1>, inputDilation = array<i64: 1>, "
             "filterDilation = array<i64: 1>, groups = 1",
             "tensor<1x4x1x$T>", {1, 2, 3, 4}, "tensor<2x1x1x$T>", {1, 10}, "tensor<1x4x1x$T>"),
        ElementsAre(21, 32, 43, 4));
    EXPECT_THAT(
        conv("strides = array<i64: 2>, low = array<i64: 1>, high = array<i64: 0>, inputDilation = array<i64: 1>, "
             "filterDilation = array<i64: 2>, groups = 1",
             "tensor<1x4x1x$T>", {1, 2, 3, 4}, "tensor<2x1x1x$T>", {1, 10}, "tensor<1x2x1x$T>"),
        ElementsAre(20, 42));
    // The input spread: 1 0 2 0 3, cut by one on the left.
    EXPECT_THAT(
        conv("strides = array<i64: 1>, low = array<i64: -1>, high = array<i64: 0>, inputDilation = array<i64: 2>, "
             "filterDilation = array<i64: 1>, groups = 1",
             "tensor<1x3x1x$T>", {1, 2, 3}, "tensor<2x1x1x$T>", {1, 10}, "tensor<1x3x1x$T>"),
        ElementsAre(20, 2, 30));
    // Two groups of two channels and two filters each, one point: [1 2 | 3 4] by [[1 2],[3 4]] and [[5 6],[7 8]].
    EXPECT_THAT(
        conv("strides = array<i64: 1>, low = array<i64: 0>, high = array<i64: 0>, inputDilation = array<i64: 1>, "
             "filterDilation = array<i64: 1>, groups = 2",
             "tensor<1x1x4x$T>", {1, 2, 3, 4}, "tensor<1x2x4x$T>", {1, 2, 5, 6, 3, 4, 7, 8}, "tensor<1x1x4x$T>"),
        ElementsAre(7, 10, 43, 50));
    // Two images, two dimensions, two channels to one filter.
    EXPECT_THAT(conv("strides = array<i64: 1, 1>, low = array<i64: 0, 0>, high = array<i64: 0, 0>, inputDilation = "
                     "array<i64: 1, 1>, "
                     "filterDilation = array<i64: 1, 1>, groups = 1",
                     "tensor<2x2x1x2x$T>", {1, 2, 3, 4, 5, 6, 7, 8}, "tensor<2x1x2x1x$T>", {1, 2, 3, 4},
                     "tensor<2x1x1x1x$T>"),
                ElementsAre(30, 70));
  }
}

TEST_F(ComputeTest, Sort) {
  for (const char *type : summedTypes)
    for (const char *index : {"i32", "i64"}) {
      auto sort = [&](std::string descending) {
        std::string text = withType("tensor<5x$T>", type), places = withType("tensor<5x$T>", index);
        auto results = run("core.sort %a {dimension = 0, descending = " + descending + ", indexType = " + index +
                               "} : " + text + " -> " + text + ", " + places,
                           {tensor(text, {3, 1, 4, 1, 5})});
        return std::pair(elements(results[0]), elements(results[1]));
      };
      EXPECT_EQ(sort("false"), std::pair(Numbers({1, 1, 3, 4, 5}), Numbers({1, 3, 0, 2, 4}))) << type;
      EXPECT_EQ(sort("true"), std::pair(Numbers({5, 4, 3, 1, 1}), Numbers({4, 2, 0, 1, 3}))) << type;
    }
  auto columns = run("core.sort %a {dimension = 0, descending = false, indexType = i32} : tensor<3x2xf32> -> "
                     "tensor<3x2xf32>, tensor<3x2xi32>",
                     {tensor("tensor<3x2xf32>", {3, 10, NAN, 30, -1, 20})});
  EXPECT_THAT(elements(columns[0]), ElementsAre(-1, 10, 3, 20, IsNan(), 30));
  EXPECT_THAT(elements(columns[1]), ElementsAre(2, 0, 0, 2, 1, 1));
  auto down = run("core.sort %a {dimension = 0, descending = true, indexType = i32} : tensor<4xf16> -> tensor<4xf16>, "
                  "tensor<4xi32>",
                  {tensor("tensor<4xf16>", {1, NAN, INFINITY, NAN})});
  EXPECT_THAT(elements(down[1]), ElementsAre(1, 3, 2, 0));
}

TEST_F(ComputeTest, Cholesky) {
  for (const char *type : {"f32", "f64"}) {
    // The upper triangle is not read.
    EXPECT_THAT(value(withType("core.cholesky %a : tensor<3x3x$T>", type),
                      {tensor(withType("tensor<3x3x$T>", type), {4, 99, 99, 12, 37, 99, -16, -43, 98})}),
                ElementsAre(2, 0, 0, 6, 1, 0, -8, 5, 3));
    Numbers batch = value(withType("core.cholesky %a : tensor<2x2x2x$T>", type),
                          {tensor(withType("tensor<2x2x2x$T>", type), {1, 2, 2, 4, 9, 0, 3, 2})});
    EXPECT_THAT(Numbers(batch.begin(), batch.begin() + 4), Each(IsNan()));
    EXPECT_THAT(Numbers(batch.begin() + 4, batch.end()), ElementsAre(3, 0, 1, 1));
  }
}

TEST_F(ComputeTest, LU) {
  for (const char *type : {"f32", "f64"}) {
    auto results = run(withType("core.lu %a : tensor<2x2x2x$T>", type),
                       {tensor(withType("tensor<2x2x2x$T>", type), {1, 2, 4, 6, 0, 0, 0, 5})});
    EXPECT_THAT(elements(results[0]), ElementsAre(4, 6, 0.25, 0.5, 0, 0, 0, 5));
    EXPECT_THAT(elements(results[1]), ElementsAre(1, 0, 0, 1));
    EXPECT_THAT(elements(results[2]), ElementsAre(-1, 1));
  }
}

TEST_F(ComputeTest, TriangularSolve) {
  for (const char *type : {"f32", "f64"}) {
    auto solve = [&](std::string lower, std::string transpose, std::string unit, const Numbers &rhs) {
      return value(
          withType("core.triangular_solve %a, %b {lower = " + lower + ", transpose = " + transpose +
                       ", unitDiagonal = " + unit + "} : tensor<2x2x$T>, tensor<2x2x$T>",
                   type),
          {tensor(withType("tensor<2x2x$T>", type), {2, 3, 5, 4}), tensor(withType("tensor<2x2x$T>", type), rhs)});
    };
    // Lower [2 0; 5 4], upper [2 3; 0 4] times [1 2; 3 4].
    EXPECT_THAT(solve("true", "false", "false", {2, 4, 17, 26}), ElementsAre(1, 2, 3, 4));
    EXPECT_THAT(solve("false", "false", "false", {11, 16, 12, 16}), ElementsAre(1, 2, 3, 4));
    EXPECT_THAT(solve("true", "true", "false", {17, 24, 12, 16}), ElementsAre(1, 2, 3, 4));
    EXPECT_THAT(solve("false", "true", "false", {2, 4, 15, 22}), ElementsAre(1, 2, 3, 4));
    EXPECT_THAT(solve("true", "false", "true", {1, 2, 8, 14}), ElementsAre(1, 2, 3, 4));
  }
}
} // namespace
