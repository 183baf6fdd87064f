// SPDX-License-Identifier: Apache-2.0
#include "pio/generation/session.h"

#include <algorithm>
#include <functional>
#include <utility>

#include "pio/base/checked.h"
#include "pio/base/error.h"

namespace pio::generation {

using plan::kPageSize;

Session::Session(Session&& other) noexcept
    : runner_(other.runner_),
      position_(std::exchange(other.position_, 0)),
      pages_(std::exchange(other.pages_, {})),
      logits_(std::exchange(other.logits_, {})) {}

Session::~Session() {
  for (const int32_t page : pages_) {
    runner_->blocks().release(page);
  }
}

void Session::check(std::span<const int32_t> ids) const {
  PIO_CHECK(!ids.empty(), "[session] got no ids");
  for (const int32_t id : ids) {
    PIO_CHECK(id >= 0 && id < runner_->vocab(), "token id ", id, " is outside the vocabulary of ",
              runner_->vocab());
  }
  const int64_t end = position_ + static_cast<int64_t>(ids.size());
  PIO_CHECK(end <= runner_->options().context, "[session] ", end, " tokens, the context holds ",
            runner_->options().context);
}

// Pages for positions up to `end`; a shared page that would be written is replaced by a copy.
void Session::make_room(int64_t end) {
  BlockManager& blocks = runner_->blocks();
  const auto allocate = [&] {
    const int32_t page = blocks.allocate();
    if (page < 0) {
      fail(ErrorCode::kOutOfMemory, "[session] no free page in the KV cache");
    }
    return page;
  };
  const auto partial = static_cast<size_t>(position_ / kPageSize);
  if (partial < pages_.size() && blocks.is_shared(pages_[partial])) {
    const int32_t own = allocate();
    runner_->cache().copy_page(pages_[partial], own);
    blocks.release(pages_[partial]);
    pages_[partial] = own;
  }
  while (static_cast<int64_t>(pages_.size()) * kPageSize < end) {
    pages_.push_back(allocate());
  }
}

void Session::score(std::span<const int32_t> ids,
                    const std::function<void(int64_t, std::span<const float>)>& on_logits) {
  check(ids);
  logits_.resize(static_cast<size_t>(runner_->vocab()));
  const auto chunk = static_cast<size_t>(runner_->options().chunk);
  while (!ids.empty()) {
    const auto piece = ids.first(std::min(chunk, ids.size()));
    const auto rows = static_cast<int64_t>(piece.size());
    ids = ids.subspan(piece.size());
    make_room(position_ + rows);
    plan::SampleRule rule{};
    rule.repetition_penalty = 1.0f;
    const int64_t wanted = on_logits ? rows : (ids.empty() ? 1 : 0);
    const BatchPiece row_run{.ids = piece, .position = position_, .pages = pages_, .wanted = wanted,
                             .rule = rule};
    runner_->run({&row_run, 1});
    for (int64_t i = 0; on_logits && i < rows; ++i) {
      runner_->executor().read_logits(i, logits_);
      on_logits(position_ + i, logits_);
    }
    position_ += rows;
  }
}

std::span<const float> Session::prefill(std::span<const int32_t> ids) {
  score(ids, nullptr);
  runner_->executor().read_logits(0, logits_);
  return logits_;
}

std::span<const float> Session::step(int32_t id) { return prefill({&id, 1}); }

Session Session::fork() {
  Session out(*runner_);
  out.position_ = position_;
  out.pages_ = pages_;
  for (const int32_t page : pages_) {
    runner_->blocks().share(page);
  }
  return out;
}

void Session::truncate(int64_t positions) {
  PIO_CHECK(positions >= 0 && positions <= position_, "[session] cannot truncate ", position_,
            " tokens to ", positions);
  position_ = positions;
  const auto kept = static_cast<size_t>(div_up(positions, kPageSize));
  for (size_t i = kept; i < pages_.size(); ++i) {
    runner_->blocks().release(pages_[i]);
  }
  pages_.resize(std::min(kept, pages_.size()));
}

}  // namespace pio::generation
