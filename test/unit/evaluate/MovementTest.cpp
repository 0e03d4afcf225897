// SPDX-License-Identifier: Apache-2.0
// Moving ops of the interpreter, on elements that are all different, against places computed by hand.
#include "test/unit/evaluate/EvaluateTest.h"

using namespace lathe;
using namespace lathe::evaluate;
using testing::ElementsAre;

namespace {
class MovementTest : public EvaluateTest {
protected:
  /// 1, 2, 3, ... in a tensor.
  Tensor counting(llvm::StringRef type, int64_t count) {
    Numbers numbers;
    for (int64_t i = 0; i < count; ++i)
      numbers.push_back(i + 1);
    return tensor(type, numbers);
  }
};

const char *const movedTypes[] = {"i8", "ui16", "bf16", "f32", "i64", "f64"};

TEST_F(MovementTest, Iota) {
  for (const char *type : movedTypes) {
    EXPECT_THAT(value(withType("core.iota {dimension = 0} : tensor<2x3x$T>", type), {}), ElementsAre(0, 0, 0, 1, 1, 1));
    EXPECT_THAT(value(withType("core.iota {dimension = 1} : tensor<2x3x$T>", type), {}), ElementsAre(0, 1, 2, 0, 1, 2));
  }
  EXPECT_THAT(value("core.iota {dimension = 0} : tensor<3xcomplex<f32>>", {}), ElementsAre(0, 0, 1, 0, 2, 0));
  EXPECT_THAT(value("core.iota {dimension = 0} : tensor<258xui8>", {})[257], 1);
  EXPECT_THAT(value("core.iota {dimension = 1} : tensor<0x3xi32>", {}), ElementsAre());
}

TEST_F(MovementTest, Transpose) {
  for (const char *type : movedTypes) {
    Tensor x = counting(withType("tensor<2x3x$T>", type), 6);
    EXPECT_THAT(
        value(withType("core.transpose %a {permutation = array<i64: 1, 0>} : tensor<2x3x$T> -> tensor<3x2x$T>", type),
              {x}),
        ElementsAre(1, 4, 2, 5, 3, 6));
  }
  EXPECT_THAT(value("core.transpose %a {permutation = array<i64: 2, 0, 1>} : tensor<2x1x3xi32> -> tensor<3x2x1xi32>",
                    {counting("tensor<2x1x3xi32>", 6)}),
              ElementsAre(1, 4, 2, 5, 3, 6));
  EXPECT_THAT(
      value("core.transpose %a {permutation = array<i64: 1, 0>} : tensor<1x2xcomplex<f64>> -> tensor<2x1xcomplex<f64>>",
            {counting("tensor<1x2xcomplex<f64>>", 4)}),
      ElementsAre(1, 2, 3, 4));
}

TEST_F(MovementTest, ReshapeAndBitcast) {
  EXPECT_THAT(value("core.reshape %a : tensor<2x3xi32> -> tensor<3x2xi32>", {counting("tensor<2x3xi32>", 6)}),
              ElementsAre(1, 2, 3, 4, 5, 6));
  EXPECT_THAT(value("core.bitcast %a : tensor<2xf32> -> tensor<2x4xui8>", {tensor("tensor<2xf32>", {1, -2})}),
              ElementsAre(0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0));
  EXPECT_THAT(
      value("core.bitcast %a : tensor<2x2xui16> -> tensor<2xi32>", {tensor("tensor<2x2xui16>", {1, 2, 3, 65535})}),
      ElementsAre(0x20001, -65533));
}

TEST_F(MovementTest, Broadcast) {
  for (const char *type : movedTypes) {
    SCOPED_TRACE(type);
    EXPECT_THAT(value(withType("core.broadcast %a {dimensions = array<i64: 1>} : tensor<3x$T> -> tensor<2x3x$T>", type),
                      {counting(withType("tensor<3x$T>", type), 3)}),
                ElementsAre(1, 2, 3, 1, 2, 3));
    EXPECT_THAT(
        value(withType("core.broadcast %a {dimensions = array<i64: 0, 2>} : tensor<2x1x$T> -> tensor<2x2x3x$T>", type),
              {counting(withType("tensor<2x1x$T>", type), 2)}),
        ElementsAre(1, 1, 1, 1, 1, 1, 2, 2, 2, 2, 2, 2));
  }
  EXPECT_THAT(
      value("core.broadcast %a {dimensions = array<i64>} : tensor<i1> -> tensor<3xi1>", {tensor("tensor<i1>", {1})}),
      ElementsAre(1, 1, 1));
}

TEST_F(MovementTest, Slice) {
  Tensor x = counting("tensor<3x5xi16>", 15);
  EXPECT_THAT(value("core.slice %a {starts = array<i64: 1, 0>, sizes = array<i64: 2, 3>, strides = array<i64: 1, 2>} : "
                    "tensor<3x5xi16> -> tensor<2x3xi16>",
                    {x}),
              ElementsAre(6, 8, 10, 11, 13, 15));
  EXPECT_THAT(value("core.slice %a {starts = array<i64: 3, 0>, sizes = array<i64: 0, 5>, strides = array<i64: 1, 1>} : "
                    "tensor<3x5xi16> -> tensor<0x5xi16>",
                    {x}),
              ElementsAre());
}

TEST_F(MovementTest, DynamicSliceClampsItsStart) {
  auto at = [&](double row, double column) {
    return value(
        "core.dynamic_slice %a, %b {sizes = array<i64: 2, 2>} : (tensor<3x5xf32>, tensor<2xi64>) -> tensor<2x2xf32>",
        {counting("tensor<3x5xf32>", 15), tensor("tensor<2xi64>", {row, column})});
  };
  EXPECT_THAT(at(1, 2), ElementsAre(8, 9, 13, 14));
  EXPECT_THAT(at(-1, 9), ElementsAre(4, 5, 9, 10));
}

TEST_F(MovementTest, Concat) {
  EXPECT_THAT(
      value("core.concat %a, %b, %c {dimension = 1} : (tensor<2x1xui8>, tensor<2x0xui8>, tensor<2x2xui8>) -> "
            "tensor<2x3xui8>",
            {counting("tensor<2x1xui8>", 2), counting("tensor<2x0xui8>", 0), tensor("tensor<2x2xui8>", {7, 8, 9, 10})}),
      ElementsAre(1, 7, 8, 2, 9, 10));
  EXPECT_THAT(value("core.concat %a, %b {dimension = 0} : (tensor<1x2xf64>, tensor<2x2xf64>) -> tensor<3x2xf64>",
                    {counting("tensor<1x2xf64>", 2), tensor("tensor<2x2xf64>", {7, 8, 9, 10})}),
              ElementsAre(1, 2, 7, 8, 9, 10));
}

TEST_F(MovementTest, Pad) {
  auto pad = [&](int low, int high, int interior, int size, int result) {
    return value("core.pad %a, %b {low = array<i64: " + std::to_string(low) + ">, high = array<i64: " +
                     std::to_string(high) + ">, interior = array<i64: " + std::to_string(interior) + ">} : (tensor<" +
                     std::to_string(size) + "xi32>, tensor<i32>) -> tensor<" + std::to_string(result) + "xi32>",
                 {counting("tensor<" + std::to_string(size) + "xi32>", size), tensor("tensor<i32>", {9})});
  };
  EXPECT_THAT(pad(1, 2, 0, 3, 6), ElementsAre(9, 1, 2, 3, 9, 9));
  EXPECT_THAT(pad(1, 0, 2, 3, 8), ElementsAre(9, 1, 9, 9, 2, 9, 9, 3));
  EXPECT_THAT(pad(-1, -1, 0, 4, 2), ElementsAre(2, 3));
  EXPECT_THAT(pad(-1, -2, 1, 4, 4), ElementsAre(9, 2, 9, 3));
  EXPECT_THAT(pad(-4, 3, 0, 3, 2), ElementsAre(9, 9));
  EXPECT_THAT(pad(3, -4, 0, 3, 2), ElementsAre(9, 9));
  EXPECT_THAT(pad(2, 0, 3, 0, 2), ElementsAre(9, 9));
  EXPECT_THAT(value("core.pad %a, %b {low = array<i64: 1, 0>, high = array<i64: 0, 1>, interior = array<i64: 0, 0>} : "
                    "(tensor<2x2xf16>, tensor<f16>) -> tensor<3x3xf16>",
                    {counting("tensor<2x2xf16>", 4), tensor("tensor<f16>", {9})}),
              ElementsAre(9, 9, 9, 1, 2, 9, 3, 4, 9));
}

TEST_F(MovementTest, Reverse) {
  EXPECT_THAT(value("core.reverse %a {dimensions = array<i64: 1>} : tensor<2x3xi8>", {counting("tensor<2x3xi8>", 6)}),
              ElementsAre(3, 2, 1, 6, 5, 4));
  EXPECT_THAT(
      value("core.reverse %a {dimensions = array<i64: 1, 0>} : tensor<2x3xf32>", {counting("tensor<2x3xf32>", 6)}),
      ElementsAre(6, 5, 4, 3, 2, 1));
  EXPECT_THAT(value("core.reverse %a {dimensions = array<i64>} : tensor<2xf32>", {counting("tensor<2xf32>", 2)}),
              ElementsAre(1, 2));
}

TEST_F(MovementTest, Gather) {
  for (const char *type : movedTypes)
    EXPECT_THAT(
        value(withType("core.gather %a, %b {axis = 0, batch = 0} : (tensor<3x2x$T>, tensor<4xi32>) -> tensor<4x2x$T>",
                       type),
              {counting(withType("tensor<3x2x$T>", type), 6), tensor("tensor<4xi32>", {2, 0, -5, 7})}),
        ElementsAre(5, 6, 1, 2, 1, 2, 5, 6))
        << type;
  EXPECT_THAT(
      value("core.gather %a, %b {axis = 1, batch = 0} : (tensor<2x3xi32>, tensor<2x1xi64>) -> tensor<2x2x1xi32>",
            {counting("tensor<2x3xi32>", 6), tensor("tensor<2x1xi64>", {2, 1})}),
      ElementsAre(3, 2, 6, 5));
  // Batched: row 0 takes its own places, row 1 others, between a dimension of 2 and one of 2.
  EXPECT_THAT(
      value("core.gather %a, %b {axis = 2, batch = 1} : (tensor<2x2x3x1xi32>, tensor<2x2xui8>) -> tensor<2x2x2x1xi32>",
            {counting("tensor<2x2x3x1xi32>", 12), tensor("tensor<2x2xui8>", {0, 2, 1, 200})}),
      ElementsAre(1, 3, 4, 6, 8, 9, 11, 12));
}

TEST_F(MovementTest, Scatter) {
  auto scatter = [&](const char *combiner, const char *type, Numbers updates) {
    return value(withType(std::string("core.scatter ") + combiner +
                              " %a, %b, %c : (tensor<3x2x$T>, tensor<3xi32>, tensor<3x2x$T>) -> tensor<3x2x$T>",
                          type),
                 {counting(withType("tensor<3x2x$T>", type), 6), tensor("tensor<3xi32>", {2, 3, 2}),
                  tensor(withType("tensor<3x2x$T>", type), updates)});
  };
  Numbers updates{10, 2, 30, 40, 3, 7};
  for (const char *type : movedTypes) {
    SCOPED_TRACE(type);
    EXPECT_THAT(scatter("add", type, updates), ElementsAre(1, 2, 3, 4, 18, 15));
    EXPECT_THAT(scatter("set", type, updates), ElementsAre(1, 2, 3, 4, 3, 7));
    EXPECT_THAT(scatter("min", type, updates), ElementsAre(1, 2, 3, 4, 3, 2));
    EXPECT_THAT(scatter("max", type, updates), ElementsAre(1, 2, 3, 4, 10, 7));
    EXPECT_THAT(scatter("mul", type, {2, 3, 30, 40, 3, 2}), ElementsAre(1, 2, 3, 4, 30, 36));
  }
  EXPECT_THAT(scatter("or", "i16", {8, 1, 99, 99, 16, 0}), ElementsAre(1, 2, 3, 4, 29, 7));
  EXPECT_THAT(scatter("and", "ui8", {4, 3, 99, 99, 7, 6}), ElementsAre(1, 2, 3, 4, 4, 2));
  EXPECT_THAT(value("core.scatter set %a, %b, %c : (tensor<2xi1>, tensor<2xi64>, tensor<2xi1>) -> tensor<2xi1>",
                    {tensor("tensor<2xi1>", {0, 1}), tensor("tensor<2xi64>", {-1, 1}), tensor("tensor<2xi1>", {1, 0})}),
              ElementsAre(0, 0));
}
} // namespace
