// SPDX-License-Identifier: Apache-2.0
// Plain parts must give what nn/decoder gives: no fusion looks at module classes or names.
#include <gtest/gtest.h>

#include <cstdlib>
#include <cstring>

#include "pio/plugin/conformance.h"
#include "pio/plugin/golden_case.h"
#include "pio/plugin/load_causal.h"

namespace pio {
namespace {

const std::filesystem::path kGolden = "src/inference_pio/models/llama/tests/golden";

void expect_equal(const std::filesystem::path& path, const std::vector<int32_t>& ids) {
  std::vector<std::string> steps;
  std::vector<std::vector<float>> logits;
  for (const char* name : {"llama", "llama_plain"}) {
    const auto model = plugin::load_causal(plugin::model_factory(), name, path, {});
    std::string list;
    for (const plan::Plan& plan : model->runner().plans().plans()) {
      list += plan::to_string(plan);
    }
    steps.push_back(list);
    auto session = model->session();
    const auto row = session.prefill(ids);
    logits.emplace_back(row.begin(), row.end());
  }
  EXPECT_EQ(steps[0], steps[1]) << path;
  EXPECT_EQ(std::memcmp(logits[0].data(), logits[1].data(), logits[0].size() * 4), 0) << path;
}

TEST(LlamaPlain, PassesCheckModel) {
  for (const auto& result : plugin::check_model(plugin::model_factory(), "llama_plain", {})) {
    if (result.name != "checkpoint" && result.name != "unit tests") {  // these are skipped here
      EXPECT_EQ(result.status, plugin::CheckStatus::kOk) << result.name << ": " << result.detail;
    }
  }
}

TEST(LlamaPlain, SameStepsAndBitsAsLlama) {
  for (const char* name : {"gguf_q8_0", "gguf_q4_0", "gguf_q4_k", "llama_gqa_untied", "llama_rope_linear"}) {
    const plugin::GoldenCase golden(kGolden / name);
    expect_equal(golden.model(), golden.prompt("p33"));
  }
}

TEST(LlamaPlain, SameStepsAndBitsOnSmolLM2) {
  const char* model = std::getenv("PIO_TEST_MODEL");
  if (model == nullptr) {
    GTEST_SKIP() << "PIO_TEST_MODEL names no checkpoint";
  }
  expect_equal(model, {6403, 1980, 253, 655, 665, 436});
}

}  // namespace
}  // namespace pio
