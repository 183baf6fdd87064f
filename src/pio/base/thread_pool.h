// SPDX-License-Identifier: Apache-2.0
// The process's pool of persistent workers: one parallel region at a time, with a barrier inside it.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <mutex>
#include <thread>
#include <type_traits>
#include <vector>

namespace pio {

/// Workers 0 .. size()-1; the caller of run() is worker 0. Workers spin for at most 50 us, then sleep.
class ThreadPool {
 public:
  /// Starts a thread that runs its argument; throws std::system_error where the system has none left.
  using StartThread = std::function<std::jthread(std::function<void()>)>;

  /// threads >= 1. pin: bind worker i to the i-th CPU of the affinity mask (worker 0, the caller's
  /// thread, is left alone). Errors: kInvalidArgument (threads < 1), kOutOfMemory (a thread does not start).
  explicit ThreadPool(int threads, bool pin = false, const StartThread& start = start_thread);
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;
  ~ThreadPool();

  [[nodiscard]] int size() const noexcept { return size_; }

  /// Calls body(worker) on every worker at once and returns when all are done. Callers from several
  /// threads take turns; body must not throw nor call run(). Allocates nothing.
  template <class Body>
  void run(Body&& body) noexcept {
    run_raw([](void* context, int worker) { (*static_cast<std::remove_reference_t<Body>*>(context))(worker); },
            &body);
  }

  /// Inside run(): returns when every worker has called it as often as this one. Whoever comes last calls serial()
  /// before anybody goes on: what one thread does in less time than a second barrier takes.
  template <class Serial>
  void barrier(Serial&& serial) noexcept {
    const uint32_t phase = released_.value.load(std::memory_order_relaxed) + 1;
    const uint32_t last = static_cast<uint32_t>(size_) * phase;  // modulo 2^32, as the arrivals
    if (arrived_.value.fetch_add(1, std::memory_order_acq_rel) + 1 == last) {
      serial();
      publish(released_.value, phase);
    } else {
      wait_for(released_.value, phase);
    }
  }
  void barrier() noexcept {
    barrier([] {});
  }

 private:
  using Task = void (*)(void*, int);
  struct alignas(64) Flag {
    std::atomic<uint32_t> value{0};
  };

  static std::jthread start_thread(std::function<void()> body);
  void stop() noexcept;
  void run_raw(Task task, void* context) noexcept;
  void work(int worker) noexcept;
  static void wait_for(const std::atomic<uint32_t>& flag, uint32_t target) noexcept;
  static void publish(std::atomic<uint32_t>& flag, uint32_t value) noexcept;

  int size_;
  std::mutex callers_;  ///< held by the caller whose region runs
  Task task_ = nullptr;
  void* context_ = nullptr;
  Flag start_;     ///< number of the region
  Flag arrived_;   ///< workers that came to a barrier, counting those that end regions
  Flag released_;  ///< barriers passed
  std::atomic<bool> stop_{false};
  std::vector<std::jthread> threads_;
};

/// Default number of workers: usable_cpus(), or the value of PIO_THREADS.
[[nodiscard]] int default_threads();

/// Whether workers should be pinned: the whole affinity mask is ours and PIO_PIN is not 0.
[[nodiscard]] bool default_pinning();

}  // namespace pio
