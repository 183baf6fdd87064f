// SPDX-License-Identifier: Apache-2.0
// Checkpoints that load all the same (hostile_inputs.md, M01, M03, M09): what they are told, and what fails later,
// alone.
#include <gtest/gtest.h>

#include <limits>

#include "hostile_checkpoint.h"
#include "pio/base/log.h"
#include "pio/plugin/conformance.h"

namespace pio::models::llama::test {
namespace {

using formats::expect_rejected;

// A.3 (v): the parts unchanged load and answer, the same from both kinds of file but for the order of q and k.
TEST(LlamaHostile, UnchangedPartsLoad) {
  const TempFolder folder;
  const auto hf = load(write_hf(folder, hf_parts()));
  const auto gguf = load(write_gguf(folder, gguf_parts()));
  EXPECT_EQ(answer(*hf).ids.size(), 4u);
  EXPECT_EQ(answer(*gguf).ids.size(), 4u);
  EXPECT_EQ(answer(*hf).ids, answer(*hf).ids);
}

TEST(LlamaHostile, M01ExtraIsAWarningWhenAllowed) {
  static std::string warned;
  warned.clear();
  log::set_sink([](log::Level, std::string_view line) { warned += line; }, log::Level::kWarning);
  for (const bool gguf : {false, true}) {
    const TempFolder folder;
    Parts parts = gguf ? gguf_parts() : hf_parts();
    parts.tensors.push_back({"extra.weight", {8}});
    const auto model = load(gguf ? write_gguf(folder, parts) : write_hf(folder, parts),
                            {.chunk = 8, .allow_extra = true});
    EXPECT_EQ(answer(*model).finish_reason, generation::FinishReason::kLength);
    EXPECT_NE(warned.find("unexpected tensors: extra.weight"), std::string::npos) << warned;
    warned.clear();
  }
  log::set_sink(nullptr, log::Level::kWarning);
}

// A known inert buffer is no surprise.
TEST(LlamaHostile, M01InertBuffersPass) {
  const TempFolder folder;
  Parts parts = hf_parts();
  parts.tensors.push_back({"model.layers.0.self_attn.rotary_emb.inv_freq", {4}});
  EXPECT_EQ(answer(*load(write_hf(folder, parts))).ids.size(), 4u);
}

TEST(LlamaHostile, M03NanFailsTheRequestAlone) {
  using Limits = std::numeric_limits<float>;
  for (const float bad : {Limits::quiet_NaN(), Limits::infinity()}) {
    for (const bool gguf : {false, true}) {
      const TempFolder good_folder;
      const TempFolder bad_folder;
      Parts parts = gguf ? gguf_parts() : hf_parts();
      const auto write = gguf ? write_gguf : write_hf;
      const auto good = load(write(good_folder, parts));
      const auto expected = answer(*good).ids;
      const std::string name = gguf ? "output_norm.weight" : "model.norm.weight";
      parts.tensor(name).first = bad;
      const auto path = write(bad_folder, parts);
      const auto broken = load(path);
      for (int i = 0; i < 2; ++i) {
        const auto result = answer(*broken);
        EXPECT_EQ(result.finish_reason, generation::FinishReason::kError);
        EXPECT_TRUE(result.error.starts_with("nan_logits")) << result.error;
        EXPECT_TRUE(result.ids.empty());
        EXPECT_EQ(answer(*good).ids, expected);
      }
      const auto results = plugin::check_checkpoint(plugin::model_factory(), "llama", path, {});
      const auto finite = std::ranges::find(
          results, concat("finite weights ", path.filename().string()), &plugin::CheckResult::name);
      ASSERT_NE(finite, results.end());
      EXPECT_EQ(finite->status, plugin::CheckStatus::kFailed);
      EXPECT_EQ(finite->detail, name + " has 1 that are not finite");
    }
  }
}

// The context is checked against memory before anything of its size is allocated.
TEST(LlamaHostile, M09TooMuchMemoryIsRefusedWithANumber) {
  for (const bool gguf : {false, true}) {
    const TempFolder folder;
    Parts parts = gguf ? gguf_parts() : hf_parts();
    if (!gguf) {
      parts.key("max_position_embeddings").json = "2147483648";
    }
    const auto path = gguf ? write_gguf(folder, parts) : write_hf(folder, parts);
    const plugin::LoadOptions options{.context = gguf ? int64_t{1} << 31 : 0, .chunk = 8};
    for (const char* part : {"needs ", " GiB, ", " GiB free; try --ctx "}) {
      expect_rejected({.code = ErrorCode::kOutOfMemory, .message = part, .names_byte = false},
                      [&] { static_cast<void>(load(path, options)); });
    }
    EXPECT_EQ(answer(*load(path, {.context = 64, .chunk = 8})).ids.size(), 4u);
  }
}

// The file says 8 heads for keys and values; a caller who knows better is heard, in the order of their rows as well.
TEST(LlamaHostile, OverridesReachTheWholeLoad) {
  const TempFolder folder;
  const TempFolder plain;
  Parts parts = gguf_parts();
  parts.key("llama.attention.head_count_kv").bytes = raw(uint32_t{8});
  const auto path = write_gguf(folder, parts);
  expect_rejected({.message = "not a multiple of num_key_value_heads 8", .names_byte = false},
                  [&] { static_cast<void>(load(path)); });
  const auto made =
      plugin::model_factory().create("llama", path, {{"num_key_value_heads", kKvHeads}}, {.chunk = 8});
  EXPECT_EQ(answer(dynamic_cast<plugin::CausalLMPlugin&>(*made)).ids,
            answer(*load(write_gguf(plain, gguf_parts()))).ids);
}

}  // namespace
}  // namespace pio::models::llama::test
