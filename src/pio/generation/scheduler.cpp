// SPDX-License-Identifier: Apache-2.0
#include "pio/generation/scheduler.h"

#include <algorithm>

namespace pio::generation {

Scheduler::Scheduler(int64_t max_rows, int64_t max_sequences, BlockManager& blocks)
    : max_rows_(max_rows), max_sequences_(max_sequences), blocks_(blocks) {
  running_.reserve(static_cast<size_t>(max_sequences));
  step_.reserve(static_cast<size_t>(max_sequences));
}

void Scheduler::add(std::shared_ptr<Sequence> sequence) {
  if (sequence->is_finished()) {
    return;
  }
  if (first_waiting_ > waiting_.size() / 2) {  // so that each is moved once on average
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<ptrdiff_t>(first_waiting_));
    first_waiting_ = 0;
  }
  waiting_.push_back(std::move(sequence));
}

void Scheduler::admit() noexcept {
  while (first_waiting_ < waiting_.size() &&
         static_cast<int64_t>(running_.size()) < max_sequences_) {
    auto sequence = std::move(waiting_[first_waiting_++]);
    if (!sequence->is_finished()) {
      running_.push_back(std::move(sequence));
    }
  }
}

void Scheduler::drop_finished() noexcept {
  std::erase_if(running_, [&](const std::shared_ptr<Sequence>& sequence) {
    if (sequence->is_finished()) {
      sequence->release_pages(blocks_);
    }
    return sequence->is_finished();
  });
}

void Scheduler::schedule_one(Sequence& sequence, int64_t& rows) noexcept {
  const auto pending = static_cast<int64_t>(sequence.pending().size());
  const int64_t count = std::min({pending, max_rows_ - rows, sequence.hold() - sequence.computed()});
  if (count == 0) {
    return;
  }
  if (!sequence.reserve_pages(blocks_, sequence.computed() + count)) {
    return;  // waits for a page; the pool holds a full context for every running sequence
  }
  sequence.mark_started();
  step_.push_back({&sequence, count, count == pending});
  rows += count;
}

std::span<const Scheduled> Scheduler::schedule() noexcept {
  step_.clear();
  for (;;) {
    drop_finished();
    admit();
    int64_t rows = 0;
    for (const bool decoding : {true, false}) {
      for (const auto& sequence : running_) {
        if (sequence->is_decoding() == decoding) {
          schedule_one(*sequence, rows);
        }
      }
    }
    if (!step_.empty() || running_.empty()) {
      return step_;
    }
    running_.back()->fail("no_pages: no page of the KV cache is free, sessions hold the others");
  }
}

void Scheduler::commit(std::span<const int32_t> tokens, const std::unordered_set<int32_t>& eos) noexcept {
  size_t next = 0;
  for (const Scheduled& item : step_) {
    item.sequence->commit(item.count, item.wants_token ? &tokens[next++] : nullptr, eos);
  }
  drop_finished();
}

}  // namespace pio::generation
