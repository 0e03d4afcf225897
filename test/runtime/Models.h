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

} // namespace lathe::test
