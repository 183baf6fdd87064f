// SPDX-License-Identifier: Apache-2.0
// Tokens that are found in the text itself, before the model runs: control tokens and what users
// added.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "pio/text/matcher.h"

namespace pio::text {

/// One added token, as tokenizer.json describes it.
struct AddedToken {
  std::string content;
  int32_t id = 0;
  bool special = false;
  bool lstrip = false;       ///< takes the white space before it
  bool rstrip = false;       ///< takes the white space behind it
  bool single_word = false;  ///< only where no word character touches it
  bool normalized = false;   ///< looked for in the normalized text
};

/// A stretch of text: an added token, or plain text.
struct Segment {
  Span span;
  int32_t id;  ///< kPlain: plain text

  static constexpr int32_t kPlain = -1;
};

/// Finds added tokens: at each place the longest, from left to right.
class AddedTokenMatcher {
 public:
  /// Longer added tokens are refused: matching takes time in proportion to the longest.
  static constexpr size_t kMaxBytes = 1024;

  /// The earlier of two tokens with the same content counts; an empty one never matches.
  /// REQUIRES: no content is longer than kMaxBytes.
  explicit AddedTokenMatcher(std::vector<AddedToken> tokens = {});

  /// Cuts `text` into added tokens and plain text. Without `parse_special` the special ones are
  /// plain text.
  [[nodiscard]] std::vector<Segment> split(std::string_view text, bool parse_special) const;

 private:
  struct Node {
    int32_t token = -1;
    uint32_t first_child = 0;  // 0: none
    uint32_t sibling = 0;
    char byte = 0;
  };

  // The longest token at `at`, or -1.
  [[nodiscard]] int32_t longest_at(std::string_view text, size_t at) const;

  std::vector<AddedToken> tokens_;
  std::vector<Node> nodes_;  // the root's children are in roots_ alone
  std::array<uint32_t, 256> roots_{};
};

}  // namespace pio::text
