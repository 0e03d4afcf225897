// SPDX-License-Identifier: Apache-2.0
// Joining objects: which symbols stay global, where raw sections lie, and that the result runs.
#include "compiler/JoinObjects.h"

#include "test/unit/cpu/KernelHarness.h"

#include "llvm/AsmParser/Parser.h"
#include "llvm/BinaryFormat/ELF.h"
#include "llvm/IR/LLVMContext.h"
#include "llvm/IR/Module.h"
#include "llvm/Object/ELFObjectFile.h"
#include "llvm/Support/SourceMgr.h"
#include "gtest/gtest.h"

#include <map>
#include <numeric>

namespace lathe {
namespace {

llvm::SmallVector<char> compile(const char *text) {
  llvm::LLVMContext context;
  llvm::SMDiagnostic problem;
  const std::unique_ptr<llvm::Module> module = llvm::parseAssemblyString(text, problem, context);
  EXPECT_TRUE(module) << problem.getMessage().str();
  cpu::CodegenOptions options;
  options.hideSymbols = false;
  return llvm::cantFail(cpu::compileLLVMModule(*module, *cpu::lookupMachine("x86-64-v3"), options));
}

std::string bytesOf(const JoinedObject &joined) {
  std::string bytes;
  llvm::raw_string_ostream stream(bytes);
  joined.write(stream);
  return bytes;
}

llvm::Expected<JoinedObject> joinThree(llvm::ArrayRef<char> weights) {
  static const llvm::SmallVector<char> kernel = compile("define hidden i32 @kernel(i32 %x) {\n"
                                                        "  %y = mul i32 %x, 3\n"
                                                        "  ret i32 %y\n"
                                                        "}\n");
  static const llvm::SmallVector<char> program = compile("declare hidden i32 @kernel(i32)\n"
                                                         "@weights = external hidden constant [0 x i8]\n"
                                                         "define i32 @query(i32 %x) {\n"
                                                         "  %at = getelementptr i8, ptr @weights, i32 %x\n"
                                                         "  %byte = load i8, ptr %at\n"
                                                         "  %wide = zext i8 %byte to i32\n"
                                                         "  %y = call i32 @kernel(i32 %wide)\n"
                                                         "  ret i32 %y\n"
                                                         "}\n");
  return joinObjects({llvm::ArrayRef<char>(kernel), llvm::ArrayRef<char>(program)},
                     RawSection{".lathe.weights", "weights", weights, 64});
}

TEST(JoinObjectsTest, RunsWithItsWeights) {
  std::vector<char> weights(5000);
  for (size_t i = 0; i < weights.size(); ++i)
    weights[i] = char(i * 7 % 251);
  const std::string bytes = bytesOf(llvm::cantFail(joinThree(weights)));
  const cpu::LoadedObject object(llvm::ArrayRef(bytes.data(), bytes.size()));
  const auto query = reinterpret_cast<int (*)(int)>(object.address("query"));
  for (const int i : {0, 1, 77, 4999})
    EXPECT_EQ(query(i), 3 * (i * 7 % 251)) << "byte " << i;
}

TEST(JoinObjectsTest, OnlyTheProgramIsGlobal) {
  const std::vector<char> weights(100, 5);
  const std::string bytes = bytesOf(llvm::cantFail(joinThree(weights)));
  const auto object =
      llvm::cantFail(llvm::object::ObjectFile::createELFObjectFile(llvm::MemoryBufferRef(bytes, "joined.o")));
  std::map<std::string, bool> isGlobal;
  for (const llvm::object::SymbolRef &symbol : object->symbols())
    isGlobal[llvm::cantFail(symbol.getName()).str()] =
        llvm::cantFail(symbol.getFlags()) & llvm::object::SymbolRef::SF_Global;
  EXPECT_TRUE(isGlobal.at("query"));
  EXPECT_FALSE(isGlobal.at("kernel"));
  EXPECT_FALSE(isGlobal.at("weights"));

  bool foundWeights = false, foundNote = false;
  for (const llvm::object::SectionRef &each : object->sections()) {
    const llvm::object::ELFSectionRef section(each);
    const llvm::StringRef name = llvm::cantFail(section.getName());
    if (name == ".lathe.weights") {
      foundWeights = true;
      EXPECT_EQ(section.getSize(), 100u);
      EXPECT_EQ(section.getAlignment().value(), 64u);
      EXPECT_EQ(section.getFlags(), uint64_t(llvm::ELF::SHF_ALLOC)) << "weights are read only";
      EXPECT_EQ(llvm::cantFail(section.getContents()), llvm::StringRef(weights.data(), weights.size()));
    }
    if (name == ".note.GNU-stack") {
      foundNote = true;
      EXPECT_EQ(section.getFlags() & llvm::ELF::SHF_EXECINSTR, 0u);
    }
    EXPECT_NE(name, ".eh_frame");
  }
  EXPECT_TRUE(foundWeights);
  EXPECT_TRUE(foundNote);
}

TEST(JoinObjectsTest, SameInputsGiveSameBytes) {
  const std::vector<char> weights(1000, 3);
  EXPECT_EQ(bytesOf(llvm::cantFail(joinThree(weights))), bytesOf(llvm::cantFail(joinThree(weights))));
}

TEST(JoinObjectsTest, SizeIsWhatIsWritten) {
  const std::vector<char> weights(1001, 3);
  const JoinedObject joined = llvm::cantFail(joinThree(weights));
  EXPECT_EQ(bytesOf(joined).size(), joined.size());
}

TEST(JoinObjectsTest, RefusesTwoDefinitions) {
  const llvm::SmallVector<char> object = compile("define i32 @twice() {\n  ret i32 1\n}\n");
  llvm::Expected<JoinedObject> joined = joinObjects({llvm::ArrayRef<char>(object), llvm::ArrayRef<char>(object)});
  ASSERT_FALSE(joined);
  EXPECT_NE(llvm::toString(joined.takeError()).find("duplicate symbol: twice"), std::string::npos);
}

TEST(JoinObjectsTest, RefusesWhatIsNotAnObject) {
  const char text[] = "this is not an object, but it is long enough to hold the header of an ELF file";
  llvm::Expected<JoinedObject> joined = joinObjects({llvm::ArrayRef<char>(text)});
  ASSERT_FALSE(joined);
  llvm::consumeError(joined.takeError());
}

TEST(JoinObjectsTest, RawSectionObjectIsReadable) {
  std::vector<char> weights(1234);
  std::iota(weights.begin(), weights.end(), 0);
  const auto bytes = writeRawSectionObject({".data.raw", "raw", weights, 128}, llvm::ELF::EM_X86_64);
  const llvm::StringRef text(bytes.data(), bytes.size());
  const auto object =
      llvm::cantFail(llvm::object::ObjectFile::createELFObjectFile(llvm::MemoryBufferRef(text, "raw.o")));
  const llvm::object::SymbolRef symbol = *object->symbol_begin();
  EXPECT_EQ(llvm::cantFail(symbol.getName()), "raw");
  const llvm::object::ELFSectionRef section(*llvm::cantFail(symbol.getSection()));
  EXPECT_EQ(llvm::cantFail(section.getContents()), llvm::StringRef(weights.data(), weights.size()));
  EXPECT_EQ(section.getAlignment().value(), 128u);
}

} // namespace
} // namespace lathe
