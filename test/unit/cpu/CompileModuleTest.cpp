// SPDX-License-Identifier: Apache-2.0
// Lowering and code generation: accuracy of functions, 16-bit floats, what an object contains, reproducibility.
#include "test/unit/cpu/KernelHarness.h"

#include "backends/cpu/LowerModule.h"
#include "lathe/abi.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Object/ELFObjectFile.h"
#include "gtest/gtest.h"

#include <cmath>
#include <cstring>
#include <thread>

namespace lathe::cpu {
namespace {

Machine host() {
  return *lookupMachine("host");
}

/// A kernel that applies `body` (%x to %y) to `count` elements.
std::string mapKernel(const std::string &from, const std::string &to, int64_t count, const std::string &body) {
  const std::string n = std::to_string(count);
  return "func.func @kernel(%in: memref<" + n + "x" + from + ">, %out: memref<" + n + "x" + to +
         ">, %begin: index, %end: index) {\n"
         "  %one = arith.constant 1 : index\n"
         "  scf.for %i = %begin to %end step %one {\n"
         "    %x = memref.load %in[%i] : memref<" +
         n + "x" + from + ">\n" + body + "    memref.store %y, %out[%i] : memref<" + n + "x" + to +
         ">\n"
         "  }\n"
         "  return\n"
         "}\n";
}

std::vector<std::string> undefinedSymbols(const std::vector<char> &bytes) {
  const llvm::MemoryBufferRef buffer(llvm::StringRef(bytes.data(), bytes.size()), "kernel.o");
  const auto object = llvm::cantFail(llvm::object::ObjectFile::createELFObjectFile(buffer));
  std::vector<std::string> names;
  for (const llvm::object::SymbolRef &symbol : object->symbols())
    if (llvm::cantFail(symbol.getFlags()) & llvm::object::SymbolRef::SF_Undefined)
      names.push_back(llvm::cantFail(symbol.getName()).str());
  std::erase(names, "");
  return names;
}

/// Distance in units of the last place of the float nearest to `expected`.
double ulps(float actual, double expected) {
  if (std::isnan(expected))
    return std::isnan(actual) ? 0 : INFINITY;
  if (float(expected) == actual)
    return 0;
  const float magnitude = std::max(std::abs(float(expected)), 1.17549435e-38f);
  return std::abs(double(actual) - expected) / (std::nextafter(magnitude, INFINITY) - double(magnitude));
}

struct Function {
  const char *op;
  double (*reference)(double);
  double low, high, bound; ///< bound in ulp
};

class FloatFunctionTest : public testing::TestWithParam<Function> {};

TEST_P(FloatFunctionTest, IsAccurate) {
  const Function &function = GetParam();
  constexpr int64_t count = 20000;
  std::vector<float> in(count), out(count);
  for (int64_t i = 0; i < count; ++i)
    in[i] = float(function.low + (function.high - function.low) * double(i) / double(count - 1));
  for (const char *name : {"host", "x86-64-v3"}) {
    const LoadedKernel kernel(
        compileText(mapKernel("f32", "f32", count, std::string("    %y = math.") + function.op + " %x : f32\n"),
                    *lookupMachine(name)));
    kernel({in.data(), out.data()}, 0, count);
    double worst = 0;
    int64_t at = 0;
    for (int64_t i = 0; i < count; ++i)
      if (const double distance = ulps(out[i], function.reference(in[i])); !(distance <= worst))
        worst = distance, at = i;
    EXPECT_LE(worst, function.bound) << name << ": " << function.op << "(" << in[at] << ") gave " << out[at];
    RecordProperty(std::string(name) + "_ulp", std::to_string(worst));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Functions, FloatFunctionTest,
    testing::Values(Function{"exp", std::exp, -87, 88, 2}, Function{"log", std::log, 1e-30, 1e30, 2},
                    Function{"log", std::log, 0.01, 4, 2}, Function{"log2", std::log2, 0.01, 100, 4},
                    Function{"log1p", std::log1p, -0.9, 10, 4}, Function{"expm1", std::expm1, -10, 10, 4},
                    Function{"tanh", std::tanh, -12, 12, 6}, Function{"erf", std::erf, -5, 5, 6},
                    Function{"erfc", std::erfc, -4, 9, 6}, Function{"sin", std::sin, -1e6, 1e6, 1},
                    Function{"cos", std::cos, -1e6, 1e6, 1}, Function{"tan", std::tan, -100, 100, 2},
                    Function{"atan", std::atan, -20, 20, 4}, Function{"asin", std::asin, -1, 1, 6},
                    Function{"acos", std::acos, -1, 1, 4}, Function{"sinh", std::sinh, -20, 20, 4},
                    Function{"cosh", std::cosh, -20, 20, 4}, Function{"asinh", std::asinh, -20, 20, 4},
                    Function{"cbrt", std::cbrt, -50, 50, 4}, Function{"sqrt", std::sqrt, 0, 50, 0.5},
                    Function{"floor", std::floor, -50, 50, 0}),
    [](const auto &info) { return std::string(info.param.op) + std::to_string(info.index); });

TEST(CompileModuleTest, FloatFunctionsKnowTheirLimits) {
  std::vector<float> in = {INFINITY, -INFINITY, NAN, 0.0f, -0.0f, -1.0f, 200.0f, -200.0f, 1e38f};
  std::vector<float> out(in.size());
  for (auto [op, reference] : std::initializer_list<std::pair<const char *, double (*)(double)>>{{"exp", std::exp},
                                                                                                 {"log", std::log},
                                                                                                 {"tanh", std::tanh},
                                                                                                 {"erf", std::erf},
                                                                                                 {"erfc", std::erfc},
                                                                                                 {"log1p", std::log1p},
                                                                                                 {"expm1", std::expm1},
                                                                                                 {"sqrt", std::sqrt}}) {
    const LoadedKernel kernel(compileText(
        mapKernel("f32", "f32", int64_t(in.size()), std::string("    %y = math.") + op + " %x : f32\n"), host()));
    kernel({in.data(), out.data()}, 0, int64_t(in.size()));
    for (size_t i = 0; i < in.size(); ++i) {
      const float expected = float(reference(in[i]));
      EXPECT_TRUE(std::isnan(expected)   ? std::isnan(out[i])
                  : std::isinf(expected) ? out[i] == expected
                                         : ulps(out[i], reference(in[i])) <= 6)
          << op << "(" << in[i] << ") gave " << out[i] << ", not " << expected;
    }
  }
}

TEST(CompileModuleTest, DoubleFunctionsAreLibms) {
  constexpr int64_t count = 1000;
  std::vector<double> in(count), out(count);
  for (int64_t i = 0; i < count; ++i)
    in[i] = -3 + 0.007 * double(i);
  for (auto [op, reference] : std::initializer_list<std::pair<const char *, double (*)(double)>>{
           {"exp", std::exp}, {"erf", std::erf}, {"tanh", std::tanh}, {"sin", std::sin}, {"log1p", std::log1p}}) {
    const LoadedKernel kernel(
        compileText(mapKernel("f64", "f64", count, std::string("    %y = math.") + op + " %x : f64\n"), host()));
    kernel({in.data(), out.data()}, 0, count);
    for (int64_t i = 0; i < count; ++i)
      if (!std::isnan(reference(in[i])))
        ASSERT_DOUBLE_EQ(out[i], reference(in[i])) << op << "(" << in[i] << ")";
  }
}

uint16_t toBFloat(float value) {
  uint32_t bits;
  memcpy(&bits, &value, 4);
  return uint16_t((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

float fromBFloat(uint16_t value) {
  const uint32_t bits = uint32_t(value) << 16;
  float result;
  memcpy(&result, &bits, 4);
  return result;
}

TEST(CompileModuleTest, BFloatArithmeticRoundsEachStep) {
  constexpr int64_t count = 500;
  const std::string text = mapKernel("bf16", "bf16", count,
                                     "    %a = arith.mulf %x, %x : bf16\n"
                                     "    %b = arith.addf %a, %x : bf16\n"
                                     "    %c = arith.cmpf ogt, %b, %x : bf16\n"
                                     "    %y = arith.select %c, %b, %x : bf16\n");
  std::vector<uint16_t> in(count), out(count);
  for (int64_t i = 0; i < count; ++i)
    in[i] = toBFloat(-2.0f + 0.013f * float(i));
  for (const char *name : {"host", "x86-64-v3"}) {
    const std::vector<char> object = compileText(text, *lookupMachine(name));
    EXPECT_EQ(undefinedSymbols(object), std::vector<std::string>());
    LoadedKernel{object}({in.data(), out.data()}, 0, count);
    for (int64_t i = 0; i < count; ++i) {
      const float x = fromBFloat(in[i]), b = fromBFloat(toBFloat(fromBFloat(toBFloat(x * x)) + x));
      ASSERT_EQ(fromBFloat(out[i]), b > x ? b : x) << name << " x " << x;
    }
  }
}

TEST(CompileModuleTest, NarrowFloatsNeedNoRuntimeLibrary) {
  for (const char *type : {"bf16", "f16"})
    for (const std::string &body :
         {std::string("    %y = arith.truncf %x : f64 to TYPE\n"),
          std::string("    %n = arith.fptosi %x : f64 to i64\n    %y = arith.sitofp %n : i64 to TYPE\n"),
          std::string("    %h = arith.truncf %x : f64 to TYPE\n    %y = math.exp %h : TYPE\n"),
          std::string("    %h = arith.truncf %x : f64 to TYPE\n    %s = math.sqrt %h : TYPE\n"
                      "    %z = arith.divf %s, %h : TYPE\n    %y = arith.maximumf %z, %h : TYPE\n")}) {
      std::string text = body;
      for (size_t at; (at = text.find("TYPE")) != std::string::npos;)
        text.replace(at, 4, type);
      for (const char *name : {"host", "x86-64-v3", "neoverse-n1"})
        EXPECT_EQ(undefinedSymbols(compileText(mapKernel("f64", type, 100, text), *lookupMachine(name))),
                  std::vector<std::string>())
            << name << "\n"
            << text;
    }
}

TEST(CompileModuleTest, ElementwiseLoopsAreVectors) {
  const std::string gelu = mapKernel("f32", "f32", 4096,
                                     "    %r = arith.constant 0.70710678 : f32\n"
                                     "    %one_ = arith.constant 1.0 : f32\n"
                                     "    %a = arith.mulf %x, %r : f32\n"
                                     "    %e = math.erf %a : f32\n"
                                     "    %b = arith.addf %e, %one_ : f32\n"
                                     "    %y = arith.mulf %b, %x : f32\n");
  for (auto [name, registers] : {std::pair("x86-64-v3", "ymm"), std::pair("znver5", "zmm")}) {
    std::string assembly;
    CodegenOptions options;
    options.assemblyText = &assembly;
    compileText(gelu, *lookupMachine(name), options);
    EXPECT_NE(assembly.find(std::string("%") + registers), std::string::npos) << name << "\n" << assembly;
  }
}

TEST(CompileModuleTest, SameModuleGivesSameBytesInParallel) {
  const std::string text = mapKernel("f32", "f32", 100, "    %y = math.tanh %x : f32\n");
  const std::vector<char> expected = compileText(text, host());
  std::vector<std::vector<char>> results(4);
  std::vector<std::thread> threads;
  for (std::vector<char> &result : results)
    threads.emplace_back([&] { result = compileText(text, host()); });
  for (std::thread &thread : threads)
    thread.join();
  for (const std::vector<char> &result : results)
    EXPECT_EQ(result, expected);
}

TEST(CompileModuleTest, PrivateFunctionsHaveNoEntry) {
  const std::vector<char> object = compileText("func.func private @twice(%x: f32) -> f32 {\n"
                                               "  %y = arith.addf %x, %x : f32\n"
                                               "  return %y : f32\n"
                                               "}\n"
                                               "func.func @kernel(%m: memref<1xf32>) {\n"
                                               "  %zero = arith.constant 0 : index\n"
                                               "  %x = memref.load %m[%zero] : memref<1xf32>\n"
                                               "  %y = func.call @twice(%x) : (f32) -> f32\n"
                                               "  memref.store %y, %m[%zero] : memref<1xf32>\n"
                                               "  return\n"
                                               "}\n",
                                               host(), {.optimizeIR = false});
  float value = 1.5f;
  LoadedKernel{object}({&value});
  EXPECT_EQ(value, 3.0f);
}

TEST(CompileModuleTest, RefusesOtherSignatures) {
  const std::unique_ptr<mlir::MLIRContext> context = createKernelContext();
  const auto module = mlir::parseSourceString<mlir::ModuleOp>(
      "func.func @kernel(%i: index, %m: memref<4xf32>) { return }", context.get());
  auto object = compileModule(*module, host());
  ASSERT_FALSE(object);
  EXPECT_EQ(llvm::toString(object.takeError()),
            "kernel 'kernel' must take memrefs, then at most two indices, and return nothing");
}

TEST(CompileModuleTest, RefusesDynamicOperands) {
  const std::unique_ptr<mlir::MLIRContext> context = createKernelContext();
  const auto module = mlir::parseSourceString<mlir::ModuleOp>(
      "func.func @kernel(%n: memref<4xf32>, %m: memref<?xf32>) { return }", context.get());
  auto object = compileModule(*module, host());
  ASSERT_FALSE(object);
  EXPECT_EQ(llvm::toString(object.takeError()),
            "kernel 'kernel': operand 1 must be dense and of static shape, but got memref<?xf32>");
}

TEST(MachineTest, EveryNameIsKnown) {
  for (const llvm::StringRef name : machineNames()) {
    const std::optional<Machine> machine = lookupMachine(name);
    ASSERT_TRUE(machine) << name.str();
    EXPECT_EQ(requiredCpuFeatures(*machine) != 0, machine->isX86()) << name.str();
    EXPECT_EQ(machine->vectorBytes == 64, (requiredCpuFeatures(*machine) & LATHE_CPU_X86_64_V4) != 0) << name.str();
  }
  EXPECT_FALSE(lookupMachine("pentium"));
}

} // namespace
} // namespace lathe::cpu
