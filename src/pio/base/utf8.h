// SPDX-License-Identifier: Apache-2.0
// UTF-8 decoding and encoding, one code point at a time.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace pio::utf8 {

/// U+FFFD, what invalid bytes decode to.
inline constexpr char32_t kReplacement = 0xFFFD;

struct Decoded {
  char32_t code_point;
  size_t size;  ///< bytes taken, at least 1
  bool valid;   ///< false: code_point is kReplacement for a maximal invalid subsequence
};

/// Decodes at byte `at` (< text.size()). Invalid input (overlong, surrogate, above U+10FFFF, cut) gives
/// kReplacement for each maximal subpart, as Python's bytes.decode("utf-8", "replace").
[[nodiscard]] Decoded decode(std::string_view text, size_t at) noexcept;

/// Appends the UTF-8 form of `code_point`; surrogates and values above U+10FFFF become U+FFFD.
void append(std::string& out, char32_t code_point);

/// Whether all of `text` is valid UTF-8.
[[nodiscard]] bool is_valid(std::string_view text) noexcept;

/// `text` with every invalid subsequence replaced by U+FFFD.
[[nodiscard]] std::string sanitized(std::string_view text);

}  // namespace pio::utf8
