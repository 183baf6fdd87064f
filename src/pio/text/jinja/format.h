// SPDX-License-Identifier: Apache-2.0
// Python's three ways to format: the % operator, str.format() and its format specifications.
#pragma once

#include <string>
#include <string_view>

#include "pio/text/jinja/runtime.h"

namespace pio::text::jinja {

/// text % values. text: a string; values: a tuple, a dict or one value.
[[nodiscard]] Value format_percent(Runtime& runtime, const Value& text, const Value& values);

/// text.format(*args.positional, **args.named).
[[nodiscard]] Value format_braces(Runtime& runtime, const Value& text, const Args& args);

/// format(value, spec). Errors: RunError for a bad spec.
[[nodiscard]] std::string format_value(const Value& value, std::string_view spec);

/// How a number or text is written; shared by both kinds of formatting.
struct FormatSpec {
  std::string fill = " ";
  char align = 0;  ///< one of < > = ^, or 0 for the type's own
  char sign = '-';
  bool alternate = false;
  bool zero = false;
  char grouping = 0;  ///< , or _
  int64_t width = 0;
  int64_t precision = -1;
  char type = 0;
};

/// Digits of an integer without padding: sign, prefix and body. type: one of d b o x X.
struct NumberText {
  std::string sign;
  std::string prefix;
  std::string digits;
};
[[nodiscard]] NumberText integer_text(int64_t value, const FormatSpec& spec);
/// type: one of e E f F g G % or 0 for Python's default.
[[nodiscard]] NumberText real_text(double value, const FormatSpec& spec);
/// The number, padded to the width.
[[nodiscard]] std::string pad_number(const NumberText& number, const FormatSpec& spec);
/// The text, cut to the precision and padded to the width; align '<' by default.
[[nodiscard]] std::string pad_text(std::string_view text, const FormatSpec& spec,
                                   char default_align);

/// int(text, base): white space, sign, prefix and underscores as Python reads them; nothing if bad.
/// Errors: RunError where the number needs more than 64 bits.
[[nodiscard]] std::optional<int64_t> parse_int(std::string_view text, int64_t base);
/// float(text); nothing if bad.
[[nodiscard]] std::optional<double> parse_real(std::string_view text);
/// int(value) of a float. Errors: RunError for nan, infinity and beyond 64 bits.
[[nodiscard]] int64_t real_to_int(double value);

}  // namespace pio::text::jinja
