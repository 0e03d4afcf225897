// SPDX-License-Identifier: Apache-2.0
// The numbering of problems and its bridge to MLIR's diagnostics.
#include "ir/Problems.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/raw_ostream.h"
#include <gtest/gtest.h>

using namespace lathe;

TEST(Problems, NumbersAreUniqueAndSaid) {
  unsigned last = 0;
  for (const CodeInfo &info : allCodes()) {
    EXPECT_GT(static_cast<unsigned>(info.code), last);
    last = static_cast<unsigned>(info.code);
    EXPECT_FALSE(info.title.empty() || info.explanation.empty() || info.remedy.empty()) << codeName(info.code);
    EXPECT_EQ(parseCode(codeName(info.code)), info.code);
  }
  EXPECT_EQ(codeName(Code::UnsupportedOp), "LTH0107");
  EXPECT_EQ(parseCode("lth107"), Code::UnsupportedOp);
  EXPECT_EQ(parseCode("LTH9999"), std::nullopt);
  EXPECT_EQ(parseCode("x"), std::nullopt);
}

TEST(Problems, DiagnosticsBecomeProblems) {
  mlir::MLIRContext context;
  ProblemList problems;
  {
    ProblemCollector collector(&context, problems);
    emitProblem(nodeLocation(&context, "a/b", "Conv2D"), Code::BadShape, "rank must be 4, but got 3", "feed four");
    emitProblem(nodeLocation(&context, "c", "Add"), Code::BadShape, "other");
    mlir::emitError(mlir::UnknownLoc::get(&context)) << "LTHx: not ours";
  }
  ASSERT_EQ(problems.size(), 3u);
  EXPECT_EQ(problems.problems()[0].node, "a/b");
  EXPECT_EQ(problems.problems()[0].op, "Conv2D");
  EXPECT_EQ(problems.problems()[0].message, "rank must be 4, but got 3");
  EXPECT_EQ(problems.problems()[0].remedy, "feed four");
  EXPECT_EQ(problems.problems()[1].remedy, codeInfo(Code::BadShape).remedy.str());
  EXPECT_EQ(problems.problems()[2].code, Code::InternalError);
  EXPECT_EQ(problems.problems()[2].message, "LTHx: not ours");
  EXPECT_TRUE(problems.hasInternalError());
}

TEST(Problems, OnlyAThousandAreKept) {
  ProblemList problems;
  for (int i = 0; i < 1500; ++i)
    problems.add(Code::BadShape, "n\033", "Op", "message " + std::to_string(i));
  EXPECT_EQ(problems.size(), 1500u);
  EXPECT_EQ(problems.problems().size(), 1000u);
  std::string text;
  llvm::raw_string_ostream out(text);
  problems.print(out, "f");
  EXPECT_NE(text.find("node 'n\\x1b' (Op)"), std::string::npos);
  EXPECT_NE(text.find("and 500 more"), std::string::npos);
}

TEST(Problems, NearestName) {
  std::vector<llvm::StringRef> names{"input", "output", "x"};
  EXPECT_EQ(nearestName("inptu", names), "input");
  EXPECT_EQ(nearestName("outputs", names), "output");
  EXPECT_EQ(nearestName("q", names), "");
  EXPECT_EQ(nearestName("something_else", names), "");
}
