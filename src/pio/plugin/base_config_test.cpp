// SPDX-License-Identifier: Apache-2.0
#include "pio/plugin/base_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pio/base/error.h"
#include "pio/plugin/custom_model_loader.h"
#include "pio/plugin/decoder_config.h"
#include "pio/plugin/gguf_config.h"

namespace pio::plugin {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct TinyConfig : BaseConfig {
  int64_t num_layers = 3;
  std::optional<int64_t> window;
  double eps = 1e-6;
  bool tied = false;
  void fields(FieldVisitor& v) override {
    BaseConfig::fields(v);
    v.visit_required("num_layers", num_layers, 1, 100);
    v.visit("window", window, 1, 1000);
    v.visit("eps", eps);
    v.visit("tied", tied);
  }
};

TinyConfig loaded(const char* text) {
  TinyConfig out;
  out.load(formats::HfConfig(json::parse_value(text, "config.json"), "config.json"));
  return out;
}

TEST(BaseConfig, LoadsUnderAliasesAndKeepsDefaults) {
  const TinyConfig c = loaded(R"({"n_layer": 5, "eps": 1, "tied": true, "torch_dtype": "f16", "other": [1]})");
  EXPECT_EQ(c.num_layers, 5);
  EXPECT_EQ(c.eps, 1.0);
  EXPECT_TRUE(c.tied);
  EXPECT_EQ(c.dtype, "f16");
  EXPECT_EQ(c.max_position_embeddings, 2048);
  EXPECT_EQ(loaded(R"({"num_layers": 4, "n_layer": 5})").num_layers, 4);
}

TEST(BaseConfig, NullIsAbsentButNotForARequiredField) {
  const TinyConfig c =
      loaded(R"({"num_layers": 2, "window": null, "eps": null, "tied": null, "eos_token_id": [7, 8]})");
  EXPECT_FALSE(c.window);
  EXPECT_EQ(c.eps, 1e-6);
  EXPECT_EQ(c.eos_token_id, 7);
  EXPECT_FALSE(loaded(R"({"num_layers": 2, "pad_token_id": -1})").pad_token_id);
  struct Case {
    const char* text;
    const char* message;
  };
  const Case cases[] = {
      {R"({"num_layers": null})", "config.json: key \"num_layers\" is null"},
      {R"({"num_hidden_layers": null})", "key \"num_hidden_layers\" is null"},
      {"{}", "key \"num_layers\" is missing, expected a whole number or key \"num_hidden_layers\""},
      {R"({"num_layers": "2"})", "key \"num_layers\" is \"2\""},
      {R"({"num_layers": 2.5})", "key \"num_layers\" is 2.5"},
      {R"({"num_layers": 2, "eps": -1})", "key \"eps\" is -1"},
      {R"({"num_layers": 2, "tied": 1})", "key \"tied\" is 1"},
      {R"({"num_layers": 2, "window": 0})", "key \"window\" is 0"},
  };
  for (const Case& each : cases) {
    try {
      static_cast<void>(loaded(each.text));
      ADD_FAILURE() << "accepted " << each.text;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kBadFile);
      EXPECT_THAT(error.what(), HasSubstr(each.message));
    }
  }
}

TEST(BaseConfig, RoundTripsThroughJson) {
  TinyConfig first = loaded(R"({"num_layers": 5, "window": 12, "eps": 1e-5, "tied": true, "bos_token_id": 1})");
  const json::Object fields = first.to_json();
  TinyConfig second;
  second.override_with(fields);
  EXPECT_EQ(json::Value(second.to_json()).dump(), json::Value(fields).dump());
  EXPECT_EQ(second.window, 12);
  second.override_with({{"window", nullptr}});
  EXPECT_FALSE(second.window);
  second.override_with({{"bos_token_id", -1}});
  EXPECT_FALSE(second.bos_token_id);
}

TEST(BaseConfig, TakesAnyNumberAndLists) {
  struct Config : BaseConfig {
    double dropout = 0.5;
    json::Array kinds;
    void fields(FieldVisitor& v) override {
      v.visit_any("dropout", dropout);
      v.visit("kinds", kinds);
    }
  };
  const auto load = [](const char* text) {
    Config out;
    out.load(formats::HfConfig(json::parse_value(text, "config.json"), "config.json"));
    return out;
  };
  const char* kText = R"({"dropout": 0.0, "kinds": ["a", 1, null]})";
  Config config = load(kText);
  EXPECT_EQ(json::Value(config.to_json()).dump(), kText);
  config.override_with({{"dropout", -1}, {"kinds", json::Array{}}});
  EXPECT_EQ(config.dropout, -1.0);
  EXPECT_TRUE(config.kinds.empty());
  EXPECT_THROW(static_cast<void>(load(R"({"dropout": "a"})")), Error);
  EXPECT_THROW(static_cast<void>(load(R"({"kinds": 1})")), Error);
  EXPECT_THROW(config.override_with({{"kinds", 1}}), Error);
  EXPECT_THROW(config.override_with({{"dropout", true}}), Error);
}

TEST(BaseConfig, AWindowMayBeSwitchedOff) {
  const auto window = [](const char* text) {
    DecoderConfig out;
    json::Value config = json::parse_value(text, "config.json");
    json::Object fields = config.as_object();
    for (const char* name : {"hidden_size", "num_layers", "num_attention_heads", "intermediate_size", "vocab_size"}) {
      fields.emplace_back(name, 8);
    }
    out.load(formats::HfConfig(json::Value(std::move(fields)), "config.json"));
    return out.sliding_window;
  };
  EXPECT_EQ(window(R"({"sliding_window": 16})"), 16);
  EXPECT_EQ(window(R"({"sliding_window": 16, "use_sliding_window": true})"), 16);
  EXPECT_EQ(window(R"({"sliding_window": 16, "use_sliding_window": false})"), std::nullopt);
  EXPECT_THROW(static_cast<void>(window(R"({"sliding_window": 16, "use_sliding_window": 1})")), Error);
}

TEST(GgufName, MapsDecoderParameters) {
  EXPECT_EQ(gguf_name("model.embed_tokens.weight"), "token_embd.weight");
  EXPECT_EQ(gguf_name("model.norm.weight"), "output_norm.weight");
  EXPECT_EQ(gguf_name("lm_head.weight"), "output.weight");
  EXPECT_EQ(gguf_name("model.layers.12.self_attn.q_proj.bias"), "blk.12.attn_q.bias");
  EXPECT_EQ(gguf_name("model.layers.0.mlp.down_proj.weight"), "blk.0.ffn_down.weight");
  EXPECT_EQ(gguf_name("model.layers.3.self_attn.q_norm.weight"), "blk.3.attn_q_norm.weight");
  EXPECT_EQ(gguf_name("model.layers.3.self_attn.k_norm.weight"), "blk.3.attn_k_norm.weight");
  for (const char* none : {"", "weight", "model.layers.0", "model.layers.0.weight", "model.layers..weight",
                           "model.layers.0.other.weight", "model.layers.0.self_attn.q_proj"}) {
    EXPECT_EQ(gguf_name(none), "") << none;
  }
}

TEST(GgufName, PairedRowsPutPairsApart) {
  const auto order = paired_qk_rows(2, 1);
  EXPECT_THAT(order("model.layers.0.self_attn.q_proj.weight", 8), ElementsAre(0, 2, 1, 3, 4, 6, 5, 7));
  EXPECT_THAT(order("model.layers.0.self_attn.k_proj.weight", 4), ElementsAre(0, 2, 1, 3));
  EXPECT_TRUE(order("model.layers.0.self_attn.v_proj.weight", 4).empty());
  EXPECT_THROW(static_cast<void>(order("model.layers.0.self_attn.k_proj.weight", 1)), Error);
}

TEST(WeightFormats, ByName) {
  EXPECT_EQ(weight_format("auto"), WeightFormat::kAuto);
  EXPECT_EQ(weight_format("f32"), WeightFormat::kF32);
  EXPECT_EQ(weight_format("q4"), WeightFormat::kQ4);
  for (const char* unknown : {"", "F32", "q5", "q"}) {
    EXPECT_THROW(static_cast<void>(weight_format(unknown)), Error) << unknown;
  }
}

}  // namespace
}  // namespace pio::plugin
