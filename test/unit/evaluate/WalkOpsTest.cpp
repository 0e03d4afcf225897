// SPDX-License-Identifier: Apache-2.0
// Walks all registered core ops and names each fact that one of them lacks.
#include "ir/core/Ops.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include <gtest/gtest.h>

using namespace mlir;
using namespace lathe;

namespace {
/// All files of `folder` with this ending, as one text.
std::string textOf(const char *folder, llvm::StringRef ending) {
  std::string text;
  std::error_code error;
  for (llvm::sys::fs::directory_iterator it(folder, error), end; it != end && !error; it.increment(error))
    if (llvm::StringRef(it->path()).ends_with(ending))
      text += (*llvm::MemoryBuffer::getFile(it->path()))->getBuffer();
  return text;
}
} // namespace

TEST(WalkOps, EachOpHasAllItsFacts) {
  MLIRContext context(MLIRContext::Threading::DISABLED);
  context.loadDialect<core::CoreDialect>();
  std::string tests = textOf(LATHE_TEST_DIR, ".mlir"), definitions = textOf(LATHE_CORE_DIR, ".td");
  constexpr size_t mostOps = 90;
  size_t count = 0;
  // These are walked, not computed: the interpreter, planning and the program know them.
  std::vector<llvm::StringRef> control{"core.if", "core.while", "core.yield"};
  // A backend lowers these as a whole: they are algorithms, not elements.
  std::vector<llvm::StringRef> whole{"core.scatter", "core.cumulative", "core.sort", "core.cholesky", "core.lu", "core.triangular_solve"};
  for (RegisteredOperationName op : context.getRegisteredOperationsByDialect("core")) {
    llvm::StringRef name = op.getStringRef();
    SCOPED_TRACE(name.str());
    ++count;
    bool isControl = llvm::is_contained(control, name);
    EXPECT_TRUE(isControl || op.hasInterface<core::EvaluateOpInterface>()) << "no evaluation";
    EXPECT_TRUE(isControl || op.hasInterface<core::CostOpInterface>()) << "no cost";
    bool lowered = isControl || op.hasInterface<core::ScalarLoweringOpInterface>() || op.hasInterface<core::ElementLoweringOpInterface>() ||
                   llvm::is_contained(whole, name) || name == "core.constant";
    EXPECT_TRUE(lowered) << "no lowering";
    EXPECT_NE(tests.find(name.str() + " "), std::string::npos) << "no test in test/ir";
    std::string mnemonic = "\"" + name.split('.').second.str() + "\"";
    EXPECT_NE(definitions.find(mnemonic), std::string::npos) << "no definition with an example";
  }
  EXPECT_GT(count, 40u);
  EXPECT_LE(count, mostOps);
}
