// SPDX-License-Identifier: Apache-2.0
#include "pio/plugin/decoder_config.h"

#include "pio/base/error.h"
#include "pio/nn/rope_config.h"

namespace pio::plugin {

void DecoderConfig::fields(FieldVisitor& v) {
  BaseConfig::fields(v);
  v.visit_required("hidden_size", hidden_size, 1, kMaxDim);
  v.visit_required("num_layers", num_layers, 1, kMaxLayers);
  v.visit_required("num_attention_heads", num_attention_heads, 1, kMaxDim);
  v.visit("num_key_value_heads", num_key_value_heads, 1, kMaxDim);
  v.visit("head_dim", head_dim, 1, 1024);
  v.visit_required("intermediate_size", intermediate_size, 1, kMaxDim);
  v.visit_required("vocab_size", vocab_size, 1, kMaxDim);
  v.visit("rms_norm_eps", rms_norm_eps);
  v.visit("tie_word_embeddings", tie_word_embeddings);
  v.visit("attention_bias", attention_bias);
  v.visit("mlp_bias", mlp_bias);
  v.visit("qk_norm", qk_norm);
  v.visit("sliding_window", sliding_window, 1, kMaxContext);
}

void DecoderConfig::load(const formats::ConfigSection& section) {
  BaseConfig::load(section);
  rope = nn::read_rope(section, max_position_embeddings);
  if (const auto act = section.get_string("hidden_act"); act && *act != "silu") {
    section.reject("hidden_act", "\"silu\"");
  }
}

nn::DecoderSpec DecoderConfig::spec() const {
  const int64_t kv_heads = num_key_value_heads.value_or(num_attention_heads);
  const auto reject = [&](const std::string& what) {
    fail(ErrorCode::kBadFile, concat(model_path.empty() ? "config" : model_path, ": ", what));
  };
  if (num_attention_heads % kv_heads != 0) {
    reject(concat("num_attention_heads ", num_attention_heads,
                  " is not a multiple of num_key_value_heads ", kv_heads));
  }
  if (!head_dim && hidden_size % num_attention_heads != 0) {
    reject(concat("hidden_size ", hidden_size, " is not a multiple of num_attention_heads ",
                  num_attention_heads));
  }
  const int64_t dim = head_dim.value_or(hidden_size / num_attention_heads);
  if (dim % 2 != 0) {
    reject(concat("head_dim ", dim, " is odd"));
  }
  if (!rope.scaling.factors.empty() &&
      static_cast<int64_t>(rope.scaling.factors.size()) != dim / 2) {
    reject(concat("rope_freqs.weight has ", rope.scaling.factors.size(), " factors, head_dim ", dim,
                  " wants ", dim / 2));
  }
  return {.vocab = vocab_size,
          .hidden = hidden_size,
          .intermediate = intermediate_size,
          .layers = num_layers,
          .heads = num_attention_heads,
          .kv_heads = kv_heads,
          .head_dim = dim,
          .norm_eps = rms_norm_eps,
          .attention_bias = attention_bias,
          .output_bias = attention_bias,
          .mlp_bias = mlp_bias,
          .qk_norm = qk_norm,
          .tied_head = tie_word_embeddings,
          .window = sliding_window,
          .rope = rope};
}

}  // namespace pio::plugin
