// SPDX-License-Identifier: Apache-2.0
#include "pio/base/thread_pool.h"

#include <pthread.h>
#include <sched.h>
#include <x86intrin.h>

#include <chrono>

#include "pio/base/cpu_info.h"
#include "pio/base/env.h"
#include "pio/base/error.h"

namespace pio {
namespace {

constexpr auto kSpin = std::chrono::microseconds(50);

void pin_to(std::jthread& thread, int worker) {
  cpu_set_t allowed;
  if (::sched_getaffinity(0, sizeof(allowed), &allowed) != 0) {
    return;
  }
  int seen = 0;
  for (int cpu = 0; cpu < CPU_SETSIZE; ++cpu) {
    if (CPU_ISSET(cpu, &allowed) && seen++ == worker) {
      cpu_set_t one;
      CPU_ZERO(&one);
      CPU_SET(cpu, &one);
      ::pthread_setaffinity_np(thread.native_handle(), sizeof(one), &one);
      return;
    }
  }
}

// Denormals cost hundreds of cycles each in softmax tails; every worker flushes them alike.
void flush_denormals() { _mm_setcsr(_mm_getcsr() | 0x8040u); }

}  // namespace

ThreadPool::ThreadPool(int threads, bool pin) : size_(threads), arrived_(static_cast<size_t>(threads)) {
  PIO_CHECK(threads >= 1, "[thread_pool] got ", threads, " threads, expected at least 1");
  for (int worker = 1; worker < threads; ++worker) {
    threads_.emplace_back([this, worker] { work(worker); });
    if (pin) {
      pin_to(threads_.back(), worker);
    }
  }
}

ThreadPool::~ThreadPool() {
  stop_.store(true, std::memory_order_relaxed);
  publish(start_.value, start_.value.load(std::memory_order_relaxed) + 1);
}

void ThreadPool::run_raw(Task task, void* context) noexcept {
  const unsigned int saved = _mm_getcsr();
  flush_denormals();
  task_ = task;
  context_ = context;
  publish(start_.value, start_.value.load(std::memory_order_relaxed) + 1);
  task(context, 0);
  barrier(0);
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
    barrier(worker);
  }
}

void ThreadPool::barrier(int worker) noexcept {
  auto& mine = arrived_[static_cast<size_t>(worker)].value;
  const uint32_t target = mine.load(std::memory_order_relaxed) + 1;
  publish(mine, target);
  for (int other = 0; other < size_; ++other) {
    if (other != worker) {
      wait_for(arrived_[static_cast<size_t>(other)].value, target);
    }
  }
}

void ThreadPool::publish(std::atomic<uint32_t>& flag, uint32_t value) noexcept {
  flag.store(value, std::memory_order_seq_cst);
  flag.notify_all();
}

void ThreadPool::wait_for(const std::atomic<uint32_t>& flag, uint32_t target) noexcept {
  const auto reached = [&](uint32_t value) { return static_cast<int32_t>(value - target) >= 0; };
  std::chrono::steady_clock::time_point deadline{};
  for (int spins = 1;; ++spins) {
    if (reached(flag.load(std::memory_order_acquire))) {
      return;
    }
    if (spins % 256 == 0) {  // the clock costs more than a spin
      const auto now = std::chrono::steady_clock::now();
      if (deadline == std::chrono::steady_clock::time_point{}) {
        deadline = now + kSpin;
      } else if (now > deadline) {
        break;
      }
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
