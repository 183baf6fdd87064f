// SPDX-License-Identifier: Apache-2.0
// The steps that cut text into pre-tokens, which the model then turns into ids one by one.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "pio/text/matcher.h"

namespace pio::text {

/// A text and its pre-tokens so far, in order.
class PreTokens {
 public:
  /// The whole text as one pre-token; `whole` must outlive this.
  /// Errors: kInvalidArgument above kMaxSpanBytes.
  explicit PreTokens(std::string_view whole);
  PreTokens(const PreTokens&) = delete;  // text_ may view rewritten_
  PreTokens& operator=(const PreTokens&) = delete;

  [[nodiscard]] std::string_view piece(Span span) const {
    return text_.substr(span.begin, span.end - span.begin);
  }
  /// Calls append(out, piece) for each pre-token; what it appends, at most twice the bytes and one,
  /// takes the place of the piece. Errors: kInvalidArgument where that could pass kMaxSpanBytes.
  template <class Append>
  void rewrite(Append append) {
    std::string text = room_to_rewrite();
    for (Span& span : spans) {
      const auto begin = static_cast<uint32_t>(text.size());
      append(text, piece(span));
      span = {begin, static_cast<uint32_t>(text.size())};
    }
    rewritten_ = std::move(text);
    text_ = rewritten_;
  }

  std::vector<Span> spans;   ///< none is empty
  bool byte_mapped = false;  ///< the text is spelled in the byte alphabet

 private:
  [[nodiscard]] std::string room_to_rewrite() const;
  std::string_view text_;
  std::string rewritten_;  // empty until a step rewrites the text
};

/// One step; immutable, so that threads may share it.
class PreTokenizer {
 public:
  virtual ~PreTokenizer() = default;
  virtual void apply(PreTokens& tokens, MatchState& state) const = 0;
};

/// What becomes of the matches of a Split; the names are tokenizer.json's.
enum class SplitBehavior : uint8_t {
  kRemoved,
  kIsolated,
  kMergedWithPrevious,
  kMergedWithNext,
  kContiguous
};

/// Cuts at a matcher's matches, or, inverted, at what lies between them.
class Split final : public PreTokenizer {
 public:
  Split(std::unique_ptr<const Matcher> matcher, SplitBehavior behavior, bool invert = false);
  void apply(PreTokens& tokens, MatchState& state) const override;

 private:
  std::unique_ptr<const Matcher> matcher_;
  SplitBehavior behavior_;
  bool invert_;
};

/// Byte-level BPE's own step.
class ByteLevel final : public PreTokenizer {
 public:
  struct Options {
    bool add_prefix_space = false;  ///< before each pre-token that does not start with one
    bool use_regex = true;          ///< splits by GPT-2's pattern
    bool map_bytes = false;  ///< spells the text in the byte alphabet, for steps behind this one
  };
  explicit ByteLevel(Options options);
  void apply(PreTokens& tokens, MatchState& state) const override;

 private:
  Options options_;
  Split split_;
};

/// Steps one after the other.
class PreTokenizerSequence final : public PreTokenizer {
 public:
  explicit PreTokenizerSequence(std::vector<std::unique_ptr<const PreTokenizer>> steps)
      : steps_(std::move(steps)) {}
  void apply(PreTokens& tokens, MatchState& state) const override;

 private:
  std::vector<std::unique_ptr<const PreTokenizer>> steps_;
};

}  // namespace pio::text
