// SPDX-License-Identifier: Apache-2.0
#include "pio/generation/batch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

namespace pio::generation {
namespace {

using testing::ElementsAre;

std::vector<int32_t> head(std::span<const int32_t> values, size_t count) {
  return {values.begin(), values.begin() + static_cast<std::ptrdiff_t>(count)};
}

plan::SampleRule rule(uint64_t seed) {
  plan::SampleRule out{};
  out.seed = seed;
  return out;
}

int32_t count_of(const plan::StepInputs& inputs, DimName dim) {
  int32_t out = 0;
  std::memcpy(&out, inputs.data() + plan::StepLayout::count_offset(dim), sizeof(out));
  return out;
}

// A prompt of which the last two rows are wanted, a chunk that wants none, and a decoding row with
// a history.
TEST(Batch, PiecesLieSideBySide) {
  const plan::StepLayout layout({.rows = 8, .sequences = 3, .table_pages = 4, .history = 16});
  plan::StepInputs inputs(layout);
  const std::vector<int32_t> prompt = {10, 11, 12};
  const std::vector<int32_t> chunk = {20, 21};
  const std::vector<int32_t> last = {30};
  const std::vector<int32_t> pages[] = {{5}, {0, 3}, {1, 2, 7}};
  const std::vector<int32_t> history = {9, 8, 30};
  const std::vector<BatchPiece> pieces = {
      {.ids = prompt, .position = 0, .pages = pages[0], .wanted = 2, .rule = rule(1)},
      {.ids = chunk, .position = 16, .pages = pages[1]},
      {.ids = last,
       .position = 40,
       .pages = pages[2],
       .wanted = 1,
       .rule = rule(3),
       .history = history}};
  fill(inputs, pieces);

  EXPECT_EQ(inputs.rows(), 6);
  EXPECT_EQ(inputs.wanted_rows(), 3);
  EXPECT_EQ(count_of(inputs, DimName::kRows), 6);
  EXPECT_EQ(count_of(inputs, DimName::kWanted), 3);
  EXPECT_EQ(count_of(inputs, DimName::kSeqs), 3);
  EXPECT_THAT(head(inputs.ids(), 6), ElementsAre(10, 11, 12, 20, 21, 30));
  EXPECT_THAT(head(inputs.positions(), 6), ElementsAre(0, 1, 2, 16, 17, 40));
  EXPECT_THAT(head(inputs.sequence(), 6), ElementsAre(0, 0, 0, 1, 1, 2));
  EXPECT_THAT(head(inputs.wanted(), 3), ElementsAre(1, 2, 5));
  EXPECT_THAT(head(inputs.page_table(0), 1), ElementsAre(5));
  EXPECT_THAT(head(inputs.page_table(1), 2), ElementsAre(0, 3));
  EXPECT_THAT(head(inputs.page_table(2), 3), ElementsAre(1, 2, 7));
  EXPECT_THAT(head(inputs.history(), 3), ElementsAre(9, 8, 30));
  EXPECT_EQ(inputs.rules()[1].seed, 1u);
  EXPECT_EQ(inputs.rules()[2].seed, 3u);
  EXPECT_EQ(inputs.rules()[2].history_begin, 0);
  EXPECT_EQ(inputs.rules()[2].history_size, 3);
  EXPECT_GE(inputs.used_bytes(), layout.offset(ops::StepField::kHistory) + 3 * 4);
  EXPECT_LE(inputs.used_bytes(), layout.size_bytes());
}

// Only what a step uses is moved to the device.
TEST(Batch, UsedBytesEndWithTheLastTable) {
  const plan::StepLayout layout(
      {.rows = 8, .sequences = 64, .table_pages = 512, .history = 1 << 16});
  plan::StepInputs inputs(layout);
  const std::vector<int32_t> ids = {1};
  const std::vector<int32_t> pages = {4};
  const BatchPiece piece{.ids = ids, .pages = pages, .wanted = 1};
  fill(inputs, {&piece, 1});
  EXPECT_EQ(inputs.used_bytes(), layout.offset(ops::StepField::kPageTables) + 512 * 4);
}

}  // namespace
}  // namespace pio::generation
