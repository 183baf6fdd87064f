// SPDX-License-Identifier: Apache-2.0
// One request in progress: its tokens, its pages, what it has answered.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <unordered_set>
#include <vector>

#include "pio/generation/block_manager.h"
#include "pio/generation/request.h"
#include "pio/generation/stop_matcher.h"
#include "pio/plan/step_inputs.h"
#include "pio/text/detokenizer.h"

namespace pio::generation {

using Clock = std::chrono::steady_clock;

/// State of a request from submission to its result. All its memory is reserved at submission.
class Sequence {
 public:
  /// tokenizer may be null: then the result has ids only. context: most positions.
  /// Errors: kInvalidArgument for bad sampling, stop texts, an empty prompt, or one that does not fit, with
  /// both numbers.
  Sequence(Request request, std::shared_ptr<const text::Tokenizer> tokenizer, int64_t context);

  /// Tokens that the model has not seen yet.
  [[nodiscard]] std::span<const int32_t> pending() const {
    return std::span(tokens_).subspan(static_cast<size_t>(computed_));
  }
  /// Whether the whole prompt was computed.
  [[nodiscard]] bool is_decoding() const noexcept { return computed_ >= prompt_tokens_; }
  [[nodiscard]] bool is_finished() const noexcept {
    return result_.finish_reason != FinishReason::kNone;
  }
  /// Tokens that the model has seen: the position of the first pending one.
  [[nodiscard]] int64_t computed() const noexcept { return computed_; }
  /// Numbers of its pages in the KV cache, by position; kPageSize positions each.
  [[nodiscard]] std::span<const int32_t> pages() const noexcept { return pages_; }

  /// Computes no further than `position` until told otherwise: bench fills the cache before it looks at the clock.
  /// A step in which every running sequence is held back would end one with an error.
  void hold_at(int64_t position) noexcept { hold_ = position; }
  [[nodiscard]] int64_t hold() const noexcept { return hold_; }

  /// Makes sure that positions up to `end` have pages. False if none is free.
  [[nodiscard]] bool reserve_pages(BlockManager& blocks, int64_t end) noexcept;
  /// Gives all pages back; the next use of the sequence must reserve them anew.
  void release_pages(BlockManager& blocks) noexcept;
  /// Forgets what was computed from `position` on and gives those pages back. The tokens stay: they
  /// are pending again, so that the answer goes on as if nothing had happened.
  void truncate(BlockManager& blocks, int64_t position) noexcept;

  /// How the next token is drawn.
  [[nodiscard]] plan::SampleRule rule() const noexcept;
  /// The tokens that penalties look at, the prompt's first; none without penalties. Valid until the
  /// next commit.
  [[nodiscard]] std::span<const int32_t> history() const noexcept;

  /// Notes that `count` pending tokens were computed; token: the one sampled behind them, or nothing yet.
  /// A negative token ends the request with nan_logits.
  void commit(int64_t count, const int32_t* token, const std::unordered_set<int32_t>& eos) noexcept;
  /// Ends the request for `reason`; the scheduler drops it before its next step.
  void cancel(FinishReason reason) noexcept { result_.finish_reason = reason; }
  /// Ends the request with an error of its own.
  void fail(std::string_view error) noexcept;
  /// Starts the clock of the prompt, once.
  void mark_started() noexcept;

  /// The answer, once finished.
  [[nodiscard]] GenerationResult take_result();

 private:
  void accept(int32_t token, bool is_eos) noexcept;
  void show(std::string_view text) noexcept;

  Request request_;
  std::unique_ptr<text::Detokenizer> detokenizer_;
  StopMatcher stop_;
  std::vector<int32_t> tokens_;
  std::vector<int32_t> pages_;
  int64_t prompt_tokens_;
  int64_t max_tokens_;
  int64_t computed_ = 0;
  int64_t hold_ = INT64_MAX;
  GenerationResult result_;
  Clock::time_point submitted_ = Clock::now();
  Clock::time_point started_{};
  Clock::time_point first_token_{};
  Clock::time_point last_token_{};
};

}  // namespace pio::generation
