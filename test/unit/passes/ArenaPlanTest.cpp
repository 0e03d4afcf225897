// SPDX-License-Identifier: Apache-2.0
// Tests arena planning: drawn cases, random ones against every order of placing, and large ones against the bound.
#include "passes/memory/ArenaPlan.h"
#include <algorithm>
#include <gtest/gtest.h>
#include <numeric>
#include <random>

using namespace lathe::memory;

namespace {
bool shareSteps(const Interval &a, const Interval &b) {
  return a.first <= b.last && b.first <= a.last;
}

/// The total where intervals go, in `order`, to the lowest place that is free.
int64_t firstFit(const std::vector<Interval> &intervals, const std::vector<int> &order) {
  std::vector<int64_t> offsets(intervals.size());
  int64_t total = 0;
  for (size_t k = 0; k < order.size(); ++k) {
    const Interval &interval = intervals[order[k]];
    int64_t offset = 0;
    for (bool moved = true; moved;) {
      moved = false;
      for (size_t j = 0; j < k; ++j) {
        const Interval &other = intervals[order[j]];
        if (shareSteps(interval, other) && offset < offsets[order[j]] + other.bytes &&
            offsets[order[j]] < offset + interval.bytes) {
          int64_t end = offsets[order[j]] + other.bytes;
          offset = (end + interval.alignment - 1) / interval.alignment * interval.alignment;
          moved = true;
        }
      }
    }
    offsets[order[k]] = offset;
    total = std::max(total, offset + interval.bytes);
  }
  return total;
}

int64_t bestTotal(const std::vector<Interval> &intervals) {
  std::vector<int> order(intervals.size());
  std::iota(order.begin(), order.end(), 0);
  int64_t best = firstFit(intervals, order);
  while (std::next_permutation(order.begin(), order.end()))
    best = std::min(best, firstFit(intervals, order));
  return best;
}

std::vector<Interval> randomIntervals(std::mt19937 &random, int count, int steps, int64_t alignment) {
  std::vector<Interval> intervals;
  for (int i = 0; i < count; ++i) {
    int first = random() % steps;
    int last = std::min<int>(steps - 1, first + random() % 4);
    intervals.push_back({static_cast<int64_t>(random() % 30) * 37, first, last, alignment});
  }
  return intervals;
}

//   bytes  +---+---+
//    192   | b | c |     b and c never live together: they share a place;
//     64   +---+---+     a lives throughout
//          |   a   |
//      0   +-------+
TEST(ArenaPlan, SharesPlacesOverTime) {
  std::vector<Interval> intervals{{64, 0, 3}, {128, 0, 1}, {128, 2, 3}};
  ArenaPlan plan = planArena(intervals);
  EXPECT_EQ(verify(intervals, plan), "");
  EXPECT_EQ(plan.total, 192);
  EXPECT_EQ(plan.offsets[1], plan.offsets[2]);
}

TEST(ArenaPlan, CountsTheLastStep) {
  std::vector<Interval> intervals{{64, 0, 1}, {64, 1, 2}};
  EXPECT_EQ(planArena(intervals).total, 128) << "at step 1 both live";
  EXPECT_EQ(lowerBound(intervals), 128);
}

TEST(ArenaPlan, AlignsOffsetsAndNotTheTotal) {
  std::vector<Interval> intervals{{100, 0, 0}, {50, 0, 0}, {1, 0, 0, 4096}};
  ArenaPlan plan = planArena(intervals);
  EXPECT_EQ(verify(intervals, plan), "");
  EXPECT_EQ(plan.offsets[2] % 4096, 0);
  EXPECT_EQ(planArena({{100, 0, 0}, {50, 0, 0}}).total, 164) << "the smaller one below, padded to 64";
}

TEST(ArenaPlan, GivesEmptyOnesNoBytes) {
  std::vector<Interval> intervals{{0, 0, 5}, {64, 0, 5}, {0, 2, 3}};
  ArenaPlan plan = planArena(intervals);
  EXPECT_EQ(verify(intervals, plan), "");
  EXPECT_EQ(plan.total, 64);
  EXPECT_EQ(plan.offsets[2], 0);
  EXPECT_EQ(planArena({}).total, 0);
}

TEST(ArenaPlan, RefusesWrongPlans) {
  std::vector<Interval> intervals{{64, 0, 1}, {64, 1, 2}};
  EXPECT_EQ(verify(intervals, {{0, 0}, 64}), "intervals 0 and 1 share bytes");
  EXPECT_EQ(verify(intervals, {{0, 96}, 160}), "interval 1 must lie at a multiple of 64, but got 96");
  EXPECT_EQ(verify(intervals, {{0, 64}, 64}), "total must be 128, but got 64");
  EXPECT_EQ(verify(intervals, {{0}, 64}), "plan must have 2 offsets, but got 1");
  EXPECT_EQ(check({{64, 3, 2}}), "interval 0 begins at step 3, but ends at 2");
  EXPECT_EQ(check({{-1, 0, 0}}), "interval 0 has -1 bytes");
  EXPECT_EQ(check({{1, 0, 0, 48}}), "interval 0 has alignment 48, which is no power of two");
}

TEST(ArenaPlan, ComesNearTheBestOfAllOrders) {
  std::mt19937 random(1);
  int optimal = 0;
  constexpr int cases = 200;
  for (int i = 0; i < cases; ++i) {
    std::vector<Interval> intervals = randomIntervals(random, 7, 8, i % 2 ? 64 : 1);
    ASSERT_EQ(check(intervals), "");
    ArenaPlan plan = planArena(intervals);
    ASSERT_EQ(verify(intervals, plan), "") << "case " << i;
    int64_t best = bestTotal(intervals);
    EXPECT_GE(plan.total, lowerBound(intervals));
    EXPECT_LE(plan.total, best * 1.1) << "case " << i;
    optimal += plan.total <= best;
  }
  EXPECT_GE(optimal, cases * 95 / 100);
}

TEST(ArenaPlan, ComesNearTheBoundOnLargeOnes) {
  std::mt19937 random(3);
  for (int i = 0; i < 20; ++i) {
    std::vector<Interval> intervals = randomIntervals(random, 400, 150, 1);
    ArenaPlan plan = planArena(intervals);
    ASSERT_EQ(verify(intervals, plan), "");
    EXPECT_LE(plan.total, lowerBound(intervals) * 1.15) << "case " << i;
    EXPECT_EQ(plan.offsets, planArena(intervals).offsets);
  }
}
} // namespace
