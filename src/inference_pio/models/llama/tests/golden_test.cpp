// SPDX-License-Identifier: Apache-2.0
// Every case under golden/ against the numbers of transformers' fp32 forward, and the same bits however it is run.
#include <gtest/gtest.h>

#include <cstring>

#include "pio/plan/passes/passes.h"
#include "pio/plugin/conformance.h"
#include "pio/plugin/golden_case.h"
#include "pio/plugin/load_causal.h"

namespace pio {
namespace {

const std::filesystem::path kGolden = "src/inference_pio/models/llama/tests/golden";

TEST(Llama, PassesCheckModel) {
  for (const auto& result : plugin::check_model(plugin::model_factory(), "llama", {})) {
    if (result.name != "checkpoint" && result.name != "unit tests") {  // these are skipped here
      EXPECT_EQ(result.status, plugin::CheckStatus::kOk) << result.name << ": " << result.detail;
    }
  }
}

// Passes off and on give the same bits: every fusion is exact.
TEST(Llama, PassesChangeNoBit) {
  for (const auto& folder : plugin::golden_cases(kGolden)) {
    const plugin::GoldenCase golden(folder);
    const auto ids = golden.prompt("p33");
    std::vector<float> expected;
    for (const plan::Pass& pass : plan::passes()) {
      plugin::LoadOptions options{.chunk = 64};
      if (!pass.required) {
        options.disabled_passes.emplace(pass.name);
      }
      const auto model = plugin::load_causal(plugin::model_factory(), "llama", golden.model(), options);
      auto session = model->session();
      const auto logits = session.prefill(ids);
      if (expected.empty()) {
        expected.assign(logits.begin(), logits.end());
      }
      ASSERT_EQ(std::memcmp(expected.data(), logits.data(), logits.size_bytes()), 0)
          << folder << " without " << pass.name;
    }
    plugin::LoadOptions off{.chunk = 64, .disabled_passes = plan::parse_disabled("all")};
    const auto model = plugin::load_causal(plugin::model_factory(), "llama", golden.model(), off);
    auto session = model->session();
    const auto logits = session.prefill(ids);
    EXPECT_EQ(std::memcmp(expected.data(), logits.data(), logits.size_bytes()), 0) << folder << " all off";
  }
}

// Taps are extra copies: no bit and no other step changes.
TEST(Llama, TapsChangeNothing) {
  const plugin::GoldenCase golden(kGolden / "gguf_q8_0");
  std::vector<std::vector<float>> logits;
  std::vector<std::string> steps;
  for (const bool taps : {false, true}) {
    const auto model =
        plugin::load_causal(plugin::model_factory(), "llama", golden.model(), {.taps = taps});
    auto session = model->session();
    const auto row = session.prefill(golden.prompt("p33"));
    logits.emplace_back(row.begin(), row.end());
    std::string list;
    for (const plan::Step& step : model->runner().plans().plans().back().steps) {
      list += step.is_copy ? "" : step.label + step.detail + "\n";
    }
    steps.push_back(list);
  }
  EXPECT_EQ(logits[0], logits[1]);
  EXPECT_EQ(steps[0], steps[1]);
}

}  // namespace
}  // namespace pio
