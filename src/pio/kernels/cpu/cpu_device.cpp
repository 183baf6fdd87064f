// SPDX-License-Identifier: Apache-2.0
#include "pio/kernels/cpu/cpu_device.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <exception>
#include <utility>

namespace pio::kernels {

CpuDevice::CpuDevice(std::shared_ptr<ThreadPool> pool, Isa isa)
    : pool_(std::move(pool)), ranges_(pool_->size()), isa_(isa) {}

std::byte* CpuDevice::allocate(int64_t size_bytes, bool sparse) {
  constexpr int64_t kHugeFrom = int64_t{4} << 20;  // smaller ones would round up to waste
  Buffer buffer(std::max<int64_t>(size_bytes, 1), !sparse && size_bytes >= kHugeFrom);
  std::byte* data = buffer.data();
  const std::lock_guard lock(mutex_);
  buffers_.emplace(data, std::move(buffer));
  return data;
}

void CpuDevice::free(std::byte* memory) noexcept {
  const std::lock_guard lock(mutex_);
  buffers_.erase(memory);
}

void CpuDevice::fill(std::byte* to, int64_t /*size_bytes*/,
                     const std::function<void(std::byte* host)>& write) {
  write(to);
}

void CpuDevice::upload(std::byte* to, const std::byte* from_host, int64_t size_bytes) noexcept {
  std::memcpy(to, from_host, static_cast<size_t>(size_bytes));
}

void CpuDevice::download(std::byte* to_host, const std::byte* from, int64_t size_bytes) noexcept {
  std::memcpy(to_host, from, static_cast<size_t>(size_bytes));
}

void CpuDevice::submit(std::span<const Launch> launches) noexcept {
  if (launches.empty()) {
    return;
  }
  Ends ends(observer_ ? launches.size() : 0);
  auto begin = std::chrono::steady_clock::now();
  pool_->run([&](int worker) { run_launches(launches, worker, ends); });
  if (observer_) {
    for (size_t i = 0; i < launches.size(); ++i) {
      observer_(launches[i], ends[i] - std::exchange(begin, ends[i]));
    }
  }
}

// Every worker walks the whole list, with a barrier behind each launch of several tasks. Those of one task that
// follow it, as the norms of a single row do, are run inside that barrier: half as many a layer.
void CpuDevice::run_launches(std::span<const Launch> launches, int worker, Ends& ends) noexcept {
  const auto is_single = [&](size_t i) { return launches[i].tasks(launches[i].params) <= 1; };
  int round = 0;
  for (size_t i = 0; i < launches.size(); round = 1 - round) {
    const Launch& launch = launches[i];
    ranges_.run_tasks(round, worker, launch.tasks(launch.params),
                      [&](int64_t begin, int64_t end) { launch.run(launch.params, begin, end); });
    size_t next = i + 1;
    while (next < launches.size() && is_single(next)) {
      ++next;
    }
    const auto done = [&](size_t index) {
      if (!ends.empty()) {
        ends[index] = std::chrono::steady_clock::now();
      }
    };
    pool_->barrier([&] {
      done(i);
      for (size_t j = i + 1; j < next; ++j) {
        const Launch& single = launches[j];
        if (single.tasks(single.params) == 1) {
          single.run(single.params, 0, 1);
        }
        done(j);
      }
    });
    ranges_.renew(round, worker);
    i = next;
  }
}

void CpuDevice::parallel_for(int64_t count, const std::function<void(int64_t)>& body) {
  TaskRanges ranges(workers());
  std::atomic<bool> failed{false};
  std::exception_ptr error;
  std::mutex error_mutex;
  pool_->run([&](int worker) {
    ranges.run_tasks(0, worker, count, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end && !failed; ++i) {
        try {
          body(i);
        } catch (...) {
          const std::lock_guard lock(error_mutex);
          error = error ? error : std::current_exception();
          failed = true;
        }
      }
    });
  });
  if (error) {
    std::rethrow_exception(error);
  }
}

std::shared_ptr<ThreadPool> shared_pool() {
  static const auto pool = std::make_shared<ThreadPool>(default_threads(), default_pinning());
  return pool;
}

}  // namespace pio::kernels
