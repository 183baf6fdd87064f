// SPDX-License-Identifier: Apache-2.0
#include "pio/generation/stop_matcher.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "pio/base/error.h"

namespace pio::generation {
namespace {

struct Shown {
  std::string text;
  bool stopped;
};

Shown show(const std::vector<std::string>& stops, const std::vector<std::string>& pieces) {
  StopMatcher matcher(stops);
  Shown out{};
  for (const std::string& piece : pieces) {
    out.text += matcher.push(piece);
  }
  out.stopped = matcher.is_stopped();
  if (!out.stopped) {
    out.text += matcher.finish();
  }
  return out;
}

TEST(StopMatcher, WithoutStopsAllPassesAtOnce) {
  StopMatcher matcher({});
  EXPECT_EQ(matcher.push("abc"), "abc");
  EXPECT_EQ(matcher.finish(), "");
}

TEST(StopMatcher, HoldsBackWhatMayBeginAStop) {
  StopMatcher matcher({"END"});
  EXPECT_EQ(matcher.push("the E"), "the ");
  EXPECT_EQ(matcher.push("N"), "");
  EXPECT_EQ(matcher.push("E"), "EN");
  EXPECT_EQ(matcher.push("ND tail"), "");
  EXPECT_TRUE(matcher.is_stopped());
  EXPECT_EQ(matcher.push("more"), "");
}

TEST(StopMatcher, TheFirstThatIsCompleteWins) {
  EXPECT_EQ(show({"d", "bc"}, {"abcd"}).text, "a");
  EXPECT_EQ(show({"bcd", "c"}, {"ab", "cd"}).text, "ab");
  EXPECT_EQ(show({"bcd", "c"}, {"abcd"}).text, "ab");
  EXPECT_EQ(show({"c", "bc"}, {"abcd"}).text, "a");
}

TEST(StopMatcher, HeldTextComesOutAtTheEnd) {
  const Shown shown = show({"</s>"}, {"x <", "/s"});
  EXPECT_FALSE(shown.stopped);
  EXPECT_EQ(shown.text, "x </s");
}

TEST(StopMatcher, BadStopsAreRefused) {
  EXPECT_THROW(StopMatcher({""}), Error);
  EXPECT_THROW(StopMatcher({std::string(1025, 'x')}), Error);
  EXPECT_THROW(StopMatcher(std::vector<std::string>(17, "x")), Error);
  EXPECT_NO_THROW(StopMatcher(std::vector<std::string>(16, std::string(1024, 'x'))));
}

// Whatever the cuts: the text before the first stop, and no more.
TEST(StopMatcher, RandomTextsInRandomPieces) {
  std::mt19937 random(7);
  const auto upto = [&](size_t limit) {
    return std::uniform_int_distribution<size_t>(0, limit)(random);
  };
  const auto word = [&](size_t least, size_t most) {
    std::string out(least + upto(most - least), 'a');
    std::ranges::generate(out, [&] { return static_cast<char>('a' + upto(1)); });
    return out;
  };
  for (int round = 0; round < 3000; ++round) {
    const std::string text = word(0, 40);
    std::vector<std::string> stops(1 + upto(2));
    std::ranges::generate(stops, [&] { return word(1, 6); });
    std::vector<std::string> pieces;
    for (size_t at = 0; at < text.size();) {
      pieces.push_back(text.substr(at, upto(5)));
      at += pieces.back().size();
    }
    std::string expected = text;  // before the stop that is complete first, of those the longest
    bool stopped = false;
    for (size_t end = 1; end <= text.size() && !stopped; ++end) {
      for (const std::string& stop : stops) {
        if (text.substr(0, end).ends_with(stop) && end - stop.size() < expected.size()) {
          expected = text.substr(0, end - stop.size());
          stopped = true;
        }
      }
    }
    const Shown shown = show(stops, pieces);
    ASSERT_EQ(shown.stopped, stopped) << text;
    ASSERT_EQ(shown.text, expected) << text << " with " << stops[0];
  }
}

}  // namespace
}  // namespace pio::generation
