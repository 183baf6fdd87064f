// SPDX-License-Identifier: Apache-2.0
// What finds the places where a pre-tokenizer splits: a regular expression, a literal or a
// character set.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "pio/text/unicode_tables.h"

namespace pio::text {

/// Most bytes of a text that is cut into spans.
inline constexpr size_t kMaxSpanBytes = UINT32_MAX;

/// Bytes [begin, end) of a text of at most kMaxSpanBytes.
struct Span {
  uint32_t begin;
  uint32_t end;
};

/// What the matchers of one encode() call share: buffers, and the processor time that regular
/// expressions may take altogether (40 ms and 40 ms per KiB of text).
class MatchState {
 public:
  explicit MatchState(size_t text_bytes);
  ~MatchState();
  MatchState(const MatchState&) = delete;
  MatchState& operator=(const MatchState&) = delete;

 private:
  friend class RegexMatcher;
  struct Scratch;
  std::unique_ptr<Scratch> scratch_;
};

/// Finds matches; immutable, so that threads may share it.
class Matcher {
 public:
  virtual ~Matcher() = default;
  /// Appends the matches in `text` (valid UTF-8) to `out`, in order and without overlap.
  virtual void find(std::string_view text, MatchState& state, std::vector<Span>& out) const = 0;
};

/// Every code point of a set is a match of its own.
class SetMatcher final : public Matcher {
 public:
  /// `set` is sorted.
  explicit SetMatcher(std::vector<CodePointRange> set);
  void find(std::string_view text, MatchState& state, std::vector<Span>& out) const override;

 private:
  std::vector<CodePointRange> set_;
  std::array<bool, 128> ascii_{};
};

/// A literal text; an empty one matches between all code points.
class LiteralMatcher final : public Matcher {
 public:
  explicit LiteralMatcher(std::string literal) : literal_(std::move(literal)) {}
  void find(std::string_view text, MatchState& state, std::vector<Span>& out) const override;

 private:
  std::string literal_;
};

/// The matcher of a regular expression in Oniguruma's syntax, as tokenizer.json writes it: a
/// hand-written one for the patterns of split_rules.h, else PCRE2. `where` names file and component
/// in messages. Errors: kUnsupported for syntax outside our subset, kBadFile for a broken or
/// oversized pattern.
[[nodiscard]] std::unique_ptr<Matcher> make_regex_matcher(std::string_view pattern,
                                                          std::string_view where);

}  // namespace pio::text
