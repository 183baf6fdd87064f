// SPDX-License-Identifier: Apache-2.0
#include "pio/generation/generator.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <new>
#include <set>
#include <stdexcept>

#include "pio/base/error.h"
#include "pio/generation/session.h"
#include "pio/text/tokenizer_test_support.h"
#include "support/tiny_decoder.h"

namespace pio::generation {
namespace {

using test::some_ids;
using text::expect_error;

constexpr int64_t kContext = 128;

// Ids are ASCII characters: id 65 is "A".
std::shared_ptr<const text::Tokenizer> ascii() {
  const text::TinyVocab vocab;
  return text::Tokenizer::from_vocab(vocab.spec());
}

class GeneratorTest : public testing::Test {
 protected:
  GeneratorTest()
      : runner_(model_, test::cpu_device(), {.context = kContext, .sequences = 8, .chunk = 64}) {}
  ~GeneratorTest() override { EXPECT_EQ(runner_.blocks().free_pages(), runner_.blocks().pages()); }

  GenerationResult answer(Request request, std::unordered_set<int32_t> eos = {}) {
    Generator generator(runner_, ascii(), std::move(eos));
    return generator.generate(std::move(request));
  }
  std::vector<GenerationResult> answer_all(const std::vector<Request>& requests) {
    Generator generator(runner_, ascii(), {});
    std::vector<std::shared_ptr<Sequence>> sequences;
    for (const Request& request : requests) {
      sequences.push_back(generator.submit(request));
    }
    while (generator.step()) {
    }
    std::vector<GenerationResult> out;
    for (const auto& sequence : sequences) {
      EXPECT_TRUE(sequence->is_finished());
      out.push_back(sequence->take_result());
    }
    return out;
  }

  test::TinyDecoder model_;
  Runner runner_;
};

Request request(int64_t prompt, int64_t max_tokens, SamplingParams sampling = {},
                int32_t salt = 0) {
  Request out;
  out.ids = some_ids(prompt, salt);
  out.max_tokens = max_tokens;
  out.sampling = sampling;
  return out;
}

SamplingParams warm(uint64_t seed) { return {.temperature = 1.0, .seed = seed}; }

std::string text_of(const std::vector<int32_t>& ids) { return {ids.begin(), ids.end()}; }

// More requests than fit at once, of all lengths and ways to draw: each gives the ids that it gives
// alone.
TEST_F(GeneratorTest, TogetherAsAlone) {
  std::vector<Request> requests;
  for (int32_t i = 0; i < 20; ++i) {
    SamplingParams sampling = i % 3 == 0 ? SamplingParams{} : warm(static_cast<uint64_t>(i));
    if (i % 4 == 1) {
      sampling.top_k = 10;
      sampling.top_p = 0.8;
    }
    if (i % 5 == 2) {
      sampling.repetition_penalty = 1.3;
      sampling.frequency_penalty = 0.2;
    }
    requests.push_back(request(1 + i * 37 % 100, 1 + i * 7 % 28, sampling, i));
  }
  const auto together = answer_all(requests);
  for (size_t i = 0; i < requests.size(); ++i) {
    const GenerationResult alone = answer(requests[i]);
    EXPECT_EQ(together[i].ids, alone.ids) << i;
    EXPECT_EQ(together[i].text, alone.text) << i;
    EXPECT_EQ(together[i].finish_reason, FinishReason::kLength);
    EXPECT_EQ(together[i].prompt_tokens, static_cast<int64_t>(requests[i].ids.size()));
  }
}

// The loop gives what a session and a greedy choice by hand give.
TEST_F(GeneratorTest, GreedyIsTheArgmaxOfTheSession) {
  const GenerationResult result = answer(request(30, 10));
  Session session(runner_);
  auto row = session.prefill(some_ids(30));
  for (const int32_t id : result.ids) {
    EXPECT_EQ(std::ranges::max_element(row) - row.begin(), id);
    row = session.step(id);
  }
}

TEST_F(GeneratorTest, MaxTokens) {
  for (const int64_t limit : {0, 1, 5}) {
    const GenerationResult result = answer(request(10, limit));
    EXPECT_EQ(static_cast<int64_t>(result.ids.size()), limit);
    EXPECT_EQ(result.finish_reason, FinishReason::kLength);
  }
  expect_error(ErrorCode::kInvalidArgument, "max_tokens -2", [&] { answer(request(10, -2)); });
}

TEST_F(GeneratorTest, ContextLimit) {
  expect_error(ErrorCode::kInvalidArgument, "the prompt has 128 tokens, the context holds 128",
               [&] { answer(request(kContext, -1)); });
  for (const int64_t limit : {-1, 1, 50}) {
    const GenerationResult result = answer(request(kContext - 1, limit));
    EXPECT_EQ(result.ids.size(), 1u);
    EXPECT_EQ(result.finish_reason, FinishReason::kLength);
  }
  EXPECT_EQ(answer(request(kContext - 20, -1)).ids.size(), 20u);
}

TEST_F(GeneratorTest, BadRequestsAreRefusedAtSubmission) {
  Request bad = request(0, 4);
  expect_error(ErrorCode::kInvalidArgument, "the prompt is empty", [&] { answer(bad); });
  bad.ids = {3, 96};
  expect_error(ErrorCode::kInvalidArgument, "96 is outside the vocabulary of 96",
               [&] { answer(bad); });
  bad = request(3, 4, {.temperature = -1.0});
  expect_error(ErrorCode::kInvalidArgument, "temperature", [&] { answer(bad); });
  bad = request(3, 4);
  bad.stop = {""};
  expect_error(ErrorCode::kInvalidArgument, "stop", [&] { answer(bad); });
}

TEST_F(GeneratorTest, StopTexts) {
  const GenerationResult whole = answer(request(9, 40, warm(3)));
  ASSERT_EQ(whole.text, text_of(whole.ids));
  ASSERT_EQ(whole.text.size(), 40u);
  for (const size_t length : {size_t{1}, size_t{2}, size_t{5}}) {
    Request stopped = request(9, 40, warm(3));
    stopped.stop = {"not in it, surely", whole.text.substr(20, length)};
    std::string streamed;
    stopped.on_text = [&](std::string_view piece) {
      streamed += piece;
      return true;
    };
    const size_t end = whole.text.find(stopped.stop[1]);
    const GenerationResult result = answer(stopped);
    EXPECT_EQ(result.finish_reason, FinishReason::kStop);
    EXPECT_EQ(result.text, whole.text.substr(0, end));
    EXPECT_EQ(streamed, result.text);
    EXPECT_EQ(result.ids.size(), end + length);
  }
  // What was held back as the beginning of a stop text comes out at the end.
  Request held = request(9, 40, warm(3));
  held.stop = {whole.text.substr(38) + "x"};
  EXPECT_EQ(answer(held).text, whole.text);
}

TEST_F(GeneratorTest, EndTokens) {
  const GenerationResult whole = answer(request(9, 40, warm(3)));
  const int32_t end = whole.ids[12];
  const auto first = std::ranges::find(whole.ids, end) - whole.ids.begin();
  const GenerationResult ended = answer(request(9, 40, warm(3)), {end});
  EXPECT_EQ(ended.finish_reason, FinishReason::kStop);
  EXPECT_EQ(ended.ids, std::vector<int32_t>(whole.ids.begin(), whole.ids.begin() + first + 1));
  EXPECT_EQ(ended.text, whole.text.substr(0, static_cast<size_t>(first)));
  Request ignoring = request(9, 40, warm(3));
  ignoring.ignore_eos = true;
  EXPECT_EQ(answer(ignoring, {end}).ids, whole.ids);
}

TEST_F(GeneratorTest, CancelledByItsReader) {
  const GenerationResult whole = answer(request(9, 40, warm(3)));
  Request cancelled = request(9, 40, warm(3));
  int pieces = 0;
  cancelled.on_text = [&](std::string_view) { return ++pieces < 4; };
  Generator generator(runner_, ascii(), {});
  const auto other = generator.submit(request(20, 30));
  const auto sequence = generator.submit(cancelled);
  while (generator.step()) {
  }
  const GenerationResult result = sequence->take_result();
  EXPECT_EQ(result.finish_reason, FinishReason::kCancelled);
  EXPECT_EQ(result.text, whole.text.substr(0, 4));
  EXPECT_EQ(other->take_result().ids, answer(request(20, 30)).ids);
}

TEST_F(GeneratorTest, AReaderThatThrowsEndsItsRequestAlone) {
  const GenerationResult whole = answer(request(9, 40, warm(3)));
  const GenerationResult beside = answer(request(20, 30));
  for (const bool standard : {true, false}) {
    for (const int at : {1, 4, 40}) {
      Request throwing = request(9, 40, warm(3));
      int pieces = 0;
      throwing.on_text = [&](std::string_view) {
        if (++pieces == at) {
          if (standard) {
            throw std::runtime_error("the pipe is gone");
          }
          throw 7;
        }
        return true;
      };
      Generator generator(runner_, ascii(), {});
      const auto other = generator.submit(request(20, 30));
      const auto sequence = generator.submit(throwing);
      while (generator.step()) {
      }
      const GenerationResult result = sequence->take_result();
      EXPECT_EQ(result.finish_reason, FinishReason::kError);
      EXPECT_EQ(result.error, standard ? "on_text: the pipe is gone"
                                       : "on_text threw what is no std::exception");
      EXPECT_EQ(result.text, whole.text.substr(0, static_cast<size_t>(at)));
      EXPECT_EQ(pieces, at);
      EXPECT_EQ(other->take_result().ids, beside.ids);
    }
  }
  // Also where only the flush of held back text throws.
  Request held = request(9, 40, warm(3));
  held.stop = {whole.text.substr(39) + "x"};
  size_t shown = 0;
  held.on_text = [&](std::string_view piece) {
    shown += piece.size();
    return shown < whole.text.size() ? true : throw std::bad_alloc();
  };
  EXPECT_EQ(answer(held).finish_reason, FinishReason::kError);
}

TEST_F(GeneratorTest, TruncatedItGoesOnAsIfNothingHadHappened) {
  const GenerationResult whole = answer(request(90, 30, warm(5)));
  for (const int64_t position : {int64_t{0}, int64_t{1}, int64_t{63}, int64_t{64}, int64_t{95}, int64_t{1000}}) {
    Generator generator(runner_, ascii(), {});
    const auto sequence = generator.submit(request(90, 30, warm(5)));
    for (int i = 0; i < 12; ++i) {
      EXPECT_TRUE(generator.step());
    }
    const int64_t computed = sequence->computed();
    sequence->truncate(runner_.blocks(), position);
    EXPECT_EQ(sequence->computed(), std::min(position, computed));
    EXPECT_EQ(static_cast<int64_t>(sequence->pages().size()),
              (sequence->computed() + plan::kPageSize - 1) / plan::kPageSize);
    while (generator.step()) {
    }
    EXPECT_EQ(sequence->take_result().ids, whole.ids) << position;
  }
}

TEST_F(GeneratorTest, CancelledFromOutside) {
  Generator generator(runner_, ascii(), {});
  const auto sequence = generator.submit(request(9, 40));
  EXPECT_TRUE(generator.step());
  EXPECT_TRUE(generator.step());
  sequence->cancel(FinishReason::kCancelled);
  while (generator.step()) {
  }
  const GenerationResult result = sequence->take_result();
  EXPECT_EQ(result.finish_reason, FinishReason::kCancelled);
  EXPECT_LE(result.ids.size(), 3u);
}

TEST_F(GeneratorTest, ARequestCancelledWhileItWaitsNeverRuns) {
  Generator generator(runner_, ascii(), {});
  const auto sequence = generator.submit(request(9, 40));
  sequence->cancel(FinishReason::kCancelled);
  EXPECT_FALSE(generator.step());
  EXPECT_TRUE(sequence->take_result().ids.empty());
}

TEST_F(GeneratorTest, AHeldPromptStopsWhereItShould) {
  Generator generator(runner_, ascii(), {});
  const auto expected = answer(request(40, 5)).ids;
  const auto sequence = generator.submit(request(40, 5));
  sequence->hold_at(21);
  while (sequence->computed() < 21) {
    ASSERT_TRUE(generator.step());
  }
  EXPECT_EQ(sequence->computed(), 21);
  sequence->hold_at(INT64_MAX);
  while (generator.step()) {
  }
  EXPECT_EQ(sequence->take_result().ids, expected);
}

TEST_F(GeneratorTest, PenaltiesKeepTokensFromComingAgain) {
  for (const SamplingParams& sampling :
       {SamplingParams{.repetition_penalty = 100.0},
        SamplingParams{.frequency_penalty = 2.0, .presence_penalty = 2.0}}) {
    const GenerationResult result = answer(request(5, 30, sampling));
    EXPECT_EQ(std::set(result.ids.begin(), result.ids.end()).size(), 30u);
  }
  // A reward for what came makes it come again.
  const GenerationResult same =
      answer(request(5, 30, {.frequency_penalty = -2.0, .presence_penalty = -2.0}));
  EXPECT_LE(std::set(same.ids.begin(), same.ids.end()).size(), 2u);
}

// Repetition looks at the prompt as well, the other two at the answer alone.
TEST_F(GeneratorTest, WhatPenaltiesLookAt) {
  int compared = 0;
  for (int32_t salt = 0; salt < 20; ++salt) {
    const Request plain = request(60, 1, {}, salt);
    const int32_t first = answer(plain).ids[0];
    if (std::ranges::find(plain.ids, first) == plain.ids.end()) {
      continue;
    }
    ++compared;
    const SamplingParams on_answer{.frequency_penalty = 2.0, .presence_penalty = 2.0};
    EXPECT_EQ(answer(request(60, 1, on_answer, salt)).ids[0], first);
    EXPECT_NE(answer(request(60, 1, {.repetition_penalty = 100.0}, salt)).ids[0], first);
  }
  EXPECT_GT(compared, 0);
}

TEST_F(GeneratorTest, ASeedGivesItsAnswerAnywhere) {
  const GenerationResult first = answer(request(12, 40, warm(11)));
  EXPECT_EQ(answer(request(12, 40, warm(11))).ids, first.ids);
  EXPECT_NE(answer(request(12, 40, warm(12))).ids, first.ids);
  std::vector<Request> batch;
  for (int32_t i = 0; i < 8; ++i) {
    batch.push_back(i == 5
                        ? request(12, 40, warm(11))
                        : request(3 + i * 9, 10 + i * 4, warm(100 + static_cast<uint64_t>(i)), i));
  }
  EXPECT_EQ(answer_all(batch)[5].ids, first.ids);
}

TEST_F(GeneratorTest, WithoutATokenizerThereAreIdsOnly) {
  Generator generator(runner_, nullptr, {});
  const GenerationResult result = generator.generate(request(10, 5));
  EXPECT_EQ(result.ids, answer(request(10, 5)).ids);
  EXPECT_TRUE(result.text.empty());
}

// Sessions hold every page: the request ends with an error instead of an answer that looks whole.
TEST_F(GeneratorTest, NoPageForARequest) {
  std::vector<Session> full;
  for (int i = 0; i < 8; ++i) {
    full.emplace_back(runner_);
    static_cast<void>(full.back().prefill(some_ids(kContext)));
  }
  const GenerationResult result = answer(request(10, 5));
  EXPECT_EQ(result.finish_reason, FinishReason::kError);
  EXPECT_NE(result.error.find("page"), std::string::npos) << result.error;
}

TEST(GeneratorError, LogitsThatAreNotNumbers) {
  test::TinyDecoder model;
  const auto values =
      std::make_shared<std::vector<float>>(64, std::numeric_limits<float>::quiet_NaN());
  for (auto& [name, slot] : model.decoder().name_parameters()) {
    if (name == "model.norm.weight") {
      slot->loaded = true;
      slot->data = std::as_bytes(std::span(*values));
      slot->owner = values;
    }
  }
  Runner runner(model, test::cpu_device(), {.context = 64});
  Generator generator(runner, nullptr, {});
  const GenerationResult result = generator.generate(request(10, 5));
  EXPECT_EQ(result.finish_reason, FinishReason::kError);
  EXPECT_NE(result.error.find("nan_logits"), std::string::npos);
  EXPECT_TRUE(result.ids.empty());
}

}  // namespace
}  // namespace pio::generation
