// SPDX-License-Identifier: Apache-2.0
#include "pio/text/pre_tokenizer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "pio/base/error.h"
#include "pio/base/utf8.h"
#include "pio/text/regex_matcher.h"
#include "pio/text/split_rules.h"
#include "pio/text/tokenizer_test_support.h"

namespace pio::text {
namespace {

using testing::ElementsAre;

std::vector<std::string> pieces(const PreTokenizer& step, std::string_view text) {
  PreTokens tokens(text);
  MatchState state(text.size());
  step.apply(tokens, state);
  std::vector<std::string> out;
  for (const Span span : tokens.spans) {
    out.emplace_back(tokens.piece(span));
  }
  return out;
}

std::vector<std::string> split(std::string_view pattern, std::string_view text,
                               SplitBehavior behavior = SplitBehavior::kIsolated,
                               bool invert = false) {
  return pieces(Split(make_regex_matcher(pattern, "test"), behavior, invert), text);
}

TEST(Split, BehavesAsTokenizersDoes) {
  using enum SplitBehavior;
  const char* text = "a--b-c";
  EXPECT_THAT(split("-", text, kRemoved), ElementsAre("a", "b", "c"));
  EXPECT_THAT(split("-", text, kIsolated), ElementsAre("a", "-", "-", "b", "-", "c"));
  EXPECT_THAT(split("-", text, kContiguous), ElementsAre("a", "--", "b", "-", "c"));
  EXPECT_THAT(split("-", text, kMergedWithPrevious), ElementsAre("a-", "-", "b-", "c"));
  EXPECT_THAT(split("-", text, kMergedWithNext), ElementsAre("a", "-", "-b", "-c"));
  EXPECT_THAT(split("-", text, kRemoved, true), ElementsAre("-", "-", "-"));
}

TEST(Split, EmptyMatchesCutButLeaveNothing) {
  EXPECT_THAT(split("x*", "axxb"), ElementsAre("a", "xx", "b"));
  EXPECT_THAT(split("\\b", "ab cd"), ElementsAre("ab", " ", "cd"));
  EXPECT_THAT(pieces(Split(std::make_unique<LiteralMatcher>(""), SplitBehavior::kIsolated), "aéb"),
              ElementsAre("a", "é", "b"));
}

TEST(ByteLevel, PrefixSpaceAndByteAlphabet) {
  EXPECT_THAT(pieces(ByteLevel({.add_prefix_space = true}), "a b"), ElementsAre(" a", " b"));
  EXPECT_THAT(pieces(ByteLevel({.add_prefix_space = true}), " a"), ElementsAre(" a"));
  EXPECT_THAT(pieces(ByteLevel({.add_prefix_space = true}), "\ta"), ElementsAre(" ", "\t", "a"));
  EXPECT_THAT(pieces(ByteLevel({.map_bytes = true}), "é b"), ElementsAre("Ã©", "Ġb"));
}

TEST(ByteLevel, RefusesWhatSpansCannotName) {
  const char one = 'a';  // refused before a byte is read
  expect_error(ErrorCode::kInvalidArgument, "the limit is 4294967295",
               [&] { const PreTokens tokens({&one, size_t{1} << 32}); });
  PreTokens tokens({&one, size_t{3} << 30});
  MatchState state(1);
  for (const bool map_bytes : {true, false}) {
    const ByteLevel step(
        {.add_prefix_space = !map_bytes, .use_regex = false, .map_bytes = map_bytes});
    expect_error(ErrorCode::kInvalidArgument, "in the byte alphabet",
                 [&] { step.apply(tokens, state); });
  }
}

TEST(RuleMatcher, KnowsTheFamousPatterns) {
  EXPECT_THAT(split(kGpt2Pattern, "I'll go  on\n\n x12"),
              ElementsAre("I", "'ll", " go", " ", " on", "\n\n", " x", "12"));
  EXPECT_THAT(split(kLlama3Pattern, "I'LL x12345!\n\n y"),
              ElementsAre("I", "'LL", " x", "123", "45", "!\n\n", " y"));
  EXPECT_THAT(split(kQwen2Pattern, "(a)12"), ElementsAre("(a", ")", "1", "2"));
  EXPECT_THAT(split(kQwen35Pattern, "e\u0301x"), ElementsAre("e\u0301x"));
  EXPECT_THAT(split(kO200kPattern, "HTTPServer's/"), ElementsAre("HTTPServer's", "/"));
  EXPECT_THAT(split(kO200kPattern, "camelCase it'S"), ElementsAre("camel", "Case", " it'S"));
}

// The hand-written rules against the same patterns under PCRE2.
TEST(RuleMatcher, EqualsTheRegularExpression) {
  const std::vector<std::string> words = {
      "a",      "B",      "ab",         "Ab",     "AB",     "'s",     "'S",      "'\u017f",
      "'re",    "'LL",    "'",          "''",     "1",      "12",     "345",     "\u0663",
      "\u00bd", " ",      "  ",         "\t",     "\n",     "\r\n",   "\u00a0",  "\u3000",
      "!",      "?!",     "/",          "//",     "\u4e2d", "\u01c5", "\u02b0",  "\u0301",
      "\u0e33", "\u200d", "\U0001f600", "\u2167", "_",      "\u0378", "\u16d67", "\U00011de0"};
  std::mt19937 random(7);
  for (const auto pattern : {kGpt2Pattern, kLlama3Pattern, kQwen2Pattern, kQwen35Pattern,
                             kO200kPattern, kTekkenPattern}) {
    const RuleMatcher rule(*known_split_rule(pattern));
    const RegexMatcher regex(pattern, "test");
    for (int round = 0; round < 1500; ++round) {
      std::string text;
      for (size_t i = 0; i < 1 + random() % 12; ++i) {
        text += words[random() % words.size()];
      }
      MatchState state(text.size());
      std::vector<Span> got;
      std::vector<Span> wanted;
      rule.find(text, state, got);
      regex.find(text, state, wanted);
      const auto equal = [](Span a, Span b) { return a.begin == b.begin && a.end == b.end; };
      ASSERT_TRUE(std::equal(got.begin(), got.end(), wanted.begin(), wanted.end(), equal))
          << pattern << " on \"" << text << '"';
    }
  }
}

TEST(Regex, ReadsOnigurumaSyntax) {
  EXPECT_THAT(split("\\h+", "xyz0Fg"), ElementsAre("xyz", "0F", "g"));
  EXPECT_THAT(split("^.", "ab\ncd"), ElementsAre("a", "b\n", "c", "d"));
  EXPECT_THAT(split("a{,2}b", "aaab"), ElementsAre("a", "aab"));
  EXPECT_THAT(split("[a-c[0-1]]+", "xab01z"), ElementsAre("x", "ab01", "z"));
  EXPECT_THAT(split("[^\\P{L}a-f]+", "abxyz1"), ElementsAre("ab", "xyz", "1"));
  EXPECT_THAT(split("\\u4f60|\\x{4e16}", "\u4f60\u597d\u4e16"),
              ElementsAre("\u4f60", "\u597d", "\u4e16"));
  EXPECT_THAT(split("\\w", "\u00bd"), ElementsAre("\u00bd"));
  EXPECT_THAT(split("[\\w-]+", "a\u00bd-"), ElementsAre("a", "\u00bd", "-"));
  EXPECT_THAT(split("\\p{L}+", "1\U00016d67x"),
              ElementsAre("1", "\U00016d67x"));  // a letter since Unicode 16
  EXPECT_THAT(split("a{x", "a{x"), ElementsAre("a{x"));
}

TEST(Regex, RefusesWhatItCannotRead) {
  for (const char* pattern :
       {"\\p{Han}", "[[:alpha:]]", "[a&&b]", "(?m:.)", "(?<n>a)", "\\k<n>", "(*FAIL)", "\\1",
        "a{1,2}+", "\\G", "\\X", "(?~a)", "[]a]", "(?R)", "\\Q"}) {
    expect_error(ErrorCode::kUnsupported, "not supported",
                 [&] { static_cast<void>(make_regex_matcher(pattern, "f.json: pattern")); });
  }
  for (const char* pattern : {"(", "[a", "a\\", "[z-a]", "\\p", "\\x{110000}", "*", "\\xz"}) {
    expect_error(ErrorCode::kBadFile, "f.json: pattern",
                 [&] { static_cast<void>(make_regex_matcher(pattern, "f.json: pattern")); });
  }
}

}  // namespace
}  // namespace pio::text
