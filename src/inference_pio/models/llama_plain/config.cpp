// SPDX-License-Identifier: Apache-2.0
#include "config.h"

#include "pio/base/error.h"

namespace pio::models::llama_plain {

void LlamaPlainConfig::fields(plugin::FieldVisitor& v) {
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

void LlamaPlainConfig::load(const formats::ConfigSection& section) {
  BaseConfig::load(section);
  rope = nn::read_rope(section, max_position_embeddings);
  if (section.get_string("hidden_act").value_or("silu") != "silu") {
    section.reject("hidden_act", "\"silu\"");
  }
  if (section.has("sliding_window")) {
    section.reject("sliding_window", "null: the plain parts have no window");
  }
  for (const char* key : {"attention_bias", "mlp_bias"}) {
    if (section.get_bool(key).value_or(false)) {
      section.reject(key, "false: the plain parts have no biases");
    }
  }
  if (section.get_int("head_dim").value_or(head_dim()) != head_dim()) {
    section.reject("head_dim", concat("hidden_size / num_attention_heads = ", head_dim()));
  }
}

void LlamaPlainConfig::check() const {
  const auto require = [&](bool holds, const auto&... what) {
    if (!holds) {
      fail(ErrorCode::kBadFile,
           concat(model_path.empty() ? "llama_plain" : model_path, ": ", what...));
    }
  };
  require(heads() % kv_heads() == 0, "num_attention_heads ", heads(),
          " is not a multiple of num_key_value_heads ", kv_heads());
  require(hidden_size % heads() == 0, "hidden_size ", hidden_size,
          " is not a multiple of num_attention_heads ", heads());
  require(head_dim() % 2 == 0, "head_dim ", head_dim(), " is odd");
  const auto factors = static_cast<int64_t>(rope.scaling.factors.size());
  require(factors == 0 || factors == head_dim() / 2, "rope_freqs.weight has ", factors,
          " factors, head_dim ", head_dim(), " wants ", head_dim() / 2);
}

}  // namespace pio::models::llama_plain
