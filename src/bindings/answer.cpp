// SPDX-License-Identifier: Apache-2.0
#include "answer.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>

#include "pio/base/error.h"

namespace pio::bindings {
namespace {

constexpr std::chrono::milliseconds kSignalPeriod{50};  // how soon Ctrl-C is seen

// Calls done(), which waits for kSignalPeriod at most, without the GIL until it is true.
template <class Done>
void wait_until(Answer& answer, const Done& done) {
  for (bool is_done = false; !is_done;) {
    {
      nb::gil_scoped_release release;
      is_done = done();
    }
    if (PyErr_CheckSignals() != 0) {
      answer.cancel();
      throw nb::python_error();
    }
  }
}

}  // namespace

// Pieces on their way from the loop's thread.
class Answer::Pieces {
 public:
  void push(std::string_view piece) {
    if (piece.empty()) {
      return;
    }
    {
      const std::scoped_lock lock(mutex_);
      pieces_.emplace_back(piece);
    }
    ready_.notify_one();
  }
  // There will be no more.
  void end() {
    {
      const std::scoped_lock lock(mutex_);
      is_ended_ = true;
    }
    ready_.notify_one();
  }
  // Whether there is a piece, or the end, within kSignalPeriod.
  bool wait() {
    std::unique_lock lock(mutex_);
    return ready_.wait_for(lock, kSignalPeriod, [this] { return is_ended_ || !pieces_.empty(); });
  }
  // The next piece; empty at the end.
  std::string pop() {
    const std::scoped_lock lock(mutex_);
    if (pieces_.empty()) {
      return {};
    }
    std::string out = std::move(pieces_.front());
    pieces_.pop_front();
    return out;
  }

 private:
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<std::string> pieces_;
  bool is_ended_ = false;
};

Answer::Answer(std::shared_ptr<plugin::LoadedModel> model, generation::Request request)
    : model_(std::move(model)), pieces_(std::make_shared<Pieces>()) {
  request.on_text = [pieces = pieces_](std::string_view piece) {
    pieces->push(piece);
    return true;
  };
  ticket_ = model_->service().submit(std::move(request), [pieces = pieces_] { pieces->end(); });
}

void Answer::cancel() noexcept {
  is_cancelled_ = true;
  ticket_->cancel();
}

generation::GenerationResult Answer::result() {
  wait_until(*this, [this] { return ticket_->wait_for(kSignalPeriod); });
  generation::GenerationResult out = ticket_->take();
  if (out.finish_reason == generation::FinishReason::kError) {
    fail(ErrorCode::kInternal, out.error);
  }
  return out;
}

std::string Answer::next_piece() {
  wait_until(*this, [this] { return pieces_->wait(); });
  std::string piece = pieces_->pop();
  if (piece.empty()) {
    const generation::GenerationResult out = result();
    if (out.finish_reason == generation::FinishReason::kCancelled && !is_cancelled_) {
      fail(ErrorCode::kCancelled, "[model] was closed before the answer ended");
    }
    throw nb::stop_iteration();
  }
  return piece;
}

}  // namespace pio::bindings
