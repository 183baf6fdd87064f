// SPDX-License-Identifier: Apache-2.0
#include "pio/plan/memory_planner.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

namespace pio::plan {
namespace {

void expect_sound(const std::vector<Lifetime>& values, const Placement& placement) {
  ASSERT_EQ(placement.offsets.size(), values.size());
  for (size_t i = 0; i < values.size(); ++i) {
    const int64_t begin = placement.offsets[i];
    EXPECT_EQ(begin % 64, 0);
    EXPECT_LE(begin + values[i].size_bytes, placement.size_bytes);
    for (size_t j = 0; j < i; ++j) {
      const bool together = values[j].first <= values[i].last && values[i].first <= values[j].last;
      const bool apart = begin + values[i].size_bytes <= placement.offsets[j] ||
                         placement.offsets[j] + values[j].size_bytes <= begin;
      const bool empty = values[i].size_bytes == 0 || values[j].size_bytes == 0;
      ASSERT_TRUE(!together || apart || empty) << "values " << i << " and " << j << " overlap";
    }
  }
}

TEST(MemoryPlanner, NothingNeedsNothing) {
  const Placement placement = place({});
  EXPECT_TRUE(placement.offsets.empty());
  EXPECT_EQ(placement.size_bytes, 0);
}

TEST(MemoryPlanner, MemoryIsUsedAgainOnceAValueIsDead) {
  const std::vector<Lifetime> chain = {{1024, 0, 1}, {1024, 1, 2}, {1024, 2, 3}, {1024, 3, 4}};
  const Placement placement = place(chain);
  expect_sound(chain, placement);
  EXPECT_EQ(placement.size_bytes, 2 * 1024);
}

// The last step of one life is the first of the next: both are in use during it.
TEST(MemoryPlanner, EndsAreInclusive) {
  EXPECT_EQ(place({{64, 0, 3}, {64, 3, 5}}).size_bytes, 128);
  EXPECT_EQ(place({{64, 0, 3}, {64, 4, 5}}).size_bytes, 64);
}

TEST(MemoryPlanner, RandomLivesNeverOverlap) {
  std::mt19937 random(1);
  const auto upto = [&](int64_t limit) {
    return std::uniform_int_distribution<int64_t>(0, limit)(random);
  };
  for (int round = 0; round < 300; ++round) {
    std::vector<Lifetime> values(static_cast<size_t>(upto(60)));
    int64_t total = 0;
    for (Lifetime& value : values) {
      const int64_t first = upto(30);
      value = {upto(5000), first, first + upto(10)};
      total += value.size_bytes + 64;
    }
    const Placement placement = place(values);
    expect_sound(values, placement);
    EXPECT_LE(placement.size_bytes, total);
  }
}

}  // namespace
}  // namespace pio::plan
