// SPDX-License-Identifier: Apache-2.0
#include "pio/generation/sequence.h"

#include <algorithm>
#include <exception>

#include "pio/base/checked.h"
#include "pio/base/error.h"

namespace pio::generation {
namespace {

int64_t answer_limit(const Request& request, int64_t context) {
  const auto prompt = static_cast<int64_t>(request.ids.size());
  PIO_CHECK(prompt > 0, "the prompt is empty");
  PIO_CHECK(prompt < context, "the prompt has ", prompt, " tokens, the context holds ", context,
            ": shorten the prompt or raise --ctx");
  PIO_CHECK(request.max_tokens >= -1, "max_tokens ", request.max_tokens, ": expected 0 or more");
  const int64_t room = context - prompt;
  return request.max_tokens < 0 ? room : std::min(room, request.max_tokens);
}

double milliseconds(Clock::duration duration) {
  return std::chrono::duration<double, std::milli>(duration).count();
}

}  // namespace

Sequence::Sequence(Request request, std::shared_ptr<const text::Tokenizer> tokenizer, int64_t context)
    : request_(std::move(request)),
      stop_(request_.stop),
      prompt_tokens_(static_cast<int64_t>(request_.ids.size())),
      max_tokens_(answer_limit(request_, context)) {
  check(request_.sampling);
  if (tokenizer != nullptr) {
    detokenizer_ = std::make_unique<text::Detokenizer>(std::move(tokenizer));
  }
  constexpr size_t kBytesPerToken = 16;  // a generous guess; longer answers grow the text
  const auto answer = static_cast<size_t>(max_tokens_);
  tokens_.reserve(request_.ids.size() + answer);
  tokens_ = request_.ids;
  pages_.reserve(static_cast<size_t>(div_up(prompt_tokens_ + max_tokens_, plan::kPageSize)));
  result_.ids.reserve(answer);
  result_.text.reserve(answer * kBytesPerToken);
  result_.prompt_tokens = prompt_tokens_;
  if (max_tokens_ == 0) {
    result_.finish_reason = FinishReason::kLength;
  }
}

bool Sequence::reserve_pages(BlockManager& blocks, int64_t end) noexcept {
  while (static_cast<int64_t>(pages_.size()) * plan::kPageSize < end) {
    const int32_t page = blocks.allocate();
    if (page < 0) {
      return false;
    }
    pages_.push_back(page);
  }
  return true;
}

void Sequence::release_pages(BlockManager& blocks) noexcept {
  for (const int32_t page : pages_) {
    blocks.release(page);
  }
  pages_.clear();
}

void Sequence::truncate(BlockManager& blocks, int64_t position) noexcept {
  computed_ = std::clamp<int64_t>(position, 0, computed_);
  const auto kept = static_cast<size_t>(div_up(computed_, plan::kPageSize));
  while (pages_.size() > kept) {
    blocks.release(pages_.back());
    pages_.pop_back();
  }
}

plan::SampleRule Sequence::rule() const noexcept {
  const SamplingParams& s = request_.sampling;
  return {.temperature = static_cast<float>(s.temperature),
          .top_k = static_cast<int32_t>(s.top_k),
          .top_p = static_cast<float>(s.top_p),
          .min_p = static_cast<float>(s.min_p),
          .repetition_penalty = static_cast<float>(s.repetition_penalty),
          .frequency_penalty = static_cast<float>(s.frequency_penalty),
          .presence_penalty = static_cast<float>(s.presence_penalty),
          .seed = s.seed,
          .counter = result_.ids.size(),
          .history_begin = 0,
          .history_size = 0,
          .answer_begin = prompt_tokens_};
}

std::span<const int32_t> Sequence::history() const noexcept {
  return request_.sampling.has_penalties() ? std::span(tokens_) : std::span<const int32_t>();
}

void Sequence::fail(std::string_view error) noexcept {
  result_.finish_reason = FinishReason::kError;
  result_.error = error;
}

void Sequence::mark_started() noexcept {
  if (started_ == Clock::time_point{}) {
    started_ = Clock::now();
  }
}

void Sequence::commit(int64_t count, const int32_t* token,
                      const std::unordered_set<int32_t>& eos) noexcept {
  computed_ += count;
  if (token == nullptr) {
    return;
  }
  last_token_ = Clock::now();
  if (result_.ids.empty()) {
    first_token_ = last_token_;
  }
  if (*token < 0) {
    fail("nan_logits: the model gave a logit that is not a number, or none that is finite");
    return;
  }
  accept(*token, eos.contains(*token) && !request_.ignore_eos);
}

void Sequence::accept(int32_t token, bool is_eos) noexcept {
  tokens_.push_back(token);
  result_.ids.push_back(token);
  if (!is_eos && detokenizer_ != nullptr) {
    show(stop_.push(detokenizer_->push(token)));
  }
  if (is_finished()) {
    return;
  }
  if (is_eos || stop_.is_stopped()) {
    result_.finish_reason = FinishReason::kStop;
  } else if (static_cast<int64_t>(result_.ids.size()) == max_tokens_) {
    result_.finish_reason = FinishReason::kLength;
  }
  if (is_finished() && !stop_.is_stopped() && detokenizer_ != nullptr) {
    const FinishReason reason = result_.finish_reason;
    show(stop_.push(detokenizer_->finish()));
    if (!stop_.is_stopped()) {
      show(stop_.finish());
    }
    // What the reader says of the last piece no longer counts, but for an error.
    result_.finish_reason = result_.error.empty() ? reason : FinishReason::kError;
  }
}

void Sequence::show(std::string_view text) noexcept {
  result_.text.append(text);
  if (text.empty() || !request_.on_text || !result_.error.empty()) {
    return;
  }
  try {
    if (!request_.on_text(text)) {
      result_.finish_reason = FinishReason::kCancelled;
    }
  } catch (const std::exception& error) {
    fail(concat("on_text: ", error.what()));
  } catch (...) {
    fail("on_text threw what is no std::exception");
  }
}

GenerationResult Sequence::take_result() {
  if (!result_.ids.empty()) {
    result_.prompt_ms = milliseconds(first_token_ - started_);
    result_.first_token_ms = milliseconds(first_token_ - submitted_);
    result_.completion_ms = milliseconds(last_token_ - first_token_);
  }
  return std::move(result_);
}

}  // namespace pio::generation
