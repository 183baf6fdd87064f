// SPDX-License-Identifier: Apache-2.0
#include "pio/generation/sampling/sampling_params.h"

#include <gtest/gtest.h>

#include <cmath>

#include "pio/base/error.h"

namespace pio::generation {
namespace {

void expect_refused(const SamplingParams& params, const std::string& field) {
  try {
    check(params);
    ADD_FAILURE() << field << " was accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
    EXPECT_EQ(std::string(error.what()).rfind(field + " ", 0), 0u) << error.what();
  }
}

TEST(SamplingParams, DefaultsAreGreedyWithoutPenalties) {
  const SamplingParams params;
  EXPECT_NO_THROW(check(params));
  EXPECT_EQ(params.temperature, 0.0);
  EXPECT_FALSE(params.has_penalties());
  EXPECT_TRUE(SamplingParams{.repetition_penalty = 1.1}.has_penalties());
  EXPECT_TRUE(SamplingParams{.frequency_penalty = -0.5}.has_penalties());
  EXPECT_TRUE(SamplingParams{.presence_penalty = 0.5}.has_penalties());
}

TEST(SamplingParams, EveryFieldHasItsRange) {
  for (const double bad : {-0.1, 100.1, std::nan(""), HUGE_VAL}) {
    expect_refused({.temperature = bad}, "temperature");
  }
  expect_refused({.top_k = -1}, "top_k");
  expect_refused({.top_k = int64_t{1} << 31}, "top_k");
  for (const double bad : {0.0, -1.0, 1.01, std::nan("")}) {
    expect_refused({.top_p = bad}, "top_p");
  }
  for (const double bad : {-0.01, 1.0, std::nan("")}) {
    expect_refused({.min_p = bad}, "min_p");
  }
  for (const double bad : {0.0, -1.0, 101.0, std::nan("")}) {
    expect_refused({.repetition_penalty = bad}, "repetition_penalty");
  }
  for (const double bad : {-2.1, 2.1, std::nan("")}) {
    expect_refused({.frequency_penalty = bad}, "frequency_penalty");
    expect_refused({.presence_penalty = bad}, "presence_penalty");
  }
  EXPECT_NO_THROW(check({.temperature = 100,
                         .top_k = INT32_MAX,
                         .top_p = 1e-9,
                         .min_p = 0.999,
                         .repetition_penalty = 100,
                         .frequency_penalty = 2,
                         .presence_penalty = -2}));
}

}  // namespace
}  // namespace pio::generation
