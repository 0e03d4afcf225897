// SPDX-License-Identifier: Apache-2.0
// Runs single core ops, given as text, on tensors made of plain numbers.
#ifndef LATHE_TEST_UNIT_EVALUATE_EVALUATETEST_H
#define LATHE_TEST_UNIT_EVALUATE_EVALUATETEST_H

#include "ir/evaluate/Evaluate.h"
#include "ir/evaluate/Scalars.h"
#include "mlir/IR/MLIRContext.h"
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace lathe {

using Numbers = std::vector<double>;

class EvaluateTest : public ::testing::Test {
protected:
  EvaluateTest();

  /// A tensor of the type that `type` spells, with these elements; complex ones are given as real and imaginary part in
  /// turn.
  evaluate::Tensor tensor(llvm::StringRef type, const Numbers &elements);

  /// The results of the op that `text` spells; it may use the arguments as %a, %b, %c.
  llvm::SmallVector<evaluate::Tensor> run(llvm::StringRef text, llvm::ArrayRef<evaluate::Tensor> arguments);

  /// The elements of the only result.
  Numbers value(llvm::StringRef text, llvm::ArrayRef<evaluate::Tensor> arguments);

  /// As `tensor` takes them.
  static Numbers elements(const evaluate::Tensor &tensor);

  mlir::MLIRContext context;
};

/// `text` with each `$T` replaced by `type`.
std::string withType(llvm::StringRef text, llvm::StringRef type);

extern const std::vector<const char *> signedTypes, unsignedTypes, floatTypes, complexTypes;

} // namespace lathe
#endif
