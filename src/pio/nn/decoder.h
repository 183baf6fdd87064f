// SPDX-License-Identifier: Apache-2.0
// A pre-norm decoder composed from a spec: what most published models are.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "pio/nn/layers.h"
#include "pio/nn/model.h"

namespace pio::nn {

/// What a decoder is made of. Names follow the checkpoints': model.layers.<i>.self_attn.q_proj ...
struct DecoderSpec {
  int64_t vocab = 0;
  int64_t hidden = 0;
  int64_t intermediate = 0;
  int64_t layers = 0;
  int64_t heads = 0;
  int64_t kv_heads = 0;
  int64_t head_dim = 0;
  double norm_eps = 1e-6;
  bool attention_bias = false;      ///< on q, k, v
  bool output_bias = false;         ///< on o
  bool mlp_bias = false;
  bool qk_norm = false;             ///< RMSNorm of every q and k head before its rotation
  bool tied_head = false;           ///< the head reads the embedding
  std::optional<int64_t> window;    ///< sliding window of every layer
  ops::RopeOptions rope;
};

/// Grouped-query attention with rotary positions: q, k, v, o projections, norms of q and k heads where wanted.
class Attention : public Callable<Attention> {
 public:
  explicit Attention(const DecoderSpec& spec);
  /// x: [batch, seq, hidden]. Returns its shape.
  [[nodiscard]] Tensor forward(const Tensor& x) const;

 private:
  DecoderSpec spec_;
  Linear q_proj_, k_proj_, v_proj_, o_proj_;
  std::optional<RMSNorm> q_norm_, k_norm_;
};

/// Gated feed-forward: down(silu(gate(x)) * up(x)).
class GatedMlp : public Callable<GatedMlp> {
 public:
  explicit GatedMlp(const DecoderSpec& spec);
  /// x: [batch, seq, hidden]. Returns its shape.
  [[nodiscard]] Tensor forward(const Tensor& x) const;

 private:
  Linear gate_proj_, up_proj_, down_proj_;
};

/// x + attention(norm(x)), then h + mlp(norm(h)).
class DecoderLayer : public Callable<DecoderLayer> {
 public:
  explicit DecoderLayer(const DecoderSpec& spec);
  /// x: [batch, seq, hidden]. Returns its shape.
  [[nodiscard]] Tensor forward(const Tensor& x) const;

 private:
  Attention self_attn_;
  GatedMlp mlp_;
  RMSNorm input_layernorm_, post_attention_layernorm_;
};

/// Embedding, layers, final norm: ids [1, rows] to hidden [1, rows, hidden].
class DecoderBody : public Callable<DecoderBody> {
 public:
  explicit DecoderBody(const DecoderSpec& spec);
  /// ids: [batch, seq] i32. Returns [batch, seq, hidden] f32.
  [[nodiscard]] Tensor forward(const Tensor& ids) const;
  /// [vocab, hidden]: a tied head multiplies by it.
  [[nodiscard]] const Tensor& embedding() const noexcept { return embed_tokens_.weight(); }

 private:
  Embedding embed_tokens_;
  ModuleList<DecoderLayer> layers_;
  RMSNorm norm_;
};

/// The whole model: body and head. Errors: kInvalidArgument for a spec whose numbers do not fit together.
class Decoder : public Model {
 public:
  explicit Decoder(const DecoderSpec& spec);
  [[nodiscard]] Tensor forward(const Tensor& ids) const override;

 private:
  DecoderBody body_;
  std::unique_ptr<Linear> head_;  ///< none when tied
};

}  // namespace pio::nn
