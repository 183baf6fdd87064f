// SPDX-License-Identifier: Apache-2.0
#include "pio/generation/service.h"

#include <gtest/gtest.h>

#include <future>

#include "pio/base/error.h"
#include "support/tiny_decoder.h"

namespace pio::generation {
namespace {

using namespace std::chrono_literals;
using test::some_ids;

class ServiceTest : public testing::Test {
 protected:
  ServiceTest()
      : runner_(model_, test::cpu_device(), {.context = 128, .sequences = 4, .chunk = 64}),
        generator_(runner_, nullptr, {}) {}
  ~ServiceTest() override { EXPECT_EQ(runner_.blocks().free_pages(), runner_.blocks().pages()); }

  static Request request(int32_t salt, int64_t tokens = 20) {
    return {.ids = some_ids(7, salt), .max_tokens = tokens, .ignore_eos = true};
  }
  static GenerationResult wait(Ticket& ticket) {
    EXPECT_TRUE(ticket.wait_for(60s));
    return ticket.take();
  }

  test::TinyDecoder model_;
  Runner runner_;
  Generator generator_;
};

TEST_F(ServiceTest, RequestsOfManyThreadsGiveWhatTheyGiveAlone) {
  std::vector<GenerationResult> alone;
  for (int32_t i = 0; i < 12; ++i) {
    alone.push_back(generator_.generate(request(i)));
  }
  Service service(generator_);
  std::vector<std::vector<int32_t>> got(alone.size());
  {
    std::vector<std::jthread> threads;
    for (int32_t i = 0; i < 12; ++i) {
      threads.emplace_back([&, i] { got[static_cast<size_t>(i)] = wait(*service.submit(request(i))).ids; });
    }
  }
  for (size_t i = 0; i < alone.size(); ++i) {
    EXPECT_EQ(got[i], alone[i].ids) << i;
  }
  EXPECT_LT(service.steps(), 12 * 20);  // they shared steps
}

TEST_F(ServiceTest, ARequestThatIsRefusedThrowsForItsCallerAlone) {
  Service service(generator_);
  const auto bad = service.submit({.ids = {100000}});
  const auto good = service.submit(request(1));
  ASSERT_TRUE(bad->wait_for(60s));
  EXPECT_THROW(static_cast<void>(bad->take()), Error);
  EXPECT_EQ(wait(*good).ids.size(), 20u);
}

TEST_F(ServiceTest, ACancelledRequestEndsAndTheOthersGoOn) {
  Service service(generator_);
  const auto one = service.submit(request(1, 100));
  const auto two = service.submit(request(2));
  one->cancel();
  const GenerationResult cancelled = wait(*one);
  EXPECT_EQ(wait(*two).ids.size(), 20u);
  // It may have been done before the word came.
  EXPECT_TRUE(cancelled.finish_reason == FinishReason::kCancelled || cancelled.ids.size() == 100u);
}

TEST_F(ServiceTest, TheEndOfTheServiceEndsItsRequests) {
  std::vector<std::shared_ptr<Ticket>> tickets;
  {
    Service service(generator_);
    for (int32_t i = 0; i < 50; ++i) {
      tickets.push_back(service.submit(request(i, 100)));
    }
  }
  for (const auto& ticket : tickets) {
    ASSERT_TRUE(ticket->wait_for(0ms));
    const GenerationResult result = ticket->take();
    EXPECT_NE(result.finish_reason, FinishReason::kNone);
    ticket->cancel();  // after the service: nothing happens
  }
}

TEST_F(ServiceTest, CancelAllEndsWhatIsThereAndTheNextIsAnswered) {
  Service service(generator_);
  std::vector<std::shared_ptr<Ticket>> tickets;
  for (int32_t i = 0; i < 50; ++i) {
    tickets.push_back(service.submit(request(i, 100)));
  }
  service.cancel_all();
  for (const auto& ticket : tickets) {
    EXPECT_NE(wait(*ticket).finish_reason, FinishReason::kNone);
  }
  EXPECT_LT(service.steps(), 50 * 100 / 4);
  EXPECT_EQ(wait(*service.submit(request(1))).ids.size(), 20u);
}

TEST_F(ServiceTest, TheEndIsToldOnceTheAnswerIsThere) {
  Service service(generator_);
  std::promise<void> told;
  std::promise<void> told_of_refusal;
  const auto good = service.submit(request(1), [&] { told.set_value(); });
  const auto bad = service.submit({.ids = {100000}}, [&] { told_of_refusal.set_value(); });
  told.get_future().get();
  told_of_refusal.get_future().get();
  EXPECT_TRUE(good->wait_for(0ms));
  EXPECT_TRUE(bad->wait_for(0ms));
}

TEST_F(ServiceTest, AnIdleServiceMakesNoSteps) {
  Service service(generator_);
  EXPECT_EQ(service.steps(), 0);
  EXPECT_FALSE(std::make_shared<Ticket>(request(1), nullptr)->wait_for(1ms));
}

}  // namespace
}  // namespace pio::generation
