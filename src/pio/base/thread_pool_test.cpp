// SPDX-License-Identifier: Apache-2.0
#include "pio/base/thread_pool.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <chrono>
#include <string>
#include <system_error>
#include <thread>

#include "pio/base/error.h"

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
          pool.barrier();
          for (const int value : written) {
            wrong += value != region * 3 + phase ? 1 : 0;
          }
          pool.barrier();
        }
      });
      ASSERT_EQ(wrong, 0);
    }
  }
}

// The last to come runs the serial part, once, before anybody goes on.
TEST(ThreadPool, BarrierRunsItsSerialPartOnce) {
  for (const int threads : {1, 2, 3}) {
    ThreadPool pool(threads);
    std::atomic<int> arrived{0};
    int serial = 0;  // not atomic: the barrier orders it
    std::atomic<int> wrong{0};
    pool.run([&](int) {
      for (int phase = 1; phase <= 200; ++phase) {
        ++arrived;
        pool.barrier([&] {
          wrong += arrived == threads * phase ? 0 : 1;
          ++serial;
        });
        wrong += serial == phase ? 0 : 1;
        pool.barrier();
      }
    });
    EXPECT_EQ(wrong, 0);
    EXPECT_EQ(serial, 200);
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

// Regions of two callers never overlap: each sees its own number in every worker's place.
TEST(ThreadPool, CallersTakeTurns) {
  ThreadPool pool(3);
  std::vector<int> owner(3, 0);
  std::atomic<int> wrong{0};
  const auto call = [&](int caller) {
    for (int i = 0; i < 500; ++i) {
      pool.run([&](int worker) {
        owner[static_cast<size_t>(worker)] = caller;
        pool.barrier();
        for (const int value : owner) {
          wrong += value != caller ? 1 : 0;
        }
      });
    }
  };
  std::jthread other(call, 1);
  call(2);
  other.join();
  EXPECT_EQ(wrong, 0);
}

TEST(ThreadPool, RefusesFewerThanOneThread) {
  EXPECT_THROW(ThreadPool(0), Error);
  EXPECT_THROW(ThreadPool(-1), Error);
}

// Without the workers that wait being told to leave, this would hang.
TEST(ThreadPool, AThreadThatDoesNotStartIsAnError) {
  int started = 0;
  const auto start = [&](std::function<void()> body) {
    if (++started == 3) {
      throw std::system_error(EAGAIN, std::generic_category());
    }
    return std::jthread(std::move(body));
  };
  try {
    const ThreadPool pool(8, false, start);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kOutOfMemory);
    EXPECT_NE(std::string(error.what()).find("worker 3 of 8"), std::string::npos) << error.what();
  }
}

TEST(ThreadPool, PinnedWorkersRun) {
  ThreadPool pool(3, true);
  std::atomic<int> calls{0};
  pool.run([&](int) { ++calls; });
  EXPECT_EQ(calls, 3);
}

}  // namespace
}  // namespace pio
