// SPDX-License-Identifier: Apache-2.0
// The plan of a tiny model as text: a change of a pass shows as a difference here.
#include <gtest/gtest.h>

#include "pio/plugin/load_causal.h"
#include "support/golden_text.h"

namespace pio {
namespace {

TEST(PlanGolden, TinyLlamaAtEightRows) {
  const auto model = plugin::load_causal(plugin::model_factory(), "llama",
                                         "src/inference_pio/models/llama/tests/golden/gguf_q8_0/"
                                         "llama_gqa.q8_0.gguf",
                                         {.chunk = 8});
  const auto& plans = model->runner().plans();
  test::expect_golden_text(plan::to_string(plans.plans().at(plans.index_for(8))),
                           "tests/golden/plan/llama_tiny.txt");
}

}  // namespace
}  // namespace pio
