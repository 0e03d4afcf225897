// SPDX-License-Identifier: Apache-2.0
// Which values share a buffer, and parallel copies in order.
#include "passes/memory/Storage.h"
#include <gtest/gtest.h>
#include <map>
#include <random>

using namespace lathe::memory;

//        x0 [0,2]            the loop runs from 2 to 9; x is read until 6, where y is made
//        |                   in place; y is carried around at 9
//     x [3,6] [10,12]
//        |
//        y [7,9]
TEST(ShareBuffers, CarriesALoopsValueInOneBuffer) {
  SharingProblem problem;
  problem.values = {{64, {{0, 2}}}, {64, {{3, 6}, {10, 12}}}, {64, {{7, 9}}}};
  problem.wishes = {{2, 1}, {0, 1}};
  EXPECT_EQ(check(problem), "");
  std::vector<int> buffers = shareBuffers(problem);
  EXPECT_EQ(buffers, (std::vector<int>{0, 0, 0}));
  EXPECT_EQ(verify(problem, buffers), "");
}

TEST(ShareBuffers, KeepsApartWhatLivesTogetherConflictsOrDiffersInSize) {
  SharingProblem problem;
  problem.values = {{64, {{0, 5}}}, {64, {{5, 9}}}, {64, {{6, 7}}}, {32, {{20, 21}}}, {64, {{8, 9}}}};
  problem.conflicts = {{0, 2}};
  problem.wishes = {{0, 1}, {0, 2}, {0, 3}, {0, 4}};
  std::vector<int> buffers = shareBuffers(problem);
  EXPECT_EQ(buffers, (std::vector<int>{0, 1, 2, 3, 0}));
  EXPECT_EQ(verify(problem, buffers), "");
}

// a and b may not share, b shares with c first: then a may not share with c either.
TEST(ShareBuffers, ConflictsHoldForAllThatShares) {
  SharingProblem problem;
  problem.values = {{8, {{0, 1}}}, {8, {{2, 3}}}, {8, {{4, 5}}}};
  problem.conflicts = {{0, 1}};
  problem.wishes = {{1, 2}, {2, 0}};
  EXPECT_EQ(shareBuffers(problem), (std::vector<int>{0, 1, 1}));
}

TEST(ShareBuffers, VerifyNamesWhatIsWrong) {
  SharingProblem problem;
  problem.values = {{8, {{0, 2}}}, {8, {{2, 3}}}, {8, {{4, 5}}}, {4, {{6, 6}}}};
  problem.conflicts = {{0, 2}};
  EXPECT_EQ(verify(problem, {0, 0, 1, 2}), "values 0 and 1 live at one time and share a buffer");
  EXPECT_EQ(verify(problem, {0, 1, 0, 2}), "values 0 and 2 conflict and share a buffer");
  EXPECT_EQ(verify(problem, {0, 1, 2, 2}), "values 2 and 3 have different sizes and share a buffer");
  EXPECT_EQ(verify(problem, {0}), "number of buffers must be 4, but got 1");
  problem.wishes = {{1, 4}};
  EXPECT_EQ(check(problem), "no such pair of values: 1 and 4");
}

TEST(ShareBuffers, RandomProblemsAreSharedCorrectly) {
  int granted = 0;
  for (unsigned seed = 0; seed < 300; ++seed) {
    std::mt19937 random(seed);
    auto below = [&](int bound) { return static_cast<int>(random() % bound); };
    SharingProblem problem;
    int count = 2 + below(20);
    for (int v = 0; v < count; ++v) {
      SharingProblem::Value value{8 * (1 + below(2)), {}};
      for (int time = below(10); time < 40 && value.ranges.size() < 3; time += 4 + below(20)) {
        value.ranges.push_back({time, time + below(8)});
        time = value.ranges.back().last + 1;
      }
      problem.values.push_back(value);
    }
    for (int i = 0; i < 3 * count; ++i) {
      std::pair<int, int> pair{below(count), below(count)};
      if (pair.first != pair.second)
        (i % 6 == 0 ? problem.conflicts : problem.wishes).push_back(pair);
    }
    ASSERT_EQ(check(problem), "");
    std::vector<int> buffers = shareBuffers(problem);
    ASSERT_EQ(verify(problem, buffers), "") << "seed " << seed;
    for (auto [a, b] : problem.wishes)
      granted += buffers[a] == buffers[b];
  }
  EXPECT_GT(granted, 300);
}

TEST(SequenceMoves, ReadsBeforeItWrites) {
  EXPECT_EQ(sequenceMoves({{1, 0}, {2, 1}}, 9), (std::vector<Move>{{1, 0}, {2, 1}}));
  EXPECT_EQ(sequenceMoves({{0, 1}, {1, 2}}, 9), (std::vector<Move>{{1, 2}, {0, 1}}));
  EXPECT_EQ(sequenceMoves({{3, 3}}, 9), (std::vector<Move>{}));
}

TEST(SequenceMoves, HasTheEffectOfAllAtOnce) {
  for (unsigned seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    constexpr int count = 8;
    std::vector<Move> moves;
    std::map<int, int> expected, found;
    for (int b = 0; b < count; ++b)
      expected[b] = found[b] = 100 + b;
    found[-1] = 7;
    for (int to = 0; to < count; ++to)
      if (random() % 3) {
        moves.push_back({static_cast<int>(random() % (count + 1)) - 1, to});
        expected[to] = moves.back().from < 0 ? 7 : 100 + moves.back().from;
      }
    for (Move move : sequenceMoves(moves, count))
      found[move.to] = found.at(move.from);
    for (int b = 0; b < count; ++b)
      EXPECT_EQ(found[b], expected[b]) << "seed " << seed << " buffer " << b;
  }
}
