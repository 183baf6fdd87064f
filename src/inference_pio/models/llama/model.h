// SPDX-License-Identifier: Apache-2.0
// The Llama family's model: a decoder as nn/decoder composes it, without changes.
#pragma once

#include "config.h"
#include "pio/nn/decoder.h"

namespace pio::models::llama {

class LlamaModel : public nn::Decoder {
 public:
  explicit LlamaModel(const LlamaConfig& config) : Decoder(config.spec()) {}
};

}  // namespace pio::models::llama
