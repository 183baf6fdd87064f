// SPDX-License-Identifier: Apache-2.0
// Configuration of Qwen3's dense models.
#pragma once

#include "pio/plugin/decoder_config.h"

namespace pio::models::qwen3 {

/// Fields of Qwen3ForCausalLM's config.json; head_dim is 128 where it is missing, as in transformers.
struct Qwen3Config : plugin::DecoderConfig {
  Qwen3Config() {
    qk_norm = true;
    head_dim = 128;
  }
  /// Errors: as DecoderConfig; also for use_sliding_window, with which only some layers have the window.
  void load(const formats::ConfigSection& section) override {
    DecoderConfig::load(section);
    if (section.get_bool("use_sliding_window").value_or(false)) {
      section.reject("use_sliding_window", "false");
    }
    sliding_window.reset();
  }
};

}  // namespace pio::models::qwen3
