// SPDX-License-Identifier: Apache-2.0
// Template text to tokens, with the white-space rules of trim_blocks and lstrip_blocks.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pio::text::jinja {

/// Where a template came from, for messages: "source:line:column: what".
class Source {
 public:
  /// text: as written; line ends become \n and one final line end goes, as jinja2 does.
  /// Errors: kBadFile for invalid UTF-8 or more than kMaxTemplate bytes.
  Source(std::string_view text, std::string_view name);
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] const std::string& name() const { return name_; }
  /// Throws kBadFile naming the position of byte `offset`.
  [[noreturn]] void fail_at(size_t offset, std::string_view message) const;

 private:
  std::string text_;
  std::string name_;
};

enum class TokenType : uint8_t {
  kText,
  kPrintBegin,
  kPrintEnd,
  kBlockBegin,
  kBlockEnd,
  kName,
  kString,
  kInteger,
  kFloat,
  kOperator,
  kEnd,
};

struct Token {
  TokenType type = TokenType::kEnd;
  uint32_t line = 0;
  size_t offset = 0;
  std::string text;  ///< text, name, operator, or a string's value
  int64_t integer = 0;
  double real = 0;
};

[[nodiscard]] inline bool is_ascii_digit(char c) { return c >= '0' && c <= '9'; }

/// All tokens, ended by kEnd. Errors: kBadFile with line:column.
[[nodiscard]] std::vector<Token> tokenize(const Source& source);

}  // namespace pio::text::jinja
