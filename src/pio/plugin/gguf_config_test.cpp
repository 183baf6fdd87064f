// SPDX-License-Identifier: Apache-2.0
// Rotary keys of a GGUF: used, or refused where they would change the positions.
#include "pio/plugin/gguf_config.h"

#include <gtest/gtest.h>

#include "pio/formats/gguf_test_builder.h"

namespace pio::plugin {
namespace {

using formats::GgufBuilder;
using formats::GgufType;

GgufBuilder base() {
  GgufBuilder out;
  out.key_string("general.architecture", "llama");
  out.key_u32("llama.embedding_length", 32);
  out.key_u32("llama.attention.head_count", 4);
  return out;
}

formats::ConfigSection read(const GgufBuilder& builder) {
  const std::string bytes = builder.build();
  return gguf_config(formats::GgufFile(formats::as_bytes(bytes), "x.gguf"));
}

void expect_refused(const GgufBuilder& builder, std::string_view message) {
  formats::expect_rejected({.code = ErrorCode::kUnsupported,
                            .message = message,
                            .source = "x.gguf",
                            .names_byte = false},
                           [&] { static_cast<void>(read(builder)); });
}

TEST(GgufConfig, AllDimsOfAHeadMustRotate) {
  static_cast<void>(read(base().key_u32("llama.rope.dimension_count", 8)));
  for (const uint32_t dims : {0u, 4u, 16u}) {
    expect_refused(
        base().key_u32("llama.rope.dimension_count", dims),
        concat("key \"llama.rope.dimension_count\" is ", dims, ", but a head has 8 dims"));
  }
  GgufBuilder wide = base();
  wide.key_u32("llama.attention.key_length", 16).key_u32("llama.rope.dimension_count", 16);
  static_cast<void>(read(wide));
}

TEST(GgufConfig, YarnTakesItsBetas) {
  GgufBuilder builder = base();
  builder.key_string("llama.rope.scaling.type", "yarn")
      .key("llama.rope.scaling.factor", GgufType::kF32, formats::raw(4.0f))
      .key_u32("llama.rope.scaling.original_context_length", 64)
      .key("llama.rope.scaling.yarn_beta_fast", GgufType::kF32, formats::raw(16.0f))
      .key("llama.rope.scaling.yarn_beta_slow", GgufType::kF32, formats::raw(2.0f))
      .key("llama.rope.scaling.yarn_ext_factor", GgufType::kF32, formats::raw(1.0f))
      .key("llama.rope.scaling.finetuned", GgufType::kBool, std::string(1, '\1'));
  const auto rope = read(builder).section("rope_scaling");
  ASSERT_TRUE(rope);
  EXPECT_EQ(rope->get_string("rope_type"), "yarn");
  EXPECT_EQ(rope->get_float("factor"), 4.0);
  EXPECT_EQ(rope->get_int("original_max_position_embeddings"), 64);
  EXPECT_EQ(rope->get_float("beta_fast"), 16.0);
  EXPECT_EQ(rope->get_float("beta_slow"), 2.0);
}

TEST(GgufConfig, AFactorAloneIsLinear) {
  const auto rope =
      read(base().key("llama.rope.scaling.factor", GgufType::kF32, formats::raw(2.0f)))
          .section("rope_scaling");
  ASSERT_TRUE(rope);
  EXPECT_EQ(rope->get_string("rope_type"), "linear");
}

TEST(GgufConfig, OtherScalingKeysAreRefused) {
  for (const char* key :
       {"attn_factor", "yarn_attn_factor", "yarn_ext_factor", "yarn_log_multiplier"}) {
    expect_refused(
        base().key(concat("llama.rope.scaling.", key), GgufType::kF32, formats::raw(0.5f)),
        concat("key \"llama.rope.scaling.", key, "\" is 0.5, only "));
  }
  expect_refused(base().key_u32("llama.rope.scaling.new_idea", 1),
                 "key \"llama.rope.scaling.new_idea\" is a rope scaling that is not known here");
}

}  // namespace
}  // namespace pio::plugin
