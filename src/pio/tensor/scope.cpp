// SPDX-License-Identifier: Apache-2.0
#include "pio/tensor/scope.h"

#include "pio/base/error.h"

namespace pio::tensor {
namespace {

Recorder*& current_slot() noexcept {
  thread_local Recorder* instance = nullptr;
  return instance;
}

}  // namespace

Recorder::Recorder() : outer_(current_slot()) { current_slot() = this; }
Recorder::~Recorder() { current_slot() = outer_; }
Recorder* Recorder::current() noexcept { return current_slot(); }

std::string Recorder::next_state_name() {
  const std::string path = stack_.empty() ? "" : stack_.back();
  return concat(path, ":", states_[path]++);
}

CallScope::CallScope(const std::string& path) : recorder_(Recorder::current()) {
  if (recorder_ != nullptr) {
    recorder_->stack_.push_back(path);
  }
}

CallScope::~CallScope() {
  if (recorder_ != nullptr) {
    recorder_->stack_.pop_back();
  }
}

void CallScope::note(const Tensor& input, const Tensor& output) {
  if (recorder_ != nullptr) {
    recorder_->calls_.push_back({recorder_->stack_.back(), input.node(), output.node()});
  }
}

}  // namespace pio::tensor
