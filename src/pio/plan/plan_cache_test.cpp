// SPDX-License-Identifier: Apache-2.0
#include "pio/plan/plan_cache.h"

#include <gtest/gtest.h>

#include "pio/base/error.h"
#include "pio/plan/graph_test_support.h"

namespace pio::plan {
namespace {

TEST(PlanCache, TheSmallestPlanThatHoldsTheRows) {
  TinyGraph model(quant::QuantType::kQ8_0);
  const PlanCache cache(model.traced(), {.capacities = {1, 8, 64}});
  EXPECT_EQ(cache.max_rows(), 64);
  for (const auto& [rows, index] : {std::pair<int64_t, size_t>{0, 0}, {1, 0}, {2, 1}, {8, 1}, {9, 2}, {64, 2}}) {
    EXPECT_EQ(cache.index_for(rows), index) << rows;
  }
}

TEST(PlanCache, WeightsAndStatesDoNotDependOnTheCapacities) {
  TinyGraph model(quant::QuantType::kQ8_0);
  const PlanCache one(model.traced(), {.capacities = {8}});
  const PlanCache many(model.traced(), {.capacities = {1, 8, 64}});
  EXPECT_EQ(many.weights().size_bytes(), one.weights().size_bytes());
  EXPECT_EQ(many.weights().weights().size(), one.weights().weights().size());
  EXPECT_EQ(many.states(), one.states());
  EXPECT_EQ(one.states().size(), 2u);
}

TEST(PlanCache, CapacitiesRise) {
  TinyGraph model(quant::QuantType::kQ8_0);
  for (const std::vector<int64_t>& bad : {std::vector<int64_t>{}, {0, 8}, {8, 1}, {8, 8}}) {
    EXPECT_THROW(static_cast<void>(PlanCache(model.traced(), {.capacities = bad})), Error);
  }
}

TEST(PlanCache, PagesOfAState) {
  TinyGraph model(quant::QuantType::kQ8_0);
  for (const auto& [type, bytes] : {std::pair{KvType::kF32, 4 * 16}, {KvType::kF16, 2 * 16}, {KvType::kQ8, 16 + 4}}) {
    const PlanCache cache(model.traced(), {.capacities = {8}, .kv_type = type});
    // K and V of two heads of 16 dims, 16 positions.
    EXPECT_EQ(cache.page_bytes(cache.states()[0]), 2 * 2 * 16 * bytes);
  }
}

}  // namespace
}  // namespace pio::plan
