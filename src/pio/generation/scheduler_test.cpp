// SPDX-License-Identifier: Apache-2.0
#include "pio/generation/scheduler.h"

#include <gtest/gtest.h>

#include <chrono>

namespace pio::generation {
namespace {

constexpr int64_t kContext = 256;
const std::unordered_set<int32_t> kNoEos;

std::shared_ptr<Sequence> sequence(int64_t prompt, int64_t max_tokens = 1) {
  Request request;
  request.ids.assign(static_cast<size_t>(prompt), 7);
  request.max_tokens = max_tokens;
  return std::make_shared<Sequence>(std::move(request), nullptr, kContext);
}

// Runs one step; returns how many sequences it had.
size_t step(Scheduler& scheduler) {
  const auto items = scheduler.schedule();
  const size_t count = items.size();
  size_t wanted = 0;
  for (const Scheduled& item : items) {
    wanted += item.wants_token ? 1 : 0;
  }
  scheduler.commit(std::vector<int32_t>(wanted, 5), kNoEos);
  return count;
}

TEST(Scheduler, FirstComeFirstServedWhenMoreWaitThanRun) {
  BlockManager blocks(64);
  Scheduler scheduler(64, 2, blocks);
  std::vector<std::shared_ptr<Sequence>> all;
  const auto add = [&](int count) {
    for (int i = 0; i < count; ++i) {
      scheduler.add(all.emplace_back(sequence(3)));
    }
  };
  add(5);
  size_t done = 0;
  for (int round = 0; !scheduler.is_idle(); ++round) {
    EXPECT_LE(step(scheduler), 2u);
    done += 2;
    for (size_t i = 0; i < all.size(); ++i) {
      EXPECT_EQ(all[i]->is_finished(), i < done) << i;
    }
    if (round < 3) {
      add(3);  // while others wait
    }
  }
  EXPECT_EQ(all.size(), 14u);
  EXPECT_EQ(blocks.free_pages(), blocks.pages());
}

TEST(Scheduler, AStepTakesNoLongerWhereManyWait) {
  BlockManager blocks(64);
  Scheduler scheduler(64, 1, blocks);
  constexpr int kWaiting = 50'000;
  for (int i = 0; i < kWaiting; ++i) {
    scheduler.add(sequence(1));
  }
  const auto start = std::chrono::steady_clock::now();
  int steps = 0;
  for (; !scheduler.is_idle(); ++steps) {
    step(scheduler);
  }
  EXPECT_EQ(steps, kWaiting);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

}  // namespace
}  // namespace pio::generation
