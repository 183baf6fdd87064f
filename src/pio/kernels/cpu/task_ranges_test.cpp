// SPDX-License-Identifier: Apache-2.0
#include "pio/kernels/cpu/task_ranges.h"

#include <gtest/gtest.h>

#include <thread>
#include <utility>

namespace pio::kernels {
namespace {

using Parts = std::vector<std::pair<int64_t, int64_t>>;

Parts parts_of(TaskRanges& ranges, int round, int worker, int64_t count) {
  Parts parts;
  ranges.run_tasks(round, worker, count,
                   [&](int64_t begin, int64_t end) { parts.emplace_back(begin, end); });
  return parts;
}

TEST(TaskRanges, OneWorkerTakesAllAtOnce) {
  TaskRanges ranges(1);
  EXPECT_EQ(parts_of(ranges, 0, 0, 100), (Parts{{0, 100}}));
  EXPECT_EQ(parts_of(ranges, 1, 0, 3), (Parts{{0, 3}}));
}

// The owner's parts follow each other and shrink; of the other's range, whose owner is late, the back goes first.
TEST(TaskRanges, OwnRangeFromTheFrontThenHelpFromTheBack) {
  TaskRanges ranges(2);
  EXPECT_EQ(parts_of(ranges, 0, 0, 16), (Parts{{0, 2}, {2, 3}, {3, 4}, {4, 5}, {5, 6}, {6, 7}, {7, 8},
                                               {14, 16}, {13, 14}, {12, 13}, {11, 12}, {10, 11}, {9, 10}, {8, 9}}));
  EXPECT_EQ(parts_of(ranges, 0, 1, 16), Parts{});
}

TEST(TaskRanges, ARangeBeginsAnewWhereRenewed) {
  TaskRanges ranges(2);
  parts_of(ranges, 0, 1, 4);
  EXPECT_EQ(parts_of(ranges, 1, 0, 4).size(), 4u);  // the other round has its own
  ranges.renew(0, 1);
  EXPECT_EQ(parts_of(ranges, 0, 0, 4), (Parts{{3, 4}, {2, 3}}));
  ranges.renew(0, 0);
  EXPECT_EQ(parts_of(ranges, 0, 1, 4), (Parts{{1, 2}, {0, 1}}));
}

TEST(TaskRanges, WorkersAtOnceRunEveryTaskOnce) {
  constexpr int kWorkers = 3;
  for (const int64_t count : {0, 1, 2, 3, 10, 1000}) {
    TaskRanges ranges(kWorkers);
    std::vector<std::atomic<int>> runs(static_cast<size_t>(count));
    for (int launch = 0; launch < 20; ++launch) {
      std::vector<std::jthread> workers;
      for (int worker = 0; worker < kWorkers; ++worker) {
        workers.emplace_back([&, worker] {
          ranges.run_tasks(launch % 2, worker, count, [&](int64_t begin, int64_t end) {
            for (int64_t task = begin; task < end; ++task) {
              ++runs[static_cast<size_t>(task)];
            }
          });
        });
      }
      workers.clear();
      for (int worker = 0; worker < kWorkers; ++worker) {
        ranges.renew(launch % 2, worker);
      }
    }
    EXPECT_TRUE(std::ranges::all_of(runs, [](const auto& n) { return n == 20; })) << count;
  }
}

}  // namespace
}  // namespace pio::kernels
