// SPDX-License-Identifier: Apache-2.0
#include "model.h"

namespace pio::models::llama_plain {

SelfAttention::SelfAttention(const LlamaPlainConfig& c)
    : heads_(c.heads()),
      kv_heads_(c.kv_heads()),
      head_dim_(c.head_dim()),
      rope_(c.rope),
      q_proj_(c.hidden_size, heads_ * head_dim_, false),
      k_proj_(c.hidden_size, kv_heads_ * head_dim_, false),
      v_proj_(c.hidden_size, kv_heads_ * head_dim_, false),
      o_proj_(heads_ * head_dim_, c.hidden_size, false) {
  register_module("q_proj", q_proj_);
  register_module("k_proj", k_proj_);
  register_module("v_proj", v_proj_);
  register_module("o_proj", o_proj_);
}

Tensor SelfAttention::forward(const Tensor& x) const {
  const Dim batch = x.dim(0);
  const Dim seq = x.dim(1);
  const Tensor q = ops::rope(q_proj_(x).reshape({batch, seq, heads_, head_dim_}), rope_);
  const Tensor k = ops::rope(k_proj_(x).reshape({batch, seq, kv_heads_, head_dim_}), rope_);
  const Tensor v = v_proj_(x).reshape({batch, seq, kv_heads_, head_dim_});
  const Tensor y = ops::scaled_dot_product_attention(q, k, v, {.is_causal = true});
  return o_proj_(y.reshape({batch, seq, heads_ * head_dim_}));
}

Mlp::Mlp(const LlamaPlainConfig& c)
    : gate_proj_(c.hidden_size, c.intermediate_size, false),
      up_proj_(c.hidden_size, c.intermediate_size, false),
      down_proj_(c.intermediate_size, c.hidden_size, false) {
  register_module("gate_proj", gate_proj_);
  register_module("up_proj", up_proj_);
  register_module("down_proj", down_proj_);
}

Tensor Mlp::forward(const Tensor& x) const {
  return down_proj_(ops::silu(gate_proj_(x)) * up_proj_(x));
}

Layer::Layer(const LlamaPlainConfig& c)
    : input_layernorm_(c.hidden_size, c.rms_norm_eps),
      post_attention_layernorm_(c.hidden_size, c.rms_norm_eps),
      self_attn_(c),
      mlp_(c) {
  register_module("input_layernorm", input_layernorm_);
  register_module("post_attention_layernorm", post_attention_layernorm_);
  register_module("self_attn", self_attn_);
  register_module("mlp", mlp_);
}

Tensor Layer::forward(const Tensor& x) const {
  const Tensor h = x + self_attn_(input_layernorm_(x));
  return h + mlp_(post_attention_layernorm_(h));
}

Body::Body(const LlamaPlainConfig& c)
    : embed_tokens_(c.vocab_size, c.hidden_size), norm_(c.hidden_size, c.rms_norm_eps) {
  register_module("embed_tokens", embed_tokens_);
  register_module("layers", layers_);
  register_module("norm", norm_);
  for (int64_t i = 0; i < c.num_layers; ++i) {
    layers_.emplace(c);
  }
}

Tensor Body::forward(const Tensor& ids) const {
  Tensor h = embed_tokens_(ids);
  for (const auto& layer : layers_) {
    h = (*layer)(h);
  }
  return norm_(h);
}

LlamaPlainModel::LlamaPlainModel(const LlamaPlainConfig& c) : model_(c) {
  register_module("model", model_);
  if (!c.tie_word_embeddings) {
    lm_head_ = std::make_unique<nn::Linear>(c.hidden_size, c.vocab_size, false);
    register_module("lm_head", *lm_head_);
  }
}

Tensor LlamaPlainModel::forward(const Tensor& ids) const {
  const Tensor h = model_(ids);
  return lm_head_ != nullptr ? (*lm_head_)(h) : ops::linear(h, model_.embedding());
}

}  // namespace pio::models::llama_plain
