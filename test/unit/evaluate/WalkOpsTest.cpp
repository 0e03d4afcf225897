// SPDX-License-Identifier: Apache-2.0
// Walks all registered core ops and names each fact that one of them lacks.
#include "ir/core/Ops.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "llvm/ADT/SetVector.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include <gtest/gtest.h>
#include <set>

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

/// What lies between the first `begin` of `text` and the next `end`; "" where there is none.
llvm::StringRef between(llvm::StringRef text, llvm::StringRef begin, llvm::StringRef end) {
  size_t from = text.find(begin);
  return from == llvm::StringRef::npos ? "" : text.drop_front(from + begin.size()).split(end).first;
}

/// The values that an example takes: those that it names and does not define.
llvm::SetVector<llvm::StringRef> operandsOf(llvm::StringRef example) {
  llvm::SetVector<llvm::StringRef> names;
  std::set<llvm::StringRef> defined;
  for (size_t at = example.find('%'); at != llvm::StringRef::npos; at = example.find('%', at + 1)) {
    llvm::StringRef name =
        example.drop_front(at).take_until([](char c) { return c != '%' && c != '_' && !llvm::isAlnum(c); });
    llvm::StringRef rest = example.drop_front(at + name.size());
    size_t line = example.rfind('\n', at) + 1;
    bool isResult = rest.take_until([](char c) { return c == '\n'; }).contains(" = ") &&
                    example.substr(line, at - line).trim(" %abcdefghijklmnopqrstuvwxyz0123456789,").empty();
    if (isResult || rest.starts_with(": ")) // A result, or an argument of a region.
      defined.insert(name);
    else if (!defined.contains(name))
      names.insert(name);
  }
  return names;
}

llvm::SetVector<llvm::StringRef> tensorTypesOf(llvm::StringRef example) {
  llvm::SetVector<llvm::StringRef> types;
  for (size_t at = example.find("tensor<"); at != llvm::StringRef::npos; at = example.find("tensor<", at + 1)) {
    int depth = 0;
    llvm::StringRef type =
        example.drop_front(at).take_until([&](char c) { return (depth += (c == '<') - (c == '>')) == 0 && c == '>'; });
    types.insert(example.substr(at, type.size() + 1));
  }
  return types;
}

/// Whether the example is valid for operands of some of the types that it names.
bool isValid(llvm::StringRef example, MLIRContext &context) {
  ScopedDiagnosticHandler quiet(&context, [](Diagnostic &) { return success(); });
  llvm::SetVector<llvm::StringRef> operands = operandsOf(example), types = tensorTypesOf(example);
  size_t choices = 1;
  for (size_t i = 0; i < operands.size(); ++i)
    choices *= types.size();
  for (size_t choice = 0; choice < choices; ++choice) {
    std::string arguments;
    size_t rest = choice;
    for (llvm::StringRef operand : operands) {
      arguments += ((arguments.empty() ? "" : ", ") + operand + ": " + types[rest % types.size()]).str();
      rest /= types.size();
    }
    std::string text = "func.func @example(" + arguments + ") {\n" + example.str() + "\nreturn\n}\n";
    if (parseSourceString<ModuleOp>(text, &context))
      return true;
  }
  return false;
}
} // namespace

TEST(WalkOps, EachOpIsDocumentedByAValidExample) {
  MLIRContext context(MLIRContext::Threading::DISABLED);
  context.loadDialect<core::CoreDialect, func::FuncDialect>();
  auto file = llvm::MemoryBuffer::getFile(LATHE_CORE_DOCUMENTATION);
  ASSERT_TRUE(file);
  llvm::StringRef all = (*file)->getBuffer();
  for (RegisteredOperationName op : context.getRegisteredOperationsByDialect("core")) {
    std::string name = op.getStringRef().str();
    SCOPED_TRACE(name);
    llvm::StringRef section = between(all, "### `" + name + "` (", "\n### `");
    ASSERT_FALSE(section.empty()) << "no documentation";
    EXPECT_GT(between(section, "\n_", "_\n").size(), 3u) << "no summary";
    // The description comes behind the syntax, which has a block of its own.
    llvm::StringRef description =
        section.drop_front(section.find("operation ::=")).split("```").second.split("\nTraits:").first;
    EXPECT_GT(description.split("```mlir").first.trim().size(), 10u) << "no description";
    llvm::StringRef example = between(description, "```mlir\n", "\n```");
    EXPECT_TRUE(example.contains(name + " ") || example.contains(name + "(")) << "no example of the op";
    EXPECT_TRUE(isValid(example, context)) << "the example is not valid: " << example.str();
  }
  // The test itself tells good from bad.
  EXPECT_FALSE(isValid("%y = core.abs %x : tensor<4xcomplex<f32>>", context));
  EXPECT_FALSE(isValid("%y = core.reshape %x : tensor<4xf32> -> tensor<5xf32>", context));
}

TEST(WalkOps, EachOpHasAllItsFacts) {
  MLIRContext context(MLIRContext::Threading::DISABLED);
  context.loadDialect<core::CoreDialect>();
  std::string tests = textOf(LATHE_TEST_DIR, ".mlir");
  constexpr size_t mostOps = 90;
  size_t count = 0;
  // These are walked, not computed: the interpreter, planning and the program know them.
  std::vector<llvm::StringRef> control{"core.if", "core.while", "core.yield", "core.check"};
  // A backend lowers these as a whole: they are algorithms, not elements.
  std::vector<llvm::StringRef> whole{
      "core.scatter", "core.cumulative", "core.sort", "core.cholesky", "core.lu",       "core.triangular_solve",
      "core.svd",     "core.eigh",       "core.qr",   "core.fft",      "core.rng_bits", "core.rng_sample"};
  for (RegisteredOperationName op : context.getRegisteredOperationsByDialect("core")) {
    llvm::StringRef name = op.getStringRef();
    SCOPED_TRACE(name.str());
    ++count;
    bool isControl = llvm::is_contained(control, name);
    EXPECT_TRUE(isControl || op.hasInterface<core::EvaluateOpInterface>()) << "no evaluation";
    EXPECT_TRUE(isControl || op.hasInterface<core::CostOpInterface>()) << "no cost";
    bool lowered = isControl || op.hasInterface<core::ScalarLoweringOpInterface>() ||
                   op.hasInterface<core::ElementLoweringOpInterface>() || llvm::is_contained(whole, name) ||
                   name == "core.constant";
    EXPECT_TRUE(lowered) << "no lowering";
    EXPECT_TRUE(llvm::StringRef(tests).contains(name.str() + " ") || llvm::StringRef(tests).contains(name.str() + "("))
        << "no test in test/ir";
  }
  EXPECT_GT(count, 40u);
  EXPECT_LE(count, mostOps);
}
