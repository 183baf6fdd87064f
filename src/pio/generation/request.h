// SPDX-License-Identifier: Apache-2.0
// What a caller asks for and what it gets: shared with plugins that write their own loop.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "pio/base/json.h"
#include "pio/generation/sampling/sampling_params.h"

namespace pio::generation {

/// Why a sequence ended.
enum class FinishReason : uint8_t { kNone, kStop, kLength, kCancelled, kError };

/// "", "stop", "length", "cancelled" or "error".
[[nodiscard]] std::string_view name(FinishReason reason) noexcept;

/// A prompt in token ids with everything that shapes its answer.
struct Request {
  std::vector<int32_t> ids;
  std::string prompt;    ///< as text, for loops that tokenize themselves: the engine reads ids alone
  json::Array messages;  ///< the conversation, for loops that render it themselves; empty: there is none
  SamplingParams sampling;
  int64_t max_tokens = -1;        ///< -1: the rest of the context
  std::vector<std::string> stop;  ///< texts that end the answer and are not part of it
  bool ignore_eos = false;
  /// Receives each new piece of the answer as whole UTF-8 characters; false cancels the request. What
  /// it throws ends this request alone, with kError and the exception's message.
  std::function<bool(std::string_view piece)> on_text;
};

/// An answer.
struct GenerationResult {
  std::string text;          ///< without special tokens and stop text
  std::vector<int32_t> ids;  ///< generated ids, a final EOS included
  FinishReason finish_reason = FinishReason::kNone;
  std::string error;  ///< for kError: what happened to this request
  int64_t prompt_tokens = 0;
  double prompt_ms = 0;       ///< from the first step to the end of the prompt
  double first_token_ms = 0;  ///< from submission to the first token
  double completion_ms = 0;   ///< from the first token to the last
};

}  // namespace pio::generation
