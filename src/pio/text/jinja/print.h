// SPDX-License-Identifier: Apache-2.0
// Values as text: Python's str() and repr(), and json.dumps().
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "pio/text/jinja/runtime.h"

namespace pio::text::jinja {

/// repr(float): the shortest digits that read back, "1e+16" above 1e16, "inf", "nan".
[[nodiscard]] std::string repr_real(double value);

/// Appends str(value): what {{ value }} prints; nothing for undefined.
void append_str(TextBuilder& out, const Value& value);
/// Appends repr(value).
void append_repr(TextBuilder& out, const Value& value);
/// str(value) as a string.
[[nodiscard]] std::string to_str(const Value& value);
[[nodiscard]] std::string to_repr(const Value& value);
/// ascii(value): its repr() with all that is not ASCII as \x, \u or \U escapes.
[[nodiscard]] std::string to_ascii(const Value& value);
/// str(value) as a value; a string comes back as it is, markup included.
[[nodiscard]] Value soft_str(Runtime& runtime, const Value& value);

/// The arguments of json.dumps().
struct JsonStyle {
  bool ensure_ascii = false;
  bool sort_keys = false;
  std::optional<std::string> indent;  ///< one level's white space; none: all on one line
  std::string item_separator = ", ";
  std::string key_separator = ": ";
};

/// Appends json.dumps(value). Errors: RunError for what JSON has no form for.
void append_json(Runtime& runtime, TextBuilder& out, const Value& value, const JsonStyle& style);

}  // namespace pio::text::jinja
