// SPDX-License-Identifier: Apache-2.0
#include "pio/text/jinja/unicode.h"

#include <algorithm>
#include <cstdint>
#include <span>

#include "pio/base/utf8.h"

namespace pio::text::jinja {
namespace {

/// [first, end)
struct Range {
  uint32_t first;
  uint32_t end;
};

/// Code points first, first + stride ... last, each mapped to itself + delta.
struct CaseRun {
  uint32_t first;
  uint32_t last;
  uint32_t stride;
  int32_t delta;
};

/// One code point mapped to up to three; unused ones are 0.
struct CaseSpecial {
  uint32_t from;
  uint32_t to[3];
};

#include "pio/text/jinja/unicode_tables.inc"

bool within(std::span<const Range> table, char32_t c) noexcept {
  const auto at = std::ranges::upper_bound(table, uint32_t{c}, {}, &Range::first);
  return at != table.begin() && c < (at - 1)->end;
}

struct CaseTable {
  std::span<const CaseRun> runs;
  std::span<const CaseSpecial> special;
};

CaseTable table_of(CaseMap map) noexcept {
  switch (map) {
    case CaseMap::kUpper:
      return {kUpperRuns, kUpperSpecial};
    case CaseMap::kLower:
      return {kLowerRuns, kLowerSpecial};
    case CaseMap::kTitle:
      return {kTitleRuns, kTitleSpecial};
    case CaseMap::kFold:
      break;
  }
  return {kFoldRuns, kFoldSpecial};
}

}  // namespace

bool is_space(char32_t c) noexcept {
  return (c >= 9 && c <= 13) || (c >= 0x1c && c <= 0x20) || c == 0x85 || c == 0xa0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f ||
         c == 0x3000;
}

bool is_printable(char32_t c) noexcept { return !within(kUnprintable, c); }
bool is_alpha(char32_t c) noexcept { return within(kAlpha, c); }
bool is_decimal(char32_t c) noexcept { return within(kDecimal, c); }
bool is_digit(char32_t c) noexcept { return within(kDigit, c); }
bool is_numeric(char32_t c) noexcept { return within(kNumeric, c); }
bool is_alnum(char32_t c) noexcept {
  return is_alpha(c) || is_decimal(c) || is_digit(c) || is_numeric(c);
}
bool is_lower(char32_t c) noexcept { return within(kLower, c); }
bool is_upper(char32_t c) noexcept { return within(kUpper, c); }
bool is_title_letter(char32_t c) noexcept { return within(kTitleLetters, c); }
bool is_case_ignorable(char32_t c) noexcept { return within(kCaseIgnorable, c); }

void append_mapped(std::string& out, char32_t c, CaseMap map) {
  if (c < 0x80) {
    const bool up = map == CaseMap::kUpper || map == CaseMap::kTitle;
    const bool change = up ? c >= 'a' && c <= 'z' : c >= 'A' && c <= 'Z';
    out.push_back(static_cast<char>(change ? c ^ 0x20U : c));
    return;
  }
  const CaseTable table = table_of(map);
  for (const CaseSpecial& each : table.special) {
    if (each.from == c) {
      for (size_t i = 0; i < 3 && each.to[i] != 0; ++i) {
        utf8::append(out, each.to[i]);
      }
      return;
    }
  }
  const auto at = std::ranges::upper_bound(table.runs, uint32_t{c}, {}, &CaseRun::first);
  if (at != table.runs.begin()) {
    const CaseRun& run = *(at - 1);
    if (c <= run.last && (c - run.first) % run.stride == 0) {
      utf8::append(out, static_cast<char32_t>(static_cast<int64_t>(c) + run.delta));
      return;
    }
  }
  utf8::append(out, c);
}

}  // namespace pio::text::jinja
