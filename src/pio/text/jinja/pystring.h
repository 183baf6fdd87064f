// SPDX-License-Identifier: Apache-2.0
// Python's str operations on UTF-8 text, counted in code points. All take and give valid UTF-8.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pio/text/jinja/budget.h"
#include "pio/text/jinja/unicode.h"

namespace pio::text::jinja {

/// Byte offset of code point `index`; the text's size where it has no more than `index`.
[[nodiscard]] size_t byte_offset(std::string_view text, size_t index);
/// Code points in `text`.
[[nodiscard]] size_t code_points(std::string_view text);
/// Each code point as a piece of `text`.
[[nodiscard]] std::vector<std::string_view> characters(std::string_view text);

enum class Side : uint8_t { kBoth, kLeft, kRight };
/// Without white space, or the code points of `chars`, at its ends.
[[nodiscard]] std::string_view strip(std::string_view text, std::optional<std::string_view> chars,
                                     Side side = Side::kBoth);

/// str.split and str.rsplit: by white space without a separator; max_splits < 0: no limit.
/// separator: not empty.
[[nodiscard]] std::vector<std::string_view> split(std::string_view text,
                                                  std::optional<std::string_view> separator,
                                                  int64_t max_splits, bool from_right);
[[nodiscard]] std::vector<std::string_view> split_lines(std::string_view text, bool keep_ends);

/// str.replace; count < 0: all.
[[nodiscard]] std::string replace_text(std::string_view text, std::string_view from,
                                       std::string_view to, int64_t count);

/// str.upper, .lower, .casefold. title(): str.title. capitalize(): str.capitalize.
[[nodiscard]] std::string map_case(std::string_view text, CaseMap map);
[[nodiscard]] std::string title(std::string_view text);
[[nodiscard]] std::string capitalize(std::string_view text);
[[nodiscard]] std::string swap_case(std::string_view text);
/// Whether there is a cased letter and all of them are lower (upper) case.
[[nodiscard]] bool all_lower(std::string_view text);
[[nodiscard]] bool all_upper(std::string_view text);

/// text[start:stop:step] by normalized indices, as slice.indices() gives them.
[[nodiscard]] std::string slice_text(std::string_view text, int64_t start, int64_t step,
                                     int64_t count);

/// & < > ' " as HTML entities.
[[nodiscard]] std::string escape_html(std::string_view text);

}  // namespace pio::text::jinja
