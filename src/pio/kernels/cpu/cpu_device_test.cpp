// SPDX-License-Identifier: Apache-2.0
#include "pio/kernels/cpu/cpu_device.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "pio/base/error.h"

namespace pio::kernels {
namespace {

class CpuDeviceTest : public testing::Test {
 protected:
  std::shared_ptr<CpuDevice> device_ =
      std::make_shared<CpuDevice>(std::make_shared<ThreadPool>(3), Isa::kReference);
};

TEST_F(CpuDeviceTest, SaysWhatItIs) {
  EXPECT_EQ(device_->name(), "cpu");
  EXPECT_EQ(device_->isa(), Isa::kReference);
  EXPECT_EQ(device_->workers(), 3);
}

TEST_F(CpuDeviceTest, MemoryIsZeroAndTakesWhatIsUploaded) {
  for (const bool sparse : {false, true}) {
    for (const int64_t size : {int64_t{1}, int64_t{1000}, int64_t{5} << 20}) {
      const DeviceBuffer buffer(device_, size, sparse);
      std::vector<std::byte> host(static_cast<size_t>(size), std::byte{1});
      device_->download(host.data(), buffer.data(), size);
      EXPECT_TRUE(
          std::all_of(host.begin(), host.end(), [](std::byte b) { return b == std::byte{0}; }));
      std::fill(host.begin(), host.end(), std::byte{7});
      device_->upload(buffer.data(), host.data(), size);
      EXPECT_EQ(buffer.data()[size - 1], std::byte{7});
      device_->fill(buffer.data(), 1, [](std::byte* to) { *to = std::byte{9}; });
      device_->download(host.data(), buffer.data(), 1);
      EXPECT_EQ(host[0], std::byte{9});
    }
  }
}

// A cache of a long context is sparse: most of it is never touched, and never resident.
TEST_F(CpuDeviceTest, SparseMemoryMayExceedTheMachine) {
  const DeviceBuffer buffer(device_, int64_t{1} << 42, true);
  buffer.data()[int64_t{1} << 41] = std::byte{1};
  EXPECT_EQ(buffer.data()[(int64_t{1} << 41) + 1], std::byte{0});
}

TEST_F(CpuDeviceTest, AnEmptyBufferIsABuffer) {
  EXPECT_NE(DeviceBuffer(device_, 0).data(), nullptr);
  EXPECT_THROW(DeviceBuffer(device_, int64_t{1} << 60), Error);
}

// Task t of a step adds 1 to cells[t], if the step before is complete.
struct Step {
  std::vector<std::atomic<int>>* cells;
  std::atomic<int>* early;
  int number;
};

void run_step(const void* params, int64_t begin, int64_t end) noexcept {
  const auto& p = *static_cast<const Step*>(params);
  for (const auto& cell : *p.cells) {
    *p.early += cell < p.number ? 1 : 0;
  }
  for (int64_t task = begin; task < end; ++task) {
    ++(*p.cells)[static_cast<size_t>(task)];
  }
}

int64_t count_tasks(const void* params) noexcept {
  return static_cast<int64_t>(static_cast<const Step*>(params)->cells->size());
}

// Every task of a step runs once, and after all of the step before.
void run_in_order(CpuDevice& device, int64_t cells_count) {
  constexpr int kSteps = 30;
  std::vector<std::atomic<int>> cells(static_cast<size_t>(cells_count));
  std::atomic<int> early{0};
  std::vector<Step> steps;
  std::vector<Launch> launches;
  steps.reserve(kSteps);
  for (int i = 0; i < kSteps; ++i) {
    steps.push_back({&cells, &early, i});
    launches.push_back({&run_step, &count_tasks, &steps.back()});
  }
  device.submit(launches);
  device.wait();
  EXPECT_EQ(early, 0);
  EXPECT_TRUE(
      std::all_of(cells.begin(), cells.end(), [](const auto& cell) { return cell == kSteps; }));
}

TEST_F(CpuDeviceTest, LaunchesRunInOrderEachTaskOnce) {
  for (const int64_t cells : {0, 1, 2, 7, 100}) {
    run_in_order(*device_, cells);
  }
  device_->submit({});
  CpuDevice alone(std::make_shared<ThreadPool>(1), Isa::kReference);
  run_in_order(alone, 10);
}

TEST_F(CpuDeviceTest, ObserverIsToldOfEveryLaunchInOrder) {
  std::vector<const void*> seen;
  std::chrono::nanoseconds sum{};
  device_->observe([&](const Launch& launch, std::chrono::nanoseconds took) {
    seen.push_back(launch.params);
    EXPECT_GE(took.count(), 0);
    sum += took;
  });
  const auto begin = std::chrono::steady_clock::now();
  run_in_order(*device_, 7);
  EXPECT_LE(sum, std::chrono::steady_clock::now() - begin);
  ASSERT_EQ(seen.size(), 30u);
  EXPECT_TRUE(std::ranges::is_sorted(seen));
  device_->observe(nullptr);
  run_in_order(*device_, 7);
  EXPECT_EQ(seen.size(), 30u);
}

TEST_F(CpuDeviceTest, CallersOfOneDeviceDoNotMix) {
  const auto call = [&] {
    for (int i = 0; i < 50; ++i) {
      run_in_order(*device_, 11);
    }
  };
  std::jthread other(call);
  call();
}

TEST_F(CpuDeviceTest, ParallelForThrowsTheFirstError) {
  std::vector<std::atomic<int>> calls(100);
  device_->parallel_for(100, [&](int64_t i) { ++calls[static_cast<size_t>(i)]; });
  EXPECT_TRUE(std::all_of(calls.begin(), calls.end(), [](const auto& n) { return n == 1; }));
  EXPECT_THROW(device_->parallel_for(10,
                                     [](int64_t i) {
                                       if (i == 3) {
                                         throw std::runtime_error("body");
                                       }
                                     }),
               std::runtime_error);
}

TEST(SharedPool, IsOne) { EXPECT_EQ(shared_pool(), shared_pool()); }

}  // namespace
}  // namespace pio::kernels
