// SPDX-License-Identifier: Apache-2.0
#include "pio/text/matcher.h"

#include <algorithm>

#include "pio/text/regex_matcher.h"
#include "pio/text/split_rules.h"
#include "pio/text/unicode.h"

namespace pio::text {

SetMatcher::SetMatcher(std::vector<CodePointRange> set) : set_(std::move(set)) {
  for (size_t c = 0; c < ascii_.size(); ++c) {
    ascii_[c] = contains(set_, static_cast<char32_t>(c));
  }
}

void SetMatcher::find(std::string_view text, MatchState& /*state*/, std::vector<Span>& out) const {
  for (Cursor cursor(text); !cursor.done();) {
    const auto [c, next] = cursor.peek();
    if (c < ascii_.size() ? ascii_[c] : contains(set_, c)) {
      out.push_back({static_cast<uint32_t>(cursor.at()), static_cast<uint32_t>(next)});
    }
    cursor.move_to(next);
  }
}

void LiteralMatcher::find(std::string_view text, MatchState& /*state*/,
                          std::vector<Span>& out) const {
  if (literal_.empty()) {
    for (Cursor cursor(text); !cursor.done(); cursor.move_to(cursor.peek().second)) {
      const auto at = static_cast<uint32_t>(cursor.at());
      out.push_back({at, at});
    }
    return;
  }
  for (size_t at = text.find(literal_); at != std::string_view::npos;
       at = text.find(literal_, at + literal_.size())) {
    out.push_back({static_cast<uint32_t>(at), static_cast<uint32_t>(at + literal_.size())});
  }
}

std::unique_ptr<Matcher> make_regex_matcher(std::string_view pattern, std::string_view where) {
  if (const auto rule = known_split_rule(pattern)) {
    return std::make_unique<RuleMatcher>(*rule);
  }
  return std::make_unique<RegexMatcher>(pattern, where);
}

}  // namespace pio::text
