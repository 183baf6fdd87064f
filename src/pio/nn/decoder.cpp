// SPDX-License-Identifier: Apache-2.0
#include "pio/nn/decoder.h"

#include "pio/base/error.h"

namespace pio::nn {
namespace {

const DecoderSpec& checked(const DecoderSpec& s) {
  PIO_CHECK(s.vocab > 0 && s.hidden > 0 && s.intermediate > 0 && s.layers > 0, "[decoder] got vocab ",
            s.vocab, ", hidden ", s.hidden, ", intermediate ", s.intermediate, ", layers ", s.layers,
            ", expected all above 0");
  PIO_CHECK(s.heads > 0 && s.kv_heads > 0 && s.head_dim > 0, "[decoder] got heads ", s.heads,
            ", kv_heads ", s.kv_heads, ", head_dim ", s.head_dim, ", expected all above 0");
  PIO_CHECK(s.heads % s.kv_heads == 0, "[decoder] got ", s.heads, " heads on ", s.kv_heads,
            " kv_heads, expected a multiple");
  return s;
}

}  // namespace

Attention::Attention(const DecoderSpec& spec)
    : spec_(spec),
      q_proj_(spec.hidden, spec.heads * spec.head_dim, spec.attention_bias),
      k_proj_(spec.hidden, spec.kv_heads * spec.head_dim, spec.attention_bias),
      v_proj_(spec.hidden, spec.kv_heads * spec.head_dim, spec.attention_bias),
      o_proj_(spec.heads * spec.head_dim, spec.hidden, spec.output_bias) {
  register_module("q_proj", q_proj_);
  register_module("k_proj", k_proj_);
  register_module("v_proj", v_proj_);
  register_module("o_proj", o_proj_);
  if (spec.qk_norm) {
    register_module("q_norm", q_norm_.emplace(spec.head_dim, spec.norm_eps));
    register_module("k_norm", k_norm_.emplace(spec.head_dim, spec.norm_eps));
  }
}

Tensor Attention::forward(const Tensor& x) const {
  const auto heads = [&](const Tensor& y, int64_t count) {
    return y.reshape({x.dim(0), x.dim(1), count, spec_.head_dim});
  };
  const auto rotated = [&](const Tensor& y, const std::optional<RMSNorm>& norm) {
    return ops::rope(norm ? (*norm)(y) : y, spec_.rope);
  };
  const Tensor q = rotated(heads(q_proj_(x), spec_.heads), q_norm_);
  const Tensor k = rotated(heads(k_proj_(x), spec_.kv_heads), k_norm_);
  const Tensor v = heads(v_proj_(x), spec_.kv_heads);
  const Tensor y =
      ops::scaled_dot_product_attention(q, k, v, {.is_causal = true, .window = spec_.window});
  return o_proj_(y.reshape({x.dim(0), x.dim(1), spec_.heads * spec_.head_dim}));
}

GatedMlp::GatedMlp(const DecoderSpec& spec)
    : gate_proj_(spec.hidden, spec.intermediate, spec.mlp_bias),
      up_proj_(spec.hidden, spec.intermediate, spec.mlp_bias),
      down_proj_(spec.intermediate, spec.hidden, spec.mlp_bias) {
  register_module("gate_proj", gate_proj_);
  register_module("up_proj", up_proj_);
  register_module("down_proj", down_proj_);
}

Tensor GatedMlp::forward(const Tensor& x) const {
  return down_proj_(ops::silu(gate_proj_(x)) * up_proj_(x));
}

DecoderLayer::DecoderLayer(const DecoderSpec& spec)
    : self_attn_(spec),
      mlp_(spec),
      input_layernorm_(spec.hidden, spec.norm_eps),
      post_attention_layernorm_(spec.hidden, spec.norm_eps) {
  register_module("self_attn", self_attn_);
  register_module("mlp", mlp_);
  register_module("input_layernorm", input_layernorm_);
  register_module("post_attention_layernorm", post_attention_layernorm_);
}

Tensor DecoderLayer::forward(const Tensor& x) const {
  const Tensor h = x + self_attn_(input_layernorm_(x));
  return h + mlp_(post_attention_layernorm_(h));
}

DecoderBody::DecoderBody(const DecoderSpec& spec)
    : embed_tokens_(spec.vocab, spec.hidden), norm_(spec.hidden, spec.norm_eps) {
  register_module("embed_tokens", embed_tokens_);
  register_module("layers", layers_);
  for (int64_t i = 0; i < spec.layers; ++i) {
    layers_.emplace(spec);
  }
  register_module("norm", norm_);
}

Tensor DecoderBody::forward(const Tensor& ids) const {
  Tensor h = embed_tokens_(ids);
  for (const auto& layer : layers_) {
    h = (*layer)(h);
  }
  return norm_(h);
}

Decoder::Decoder(const DecoderSpec& spec) : body_(checked(spec)) {
  register_module("model", body_);
  if (!spec.tied_head) {
    head_ = std::make_unique<Linear>(spec.hidden, spec.vocab, false);
    register_module("lm_head", *head_);
  }
}

Tensor Decoder::forward(const Tensor& ids) const {
  const Tensor h = body_(ids);
  return head_ != nullptr ? (*head_)(h) : ops::linear(h, body_.embedding());
}

}  // namespace pio::nn
