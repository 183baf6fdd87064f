// SPDX-License-Identifier: Apache-2.0
// The CPU as a device: host memory in huge pages, one pool region per submitted list.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>

#include "pio/base/buffer.h"
#include "pio/base/thread_pool.h"
#include "pio/kernels/cpu/task_ranges.h"
#include "pio/kernels/device.h"

namespace pio::kernels {

/// Runs launches on a thread pool that it shares with every model of the process.
class CpuDevice : public Device {
 public:
  CpuDevice(std::shared_ptr<ThreadPool> pool, Isa isa);

  [[nodiscard]] std::string_view name() const noexcept override { return "cpu"; }
  [[nodiscard]] Isa isa() const noexcept override { return isa_; }
  [[nodiscard]] int workers() const noexcept override { return pool_->size(); }
  [[nodiscard]] std::byte* allocate(int64_t size_bytes, bool sparse) override;
  void free(std::byte* memory) noexcept override;
  void fill(std::byte* to, int64_t size_bytes,
            const std::function<void(std::byte* host)>& write) override;
  void upload(std::byte* to, const std::byte* from_host, int64_t size_bytes) noexcept override;
  void download(std::byte* to_host, const std::byte* from, int64_t size_bytes) noexcept override;
  void submit(std::span<const Launch> launches) noexcept override;
  void wait() noexcept override {}
  void observe(LaunchObserver observer) override { observer_ = std::move(observer); }
  void parallel_for(int64_t count, const std::function<void(int64_t)>& body) override;

 private:
  /// When each launch of a list was done by all workers; none if nobody asks.
  using Ends = std::vector<std::chrono::steady_clock::time_point>;
  void run_launches(std::span<const Launch> launches, int worker, Ends& ends) noexcept;

  std::shared_ptr<ThreadPool> pool_;
  TaskRanges ranges_;  ///< used inside regions of the pool alone, which take turns
  Isa isa_;
  std::mutex mutex_;
  std::map<std::byte*, Buffer> buffers_;
  LaunchObserver observer_;
};

/// The process's pool: default_threads() workers, made at the first call.
[[nodiscard]] std::shared_ptr<ThreadPool> shared_pool();

}  // namespace pio::kernels
