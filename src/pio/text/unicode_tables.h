// SPDX-License-Identifier: Apache-2.0
// The generated Unicode data (unicode_tables.inc); unicode.h and nfc.h are what to use.
#pragma once

#include <cstdint>
#include <span>

namespace pio::text {

/// Code points from `first` to `last`, inclusive.
struct CodePointRange {
  char32_t first;
  char32_t last;
};

/// Code points of one canonical combining class (not 0), inclusive.
struct CombiningClass {
  char32_t first;
  char32_t last;
  uint8_t value;
};

/// One canonical decomposition step.
struct Decomposition {
  char32_t code_point;
  char32_t first;
  char32_t second;  ///< 0: a single code point
  bool composes;    ///< NFC joins the pair again
};

/// first code point << 5 | category, sorted; a run ends where the next begins.
[[nodiscard]] std::span<const uint32_t> category_runs();
/// What the Punctuation pre-tokenizer splits at.
[[nodiscard]] std::span<const CodePointRange> punctuation_ranges();
/// What the Digits pre-tokenizer takes beside category N.
[[nodiscard]] std::span<const CodePointRange> further_digits();
/// Sorted by code point.
[[nodiscard]] std::span<const CombiningClass> combining_classes();
/// Sorted by code point; Hangul syllables are not in it.
[[nodiscard]] std::span<const Decomposition> decompositions();

}  // namespace pio::text
