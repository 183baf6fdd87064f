// SPDX-License-Identifier: Apache-2.0
#include "pio/text/split_rules.h"

#include <climits>

namespace pio::text {
namespace {

constexpr CategoryMask kUpperLike =
    bit(Category::kLu) | bit(Category::kLt) | bit(Category::kLm) | bit(Category::kLo) | kMark;
constexpr CategoryMask kLowerLike =
    bit(Category::kLl) | bit(Category::kLm) | bit(Category::kLo) | kMark;

struct KnownRule {
  std::string_view pattern;
  SplitRule rule;
};
using Words = SplitRule::Words;
constexpr KnownRule kKnownRules[] = {
    {kGpt2Pattern, {Words::kSpaced, kLetter, UINT_MAX, true, false}},
    {kLlama3Pattern, {Words::kPrefixed, kLetter, 3, true, false}},
    {kQwen2Pattern, {Words::kPrefixed, kLetter, 1, true, false}},
    {kQwen35Pattern, {Words::kPrefixed, kLetter | kMark, 1, true, false}},
    {kO200kPattern, {Words::kCased, kLetter | kMark, 3, true, true}},
    {kTekkenPattern, {Words::kCased, kLetter | kMark, 1, false, true}},
};

// One walk over a text; each function returns the end of a match that starts at `at`, or `at`.
class Splitter {
 public:
  Splitter(std::string_view text, const SplitRule& rule)
      : text_(text), rule_(rule), table_(CategoryTable::get()) {}

  [[nodiscard]] size_t end_of_piece(size_t at) const {
    size_t end = at;
    if (rule_.words == Words::kCased) {
      end = cased_word(at);
    } else {
      end = rule_.contractions ? contraction(at) : at;
      if (end == at) {
        end = rule_.words == Words::kSpaced ? spaced(at, rule_.letters) : prefixed_word(at);
      }
    }
    if (end == at) {
      end =
          rule_.words == Words::kSpaced ? spaced(at, kNumber) : run(at, kNumber, rule_.max_digits);
    }
    if (end == at) {
      end = symbols(at);
    }
    return end == at ? white_space(at) : end;
  }

 private:
  struct Here {
    char32_t code_point;
    CategoryMask category;
    size_t next;
  };

  // At the end of the text: category 0, which is in no set.
  [[nodiscard]] Here here(size_t at) const {
    if (at >= text_.size()) {
      return {0, 0, at};
    }
    const auto [code_point, next] = Cursor(text_, at).peek();
    return {code_point, table_(code_point), next};
  }

  [[nodiscard]] size_t run(size_t at, CategoryMask set, unsigned limit = UINT_MAX) const {
    for (unsigned count = 0; count < limit; ++count) {
      const auto c = here(at);
      if ((c.category & set) == 0) {
        break;
      }
      at = c.next;
    }
    return at;
  }

  // ' ?[set]+'
  [[nodiscard]] size_t spaced(size_t at, CategoryMask set) const {
    const size_t start = at < text_.size() && text_[at] == ' ' ? at + 1 : at;
    const size_t end = run(start, set);
    return end == start ? at : end;
  }

  // 's 't 're 've 'm 'll 'd; GPT-2 wants lower case, the others fold (U+017F folds to s).
  [[nodiscard]] size_t contraction(size_t at) const {
    if (at >= text_.size() || text_[at] != '\'') {
      return at;
    }
    const bool fold = rule_.words != Words::kSpaced;
    const auto letter = [&](size_t i) {
      const char c = i < text_.size() ? text_[i] : '\0';
      return fold && c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    };
    const char first = letter(at + 1);
    if (first == 's' || first == 't' || first == 'm' || first == 'd') {
      return at + 2;
    }
    const char second = letter(at + 2);
    if (((first == 'r' || first == 'v') && second == 'e') || (first == 'l' && second == 'l')) {
      return at + 3;
    }
    return fold && text_.substr(at + 1, 2) == "\u017f" ? at + 3 : at;
  }

  // Where a word may start behind an optional '[^\r\n\p{L}\p{N}]'.
  [[nodiscard]] size_t behind_prefix(size_t at) const {
    const auto c = here(at);
    const bool is_prefix =
        (c.category & ~(kLetter | kNumber)) != 0 && c.code_point != '\r' && c.code_point != '\n';
    return is_prefix ? c.next : at;
  }

  [[nodiscard]] size_t prefixed_word(size_t at) const {
    const size_t start = behind_prefix(at);
    const size_t end = run(start, rule_.letters);
    return end != start ? end : run(at, rule_.letters);
  }

  // [upper]*[lower]+ : greedy upper, then given back as far as the last one that is also lower.
  [[nodiscard]] size_t lower_word(size_t at) const {
    size_t given_back = at;
    for (auto c = here(at); (c.category & kUpperLike) != 0; c = here(at)) {
      at = c.next;
      if ((c.category & kLowerLike) != 0) {
        given_back = at;
      }
    }
    const size_t end = run(at, kLowerLike);
    return end != at ? end : given_back;
  }

  [[nodiscard]] size_t cased_word(size_t at) const {
    const size_t start = behind_prefix(at);
    size_t end = lower_word(start);
    if (end == start) {
      end = start == at ? at : lower_word(at);
      if (end == at) {
        end = run(start, kUpperLike);
        end = end != start ? end : run(at, kUpperLike);
      }
    }
    return end != at && rule_.contractions ? contraction(end) : end;
  }

  // ' ?[^\s letters \p{N}]+', then line breaks; only GPT-2 leaves these to the white space.
  [[nodiscard]] size_t symbols(size_t at) const {
    // In kCased rules words hold marks, but a symbol is all that is no letter and no number.
    const CategoryMask letters = rule_.words == Words::kCased ? kLetter : rule_.letters;
    size_t end = spaced(at, ~(kSpace | letters | kNumber));
    if (end == at || rule_.words == Words::kSpaced) {
      return end;
    }
    while (end < text_.size() &&
           (text_[end] == '\r' || text_[end] == '\n' || (rule_.slash && text_[end] == '/'))) {
      ++end;
    }
    return end;
  }

  // '\s*[\r\n]+' (not GPT-2), '\s+(?!\S)', '\s+'
  [[nodiscard]] size_t white_space(size_t at) const {
    size_t end = at;
    size_t last = at;  // start of the run's last code point
    size_t behind_break = at;
    for (auto c = here(at); (c.category & kSpace) != 0; c = here(end)) {
      last = end;
      end = c.next;
      if (c.code_point == '\r' || c.code_point == '\n') {
        behind_break = end;
      }
    }
    if (rule_.words != Words::kSpaced && behind_break != at) {
      return behind_break;
    }
    return end == text_.size() || last == at ? end : last;
  }

  std::string_view text_;
  const SplitRule& rule_;
  const CategoryTable& table_;
};

}  // namespace

std::optional<SplitRule> known_split_rule(std::string_view pattern) {
  for (const auto& known : kKnownRules) {
    if (known.pattern == pattern) {
      return known.rule;
    }
  }
  return std::nullopt;
}

void RuleMatcher::find(std::string_view text, MatchState& /*state*/, std::vector<Span>& out) const {
  const Splitter splitter(text, rule_);
  for (size_t at = 0; at < text.size();) {
    const size_t end = splitter.end_of_piece(at);
    out.push_back({static_cast<uint32_t>(at), static_cast<uint32_t>(end)});
    at = end;
  }
}

}  // namespace pio::text
