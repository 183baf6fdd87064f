// SPDX-License-Identifier: Apache-2.0
// Character classes of Unicode 16, as the regular expressions of Hugging Face `tokenizers` see
// them. The tables come from tools/make_unicode_tables.py.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "pio/base/utf8.h"
#include "pio/text/unicode_tables.h"

namespace pio::text {

/// General categories; the order is the tables'. kControlSpace: control characters that are
/// White_Space.
// clang-format off
enum class Category : uint8_t {
  kLu, kLl, kLt, kLm, kLo, kMn, kMc, kMe, kNd, kNl, kNo, kPc, kPd, kPs, kPe, kPi, kPf, kPo,
  kSm, kSc, kSk, kSo, kZs, kZl, kZp, kCc, kCf, kCs, kCo, kCn, kControlSpace,
};
// clang-format on

/// A set of categories, one bit each.
using CategoryMask = uint32_t;

/// The bit of one category.
[[nodiscard]] constexpr CategoryMask bit(Category category) {
  return CategoryMask{1} << static_cast<unsigned>(category);
}

/// The bits from `first` to `last`.
[[nodiscard]] constexpr CategoryMask bits(Category first, Category last) {
  return (bit(last) << 1) - bit(first);
}

inline constexpr CategoryMask kLetter = bits(Category::kLu, Category::kLo);       ///< \p{L}
inline constexpr CategoryMask kMark = bits(Category::kMn, Category::kMe);         ///< \p{M}
inline constexpr CategoryMask kNumber = bits(Category::kNd, Category::kNo);       ///< \p{N}
inline constexpr CategoryMask kPunctuation = bits(Category::kPc, Category::kPo);  ///< \p{P}
inline constexpr CategoryMask kSymbol = bits(Category::kSm, Category::kSo);       ///< \p{S}
inline constexpr CategoryMask kSeparator = bits(Category::kZs, Category::kZp);    ///< \p{Z}
inline constexpr CategoryMask kOther =
    bits(Category::kCc, Category::kCn) | bit(Category::kControlSpace);             ///< \p{C}
inline constexpr CategoryMask kSpace = kSeparator | bit(Category::kControlSpace);  ///< \s

/// The categories that \p{name} stands for ("L", "Lu", "Cc" ...), or nothing for another name.
[[nodiscard]] std::optional<CategoryMask> category_mask(std::string_view name);

/// Sorted ranges, without overlap.
using CodePointSet = std::vector<CodePointRange>;

/// All code points of the given categories, surrogates left out.
[[nodiscard]] CodePointSet code_points(CategoryMask mask);
/// Sorts and joins ranges that touch or overlap.
[[nodiscard]] CodePointSet normalized(CodePointSet set);
/// Every code point outside of `set` (sorted), surrogates left out.
[[nodiscard]] CodePointSet complement(const CodePointSet& set);
/// Whether a sorted set holds `code_point`.
[[nodiscard]] bool contains(const CodePointSet& set, char32_t code_point);

/// What \w means in a character class: letters, marks, decimal and letter numbers, connectors, and
/// the symbols that are Alphabetic.
[[nodiscard]] CodePointSet word_characters();
/// What the Punctuation pre-tokenizer splits at.
[[nodiscard]] const CodePointSet& punctuation_characters();
/// What the Digits pre-tokenizer takes.
[[nodiscard]] const CodePointSet& digit_characters();

/// The category of every code point: a two-step table, built once.
class CategoryTable {
 public:
  /// The one table.
  static const CategoryTable& get();

  /// The bit of a code point's category; above U+10FFFF: kCn.
  [[nodiscard]] CategoryMask operator()(char32_t code_point) const noexcept {
    if (code_point >= kEnd) {
      return bit(Category::kCn);
    }
    const size_t block = block_of_[code_point / kBlock];
    return CategoryMask{1} << blocks_[block * kBlock + code_point % kBlock];
  }

 private:
  static constexpr size_t kBlock = 256;
  static constexpr char32_t kEnd = 0x110000;
  CategoryTable();

  std::array<uint16_t, kEnd / kBlock> block_of_{};
  std::vector<uint8_t> blocks_;
};

/// Walks over the code points of valid UTF-8.
class Cursor {
 public:
  explicit Cursor(std::string_view text, size_t at = 0) : text_(text), at_(at) {}
  [[nodiscard]] bool done() const noexcept { return at_ >= text_.size(); }
  [[nodiscard]] size_t at() const noexcept { return at_; }
  /// The code point here and the byte position behind it. REQUIRES: !done().
  [[nodiscard]] std::pair<char32_t, size_t> peek() const noexcept {
    const auto lead = static_cast<unsigned char>(text_[at_]);
    if (lead < 0x80) {
      return {lead, at_ + 1};
    }
    const auto decoded = utf8::decode(text_, at_);
    return {decoded.code_point, at_ + decoded.size};
  }
  void move_to(size_t at) noexcept { at_ = at; }

 private:
  std::string_view text_;
  size_t at_;
};

}  // namespace pio::text
