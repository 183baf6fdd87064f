// SPDX-License-Identifier: Apache-2.0
#include "pio/base/thread_pool.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>


namespace pio {
namespace {

TEST(ThreadPool, BarrierOrdersWritesOfAllWorkers) {
  for (const int threads : {1, 2, 3}) {
    ThreadPool pool(threads);
    std::vector<int> written(static_cast<size_t>(threads), 0);
    for (int region = 1; region <= 200; ++region) {
      std::atomic<int> wrong{0};
      pool.run([&](int worker) {
        for (int phase = 0; phase < 3; ++phase) {
          written[static_cast<size_t>(worker)] = region * 3 + phase;
          pool.barrier(worker);
          for (const int value : written) {
            wrong += value != region * 3 + phase ? 1 : 0;
          }
          pool.barrier(worker);
        }
      });
      ASSERT_EQ(wrong, 0);
    }
  }
}

TEST(ThreadPool, WakesFromSleep) {
  ThreadPool pool(2);
  for (int i = 0; i < 3; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    std::atomic<int> calls{0};
    pool.run([&](int) { ++calls; });
    EXPECT_EQ(calls, 2);
  }
}

}  // namespace
}  // namespace pio
