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
  [[nodiscard]] bool is_decoding() const noexcept { return computed_ >= prompt_tokens_; }
  [[nodiscard]] bool is_finished() const noexcept {
    return result_.finish_reason != FinishReason::kNone;
  }
  [[nodiscard]] int64_t computed() const noexcept { return computed_; }
  [[nodiscard]] std::span<const int32_t> pages() const noexcept { return pages_; }

  /// Makes sure that positions up to `end` have pages. False if none is free.
  [[nodiscard]] bool reserve_pages(BlockManager& blocks, int64_t end) noexcept;
  void release_pages(BlockManager& blocks) noexcept;

  /// How the next token is drawn, and the tokens that penalties look at.
  [[nodiscard]] plan::SampleRule rule() const noexcept;
  [[nodiscard]] std::span<const int32_t> history() const noexcept;

  /// Notes that `count` pending tokens were computed; token: the one sampled behind them, or nothing yet.
  void commit(int64_t count, const int32_t* token, const std::unordered_set<int32_t>& eos) noexcept;
  void cancel(FinishReason reason) noexcept { result_.finish_reason = reason; }
  /// Ends the request with an error of its own.
  void fail(std::string_view error) noexcept;
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
  GenerationResult result_;
  Clock::time_point submitted_ = Clock::now();
  Clock::time_point started_{};
  Clock::time_point first_token_{};
  Clock::time_point last_token_{};
};

}  // namespace pio::generation
