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
  std::optional<int64_t> num_key_value_heads;  ///< none: as many as heads
  int64_t intermediate_size = 11008;
  int64_t vocab_size = 32000;
  double rms_norm_eps = 1e-6;
  bool tie_word_embeddings = false;
  ops::RopeOptions rope;

  [[nodiscard]] int64_t heads() const noexcept { return num_attention_heads; }
  [[nodiscard]] int64_t kv_heads() const noexcept { return num_key_value_heads.value_or(heads()); }
  [[nodiscard]] int64_t head_dim() const noexcept { return hidden_size / heads(); }

  void fields(plugin::FieldVisitor& v) override;
  /// Errors: kBadFile, also for what the plain parts cannot do: a window, biases, an activation
  /// other than silu, a head_dim of its own.
  void load(const formats::ConfigSection& section) override;
  [[nodiscard]] bool* tied_head() noexcept override { return &tie_word_embeddings; }
  /// Errors: kBadFile for numbers that do not fit together.
  void check() const;
};

}  // namespace pio::models::llama_plain
