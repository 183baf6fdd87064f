// SPDX-License-Identifier: Apache-2.0
#include "pio/kernels/cpu/cpu_device.h"

#include <algorithm>
#include <cstring>
#include <exception>
#include <utility>

namespace pio::kernels {

CpuDevice::CpuDevice(std::shared_ptr<ThreadPool> pool, Isa isa) : pool_(std::move(pool)), isa_(isa) {}

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
  Counters counters;  // of this list alone: another caller may submit meanwhile
  Ends ends(observer_ ? launches.size() : 0);
  auto begin = std::chrono::steady_clock::now();
  pool_->run([&](int worker) { run_launches(launches, counters, ends, worker); });
  if (observer_) {
    ends.back() = std::chrono::steady_clock::now();
    for (size_t i = 0; i < launches.size(); ++i) {
      observer_(launches[i], ends[i] - std::exchange(begin, ends[i]));
    }
  }
}

// Tasks to take of those left. Without a grain parts shrink towards the end: few of them, and a slow or busy
// core holds up little.
int64_t CpuDevice::part_of(int64_t left, int64_t grain, int64_t workers) noexcept {
  constexpr int64_t kShares = 4;  // of a worker's equal part
  if (workers == 1) {
    return left;
  }
  return grain > 0 ? grain : std::max<int64_t>(1, left / (kShares * workers));
}

// Every worker walks the whole list; a barrier separates neighbours. A counter is reset two launches after its
// use, when nobody can still be reading it.
void CpuDevice::run_launches(std::span<const Launch> launches, Counters& counters, Ends& ends,
                             int worker) noexcept {
  const int64_t workers = pool_->size();
  for (size_t i = 0; i < launches.size(); ++i) {
    const Launch& launch = launches[i];
    const int64_t tasks = launch.tasks(launch.params);
    auto& next = counters[i % counters.size()].next;
    for (int64_t begin = next.load(std::memory_order_relaxed); begin < tasks;) {
      const int64_t end = std::min(tasks, begin + part_of(tasks - begin, launch.grain, workers));
      if (next.compare_exchange_weak(begin, end, std::memory_order_relaxed)) {
        launch.run(launch.params, begin, end);
        begin = next.load(std::memory_order_relaxed);
      }
    }
    if (worker == 0) {
      counters[(i + 2) % counters.size()].next.store(0, std::memory_order_relaxed);
    }
    if (i + 1 < launches.size()) {
      pool_->barrier(worker);
      if (worker == 0 && !ends.empty()) {
        ends[i] = std::chrono::steady_clock::now();
      }
    }
  }
}

void CpuDevice::parallel_for(int64_t count, const std::function<void(int64_t)>& body) {
  std::atomic<int64_t> next{0};
  std::exception_ptr error;
  std::mutex error_mutex;
  pool_->run([&](int) {
    for (int64_t i = next++; i < count; i = next++) {
      try {
        body(i);
      } catch (...) {
        const std::lock_guard lock(error_mutex);
        error = error ? error : std::current_exception();
        next = count;
      }
    }
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
