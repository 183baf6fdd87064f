// SPDX-License-Identifier: Apache-2.0
// What the values of options must look like, stricter than the parser's own reading: for
// CLI::Option::transform.
#pragma once

#include <CLI/CLI.hpp>
#include <charconv>
#include <concepts>
#include <string>

#include "pio/base/error.h"

namespace pio::apps {

namespace detail {

// The number that all of `text` is in decimal, within [min, max].
template <class T>
bool parse_number(const std::string& text, T min, T max, T& out) {
  const char* end = text.data() + text.size();
  const auto [next, error] = std::from_chars(text.data(), end, out);
  return error == std::errc() && next == end && out >= min && out <= max;  // a NaN is in no range
}

}  // namespace detail

/// A whole number from min to max in decimal digits: no spaces, no 0x, and 010 is ten.
template <std::integral T>
[[nodiscard]] CLI::Validator whole_number(T min, T max) {
  const auto check = [=](std::string& text) {
    T value{};
    if (!detail::parse_number(text, min, max, value)) {
      return concat("\"", escaped(text), "\": expected a whole number from ", min, " to ", max);
    }
    text = std::to_string(value);
    return std::string();
  };
  return CLI::Validator(check, concat(min, " to ", max));
}

/// A number from min to max, which NaN and infinity are not.
[[nodiscard]] inline CLI::Validator real_number(double min, double max) {
  const auto check = [=](std::string& text) {
    double value = 0;
    const bool good = detail::parse_number(text, min, max, value);
    return good ? std::string()
                : concat("\"", escaped(text), "\": expected a number from ", min, " to ", max);
  };
  return CLI::Validator(check, concat(min, " to ", max));
}

/// Any text but none.
[[nodiscard]] inline CLI::Validator not_empty() {
  const auto check = [](std::string& text) { return std::string(text.empty() ? "is empty" : ""); };
  return CLI::Validator(check, "");
}

}  // namespace pio::apps
