// SPDX-License-Identifier: Apache-2.0
// Times what happens to 100 MB of weights: packing, joining with code, writing the object to a file.
// Usage: lathe_objects_bench [FILE]
#include "compiler/JoinObjects.h"

#include "test/unit/cpu/KernelHarness.h"

#include <chrono>
#include <cstdio>

using namespace lathe;

static double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

int main(int argc, char **argv) {
  const std::string path = argc > 1 ? argv[1] : "/dev/null";
  const cpu::Machine machine = *cpu::lookupMachine("host");
  const int64_t depth = 4096, columns = 6400;
  const cpu::ContractionSpec spec = cpu::makeProduct(1, 128, columns, depth, cpu::RhsLayout::Packed);
  const cpu::ContractionTile tile = cpu::chooseTile(spec, machine);
  std::vector<float> source(depth * columns, 0.5f);
  std::vector<char> packed(cpu::packedWeightBytes(spec, tile));
  for (const int threads : {1, 2})
    for (const bool transposed : {false, true}) {
      const double start = now();
      packWeights(spec, tile, transposed ? transposedStrides(spec) : hwioStrides(spec),
                  reinterpret_cast<const char *>(source.data()), packed.data(), threads);
      printf("pack %zu MB, %s, %d threads: %.3f s\n", packed.size() >> 20, transposed ? "N x K" : "K x N", threads,
             now() - start);
    }
  double start = now();
  const std::vector<char> kernel = cpu::buildContraction(spec, tile, machine, {.bias = true, .relu = true});
  printf("compile a kernel of %zu bytes: %.3f s\n", kernel.size(), now() - start);
  start = now();
  llvm::Expected<JoinedObject> joined =
      joinObjects({llvm::ArrayRef<char>(kernel)}, RawSection{".lathe.weights", "weights", packed, 64});
  if (!joined) {
    fprintf(stderr, "%s\n", llvm::toString(joined.takeError()).c_str());
    return 1;
  }
  printf("join: %.3f s\n", now() - start);
  start = now();
  std::error_code code;
  llvm::raw_fd_ostream stream(path, code);
  joined->write(stream);
  stream.close();
  printf("write %llu bytes to %s: %.3f s\n", static_cast<unsigned long long>(joined->size()), path.c_str(),
         now() - start);
  return 0;
}
