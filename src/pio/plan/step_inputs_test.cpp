// SPDX-License-Identifier: Apache-2.0
#include "pio/plan/step_inputs.h"

#include <gtest/gtest.h>

#include <cstring>

namespace pio::plan {
namespace {

using ops::StepField;

TEST(StepInputs, ArraysDoNotOverlapAndTheUsedPartCoversWhatIsLive) {
  const StepLayout layout({.rows = 8, .sequences = 3, .table_pages = 5, .history = 40});
  StepInputs inputs(layout);
  const auto* begin = inputs.data();
  std::ranges::fill(inputs.ids(), 1);
  std::ranges::fill(inputs.positions(), 2);
  std::ranges::fill(inputs.sequence(), 3);
  std::ranges::fill(inputs.wanted(), 4);
  for (int64_t s = 0; s < 3; ++s) {
    std::ranges::fill(inputs.page_table(s), static_cast<int32_t>(10 + s));
  }
  std::ranges::fill(inputs.history(), 5);
  inputs.set_counts(8, 8, 3, 40);
  for (const auto& [field, value] : {std::pair{StepField::kIds, 1}, {StepField::kPositions, 2},
                                     {StepField::kSequence, 3}, {StepField::kWanted, 4}}) {
    int32_t last = 0;
    std::memcpy(&last, begin + layout.offset(field) + 7 * 4, 4);
    EXPECT_EQ(last, value);
  }
  EXPECT_EQ(inputs.page_table(0).back(), 10);
  EXPECT_EQ(inputs.page_table(2).back(), 12);
  EXPECT_EQ(inputs.rows(), 8);
  EXPECT_EQ(inputs.wanted_rows(), 8);
  EXPECT_GE(inputs.used_bytes(), layout.offset(StepField::kHistory) + 40 * 4);
  EXPECT_LE(inputs.used_bytes(), layout.size_bytes());
}

TEST(StepInputs, UnusedTablesAndHistoryAreNotMoved) {
  const StepLayout layout({.rows = 8, .sequences = 3, .table_pages = 5, .history = 40});
  StepInputs inputs(layout);
  inputs.set_counts(1, 1, 1, 0);
  EXPECT_LT(inputs.used_bytes(), layout.offset(StepField::kHistory));
  EXPECT_GE(inputs.used_bytes(), layout.offset(StepField::kPageTables) + 5 * 4);
}

TEST(StepInputs, CountsLieWhereKernelsReadThem) {
  const StepLayout layout({.rows = 8, .sequences = 1, .table_pages = 1, .history = 1});
  StepInputs inputs(layout);
  inputs.set_counts(6, 2, 1, 0);
  const auto count = [&](DimName dim) {
    int32_t out = 0;
    std::memcpy(&out, inputs.data() + StepLayout::count_offset(dim), 4);
    return out;
  };
  EXPECT_EQ(count(DimName::kRows), 6);
  EXPECT_EQ(count(DimName::kWanted), 2);
}

}  // namespace
}  // namespace pio::plan
