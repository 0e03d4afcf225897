// SPDX-License-Identifier: Apache-2.0
// The interfaces of the hand-written models in Models.c, from which their headers are generated.
#pragma once

#include "compiler/Interface.h"

namespace lathe::test {

constexpr lathe_dtype_t float32{2, 32, 1}, int32{0, 32, 1}, int64{0, 64, 1};

/// Identity = input * scale + bias, rows in parallel; the weights lie in the object.
inline ObjectInterface affineInterface() {
  ObjectInterface object;
  object.name = "affine";
  object.graph = "affine.pb";
  object.targetCpu = "x86-64";
  EntryInterface entry;
  entry.name = "affine";
  entry.arguments = {{"input:0", "", float32, {4, 3}, 48, 4}, {"scale:0", "", float32, {}, 4, 4}};
  entry.results = {{"Identity:0", "", float32, {4, 3}, 48, 16}};
  entry.arenaBytes = 64;
  entry.arenaParts = {{"values", 48}};
  object.weightBytes = 12;
  object.entries = {entry};
  return object;
}

/// Two entries over one store: total = n += x, which "peek" gives again. "n" has an initial value, "last" has none.
inline ObjectInterface counterInterface() {
  ObjectInterface object;
  object.name = "counter";
  object.weightBytes = 8;
  object.variables = {{{"n", "", int32, {2}, 8, 4}, "", 0}, {{"last", "", int32, {2}, 8, 4}, "", LATHE_NO_VALUE}};
  EntryInterface step, peek;
  step.name = "step";
  step.arguments = {{"x:0", "", int32, {2}, 8, 4}};
  step.results = peek.results = {{"total:0", "", int32, {2}, 8, 4}};
  step.variables = {{object.variables[0], 0, true, true}, {object.variables[1], 1, false, true}};
  peek.name = "peek";
  peek.variables = {{object.variables[1], 1, true, false}};
  object.entries = {step, peek};
  return object;
}

/// table/Gather = weights[keys], refused where a key is out of range; the weights lie in a file.
inline ObjectInterface lookupInterface(uint64_t weightBytes) {
  ObjectInterface object;
  object.name = "lookup";
  object.cppClass = "shop::search::Lookup";
  EntryInterface entry;
  entry.name = "lookup";
  entry.arguments = {{"keys", "", int32, {1000}, 4000, 4}};
  entry.results = {{"table/Gather:0", "", int64, {1000}, 8000, 8}};
  object.weightBytes = weightBytes;
  object.separateWeights = true;
  object.weightsFile = "lookup.weights";
  object.entries = {entry};
  return object;
}

/// No model stands behind it: names that try to break the header, and every element type.
inline ObjectInterface hostileInterface() {
  ObjectInterface object;
  object.name = moduleIdentifier("size");
  object.graph = "a*/\n#error\\";
  object.targetCpu = "?\?/";
  object.separateWeights = true;
  object.weightsFile = "w\"*/ \\";
  const std::pair<const char *, lathe_dtype_t> tensors[] = {{"int", {0, 8, 1}},
                                                            {"a/b:0", {0, 16, 1}},
                                                            {"a/b:1", {0, 32, 1}},
                                                            {"a_b", {0, 64, 1}},
                                                            {"A_B", {1, 8, 1}},
                                                            {"class", {1, 16, 1}},
                                                            {"*/ int x; /*", {1, 32, 1}},
                                                            {"x\n#error y", {1, 64, 1}},
                                                            {"?\?/", {2, 16, 1}},
                                                            {"\xe5\x85\xa5\xe5\x8a\x9b", {4, 16, 1}},
                                                            {"9", {2, 32, 1}},
                                                            {"", {2, 64, 1}},
                                                            {"weights", {5, 64, 1}},
                                                            {"executor", {5, 128, 1}},
                                                            {"arena", {6, 8, 1}},
                                                            {"set_q", {1, 4, 1}},
                                                            {"q_count", {9, 3, 1}},
                                                            {"end\\", {2, 32, 1}}};
  EntryInterface entry;
  for (const auto &[name, dtype] : tensors)
    entry.arguments.push_back({name, "", dtype, {2, 3}, uint64_t(6) * dtype.bits / 8, 16});
  entry.results = entry.arguments;
  entry.name = "*/";
  object.variables = {{entry.arguments[6], "*/\\", 0}};
  entry.variables = {{object.variables[0], 0, true, true}};
  object.entries.push_back(entry);
  entry.variables.clear();
  entry.name = "nothing";
  entry.arguments.clear();
  entry.results.clear();
  object.entries.push_back(entry);
  entry.name = "no thing";
  entry.arguments.push_back({"empty", "", float32, {0, 4}, 0, 4});
  entry.arenaBytes = uint64_t(1) << 40;
  object.entries.push_back(entry);
  return object;
}

} // namespace lathe::test
