// SPDX-License-Identifier: Apache-2.0
// Who runs which tasks of a launch: every worker has a range of its own, and helps where one has tasks left.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <vector>

namespace pio::kernels {

/// Shares out the tasks of one launch after the other, which a barrier separates. A worker's range is the same part of
/// every launch of as many tasks: its memory stays near it, and the weights of its tasks follow each other.
class TaskRanges {
 public:
  explicit TaskRanges(int workers) : taken_(2 * static_cast<size_t>(workers)) {}

  /// Calls run(begin, end) for tasks of [0, count) until none is left. round: 0, 1, 0 ... in turn.
  template <class Run>
  void run_tasks(int round, int worker, int64_t count, const Run& run) noexcept {
    const int all = workers();
    if (all == 1) {
      return run(int64_t{0}, count);
    }
    for (int i = 0; i < all; ++i) {
      const int owner = worker + i < all ? worker + i : worker + i - all;
      const int64_t begin = count * owner / all;
      const int64_t end = count * (owner + 1) / all;
      while (const Part part = take(taken(round, owner), end - begin, i == 0)) {
        run(begin + part.begin, begin + part.end);
      }
    }
  }

  /// Has the worker's range of `round` begin anew: behind the barrier that ends the launch.
  void renew(int round, int worker) noexcept { taken(round, worker).store(0, std::memory_order_relaxed); }

 private:
  /// Tasks taken off a range: from its front in the low half, which the owner does, from its back in the high one.
  struct alignas(64) Taken {
    std::atomic<uint64_t> ends{0};
  };
  struct Part {
    int64_t begin = 0;
    int64_t end = 0;
    explicit operator bool() const noexcept { return begin < end; }
  };

  [[nodiscard]] int workers() const noexcept { return static_cast<int>(taken_.size() / 2); }
  [[nodiscard]] std::atomic<uint64_t>& taken(int round, int worker) noexcept {
    return taken_[static_cast<size_t>(round * workers() + worker)].ends;
  }

  // Parts shrink towards the end, so that a slow or busy core holds up little, and neighbours stay together.
  static Part take(std::atomic<uint64_t>& taken, int64_t size, bool own) noexcept {
    constexpr int64_t kShare = 4;  // of what is left of a range
    uint64_t ends = taken.load(std::memory_order_relaxed);
    for (;;) {
      const auto front = static_cast<int64_t>(ends & 0xffffffffu);
      const auto back = static_cast<int64_t>(ends >> 32);
      const int64_t left = size - front - back;
      if (left <= 0) {
        return {};
      }
      const int64_t count = std::max<int64_t>(1, left / kShare);
      const uint64_t next = ends + (static_cast<uint64_t>(count) << (own ? 0 : 32));
      if (taken.compare_exchange_weak(ends, next, std::memory_order_relaxed)) {
        return own ? Part{front, front + count} : Part{size - back - count, size - back};
      }
    }
  }

  std::vector<Taken> taken_;
};

}  // namespace pio::kernels
