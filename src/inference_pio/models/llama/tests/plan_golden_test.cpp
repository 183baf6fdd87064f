// SPDX-License-Identifier: Apache-2.0
// The plan of a tiny model as text: a change of a pass shows as a difference here.
// PIO_UPDATE_GOLDEN=1 writes the file anew.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "pio/plugin/load_causal.h"

namespace pio {
namespace {

TEST(PlanGolden, TinyLlamaAtEightRows) {
  const std::filesystem::path file = "tests/golden/plan/llama_tiny.txt";
  const auto model = plugin::load_causal(plugin::model_factory(), "llama",
                                         "src/inference_pio/models/llama/tests/golden/gguf_q8_0/"
                                         "llama_gqa.q8_0.gguf",
                                         {.chunk = 8});
  const auto& plans = model->runner().plans();
  const std::string text = plan::to_string(plans.plans().at(plans.index_for(8)));
  if (std::getenv("PIO_UPDATE_GOLDEN") != nullptr) {
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file) << text;
  }
  std::ifstream in(file);
  ASSERT_TRUE(in.good()) << file << ": PIO_UPDATE_GOLDEN=1 writes it";
  std::stringstream expected;
  expected << in.rdbuf();
  EXPECT_EQ(text, expected.str()) << "PIO_UPDATE_GOLDEN=1 writes " << file << " anew";
}

}  // namespace
}  // namespace pio
