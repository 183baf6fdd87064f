// SPDX-License-Identifier: Apache-2.0
// A small decoder as traced, and after the passes, as text: what a pass changes shows as a difference here.
// PIO_UPDATE_GOLDEN=1 writes the files anew.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "pio/plan/graph_test_support.h"

namespace pio::plan {
namespace {

void expect_golden(const Graph& graph, const std::string& name) {
  const std::string file = "tests/golden/plan/" + name;
  const std::string text = to_text(graph);
  if (std::getenv("PIO_UPDATE_GOLDEN") != nullptr) {
    std::ofstream(file) << text;
  }
  std::ifstream in(file);
  ASSERT_TRUE(in.good()) << file << ": PIO_UPDATE_GOLDEN=1 writes it";
  std::stringstream expected;
  expected << in.rdbuf();
  EXPECT_EQ(text, expected.str()) << "PIO_UPDATE_GOLDEN=1 writes " << file << " anew";
}

TEST(GraphGolden, TinyDecoder) {
  TinyGraph model(quant::QuantType::kQ8_0);
  const Graph traced = trace(model.traced(), {.rows = 8});
  expect_golden(traced, "tiny_traced.txt");
  expect_golden(run_passes(traced, {}), "tiny_passed.txt");
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
