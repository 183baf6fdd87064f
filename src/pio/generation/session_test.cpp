// SPDX-License-Identifier: Apache-2.0
#include "pio/generation/session.h"

#include <gtest/gtest.h>

#include <cstring>

#include "pio/base/error.h"
#include "support/tiny_decoder.h"

namespace pio::generation {
namespace {

using test::some_ids;
using Logits = std::vector<float>;

class SessionTest : public testing::Test {
 protected:
  SessionTest()
      : runner_(model_, test::cpu_device(), {.context = 128, .sequences = 4, .chunk = 64}) {}
  ~SessionTest() override { EXPECT_EQ(runner_.blocks().free_pages(), runner_.blocks().pages()); }

  static Logits copy(std::span<const float> row) { return {row.begin(), row.end()}; }
  Logits fresh(const std::vector<int32_t>& ids) {
    Session session(runner_);
    return copy(session.prefill(ids));
  }
  static void expect_same_bits(const Logits& a, const Logits& b) {
    ASSERT_EQ(a.size(), b.size());
    EXPECT_EQ(std::memcmp(a.data(), b.data(), a.size() * sizeof(float)), 0);
  }

  test::TinyDecoder model_;
  Runner runner_;
};

std::vector<int32_t> with(std::vector<int32_t> ids, std::initializer_list<int32_t> more) {
  ids.insert(ids.end(), more);
  return ids;
}

TEST_F(SessionTest, StepsGiveWhatThePromptGives) {
  const auto ids = some_ids(40);
  Session session(runner_);
  Logits last;
  for (const int32_t id : ids) {
    last = copy(session.step(id));
  }
  EXPECT_EQ(session.size(), 40);
  expect_same_bits(last, fresh(ids));
}

TEST_F(SessionTest, ScoreGivesEveryPosition) {
  const auto ids = some_ids(100);  // two chunks
  Session session(runner_);
  int64_t next = 0;
  Logits at_70;
  session.score(ids, [&](int64_t position, std::span<const float> row) {
    EXPECT_EQ(position, next++);
    if (position == 70) {
      at_70 = copy(row);
    }
  });
  EXPECT_EQ(next, 100);
  expect_same_bits(at_70, fresh({ids.begin(), ids.begin() + 71}));
}

// In the middle of a page, at its end, and at the first row of the next.
TEST_F(SessionTest, ForksGoTheirOwnWays) {
  for (const int64_t past : {1, 15, 16, 17, 32, 37}) {
    const auto ids = some_ids(past);
    Session first(runner_);
    static_cast<void>(first.prefill(ids));
    Session second = first.fork();
    Session third = second.fork();
    EXPECT_EQ(second.size(), past);
    expect_same_bits(copy(first.step(5)), fresh(with(ids, {5})));
    expect_same_bits(copy(second.step(7)), fresh(with(ids, {7})));
    expect_same_bits(copy(first.step(8)), fresh(with(ids, {5, 8})));
    expect_same_bits(copy(third.prefill(std::vector<int32_t>{9, 10, 11})),
                     fresh(with(ids, {9, 10, 11})));
    expect_same_bits(copy(second.step(6)), fresh(with(ids, {7, 6})));
  }
}

TEST_F(SessionTest, AForkSharesWholePagesAndCopiesOne) {
  Session first(runner_);
  static_cast<void>(first.prefill(some_ids(40)));
  const int64_t free = runner_.blocks().free_pages();
  Session second = first.fork();
  EXPECT_EQ(runner_.blocks().free_pages(), free);
  static_cast<void>(second.step(1));
  EXPECT_EQ(runner_.blocks().free_pages(), free - 1);
  static_cast<void>(first.step(2));  // the only user by now: no copy
  EXPECT_EQ(runner_.blocks().free_pages(), free - 1);
}

TEST_F(SessionTest, TruncateThenStepIsAShorterPast) {
  const auto ids = some_ids(40);
  for (const int64_t kept : {0, 1, 15, 16, 21, 32, 39, 40}) {
    const std::vector<int32_t> past(ids.begin(), ids.begin() + kept);
    Session session(runner_);
    static_cast<void>(session.prefill(ids));
    Session other = session.fork();
    session.truncate(kept);
    EXPECT_EQ(session.size(), kept);
    expect_same_bits(copy(session.step(3)), fresh(with(past, {3})));
    expect_same_bits(copy(other.step(4)), fresh(with(ids, {4})));
  }
}

TEST_F(SessionTest, AMovedSessionGoesOn) {
  const auto ids = some_ids(20);
  Session first(runner_);
  static_cast<void>(first.prefill(ids));
  Session second(std::move(first));
  expect_same_bits(copy(second.step(3)), fresh(with(ids, {3})));
}

void expect_error(ErrorCode code, const std::string& part, const std::function<void()>& action) {
  try {
    action();
    ADD_FAILURE() << "no error; expected " << part;
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code);
    EXPECT_NE(std::string(error.what()).find(part), std::string::npos) << error.what();
  }
}

TEST_F(SessionTest, BadCallsAreNamedAndChangeNothing) {
  const auto ids = some_ids(20);
  Session session(runner_);
  static_cast<void>(session.prefill(ids));
  const auto refuse = [&](const std::vector<int32_t>& more, const std::string& part) {
    expect_error(ErrorCode::kInvalidArgument, part,
                 [&] { static_cast<void>(session.prefill(more)); });
  };
  refuse({}, "no ids");
  refuse({96}, "96 is outside the vocabulary of 96");
  refuse({1, -1}, "-1 is outside");
  refuse(some_ids(109), "129 tokens, the context holds 128");
  expect_error(ErrorCode::kInvalidArgument, "cannot truncate 20 tokens to 21",
               [&] { session.truncate(21); });
  expect_error(ErrorCode::kInvalidArgument, "cannot truncate", [&] { session.truncate(-1); });
  expect_same_bits(copy(session.step(3)), fresh(with(ids, {3})));
  EXPECT_NO_THROW(static_cast<void>(session.prefill(some_ids(107))));
  refuse({1}, "129 tokens");
}

// The pool is used up by others: an error, and the session goes on once there is room.
TEST_F(SessionTest, NoPageLeft) {
  const auto ids = some_ids(128);
  std::vector<Session> full;
  for (int i = 0; i < 4; ++i) {
    full.emplace_back(runner_);
    static_cast<void>(full.back().prefill(ids));
  }
  Session late(runner_);
  expect_error(ErrorCode::kOutOfMemory, "no free page", [&] { static_cast<void>(late.step(1)); });
  full.pop_back();
  expect_same_bits(copy(late.step(1)), fresh({1}));
}

}  // namespace
}  // namespace pio::generation
