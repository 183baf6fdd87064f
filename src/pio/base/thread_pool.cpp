// SPDX-License-Identifier: Apache-2.0
#include "pio/base/thread_pool.h"

#include <pthread.h>
#include <sched.h>
#include <x86intrin.h>

#include <chrono>
#include <exception>
#include <utility>

#include "pio/base/cpu_info.h"
#include "pio/base/env.h"
#include "pio/base/error.h"

namespace pio {
namespace {

constexpr auto kSpin = std::chrono::microseconds(50);
constexpr int kProbesWithoutPause = 256;  // a barrier between busy workers takes less
constexpr int kPausesPerClock = 32;       // the clock costs more than a probe

int checked_size(int threads) {
  PIO_CHECK(threads >= 1, "[thread_pool] got ", threads, " threads, expected at least 1");
  return threads;
}

void pin_to(std::jthread& thread, int cpu) {
  const std::vector<unsigned long> mask = cpu_mask(cpu);  // NOLINT(google-runtime-int)
  ::pthread_setaffinity_np(thread.native_handle(), mask.size() * sizeof(mask[0]),
                           reinterpret_cast<const cpu_set_t*>(mask.data()));
}

// Denormals cost hundreds of cycles each in softmax tails; every worker flushes them alike.
void flush_denormals() { _mm_setcsr(_mm_getcsr() | 0x8040u); }

}  // namespace

ThreadPool::ThreadPool(int threads, bool pin, const StartThread& start)
    : size_(checked_size(threads)) {
  const std::vector<int> cpus = pin ? affinity_cpus() : std::vector<int>();
  try {
    threads_.reserve(static_cast<size_t>(threads - 1));
    for (int worker = 1; worker < threads; ++worker) {
      threads_.push_back(start([this, worker] { work(worker); }));
      if (static_cast<size_t>(worker) < cpus.size()) {
        pin_to(threads_.back(), cpus[static_cast<size_t>(worker)]);
      }
    }
  } catch (const std::exception& error) {
    stop();  // those that started wait for a region
    fail(ErrorCode::kOutOfMemory, concat("[thread_pool] cannot start worker ", threads_.size() + 1, " of ",
                                         threads, ": ", error.what()));
  }
}

ThreadPool::~ThreadPool() { stop(); }

std::jthread ThreadPool::start_thread(std::function<void()> body) { return std::jthread(std::move(body)); }

// The workers leave; the threads are joined where threads_ is destroyed.
void ThreadPool::stop() noexcept {
  stop_.store(true, std::memory_order_relaxed);
  publish(start_.value, start_.value.load(std::memory_order_relaxed) + 1);
}

void ThreadPool::run_raw(Task task, void* context) noexcept {
  const std::lock_guard turn(callers_);
  const unsigned int saved = _mm_getcsr();
  flush_denormals();
  task_ = task;
  context_ = context;
  publish(start_.value, start_.value.load(std::memory_order_relaxed) + 1);
  task(context, 0);
  barrier();
  _mm_setcsr(saved);
}

void ThreadPool::work(int worker) noexcept {
  flush_denormals();
  for (uint32_t region = 1;; ++region) {
    wait_for(start_.value, region);
    if (stop_.load(std::memory_order_relaxed)) {
      return;
    }
    task_(context_, worker);
    barrier();
  }
}

void ThreadPool::publish(std::atomic<uint32_t>& flag, uint32_t value) noexcept {
  flag.store(value, std::memory_order_seq_cst);
  flag.notify_all();
}

void ThreadPool::wait_for(const std::atomic<uint32_t>& flag, uint32_t target) noexcept {
  const auto reached = [&](uint32_t value) { return static_cast<int32_t>(value - target) >= 0; };
  for (int probe = 0; probe < kProbesWithoutPause; ++probe) {
    if (reached(flag.load(std::memory_order_acquire))) {
      return;
    }
  }
  for (const auto deadline = std::chrono::steady_clock::now() + kSpin;
       std::chrono::steady_clock::now() < deadline;) {
    for (int pause = 0; pause < kPausesPerClock; ++pause) {
      if (reached(flag.load(std::memory_order_acquire))) {
        return;
      }
      _mm_pause();  // leaves the core to its other hyperthread
    }
  }
  for (uint32_t value = flag.load(std::memory_order_acquire); !reached(value);
       value = flag.load(std::memory_order_acquire)) {
    flag.wait(value, std::memory_order_acquire);
  }
}

int default_threads() {
  const auto wanted = env_int("PIO_THREADS", 1, 1024);
  return wanted ? static_cast<int>(*wanted) : usable_cpus();
}

bool default_pinning() { return env_flag("PIO_PIN").value_or(true) && has_whole_affinity_mask(); }

}  // namespace pio
