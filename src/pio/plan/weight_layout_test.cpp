// SPDX-License-Identifier: Apache-2.0
#include "pio/plan/weight_layout.h"

#include <gtest/gtest.h>

#include "pio/ops/ops.h"
#include "pio/plan/eval.h"

namespace pio::plan {
namespace {

// Pages of files are dropped once packed; memory of ours, which would be cleared, is not.
TEST(WeightLayout, PackingLeavesOwnMemoryAlone) {
  const tensor::Tensor weight = tensor::Tensor::full({64, 4096}, 0.5f);
  const tensor::Tensor x = tensor::Tensor::full({1, 4096}, 1.0f);
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(to_list(ops::linear(x, weight)), std::vector<float>(64, 2048.0f)) << round;
  }
}

}  // namespace
}  // namespace pio::plan
