// SPDX-License-Identifier: Apache-2.0
#include "pio/generation/service.h"

namespace pio::generation {

bool Ticket::wait_for(std::chrono::milliseconds timeout) {
  std::unique_lock lock(mutex_);
  return done_.wait_for(lock, timeout, [this] { return is_done_; });
}

void Ticket::wait() {
  std::unique_lock lock(mutex_);
  done_.wait(lock, [this] { return is_done_; });
}

GenerationResult Ticket::take() {
  if (error_ != nullptr) {
    std::rethrow_exception(error_);
  }
  return std::move(result_);
}

void Ticket::finish(GenerationResult result, std::exception_ptr error) {
  {
    const std::scoped_lock lock(mutex_);
    result_ = std::move(result);
    error_ = std::move(error);
    is_done_ = true;
  }
  done_.notify_all();
  if (on_end_) {
    on_end_();
  }
}

Service::Service(Generator& generator) : generator_(generator), thread_([this] { run(); }) {}

Service::~Service() {
  {
    const std::scoped_lock lock(mutex_);
    stop_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

std::shared_ptr<Ticket> Service::submit(Request request, std::function<void()> on_end) {
  auto ticket = std::make_shared<Ticket>(std::move(request), std::move(on_end));
  {
    const std::scoped_lock lock(mutex_);
    inbox_.push_back(ticket);
  }
  wake_.notify_one();
  return ticket;
}

void Service::cancel_all() {
  const std::scoped_lock lock(mutex_);
  for (const auto& tickets : {inbox_, active_}) {
    for (const auto& ticket : tickets) {
      ticket->cancel();
    }
  }
}

void Service::run() {
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stop_ || !inbox_.empty() || !active_.empty(); });
      if (stop_) {
        for (const auto& ticket : inbox_) {
          ticket->finish({.finish_reason = FinishReason::kCancelled}, nullptr);
        }
        break;
      }
    }
    const std::scoped_lock turn(generator_.runner().turn());
    take_inbox();
    generator_.step();
    ++steps_;
    settle();
  }
  const std::scoped_lock turn(generator_.runner().turn());
  for (const auto& ticket : active_) {
    ticket->cancel();
  }
  settle();
  generator_.step();  // drops the cancelled sequences, with their pages
}

void Service::take_inbox() {
  std::vector<std::shared_ptr<Ticket>> fresh;
  {
    const std::scoped_lock lock(mutex_);
    fresh.swap(inbox_);
  }
  for (auto& ticket : fresh) {
    try {
      ticket->sequence_ = generator_.submit(std::move(ticket->request_));
      const std::scoped_lock lock(mutex_);
      active_.push_back(std::move(ticket));
    } catch (...) {
      ticket->finish({}, std::current_exception());
    }
  }
}

void Service::settle() {
  const std::scoped_lock lock(mutex_);
  std::erase_if(active_, [](const std::shared_ptr<Ticket>& ticket) {
    Sequence& sequence = *ticket->sequence_;
    if (ticket->is_cancelled_ && !sequence.is_finished()) {
      sequence.cancel(FinishReason::kCancelled);
    }
    if (!sequence.is_finished()) {
      return false;
    }
    ticket->finish(sequence.take_result(), nullptr);
    return true;
  });
}

}  // namespace pio::generation
