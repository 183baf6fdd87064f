// SPDX-License-Identifier: Apache-2.0
// Oniguruma's pattern syntax to PCRE2's, with character classes spelled out as ranges. What the two
// read differently and no known tokenizer uses is refused.
#include <charconv>
#include <optional>

#include "pio/base/error.h"
#include "pio/base/utf8.h"
#include "pio/text/regex_matcher.h"
#include "pio/text/unicode.h"

namespace pio::text {
namespace {

constexpr size_t kMaxPatternBytes = 64 * 1024;
constexpr size_t kMaxRewrittenBytes = size_t{1} << 20;
constexpr int kMaxClassDepth = 8;

// What \w and \b take outside of classes: Oniguruma counts some Latin-1 digits in.
CodePointSet bare_word_characters() {
  auto out = word_characters();
  out.insert(out.end(), {{0xB2, 0xB3}, {0xB9, 0xB9}, {0xBC, 0xBE}});
  return normalized(std::move(out));
}

class Rewriter {
 public:
  Rewriter(std::string_view pattern, std::string_view where) : pattern_(pattern), where_(where) {}

  std::string run() {
    if (pattern_.size() > kMaxPatternBytes) {
      broken(concat("pattern of ", pattern_.size(), " bytes, the limit is ", kMaxPatternBytes));
    }
    while (!done()) {
      piece();
      if (out_.size() > kMaxRewrittenBytes) {
        broken("pattern too large once its classes are spelled out");
      }
    }
    return std::move(out_);
  }

 private:
  [[noreturn]] void unsupported(std::string_view what) const {
    fail(ErrorCode::kUnsupported, concat(where_, ": pattern byte ", at_, ": ", what,
                                         " is not supported: \"", escaped(pattern_), "\""));
  }
  [[noreturn]] void broken(std::string_view what) const {
    fail(ErrorCode::kBadFile,
         concat(where_, ": pattern byte ", at_, ": ", what, ": \"", escaped(pattern_), "\""));
  }

  [[nodiscard]] bool done() const { return at_ >= pattern_.size(); }
  [[nodiscard]] bool starts_with(std::string_view text) const {
    return pattern_.substr(at_).starts_with(text);
  }
  char take_char() {
    if (done()) {
      broken("ends too early");
    }
    return pattern_[at_++];
  }
  char32_t take_code_point() {
    if (done()) {
      broken("ends too early");
    }
    const auto decoded = utf8::decode(pattern_, at_);
    at_ += decoded.size;
    return decoded.code_point;
  }

  void put_code_point(char32_t code_point) {
    char digits[8];
    const auto end =
        std::to_chars(digits, digits + sizeof digits, static_cast<uint32_t>(code_point), 16).ptr;
    out_.append("\\x{").append(digits, end).append("}");
  }
  void put_set(const CodePointSet& set, bool negated) {
    if (set.empty()) {
      out_ += negated ? "[\\x{0}-\\x{10ffff}]" : "(?!)";
      return;
    }
    out_ += negated ? "[^" : "[";
    for (const auto& range : set) {
      put_code_point(range.first);
      if (range.last != range.first) {
        out_ += '-';
        put_code_point(range.last);
      }
    }
    out_ += ']';
  }

  void piece() {
    const size_t start = at_;
    const char c = take_char();
    switch (c) {
      case '\\':
        escape();
        break;
      case '[': {
        bool negated = false;
        const auto set = char_class(negated, 1);
        put_set(set, negated);
        break;
      }
      case '(':
        group();
        break;
      case '{':
        interval();
        break;
      default:
        out_.append(pattern_.substr(start, at_ - start));
    }
  }

  // Behind '('.
  void group() {
    out_ += '(';
    if (starts_with("*")) {
      unsupported("(*");
    }
    if (!starts_with("?")) {
      return;
    }
    for (const std::string_view known :
         {"?:", "?=", "?!", "?>", "?<=", "?<!", "?i:", "?-i:", "?i)", "?-i)"}) {
      if (starts_with(known)) {
        out_ += known;
        at_ += known.size();
        return;
      }
    }
    unsupported(concat("(", pattern_.substr(at_, 2)));
  }

  // Behind '{': {n} {n,} {n,m} {,m}; anything else is literal.
  void interval() {
    const size_t close = pattern_.find('}', at_);
    const std::string_view body =
        pattern_.substr(at_, close == std::string_view::npos ? 0 : close - at_);
    const bool is_interval = !body.empty() && body != "," &&
                             body.find_first_not_of("0123456789,") == std::string_view::npos &&
                             body.find(',') == body.rfind(',');
    if (!is_interval) {
      out_ += "\\{";
      return;
    }
    at_ = close + 1;
    if (starts_with("+")) {
      unsupported("a possessive interval");
    }
    out_.append(body.front() == ',' ? "{0" : "{").append(body).append("}");
  }

  // \p{..}, \s, \d, \w, \h and their opposites, behind the backslash and the letter.
  std::optional<CodePointSet> shorthand(char letter, bool in_class) {
    CodePointSet set;
    switch (letter | 0x20) {
      case 's':
        set = code_points(kSpace);
        break;
      case 'd':
        set = code_points(bit(Category::kNd));
        break;
      case 'w':
        set = in_class ? word_characters() : bare_word_characters();
        break;
      case 'h':
        set = {{'0', '9'}, {'A', 'F'}, {'a', 'f'}};
        break;
      case 'p':
        return property(letter == 'P');
      default:
        return std::nullopt;
    }
    return letter < 'a' ? complement(set) : set;
  }

  CodePointSet property(bool negated) {
    const size_t close = pattern_.find('}', at_);
    if (!starts_with("{") || close == std::string_view::npos) {
      broken("\\p without {..}");
    }
    std::string_view name = pattern_.substr(at_ + 1, close - at_ - 1);
    if (name.starts_with("^")) {
      negated = !negated;
      name.remove_prefix(1);
    }
    const auto mask = category_mask(name);
    if (!mask) {
      unsupported(concat("\\p{", escaped(name, 40), "}"));
    }
    at_ = close + 1;
    auto set = code_points(*mask);
    return negated ? complement(set) : set;
  }

  // The code point of \t \n \x41 \x{1F600} \u0041 \. ..., behind the backslash and `letter`.
  char32_t escaped_code_point(char32_t letter) {
    switch (letter) {
      case 't':
        return '\t';
      case 'n':
        return '\n';
      case 'r':
        return '\r';
      case 'f':
        return '\f';
      case 'v':
        return '\v';
      case 'a':
        return '\a';
      case 'e':
        return 0x1B;
      case 'x':
        return starts_with("{") ? braced_hex() : hex(2);
      case 'u':
        return hex(4);
      default:
        break;
    }
    const bool is_plain = letter >= 0x80 || letter < '0' || (letter > '9' && letter < 'A') ||
                          (letter > 'Z' && letter < 'a') || letter > 'z';
    if (!is_plain) {
      unsupported(concat("\\", static_cast<char>(letter)));
    }
    return letter;
  }
  char32_t hex(size_t count) { return number(pattern_.substr(at_, count), count); }
  char32_t braced_hex() {
    const size_t close = pattern_.find('}', at_);
    if (close == std::string_view::npos) {
      broken("\\x{ without }");
    }
    ++at_;
    const auto value = number(pattern_.substr(at_, close - at_), close - at_);
    ++at_;
    return value;
  }
  char32_t number(std::string_view digits, size_t count) {
    uint32_t value = 0;
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
    if (error != std::errc() || end != digits.data() + count || value > 0x10FFFF) {
      broken("bad hexadecimal number");
    }
    at_ += count;
    return value;
  }

  // Behind '\', outside of classes.
  void escape() {
    const auto letter = take_code_point();
    if (letter < 0x80) {
      if (const auto set = shorthand(static_cast<char>(letter), false)) {
        put_set(*set, false);
        return;
      }
    }
    switch (letter) {
      case 'A':
      case 'z':
      case 'Z':
      case 'R':
        out_ += {'\\', static_cast<char>(letter)};
        return;
      case 'b':
      case 'B':
        word_boundary(letter == 'B');
        return;
      default:
        put_code_point(escaped_code_point(letter));
    }
  }

  void word_boundary(bool negated) {
    const auto word = bare_word_characters();
    const auto look = [&](const char* open) {
      out_ += open;
      put_set(word, false);
      out_ += ')';
    };
    out_ += "(?:";
    look("(?<=");
    look(negated ? "(?=" : "(?!");
    out_ += '|';
    look("(?<!");
    look(negated ? "(?!" : "(?=");
    out_ += ')';
  }

  // Behind '['; gives the members and whether '^' negates them.
  CodePointSet char_class(bool& negated, int depth) {
    if (depth > kMaxClassDepth) {
      broken("classes nested too deep");
    }
    negated = starts_with("^");
    at_ += negated ? 1 : 0;
    if (starts_with("]")) {
      unsupported("a class that starts with ]");
    }
    CodePointSet set;
    while (!starts_with("]")) {
      if (starts_with("&&")) {
        unsupported("&& in a class");
      }
      if (starts_with("[:")) {
        unsupported("[:..:] in a class");
      }
      member(set, depth);
    }
    ++at_;
    return normalized(std::move(set));
  }

  void add(CodePointSet& set, const CodePointSet& more) {
    set.insert(set.end(), more.begin(), more.end());
  }

  void member(CodePointSet& set, int depth) {
    char32_t first = take_code_point();
    if (first == '[') {
      bool inner_negated = false;
      const auto inner = char_class(inner_negated, depth + 1);
      add(set, inner_negated ? complement(inner) : inner);
      return;
    }
    if (first == '\\') {
      const auto letter = take_code_point();
      if (letter < 0x80) {
        if (const auto known = shorthand(static_cast<char>(letter), true)) {
          add(set, *known);
          return;
        }
      }
      first = letter == 'b' ? U'\b' : escaped_code_point(letter);
    }
    char32_t last = first;
    if (starts_with("-") && !pattern_.substr(at_).starts_with("-]")) {
      ++at_;
      last = take_code_point();
      if (last == '[' || (last == '-' && starts_with("-"))) {
        unsupported("this use of - in a class");
      }
      if (last == '\\') {
        const auto letter = take_code_point();
        if (letter < 0x80 && std::string_view("sSdDwWhHpP").find(static_cast<char>(letter)) !=
                                 std::string_view::npos) {
          unsupported("a range up to a class");
        }
        last = letter == 'b' ? U'\b' : escaped_code_point(letter);
      }
      if (last < first) {
        broken("range out of order");
      }
    }
    set.push_back({first, last});
  }

  std::string_view pattern_;
  std::string_view where_;
  size_t at_ = 0;
  std::string out_;
};

}  // namespace

std::string pcre2_pattern(std::string_view pattern, std::string_view where) {
  return Rewriter(pattern, where).run();
}

}  // namespace pio::text
