// SPDX-License-Identifier: Apache-2.0
// The token loop on a thread of its own: requests from any thread share its steps.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "pio/generation/generator.h"

namespace pio::generation {

/// A request on its way through a Service.
class Ticket {
 public:
  Ticket(Request request, std::function<void()> on_end) : request_(std::move(request)), on_end_(std::move(on_end)) {}

  /// Whether the answer is there, waiting for it no longer than `timeout`.
  [[nodiscard]] bool wait_for(std::chrono::milliseconds timeout);
  /// Waits until it is.
  void wait();
  /// Ends the request soon, with kCancelled. The Service may be gone.
  void cancel() noexcept { is_cancelled_ = true; }
  /// The answer, once; only when wait_for() was true. Errors: what Generator::submit threw.
  [[nodiscard]] GenerationResult take();

 private:
  friend class Service;
  void finish(GenerationResult result, std::exception_ptr error);

  Request request_;
  std::function<void()> on_end_;
  std::atomic<bool> is_cancelled_ = false;
  std::shared_ptr<Sequence> sequence_;  // of the loop's thread
  std::mutex mutex_;
  std::condition_variable done_;
  bool is_done_ = false;
  GenerationResult result_;
  std::exception_ptr error_;
};

/// Drives a generator that nobody else uses meanwhile, each step in its runner's turn. Thread-safe.
class Service {
 public:
  explicit Service(Generator& generator);
  Service(const Service&) = delete;
  Service& operator=(const Service&) = delete;
  /// Cancels what is not answered yet.
  ~Service();

  /// Queues a request. Its on_text, and on_end when the answer is there, are called on the loop's thread.
  [[nodiscard]] std::shared_ptr<Ticket> submit(Request request, std::function<void()> on_end = nullptr);
  /// Ends all requests under way or queued, soon, with kCancelled.
  void cancel_all();
  /// Steps since the start.
  [[nodiscard]] int64_t steps() const noexcept { return steps_; }

 private:
  void run();
  void take_inbox();
  void settle();

  Generator& generator_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<std::shared_ptr<Ticket>> inbox_;
  bool stop_ = false;
  std::vector<std::shared_ptr<Ticket>> active_;  // changed by the loop's thread alone, under the lock
  std::atomic<int64_t> steps_ = 0;
  std::jthread thread_;
};

}  // namespace pio::generation
