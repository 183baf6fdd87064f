// SPDX-License-Identifier: Apache-2.0
// Token ids to text, one at a time, for streaming: never part of a UTF-8 character.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "pio/text/tokenizer.h"

namespace pio::text {

/// Joined, what push() and finish() give is Tokenizer::decode() of the same ids.
class Detokenizer {
 public:
  explicit Detokenizer(std::shared_ptr<const Tokenizer> tokenizer, bool skip_special = true);

  /// The characters that token `id` completes, often none; invalid bytes become U+FFFD. Valid until
  /// the next call. Allocates nothing unless a token is longer than any before.
  [[nodiscard]] std::string_view push(int32_t id);
  /// What is left: an unfinished character, as U+FFFD. Valid until the next call.
  [[nodiscard]] std::string_view finish();
  /// Forgets all that was pushed.
  void reset() noexcept;

 private:
  std::shared_ptr<const Tokenizer> tokenizer_;
  bool skip_special_;
  std::string pending_;  // the beginning of a character, then a new token's bytes
  std::string out_;
};

}  // namespace pio::text
