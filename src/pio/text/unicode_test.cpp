// SPDX-License-Identifier: Apache-2.0
#include "pio/text/unicode.h"

#include <gtest/gtest.h>

#include "pio/text/nfc.h"

namespace pio::text {
namespace {

uint64_t count(const CodePointSet& set) {
  uint64_t out = 0;
  for (const auto& range : set) {
    out += range.last - range.first + 1;
  }
  return out;
}

// The counts of Unicode 16.0, also `tokenizers` 0.23.3's.
TEST(Unicode, HoldsVersion16) {
  EXPECT_EQ(count(code_points(kLetter)), 141028u);
  EXPECT_EQ(count(code_points(kNumber)), 1911u);
  EXPECT_EQ(count(code_points(kMark)), 2501u);
  EXPECT_EQ(count(code_points(kPunctuation)), 855u);
  EXPECT_EQ(count(code_points(kSymbol)), 8514u);
  EXPECT_EQ(count(code_points(kSpace)), 25u);
  EXPECT_EQ(count(code_points(kOther)), 957236u);
  EXPECT_EQ(count(code_points(*category_mask("Lu"))), 1858u);
  EXPECT_EQ(count(code_points(*category_mask("Cc"))), 65u);
  EXPECT_EQ(count(word_characters()), 144671u - 6u);
  EXPECT_EQ(count(digit_characters()), 1924u);
  EXPECT_EQ(count(punctuation_characters()), 726u);
  EXPECT_FALSE(category_mask("Han"));
  EXPECT_FALSE(category_mask(""));
}

TEST(Unicode, TableAgreesWithRanges) {
  const auto& table = CategoryTable::get();
  for (const CategoryMask mask : {kLetter, kMark, kNumber, kPunctuation, kSymbol, kSpace, kOther}) {
    const auto set = code_points(mask);
    for (char32_t c = 0; c < 0x110000; c += c < 0x3000 ? 1 : 13) {
      if (c < 0xD800 || c > 0xDFFF) {
        ASSERT_EQ((table(c) & mask) != 0, contains(set, c)) << std::hex << static_cast<uint32_t>(c);
      }
    }
  }
  EXPECT_EQ(table(0x110000), bit(Category::kCn));
}

TEST(Unicode, ComplementHoldsTheRest) {
  const auto letters = code_points(kLetter);
  EXPECT_EQ(count(letters) + count(complement(letters)), 0x110000u - 0x800u);
  EXPECT_EQ(count(complement({})), 0x110000u - 0x800u);
}

TEST(Nfc, ComposesAndOrders) {
  EXPECT_EQ(nfc("plain"), "plain");
  EXPECT_EQ(nfc("e\u0301"), "\u00e9");
  EXPECT_EQ(nfc("\u1e69"), "\u1e69");
  EXPECT_EQ(nfc("s\u0307\u0323"), "\u1e69");        // marks in the wrong order
  EXPECT_EQ(nfc("\u212b\u2126"), "\u00c5\u03a9");   // singletons
  EXPECT_EQ(nfc("\u0958"), "\u0915\u093c");         // excluded from composition
  EXPECT_EQ(nfc("a\u0301\u0301"), "\u00e1\u0301");  // the second mark is blocked
  EXPECT_EQ(nfc("a\u0345\u0301"), "\u00e1\u0345");
  EXPECT_EQ(nfc("\u0301x"), "\u0301x");
  EXPECT_EQ(nfc("\u1100\u1161\u11a8\u1100\u1161"), "\uac01\uac00");
  EXPECT_EQ(nfc("\uac00\u11a8"), "\uac01");
  EXPECT_EQ(nfc("\u05d0\u05b7x"), "\u05d0\u05b7x");
  EXPECT_EQ(nfc(""), "");
}

TEST(Nfc, IsIdempotentForEveryCodePoint) {
  for (char32_t c = 1; c < 0x30000; ++c) {
    std::string text = "a";
    utf8::append(text, c);
    text += "\u0323\u0301";
    const auto once = nfc(text);
    ASSERT_EQ(nfc(once), once) << std::hex << static_cast<uint32_t>(c);
  }
}

}  // namespace
}  // namespace pio::text
