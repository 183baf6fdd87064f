// SPDX-License-Identifier: Apache-2.0
// The split patterns of well-known tokenizers, written by hand: linear time, no regular expression
// engine.
#pragma once

#include <optional>
#include <string_view>

#include "pio/text/matcher.h"
#include "pio/text/unicode.h"

namespace pio::text {

/// GPT-2's pattern, which ByteLevel uses.
inline constexpr std::string_view kGpt2Pattern =
    R"('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+)";
/// Llama 3's (and cl100k's as files spell it).
inline constexpr std::string_view kLlama3Pattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
/// Qwen2's and Qwen3's.
inline constexpr std::string_view kQwen2Pattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
/// Qwen3.5's: marks belong to words.
inline constexpr std::string_view kQwen35Pattern =
    R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?[\p{L}\p{M}]+|\p{N}| ?[^\s\p{L}\p{M}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
/// GPT-4o's (o200k), also Llama 4's.
inline constexpr std::string_view kO200kPattern =
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
/// Tekken's (Mistral).
inline constexpr std::string_view kTekkenPattern =
    R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)";

/// What the patterns above differ in.
struct SplitRule {
  enum class Words : uint8_t {
    kSpaced,    ///< GPT-2: an optional space, then letters; digits and symbols alike
    kPrefixed,  ///< an optional symbol, then letters
    kCased,     ///< as kPrefixed, broken where lower case meets upper case
  };
  Words words;
  CategoryMask letters;  ///< what a word is made of
  unsigned max_digits;   ///< digits per piece
  bool contractions;     ///< 's 't 're 've 'm 'll 'd are pieces (kCased: belong to the word before)
  bool slash;            ///< '/' may end a piece of symbols, as line breaks may
};

/// The rule of a well-known pattern, given its exact text.
[[nodiscard]] std::optional<SplitRule> known_split_rule(std::string_view pattern);

/// Splits by a rule; the matches cover the whole text.
class RuleMatcher final : public Matcher {
 public:
  explicit RuleMatcher(SplitRule rule) : rule_(rule) {}
  void find(std::string_view text, MatchState& state, std::vector<Span>& out) const override;

 private:
  SplitRule rule_;
};

}  // namespace pio::text
