// SPDX-License-Identifier: Apache-2.0
// Qwen3's dense model: a decoder as nn/decoder composes it, with normed query and key heads.
#pragma once

#include "config.h"
#include "pio/nn/decoder.h"

namespace pio::models::qwen3 {

class Qwen3Model : public nn::Decoder {
 public:
  explicit Qwen3Model(const Qwen3Config& config) : Decoder(config.spec()) {}
};

}  // namespace pio::models::qwen3
