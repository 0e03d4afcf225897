// SPDX-License-Identifier: Apache-2.0
// Writes what the compiler would have written beside the hand-written models: headers, the weights file, and as
// programs the examples from the headers' banners. Usage: make_test_models DIRECTORY.
#include "compiler/EmitHeader.h"
#include "test/runtime/Models.h"

#include <cstdio>
#include <fstream>

using namespace lathe;

namespace {

bool write(const std::string &path, const std::string &text) {
  std::ofstream out(path, std::ios::binary);
  out << text;
  return static_cast<bool>(out.flush());
}

/// The example between "Use:" and the command line, without the comment marks.
std::string example(const std::string &header) {
  size_t begin = header.find("// #include"), end = header.find("//   cc app.c");
  std::string out = "// SPDX-License-Identifier: Apache-2.0\n// From the banner of a generated header.\n";
  for (size_t line = begin; line < end;) {
    size_t next = header.find('\n', line) + 1;
    std::string text = header.substr(line, next - line);
    out += text.size() > 3 ? text.substr(3) : "\n";
    line = next;
  }
  return out;
}

bool writeModel(const std::string &folder, const ObjectInterface &object) {
  const std::string header = emitHeader(object);
  return write(folder + "/" + object.name + ".h", header) &&
         write(folder + "/" + object.name + "_example.c", example(header));
}

} // namespace

int main(int argc, char **argv) {
  if (argc != 2)
    return 2;
  const std::string folder = argv[1];
  std::vector<int64_t> table;
  for (int64_t i = 0; i < 101; ++i)
    table.push_back(i * i * 1000003 - 7);
  const uint64_t bytes = table.size() * sizeof(int64_t);
  const lathe_weights_header_t header = weightsHeader(table.data(), bytes);
  std::string file(reinterpret_cast<const char *>(&header), sizeof header);
  file.append(reinterpret_cast<const char *>(table.data()), bytes);
  const bool isWritten =
      write(folder + "/lookup.weights", file) &&
      write(folder + "/lookup_weights.h", "#define LOOKUP_HASH UINT64_C(" + std::to_string(header.hash) + ")\n") &&
      writeModel(folder, test::affineInterface()) && writeModel(folder, test::counterInterface()) &&
      write(folder + "/hostile.h", emitHeader(test::hostileInterface())) &&
      writeModel(folder, test::lookupInterface(bytes));
  return isWritten ? 0 : 1;
}
