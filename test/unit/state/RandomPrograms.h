// SPDX-License-Identifier: Apache-2.0
// Random programs that read and write variables, as graphs whose nodes are ordered by control edges, and what they do.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <random>
#include <string>
#include <vector>

namespace lathe::test {

/// All values are int32[2].
using Pair = std::array<int32_t, 2>;

constexpr int argumentCount = 2, variableCount = 4, entryCount = 2;

/// One access of a variable, or a branch or a loop of them.
struct Step {
  enum Kind { Read, Assign, Add, Subtract, ScatterUpdate, ScatterAdd, If, While } kind = Read;
  int variable = 0;
  int value = 0;  ///< what is written: an argument, or behind those the value of a read
  int number = 0; ///< of the value that a read gives
  int rounds = 0;
  int condition = 0; ///< If: the argument whose first element being positive decides
  std::vector<Step> first, second;
};

/// A program: entries over the same variables, of which half are handles and half are references.
struct Program {
  std::vector<Step> entries[entryCount];
  /// Reads at the top of each entry, whose values are fetched.
  std::vector<int> fetched[entryCount];
};

Program makeProgram(uint64_t seed);

/// The program as text of the gdef dialect: `@e0`, `@e1`, nodes in random order, two that access a variable ordered by
/// control edges unless both read.
std::string textOf(const Program &program, uint64_t seed);

/// Runs an entry as it is written, and gives what it fetches.
std::vector<Pair> runPlainly(const Program &program, int entry, const std::array<Pair, argumentCount> &arguments,
                             std::array<Pair, variableCount> &variables);

} // namespace lathe::test
