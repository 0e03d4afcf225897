// SPDX-License-Identifier: Apache-2.0
// What a loop over a TensorArray costs, compiled: time and memory in proportion to its rounds, and not one allocation
// while it runs.
#include "compiler/Compile.h"
#include "tools/lathe/Execute.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/raw_ostream.h"
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdlib>

extern "C" void *__libc_malloc(size_t bytes);
static std::atomic<long> allocations;
/// The C library's, counted.
extern "C" void *malloc(size_t bytes) {
  ++allocations;
  return __libc_malloc(bytes);
}

using namespace lathe;

namespace {
constexpr int width = 64;

std::string attr(const std::string &name, const std::string &value) {
  return "attr { key: '" + name + "' value { " + value + " } } ";
}
std::string node(const std::string &name, const std::string &op, const std::vector<std::string> &inputs,
                 const std::string &attrs = "") {
  std::string text = "node { name: '" + name + "' op: '" + op + "' ";
  for (const std::string &input : inputs)
    text += "input: '" + input + "' ";
  return text + attrs + "}\n";
}
std::string number(const std::string &name, int value) {
  return node(name, "Const", {},
              attr("dtype", "type: DT_INT32") +
                  attr("value", "tensor { dtype: DT_INT32 tensor_shape { } int_val: " + std::to_string(value) + " }"));
}

/// for (i = 0; i < rounds; ++i) array[i] = v = v * x, in the nodes of TensorFlow 1; all elements are fetched.
std::string makeGraph(int rounds) {
  std::string i32 = attr("T", "type: DT_INT32"), f32 = attr("T", "type: DT_FLOAT"),
              dtype = attr("dtype", "type: DT_FLOAT");
  std::string frame = attr("frame_name", "s: 'loop'"), two = attr("N", "i: 2");
  std::string constant = attr("is_constant", "b: true"), resource = attr("T", "type: DT_RESOURCE");
  std::string shape = "shape { dim { size: " + std::to_string(width) + " } }";
  return node("x", "Placeholder", {}, dtype + attr("shape", shape)) + number("zero", 0) + number("one", 1) +
         number("rounds", rounds) + node("array", "TensorArrayV3", {"rounds"}, dtype + attr("element_shape", shape)) +
         node("i_in", "Enter", {"zero"}, i32 + frame) + node("v_in", "Enter", {"x"}, f32 + frame) +
         node("flow_in", "Enter", {"array:1"}, f32 + frame) +
         node("h_in", "Enter", {"array"}, resource + frame + constant) +
         node("x_in", "Enter", {"x"}, f32 + frame + constant) +
         node("n_in", "Enter", {"rounds"}, i32 + frame + constant) +
         node("one_in", "Enter", {"one"}, i32 + frame + constant) + node("i", "Merge", {"i_in", "i_next"}, i32 + two) +
         node("v", "Merge", {"v_in", "v_next"}, f32 + two) +
         node("flow", "Merge", {"flow_in", "flow_next"}, f32 + two) + node("less", "Less", {"i", "n_in"}, i32) +
         node("cond", "LoopCond", {"less"}) + node("i_s", "Switch", {"i", "cond"}, i32) +
         node("v_s", "Switch", {"v", "cond"}, f32) + node("flow_s", "Switch", {"flow", "cond"}, f32) +
         node("product", "Mul", {"v_s:1", "x_in"}, f32) +
         node("write", "TensorArrayWriteV3", {"h_in", "i_s:1", "product", "flow_s:1"}, f32) +
         node("more", "Add", {"i_s:1", "one_in"}, i32) + node("i_next", "NextIteration", {"more"}, i32) +
         node("v_next", "NextIteration", {"product"}, f32) + node("flow_next", "NextIteration", {"write"}, f32) +
         node("flow_out", "Exit", {"flow_s"}, f32) +
         node("places", "Range", {"zero", "rounds", "one"}, attr("Tidx", "type: DT_INT32")) +
         node("all", "TensorArrayGatherV3", {"array", "places", "flow_out"}, dtype + attr("element_shape", shape)) +
         "versions { producer: 27 }";
}

struct Costs {
  double seconds;
  uint64_t arena;
};

Costs measure(int rounds) {
  std::string text = makeGraph(rounds);
  CompileOptions options;
  options.name = "loop";
  options.import.fetches = {"all"};
  ProblemList problems;
  auto check = [](bool holds, const std::string &what) {
    if (!holds) {
      llvm::errs() << what << "\n";
      std::exit(1);
    }
  };
  std::optional<CompiledModel> model = compileGraph(llvm::MemoryBufferRef(text, "loop.pbtxt"), options, problems);
  if (!model)
    problems.print(llvm::errs(), "loop.pbtxt");
  check(model.has_value(), "the graph does not compile");
  auto loaded = tool::LoadedModel::load(*model, 1);
  check(bool(loaded), "the object does not load");
  auto *x = reinterpret_cast<float *>((*loaded)->argument(0).data());
  for (int i = 0; i < width; ++i)
    x[i] = 1 + static_cast<float>(i) * 1e-6f;
  double best = 1e9;
  for (int run = 0; run < 30; ++run) {
    long before = allocations;
    auto start = std::chrono::steady_clock::now();
    llvm::Error error = (*loaded)->run();
    std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    long made = allocations - before;
    check(!error, "the run failed");
    check(made == 0, "a run of " + std::to_string(rounds) + " rounds allocated " + std::to_string(made) + " times");
    best = std::min(best, seconds.count());
  }
  auto *y = reinterpret_cast<const float *>((*loaded)->result(0).data());
  double last = y[static_cast<size_t>(rounds) * width - 1],
         expected = std::pow(static_cast<double>(x[width - 1]), rounds + 1);
  check(std::abs(last - expected) < 1e-2 * expected, "the last element is wrong");
  return {best, (*loaded)->getEntry().arena_bytes};
}
} // namespace

int main() {
  // Linear is 2 and quadratic 4; what else the machine does can make one ratio larger, but not all of them.
  constexpr double bound = 2.5;
  Costs half, whole;
  double ratio = 1e9;
  for (int attempt = 0; attempt < 5 && ratio >= bound; ++attempt) {
    half = measure(5'000), whole = measure(10'000);
    ratio = std::min(ratio, whole.seconds / half.seconds);
  }
  llvm::outs() << "10,000 rounds take " << ratio << " times as long as 5,000, " << whole.seconds * 1e5
               << " ns a round; arena " << whole.arena << " and " << half.arena << " bytes\n";
  bool isLinear = ratio < bound && whole.arena <= 2 * half.arena + 4096;
  return isLinear ? 0 : 1;
}
