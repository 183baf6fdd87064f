// SPDX-License-Identifier: Apache-2.0
// Unknown split patterns, run by PCRE2 under limits. make_regex_matcher() of matcher.h is the way
// in.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "pio/text/matcher.h"

namespace pio::text {

/// `pattern` (Oniguruma's syntax) in PCRE2's syntax, with \p{..} \s \d \w \b and classes spelled
/// out as our Unicode 16 ranges, since PCRE2 brings the tables of another version. Errors:
/// kUnsupported for syntax outside our subset, kBadFile for a broken or oversized pattern; both
/// name `where` and the byte in the pattern.
[[nodiscard]] std::string pcre2_pattern(std::string_view pattern, std::string_view where);

/// A PCRE2 pattern.
class RegexMatcher final : public Matcher {
 public:
  /// Errors: as pcre2_pattern().
  RegexMatcher(std::string_view pattern, std::string_view where);
  ~RegexMatcher() override;
  RegexMatcher(const RegexMatcher&) = delete;
  RegexMatcher& operator=(const RegexMatcher&) = delete;

  /// Errors: kInvalidArgument when the pattern takes too many steps or too long on `text`.
  void find(std::string_view text, MatchState& state, std::vector<Span>& out) const override;

 private:
  struct Code;
  std::unique_ptr<Code> code_;
  std::string where_;
};

}  // namespace pio::text
