// SPDX-License-Identifier: Apache-2.0
// The embedded operation definitions are whole.
#include "compiler/import/opdefs/OpRegistry.h"
#include "llvm/ADT/STLExtras.h"
#include <gtest/gtest.h>

using namespace lathe;

TEST(OpRegistry, EveryDefinitionParses) {
  std::vector<llvm::StringRef> names = OpRegistry::get().names();
  EXPECT_GT(names.size(), 1700u);
  for (llvm::StringRef name : names) {
    const tf::OpDef *op = OpRegistry::get().find(name);
    ASSERT_TRUE(op);
    EXPECT_EQ(op->name(), name.str());
    // Arguments refer to attributes that exist.
    auto hasAttr = [&](const std::string &attr) {
      return attr.empty() || llvm::any_of(op->attr(), [&](const auto &def) { return def.name() == attr; });
    };
    for (const auto *args : {&op->input_arg(), &op->output_arg()})
      for (const auto &arg : *args)
        EXPECT_TRUE(hasAttr(arg.type_attr()) && hasAttr(arg.number_attr()) && hasAttr(arg.type_list_attr()))
            << name.str() << " " << arg.name();
  }
}

TEST(OpRegistry, NewerAndOlderListsAreMerged) {
  EXPECT_TRUE(OpRegistry::get().find("XlaDotV2")); // only in the newer
  EXPECT_TRUE(OpRegistry::get().find("Conv2D"));   // in both
  EXPECT_TRUE(OpRegistry::get().find("_Arg"));     // our own
  EXPECT_EQ(OpRegistry::get().find("NotAnOperation"), nullptr);
  EXPECT_TRUE(OpRegistry::get().find("Assert")->is_stateful());
}
