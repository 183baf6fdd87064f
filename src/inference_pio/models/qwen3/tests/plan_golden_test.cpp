// SPDX-License-Identifier: Apache-2.0
// The plan of a tiny model as text: the norms of q and k heads cost no step.
#include <gtest/gtest.h>

#include "pio/plugin/load_causal.h"
#include "support/golden_text.h"

namespace pio {
namespace {

TEST(PlanGolden, TinyQwen3AtEightRows) {
  const auto model = plugin::load_causal(
      plugin::model_factory(), "qwen3",
      "src/inference_pio/models/qwen3/tests/golden/gguf_q8_0/qwen3_gqa.q8_0.gguf", {.chunk = 8});
  const auto& plans = model->runner().plans();
  test::expect_golden_text(plan::to_string(plans.plans().at(plans.index_for(8))),
                           "tests/golden/plan/qwen3_tiny.txt");
}

}  // namespace
}  // namespace pio
