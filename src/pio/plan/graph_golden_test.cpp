// SPDX-License-Identifier: Apache-2.0
// A small decoder as traced, and after the passes, as text: what a pass changes shows as a difference here.
#include <gtest/gtest.h>

#include "pio/plan/graph_test_support.h"
#include "support/golden_text.h"

namespace pio::plan {
namespace {

TEST(GraphGolden, TinyDecoder) {
  TinyGraph model(quant::QuantType::kQ8_0);
  const Graph traced = trace(model.traced(), {.rows = 8});
  test::expect_golden_text(to_text(traced), "tests/golden/plan/tiny_traced.txt");
  test::expect_golden_text(to_text(run_passes(traced, {})), "tests/golden/plan/tiny_passed.txt");
}

// The text depends on the model alone: not on the trace, its addresses or its order of hashing.
TEST(GraphGolden, TwoTracesGiveOneText) {
  TinyGraph a(quant::QuantType::kF32);
  TinyGraph b(quant::QuantType::kF32);
  EXPECT_EQ(to_text(run_passes(trace(a.traced(), {.rows = 1}), {})),
            to_text(run_passes(trace(b.traced(), {.rows = 1}), {})));
}

}  // namespace
}  // namespace pio::plan
