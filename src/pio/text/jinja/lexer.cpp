// SPDX-License-Identifier: Apache-2.0
#include "pio/text/jinja/lexer.h"

#include <algorithm>
#include <array>

#include "pio/base/error.h"
#include "pio/base/utf8.h"
#include "pio/text/jinja/budget.h"
#include "pio/text/jinja/lexer_literal.h"
#include "pio/text/jinja/pystring.h"

namespace pio::text::jinja {
namespace {

std::string normalized(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r') {
      out.push_back('\n');
      i += i + 1 < text.size() && text[i + 1] == '\n' ? 1 : 0;
    } else {
      out.push_back(text[i]);
    }
  }
  if (out.ends_with('\n')) {
    out.pop_back();
  }
  return out;
}

class Lexer {
 public:
  explicit Lexer(const Source& source) : source_(source), text_(source.text()) {}

  std::vector<Token> run() {
    while (at_ < text_.size()) {
      root();
    }
    add(TokenType::kEnd, at_, at_);
    return std::move(tokens_);
  }

 private:
  [[noreturn]] void fail_at(size_t offset, std::string_view message) const {
    source_.fail_at(offset, message);
  }

  [[nodiscard]] bool at(size_t offset, std::string_view what) const {
    return text_.substr(std::min(offset, text_.size())).starts_with(what);
  }

  Token& add(TokenType type, size_t begin, size_t end) {
    line_ +=
        static_cast<uint32_t>(std::count(text_.begin() + static_cast<std::ptrdiff_t>(counted_),
                                         text_.begin() + static_cast<std::ptrdiff_t>(begin), '\n'));
    counted_ = begin;
    tokens_.push_back({type, line_, begin, std::string(text_.substr(begin, end - begin))});
    return tokens_.back();
  }

  // First byte behind the white space at `offset`.
  [[nodiscard]] size_t skip_space(size_t offset) const {
    while (offset < text_.size()) {
      const auto decoded = utf8::decode(text_, offset);
      if (!is_space(decoded.code_point)) {
        break;
      }
      offset += decoded.size;
    }
    return offset;
  }

  void moved_to(size_t end) {
    at_ = end;
    line_starting_ = end > 0 && text_[end - 1] == '\n';
  }

  // Text up to the next tag, then the tag's inside.
  void root() {
    size_t tag = text_.find('{', at_);
    while (tag != std::string_view::npos && tag + 1 < text_.size() && text_[tag + 1] != '%' &&
           text_[tag + 1] != '{' && text_[tag + 1] != '#') {
      tag = text_.find('{', tag + 1);
    }
    if (tag == std::string_view::npos || tag + 1 >= text_.size()) {
      add(TokenType::kText, at_, text_.size());
      at_ = text_.size();
      return;
    }
    const char mark = text_[tag + 1];
    size_t inside = tag + 2;
    const char sign = inside < text_.size() ? text_[inside] : '\0';
    inside += sign == '-' || sign == '+' ? 1 : 0;
    data(tag, sign, mark != '{');
    if (mark == '#') {
      comment(tag, inside);
    } else if (mark == '{') {
      add(TokenType::kPrintBegin, tag, inside);
      at_ = inside;
      expression("}}", TokenType::kPrintEnd);
    } else if (const size_t body = raw_begin(inside); body != 0) {
      raw(tag, body);
    } else {
      add(TokenType::kBlockBegin, tag, inside);
      at_ = inside;
      expression("%}", TokenType::kBlockEnd);
    }
  }

  // The text between at_ and a tag, stripped as the tag's sign says.
  void data(size_t tag, char sign, bool strips_line) {
    std::string_view text = text_.substr(at_, tag - at_);
    if (sign == '-') {
      text = strip(text, std::nullopt, Side::kRight);
    } else if (sign != '+' && strips_line) {
      const size_t line = text.rfind('\n') + 1;  // npos + 1 is 0
      if ((line > 0 || line_starting_) && strip(text.substr(line), std::nullopt).empty()) {
        text = text.substr(0, line);
      }
    }
    if (!text.empty()) {
      add(TokenType::kText, at_, at_ + text.size());
    }
  }

  // Where the tag that closes at `close` ends, with the white space it takes along; sign: the - or
  // + before it.
  [[nodiscard]] size_t after_close(size_t close, char sign) const {
    if (sign == '-') {
      return skip_space(close + 2);
    }
    return close + 2 + (sign != '+' && at(close + 2, "\n") ? 1 : 0);
  }

  void comment(size_t tag, size_t inside) {
    const size_t close = text_.find("#}", inside);
    if (close == std::string_view::npos) {
      fail_at(tag, "missing end of comment");
    }
    moved_to(after_close(close, close > inside ? text_[close - 1] : '\0'));
  }

  // The first byte of a raw block's body, 0 where the tag is another one.
  [[nodiscard]] size_t raw_begin(size_t inside) const {
    size_t offset = skip_space(inside);
    if (!at(offset, "raw")) {
      return 0;
    }
    offset = skip_space(offset + 3);
    return at(offset, "-%}") ? skip_space(offset + 3) : at(offset, "%}") ? offset + 2 : 0;
  }

  void raw(size_t tag, size_t body) {
    moved_to(body);
    for (size_t end = text_.find("{%", body); end != std::string_view::npos;
         end = text_.find("{%", end + 1)) {
      size_t inside = end + 2;
      const char sign = inside < text_.size() ? text_[inside] : '\0';
      inside += sign == '-' || sign == '+' ? 1 : 0;
      size_t offset = skip_space(inside);
      if (!at(offset, "endraw")) {
        continue;
      }
      offset = skip_space(offset + 6);
      const char close_sign = offset < text_.size() ? text_[offset] : '\0';
      offset += close_sign == '-' || close_sign == '+' ? 1 : 0;
      if (at(offset, "%}")) {
        data(end, sign, true);
        moved_to(after_close(offset, close_sign));
        return;
      }
    }
    fail_at(tag, "missing end of raw directive");
  }

  void expression(std::string_view close, TokenType end_type) {
    std::vector<char> open;
    for (;;) {
      at_ = skip_space(at_);
      if (at_ >= text_.size()) {
        return;  // the parser says what is missing
      }
      if (open.empty() && end_tag(close, end_type)) {
        return;
      }
      const char c = text_[at_];
      if (is_ascii_digit(c)) {
        literal(TokenType::kInteger, read_number);
      } else if (c == '\'' || c == '"') {
        literal(TokenType::kString, [](const Source& source, size_t begin, Token& token) {
          return read_string(source, begin, token.text);
        });
      } else if (!name()) {
        op(open);
      }
    }
  }

  bool end_tag(std::string_view close, TokenType end_type) {
    const bool block = end_type == TokenType::kBlockEnd;
    const char c = text_[at_];
    const char sign = (c == '-' || (block && c == '+')) && at(at_ + 1, close) ? c : '\0';
    const size_t begin = at_ + (sign != '\0' ? 1 : 0);
    if (!at(begin, close)) {
      return false;
    }
    add(end_type, at_, begin + 2);
    moved_to(block || sign == '-' ? after_close(begin, sign) : begin + 2);
    return true;
  }

  template <class Read>
  void literal(TokenType type, Read read) {
    Token& token = add(type, at_, at_);
    at_ = read(source_, at_, token);
  }

  bool name() {
    size_t end = at_;
    while (end < text_.size()) {
      const auto decoded = utf8::decode(text_, end);
      const char32_t c = decoded.code_point;
      if (!(c == '_' || (end > at_ ? is_alnum(c) : is_alpha(c)))) {
        break;
      }
      end += decoded.size;
    }
    if (end == at_) {
      return false;
    }
    add(TokenType::kName, at_, end);
    at_ = end;
    return true;
  }

  void op(std::vector<char>& open) {
    constexpr std::array<std::string_view, 6> kPairs = {"//", "**", "==", "!=", ">=", "<="};
    constexpr std::string_view kSingle = "+-/*%~[](){}><=.:|,;";
    size_t size = 0;
    for (const std::string_view pair : kPairs) {
      size = at(at_, pair) ? 2 : size;
    }
    const char c = text_[at_];
    if (size == 0 && kSingle.find(c) == std::string_view::npos) {
      fail_at(at_, concat("unexpected character '",
                          escaped(text_.substr(at_, utf8::decode(text_, at_).size)), "'"));
    }
    if (c == '(' || c == '[' || c == '{') {
      if (open.size() >= kMaxNesting) {
        fail_at(at_, concat("nesting deeper than ", kMaxNesting));
      }
      open.push_back(c == '(' ? ')' : c == '[' ? ']' : '}');
    } else if (c == ')' || c == ']' || c == '}') {
      if (open.empty() || open.back() != c) {
        fail_at(at_, concat("unexpected '", c, "'"));
      }
      open.pop_back();
    }
    add(TokenType::kOperator, at_, at_ + std::max<size_t>(size, 1));
    at_ += std::max<size_t>(size, 1);
  }

  const Source& source_;
  std::string_view text_;
  std::vector<Token> tokens_;
  size_t at_ = 0;
  size_t counted_ = 0;
  uint32_t line_ = 1;
  bool line_starting_ = true;
};

}  // namespace

Source::Source(std::string_view text, std::string_view name) : name_(name) {
  if (text.size() > kMaxTemplate) {
    fail(ErrorCode::kBadFile,
         concat(name, ": template of ", text.size(), " bytes, at most ", kMaxTemplate));
  }
  if (!utf8::is_valid(text)) {
    fail(ErrorCode::kBadFile, concat(name, ": template is not valid UTF-8"));
  }
  text_ = normalized(text);
}

void Source::fail_at(size_t offset, std::string_view message) const {
  const std::string_view before = std::string_view(text_).substr(0, offset);
  const size_t line = static_cast<size_t>(std::ranges::count(before, '\n')) + 1;
  const size_t column = code_points(before.substr(before.rfind('\n') + 1)) + 1;
  fail(ErrorCode::kBadFile, concat(name_, ":", line, ":", column, ": ", message));
}

std::vector<Token> tokenize(const Source& source) { return Lexer(source).run(); }

}  // namespace pio::text::jinja
