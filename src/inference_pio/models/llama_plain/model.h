// SPDX-License-Identifier: Apache-2.0
// A Llama decoder as the guide would write it: Embedding, Linear, RMSNorm, rope, attention, silu, * and +.
#pragma once

#include "config.h"
#include "pio/nn/layers.h"
#include "pio/nn/model.h"

namespace pio::models::llama_plain {

using nn::Tensor;

class SelfAttention : public nn::Callable<SelfAttention> {
 public:
  explicit SelfAttention(const LlamaPlainConfig& config);
  [[nodiscard]] Tensor forward(const Tensor& x) const;

 private:
  int64_t heads_, kv_heads_, head_dim_;
  ops::RopeOptions rope_;
  nn::Linear q_proj_, k_proj_, v_proj_, o_proj_;
};

class Mlp : public nn::Callable<Mlp> {
 public:
  explicit Mlp(const LlamaPlainConfig& config);
  [[nodiscard]] Tensor forward(const Tensor& x) const;

 private:
  nn::Linear gate_proj_, up_proj_, down_proj_;
};

class Layer : public nn::Callable<Layer> {
 public:
  explicit Layer(const LlamaPlainConfig& config);
  [[nodiscard]] Tensor forward(const Tensor& x) const;

 private:
  nn::RMSNorm input_layernorm_, post_attention_layernorm_;
  SelfAttention self_attn_;
  Mlp mlp_;
};

class Body : public nn::Callable<Body> {
 public:
  explicit Body(const LlamaPlainConfig& config);
  [[nodiscard]] Tensor forward(const Tensor& ids) const;
  [[nodiscard]] const Tensor& embedding() const noexcept { return embed_tokens_.weight(); }

 private:
  nn::Embedding embed_tokens_;
  nn::ModuleList<Layer> layers_;
  nn::RMSNorm norm_;
};

class LlamaPlainModel : public nn::Model {
 public:
  explicit LlamaPlainModel(const LlamaPlainConfig& config);
  [[nodiscard]] Tensor forward(const Tensor& ids) const override;

 private:
  Body model_;
  std::unique_ptr<nn::Linear> lm_head_;
};

}  // namespace pio::models::llama_plain
