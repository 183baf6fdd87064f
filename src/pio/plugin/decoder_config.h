// SPDX-License-Identifier: Apache-2.0
// The configuration that decoders of the Llama family share; an architecture adds what it has
// besides.
#pragma once

#include "pio/nn/decoder.h"
#include "pio/plugin/base_config.h"

namespace pio::plugin {

/// The fields of config.json that nn::Decoder takes, under their names there.
struct DecoderConfig : BaseConfig {
  int64_t hidden_size = 4096;
  int64_t num_layers = 32;
  int64_t num_attention_heads = 32;
  std::optional<int64_t> num_key_value_heads;  ///< none: as many as heads
  std::optional<int64_t> head_dim;             ///< none: hidden_size / heads
  int64_t intermediate_size = 11008;
  int64_t vocab_size = 32000;
  double rms_norm_eps = 1e-6;
  bool tie_word_embeddings = false;
  bool attention_bias = false;
  bool mlp_bias = false;
  bool qk_norm = false;  ///< no key of released configs: an architecture that has these norms sets it
  std::optional<int64_t> sliding_window;
  ops::RopeOptions rope;

  void fields(FieldVisitor& visitor) override;
  /// Errors: as BaseConfig; also for a hidden_act other than silu, which nn::Decoder does not have.
  void load(const formats::ConfigSection& section) override;
  [[nodiscard]] bool* tied_head() noexcept override { return &tie_word_embeddings; }
  /// The decoder that these numbers describe. Errors: kBadFile for numbers that do not fit
  /// together.
  [[nodiscard]] nn::DecoderSpec spec() const;
};

}  // namespace pio::plugin
