// SPDX-License-Identifier: Apache-2.0
// Every case under golden/ against the numbers of transformers' fp32 forward, the same bits with each pass off, and
// what the configuration makes of a window.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>

#include "../config.h"
#include "pio/plan/passes/passes.h"
#include "pio/plugin/conformance.h"
#include "pio/plugin/golden_case.h"
#include "pio/plugin/load_causal.h"

namespace pio::models::qwen3 {
namespace {

const std::filesystem::path kGolden = "src/inference_pio/models/qwen3/tests/golden";

TEST(Qwen3, PassesCheckModel) {
  for (const auto& result : plugin::check_model(plugin::model_factory(), "qwen3", {})) {
    if (result.name != "checkpoint" && result.name != "unit tests") {  // these are skipped here
      EXPECT_EQ(result.status, plugin::CheckStatus::kOk) << result.name << ": " << result.detail;
    }
  }
}

std::vector<float> logits(const plugin::GoldenCase& golden, std::set<std::string> disabled) {
  const plugin::LoadOptions options{.chunk = 64, .disabled_passes = std::move(disabled)};
  const auto model =
      plugin::load_causal(plugin::model_factory(), "qwen3", golden.model(), options);
  auto session = model->session();
  const auto row = session.prefill(golden.prompt("p33"));
  return {row.begin(), row.end()};
}

// Whether heads are normed by steps of their own or inside the rotation.
TEST(Qwen3, PassesChangeNoBit) {
  for (const auto& folder : plugin::golden_cases(kGolden)) {
    const plugin::GoldenCase golden(folder);
    const auto expected = logits(golden, {});
    for (const char* off : {"rope_kv", "merge_equal", "stack_matmuls", "norm_quant", "all"}) {
      const auto got = logits(golden, plan::parse_disabled(off));
      ASSERT_EQ(got.size(), expected.size());
      EXPECT_EQ(std::memcmp(got.data(), expected.data(), got.size() * sizeof(float)), 0)
          << folder << " without " << off;
    }
  }
}

Qwen3Config config(json::Object changes) {
  json::Object fields = {{"hidden_size", 64},         {"num_hidden_layers", 2}, {"num_attention_heads", 4},
                         {"intermediate_size", 96},   {"vocab_size", 40},       {"sliding_window", 16}};
  fields.insert(fields.end(), changes.begin(), changes.end());
  Qwen3Config out;
  out.load(formats::HfConfig(json::Value(std::move(fields)), "config.json"));
  return out;
}

TEST(Qwen3, HeadsAreNormedAndNoWindowIsUsed) {
  for (const json::Object& changes : {json::Object{}, json::Object{{"use_sliding_window", false}}}) {
    const nn::DecoderSpec spec = config(changes).spec();
    EXPECT_TRUE(spec.qk_norm);
    EXPECT_EQ(spec.head_dim, 128);
    EXPECT_EQ(spec.window, std::nullopt);
  }
  EXPECT_EQ(config({{"head_dim", 32}}).spec().head_dim, 32);
  try {
    static_cast<void>(config({{"use_sliding_window", true}}));
    ADD_FAILURE() << "accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kBadFile);
    EXPECT_THAT(error.what(), testing::HasSubstr("\"use_sliding_window\" is true, expected false"));
  }
}

}  // namespace
}  // namespace pio::models::qwen3
