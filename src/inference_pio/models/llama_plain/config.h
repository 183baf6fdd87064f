// SPDX-License-Identifier: Apache-2.0
// Configuration of llama_plain: the fields that its plain forward needs.
#pragma once

#include "pio/nn/rope_config.h"
#include "pio/plugin/base_config.h"

namespace pio::models::llama_plain {

struct LlamaPlainConfig : plugin::BaseConfig {
  int64_t hidden_size = 4096;
  int64_t num_layers = 32;
  int64_t num_attention_heads = 32;
  int64_t num_key_value_heads = 32;
  int64_t intermediate_size = 11008;
  int64_t vocab_size = 32000;
  double rms_norm_eps = 1e-6;
  bool tie_word_embeddings = false;
  ops::RopeOptions rope;

  void fields(plugin::FieldVisitor& v) override {
    BaseConfig::fields(v);
    v.visit_required("hidden_size", hidden_size, 1, plugin::kMaxDim);
    v.visit_required("num_layers", num_layers, 1, plugin::kMaxLayers);
    v.visit_required("num_attention_heads", num_attention_heads, 1, plugin::kMaxDim);
    v.visit("num_key_value_heads", num_key_value_heads, 1, plugin::kMaxDim);
    v.visit_required("intermediate_size", intermediate_size, 1, plugin::kMaxDim);
    v.visit_required("vocab_size", vocab_size, 1, plugin::kMaxDim);
    v.visit("rms_norm_eps", rms_norm_eps);
    v.visit("tie_word_embeddings", tie_word_embeddings);
  }
  void load(const formats::ConfigSection& section) override {
    BaseConfig::load(section);
    rope = nn::read_rope(section, max_position_embeddings);
  }
};

}  // namespace pio::models::llama_plain
