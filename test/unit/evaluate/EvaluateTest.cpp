// SPDX-License-Identifier: Apache-2.0
// The fixture of the interpreter's tests, and tests of blocks and folding as a whole.
#include "test/unit/evaluate/EvaluateTest.h"
#include "ir/core/Ops.h"
#include "mlir/AsmParser/AsmParser.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Parser/Parser.h"

using namespace mlir;
using namespace lathe;
using namespace lathe::evaluate;
using testing::ElementsAre;

const std::vector<const char *> lathe::signedTypes{"i8", "i16", "i32", "i64"},
    lathe::unsignedTypes{"ui8", "ui16", "ui32", "ui64"}, lathe::floatTypes{"f16", "bf16", "f32", "f64"},
    lathe::complexTypes{"complex<f32>", "complex<f64>"};

EvaluateTest::EvaluateTest() {
  context.loadDialect<core::CoreDialect, func::FuncDialect>();
}

Tensor EvaluateTest::tensor(StringRef text, const Numbers &elements) {
  auto type = cast<RankedTensorType>(parseType(text, &context));
  Tensor result = Tensor::zeros(type);
  visitElement<Any>(type.getElementType(), [&](auto zero) {
    using T = decltype(zero);
    MutableArrayRef<T> values = result.mutableValues<T>();
    for (size_t i = 0; i < values.size(); ++i)
      if constexpr (isComplex<T>)
        values[i] = T(elements.at(2 * i), elements.at(2 * i + 1));
      else if constexpr (isSmallFloat<T>)
        values[i] = T(static_cast<float>(elements.at(i)));
      else
        values[i] = static_cast<T>(elements.at(i));
    EXPECT_EQ(elements.size(), values.size() * (isComplex<T> ? 2 : 1)) << text.str();
  });
  return result;
}

Numbers EvaluateTest::elements(const Tensor &tensor) {
  Numbers result;
  visitElement<Any>(tensor.getElementType(), [&](auto zero) {
    using T = decltype(zero);
    for (T value : tensor.values<T>())
      if constexpr (isComplex<T>) {
        result.push_back(value.real());
        result.push_back(value.imag());
      } else {
        result.push_back(static_cast<double>(static_cast<Wide<T>>(value)));
      }
  });
  return result;
}

SmallVector<Tensor> EvaluateTest::run(StringRef text, ArrayRef<Tensor> arguments) {
  std::string function;
  llvm::raw_string_ostream os(function);
  os << "func.func @f(";
  for (auto [i, argument] : llvm::enumerate(arguments))
    os << (i ? ", %" : "%") << static_cast<char>('a' + i) << ": " << argument.getType();
  os << ") {\n" << text << "\nreturn\n}";
  OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(function, &context);
  SmallVector<Tensor> results;
  if (!module) {
    ADD_FAILURE() << function;
    return results;
  }
  auto main = cast<func::FuncOp>(module->getBody()->front());
  Operation &op = main.getBody().front().front();
  EXPECT_TRUE(succeeded(cast<core::EvaluateOpInterface>(op).evaluate(arguments, results))) << text.str();
  EXPECT_EQ(results.size(), op.getNumResults()) << text.str();
  for (auto [result, type] : llvm::zip(results, op.getResultTypes()))
    EXPECT_EQ(result.getType(), type) << text.str();
  return results;
}

Numbers EvaluateTest::value(StringRef text, ArrayRef<Tensor> arguments) {
  SmallVector<Tensor> results = run(text, arguments);
  return results.size() == 1 ? elements(results.front()) : Numbers();
}

std::string lathe::withType(StringRef text, StringRef type) {
  std::string result;
  for (size_t at; (at = text.find("$T")) != StringRef::npos; text = text.drop_front(at + 2))
    result += (text.take_front(at) + type).str();
  return result + text.str();
}

namespace {
constexpr const char *block = R"(
  func.func @f(%x: tensor<3xi32>) -> (tensor<3xi32>, tensor<3xi32>) {
    %c = core.constant dense<[10, 20, 30]> : tensor<3xi32>
    %0 = core.add %x, %c : tensor<3xi32>
    %1 = core.mul %0, %x : tensor<3xi32>
    return %1, %x : tensor<3xi32>, tensor<3xi32>
  })";

TEST_F(EvaluateTest, RunsABlock) {
  OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(block, &context);
  Block &body = cast<func::FuncOp>(module->getBody()->front()).getBody().front();
  auto results = evaluateBlock(body, {tensor("tensor<3xi32>", {1, 2, 3})});
  ASSERT_TRUE(succeeded(results));
  EXPECT_THAT(elements((*results)[0]), ElementsAre(11, 44, 99));
  EXPECT_THAT(elements((*results)[1]), ElementsAre(1, 2, 3));
}

TEST_F(EvaluateTest, FoldsWithinItsBudgetOnly) {
  OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(R"(
    func.func @f() {
      %c = core.constant dense<[10, 20, 30]> : tensor<3xi32>
      %0 = core.mul %c, %c : tensor<3xi32>
      %1 = core.broadcast %c {dimensions = array<i64: 1>} : tensor<3xi32> -> tensor<100000x3xi32>
      return
    })",
                                                             &context);
  Block &body = cast<func::FuncOp>(module->getBody()->front()).getBody().front();
  Operation *product = body.front().getNextNode(), *large = product->getNextNode();
  SmallVector<Attribute> results;
  EXPECT_TRUE(failed(foldOperation(product, 8, results)));
  ASSERT_TRUE(succeeded(foldOperation(product, 9, results)));
  EXPECT_EQ(results.front(), DenseElementsAttr::get(cast<ShapedType>(product->getResult(0).getType()),
                                                    ArrayRef<int32_t>{100, 400, 900}));
  // Much larger than its operand: cheaper to compute than to keep.
  EXPECT_TRUE(failed(foldOperation(large, 1 << 30, results)));
}
} // namespace
