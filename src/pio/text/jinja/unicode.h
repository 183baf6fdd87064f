// SPDX-License-Identifier: Apache-2.0
// Python's character classes and case maps, from tables of Python 3.11 (Unicode 14).
#pragma once

#include <string>

namespace pio::text::jinja {

/// str.isspace(), what \s of re matches.
[[nodiscard]] bool is_space(char32_t c) noexcept;
[[nodiscard]] bool is_printable(char32_t c) noexcept;
[[nodiscard]] bool is_alpha(char32_t c) noexcept;
[[nodiscard]] bool is_decimal(char32_t c) noexcept;
[[nodiscard]] bool is_digit(char32_t c) noexcept;
[[nodiscard]] bool is_numeric(char32_t c) noexcept;
/// isalpha, isdecimal, isdigit or isnumeric.
[[nodiscard]] bool is_alnum(char32_t c) noexcept;
[[nodiscard]] bool is_lower(char32_t c) noexcept;
[[nodiscard]] bool is_upper(char32_t c) noexcept;
/// One of the title-case letters, such as U+01C5.
[[nodiscard]] bool is_title_letter(char32_t c) noexcept;
[[nodiscard]] bool is_case_ignorable(char32_t c) noexcept;

enum class CaseMap : uint8_t { kUpper, kLower, kTitle, kFold };

/// Appends the case mapping of `c`, one to three code points, as UTF-8.
void append_mapped(std::string& out, char32_t c, CaseMap map);

}  // namespace pio::text::jinja
