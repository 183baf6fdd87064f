// SPDX-License-Identifier: Apache-2.0
// What a runner refuses before it allocates.
#include "pio/generation/runner.h"

#include <gtest/gtest.h>

#include "pio/base/memory_info.h"
#include "pio/text/tokenizer_test_support.h"
#include "support/tiny_decoder.h"

namespace pio::generation {
namespace {

using text::expect_error;

void make(const RunnerOptions& options) {
  const test::TinyDecoder model;
  const Runner runner(model, test::cpu_device(), options);
}

TEST(Runner, RefusesOptionsOutOfBounds) {
  expect_error(ErrorCode::kInvalidArgument, "[runner] got context 0, expected 1 to 2147483648",
               [] { make({.context = 0}); });
  expect_error(ErrorCode::kInvalidArgument, "[runner] got context 9223372036854775807",
               [] { make({.context = INT64_MAX}); });
  expect_error(ErrorCode::kInvalidArgument, "[runner] got sequences 65537, expected 1 to 65536",
               [] { make({.sequences = 65537}); });
  expect_error(ErrorCode::kInvalidArgument, "[runner] got chunk 9223372036854775807",
               [] { make({.chunk = INT64_MAX}); });
}

TEST(Runner, RefusesWhatTheMachineCannotHold) {
  expect_error(ErrorCode::kOutOfMemory, " free", [] { make({.context = int64_t{1} << 31}); });
  // One context fits, all together are twice what the machine has: a position takes 256 bytes.
  constexpr int64_t kContext = 1 << 20;
  const int64_t sequences = total_memory_bytes().value() / (kContext * 256) * 2;
  for (const std::string& part :
       {std::string("needs "), concat(" GiB for ", sequences, " sequences, "),
        std::string(" GiB of memory and swap; try --ctx ")}) {
    expect_error(ErrorCode::kOutOfMemory, part,
                 [&] { make({.context = kContext, .sequences = sequences, .chunk = 8}); });
  }
  make({.context = 4096, .sequences = 64, .chunk = 8});
}

}  // namespace
}  // namespace pio::generation
