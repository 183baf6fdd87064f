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
  Counter counter;  // of this list alone: another caller may submit meanwhile
  Ends ends(observer_ ? launches.size() : 0);
  auto begin = std::chrono::steady_clock::now();
  pool_->run([&](int) { run_launches(launches, counter, ends); });
  if (observer_) {
    for (size_t i = 0; i < launches.size(); ++i) {
      observer_(launches[i], ends[i] - std::exchange(begin, ends[i]));
    }
  }
}

// Tasks to take of those left: parts shrink towards the end, so that they are few, neighbours stay together and a
// slow or busy core holds up little.
int64_t CpuDevice::part_of(int64_t left, int64_t workers) noexcept {
  constexpr int64_t kShares = 4;  // of a worker's equal part
  return workers == 1 ? left : std::max<int64_t>(1, left / (kShares * workers));
}

void CpuDevice::run_tasks(const Launch& launch, Counter& counter) const noexcept {
  const int64_t tasks = launch.tasks(launch.params);
  for (int64_t begin = counter.next.load(std::memory_order_relaxed); begin < tasks;) {
    const int64_t end = std::min(tasks, begin + part_of(tasks - begin, pool_->size()));
    if (counter.next.compare_exchange_weak(begin, end, std::memory_order_relaxed)) {
      launch.run(launch.params, begin, end);
      begin = counter.next.load(std::memory_order_relaxed);
    }
  }
}

// Every worker walks the whole list, with a barrier behind each launch of several tasks. Those of one task that
// follow it, as the norms of a single row do, are run inside that barrier: half as many a layer.
void CpuDevice::run_launches(std::span<const Launch> launches, Counter& counter, Ends& ends) noexcept {
  const auto is_single = [&](size_t i) { return launches[i].tasks(launches[i].params) <= 1; };
  for (size_t i = 0; i < launches.size();) {
    run_tasks(launches[i], counter);
    size_t next = i + 1;
    while (next < launches.size() && is_single(next)) {
      ++next;
    }
    const auto done = [&](size_t launch) {
      if (!ends.empty()) {
        ends[launch] = std::chrono::steady_clock::now();
      }
    };
    pool_->barrier([&] {
      done(i);
      for (size_t single = i + 1; single < next; ++single) {
        const Launch& launch = launches[single];
        if (launch.tasks(launch.params) == 1) {
          launch.run(launch.params, 0, 1);
        }
        done(single);
      }
      counter.next.store(0, std::memory_order_relaxed);
    });
    i = next;
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
