// SPDX-License-Identifier: Apache-2.0
#include "pio/text/jinja/lexer_literal.h"

#include <charconv>
#include <cstdlib>
#include <string_view>

#include "pio/base/utf8.h"

namespace pio::text::jinja {
namespace {

int digit_value(char c) {
  if (is_ascii_digit(c)) {
    return c - '0';
  }
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'z' ? lower - 'a' + 10 : 99;
}

// Behind the digits at `offset`, single underscores between them included.
size_t skip_digits(std::string_view text, size_t offset, int base) {
  const auto digit = [&](size_t i) { return i < text.size() && digit_value(text[i]) < base; };
  while (digit(offset) || (offset < text.size() && text[offset] == '_' && digit(offset + 1))) {
    ++offset;
  }
  return offset;
}

std::string digits(std::string_view text, size_t begin, size_t end) {
  std::string out(text.substr(begin, end - begin));
  std::erase(out, '_');
  return out;
}

// Where a fraction or an exponent behind the whole part ends; `whole` where there is neither.
size_t real_end(std::string_view text, size_t whole) {
  const auto at = [&](size_t i) { return i < text.size() ? text[i] : '\0'; };
  size_t end = whole;
  if (at(end) == '.' && is_ascii_digit(at(end + 1))) {
    end = skip_digits(text, end + 1, 10);
  }
  if (at(end) == 'e' || at(end) == 'E') {
    const size_t exponent = end + (at(end + 1) == '+' || at(end + 1) == '-' ? 2 : 1);
    end = is_ascii_digit(at(exponent)) ? skip_digits(text, exponent, 10) : end;
  }
  return end;
}

size_t read_integer(const Source& source, size_t begin, size_t end, Token& token) {
  const std::string_view text = source.text();
  int base = 10;
  size_t first = begin;
  if (text[begin] == '0' && begin + 1 < text.size()) {
    const char mark = static_cast<char>(text[begin + 1] | 0x20);
    const int named = mark == 'x' ? 16 : mark == 'o' ? 8 : mark == 'b' ? 2 : 10;
    if (named != 10 && skip_digits(text, begin + 2, named) > begin + 2) {
      base = named;
      first = begin + 2;
      end = skip_digits(text, first, base);
    }
  }
  const std::string number = digits(text, first, end);
  if (base == 10 && number[0] == '0' && number.find_first_not_of('0') != std::string::npos) {
    source.fail_at(begin, "a number may not begin with 0");
  }
  const char* last = number.data() + number.size();
  if (std::from_chars(number.data(), last, token.integer, base).ec != std::errc()) {
    source.fail_at(begin, "integer needs more than 64 bits");
  }
  return end;
}

size_t hex_escape(const Source& source, size_t offset, size_t count, std::string& out) {
  const std::string_view text = source.text();
  uint32_t value = 0;
  for (size_t i = offset + 2; i < offset + 2 + count; ++i) {
    const int digit = i < text.size() ? digit_value(text[i]) : 99;
    if (digit > 15) {
      source.fail_at(offset, "truncated escape in string");
    }
    value = value * 16 + static_cast<uint32_t>(digit);
  }
  if (value > 0x10FFFF) {
    source.fail_at(offset, "illegal Unicode character in string");
  }
  utf8::append(out, value);
  return offset + 2 + count;
}

size_t octal_escape(std::string_view text, size_t offset, std::string& out) {
  uint32_t value = 0;
  size_t i = offset + 1;
  for (; i < offset + 4 && i < text.size() && text[i] >= '0' && text[i] <= '7'; ++i) {
    value = value * 8 + static_cast<uint32_t>(text[i] - '0');
  }
  utf8::append(out, value);
  return i;
}

// jinja2 turns other characters into escapes before it reads escapes, so that behind a backslash
// the spelled-out form stays.
size_t spelled_out(std::string_view text, size_t offset, std::string& out) {
  const auto decoded = utf8::decode(text, offset);
  const uint32_t c = decoded.code_point;
  const int count = c < 0x100 ? 2 : c < 0x10000 ? 4 : 8;
  out.push_back(c < 0x100 ? 'x' : c < 0x10000 ? 'u' : 'U');
  for (int shift = (count - 1) * 4; shift >= 0; shift -= 4) {
    out.push_back("0123456789abcdef"[(c >> shift) & 0xF]);
  }
  return offset + decoded.size;
}

// Appends what the backslash at `offset` stands for; gives the offset behind it.
size_t escape(const Source& source, size_t offset, std::string& out) {
  constexpr std::string_view kLetters = "\\'\"abfnrtv";
  constexpr std::string_view kBytes = "\\'\"\a\b\f\n\r\t\v";
  const std::string_view text = source.text();
  if (offset + 1 >= text.size()) {
    return offset + 1;
  }
  const char c = text[offset + 1];
  if (c == '\n') {
    return offset + 2;
  }
  if (const size_t known = kLetters.find(c); known != std::string_view::npos) {
    out.push_back(kBytes[known]);
    return offset + 2;
  }
  if (c == 'x' || c == 'u' || c == 'U') {
    return hex_escape(source, offset, c == 'x' ? 2 : c == 'u' ? 4 : 8, out);
  }
  if (c >= '0' && c <= '7') {
    return octal_escape(text, offset, out);
  }
  if (c == 'N') {
    source.fail_at(offset, "character names are not available");
  }
  out.push_back('\\');
  return static_cast<uint8_t>(c) < 0x80 ? offset + 1 : spelled_out(text, offset + 1, out);
}

}  // namespace

size_t read_string(const Source& source, size_t begin, std::string& value) {
  const std::string_view text = source.text();
  for (size_t i = begin + 1; i < text.size();) {
    if (text[i] == text[begin]) {
      return i + 1;
    }
    if (text[i] == '\\') {
      i = escape(source, i, value);
    } else {
      value.push_back(text[i++]);
    }
  }
  source.fail_at(begin, "unterminated string");
}

size_t read_number(const Source& source, size_t begin, Token& token) {
  const std::string_view text = source.text();
  const size_t whole = skip_digits(text, begin, 10);
  const size_t end = real_end(text, whole);
  const bool after_dot = begin > 0 && text[begin - 1] == '.';  // a.0.1 is a subscript twice
  if (end == whole || after_dot) {
    token.type = TokenType::kInteger;
    return read_integer(source, begin, whole, token);
  }
  const std::string number = digits(text, begin, end);
  token.type = TokenType::kFloat;
  token.real = std::strtod(number.c_str(), nullptr);
  const char* last = number.data() + number.size();
  double exact = 0;  // unlike strtod independent of the locale, but silent on overflow
  if (std::from_chars(number.data(), last, exact).ec == std::errc()) {
    token.real = exact;
  }
  return end;
}

}  // namespace pio::text::jinja
